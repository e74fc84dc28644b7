"""Makes the table of words across Chinese and English (:mod:`retrieval.crossing`) from the embedder and word lists.

``python -m benchmarks.retrieval.crossing [--out configs/crossing.tsv.gz]``

The vector of each word is moved by the mean of its language; two words are as near as their cosine is above the mean
of the cosines to their ten nearest in the other language (cross-domain similarity local scaling, Conneau et al.,
ICLR 2018). A word keeps at most four others that are nearer than that mean; words that say little are left out. No
text, no dictionary and no question is looked at; takes some minutes and 2 GB.
"""

import argparse
import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from retrieval.crossing import TABLE
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Embedder, Vectors
from wenyuan.settings import EmbeddingSettings
from wenyuan.words.background import background
from wenyuan.words.terms import normalise, stem

CHINESE: Final = 40_000
ENGLISH: Final = 30_000
KEPT: Final = 4
#: Words rarer than this many nats say something (:meth:`wenyuan.words.background.Background.idf`).
TELLING: Final = 1.5
_NEIGHBOURS: Final = 10
_BATCH: Final = 500


def listed(language: str, pattern: str, count: int) -> list[str]:
    """Return the most common telling words of a language as matching sees them."""
    from wordfreq import top_n_list

    table, shape = background(), re.compile(pattern)
    found = dict.fromkeys(normalise(word) for word in top_n_list(language, 2 * count, wordlist="best"))
    return [word for word in found if shape.fullmatch(word) and table.idf(f"w{stem(word)}") >= TELLING][:count]


def embedded(words: Sequence[str], embedder: Embedder) -> Vectors:
    """Return (n, dimension) unit vectors of words around the middle of their language."""
    vectors = np.concatenate(
        [embedder.embed_queries(list(words[start : start + _BATCH])) for start in range(0, len(words), _BATCH)]
    )
    vectors = vectors - vectors.mean(axis=0)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def crowding(rows: Vectors, others: Vectors) -> NDArray[np.float32]:
    """Return for each row the mean of the cosines to its nearest others."""
    parts = []
    for start in range(0, len(rows), _BATCH):
        cosines = rows[start : start + _BATCH] @ others.T
        parts.append(np.partition(cosines, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:].mean(axis=1))
    return np.concatenate(parts)


def nearest(
    rows: Vectors, others: Vectors, mine: NDArray[np.float32], theirs: NDArray[np.float32]
) -> Iterator[list[int]]:
    """Yield for each row the places of the others that are near it, nearest first.

    ``mine`` and ``theirs`` are the crowding of rows and others.
    """
    for start in range(0, len(rows), _BATCH):
        near = 2 * (rows[start : start + _BATCH] @ others.T) - mine[start : start + _BATCH, None] - theirs
        best = np.sort(np.argpartition(-near, KEPT, axis=1)[:, :KEPT], axis=1)
        for line, places in zip(near, best, strict=True):
            yield [int(place) for place in sorted(places, key=lambda at: -line[at]) if line[place] > 0]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--models-dir", type=Path, default=Path("var/models"))
    args = parser.parse_args()
    embedder = open_embedder(EmbeddingSettings(), args.models_dir)
    chinese = listed("zh", r"[\u4e00-\u9fff]{2,6}", CHINESE)
    english = listed("en", r"[a-z]{3,}", ENGLISH)
    left, right = embedded(chinese, embedder), embedded(english, embedder)
    embedder.close()
    around_left, around_right = crowding(left, right), crowding(right, left)
    lines = []
    for words, others, pairs in (
        (chinese, english, nearest(left, right, around_left, around_right)),
        (english, chinese, nearest(right, left, around_right, around_left)),
    ):
        near = ((word, " ".join(others[at] for at in places)) for word, places in zip(words, pairs, strict=True))
        lines += [f"{word}\t{found}" for word, found in near if found]
    args.out.write_bytes(gzip.compress("\n".join(sorted(lines)).encode(), mtime=0))
    print(f"{len(lines)} words of {len(chinese)} and {len(english)}, {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
