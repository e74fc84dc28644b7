"""Units of measure: what counts as one, and where a heading, a label or a line above a table names one."""

import re
import unicodedata
from typing import Final

from wenyuan.words.quantities import is_unit_word

_SCALES: Final = "十百千万亿"
_SCALED: Final = re.compile(rf"(?P<scale>(?:[{_SCALES}]{{1,2}}))(?P<base>\D*)")
_BRACKETS: Final = re.compile(r"[(\[【]([^()\[\]【】]{1,16})[)\]】]")
_AFTER_SLASH: Final = re.compile(r"[^\d\s]\s*/\s*([^/\s]{1,10})$")
_LINE: Final = re.compile(
    r"(?:单位|计量单位|unit|amounts?\s+in)\s*[:：]?\s*(?P<unit>[^\s,，;；()（）。]{1,16})", re.IGNORECASE
)
_COUNTED: Final = re.compile(r"^(?:每|per\s+)", re.IGNORECASE)
# Units that stand in tables beside those the text of questions and answers is compared in.
_MORE: Final = frozenset({
    "d", "mg", "μg", "ug", "ng", "kcal", "kj", "j", "pa", "bar", "n", "nm", "μm", "um", "ml", "dl", "mol",
    "mmol", "pt", "px", "dpi", "rpm", "bps", "mbps", "gbps", "kbps", "tb", "pb", "hpa", "gw", "gwh", "mwh",
    "twh", "mva", "u", "iu", "cfu", "bp", "基点", "港元", "港币", "日元", "英镑", "hkd", "jpy", "gbp",
    "million", "thousand", "billion", "股", "户", "头", "羽", "亩", "公顷", "立方", "标准煤", "人次", "人天",
    "人月", "页", "篇", "例", "辆", "艘", "架", "批", "家", "所", "间", "栋", "班", "分", "点", "卷", "册",
})  # fmt: skip


def is_unit(text: str) -> bool:
    """Tell whether a text is a unit: ``万元``, ``%``, ``mg/L``, ``元/吨``, ``kg``."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or len(plain) > 16 or any(char.isdigit() and char not in "23" for char in plain):
        return False
    return all(_is_simple(_COUNTED.sub("", part.strip())) for part in re.split(r"[/·*每]", plain))


def unit_in_heading(text: str) -> str | None:
    """Return the unit a heading or label names: ``金额（万元）``, ``比重/%``, ``单位：元``; None without one."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for inside in reversed(_BRACKETS.findall(plain)):
        unit = inside.split(":")[-1].strip()
        if is_unit(unit):
            return str(unit)
    slash = _AFTER_SLASH.search(plain)
    if slash and is_unit(slash[1]):
        return slash[1]
    return unit_in_line(plain)


def unit_in_line(text: str) -> str | None:
    """Return the unit that a line above a table gives for all of it: ``单位：万元 币种：人民币``."""
    plain = unicodedata.normalize("NFKC", text)
    found = _LINE.search(plain)
    if found is None:
        return None
    unit = found["unit"].rstrip(".")
    unit = re.split(r"币种|,|、", unit)[0]
    return unit if is_unit(unit) else None


def joined_unit(scale: str, base: str | None) -> str:
    """Return a scale before a unit, unless the unit has one of its own: 万 and 元 make 万元, 亿 and 万元 亿元."""
    own = _SCALED.match(base) if base else None
    return scale + (own["base"] if own else base or "")


def _is_simple(word: str) -> bool:
    lowered = word.lower()
    if not word:
        return False
    if is_unit_word(lowered) or lowered in _MORE:
        return True
    scaled = _SCALED.fullmatch(word)
    if scaled is None:
        return lowered.startswith("人民币") and _is_simple(word[3:])
    base = scaled["base"].lower()
    return not base or is_unit_word(base) or base in _MORE
