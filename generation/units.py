"""What can be quoted from a passage: sentences, list items, table rows with their header."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wenyuan.answers import Evidence
from wenyuan.text import Sentence, cjk_share, is_cjk, is_table_row, sentences, squeeze
from wenyuan.words.quantities import quantities
from wenyuan.words.terms import normalise

_LIST_MARK = re.compile(
    r"\s*(?:[-*•·●○■□◆▪–—]\s|\(?\d{1,3}[.)、）]|[（(][一二三四五六七八九十\d]+[）)]|[①-⑳]|[A-Za-z][.)]\s)"
)
_TERMINAL = re.compile(r"[。！？!?；;.…][”’」』）)\]\"']*$")
_ASKS = re.compile(r"[？?][”’」』）)\]\"']*$")
_RULE = re.compile(r"[\s|:\-–—=]+")
_FORMULA = re.compile(r"\\[A-Za-z]+|\$")
# A letter of its own and a command of a formula are no words.
_WORD = re.compile(r"[^\W\d_A-Za-z]{2}|(?<![\\A-Za-z])[A-Za-z]{3,}")
# The marks along an axis of a chart, and what of words recognition made of its picture.
_FIGURE = re.compile(r"(?<!\S)[-+]?\d[\d.,]*%?(?!\S)")
_NAMED = re.compile(r"[^\W\d_A-Za-z]{2}|[A-Za-z]{4}")
_SCALE = 3
_YEAR = re.compile(r"(?:19|20)\d\d\s?年?")
_LEAST_NAME = 3
_HEADING_CHARS = {"zh": 30, "en": 70}


class UnitKind(StrEnum):
    """How a unit reads and how it is shown."""

    SENTENCE = "sentence"
    ITEM = "item"
    ROW = "row"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable span of one passage: ``text == evidence.text[start:end]``.

    ``context`` are the words that say what the unit is about without being part of it: headings, header rows, the line
    that opens a list. ``header`` are the cells of the header rows, ``caption`` is the line above the table, ``section``
    the nearest heading and the line that opens the list.
    """

    source: int
    order: int
    start: int
    end: int
    text: str
    kind: UnitKind
    context: str
    header: tuple[tuple[str, ...], ...] = ()
    caption: str = ""
    section: str = ""


def cells(row: str) -> tuple[str, ...]:
    """Return the cells of a table row, trimmed; outer bars are no cells."""
    inner = row.strip()
    inner = inner.removeprefix("|").removesuffix("|")
    return tuple(squeeze(cell) for cell in inner.split("|"))


def units_of(source: int, evidence: Evidence) -> list[Unit]:
    """Return the units of a passage in reading order.

    A formula without words, to which no line leads up, says nothing by itself and is none, nor are the bare numbers
    along the axis of a chart.
    """
    outline = " ".join((evidence.document_title, *evidence.heading_path))
    section = evidence.heading_path[-1] if evidence.heading_path else ""
    spans = sentences(evidence.text)
    found: list[Unit] = []
    table = _Table()
    local = opener = ""
    for order, span in enumerate(spans):
        if is_table_row(span.text):
            if not table.rows:
                table = _read_table(spans, order)
            if order in table.rows:
                context = f"{outline} {local} {' '.join(table.names)}"
                found.append(
                    Unit(
                        source,
                        order,
                        span.start,
                        span.end,
                        span.text,
                        UnitKind.ROW,
                        context,
                        table.header,
                        local,
                        section,
                    )
                )
            continue
        table = _Table()
        if not opener and _says_nothing(span.text):
            continue
        # What asks does not answer: it names what follows, unless it is one of the questions that a line announces.
        kind = UnitKind.HEADING if _ASKS.search(span.text) and not opener else _kind(span, spans, order)
        if kind is UnitKind.SENTENCE and _goes_on(found, span, evidence.text):
            kind = UnitKind.ITEM
        if kind is not UnitKind.ITEM:
            opener = ""
        above = " ".join(part for part in (local or section, opener) if part)
        found.append(
            Unit(source, order, span.start, span.end, span.text, kind, f"{outline} {local} {opener}", section=above)
        )
        if kind is UnitKind.HEADING:
            local = span.text
        elif span.text[-1] in "：:":
            opener = span.text
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """The header rows of a table and the places of its value rows."""

    header: tuple[tuple[str, ...], ...] = ()
    rows: frozenset[int] = frozenset()

    @property
    def names(self) -> list[str]:
        return [name for row in self.header for name in row]


