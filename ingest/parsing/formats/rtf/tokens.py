"""RTF as tokens: braces, control words, bytes. Reference: Rich Text Format Specification 1.9.1."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL
)
_NAMED: Final = {
    b"~": "\u00a0",
    b"_": "-",
    b"-": "",
    b"\n": "\n",
    b"\r": "\n",
}


class Token(NamedTuple):
    """``word`` with its number, or ``open``, ``close``, ``bytes`` of text, or ``char`` for what is a character."""

    kind: str
    word: str = ""
    number: int | None = None
    data: bytes = b""


OPEN: Final = Token("open")
CLOSE: Final = Token("close")
_STAR: Final = Token("word", "*")


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of an RTF file; the bytes behind ``bin`` are passed over."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end()
        word, number, code, symbol, brace, text = match.groups()
        if text is not None:
            yield Token("bytes", data=text)
        elif word is not None:
            value = int(number) if number is not None else None
            if word == b"bin":
                at += max(value or 0, 0)
            yield Token("word", word.decode("ascii"), value)
        elif code is not None:
            yield Token("bytes", "'", data=bytes.fromhex(code.decode("ascii")))
        elif brace is not None:
            yield OPEN if brace == b"{" else CLOSE
        elif symbol is not None:
            yield _symbol(symbol)


def _symbol(symbol: bytes) -> Token:
    if symbol == b"*":
        return _STAR
    if symbol in _NAMED:
        return Token("char", _NAMED[symbol])
    return Token("bytes", data=symbol) if symbol in b"\\{}" else Token("char", "")
