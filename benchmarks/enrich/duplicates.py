"""Edited copies of known similarity: how often the signature and the bands say what the shingles say."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wenyuan.words.minhash import bands, shingles, signature, similarity

LEAST = 0.8
#: Within this distance of the threshold the estimate of 128 permutations cannot tell the sides apart (2 errors).
NEAR = 0.07


@dataclass
class Counts:
    """Pairs by truth and by finding; ``clear`` leaves out those near the threshold."""

    both: int = 0
    missed: int = 0
    wrong: int = 0
    clear_missed: int = 0
    clear_wrong: int = 0
    error: float = 0.0
    pairs: int = 0

    def add(self, truth: float, estimate: float, *, candidate: bool) -> None:
        """Count one pair."""
        is_one, found = truth >= LEAST, candidate and estimate >= LEAST
        clear = abs(truth - LEAST) > NEAR
        self.both += is_one and found
        self.missed += is_one and not found
        self.wrong += found and not is_one
        self.clear_missed += clear and is_one and not found
        self.clear_wrong += clear and found and not is_one
        self.error += (truth - estimate) ** 2
        self.pairs += 1

    def line(self) -> str:
        """Return the figures."""
        precision = self.both / max(self.both + self.wrong, 1)
        recall = self.both / max(self.both + self.missed, 1)
        return (
            f"pairs {self.pairs}, near-duplicates {self.both + self.missed}, "
            f"precision {precision:.3f}, recall {recall:.3f}, "
            f"clear pairs missed {self.clear_missed} and wrong {self.clear_wrong}, "
            f"standard error {(self.error / max(self.pairs, 1)) ** 0.5:.3f}"
        )


def measure(texts: Sequence[str], rng: random.Random, copies: int) -> Counts:
    """Compare each text with ``copies`` edited copies of itself and with as many other texts."""
    counts = Counts()
    for text in texts:
        for _ in range(copies):
            _add(counts, text, edited(text, rng))
            other = rng.choice(texts)
            if other is not text:
                _add(counts, text, other)
    return counts


def _add(counts: Counts, one: str, other: str) -> None:
    left, right = signature(one), signature(other)
    if left is None or right is None:
        return
    mine, theirs = shingles(one), shingles(other)
    shared = len(np.intersect1d(mine, theirs, assume_unique=True))
    truth = shared / (len(mine) + len(theirs) - shared)
    counts.add(truth, similarity(left, right), candidate=not set(bands(left)).isdisjoint(bands(right)))


def edited(text: str, rng: random.Random) -> str:
    """Return a copy with sentences dropped, moved, repeated or reworded; from nearly nothing to a third of them."""
    sentences = [part for part in text.replace("。", "。\x00").replace(". ", ". \x00").split("\x00") if part]
    for _ in range(max(1, round(len(sentences) * rng.uniform(0, 0.35)))):
        place = rng.randrange(len(sentences))
        kind = rng.randrange(4)
        if kind == 0 and len(sentences) > 3:
            sentences.pop(place)
        elif kind == 1:
            sentences.insert(rng.randrange(len(sentences)), sentences.pop(place))
        elif kind == 2:
            words = sentences[place]
            cut = rng.randrange(max(len(words), 1))
            sentences[place] = (
                f"{words[:cut]}{rng.choice(('另有规定', 'unless agreed', '2027', '—'))}{words[cut + 2 :]}"
            )
        else:
            sentences.insert(place, rng.choice(sentences)[::-1])
    return "".join(sentences)