def _read_table(spans: Sequence[Sentence], first: int) -> _Table:
    """Part the rows from ``first`` on into header and values.

    The first row is the header when it names columns rather than holding values and something follows it; a shorter
    second row without values belongs to it (the lower level of a merged header).
    """
    last = first
    while last < len(spans) and is_table_row(spans[last].text):
        last += 1
    places = [i for i in range(first, last) if not _RULE.fullmatch(spans[i].text)]
    rows = [cells(spans[i].text) for i in places]
    header = 0
    if len(rows) > 1 and sum(map(_is_value, rows[0])) * 2 < len(rows[0]):
        second = len(rows) > 2 and len(rows[1]) < len(rows[0]) and not any(map(_is_value, rows[1]))
        header = 2 if second else 1
    return _Table(tuple(rows[:header]), frozenset(places[header:]))


def _is_value(cell: str) -> bool:
    found = quantities(cell)
    if _YEAR.fullmatch(cell):
        return False
    return bool(found) and sum(q.end - q.start for q in found) * 2 >= len(cell)


def _goes_on(found: Sequence[Unit], span: Sentence, text: str) -> bool:
    """Tell whether a sentence stands behind another one in the line of an item: the item has several."""
    if not found or found[-1].kind is not UnitKind.ITEM or span.text[-1] in "：:":
        return False
    return "\n" not in text[found[-1].end : span.start]


def _says_nothing(text: str) -> bool:
    if _FORMULA.search(text) and not _WORD.search(text):
        return True
    return len(_FIGURE.findall(text)) >= _SCALE and not _NAMED.search(text)


def _kind(span: Sentence, spans: Sequence[Sentence], order: int) -> UnitKind:
    if _LIST_MARK.match(span.text) and not span.text.rstrip().endswith(("：", ":")):
        return UnitKind.ITEM
    limit = _HEADING_CHARS["zh" if cjk_share(span.text) >= 0.3 else "en"]
    bare = not _TERMINAL.search(span.text) and not any(mark in span.text for mark in "：:，,")
    names_table = order + 1 < len(spans) and is_table_row(spans[order + 1].text) and not _TERMINAL.search(span.text)
    if names_table and len(span.text) <= 3 * limit:
        return UnitKind.HEADING
    if bare and len(span.text) <= limit and order + 1 < len(spans) and not quantities(span.text):
        return UnitKind.HEADING
    return UnitKind.SENTENCE


def row_as_text(unit: Unit, language: str) -> str:
    """Write a table row so that it can be understood alone: the caption, then ``header: value`` pairs by column.

    When the columns cannot be paired (merged cells), header rows and row are written as they stand, one a line.
    """
    values = cells(unit.text)
    colon, comma, stop = ("：", "；", "。") if language == "zh" else (": ", "; ", ".")
    caption = unit.caption.rstrip("：:") + colon if unit.caption else ""
    if not unit.header:
        return caption + comma.join(v for v in values if v) + stop
    if len(unit.header) > 1 or len(unit.header[0]) != len(values):
        rows = [" | ".join(row) for row in (*unit.header, values)]
        return "\n".join([unit.caption, *rows] if unit.caption else rows)
    pairs = (
        f"{name}{colon}{value}" if name and name != value else value
        for name, value in zip(unit.header[0], values, strict=True)
        if value
    )
    return caption + comma.join(dict.fromkeys(pairs)) + stop


def is_named(unit: Unit, question: str) -> bool:
    """Say whether a unit is a row one of whose cells, and no mere value, stands word for word in the question."""
    if unit.kind is not UnitKind.ROW:
        return False
    asked = f" {normalise(question)} "
    return any(_stands(normalise(cell), asked) for cell in cells(unit.text) if not _is_value(cell))


def _stands(name: str, asked: str) -> bool:
    if not _NAMED.search(name) or len(name) < _LEAST_NAME:
        return False
    return name in asked if is_cjk(name[0]) else bool(re.search(rf"\b{re.escape(name)}\b", asked))


def readable(unit: Unit) -> str:
    """Return what is embedded: a row with caption and headers, a sentence or item under its heading."""
    if unit.kind is UnitKind.ROW:
        return row_as_text(unit, "zh" if cjk_share(unit.text + unit.context) >= 0.3 else "en")
    return f"{unit.section}\n{unit.text}" if unit.section else unit.text
