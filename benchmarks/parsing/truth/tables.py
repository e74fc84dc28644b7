"""Tables of every kind, filled with plausible rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from random import Random
from typing import Final

from benchmarks.parsing.truth.model import TableBlock, TableKind
from benchmarks.parsing.truth.sentences import date, number, percent
from benchmarks.parsing.truth.words import ENGLISH, Domain
from wenyuan.documents import Cell, Table

_YEARS: Final = tuple(range(2019, 2026))
_UNIT_HEADS: Final = ("万元", "%", "吨", "件", "台", "kW")
_STATES: Final = {"zh": ("已完成", "进行中", "未开始", "待验收", "不适用"), "en": ("done", "open", "planned", "n/a")}


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    align: str
    fill: Callable[[], str]


def make_table(
    chooser: Random, domain: Domain, language: str, kind: TableKind, label: str, *, narrow: bool
) -> TableBlock:
    """Return a table of ``kind``; ``narrow`` ones fit into a column of a two-column page."""
    if kind is TableKind.MERGED:
        return _merged(chooser, domain, language, label, narrow=narrow)
    if kind is TableKind.THREE_LINE and chooser.random() < 0.3:
        return replace(_merged(chooser, domain, language, label, narrow=narrow, groups_of_rows=False), kind=kind)
    most = 3 if narrow else 4 if kind is TableKind.CONTINUED else 6
    wraps = kind in (TableKind.THREE_LINE, TableKind.BORDERLESS)
    columns = _columns(
        chooser, domain, language, chooser.randint(3, most), long_text=kind is TableKind.RULED, wraps=wraps
    )
    count = chooser.randint(48, 60) if kind is TableKind.CONTINUED else chooser.randint(4, 9)
    heads = [[column.head for column in columns]]
    rows = [[column.fill() for column in columns] for _ in range(count)]
    if kind is TableKind.CONTINUED:
        rows = [[f"{index}", *row[1:]] for index, row in enumerate(rows, start=1)]
        heads[0][0] = "No." if language == "en" else "序号"
    return TableBlock(kind, plain_table(heads, rows), label, 1, tuple(column.align for column in columns))


def plain_table(heads: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table without spans."""
    cells = [
        Cell(row, column, text, header=row < len(heads))
        for row, texts in enumerate([*heads, *rows])
        for column, text in enumerate(texts)
    ]
    return Table(len(heads) + len(rows), len(heads[0]), tuple(cells))


def _columns(
    chooser: Random, domain: Domain, language: str, count: int, *, long_text: bool, wraps: bool
) -> list[_Column]:
    names = list(domain.objects if chooser.random() < 0.5 else domain.topics)
    chooser.shuffle(names)
    supply = cycle(names)
    first = _Column(
        "Item" if language == "en" else chooser.choice(("项目", "名称", "类别")), "left", lambda: next(supply)
    )
    others = [*_number_columns(chooser, domain), *_word_columns(chooser, domain, language)]
    chooser.shuffle(others)
    chosen = [first, *others[: count - 1]]
    head = "Remark" if language == "en" else "备注"
    if long_text and chooser.random() < 0.6:
        chosen[-1] = _Column(head, "left", lambda: chooser.choice(domain.remarks))
    elif wraps and chooser.random() < 0.3:
        # Two remarks run over the line, so that the rows of a table without rules have several lines.
        joint = ", " if language == "en" else "，"
        chosen[-1] = _Column(head, "left", lambda: joint.join(chooser.sample(domain.remarks, 2)))
    return chosen


def _number_columns(chooser: Random, domain: Domain) -> list[_Column]:
    years = chooser.sample(_YEARS, 3)
    align = chooser.choice(("right", "center"))
    heads = [
        f"{metric}（{chooser.choice(_UNIT_HEADS)}）" if domain is not ENGLISH else metric for metric in domain.metrics
    ]
    made = [_Column(head, align, lambda: number(chooser)) for head in chooser.sample(heads, 2)]
    made += [_Column(f"{year}", align, lambda: number(chooser)) for year in sorted(years)[:2]]
    return [*made, _Column("%", align, lambda: percent(chooser))]


def _word_columns(chooser: Random, domain: Domain, language: str) -> list[_Column]:
    if language == "en":
        return [
            _Column("Owner", "left", lambda: chooser.choice(domain.subjects).removeprefix("the ")),
            _Column("Status", "center", lambda: chooser.choice(_STATES["en"])),
        ]
    return [
        _Column("责任单位", "left", lambda: chooser.choice(domain.subjects)),
        _Column("完成日期", "center", lambda: date(chooser)),
        _Column("状态", "center", lambda: chooser.choice(_STATES["zh"])),
        _Column(
            "型号", "left", lambda: f"{chooser.choice('ABKXZ')}{chooser.randint(10, 99)}-{chooser.randint(100, 999)}"
        ),
    ]


def _merged(
    chooser: Random, domain: Domain, language: str, label: str, *, narrow: bool, groups_of_rows: bool = True
) -> TableBlock:
    """Two rows of heads with spans over the numbers, and groups of rows under one cell of the first column."""
    groups = 1 if narrow else chooser.randint(1, 2)
    leaves = 2 if narrow or chooser.random() < 0.5 else 3
    columns = 2 + groups * leaves
    words = ("Group", "Item", "Total") if language == "en" else ("类别", "项目", "合计")
    cells = [Cell(0, 0, words[0], 2, header=True), Cell(0, 1, words[1], 2, header=True)]
    years = sorted(chooser.sample(_YEARS, groups))
    parts = ("plan", "actual", "gap") if language == "en" else ("计划", "实际", "完成率")
    for group, year in enumerate(years):
        at = 2 + group * leaves
        cells.append(Cell(0, at, f"{year}" if language == "en" else f"{year}年度", 1, leaves, header=True))
        cells += [Cell(1, at + leaf, parts[leaf], header=True) for leaf in range(leaves)]
    row = 2
    names = chooser.sample(domain.objects, min(len(domain.objects), 10))
    for topic in chooser.sample(domain.topics, chooser.randint(2, 3) if groups_of_rows else chooser.randint(4, 7)):
        size = chooser.randint(1, 3) if groups_of_rows else 1
        cells.append(Cell(row, 0, topic, size))
        for _ in range(size):
            cells.append(Cell(row, 1, names.pop()))
            cells += [Cell(row, column, number(chooser)) for column in range(2, columns)]
            row += 1
    if chooser.random() < 0.7:
        cells.append(Cell(row, 0, words[2], 1, 2))
        cells += [Cell(row, column, number(chooser)) for column in range(2, columns)]
        row += 1
    cells.sort(key=lambda cell: (cell.row, cell.column))
    aligns = (chooser.choice(("left", "center")), "left", *(["right"] * (columns - 2)))
    return TableBlock(TableKind.MERGED, Table(row, columns, tuple(cells)), label, 2, aligns)
