"""What of a model's instructions must not come out: their mark, and long runs of their words, in any usual spelling."""

import base64
import codecs
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

#: Characters of the instructions in a row, without spaces and signs, that no answer has by chance. In a Chinese text
#: fewer tell, in Chinese or in a code; plain English words are as common there as anywhere.
_CHINESE_RUN: Final = 16
_RUN: Final = 40
_KEPT: Final = 512


class LeakWatch:
    """Looks on while statements pass by; a mark that is cut over several of them is seen where its last piece comes."""

    def __init__(self, instructions: str, canary: str) -> None:
        self._canaries, self._runs = _patterns(instructions, canary)
        self._seen = ""

    def leaks(self, text: str) -> bool:
        """Say whether ``text``, behind what has passed, shows the mark or a long run of the instructions."""
        new = folded(text)
        whole = self._seen + new
        self._seen = whole[-_KEPT:]
        if any(mark in whole or mark in whole[::-1] for mark in self._canaries):
            self._seen = ""  # what follows is judged for itself
            return True
        chinese = any(ord(sign) > 0x2E80 for sign in new)
        return any(
            run in self._runs[length]
            for length in ((_CHINESE_RUN, _RUN) if chinese else (_RUN,))
            for run in _windows(whole[-(len(new) + length - 1) :], length)
        )


def _windows(text: str, length: int) -> Iterator[str]:
    return (text[i : i + length] for i in range(len(text) - length + 1))


@lru_cache(maxsize=8)
def _patterns(instructions: str, canary: str) -> tuple[frozenset[str], dict[int, frozenset[str]]]:
    plain, *coded = (folded(form) for form in spellings(instructions))
    short = {run for text in coded for run in _windows(text, _CHINESE_RUN)}
    short |= {run for run in _windows(plain, _CHINESE_RUN) if not run.isascii()}
    long = frozenset(run for text in (plain, *coded) for run in _windows(text, _RUN))
    return frozenset(folded(form) for form in spellings(canary)), {_CHINESE_RUN: frozenset(short), _RUN: long}


def folded(text: str) -> str:
    """Return letters and digits alone, compatible forms made one, in small letters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def spellings(text: str) -> Iterator[str]:
    """Yield a text as it is, turned by 13 letters, in hexadecimal and decimal numbers, and in base 32 and 64."""
    data = text.encode()
    yield text
    yield codecs.encode(text, "rot13")
    yield data.hex()
    yield "".join(f"x{byte:02x}" for byte in data)
    yield "".join(f"{byte:08b}" for byte in data)
    yield " ".join(str(byte) for byte in data)
    for bits, encode in ((5, base64.b32encode), (6, base64.b64encode)):
        for shift in range(5):  # what stands before it shifts how its bits are cut
            encoded = encode(b"\0" * shift + data).decode()
            first, last = -(-shift * 8 // bits), (shift + len(data)) * 8 // bits
            yield encoded[first:last]
