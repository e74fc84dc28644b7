"""Ways of numbering headings and list items in Chinese and English documents."""

import re
from typing import Final

_HAN: Final = "一二三四五六七八九十百千零〇两"
_SCHEMES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("part", re.compile(rf"第\s?[{_HAN}\d]{{1,5}}\s?[编篇卷](?![号])")),
    ("chapter", re.compile(rf"第\s?[{_HAN}\d]{{1,5}}\s?章")),
    ("chapter", re.compile(r"(?:chapter|part)\s+(?:\d{1,3}|[ivxlc]{1,6})\b", re.IGNORECASE)),
    ("chapter", re.compile(rf"(?:附录|附件|附表)\s*(?:[A-Z\d]{{1,2}}|[{_HAN}]{{1,3}})?(?:[\s:：、]|$)")),
    ("chapter", re.compile(r"(?:appendix|annex)\s+(?:[a-z]|\d{1,2})\b", re.IGNORECASE)),
    ("section", re.compile(rf"第\s?[{_HAN}\d]{{1,5}}\s?节")),
    ("section", re.compile(r"section\s+\d{1,3}\b", re.IGNORECASE)),
    ("article", re.compile(rf"第\s?[{_HAN}\d]{{1,6}}\s?条")),
    ("article", re.compile(r"article\s+\d{1,3}\b", re.IGNORECASE)),
    ("han", re.compile(rf"[{_HAN}]{{1,3}}\s?[、.．]")),
    ("han-bracket", re.compile(rf"[（(]\s?[{_HAN}]{{1,3}}\s?[）)]")),
    ("dot4", re.compile(r"\d{1,2}(?:[.．]\d{1,2}){3}[.．]?(?![.．\d%％])")),
    ("dot3", re.compile(r"\d{1,2}(?:[.．]\d{1,2}){2}[.．]?(?![.．\d%％])")),
    ("dot2", re.compile(r"\d{1,2}[.．]\d{1,2}(?:[.．](?!\d))?\s*(?=[^\d\s%％,，.．)）])")),
    ("dot1", re.compile(r"\d{1,2}(?:[.．、](?!\d)\s*|\s+)(?=[^\d\s.,%％年月日])")),
)
# How all of them begin: most lines begin otherwise.
_NUMBERED: Final = re.compile(rf"[\d第附（(cpas{_HAN}]", re.IGNORECASE)
FIXED_ORDER: Final = ("part", "chapter", "section")
"""These stand above every other way of numbering; the others rank by where they first appear."""

DOTTED: Final = ("dot1", "dot2", "dot3", "dot4")

_LIST_MARK: Final = re.compile(
    r"(?:[•●■◆▪○◦□➢➤►✓√※·∙∗★◇▶]|[–—](?=\s|$)\s*|[-*]\s+|[（(]\d{1,2}[)）]|\d{1,2}[)）]|[①-⑳❶-❿]|[(（]?[a-zA-Z][)）.．]\s)"
)
_BULLET: Final = re.compile(r"[•●■◆▪○◦□➢➤►✓√※·∙∗★◇▶]|[–—](?=\s|$)")
_ITEM_NUMBER: Final = re.compile(r"[（(]?\s?(\d{1,2})(?!\d)")
_NUMBER: Final = rf"(?:[A-Z]?\d{{1,3}}(?:[-–—.．]\d{{1,3}})*[a-z]?|[{_HAN}]{{1,3}})"
_CAPTION: Final = re.compile(
    rf"(?:图|表|图表|附图|附表)\s*{_NUMBER}(?:[\s:：.．、]|$|(?![的中所为是列给显可说展表和与、，,]|描述|反映|比较|\d)(?=[^\W\d_]))"
    rf"|(?:Figure|Fig\.?|Table|Tab\.|FIGURE|FIG\.?|TABLE)\s*{_NUMBER}(?:[:：.．]|$|\s+(?=[A-Z(\u4e00-\u9fff]))"
)
_UNNUMBERED: Final = re.compile(
    r"(?:摘\s*要|关\s*键\s*词|目\s*录|目\s*次|前\s*言|引\s*言|序\s*言|绪\s*论|结\s*论|结\s*语|总\s*结|致\s*谢|参考文献|附\s*则|总\s*则"
    r"|abstract|keywords|contents|introduction|conclusions?|references|acknowledge?ments?|summary|preface)"
    r"\s*(?:[（(](?-i:[A-Za-z\u4e00-\u9fff ]{2,20})[)）])?[:：]?$",
    re.IGNORECASE,
)
_CONTENTS: Final = re.compile(r"(?:目\s*录|目\s*次|(?:table of )?contents)$", re.IGNORECASE)
_LEADER: Final = re.compile(r"(?:[.．…·・]\s?){4,}\s*[\dIVXLivxl-]{1,5}\s*$|…{2,}\s*[\dIVXLivxl-]{0,5}\s*$")
_PAGE_AT_END: Final = re.compile(r"[\s.．·・…]*\d{1,4}$")


