"""Pictures of an RTF file in the order of their figures."""

import binascii
from typing import Final

from ingest.parsing.formats.rtf.tokens import tokens

_KINDS: Final = ("pngblip", "jpegblip", "dibitmap")
_MAX_HEX: Final = 128 * 2**20


def rtf_picture(data: bytes, number: int) -> bytes | None:
    """Return the bytes of the N-th picture (1-based), or None when there is none or it is a drawing."""
    depth = count = 0
    skipped = start = -1
    digits = bytearray()
    known = False
    for token in tokens(data):
        if token.kind == "open":
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if start >= 0 and depth < start:
                return _decoded(digits) if known else None
            if depth < skipped:
                skipped = -1
        elif token.kind == "word" and skipped < 0:
            if token.word == "nonshppict":
                skipped = depth
            elif token.word == "pict":
                count += 1
                start = depth if count == number else start
            elif start >= 0 and token.word in _KINDS:
                known = True
        elif token.kind == "bytes" and start == depth and len(digits) < _MAX_HEX:
            digits += token.data
    return None


def _decoded(digits: bytearray) -> bytes | None:
    try:
        return binascii.unhexlify(bytes(digits).translate(None, b" \t"))
    except binascii.Error:
        return None
