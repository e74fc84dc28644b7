"""Text to lexical terms: the same pure function for passages and for questions.

Six kinds of term are drawn from normalised text, each kind with a namespace of its own so that a word and a
bigram of the same letters are counted apart:

* ``w`` words: jieba search-mode words of Chinese runs, and lower-case, lightly stemmed words of other scripts;
* ``s`` roots of English words, which bring their inflections together;
* ``b`` bigrams of Chinese characters, which find what the word dictionary cuts wrongly;
* ``c`` codes kept whole: standards, model numbers, quantities (``gb/t3620.1-2016``, ``kyn28a-12``, ``0.4kv``);
* ``q`` quantities and dates by what they say (``q400volt``, ``q2024-03-01``);
* ``p`` numbered parts: ``p第12条``.
"""

import logging
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wenyuan.words.english import readings, root, without_clitics
from wenyuan.words.measures import measures

if TYPE_CHECKING:
    from jieba import Tokenizer

#: Chinese characters, as the inside of a class of a regular expression.
CJK: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# No sentence is as long; the segmenter takes quadratic time over characters that make no words.
_LONGEST_RUN: Final = 500
#: Runs whose words are kept: a question is cut by everything that looks for words in it, one after the other.
_CUT: Final = 64
_RUN: Final = re.compile(rf"(?P<cjk>[{CJK}]{{1,{_LONGEST_RUN}}})|(?P<word>[^\W_{CJK}]+)")
_CJK_RUN: Final = re.compile(rf"[{CJK}]+")
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
      | (?P<initials>[a-z]{{1,3}}(?:[ ]?&[ ]?[a-z]{{1,3}}){{1,3}}(?![a-z0-9&]))              # r&d
    )""",
    re.VERBOSE,
)
_GROUPED: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3}){1,8}(?![\d,])")
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
    once = {point: simple for point, simple in pairs if simple != chr(point)}
    return {point: simple.translate(once) for point, simple in once.items()}


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


def known_words() -> Mapping[str, int]:
    """Return the words of the segmenter's dictionary with how often they were counted; 0: only begins a word."""
    known: Mapping[str, int] = _segmenter().FREQ
    return known


def tagged_words() -> Iterator[tuple[str, int, str]]:
    """Yield the words of the segmenter's dictionary, how often each was counted, its part of speech (``v``, ``nr``)."""
    import jieba

    with jieba.Tokenizer().get_dict_file() as file:
        for line in file:
            word, count, tag = line.decode("utf-8").strip().split(" ")
            yield word, int(count), tag


def simplified(text: str) -> str:
    """Return ``text`` with traditional characters replaced by simplified ones, one by one."""
    return text.translate(_simplified())


def normalise(text: str) -> str:
    """Return ``text`` as matching sees it: NFKC, lower case, traditional characters replaced by simplified ones."""
    lowered = unicodedata.normalize("NFKC", text).lower().translate(_simplified())
    return unicodedata.normalize("NFKC", lowered)  # lower case letters compose with marks that capitals stand beside


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
    for match in _RUN.finditer(normalised):
        if match.lastgroup == "cjk":
            for word in _cut(match.group()):
                yield from inner_words(word)
                yield word
        else:
            yield stem(match.group())


@lru_cache(maxsize=_CUT)
def _cut(run: str) -> tuple[str, ...]:
    """Return the words of a Chinese run in their order."""
    return tuple(_segmenter().cut(run))


def inner_words(word: str) -> Iterator[str]:
    """Yield the dictionary words of two and three characters that search mode draws from inside a Chinese word."""
    known = _segmenter().FREQ
    for size in (2, 3):
        if len(word) > size:
            yield from (part for at in range(len(word) - size + 1) if known.get(part := word[at : at + size]))


def tokens(normalised: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the words in the order of the text: Chinese ones not overlapping, others unstemmed."""
    for match in _RUN.finditer(normalised):
        if match.lastgroup != "cjk":
            yield match.span()
            continue
        start = match.start()
        for word in _cut(match.group()):
            yield start, start + len(word)
            start += len(word)


def codes(normalised: str) -> Iterator[str]:
    """Yield standards, model numbers and quantities whole, without inner blanks."""
    for match in _CODES.finditer(normalised):
        yield match.group().replace(" ", "")


def terms(text: str) -> Iterator[str]:
    """Yield every term of ``text`` with its namespace, in no order that matters, repeated as often as it occurs."""
    plain = unicodedata.normalize("NFKC", text)
    simple = _GROUPED.sub(lambda match: match.group().replace(",", ""), plain.translate(_simplified()))
    normalised = without_clitics(normalise(simple))
    for word in words(normalised):
        yield f"w{word}"
    for match in _RUN.finditer(normalised):
        if match.lastgroup == "word" and (origin := root(match.group())) is not None:
            yield f"s{origin}"
    yield from (f"w{stem(word)}" for word in readings(plain, normalised))
    yield from (f"b{bigram}" for bigram in cjk_bigrams(normalised))
    yield from (f"c{code}" for code in codes(normalised))
    yield from measures(simple)


def term_id(term: str) -> int:
    """Return the stable unsigned 32-bit id of a term: the first four bytes of its BLAKE2b digest.

    Two of the terms of one question collide with one of a million others with a chance of about 2 in 10,000 per
    term; the dot product is then a little too high, never wrong in who may see it.
    """
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")
