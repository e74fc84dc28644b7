"""A message whatever its container: subject, a line about who wrote when to whom, body, quoted mail, attachments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.utils import getaddresses
from typing import Final

from ingest.parsing.formats.plain import plain_pieces
from ingest.parsing.office.pieces import Piece
from wenyuan.documents import BlockKind
from wenyuan.text import squeeze

MAX_LEVEL: Final = 9
ATTACHMENTS: Final = "附件 Attachments"
QUOTED: Final = "引用的邮件 Quoted message"

_SHOWN_ADDRESSES: Final = 5
_QUOTE_START: Final = re.compile(
    r"^(?:-{2,}\s*(?:original message|forwarded message|原始邮件|转发邮件信息|原邮件|回复的邮件).{0,40}-{2,}"
    r"|-{5,}\s*$|_{20,}\s*$|on .{6,120}wrote:$|在.{4,120}(?:写道|寫道)[:：]$|>\s?.*)$",
    re.IGNORECASE,
)
_QUOTE_HEAD: Final = re.compile(
    r"^\**(?:from|sent|发件人|寄件者|发送时间|寄件日期|发件时间|date|日期|to|收件人|收件者|cc|抄送|subject|主题|主旨)\**[:：]",
    re.IGNORECASE,
)
_DASHES: Final = re.compile(r"[-_]{5,}\s*$")
_MIN_HEADS: Final = 3


@dataclass(frozen=True, slots=True)
class Attached:
    """A file in a message: its name, its bytes (None when they cannot be had), or the message that it is."""

    name: str
    data: bytes | None = None
    message: "Message | None" = None


@dataclass(frozen=True, slots=True)
class Message:
    """What a mail says; header fields are decoded, ``body`` is in reading order."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    copy: str = ""
    date: str = ""
    body: tuple[Piece, ...] = ()
    attached: tuple[Attached, ...] = field(default=())


def head_pieces(message: Message, level: int) -> Iterator[Piece]:
    """Yield the subject as a title of ``level``, one line of header fields, and the names of what is attached.

    One line, and few addresses: header fields are words that every mail shares, and would outweigh what it says.
    """
    if message.subject:
        yield Piece(BlockKind.TITLE, message.subject, level=min(level, MAX_LEVEL))
    fields = (
        ("发件人 From", _addresses(message.sender)),
        ("收件人 To", _addresses(message.to)),
        ("抄送 Cc", _addresses(message.copy)),
        ("日期 Date", squeeze(message.date)),
    )
    line = " · ".join(f"{name}: {value}" for name, value in fields if value)
    if line:
        yield Piece(BlockKind.PARAGRAPH, line)
    if message.attached:
        names = "; ".join(f"{number}. {squeeze(item.name)}" for number, item in enumerate(message.attached, 1))
        yield Piece(BlockKind.PARAGRAPH, f"{ATTACHMENTS}: {names}")


def text_body(text: str) -> tuple[Piece, ...]:
    """Return a plain body as pieces; what it quotes stands apart, under a title of level 2."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = _quote_start(lines)
    own = tuple(plain_pieces("\n".join(lines[:start])))
    quoted = [re.sub(r"^(?:>\s?)+", "", line) for line in lines[start:] if not _DASHES.fullmatch(line.strip())]
    rest = tuple(plain_pieces("\n".join(quoted)))
    return own + _quoted(rest)


def page_body(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces of an HTML body; the header lines of a quoted mail part it from what it answers."""
    for index, piece in enumerate(pieces):
        following = "\n".join(other.text for other in pieces[index : index + 6]).split("\n")
        heads = sum(_QUOTE_HEAD.match(line.strip()) is not None for line in following[:8])
        first = piece.text.strip().split("\n")[0]
        if _QUOTE_HEAD.match(first) and heads >= _MIN_HEADS:
            return (*map(_lowered, pieces[:index]), *_quoted(tuple(map(_lowered, pieces[index:]))))
        if _QUOTE_START.match(first) and not first.startswith(">") and not _DASHES.fullmatch(first):
            return (*map(_lowered, pieces[:index]), *_quoted(tuple(map(_lowered, pieces[index:]))))
    return tuple(map(_lowered, pieces))


def _lowered(piece: Piece) -> Piece:
    """Headings of the body stand below the subject."""
    return replace(piece, level=min(piece.level + 1, MAX_LEVEL)) if piece.kind is BlockKind.TITLE else piece


def _quoted(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return (Piece(BlockKind.TITLE, QUOTED, level=2), *pieces) if pieces else ()


def _quote_start(lines: Sequence[str]) -> int:
    """Return the index of the line where a quotation begins that goes on to the end, else the number of lines.

    Answers written between the lines of a quotation belong to the reader's text, so such a mail is left whole.
    """
    for index, raw in enumerate(lines):
        line = raw.strip()
        heads = sum(_QUOTE_HEAD.match(other.strip()) is not None for other in lines[index : index + 8])
        if (_QUOTE_HEAD.match(line) or _DASHES.fullmatch(line)) and heads >= _MIN_HEADS:
            return index
        if _QUOTE_START.match(line) and not _DASHES.fullmatch(line):
            rest = [other for other in lines[index + 1 :] if other.strip()]
            if line.startswith(">") and not all(other.startswith(">") for other in rest):
                continue
            return index
    return len(lines)


def _addresses(value: str) -> str:
    """Names where there are names, addresses where there are none; the first few of many."""
    pairs = getaddresses([value])
    found = [squeeze(f"{name} <{address}>" if name and address else name or address) for name, address in pairs]
    found = [one for one in found if one] or ([squeeze(value)] if value.strip() else [])
    more = len(found) - _SHOWN_ADDRESSES
    return ", ".join(found[:_SHOWN_ADDRESSES]) + (f" 等 {len(found)} 人" if more > 0 else "")
