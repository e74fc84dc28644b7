"""Spans of a paragraph as one text: white space made plain, links and looks kept where their words end up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.documents import Hidden, Link
from wenyuan.text import strip_invisible

_MAX_LINKS: Final = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one look: ``link`` is where they point, ``hidden`` why they are not seen, ``size`` in points."""

    text: str
    link: str | None = None
    hidden: Hidden | None = None
    size: float | None = None
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The text of spans: lines without white space at their ends; its links; the size of most, whether all is bold."""

    text: str
    links: tuple[Link, ...] = ()
    size: float | None = None
    bold: bool = False


def join_spans(spans: Sequence[Span], *, verbatim: bool = False) -> Words:
    """Join spans; runs of white space become one space, unless ``verbatim``, and line breaks stay."""
    out: list[str] = []
    length = 0
    gap = ""
    links: list[Link] = []
    for span in spans:
        first: int | None = None
        for char in strip_invisible(span.text).replace("\r", "\n"):
            if char in "\n\v\f\u2028\u2029":
                gap = gap.rstrip(" \t") + "\n" if verbatim else "\n"
            elif char.isspace():
                gap = gap + char if verbatim else (gap or " ")
            else:
                if gap:
                    kept = gap if out else ""
                    out.append(kept)
                    length += len(kept)
                    gap = ""
                first = length if first is None else first
                out.append(char)
                length += 1
        if span.link and first is not None and len(links) < _MAX_LINKS:
            if links and links[-1].target == span.link and links[-1].end >= first - 1:
                links[-1] = Link(links[-1].start, length, span.link)
            else:
                links.append(Link(first, length, span.link))
    weighed = [(len(span.text.strip()), span) for span in spans if span.text.strip()]
    size = max(weighed, key=lambda pair: pair[0])[1].size if weighed else None
    return Words("".join(out), tuple(links), size, bool(weighed) and all(span.bold for _, span in weighed))


def by_visibility(spans: Sequence[Span]) -> tuple[list[Span], dict[Hidden, list[Span]]]:
    """Part spans into those seen, and the others by the reason why they are not."""
    seen: list[Span] = []
    hidden: dict[Hidden, list[Span]] = {}
    for span in spans:
        if span.hidden is None:
            seen.append(span)
        else:
            hidden.setdefault(span.hidden, []).append(span)
    return seen, hidden
