"""Running text gathered from mark-up: white space as a browser collapses it, links with their places."""

import re
from typing import Final

from wenyuan.documents import Link
from wenyuan.text import CJK

MAX_TARGET: Final = 2_000

_WIDE: Final = re.compile(rf"(?:{CJK.pattern}|[\u3000-\u303f\uff00-\uffef“”‘’…—])")
_WORDS: Final = re.compile(r"[ \t\r\n\f\v\u00a0]+|[^ \t\r\n\f\v\u00a0]+")
_FOLLOWABLE: Final = re.compile(r"(?:https?|ftp|mailto|tel|file|cid):|[^:#?]*(?:[/?#]|$)", re.IGNORECASE)


class Inline:
    """The text of one block while it is read."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._last = ""
        self._gap = ""
        self._links: list[Link] = []
        self._target = ""
        self._link_start: int | None = None
        self._bold = 0
        self._sizes: dict[float, int] = {}

    def add(self, text: str, *, bold: bool = False, size: float | None = None) -> None:
        """Append text; a line break between two wide characters is only how the source was wrapped."""
        for word in _WORDS.findall(text):
            if word.isspace():
                self._gap = "\n" if "\n" in word and self._gap != " " else self._gap or " "
                continue
            if self._gap and self._last and self._last != "\n":
                wrapped = self._gap == "\n" and _WIDE.match(self._last) and _WIDE.match(word[0])
                self._put("" if wrapped else " ")
            self._gap = ""
            if self._target and self._link_start is None:
                self._link_start = self._length
            self._put(word)
            self._bold += len(word) if bold else 0
            if size is not None:
                self._sizes[size] = self._sizes.get(size, 0) + len(word)

    def add_break(self) -> None:
        """Append a line break that the document asks for."""
        self._gap = ""
        if self._last:
            self._put("\n")

    def open_link(self, target: str | None) -> None:
        """Start a link; a fragment of the same page and anything that runs code is none."""
        target = (target or "").strip()
        followable = target and not target.startswith("#") and _FOLLOWABLE.match(target)
        self._target = target[:MAX_TARGET] if followable else ""
        self._link_start = None

    def close_link(self) -> None:
        """End the link that is open, if one is."""
        if self._target and self._link_start is not None and self._link_start < self._length:
            self._links.append(Link(self._link_start, self._length, self._target))
        self._target, self._link_start = "", None

    def __bool__(self) -> bool:
        return any(part.strip() for part in self._parts)

    @property
    def broken(self) -> bool:
        """Tell whether it ends with a line break."""
        return self._last == "\n"

    @property
    def text(self) -> str:
        """The text so far, without blank ends of lines."""
        return "".join(self._parts).rstrip()

    @property
    def links(self) -> tuple[Link, ...]:
        """The links in ``text``."""
        return tuple(self._links)

    @property
    def bold(self) -> bool:
        """Tell whether all of it is bold."""
        return 0 < self._bold >= sum(len(part) for part in self._parts if not part.isspace())

    @property
    def size(self) -> float | None:
        """The size that most of it is set in, in points, where it says."""
        return max(self._sizes, key=lambda size: self._sizes[size]) if self._sizes else None

    def _put(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._length += len(text)
            self._last = text[-1]
