"""Which documents of the evidence another one of it has replaced, by their titles and by what they say."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.answers import Evidence
from wenyuan.text import fold
from wenyuan.words.terms import simplified

#: Kinds of documents of which a newer one takes the place of the older; reports, minutes and plans stand side by side.
_RULES: Final = re.compile(
    r"办法|制度|规定|规程|规范|标准|条例|细则|准则|手册|指南|政策|守则|章程|流程|须知|要求|说明书|指引|法$|gb/?t?\s?\d|iso\s?\d"
    r"|\b(?:polic(?:y|ies)|standards?|regulations?|handbook|manual|guid(?:e|eline|elines)|procedures?|rules?|code"
    r"|specifications?|terms|instructions?)\b"
)
_RECORDS: Final = re.compile(
    r"报告|年报|季报|月报|财报|总结|计划|预算|纪要|会议|名单|通报|台账|统计"
    r"|\b(?:reports?|minutes|budgets?|plans?|results|review|statistics|meeting)\b"
)
_DATE: Final = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?:\s?[-./年]\s?(?P<m>1[0-2]|0?[1-9])(?:\s?[-./月]\s?(?P<d>3[01]|[12]\d|0?[1-9])日?)?)?"
    r"(?:月|年)?(?:\s?(?:版|修订版?|修正版?|edition|revision))?(?!\d)"
)
_NUMBER: Final = re.compile(
    r"(?:\b(?:version|ver\.?|v|rev(?:ision)?\.?|edition)\s?|第)(?P<n>\d{1,3}(?:\.\d{1,3}){0,2})(?:\s?版)?"
    r"|(?<![\w.])(?P<n2>\d{1,2}(?:\.\d{1,2})?)\s?版|第(?P<c>[一二三四五六七八九十])版"
)
_PLAIN: Final = re.compile(
    r"修订[版稿]?|修正[版案]?|最新版?|现行|旧版|新版|正式版?|\b(?:new|old|latest|revised|final)\b"
)
_SIGNS: Final = re.compile(r"[\W_]+")
_CHINESE: Final = "一二三四五六七八九十"
_REFERENCE: Final = (
    r"《(?P<title>[^《》]{2,60})》"
    r"|(?P<code>(?:gb|iso|iec|dl|yy|jb|hg|q)[/\s]?[a-z]{0,3}\s?\d[\d.]*(?:\s?[-—–]\s?\d{4})?)"
)
_REPLACES: Final = (
    re.compile(rf"(?:代替|替代|取代)[^。；《]{{0,10}}?(?:{_REFERENCE})"),
    re.compile(rf"(?:原|此前|旧)[^。；《]{{0,16}}?(?:{_REFERENCE})[^。；]{{0,60}}?(?:废止|失效|停止执行|不再执行)"),
    re.compile(
        rf"(?:{_REFERENCE})(?:[（(][^（）()]{{0,40}}[)）])?[^。；，《]{{0,12}}(?:同时|即行|即|予以|自行)?"
        r"(?:废止|停止执行|不再执行)"
    ),
    re.compile(
        r"\b(?:replaces|supersedes|repeals|in place of)\s(?:the\s)?(?:former\s|previous\s|earlier\s)?"
        r"[“\"']?(?P<title>[a-z][^“”\"'.;]{4,80}?(?:\s?[(]?(?:19|20)\d\d[)]?)?)(?:[”\"'.;,]|$)"
    ),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A title without what tells its editions apart, and that: a date or a number, both may be missing."""

    stem: str
    date: tuple[int, ...]
    number: tuple[int, ...]


def edition(title: str) -> Edition:
    """Part a title: 差旅管理办法（2021年修订） is an edition of 差旅管理办法 of 2021."""
    plain = simplified(fold(title))
    dates = [tuple(int(part or 0) for part in match.group("y", "m", "d")) for match in _DATE.finditer(plain)]
    rest = _DATE.sub(" ", plain)
    numbers = [_parts(match) for match in _NUMBER.finditer(rest)]
    stem = _SIGNS.sub("", _PLAIN.sub(" ", _NUMBER.sub(" ", rest)))
    return Edition(stem, max(dates, default=()), max(numbers, default=()))


def replaced(evidence: Sequence[Evidence]) -> dict[str, str]:
    """Return, by the id of a document of the evidence that has been replaced, the id of its newest replacement."""
    documents = {piece.document_id: piece for piece in reversed(evidence)}
    editions = {key: edition(piece.document_title) for key, piece in documents.items()}
    newer: dict[str, str] = {}
    for old in documents:
        later = [new for new in documents if new != old and _later(documents, editions, new, old)]
        if later:
            newer[old] = max(later, key=lambda key: (editions[key].date, editions[key].number, key))
    for piece in evidence:
        for reference in _references(piece.text):
            for key in documents:
                if key != piece.document_id and key not in newer and _meant(reference, piece, key, documents, editions):
                    newer[key] = piece.document_id
    return {old: _last(old, newer) for old in newer}


def _later(documents: Mapping[str, Evidence], editions: Mapping[str, Edition], new: str, old: str) -> bool:
    one, other = editions[new], editions[old]
    title = simplified(fold(documents[new].document_title))
    if one.stem != other.stem or len(one.stem) < 3 or not _RULES.search(title) or _RECORDS.search(title):
        return False
    if one.date and other.date and one.date != other.date:
        return one.date > other.date
    if one.number and other.number and one.number != other.number:
        return one.number > other.number
    if one.date != other.date or one.number != other.number:
        return False
    return bool(documents[old].dated) and documents[new].dated > documents[old].dated


def _references(text: str) -> list[Edition]:
    plain = simplified(fold(text))
    found = []
    for pattern in _REPLACES:
        for match in pattern.finditer(plain):
            named = match.groupdict()
            found.append(edition(named.get("title") or named.get("code") or ""))
    return found


def _meant(
    reference: Edition,
    piece: Evidence,
    key: str,
    documents: Mapping[str, Evidence],
    editions: Mapping[str, Edition],
) -> bool:
    """Say whether the document ``key`` is the one that ``piece`` says it replaces."""
    own, other = editions[piece.document_id], editions[key]
    if len(reference.stem) < 3 or not re.fullmatch(rf"{reference.stem}(?:[^\d].*)?", other.stem):
        return False
    # Whoever may upload may write that anything is repealed: of others' documents only earlier editions are.
    if own.stem != other.stem and (not piece.uploader or piece.uploader != documents[key].uploader):
        return False
    if reference.date and other.date:
        return reference.date[0] == other.date[0]
    if own.stem == other.stem and own.date and other.date:
        return own.date > other.date
    return not (piece.dated and documents[key].dated and piece.dated < documents[key].dated)


def _last(old: str, newer: Mapping[str, str]) -> str:
    seen = {old}
    key = newer[old]
    while key in newer and newer[key] not in seen:
        seen.add(key)
        key = newer[key]
    return key


def _parts(match: re.Match[str]) -> tuple[int, ...]:
    if match["c"]:
        return (_CHINESE.index(match["c"]) + 1,)
    return tuple(int(part) for part in (match["n"] or match["n2"]).split("."))
