"""Passages as retrieval hands them over, in Chinese and English."""

from wenyuan.answers import Evidence
from wenyuan.documents import BlockRange, Box

TRAVEL = (
    "第十四条 自驾出差须事先批准，按每公里 0.9 元包干报销，过路费凭票另行报销。\n"
    "第二十九条 在海拔 3000 米以上地区工作的，另发高原津贴每天 100 元；"
    "在海拔 4500 米以上地区工作的，高原津贴为每天 180 元。"
)
HOTEL = (
    "表 6 境外出差标准（单位：美元/人·天）\n地区 | 住宿限额 | 伙食补助 | 公杂费\n"
    "东南亚、南亚 | 120 | 40 | 20\n欧洲 | 200 | 65 | 35\n北美 | 210 | 65 | 40"
)
BUSBAR = (
    "表 2 额定电流与主母线规格\n额定电流范围 | 主母线规格（每相） | 柜体宽度\n"
    "630–1250 A | TMY-80×8 | 650 mm\n1251–1600 A | TMY-100×8 | 800 mm\n1601–2000 A | TMY-100×10 | 1000 mm"
)
SAFETY = "检修前应当做好以下准备：\n1. 断开断路器。\n2. 验电并接地。\n3. 悬挂标示牌。\n未经许可不得操作。"
SUPPLIER = (
    "Change requests shall be submitted at least 90 days before the planned change. "
    "Records of inspection shall be kept for 10 years, and for 15 years for vacuum interrupters. "
    "Suppliers must not subcontract without written consent."
)


def passage(
    text: str, key: str = "c1", *, language: str = "zh", title: str = "差旅管理办法", dense: float = 0.92, page: int = 2
) -> Evidence:
    """Make the evidence of a chunk whose lines are blocks of one page."""
    ranges, start = [], 0
    for ordinal, line in enumerate(text.split("\n")):
        box = Box(page, 50, 50 + 20 * ordinal, 500, 65 + 20 * ordinal)
        ranges.append(BlockRange(ordinal, start, start + len(line), (box,)))
        start += len(line) + 1
    return Evidence(
        chunk_id=key,
        document_id=f"doc-{key}",
        version_id=f"version-{key}",
        document_title=title,
        text=text,
        context=title,
        heading_path=(),
        pages=(page,),
        ranges=tuple(ranges),
        language=language,
        anchor=None,
        score=1.0,
        dense=dense,
    )


def all_passages() -> list[Evidence]:
    """The passages above, as one answer's evidence."""
    return [
        passage(TRAVEL, "travel", dense=0.90),
        passage(HOTEL, "hotel", dense=0.90),
        passage(BUSBAR, "busbar", title="开关柜产品手册", dense=0.90),
        passage(SAFETY, "safety", title="开关柜产品手册", dense=0.90),
        passage(SUPPLIER, "supplier", title="Supplier Code of Conduct", language="en", dense=0.88),
    ]
