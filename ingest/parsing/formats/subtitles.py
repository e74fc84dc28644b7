"""SubRip and WebVTT transcripts as pieces: cues joined into paragraphs, each anchored by its span of time."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.documents import BlockKind
from wenyuan.errors import FileCorrupt
from wenyuan.text import join_lines, squeeze

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$", re.ASCII)
_VOICE: Final = re.compile(r"<v(?:\.[\w.]+)?\s+([^>]+)>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,100}\}")
_SPEAKER: Final = re.compile(
    r"(?:[-–—]\s*)?([^\s:：，。,.!?！？]{1,20}(?:\s[^\s:：，。,.!?！？]{1,20})?)\s*[:：]\s*(?=\S)"
)
_SENTENCE_END: Final = re.compile(r"[。！？!?…][”’」』）)\"']*$|\.[\"')]*$")
_TITLE: Final = re.compile(r"\ufeff?WEBVTT[ \t]+-?[ \t]*(.+)")
_PAUSE: Final = 2.5
_LONG: Final = 320
_TOO_LONG: Final = 900
_MAX_CUES: Final = 200_000


@dataclass(frozen=True, slots=True)
class _Cue:
    start: float
    end: float
    speaker: str
    text: str


def read_subtitles(text: str) -> Reading:
    """Read SRT or WebVTT: a paragraph ends where the speaker changes or pauses, or with a sentence when it is long.

    Anchors are spans such as ``00:01:02–00:01:09``; a speaker who is named opens the paragraph. Raises ``FileCorrupt``
    when there is no cue.
    """
    cues = _without_repeats(_cues(text))
    if not cues:
        raise FileCorrupt
    named = _TITLE.match(text)
    pieces = tuple(_piece(group) for group in _groups(cues))
    return Reading(pieces, squeeze(named[1]) if named else None)


def _cues(text: str) -> list[_Cue]:
    cues: list[_Cue] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    index = 0
    while index < len(lines) and len(cues) < _MAX_CUES:
        timing = _TIMING.match(lines[index])
        index += 1
        if timing is None:
            continue
        spoken: list[str] = []
        while index < len(lines) and lines[index].strip() and not _TIMING.match(lines[index]):
            spoken.append(lines[index])
            index += 1
        # The number of the next cue, where no blank line stands before it.
        if index < len(lines) and _TIMING.match(lines[index]) and spoken and spoken[-1].strip().isdecimal():
            spoken.pop()
        cues += _spoken(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), spoken)
    return cues


def _spoken(start: float, end: float, lines: Sequence[str]) -> Iterator[_Cue]:
    """Part a cue by its speakers."""
    speaker = ""
    words: list[str] = []
    for line in lines:
        voice = _VOICE.search(line)
        plain = squeeze(html.unescape(_TAG.sub("", line)))
        named = None if voice else _SPEAKER.match(plain)
        if voice or named:
            if words:
                yield _Cue(start, max(end, start), speaker, join_lines(words))
            speaker = squeeze(voice[1]) if voice else named[1] if named else ""
            words = []
            plain = plain[named.end() :] if named else plain
        if plain:
            words.append(plain)
    if words:
        yield _Cue(start, max(end, start), speaker, join_lines(words))


def _without_repeats(cues: Sequence[_Cue]) -> list[_Cue]:
    """Captions that roll say each line twice; the first time counts."""
    kept: list[_Cue] = []
    for cue in cues:
        if kept and cue.text.startswith(kept[-1].text) and cue.start - kept[-1].end < _PAUSE:
            rest = cue.text[len(kept[-1].text) :].strip()
            if not rest:
                kept[-1] = _Cue(kept[-1].start, cue.end, kept[-1].speaker, kept[-1].text)
                continue
            cue = _Cue(cue.start, cue.end, cue.speaker, rest)  # noqa: PLW2901
        kept.append(cue)
    return kept


def _groups(cues: Sequence[_Cue]) -> Iterator[list[_Cue]]:
    group: list[_Cue] = []
    length = 0
    for cue in cues:
        if group and _parts(group, cue, length):
            yield group
            group, length = [], 0
        group.append(cue)
        length += len(cue.text)
    yield group


def _parts(group: Sequence[_Cue], cue: _Cue, length: int) -> bool:
    last = group[-1]
    if cue.speaker and cue.speaker != next((one.speaker for one in reversed(group) if one.speaker), ""):
        return True
    ended = _SENTENCE_END.search(last.text) is not None
    return cue.start - last.end >= _PAUSE or length >= _TOO_LONG or (length >= _LONG and ended)


def _piece(group: Sequence[_Cue]) -> Piece:
    text = join_lines([cue.text for cue in group])
    speaker = next((cue.speaker for cue in group if cue.speaker), "")
    anchor = f"{_clock(group[0].start)}–{_clock(max(cue.end for cue in group))}"
    return Piece(BlockKind.PARAGRAPH, f"{speaker}：{text}" if speaker else text, anchor=anchor)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
