"""The kind of a document by cues in its title, its headings and its text.

A cue in the title says most, one in a heading less, one in the text least; each counts once. The confidence is the
share of the winner in the weight of all kinds, damped while little is known; below ``SURE`` the kind is unknown.
"""

import re
from collections.abc import Mapping
from typing import Final

from ingest.enrich.reading import Reading
from wenyuan.documents import DocumentKind

#: Confidence from which a kind is named; without a cue in the title more is asked for.
SURE: Final = 0.5
_SURE_UNTITLED: Final = 0.62
_TITLE, _HEADING, _TEXT = 4.0, 1.5, 1.0
#: Weight that is not evidence for any kind: with little evidence the confidence stays low.
_DOUBT: Final = 1.6
_HEADINGS: Final = 60
_HEADING_CHARS: Final = 200
_OPENING: Final = 4_000
_CLOSING: Final = 1_500
_MAIL_TYPES: Final = {"message/rfc822", "application/vnd.ms-outlook"}

#: Kind → (cues of a title, cues of headings and text). Several alternatives of one line count once.
_CUES: Final[Mapping[DocumentKind, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    DocumentKind.CONTRACT: (
        (
            r"合同|协议书?$|协议[（(]|框架协议|补充协议",
            r"\b(?:agreement|contract|statement of work|terms of service)\b",
        ),
        (
            r"甲方.{0,400}乙方|\bparty a\b.{0,400}\bparty b\b|\bby and between\b",
            r"违约责任|争议解决|\b(?:governing law|indemnification|breach)\b",
            r"本(?:合同|协议)(?:一式|自|经|项下)|\bthis agreement\b",
            r"签字|盖章|签署页|\bin witness whereof\b",
        ),
    ),
    DocumentKind.LAW: (
        (
            r"(?:共和国|全国|[省市]).{0,20}(?:法|条例)$|[\u4e00-\u9fff]法$|实施细则$",
            r"\b(?:act|regulation|directive|statute|code)\b(?: \(|$| of\b)",
        ),
        (
            r"中华人民共和国|\bbe it enacted\b|\bofficial journal\b",
            r"本(?:法|条例)(?:所称|自|规定)|\bthis (?:act|regulation|directive)\b",
            r"主席令|国务院令|常务委员会.{0,30}通过|\bparliament\b",
            r"法律责任|依法追究刑事责任|\bshall be liable\b",
            r"根据宪法|为了.{4,80}制定本(?:法|条例)",
        ),
    ),
    DocumentKind.HANDBOOK: (
        (
            r"(?:员工|职员|客服|服务|学生|新人|培训)?手册$|指引$",
            r"\b(?:handbook|guidebook|playbook)\b",
        ),
        (
            r"欢迎(?:加入|您|新员工|你)|\bwelcome to\b",
            r"考勤|年假|福利|试用期|\b(?:employees|annual leave|benefits)\b",
            r"本手册|\bthis handbook\b",
        ),
    ),
    DocumentKind.REPORT: (
        (
            r"报告|年报|季报|白皮书",
            r"\b(?:report|review|white ?paper|form 10-k|10-k|10-q)\b",
        ),
        (
            r"摘要$|执行摘要|\bexecutive summary\b|\bfiscal year\b|\bmanagement.s discussion\b",
            r"同比|环比|报告期|\byear[- ]over[- ]year\b|\breporting period\b",
            r"本报告|\bthis report\b",
            r"结论与建议|主要发现|\bkey findings\b",
        ),
    ),
    DocumentKind.INVOICE: (
        (
            r"发票|账单|收据",
            r"\b(?:invoice|receipt|bill)\b",
        ),
        (
            r"发票(?:代码|号码)|\binvoice (?:no|number|date)",
            r"价税合计|税率|税额|\b(?:subtotal|amount due|total due|vat)\b",
            r"购买方|销售方|纳税人识别号|\b(?:bill to|remit to)\b",
            r"开票(?:日期|人)|\bpayment terms\b",
        ),
    ),
    DocumentKind.STANDARD: (
        (
            r"\b(?:GB|DL|JB|YD|HJ|SJ|NB)(?:/T)?\s?\d+",
            r"\b(?:ISO|IEC|IEEE|ASTM|EN)[ /]\S{0,8}\d{3,}|技术规范$|国家标准|行业标准|\bspecification\b",
        ),
        (
            r"规范性引用文件|\bnormative references\b",
            r"术语和定义|\bterms and definitions\b",
            r"本(?:标准|规范|文件)(?:规定|适用于|按照)|\bthis (?:standard|document) specifies\b",
            r"归口|起草单位|\btechnical committee\b",
        ),
    ),
    DocumentKind.POLICY: (
        (
            r"(?:制度|办法|规定|管理细则|规程|守则|准则|方案|政策|须知)(?:[（(].{1,20}[）)])?$",
            r"\b(?:policy|policies|code of conduct|guidelines?|rules)\b",
        ),
        (
            r"本(?:制度|办法|规定|政策|准则|方案)|\bthis (?:policy|code)\b",
            r"适用(?:范围|于)|\b(?:scope|applies to all)\b",
            r"解释权|由.{2,16}负责解释|\bpolicy owner\b",
            r"第[一二三四五六七八九十]+条|\bmust not\b",
            r"审批|报销|\b(?:compliance|violations?)\b",
        ),
    ),
    DocumentKind.RESUME: (
        (
            r"简历",
            r"\b(?:resume|curriculum vitae|cv)\b",
        ),
        (
            r"工作经(?:历|验)|\b(?:work|professional) experience\b",
            r"教育(?:背景|经历)|\beducation\b",
            r"求职意向|自我评价|\breferences available\b|\bobjective\b",
            r"(?:专业)?技能|\bskills\b",
            r"(?:电话|手机|邮箱)[:：]|\b(?:phone|e-?mail)\s?:",
        ),
    ),
    DocumentKind.MINUTES: (
        (
            r"会议(?:纪要|记录|决议)|纪要$",
            r"\b(?:minutes|meeting notes)\b",
        ),
        (
            r"(?:会议)?(?:时间|日期)[:：]|\bdate\s?:",
            r"(?:参会|与会|出席|列席)(?:人员|人|董事)?[:：为]?|\b(?:attendees|present|apologies)\b",
            r"主持人?[:：]|记录人?[:：]|\bchair(?:ed by|person)?\b",
            r"会议(?:决定|议定|审议|认为|同意)|\b(?:resolved|action items?)\b",
            r"议题|议程|\bagenda\b",
        ),
    ),
    DocumentKind.MAIL: (
        (r"^(?:re|fw|fwd|回复|转发|答复)[:：]",),
        (
            r"(?:发件人|寄件人)[:：]|\bfrom\s?:",
            r"收件人[:：]|\bto\s?:",
            r"主题[:：]|\bsubject\s?:",
            r"(?:各位|尊敬的|您好|你好|大家好).{0,30}[:：，,]|\b(?:dear|hi|hello) \w+",
            r"此致|敬礼|祝好|顺祝|\b(?:best|kind) regards\b|\bsincerely\b",
        ),
    ),
    DocumentKind.MANUAL: (
        (
            r"(?:使用|操作|安装|维护|用户|产品|技术|维修|运维)?(?:说明书|操作手册|用户手册|使用手册|维护手册|安装手册|产品手册|操作指南|使用指南|维修手册)|数据手册|选型",
            r"\b(?:user guide|manual|datasheet|data sheet|instructions|installation guide|operating instructions)\b",
        ),
        (
            r"额定(?:电压|电流|功率|频率)|\brated (?:voltage|current|power)\b",
            r"安装|拆卸|接线|\binstall(?:ation|ing)?\b",
            r"故障(?:排除|处理|代码)|\btroubleshooting\b",
            r"维护(?:保养|周期)|检修|\bmaintenance\b",
            r"(?:警告|危险|注意)[:：!！]|\b(?:warning|caution)\b",
            r"技术参数|型号|\btechnical (?:data|specifications)\b",
        ),
    ),
    DocumentKind.PAPER: (
        (
            r"研究$|综述$",
            r"\b(?:a survey|a study of|towards)\b",
        ),
        (
            r"^摘\s*要|\babstract\b",
            r"关键词[:：]|\b(?:keywords|index terms)\b",
            r"参考文献|\breferences\b",
            r"\bet al\b|\[\d{1,3}\]",
            r"\bdoi\b|\barxiv\b|中图分类号|\brelated work\b",
        ),
    ),
}
_COMPILED: Final = {
    kind: tuple(tuple(re.compile(cue, re.IGNORECASE | re.MULTILINE) for cue in cues) for cues in (titles, others))
    for kind, (titles, others) in _CUES.items()
}


def kind_of(reading: Reading, media_type: str) -> tuple[DocumentKind, float]:
    """Return the kind and its confidence in 0..1; ``UNKNOWN`` carries the confidence of the best guess."""
    if media_type in _MAIL_TYPES:
        return DocumentKind.MAIL, 1.0
    headed = [heading[:_HEADING_CHARS] for heading in reading.headings[:_HEADINGS]]
    titles = "\n".join(part.strip() for part in (reading.title.replace("_", " "), *headed[:1]))
    headings = "\n".join(headed)
    text = _excerpt(reading)
    weights = {kind: _weight(kind, titles, headings, text) for kind in _COMPILED}
    best = max(weights, key=lambda kind: weights[kind])
    confidence = weights[best] / (sum(weight**2 for weight in weights.values()) ** 0.5 + _DOUBT)
    titled = any(cue.search(titles) for cue in _COMPILED[best][0])
    sure = confidence >= (SURE if titled else _SURE_UNTITLED)
    return (best if sure else DocumentKind.UNKNOWN), round(confidence, 3)


def _weight(kind: DocumentKind, titles: str, headings: str, text: str) -> float:
    title, cues = _COMPILED[kind]
    weight = _TITLE if any(cue.search(titles) for cue in title) else 0.0
    for cue in cues:
        weight += _HEADING if cue.search(headings) else _TEXT if cue.search(text) else 0.0
    return weight


def _excerpt(reading: Reading) -> str:
    """Return how the document begins and ends: what it is stands there."""
    text = "\n".join(part.text for part in reading.statements)
    return text if len(text) <= _OPENING + _CLOSING else f"{text[:_OPENING]}\n{text[-_CLOSING:]}"
