"""Where the policies of parts lie in a version.

Pure: blocks and rules in, marks out. A mark is the id of a policy that must let read *besides* the document's; where
several rules name the same text, all of their policies must. Where it is not certain what a rule names, it names more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from wenyuan.documents import Block, BlockKind, BlockRange
from wenyuan.parts.lines import lines_of, sums_up
from wenyuan.parts.numbers import numbered, sealed
from wenyuan.parts.rules import Numbers, Rows, Rule, Selector, comparable

Policies = frozenset[int]
NONE: Final[Policies] = frozenset()
#: A head of a table is looked for in so many rows.
_HEAD_ROWS: Final = 5
_ELSEWHERE: Final = (BlockKind.HEADER, BlockKind.FOOTER, BlockKind.FOOTNOTE)


@dataclass(frozen=True, slots=True)
class Marks:
    """The policies that lie on a version's text.

    ``whole`` lies on all of it, ``blocks`` on blocks by ordinal, ``rows`` on rows of a table by ordinal and row,
    besides what lies on its block. ``titles`` has each heading, as it is compared, with the ordinals it stands at.
    ``counts`` says of each rule how many blocks or rows it names; one that names none lies on the whole version; one by
    numbers of rows, which say something else now, on all in which they were looked for.
    """

    whole: Policies = NONE
    blocks: Mapping[int, Policies] = field(default_factory=dict)
    rows: Mapping[tuple[int, int], Policies] = field(default_factory=dict)
    titles: Mapping[str, Sequence[int]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, ordinal: int, rows: Iterable[int] = ()) -> Policies:
        """Return what lies on a block, and on those rows of it."""
        found = self.whole | self.blocks.get(ordinal, NONE)
        return found.union(*(self.rows.get((ordinal, row), NONE) for row in rows))

    def of_all_rows(self, ordinal: int) -> Policies:
        """Return what lies on a block and on any of its rows."""
        return self.of(ordinal).union(*(held for (block, _), held in self.rows.items() if block == ordinal))

    def of_headings(self, path: Sequence[str], ordinal: int) -> list[Policies]:
        """Return what lies on each heading of the path of a block: on the last such heading before it."""
        return [self._of_heading(comparable(text), ordinal) for text in path]

    def of_chunk(self, ranges: Sequence[BlockRange], path: Sequence[str]) -> Policies:
        """Return what lies on anything that a chunk's text or context says."""
        found = self.whole.union(
            *(self.of(one.ordinal, one.rows) if one.rows else self.of_all_rows(one.ordinal) for one in ranges)
        )
        first = min((one.ordinal for one in ranges), default=0)
        return found.union(*self.of_headings(path, first))

    def _of_heading(self, text: str, ordinal: int) -> Policies:
        places = self.titles.get(text, ())
        before = [place for place in places if place <= ordinal]
        named = before[-1:] or places  # a heading that comes later, or from elsewhere: of all that are like it
        return NONE.union(*(self.blocks.get(place, NONE) for place in named))


def marks_of(blocks: Sequence[Block], rules: Sequence[Rule]) -> Marks:
    """Return where the policies of ``rules`` lie in a version with these blocks."""
    if not rules:
        return Marks()
    layout = _Layout(blocks)
    whole: set[int] = set()
    on_blocks: dict[int, Policies] = {}
    on_rows: dict[tuple[int, int], Policies] = {}
    counts: dict[str, int] = {}
    for rule in rules:
        named, rows, counts[rule.id] = layout.named(rule.selector)
        if not counts[rule.id] and (rule.selector.numbers is None or not named):
            whole.add(rule.policy_id)
            continue
        mark = frozenset({rule.policy_id})
        for ordinal in named:
            on_blocks[ordinal] = on_blocks.get(ordinal, NONE) | mark
        for row in rows:
            on_rows[row] = on_rows.get(row, NONE) | mark
    return Marks(frozenset(whole), on_blocks, on_rows, layout.titles, counts)


def settled(blocks: Sequence[Block], selector: Selector, known: Iterable[Selector]) -> Selector:
    """Return a selector as it is stored: one by numbers of rows with a seal of what they say in these blocks.

    See ``wenyuan.parts.numbers.sealed`` for ``known``.
    """
    if selector.numbers is None:
        return selector
    return sealed(blocks, _Layout(blocks).scope(selector), selector, selector.numbers, known)