_UNIT: Final = re.compile(
    r"[（(]?\s*(?:(?:金额|计量|货币|数量)?单位|币种|人民币|units?\s*[:：]"
    r"|(?:(?:all )?(?:amounts?|figures|numbers)|(?:u\.?s\.? )?dollars|[$€£¥])?\s*(?:are |expressed |stated )?in "
    r"(?:(?:u\.?s\.? )?dollars|(?:u\.?s\.? )?[$€£¥]?\s?(?:thousands|millions|billions))\b"
    r"|(?:all )?(?:amounts?|figures) (?:are )?in\b|[(（](?:thousands|millions|billions)\b)",
    re.IGNORECASE,
)
_MONTH_DAY: Final = (
    r"(?:(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2},?)"
)
_PERIOD: Final = re.compile(
    r"(?:(?:for )?(?:the )?(?:fiscal )?(?:years?|quarters?|(?:three|six|nine|twelve) months|periods?) ended"
    rf"|(?:as (?:of|at)|at)(?=\s*(?:{_MONTH_DAY}|\d{{4}}|$)))\s*{_MONTH_DAY}?(?:\s*(?:and )?\d{{4}},?)*"
    r"|截[至止]?\s*\d{4}\s*年.{0,20}",
    re.IGNORECASE,
)


def is_period_line(text: str) -> bool:
    """Tell whether ``text`` is the line that says what day or period the amounts of a table are of."""
    return _PERIOD.fullmatch(text) is not None


def is_unit_line(text: str) -> bool:
    """Tell whether ``text`` starts like the line that says what the amounts of a table are counted in."""
    return _UNIT.match(text) is not None


def scheme_of(text: str) -> str | None:
    """Return the name of the way ``text`` is numbered, or None."""
    if not _NUMBERED.match(text):
        return None
    return next((name for name, pattern in _SCHEMES if pattern.match(text)), None)


def starts_item(text: str) -> bool:
    """Tell whether ``text`` starts with a bullet or a list number such as ``(1)``, ``2)``, ③ or ``b)``."""
    return _LIST_MARK.match(text) is not None


def starts_bullet(text: str) -> bool:
    """Tell whether ``text`` starts with a bullet, which is never part of a sentence."""
    return _BULLET.match(text) is not None


def item_number(text: str) -> int | None:
    """Return the number at the head of ``text``, as in ``3.``, ``(3)``, ``3.1`` or ``3 mg``."""
    found = _ITEM_NUMBER.match(text)
    return int(found[1]) if found else None


def is_caption(text: str) -> bool:
    """Tell whether ``text`` starts like the caption of a figure or table."""
    return _CAPTION.match(text) is not None


def is_usual_heading(text: str) -> bool:
    """Tell whether ``text`` is one of the headings that go without number: 摘要, 参考文献, Introduction and such."""
    return _UNNUMBERED.match(text) is not None


def is_contents_heading(text: str) -> bool:
    """Tell whether ``text`` heads a table of contents."""
    return _CONTENTS.match(text) is not None


def is_contents_line(text: str) -> bool:
    """Tell whether ``text`` is a line of a table of contents with leader dots."""
    return _LEADER.search(text) is not None


def without_page(text: str) -> str:
    """Return a line of a table of contents without leader dots and page number."""
    return _PAGE_AT_END.sub("", text)
