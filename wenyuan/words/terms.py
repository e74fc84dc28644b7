"""Text to lexical terms: the same pure function for passages and for questions.

Four kinds of term are drawn from normalised text, each kind with a namespace of its own so that a word and a
bigram of the same letters are counted apart:

* ``w`` words: jieba search-mode words of Chinese runs, and lower-case, lightly stemmed words of other scripts;
* ``b`` bigrams of Chinese characters, which find what the word dictionary cuts wrongly;
* ``c`` codes kept whole: standards, model numbers, quantities (``gb/t3620.1-2016``, ``kyn28a-12``, ``0.4kv``).
"""

import logging
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jieba import Tokenizer

_CJK: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# No sentence is as long; the segmenter takes quadratic time over characters that make no words.
_LONGEST_RUN: Final = 500
_RUN: Final = re.compile(rf"(?P<cjk>[{_CJK}]{{1,{_LONGEST_RUN}}})|(?P<word>[^\W_{_CJK}]+)")
_CJK_RUN: Final = re.compile(rf"[{_CJK}]+")
_UNITS: Final = (
    r"kv|v|mv|ka|ma|a|kw|mw|w|kva|mva|kvar|mvar|kwh|mwh|hz|khz|mhz|ghz|ohm|nm|um|mm|cm|m|km|mg|g|kg|t|ml|l|"
    r"pa|kpa|mpa|bar|s|ms|min|h|db|lm|lx|kb|mb|gb|tb|°c|℃|%"
)
_CODES: Final = re.compile(
    rf"""(?<![a-z0-9.])(?:
        (?P<standard>[a-z]{{1,6}}/[a-z]{{1,3}}[ \-]?\d[\d.]*(?:[\-/:][a-z0-9.]*[a-z0-9])*)  # gb/t 3620.1-2016
      | (?P<quantity>\d+(?:\.\d+)?[ ]?(?:{_UNITS}))(?![a-z0-9]|[./\-][a-z0-9])           # 0.4 kv
      | (?P<joined>(?=[a-z./\-]{{0,24}}\d)[a-z0-9]+(?:[./\-][a-z0-9]+)+)                 # kyn28a-12, 3.6-1, 0.5
      | (?P<mixed>(?=[a-z]{{0,24}}\d)(?=\d{{0,24}}[a-z])[a-z0-9]+)                       # kyn28a
    )""",
    re.VERBOSE,
)
_LOCK: Final = threading.Lock()


@cache
def _simplified() -> dict[int, str]:
    """Return the map from traditional characters to simplified ones (OpenCC's ``t2s`` data, first reading).

    Character by character, not by phrase: both sides of a match pass through the same map, so a reading that a
    dictionary of phrases would choose otherwise cannot separate them.
    """
    from opencc import OpenCC

    converter = OpenCC("t2s")
    blocks = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
    pairs = ((point, converter.convert(chr(point))) for low, high in blocks for point in range(low, high))
    return {point: simple for point, simple in pairs if simple != chr(point)}


@cache
def _segmenter() -> "Tokenizer":
    """Return a private jieba tokenizer on the bundled dictionary.

    Its tables are set directly: ``initialize`` would load a marshalled cache from the shared temporary folder,
    which anybody on the machine could have written.
    """
    with _LOCK:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
        tokenizer.initialized = True
        return tokenizer


def normalise(text: str) -> str:
    """Return ``text`` as matching sees it: NFKC, lower case, traditional characters replaced by simplified ones."""
    return unicodedata.normalize("NFKC", text).lower().translate(_simplified())


def stem(word: str) -> str:
    """Strip the English plural and third-person *s*: -ies to -y, -es after a hiss, -s except -us, -is, -ss.

    After Harman's S stemmer (JASIS 42(1), 1991); both sides pass through it, so that a stem need not be a word.
    """
    if len(word) < 4 or not word.endswith("s") or not word.isascii():
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith(("us", "is", "ss")) else word[:-1]


def cjk_bigrams(normalised: str) -> Iterator[str]:
    """Yield the character bigrams of each Chinese run; a run of one character yields that character."""
    for run in _CJK_RUN.findall(normalised):
        if len(run) == 1:
            yield run
        else:
            yield from (first + second for first, second in pairwise(run))


def words(normalised: str) -> Iterator[str]:
    """Yield search-mode words of Chinese runs and stemmed words of other scripts, punctuation dropped."""
    segmenter = _segmenter()
    for match in _RUN.finditer(normalised):
        if match.lastgroup == "cjk":
            yield from segmenter.cut_for_search(match.group())
        else:
            yield stem(match.group())


def tokens(normalised: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the words in the order of the text: Chinese ones not overlapping, others unstemmed."""
    segmenter = _segmenter()
    for match in _RUN.finditer(normalised):
        if match.lastgroup != "cjk":
            yield match.span()
            continue
        start = match.start()
        for word in segmenter.cut(match.group()):
            yield start, start + len(word)
            start += len(word)


def codes(normalised: str) -> Iterator[str]:
    """Yield standards, model numbers and quantities whole, without inner blanks."""
    for match in _CODES.finditer(normalised):
        yield match.group().replace(" ", "")


def terms(text: str) -> Iterator[str]:
    """Yield every term of ``text`` with its namespace, in no order that matters, repeated as often as it occurs."""
    normalised = normalise(text)
    yield from (f"w{word}" for word in words(normalised))
    yield from (f"b{bigram}" for bigram in cjk_bigrams(normalised))
    yield from (f"c{code}" for code in codes(normalised))


def term_id(term: str) -> int:
    """Return the stable unsigned 32-bit id of a term: the first four bytes of its BLAKE2b digest.

    Two of the terms of one question collide with one of a million others with a chance of about 2 in 10,000 per
    term; the dot product is then a little too high, never wrong in who may see it.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")
