"""Citation markers in streamed model text, and what makes that text inert.

The server alone writes markers and links: whatever a model wrote in their shape is taken out first.
"""

import re
from dataclasses import dataclass

from wenyuan.text import strip_invisible

_OPEN = r"\[【［"
_SEPARATOR = r"\s?[,，、;；]\s?|\s|\s?[-–~～]\s?"
_LABEL = r"\^|来源|资料|证据|文献|引用|source|citation|cite|ref|doc|evidence"
_MARKER = re.compile(
    rf"(?P<open>[{_OPEN}])\s?(?:(?:{_LABEL})\s?[:：#]?\s?)?(?P<numbers>\d{{1,3}}(?:(?:{_SEPARATOR})\d{{1,3}}){{0,9}})"
    r"(?:†[^\]】］\n]{0,24})?\s?[\]】］]",
    re.IGNORECASE,
)
_LONGEST = 96
_NUMBERS = re.compile(r"(\d{1,3})(?:\s?[-–~～]\s?(\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as a model wrote it; ``numbers`` are what it names, whether or not they exist."""

    numbers: tuple[int, ...]


Piece = str | Marker


class MarkerParser:
    """Parts text from markers while it streams; how the text was cut into deltas makes no difference.

    Understood: ``[1]`` ``[1,2]`` ``[1-3]`` ``[1][2]`` ``【1】`` ``［１］`` ``[^1]`` ``[来源 1]`` ``【1†…】``.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, delta: str) -> list[Piece]:
        """Return what is certain now; text that may yet become a marker is held back."""
        return self._drain(self._held + delta, final=False)

    def close(self) -> list[Piece]:
        """Return the rest at the end of the stream."""
        return self._drain(self._held, final=True)

    def _drain(self, text: str, *, final: bool) -> list[Piece]:
        self._held = ""
        pieces: list[Piece] = []
        done = position = 0
        while (position := _next_open(text, position)) >= 0:
            match = _MARKER.match(text, position)
            if match:
                if position > done:
                    pieces.append(text[done:position])
                pieces.append(Marker(_numbers(match["numbers"])))
                done = position = match.end()
            elif not final and _undecided(text, position):
                self._held = text[position:]
                text = text[:position]
                break
            else:
                position += 1
        if text[done:]:
            pieces.append(text[done:])
        return pieces


def _next_open(text: str, start: int) -> int:
    places = [p for p in (text.find(c, start) for c in "[【［") if p >= 0]
    return min(places, default=-1)


def _undecided(text: str, position: int) -> bool:
    """Say whether more text could still turn ``text[position:]`` into a marker."""
    rest = text[position:]
    return len(rest) < _LONGEST and not any(c in rest[1:] for c in "]】］\n")


def _numbers(written: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for match in _NUMBERS.finditer(written):
        first = int(match[1])
        last = int(match[2]) if match[2] else first
        numbers.extend(range(first, last + 1) if first <= last <= first + 9 else (first, last))
    return tuple(dict.fromkeys(numbers))


# --- inert text -----------------------------------------------------------------------------------------------

_REMOVED = (
    re.compile(r"(?is)<(script|style|iframe|svg|object)\b.*?(?:</\1\s*>|$)"),
    re.compile(r"<!--.*?(?:-->|$)", re.DOTALL),
    re.compile(r"(?m)^\s{0,3}\[[^\]\n]{1,200}\]:\s*\S+.*$"),
    re.compile(r"!\[[^\[\]\n]*\]\s?(?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\[\]\n]*\])"),
    re.compile(r"</?[A-Za-z][^<>]*>|<[!?][^<>]*>"),
)
_LINK = re.compile(r"\[([^\[\]\n]*)\]\s?\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_REFERENCE = re.compile(r"\[([^\[\]\n]*[^\[\]\n\d][^\[\]\n]*)\]\s?\[[^\[\]\n]*\]")
_SCHEME = re.compile(
    r"(?i)(?<![a-z])[a-z][a-z0-9+.-]{1,15}:/+|(?:javascript|vbscript):|mailto:(?=\S)|data:(?=\w+/)|www\.|//(?=\w+\.)"
)
#: What looks like a marker of the service and is none it wrote, however long the number.
_NUMBER_ALONE = re.compile(rf"[{_OPEN}]\s*\d+\s*[\]】］]")
#: Line breaks that are none on a page and some in a terminal.
_BREAKS = dict.fromkeys(map(ord, "\r\u2028\u2029"), " ")
_TAG_OPEN = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|[A-Za-z]{2,})")


def inert(text: str) -> str:
    """Return ``text`` as words only: no link target, image, tag, URL scheme, marker, control or invisible character.

    The words of a link stay. The result holds no ``](``, no ``]:``, no ``![`` and no tag opening, whatever came in.
    """
    plain = strip_invisible(text).translate(_BREAKS)
    for _ in range(8):
        before = plain
        for pattern in _REMOVED:
            plain = pattern.sub("", plain)
        plain = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", plain))
        plain = _NUMBER_ALONE.sub("", _MARKER.sub("", _SCHEME.sub("", plain)))
        if plain == before:
            break
    else:
        plain = _MARKER.sub("", re.sub(r"[\[\]【】［］<>]", " ", plain))
    plain = _ENTITY.sub("＆", _TAG_OPEN.sub("＜", plain))
    return re.sub(r"\](?=\s?[(:\[])", "）", plain.replace("![", "（"))