class _Layout:
    """Where the blocks of a version stand."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._paths: list[tuple[str, ...]] = []
        self.titles: dict[str, list[int]] = {}
        path: list[str] = []
        levels: list[int] = []
        for ordinal, block in enumerate(blocks):
            if block.kind is BlockKind.TITLE:
                level = max(block.level, 1)
                while levels and levels[-1] >= level:
                    levels.pop()
                    path.pop()
                levels.append(level)
                path.append(comparable(block.text))
                self.titles.setdefault(path[-1], []).append(ordinal)
            self._paths.append(tuple(path))

    def named(self, selector: Selector) -> tuple[set[int], set[tuple[int, int]], int]:
        """Return the blocks that a selector names, the rows of others, and how many it names as its rule means it."""
        scope = self.scope(selector)
        if selector.numbers is not None:
            return self._numbered(scope, selector.numbers)
        if selector.rows is not None:
            blocks, rows = self._rows(scope, selector.rows)
            return blocks, rows, len(rows)
        return scope, set(), len(scope)

    def scope(self, selector: Selector) -> set[int]:
        """Return the blocks among which a selector looks for rows, or which it names."""
        scope = set(range(len(self._blocks)))
        if selector.heading:
            scope &= self._spread(self._below(tuple(map(comparable, selector.heading))))
        if selector.pages is not None:
            scope &= self._on_pages(*selector.pages)
        if selector.sheet is not None:
            scope &= set(self._in_sheet(selector.sheet))
        return scope if selector.numbers is None else {one for one in scope if not self._names_sheet(one)}

    def _below(self, wanted: tuple[str, ...]) -> set[int]:
        found = set()
        for ordinal, (block, path) in enumerate(zip(self._blocks, self._paths, strict=True)):
            own = tuple(map(comparable, block.heading_path))
            if any(_holds(one, wanted) for one in (path, own, (*own, path[-1]) if path else own)):
                found.add(ordinal)
        return found

    def _spread(self, found: set[int]) -> set[int]:
        """Add running heads and footnotes of the pages: in reading order they may stand behind the next heading."""
        pages = {box.page for ordinal in found for box in self._blocks[ordinal].boxes}
        return found | {
            ordinal
            for ordinal, block in enumerate(self._blocks)
            if block.kind in _ELSEWHERE and pages & {box.page for box in block.boxes}
        }

    def _on_pages(self, first: int, last: int) -> set[int]:
        """Return what stands on the pages, and what has no place between that and its neighbours."""
        placed = [ordinal for ordinal, block in enumerate(self._blocks) if block.boxes]
        found = {ordinal for ordinal in placed if any(first <= box.page <= last for box in self._blocks[ordinal].boxes)}
        if found:
            for before, after in pairwise([-1, *placed, len(self._blocks)]):
                if before in found or after in found:
                    found |= set(range(before + 1, after))
        return found

    def _in_sheet(self, name: str) -> Iterator[int]:
        wanted = comparable(name)
        for ordinal, (block, path) in enumerate(zip(self._blocks, self._paths, strict=True)):
            if sheet_of(block) == wanted or path[:1] == (wanted,):
                yield ordinal

    def _names_sheet(self, ordinal: int) -> bool:
        """Whether a block is the name of a sheet: it is anchored at all of it, and stands in no row."""
        block = self._blocks[ordinal]
        return block.kind is BlockKind.TITLE and sheet_of(block) == comparable(block.text)

    def _numbered(self, scope: set[int], numbers: Numbers) -> tuple[set[int], set[tuple[int, int]], int]:
        found = numbered(self._blocks, scope, numbers)
        if not found.fits(numbers.seal):
            return scope, set(), 0
        return found.blocks, found.rows, len(found.blocks) + len(found.rows)

    def _rows(self, scope: set[int], rows: Rows) -> tuple[set[int], set[tuple[int, int]]]:
        """Return the rows; a table without the column, which nobody can tell apart, is named as a whole.

        Sums over rows say something of each of them: where a row is named, so are rows that sum up.
        """
        wanted = frozenset(map(comparable, rows.values))
        whole: set[int] = set()
        found: set[tuple[int, int]] = set()
        totals: set[tuple[int, int]] = set()
        for ordinal in sorted(scope):
            table = self._blocks[ordinal].table
            if table is None:
                if self._blocks[ordinal].kind is BlockKind.TABLE:
                    whole.add(ordinal)
                continue
            lines = lines_of(table)
            column = _column(lines, comparable(rows.column))
            if column is None:
                whole.add(ordinal)
                continue
            sums = sums_up(table)
            for row in range(column[0] + 1, table.rows):
                said = lines[row].get(column[1], "")
                if said in wanted or not said:
                    found.add((ordinal, row))
                if row in sums:
                    totals.add((ordinal, row))
        return (whole, found | totals) if found or whole else (whole, found)


def sheet_of(block: Block) -> str | None:
    """Return the name of the sheet that a block stands in, as it is compared; None for one in no sheet."""
    sheet, mark, _ = (block.anchor or "").rpartition("!")
    quoted = sheet[1:-1].replace("''", "'") if sheet[:1] == sheet[-1:] == "'" else sheet
    return comparable(quoted) if mark else None


def _column(lines: Sequence[Mapping[int, str]], name: str) -> tuple[int, int] | None:
    """Return row and column of the head that says ``name``; None unless there is exactly one such column."""
    for row, texts in enumerate(lines[:_HEAD_ROWS]):
        found = [column for column, text in texts.items() if text == name]
        if found:
            return (row, found[0]) if len(found) == 1 else None
    return None


def _holds(path: Sequence[str], wanted: tuple[str, ...]) -> bool:
    """Whether the headings stand in the path one below the other."""
    size = len(wanted)
    return any(tuple(path[start : start + size]) == wanted for start in range(len(path) - size + 1))
