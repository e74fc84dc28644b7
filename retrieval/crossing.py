"""Words of a question in the other language, so that the lexical arm finds passages across Chinese and English.

The table holds for words of either language those that the embedder puts nearest in the other one; it was made from the
embedder and lists of common words alone (``benchmarks.retrieval.crossing``). It depends on no document: what a question
is searched for tells nothing of the index.
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from wenyuan.errors import SettingsError
from wenyuan.ports import Related
from wenyuan.settings import CONFIGS
from wenyuan.words.terms import normalise, words

TABLE: Final = CONFIGS / "crossing.tsv.gz"
#: Words of one question that are looked up at most: a bound on the search.
MAX_WORDS: Final = 40
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]{2,6}")
_ENGLISH: Final = re.compile(r"[a-z]{3,}")


def crossing(text: str) -> tuple[Related, ...]:
    """Return the words of a question that the table knows, each with those of the other language, in their order."""
    table = read_table()
    known = (Related(word, table[word]) for word in dict.fromkeys(_words(text)) if word in table)
    return tuple(related for related, _ in zip(known, range(MAX_WORDS), strict=False))


@cache
def read_table(path: Path = TABLE) -> dict[str, tuple[str, ...]]:
    """Return the table; raises ``SettingsError`` for a file that is none."""
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
        rows = (line.split("\t") for line in lines)
        return {word: tuple(others.split(" ")) for word, others in rows}
    except (OSError, EOFError, ValueError) as error:
        raise SettingsError(reason=f"{path.name}: no table of words") from error


def _words(text: str) -> Iterator[str]:
    plain = normalise(text)
    yield from (word for word in words(plain) if _CHINESE.fullmatch(word))
    yield from _ENGLISH.findall(plain)
