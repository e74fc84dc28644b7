"""Conditions written in a question: ``space:hr -type:contract after:2024 年假怎么算``.

``[-]key:value`` stands at the beginning or behind white space; nothing stands between key, colon (half or full width)
and value; a value with white space is put in quotes. The same key again widens (``space:a space:b``), different keys
narrow, ``-`` leaves out. A known key with a value that it does not have is an error, a key that is nearly a known one
too; everything else with a colon is text (``http://…``, ``3:1``, ``std::map``), and so is what stands in quotes.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from retrieval.query.dates import read_period
from wenyuan.documents import DocumentKind
from wenyuan.text import fold, squeeze
from wenyuan.words.filters import FORMATS, Condition, FilterField, FilterInvalid, FilterTooMany, FilterUnknown

#: Conditions of one question at most, and characters of a value.
MAX_CONDITIONS: Final = 20
MAX_VALUE: Final = 200

_KEYS: Final[Mapping[str, FilterField]] = {
    **{field.value: field for field in FilterField},
    "language": FilterField.LANGUAGE,
    "空间": FilterField.SPACE,
    "类型": FilterField.TYPE,
    "标签": FilterField.TAG,
    "关键词": FilterField.TAG,
    "负责人": FilterField.OWNER,
    "所有者": FilterField.OWNER,
    "语言": FilterField.LANGUAGE,
    "晚于": FilterField.AFTER,
    "早于": FilterField.BEFORE,
    "时间": FilterField.DATE,
    "日期": FilterField.DATE,
}
#: What people write for a key that is another one.
_MEANT: Final[Mapping[str, str]] = {
    "author": "owner", "since": "after", "until": "before", "filetype": "type", "tags": "tag",
}  # fmt: skip
_SHORTEST_SLIP: Final = 4

_TOKEN: Final = re.compile(
    r"(?<!\S)(?P<no>-?)(?P<key>[A-Za-z]{2,10}|[\u4e00-\u9fff]{2,3})[:：]"
    r"(?:[\"“”](?P<double>[^\"“”]*)[\"“”]|「(?P<corner>[^「」]*)」|(?P<bare>[^\s\"“”「」]+))"
)
_BARE_END: Final = ",，;；?？!！。、"

_KINDS: Final[Mapping[str, str]] = {
    **{kind.value: kind.value for kind in DocumentKind if kind is not DocumentKind.UNKNOWN},
    "合同": "contract", "协议": "contract", "法律": "law", "法规": "law", "法律法规": "law", "手册": "handbook",
    "报告": "report", "发票": "invoice", "标准": "standard", "制度": "policy", "规章": "policy", "规定": "policy",
    "简历": "resume", "纪要": "minutes", "会议纪要": "minutes", "邮件": "mail", "email": "mail", "说明书": "manual",
    "论文": "paper",
}  # fmt: skip
_FORMATS: Final[Mapping[str, str]] = {
    **{name: name for name in FORMATS},
    "ofd": "pdf", "doc": "word", "docx": "word", "xls": "sheet", "xlsx": "sheet", "csv": "sheet", "excel": "sheet",
    "表格": "sheet", "ppt": "slides", "pptx": "slides", "幻灯片": "slides", "演示文稿": "slides", "图片": "image",
    "html": "web", "网页": "web", "eml": "message", "msg": "message", "md": "text", "markdown": "text", "txt": "text",
    "文本": "text", "json": "data", "srt": "subtitles", "vtt": "subtitles", "字幕": "subtitles", "epub": "book",
    "电子书": "book",
}  # fmt: skip
_LANGUAGES: Final[Mapping[str, str]] = {
    "zh": "zh", "zh-cn": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
    "en": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip
_TIMES: Final = "2024, 2024-03, 2024-03-01, 2024Q3, 去年, last month"


def read_conditions(text: str, today: date) -> tuple[str, tuple[Condition, ...]]:
    """Return a question without its conditions, and these in order.

    Raises ``FilterInvalid``, ``FilterUnknown`` or ``FilterTooMany``.
    """
    found: list[Condition] = []

    def take(match: re.Match[str]) -> str:
        key = fold(match["key"])
        quoted = match["double"] if match["double"] is not None else match["corner"]
        value = match["bare"] if quoted is None else quoted
        behind = ""
        if quoted is None:
            value = value.rstrip(_BARE_END)
            behind = match["bare"][len(value) :]
        if quoted is None and (not value or value.startswith((":", "：", "/"))):
            return match.group()
        field = _KEYS.get(key)
        if field is None:
            if (meant := _slip(key)) is not None:
                raise FilterUnknown(key=key, meant=meant)
            return match.group()
        found.append(condition(field, value, negated=bool(match["no"]), today=today))
        return f" {behind}" if behind else " "

    left = _TOKEN.sub(take, text)
    if not found:
        return text, ()
    if len(found) > MAX_CONDITIONS:
        raise FilterTooMany(limit=MAX_CONDITIONS)
    return squeeze(left).lstrip(_BARE_END + " "), tuple(dict.fromkeys(found))


def without_conditions(text: str) -> str:
    """Return a question without what is written like its conditions, whether their values are known or not."""
    return squeeze(_TOKEN.sub(lambda match: " " if fold(match["key"]) in _KEYS else match.group(), text))


def condition(field: FilterField, value: str, *, today: date, negated: bool = False) -> Condition:
    """Return the condition that ``field`` is ``value``; raises ``FilterInvalid`` for a value that it does not have."""
    plain = squeeze(value)
    if not plain or len(plain) > MAX_VALUE:
        raise FilterInvalid(field=field.value, value=plain[:MAX_VALUE], known=f"1–{MAX_VALUE}")
    if field in _TIMES_OF:
        period = read_period(plain, today)
        if period is None:
            raise FilterInvalid(field=field.value, value=plain, known=_TIMES)
        return Condition(field, plain, negated, period)
    table = _CHOICES.get(field)
    if table is None:
        return Condition(field, plain, negated)
    known = table.get(fold(plain).lstrip("."))
    if known is None:
        raise FilterInvalid(field=field.value, value=plain, known=", ".join(dict.fromkeys(table.values())))
    return Condition(field, known, negated)


_TIMES_OF: Final = frozenset({FilterField.AFTER, FilterField.BEFORE, FilterField.DATE})
_CHOICES: Final[Mapping[FilterField, Mapping[str, str]]] = {
    FilterField.TYPE: {**_KINDS, **_FORMATS},
    FilterField.LANGUAGE: _LANGUAGES,
}


def _slip(key: str) -> str | None:
    """Return the key that was meant by one that is one slip away from it: a letter more, less, other, or swapped.

    The first letter is the one that nobody gets wrong: ``rate:`` is no ``date:``.
    """
    if key in _MEANT:
        return _MEANT[key]
    likely = [known for known in _KEYS if len(known) >= _SHORTEST_SLIP and known[0] == key[0]]
    return next((known for known in likely if _near(key, known)), None) if len(key) >= _SHORTEST_SLIP else None


def _near(one: str, other: str) -> bool:
    if len(one) == len(other):
        apart = [at for at in range(len(one)) if one[at] != other[at]]
        swapped = len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(one) == sorted(other)
        return len(apart) <= 1 or swapped
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return len(longer) - len(shorter) == 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )
