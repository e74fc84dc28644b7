"""The questions of our own: files parsed, each question put to the tables near the one it is about, answers judged."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.answering.tables.made import write_all
from benchmarks.parsing.parser import parse, product_parser
from generation.tables.amounts import converted, scale_of_cells
from generation.tables.answerer import READINGS
from generation.tables.deciding import Decision, told
from generation.tables.reading.asking import Op, read_question
from generation.tables.reading.mentions import title_places
from generation.tables.reading.relation import Relation, captions, read_relation
from generation.tables.readings import apart
from wenyuan.documents import Block, BlockKind, ParsedDocument

QUESTIONS: Final = tuple(
    Path(__file__).with_name(f"questions{name}.yaml") for name in ("", "_made", "_fresh", "_asked", "_sight", "_newest")
)
#: Other tables of the file beside those of the page: the ones nearest to the question by their words.
_OTHERS: Final = 5
_ABOVE: Final = (BlockKind.CAPTION, BlockKind.TITLE, BlockKind.PARAGRAPH, BlockKind.LIST)
Gold = float | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the file and page (None: the whole file) of its table, and the value; None has to be refused."""

    file: str
    page: int | None
    half: str
    ask: str
    gold: Gold


def questions(paths: Sequence[Path] = QUESTIONS) -> list[Question]:
    """Return the questions of the set."""
    groups: list[dict[str, Any]] = [
        group for path in paths for group in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    return [
        Question(group["file"], group.get("page"), group["half"], one["ask"], one["gold"])
        for group in groups
        for one in group["questions"]
    ]


async def parse_all(names: Sequence[str], folders: Sequence[Path]) -> dict[str, ParsedDocument]:
    """Parse the files named, found in or below the folders, and those that are written for it (``made:``)."""
    parsed = {}
    with tempfile.TemporaryDirectory() as folder:
        made = write_all(Path(folder))
        async with product_parser(ocr=False) as parser:
            for name in dict.fromkeys(names):
                path = made[name[5:]] if name.startswith("made:") else _find(name, folders)
                parsed[name] = await parse(parser, path)
    return parsed


def _find(name: str, folders: Sequence[Path]) -> Path:
    for folder in folders:
        for path in folder.rglob(name):
            return path
    raise FileNotFoundError(name)


def candidates(question: Question, parsed: ParsedDocument) -> list[Relation]:
    """Return the tables that a question is put to: those of its page, and the nearest others of the file."""
    found = _relations(parsed)
    mine = [
        one
        for block, one in found
        if question.page is None or (block.boxes[:1] and block.boxes[0].page == question.page)
    ]
    rest = [one for block, one in found if not any(one is other for other in mine)]
    asked = read_question(question.ask)
    near = sorted(
        rest, key=lambda one: -len(title_places(asked, (*one.titles, *(p.text for line in one.grid for p in line))))
    )
    return [*mine, *near[:_OTHERS]]


_KEPT: Final[dict[int, list[tuple[Block, Relation]]]] = {}


def _relations(parsed: ParsedDocument) -> list[tuple[Block, Relation]]:
    if id(parsed) not in _KEPT:
        _KEPT[id(parsed)] = list(_read(parsed))
    return _KEPT[id(parsed)]


def _read(parsed: ParsedDocument) -> Iterator[tuple[Block, Relation]]:
    above: list[str] = []
    section: tuple[str, ...] | None = None
    for block in parsed.blocks:
        if block.table is None:
            if section is not None and block.heading_path != section:
                above = []
            section = None
            above = [*above, *block.text.split("\n")] if block.kind in _ABOVE else above
            continue
        relation = read_relation(block.table, (parsed.title or "", *block.heading_path, *captions(above)))
        section = block.heading_path
        if relation is not None:
            yield block, relation


def is_right(question: Question, decision: Decision | None) -> bool:
    """Whether what was decided is the value asked for, to the digits of the gold, or a refusal where that is due."""
    gold = question.gold
    if gold is None or decision is None:
        return (gold is None) is (decision is None)
    values = answered(decision)
    if isinstance(gold, list):
        return sorted(map(_text, gold)) == sorted(map(_text, map(str, values)))
    if len(values) != 1:
        return False
    if isinstance(gold, str):
        written = {values[0], decision.result.operands[0].text} if decision.plan.op is Op.LOOKUP else {values[0]}
        return _text(gold) in {_text(str(one)) for one in written}
    try:
        value = Decimal(str(values[0]).replace(",", ""))
    except InvalidOperation:
        return False
    digits = max(0, -int(Decimal(repr(gold)).as_tuple().exponent))
    wanted = Decimal(repr(gold))
    shares = (value, value * 100) if decision.plan.op is Op.RATIO else (value,)
    told = _converted(question.ask, value, decision)
    return any(abs(round(one, digits) - wanted) <= Decimal(10) ** -(digits + 6) for one in (*shares, *told))


def _converted(ask: str, value: Decimal, decision: Decision) -> list[Decimal]:
    """Return a number in the scale that the question names, as the answer tells it beside that of the table."""
    unit = decision.result.unit
    if decision.plan.op is Op.LOOKUP:
        first = decision.result.operands[0]
        unit = decision.relation.at(first.row, first.column).unit
    other = converted(ask, value, unit, scale_of_cells(decision.relation, decision.result.operands))
    return [] if other is None else [other[0]]


def is_offered(question: Question, found: Sequence[Decision]) -> bool:
    """Whether several readings are told that can be told apart, and one of them is the value asked for."""
    told = 1 < len(found) <= READINGS and all(apart(found))
    return told and any(is_right(question, one) for one in found)


def answered(decision: Decision) -> list[Decimal | str]:
    """Return the values that a decision tells."""
    result = decision.result
    if result.holds is not None:
        return ["yes" if result.holds else "no"]
    if result.number is not None:
        return [result.number]
    if decision.plan.op is Op.LOOKUP:
        return list(dict.fromkeys(one.text if one.number is None else one.number for one in result.operands))
    return list(told(decision))


@cache
def _text(text: str) -> str:
    return "".join(text.split()).casefold()
