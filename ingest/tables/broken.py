"""Words that a narrow cell broke without a hyphen: ``employ ees`` is put together, ``Intern ationa l`` too.

A word is known as whole because the document has it elsewhere, or because the installation's list of
English words does.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from wenyuan.documents import Block, BlockKind, Table
from wenyuan.words.background import listed

_WORD: Final = re.compile(r"[A-Za-z]+")
_BROKEN: Final = re.compile(r"(?<![A-Za-z])([A-Za-z]{4,}) (?=([a-z]+)(?![A-Za-z]))")
_ENDING: Final = 3
#: Pieces that follow one another, each but the first in small letters; not one that an apostrophe joins to more.
_PIECES: Final = re.compile(r"(?<![A-Za-z'’])[A-Za-z]+(?: [a-z]+)+(?![A-Za-z'’])")
_MOST_PIECES: Final = 4
_SHORTEST: Final = 3
#: Words of one and of two letters; of three letters those that are not rare. Lists are full of other abbreviations.
_SMALL: Final = re.compile(r"a|i|am|an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|ok|on|or|so|to|up|us|we")
_COMMON: Final = 2e-5

Mend = Callable[[Table], Table]


def mender(blocks: Sequence[Block]) -> Mend:
    """Return what puts the words of a table of ``blocks`` together again.

    Only cells with a place on a page are broken by their width: what people typed into a sheet stays as it is. A break
    is one where the document has the whole word and no running text has its second part, nor its first one unless the
    second is a mere ending; or one where a common word comes of pieces of which one is no word.
    """
    running = _words(block.text for block in blocks if block.kind is not BlockKind.TABLE)
    whole = running | _words(block.text for block in blocks if block.kind is BlockKind.TABLE)

    def joined(found: re.Match[str]) -> str:
        first, second = found[1].lower(), found[2]
        apart = second in running or (first in running and len(second) > _ENDING)
        return found[1] if first + second in whole and not apart else found[0]

    def pieced(found: re.Match[str]) -> str:
        return " ".join(_put_together(found[0].split(" "), running))

    def mended(text: str) -> str:
        return _PIECES.sub(pieced, _BROKEN.sub(joined, text)) if " " in text else text

    def mend(table: Table) -> Table:
        cells = tuple(cell if cell.box is None else replace(cell, text=mended(cell.text)) for cell in table.cells)
        return table if cells == table.cells else replace(table, cells=cells)

    return mend


def _put_together(pieces: Sequence[str], running: frozenset[str]) -> list[str]:
    """Return the words that ``pieces`` make: as many as possible that follow one another are one common word."""
    made: list[str] = []
    at = 0
    while at < len(pieces):
        count = next(
            (
                count
                for count in range(min(_MOST_PIECES, len(pieces) - at), 1, -1)
                if _is_one(pieces[at : at + count], running)
            ),
            1,
        )
        made.append("".join(pieces[at : at + count]))
        at += count
    return made


def _is_one(pieces: Sequence[str], running: frozenset[str]) -> bool:
    word = "".join(pieces).lower()
    # Three letters are a word too easily, but at the beginning of a cell's line.
    if len(word) < _SHORTEST + (not pieces[0][0].isupper()) or all(_is_word(one.lower(), running) for one in pieces):
        return False
    return word in running or word in common_words()


def _is_word(piece: str, running: frozenset[str]) -> bool:
    if len(piece) < _SHORTEST:
        return _SMALL.fullmatch(piece) is not None
    if len(piece) == _SHORTEST:
        return common_words().get(piece, 0.0) >= _COMMON
    return piece in common_words() or piece in running


@cache
def common_words() -> dict[str, float]:
    """Return the English words of the installation, with their frequencies."""
    return dict(listed("en"))


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))
