"""What of a question says how to answer: 请用万元回答, 保留两位小数, "Assume that you are an analyst", "Round to …".

Such sentences hold words that no passage is to be found by. Rules tell them by how they begin: a verb of answering with
an answer as its object, a role, a condition that nothing is found. What is left is searched; the answerer is given the
whole. A text that is nothing but instructions is left as it is.
"""

import re
from dataclasses import dataclass
from typing import Final

from wenyuan.text import cjk_share, content_terms, squeeze


@dataclass(frozen=True, slots=True)
class Instructed:
    """What a question asks for, and the sentences and clauses of it that say how to answer."""

    text: str
    instructions: tuple[str, ...] = ()


#: A longer text brings its own material; its sentences are not told apart here.
_LONGEST: Final = 2000
_SENTENCE: Final = re.compile(r"[^.?!;。？！；\n]*(?:[.](?!\s|$)[^.?!;。？！；\n]*)*[.?!;。？！；\n]*\s*")
_CLAUSE_ZH: Final = re.compile(r"[^，,：:]+[，,：:]?")
_EDGE: Final = " \t\r\n,，。;；:：、"

_PLEASE_EN: Final = r"(?:(?:and|then|also|but)\s+)?(?:(?:please|kindly|simply|just)\s+)*"
_ANSWER_EN: Final = (
    r"(?:answers?|responses?|repl(?:y|ies)|results?|figures?|numbers?|values?|amounts?|calculations?|judge?ments?|"
    r"conclusions?|reasoning|work|steps|sources?)"
)
_UNITS_EN: Final = (
    r"(?:\w+\s+){0,3}(?:usd|dollars|euros?|rmb|cny|yuan|thousands?|millions?|billions?|units?|percents?|percentages?|"
    r"decimals?|decimal\s+places?|sentences?|words?|bullet\s+points?|english|chinese|paragraphs?|table|format)\b"
)
_UNIT_EN: Final = rf"(?:in|as|to)\s+{_UNITS_EN}"
#: Sentences that begin so say how to answer.
_INSTRUCTION_EN: Final = re.compile(
    rf"""{_PLEASE_EN}(?:
        (?:answer|respond|reply|round|truncate)\b
      | (?:give|provide|state|express|report|present|format|show|write|return|output|quote|cite|list)(?:\ me)?
        \ (?:(?:only|just|the|your|an?|all|final|short|brief|concise|detailed|full|complete)\ )*{_ANSWER_EN}\b(?!\ of\b)
      | (?:give|provide|state|express|report|present|write|show)
        \ (?:it|them|this|that|everything|all|your)\b[^?]*\b{_UNIT_EN}
      | (?:base|address|derive|extract)\ (?:your|the|this)\ (?:{_ANSWER_EN}|question)\b
      | (?:calculate|compute|derive|extract)\ (?:\(or\ \w+\)\ )?
        (?:what\ (?:was|is)\ (?:being\ )?asked|(?:the|your)\ {_ANSWER_EN}|from|using|based)\b
      | (?:rely|draw)\ (?:only\ |primarily\ |mainly\ )?(?:on|from|your)\b
      | use\ (?:only\ )?(?:the|data|information|figures|numbers)\b[^?]*$
      | (?:explain|justify)\ (?:briefly|why|your|how\ you|in\b)
      | (?:quote|cite)\ the\b
      | (?:keep|make)\ (?:it|the\ answer|your\ answer|this)\b
      | (?:be|stay)\ (?:brief|concise|short|precise|specific)\b
      | do\ not\b | don['’]t\b | (?:think\ )?step\ by\ step
      | (?:assume|imagine|pretend)\ (?:that\ )?you\b | act\ as\b | you\ are\ (?:an?|the)\b | question$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
#: What to say when something is not so, and nothing that is asked.
_CONDITION_EN: Final = re.compile(
    r"(?:but\s+)?if\b[^?]*\b(?:not|no|cannot|can['’]t|isn['’]t|doesn['’]t|don['’]t|unable|unclear|unknown|missing|absent)"
    r"\b[^?]*\b(?:state|say|tell me|explain|answer|reply|respond|mention|note|indicate|write|let me know)"
    r"(?:\s+(?:so|it|this|that|why|the reasons?|clearly|accordingly|with\b|[\"“n]).*)?[\s.!\"”]*$",
    re.IGNORECASE,
)
#: Beginnings that say what to go by or who is asked, up to the comma or colon before the question.
_OPENING_EN: Final = re.compile(
    rf"""^{_PLEASE_EN}(?:
        answer\ (?:the\ following|this|my)\b
      | you\ are\ (?:an?|the)\b
      | as\ an?\b(?=[^?]*\b(?:analyst|banker|accountant|investor|lawyer|expert|manager|auditor|engineer|consultant)\b)
      | by\ (?:only\ |primarily\ |mainly\ )?(?:using|relying|drawing|looking|referring|considering|utili[sz]ing)\b
      | using\ (?:only|just|nothing)\b
      | (?:based|relying)\ (?:only|solely|primarily|mainly|exclusively)\ on\b
      | (?:here['’]?s|here\ is|this\ is)\ (?:the|my)\ question\b
    )[^?]*?[,:]\s+
    (?=(?:what|how|which|who|whom|whose|when|where|why|is|are|was|were|do|does|did|has|have|can|could|should|will|would)\b
      |what['’]s\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_PARENTHESIS_EN: Final = re.compile(
    rf"\s*\((?:in|as|rounded|round|please|answer|expressed|to)\s[^()]*?{_UNITS_EN}(?!\s+of\b)[^()]*\)", re.IGNORECASE
)
_TAIL_EN: Final = re.compile(
    rf"(?:,|\s+and)\s*(?:please\s+)?(?:round(?:ed)?\s+(?:it\s+|your answer\s+)?to\b[^,.?]*|answer\s+{_UNIT_EN}[^,.?]*)"
    r"(?=[.?!]*\s*$)",
    re.IGNORECASE,
)

_ANSWER_ZH: Final = "(?:回答|作答|回复|答复|表示|表述|呈现|输出|列示|说明|给出|展示|解释|概括|总结|计)"
#: The rest of a clause that asks nothing, up to some characters.
_REST: Final = "[^，。？！；吗呢么]"
_AT_ALL: Final = "[^，。？！；]"
_UNKNOWN_ZH: Final = "(?:不知道|没有|无|不清楚|否)"
_SAY_ZH: Final = (
    "(?:则|就|那就|那么|也)?(?:请你|请|直接|应)*(?:明确|如实|直接)?"
    f"(?:说明(?:原因|情况|即可)?|直说|告知|告诉我|注明|指出|回答{_UNKNOWN_ZH}|说(?:不知道|没有|明))"
)
_ROLE_ZH: Final = (
    rf"(?:假设|假定|假如|设想|想象)(?:你|您|自己)是?{_AT_ALL}{{1,24}}",
    rf"(?:你|您)(?:现在)?(?:是|作为|扮演)(?:一[名位个])?{_AT_ALL}{{1,24}}",
    rf"(?:扮演|充当){_AT_ALL}{{1,24}}",
    rf"作为(?:一[名位个]|专业|资深){_AT_ALL}{{1,20}}",
    rf"(?:你|您)?(?:作为|以){_AT_ALL}{{1,16}}来?(?:回答|作答)(?:下列|以下|下面|这个)?的?(?:问题)?",
    "(?:回答|解答)(?:下列|以下|下面|如下|我的|这个)的?问题",
    "问题(?:如下|是)",
)
_MANNER_ZH: Final = (
    (
        rf"(?:统一|直接|分别|全部|都|尽量|仅|只|必须)*(?:用|以|按|按照|使用){_AT_ALL}{{0,14}}"
        rf"(?:为单位)?(?:{_ANSWER_ZH}|为单位|的(?:形式|格式|方式)){_REST}{{0,6}}"
    ),
    rf"(?:精确|保留|四舍五入|取整|取小数)(?:到|至|成|为)?{_REST}{{0,14}}",
    (
        "(?:简要|简单|简短|简洁|简明|详细|完整|直接|准确|逐条|分点|分条|一句话|如实)地?的?"
        "(?:回答|作答|回复|说明|答复|解释|概述|列出)(?:即可|就行|就好|一下)?"
    ),
    rf"(?:只|仅|直接)(?:需要?|要|须)?(?:给出?|回答|输出|写|说|列出|返回){_REST}{{0,12}}",
    (
        "(?:不要|不用|无需|不必|勿|别|不得)再?"
        rf"(?:解释|说明|展开|编造|猜测|举例|换算|重复|输出|列出|回答|计算|使用|啰嗦){_REST}{{0,10}}"
    ),
    (
        "(?:写出|列出|给出|说明|注明|标明|附上|展示|引用)(?:其|你的|您的|具体|详细|相关|相应)?的?(?:计算|推导|推理)?"
        rf"(?:过程|步骤|公式|依据|出处|来源|理由|页码|原文|条款号){_REST}{{0,6}}"
    ),
)
_CONDITION_ZH: Final = re.compile(
    rf"(?:如果|若|如|假如|要是|倘若|万一){_AT_ALL}{{0,18}}"
    rf"(?:没有|未|无法|不能|不存在|找不到|查不到|不知道|不清楚|不确定|不适用|不明确|无相关){_AT_ALL}{{0,12}}$"
)
_THEN_ZH: Final = re.compile(rf"{_SAY_ZH}$")
#: Clauses that are this say how to answer.
_INSTRUCTION_ZH: Final = re.compile(
    "(?:并且?|且|同时|然后|最后|另外|答案|结果|数值|数字|金额|计算结果|回答时?|作答时?)*"
    "(?:请|请你|请您|麻烦|烦请|务必|需要?|要求|要|应|须)*"
    f"(?:{'|'.join((*_ROLE_ZH, *_MANNER_ZH))})$"
)


def read_instructions(text: str) -> Instructed:
    """Part a question from how it is to be answered."""
    if len(text) > _LONGEST:
        return Instructed(text)
    taken: list[str] = []
    kept = "".join(_left(match.group(), taken) for match in _SENTENCE.finditer(text) if match.group())
    left = squeeze(kept).strip(_EDGE)
    if not taken or not content_terms(left, bare=True):
        return Instructed(text)
    return Instructed(left, tuple(taken))


def _left(sentence: str, taken: list[str]) -> str:
    """Return what a sentence leaves without instructions, and keep these."""
    if cjk_share(sentence) >= 0.3:
        return _left_zh(sentence, taken)
    bare = sentence.strip()
    if not bare.endswith("?") and (_INSTRUCTION_EN.match(bare) or _CONDITION_EN.match(bare)):
        taken.append(bare)
        return ""
    for pattern in (_OPENING_EN, _PARENTHESIS_EN, _TAIL_EN):
        found = pattern.search(sentence)
        if found:
            taken.append(found.group().strip(_EDGE))
            sentence = sentence[: found.start()] + sentence[found.end() :]
    return sentence


def _left_zh(sentence: str, taken: list[str]) -> str:
    """Return the clauses of a sentence that ask. A condition is none only before what to say then."""
    clauses = _CLAUSE_ZH.findall(sentence)
    bare = [squeeze(clause).strip(_EDGE + "。.!！") for clause in clauses]
    kept = []
    spoken = False
    for place, clause in enumerate(clauses):
        then = bare[place + 1] if place + 1 < len(bare) else ""
        says = spoken and bool(_THEN_ZH.match(bare[place]))
        spoken = bool(_CONDITION_ZH.match(bare[place]) and _THEN_ZH.match(then))
        asks = clause.rstrip().endswith(("?", "？"))
        if not asks and (says or spoken or _INSTRUCTION_ZH.match(bare[place])):
            taken.append(bare[place])
        else:
            kept.append(clause)
    return "".join(kept)
