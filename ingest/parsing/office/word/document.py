"""The parts of a Word document that its text refers to: styles, numbering, notes, comments, running heads."""

from collections.abc import Iterator
from typing import Any, Final

from ingest.parsing.office.package import Package, R
from ingest.parsing.office.word.counting import roman
from ingest.parsing.office.word.lists import Numbering
from ingest.parsing.office.word.styles import Styles, W, flag, w
from wenyuan.errors import FileCorrupt

_WHITE: Final = "FFFFFF"


class Document:
    """A package read as a Word document; raises ``FileCorrupt`` when it has no body."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = package.main_part()
        root = package.xml(self.part)
        self.body = root.find(W + "body")
        if self.body is None:
            raise FileCorrupt
        self.styles = Styles(self._other("styles"))
        self.numbering = Numbering(self._other("numbering"))
        self.paper = self._paper(root)
        self._notes = {kind: self._texts(kind) for kind in ("footnote", "endnote")}
        self._comments = self._texts("comment")
        self._marks: dict[tuple[str, str], str] = {}
        self._counts = {"footnote": 0, "endnote": 0}

    def mark(self, kind: str, key: str) -> str:
        """Return what stands for a note in the text, counting notes in the order they are asked for."""
        if (kind, key) not in self._marks:
            self._counts[kind] += 1
            count = self._counts[kind]
            self._marks[kind, key] = f"[{count if kind == 'footnote' else roman(min(count, 3999)).lower()}]"
        return self._marks[kind, key]

    def note(self, kind: str, key: str) -> tuple[Any, str, str] | None:
        """Return the element of a note, its part and its mark, once; None when it does not exist."""
        found = self._notes[kind].pop(key, None)
        return None if found is None else (*found, self._marks.get((kind, key), "") + " ")

    def comment(self, key: str) -> tuple[Any, str] | None:
        """Return the element of a comment and its part, once; None when it does not exist."""
        return self._comments.pop(key, None)

    def running_parts(self, kind: str) -> Iterator[str]:
        """Yield the parts of running heads ("header" or "footer") in the order of the sections that show them."""
        relations = self.package.relations(self.part)
        seen: set[str] = set()
        for node in self.body.iter(f"{W}{kind}Reference"):
            relation = relations.get(node.get(R + "id", ""))
            if relation is None or relation.external or relation.target in seen:
                continue
            seen.add(relation.target)
            if self.package.has(relation.target):
                yield relation.target

    def is_header(self, part: str) -> bool:
        """Say whether a part is a header rather than a footer."""
        return part in self.package.related(self.part, "header")

    def _other(self, kind: str) -> Any | None:
        parts = self.package.related(self.part, kind)
        return self.package.xml(parts[0]) if parts else None

    def _texts(self, kind: str) -> dict[str, tuple[Any, str]]:
        found: dict[str, tuple[Any, str]] = {}
        for part in self.package.related(self.part, f"{kind}s"):
            for node in self.package.xml(part).findall(W + kind):
                # Separators are notes of a type of their own.
                if w(node, "type") in (None, "normal"):
                    found[w(node, "id") or ""] = (node, part)
        return found

    def _paper(self, root: Any) -> str:
        background = root.find(W + "background")
        colour = w(background, "color") if background is not None else None
        settings = self._other("settings")
        shown = settings is not None and bool(flag(settings, "displayBackgroundShape"))
        return colour.upper() if colour and shown and len(colour) == 6 else _WHITE
