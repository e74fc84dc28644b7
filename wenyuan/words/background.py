"""A fixed background of term frequencies, so that no score depends on what else is in the index.

With the IDF of the corpus, a document that a reader may not see would still move the order of those that they may:
adding documents and watching scores would tell what is hidden. The weights here come from ``wordfreq`` (Chinese and
English web, subtitles, news, books), which is part of the installation and the same for everyone.
"""

import math
import re
import threading
from array import array
from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from wenyuan.words.english import root
from wenyuan.words.terms import cjk_bigrams, inner_words, normalise, stem, term_id

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Words in the notional document of the background: turns a frequency per word into a share of documents.
DOCUMENT_WORDS: Final = 150
#: Frequency per word of what the lists do not know (names, model numbers, codes). Rarer entries are left out.
UNSEEN: Final = 1e-6
#: Of the numbers of one value, the share that is measured in one unit.
_MEASURED: Final = 0.1
_YEARS: Final = 0.5
_FIGURES: Final = re.compile(r"w(\d{2,})")
_MEASURE: Final = re.compile(r"q(\d+)(?:\.\d+)?([a-z]+)")


class Background:
    """Inverse document frequencies of terms, held as flat arrays of (id, frequency)."""

    def __init__(self) -> None:
        frequencies: defaultdict[int, float] = defaultdict(float)
        first: defaultdict[str, float] = defaultdict(float)
        last: defaultdict[str, float] = defaultdict(float)
        for word, frequency in listed("zh"):
            simple = normalise(word)
            first[simple[0]] += frequency
            last[simple[-1]] += frequency
            for part in (simple, *inner_words(simple)):
                frequencies[term_id(f"w{part}")] += frequency
            for bigram in cjk_bigrams(simple):
                frequencies[term_id(f"b{bigram}")] += frequency
        for word, frequency in listed("en"):
            frequencies[term_id(f"w{stem(word)}")] += frequency
            if (origin := root(word)) is not None:
                frequencies[term_id(f"s{origin}")] += frequency
        ids = np.fromiter(frequencies.keys(), dtype=np.uint32, count=len(frequencies))
        values = np.fromiter(frequencies.values(), dtype=np.float32, count=len(frequencies))
        order = np.argsort(ids)
        # One term is looked up at a time: in arrays of the interpreter that takes a fifth of the time.
        self._ids = array("I", ids[order].tobytes())
        self._frequencies = array("f", values[order].tobytes())
        self._first = dict(first)
        self._last = dict(last)

    def frequency(self, term: str) -> float:
        """Return the frequency per word of a term, at least ``UNSEEN``.

        A bigram stands inside words (the sum of ``f(word)`` over the words that hold it) or across a border, where
        the last character of one word meets the first of the next: ``P(last) * P(first)`` if neighbours were
        independent. The first part is tabled, the second computed. The lists count numbers by their length alone; how
        often one of them comes follows from its leading digit, or from its nearness as a year.
        """
        frequency = self._tabled(term)
        if term[0] == "b" and len(term) == 3:
            frequency += self._last.get(term[1], 0.0) * self._first.get(term[2], 0.0)
        elif figures := _FIGURES.fullmatch(term):
            frequency = self._number(figures[1])
        elif measure := _MEASURE.fullmatch(term):
            share = _YEARS if measure[2] == "year" and len(measure[1]) == 4 else _MEASURED
            frequency = share * self.frequency(f"w{measure[1]}")
        return max(frequency, UNSEEN)

    def known(self, term: str) -> bool:
        """Return whether the lists hold a word or a root; one in some ten thousand that they do not hold seems held."""
        return self._tabled(term) > 0

    def _tabled(self, term: str) -> float:
        identifier = term_id(term)
        place = bisect_left(self._ids, identifier)
        return self._frequencies[place] if place < len(self._ids) and self._ids[place] == identifier else 0.0

    def _number(self, figures: str) -> float:
        """Return the mean frequency of a number in the two languages, whose lists both stand in the table."""
        from wordfreq.numbers import digit_freq

        return float(self._tabled("w" + "0" * len(figures)) * digit_freq(figures)) / 2

    def idf(self, term: str) -> float:
        """Return ``-ln p`` in nats, with ``p = 1 - exp(-f * DOCUMENT_WORDS)``.

        ``p`` is the chance that a document of ``DOCUMENT_WORDS`` words holds a term of frequency ``f`` (Poisson); this
        is Robertson's ``ln(1 + (1 - p) / p)``, which is never negative.
        """
        return -math.log(-math.expm1(-self.frequency(term) * DOCUMENT_WORDS))


def listed(language: str) -> "Iterator[tuple[str, float]]":
    """Yield (word, frequency per word) down to ``UNSEEN`` from wordfreq's largest list for ``language``."""
    from wordfreq import get_frequency_list

    # A bucket holds the words of one frequency, in centibels: 0 is every word, -800 one in 10^8.
    for centibels, bucket in enumerate(get_frequency_list(language, wordlist="best")):
        frequency = 10 ** (-centibels / 100)
        if frequency < UNSEEN:
            break
        for word in bucket:
            yield word, frequency
    get_frequency_list.cache_clear()


_LOCK: Final = threading.Lock()


@lru_cache(maxsize=1)
def _built() -> Background:
    return Background()


def background() -> Background:
    """Return the background, built at the first call of the process."""
    with _LOCK:
        return _built()
