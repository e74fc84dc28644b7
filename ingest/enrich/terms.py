"""Terms that a document defines, and abbreviations that it introduces."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.enrich.reading import Reading
from wenyuan.documents import DefinedTerm
from wenyuan.text import is_cjk
from wenyuan.words.quantities import is_unit

LIMIT: Final = 40
_LONGEST_STATEMENT: Final = 1_200
_LONGEST_MEANING: Final = 240
_LONGEST_TERM: Final = 40
_QUOTES: Final = "“”\"'‘’「」『』《》【】|"
#: （以下简称“甲方”）, （下称：乙方）, (hereinafter referred to as "X"), (the "X"), ("X")
_SHORT_NAME: Final = re.compile(
    r"""[（(]\s?(?:(?:以下|下)(?:简称|统称|称|合称)?(?:为)?|简称(?:为)?)\s?[:：]?\s?[“"「『‘]?(?P<zh>[^”"」』’（）()，。；]{1,24})[”"」』’]?\s?[）)]
      |[(（]\s?(?:(?:here(?:in)?after|collectively|individually)[ ,]{1,2})?
        (?:(?:referred\ to\ as|called|collectively)[ ,]{1,2})?(?:each\ an?\ |the\ |a\ )?
        [“"](?P<en>[A-Z][^”"()]{0,38})[”"]\s?[)）]""",
    re.VERBOSE,
)
#: 本法所称劳动者，是指…… / 保密信息是指…… / “工作日”指……
_DEFINED: Final = (
    re.compile(
        r"^(?:本[\u4e00-\u9fff]{1,6}(?:中|中所|所|内)?(?:称|指|用|述)的?)?"
        r"[“\"「『]?(?P<term>[^，。；：:“”\"「」『』]{2,24}?)[”\"」』]?\s?[，,：:]?\s?(?:系|均|即)?(?:是指|指的是|系指|指)(?!导|定|示|标|数|引|挥|派|出|明|南|令|甲|纹|控|责|望)\s?[：:]?(?P<meaning>.{4,})$"
    ),
    re.compile(
        r"[“\"](?P<term>[^”\"]{2,40})[”\"]\s(?:shall\s)?(?:means?|refers?\sto|has\sthe\smeaning)\s(?P<meaning>.{4,})$"
    ),
    re.compile(
        r"^(?P<term>[A-Z][A-Za-z\-]{1,24}(?:\s[A-Z][A-Za-z\-]{1,24}){0,3})\s(?:means|refers\sto)\s(?P<meaning>.{4,})$"
    ),
)
#: 关键绩效指标（KPI）, service level agreement (SLA)
_ABBREVIATED: Final = re.compile(r"\s?[（(](?P<short>[A-Z][A-Za-z0-9&/-]{1,9})[）)]")
_BOUNDARY: Final = re.compile(
    r"[，。；：:、！？“”\"（）()《》\s|]|(?:采用|使用|按照|根据|以及|通过|包括|称为|[的为是和与及对在按用由至将把以被向从])"
)
_NUMBER: Final = re.compile(
    r"^(?:[●○•·■□◆▪*-]\s|第[一二三四五六七八九十百零\d]{1,6}[条款章节]|[（(]?[一二三四五六七八九十\d]{1,3}(?:\.\d{1,2})*[）)、.．])\s?"
)
_NO_TERM: Final = re.compile(r"^(?:为|在|对|如|若|凡|这|那|所|其|应|请|可|不)|[“”\"『「]")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z'-]*")
_NOUN_START: Final = re.compile(r"^(?:the|an?|our|its|and|or|of|for|with|by|to)\s", re.IGNORECASE)


def terms(reading: Reading) -> tuple[DefinedTerm, ...]:
    """Return up to ``LIMIT`` terms in reading order, each term once, by its first definition."""
    found: dict[str, DefinedTerm] = {}
    for statement in reading.statements:
        text = _NUMBER.sub("", statement.text)
        if len(text) > _LONGEST_STATEMENT:
            continue
        for term, meaning in (*_short_names(text), *_definitions(text), *_abbreviations(text)):
            term, meaning = term.strip(f" {_QUOTES}"), meaning.strip(f" {_QUOTES}，,：:")  # noqa: PLW2901
            if _NO_TERM.search(term):
                continue
            if 0 < len(term) <= _LONGEST_TERM and len(meaning) > 1:
                found.setdefault(term.casefold(), DefinedTerm(term, meaning[:_LONGEST_MEANING], statement.block))
        if len(found) >= LIMIT:
            break
    return tuple(list(found.values())[:LIMIT])


def _short_names(text: str) -> Iterator[tuple[str, str]]:
    for match in _SHORT_NAME.finditer(text):
        before = text[: match.start()]
        if match["zh"]:
            yield match["zh"], re.split(r"[，。；：:]|(?:由|与|和|及)(?=[^由与和及]{4,}$)", before)[-1]
        else:
            yield match["en"], _NOUN_START.sub("", re.split(r"[,;:.]\s|\s(?:between|by|and)\s", before)[-1].strip())


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _DEFINED:
        if match := pattern.search(text):
            yield match["term"], match["meaning"].rstrip("。.;；")
            return


def _abbreviations(text: str) -> Iterator[tuple[str, str]]:
    for match in _ABBREVIATED.finditer(text):
        before, short = text[: match.start()], match["short"]
        if not before or sum(char.isupper() for char in short) < 2 or _measures(short):
            continue
        if is_cjk(before[-1]):
            parts = _BOUNDARY.split(before[-24:])
            long = parts[-1]
            if 3 <= len(long) <= 16 and (len(parts) > 1 or len(before) <= 24):
                yield short, long
        elif long := _spelled_out(before, short):
            yield short, long


def _measures(short: str) -> bool:
    """Whether it is a unit and not a name: 额定容量（MVA）."""
    return is_unit(short.lower()) or short in {"MVA", "MWH", "GWH", "GW", "TB", "GB"}


def _spelled_out(before: str, short: str) -> str:
    """Return the words right before an abbreviation whose initials it is, else nothing; small words may be skipped."""
    letters = [char.lower() for char in short if char.isalpha()]
    words = list(_WORD.finditer(before[-160:]))
    place = len(words) - 1
    for letter in reversed(letters):
        skipped = 0
        while place >= 0 and words[place].group()[0].lower() != letter:
            if words[place].group().lower() not in {"of", "and", "the", "for", "in", "to", "on", "a"} or skipped > 1:
                return ""
            place, skipped = place - 1, skipped + 1
        if place < 0:
            return ""
        place -= 1
    return before[-160:][words[place + 1].start() :].strip()
