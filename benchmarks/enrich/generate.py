"""Documents of known kind with known dates and terms, varied in wording, order and filler; the same for one seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from wenyuan.documents import Block, BlockKind

Dates = frozenset[tuple[str, str]]
CN = "〇一二三四五六七八九"
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
FILLER = {
    "zh": (
        "各部门应当按照职责分工做好相关工作，并在每月底前报送情况。",
        "仓库在2023年6月完成了改造，改造后面积增加一成。",
        "设备自2019年5月20日投产以来运行平稳。",
        "负责人变更的，应当在三日内告知。",
        "根据《档案管理规定》（2018年9月1日起施行），资料保存十年。",
        "上年度共处理申请1260件，平均用时两天。",
    ),
    "en": (
        "Each department reports to the office at the end of the month.",
        "The warehouse was rebuilt in June 2023 and is larger now.",
        "The line has run without faults since 20 May 2019.",
        "A change of the person in charge is announced within three days.",
        "Last year 1,260 requests were handled within two days on average.",
    ),
}
NAMES = {
    "zh": ("临河", "远桥", "清源", "北岭", "晨溪", "泰合"),
    "en": ("Norvik", "Hartwell", "Lindqvist", "Brookmere", "Altona"),
}
GOODS = {
    "zh": ("电缆", "水泵", "叉车", "轴承", "滤芯", "货架"),
    "en": ("cables", "pumps", "forklifts", "bearings", "filters"),
}


@dataclass(frozen=True)
class Sample:
    """A document and what is true of it."""

    title: str
    blocks: tuple[Block, ...]
    kind: str
    dates: Dates
    terms: frozenset[str]
    topic: str


@dataclass(frozen=True)
class _Fields:
    """What a template is filled with: a day is (as written, ISO)."""

    name: str
    other: str
    goods: str
    first: tuple[str, str]
    second: tuple[str, str]


Template = Callable[[_Fields, random.Random], tuple[str, list[str], Dates, set[str]]]


def sample(rng: random.Random, language: str) -> Sample:
    """Return one document; ``language`` is ``zh`` or ``en``."""
    kind, template = rng.choice(sorted(TEMPLATES[language].items()))
    name, other = rng.sample(NAMES[language], 2)
    fields = _Fields(name, other, rng.choice(GOODS[language]), _day(rng, language, 2024), _day(rng, language, 2026))
    title, lines, dates, terms = template(fields, rng)
    for _ in range(rng.randint(2, 10)):
        lines.insert(rng.randint(1, len(lines) - 1), rng.choice(FILLER[language]))
    blocks = [Block(BlockKind.TITLE, title, level=1), *(Block(BlockKind.PARAGRAPH, line) for line in lines)]
    return Sample(title, tuple(blocks), kind, dates, frozenset(terms), fields.goods)


def _day(rng: random.Random, language: str, year: int) -> tuple[str, str]:
    year, month, day = year + rng.randint(0, 1), rng.randint(1, 12), rng.randint(1, 28)
    iso = f"{year}-{month:02}-{day:02}"
    if language == "en":
        forms = (f"{day} {MONTHS[month - 1]} {year}", f"{MONTHS[month - 1]} {day}, {year}", iso)
    else:
        chinese = "".join(CN[int(digit)] for digit in str(year))
        forms = (
            f"{year}年{month}月{day}日",
            f"{year} 年 {month} 月 {day} 日",
            f"{chinese}年{_small(month)}月{_small(day)}日",
        )
    return rng.choice(forms), iso


def _small(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if not tens else "十" if tens == 1 else f"{CN[tens]}十") + (CN[ones] if ones else "")


def _contract_zh(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    term = rng.choice((f"本合同有效期自{f.first[0]}起至{f.second[0]}止。", f"合同期限：{f.first[0]}至{f.second[0]}。"))
    lines = [
        f"买方：{f.name}物资有限公司（以下简称“甲方”）",
        f"卖方：{f.other}设备有限公司（以下简称“乙方”）",
        f"甲方向乙方采购{f.goods}，乙方保证{f.goods}的质量符合约定，{f.goods}由乙方送货。",
        f"乙方逾期交付{f.goods}的，每日按货款的千分之一支付违约金。",
        term,
        "本合同一式两份，双方各执一份，签字盖章后生效。",
    ]
    return (
        f"{f.goods}采购合同",
        lines,
        frozenset({("effective", f.first[1]), ("expires", f.second[1])}),
        {"甲方", "乙方"},
    )


def _policy_zh(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    ending = rng.choice(("起施行。", "起执行。", "开始实施。"))
    lines = [
        f"发布日期：{f.first[0]}",
        f"第一条 为规范{f.goods}的领用和报废，制定本办法。",
        f"第二条 本办法所称{f.goods}台账，是指记录{f.goods}领用、归还和报废情况的表册。",
        f"第三条 领用{f.goods}须经部门负责人审批，{f.goods}不得外借。",
        f"第四条 本办法由后勤部负责解释，自{f.second[0]}{ending}",
    ]
    dates = frozenset({("issued", f.first[1]), ("effective", f.second[1])})
    return f"{f.goods}管理{rng.choice(('办法', '规定', '制度'))}", lines, dates, {f"{f.goods}台账"}


def _minutes_zh(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    lines = [
        f"会议时间：{f.first[0]} 下午",
        "主持人：周远  记录人：何静",
        "出席人员：各部门负责人",
        f"会议听取了{f.goods}供应情况的汇报，讨论了{f.goods}库存不足的问题。",
        f"会议决定：增加一家{f.goods}供应商，由采购部落实。",
    ]
    return f"{f.name}公司{f.goods}专题会议{rng.choice(('纪要', '记录'))}", lines, frozenset(), set()


def _manual_zh(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    lines = [
        f"本说明书适用于{f.name}系列{f.goods}的安装、使用和维护。",
        "额定电压为380伏，额定功率为15千瓦。",
        f"警告：检修{f.goods}前必须切断电源。",
        f"{f.goods}每运行500小时应当保养一次，故障排除见附表。",
        f"出厂文件编制日期：{f.first[0]}",
    ]
    title = f"{f.goods}{rng.choice(('使用说明书', '操作手册', '用户手册'))}"
    return title, lines, frozenset({("issued", f.first[1])}), set()


def _report_zh(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    lines = [
        f"本报告分析了{f.goods}市场的供需和价格。",
        f"报告期内{f.goods}销量同比增长一成，价格环比下降。",
        f"毛利率（GPM）上升，{f.goods}出口恢复。",
        f"结论与建议：扩大{f.goods}的产能。",
    ]
    return f"{f.goods}市场{rng.choice(('调研', '分析', '年度'))}报告", lines, frozenset(), {"GPM"}


def _contract_en(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    first = rng.choice(("This Agreement is effective as of", "This Agreement shall be effective from"))
    lines = [
        f'This agreement is made by and between {f.name} Ltd (the "Buyer") and {f.other} Inc (the "Seller").',
        f"The Seller delivers {f.goods} to the Buyer, and warrants that the {f.goods} conform to the order.",
        f'"Delivery Date" means the day on which the {f.goods} reach the warehouse of the Buyer.',
        f"{first} {f.first[0]} and expires on {f.second[0]}.",
        "The governing law is the law of the seat of the Buyer; a breach is cured within ten days.",
    ]
    dates = frozenset({("effective", f.first[1]), ("expires", f.second[1])})
    return f"Supply agreement for {f.goods}", lines, dates, {"Buyer", "Seller", "Delivery Date"}


def _policy_en(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    lines = [
        f"{rng.choice(('Issued', 'Date of issue', 'Approved'))}: {f.first[0]}",
        f"This policy applies to all employees who order, store or use {f.goods}.",
        f"Employees must not order {f.goods} without the approval of the head of department.",
        f"The key performance indicator (KPI) is the share of {f.goods} returned in time.",
        f"This policy {rng.choice(('comes into force on', 'takes effect on', 'is valid from'))} {f.second[0]}.",
    ]
    dates = frozenset({("issued", f.first[1]), ("effective", f.second[1])})
    return f"Policy on {f.goods}", lines, dates, {"KPI"}


def _minutes_en(f: _Fields, rng: random.Random) -> tuple[str, list[str], Dates, set[str]]:
    lines = [
        f"Date: {f.first[0]}",
        "Chair: R. Holm",
        "Attendees: heads of department",
        f"The meeting discussed the stock of {f.goods}, and complaints about {f.goods} that came late.",
        f"Resolved: a second supplier of {f.goods} is found. Action item: purchasing.",
    ]
    return f"{rng.choice(('Minutes of the meeting', 'Meeting notes'))} on {f.goods}", lines, frozenset(), set()


TEMPLATES: dict[str, dict[str, Template]] = {
    "zh": {
        "contract": _contract_zh,
        "policy": _policy_zh,
        "minutes": _minutes_zh,
        "manual": _manual_zh,
        "report": _report_zh,
    },
    "en": {"contract": _contract_en, "policy": _policy_en, "minutes": _minutes_en},
}
