"""Fields of a Word document: instructions with a stored result, which runs over runs and paragraphs."""

import re
from dataclasses import dataclass
from typing import Any, Final

from ingest.parsing.office.package import whole
from ingest.parsing.office.word.styles import W, child_value, flag, w

_LINK: Final = re.compile(r"\s*HYPERLINK\s+(?!\\)\"?([^\"\s]+)\"?", re.IGNORECASE)
_CONTENTS: Final = re.compile(r"\s*TOC\b", re.IGNORECASE)
_MAX_OPEN: Final = 50


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    in_result: bool = False


class Fields:
    """The fields that are open at a place: what they link to, and whether their result is left out."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    def step(self, node: Any) -> bool:
        """Follow a field character or instruction; False when ``node`` is neither."""
        if node.tag == W + "instrText":
            if self._open and not self._open[-1].in_result:
                self._open[-1].instruction += node.text or ""
            return True
        if node.tag != W + "fldChar":
            return False
        kind = w(node, "fldCharType")
        if kind == "begin" and len(self._open) < _MAX_OPEN:
            self._open.append(_Field())
        elif kind == "separate" and self._open:
            self._open[-1].in_result = True
        elif kind == "end" and self._open:
            self._open.pop()
        return True

    @property
    def skips(self) -> bool:
        """Whether words here are an instruction, or a generated table of contents."""
        return any(not field.in_result or _CONTENTS.match(field.instruction) for field in self._open)

    @property
    def link(self) -> str | None:
        """The address that the innermost open link points at."""
        return next((found for field in reversed(self._open) if (found := self.target(field.instruction))), None)

    @staticmethod
    def target(instruction: str) -> str | None:
        """Return the address of a HYPERLINK instruction; None for links inside the document and other fields."""
        match = _LINK.match(instruction)
        return match[1] if match else None

    def close(self) -> None:
        """Forget open fields: a heading never stands inside one, so its end is missing."""
        self._open.clear()


def shown_state(node: Any) -> str:
    """Return what a form field shows that stores no result: a box, ticked or not, or the chosen entry of a list."""
    data = node.find(W + "ffData")
    if data is None:
        return ""
    box = data.find(W + "checkBox")
    if box is not None:
        checked = flag(box, "checked")
        return "☑" if (flag(box, "default") if checked is None else checked) else "☐"
    entries = data.find(W + "ddList")
    if entries is None:
        return ""
    names = [w(entry, "val") or "" for entry in entries.findall(W + "listEntry")]
    choice = child_value(entries, "result") or child_value(entries, "default") or "0"
    return names[whole(choice)] if whole(choice) < len(names) else ""
