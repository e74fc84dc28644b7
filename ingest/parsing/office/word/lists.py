"""The numbers that Word shows before headings and list items: they are computed, the file does not hold them."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.parsing.office.package import whole
from ingest.parsing.office.word.counting import written
from ingest.parsing.office.word.styles import W, child_value, flag, w

_LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")
_MAX_START: Final = 100_000


@dataclass(slots=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    gap: str = " "


@dataclass(slots=True)
class _List:
    """A ``w:num``: the abstract list it counts in, its levels, and where it starts anew."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before an item: its number with the gap behind it, or "" for a bullet."""

    text: str
    bullet: bool


class Numbering:
    """Counts through a document; ask in the order of its paragraphs."""

    def __init__(self, root: Any | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._linked: dict[str, tuple[str, int]] = {}
        if root is not None:
            self._read(root)

    def linked(self, style_id: str | None) -> tuple[str, int] | None:
        """Return the (numId, level) whose level names a paragraph style."""
        return self._linked.get(style_id or "")

    def label(self, number: tuple[str, int]) -> Label | None:
        """Count one paragraph and return its label; None when it is not in a list."""
        key, level = number
        found = self._lists.get(key)
        shape = found.levels.get(level) if found is not None else None
        if found is None or shape is None or not 0 <= level < _LEVELS:
            return None
        counters = self._counters.setdefault(found.abstract, [None] * _LEVELS)
        self._advance(found, counters, key, level)
        if shape.kind == "bullet":
            return Label("", bullet=True)
        if shape.kind == "none" and not _PLACE.sub("", shape.text).strip():
            return Label("", bullet=False)
        return Label(self._written(found, counters, shape) + shape.gap, bullet=False)

    def _advance(self, found: _List, counters: list[int | None], key: str, level: int) -> None:
        start = found.levels[level].start
        if level in found.starts and (key, level) not in self._begun:
            start = found.starts[level]
            counters[level] = None
        self._begun.add((key, level))
        count = counters[level]
        counters[level] = start if count is None else count + 1
        for deeper in range(level + 1, _LEVELS):
            shape = found.levels.get(deeper)
            # A level restarts behind every higher one, unless it names the level that restarts it, or 0 for none.
            if shape is None or shape.restart is None or (shape.restart and level < shape.restart):
                counters[deeper] = None

    def _written(self, found: _List, counters: list[int | None], shape: _Level) -> str:
        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            level = found.levels.get(at, _Level())
            count = counters[at]
            return written(level.start if count is None else count, "decimal" if shape.legal else level.kind)

        return _PLACE.sub(number, shape.text)

    def _read(self, root: Any) -> None:
        abstracts: dict[str, dict[int, _Level]] = {}
        by_style: dict[str, str] = {}
        links: dict[str, str] = {}
        for node in root.findall(W + "abstractNum"):
            key = w(node, "abstractNumId") or ""
            abstracts[key] = {_depth(level): _level(level) for level in node.findall(W + "lvl")}
            if own := child_value(node, "styleLink"):
                by_style[own] = key
            if other := child_value(node, "numStyleLink"):
                links[key] = other
        for node in root.findall(W + "num"):
            abstract = child_value(node, "abstractNumId") or ""
            abstract = by_style.get(links.get(abstract, ""), abstract)
            if abstract in abstracts:
                self._lists[w(node, "numId") or ""] = _list(node, abstract, abstracts[abstract])
        self._link_styles(root)

    def _link_styles(self, root: Any) -> None:
        styles = {
            w(node, "abstractNumId") or "": [
                (style, _depth(level)) for level in node.findall(W + "lvl") if (style := child_value(level, "pStyle"))
            ]
            for node in root.findall(W + "abstractNum")
        }
        for key, found in self._lists.items():
            for style, level in styles.get(found.abstract, ()):
                self._linked.setdefault(style, (key, level))


def _list(node: Any, abstract: str, levels: dict[int, _Level]) -> _List:
    found = _List(abstract, dict(levels))
    for override in node.findall(W + "lvlOverride"):
        depth = _depth(override)
        own = override.find(W + "lvl")
        if own is not None:
            found.levels[depth] = _level(own)
        start = child_value(override, "startOverride")
        if start is not None and start.isdecimal():
            found.starts[depth] = min(whole(start), _MAX_START)
    return found


def _depth(node: Any) -> int:
    value = w(node, "ilvl") or "0"
    return whole(value)


def _level(node: Any) -> _Level:
    start = child_value(node, "start") or "1"
    restart = child_value(node, "lvlRestart")
    kind = child_value(node, "numFmt")
    if kind is None:
        # Newer kinds stand in an alternative beside their fallback.
        kind = next((value for other in node.iter(W + "numFmt") if (value := w(other, "val"))), "decimal")
    return _Level(
        start=min(whole(start, 1), _MAX_START),
        kind=kind,
        text=child_value(node, "lvlText") or "",
        restart=whole(restart) if restart is not None else None,
        legal=bool(flag(node, "isLgl")),
        gap="" if child_value(node, "suff") == "nothing" else " ",
    )
