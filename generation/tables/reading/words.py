"""Words of questions and of labels, and where a label stands in a question.

A Chinese character is a word of its own; it counts only in runs of two, or where the whole label is one character.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from wenyuan.text import is_cjk, stem
from wenyuan.words.quantities import month_number

_HAN: Final = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {
    "两": "2",
    "十": "10",
    "首": "1",
}
#: Words for one thing, of one length, so that places hold.
_ALIKE: Final = (("占比", "比例"), ("比重", "比例"), ("比率", "比例"))
_CANONICAL: Final = {
    **dict.fromkeys(("old", "older", "oldest", "youngest", "younger"), "age"),
    **dict.fromkeys(("weigh", "weighs", "heavy", "heavier", "heaviest", "lightest"), "weight"),
    **dict.fromkeys(("cheap", "cheaper", "cheapest", "expensive"), "price"),
    **dict.fromkeys(("tall", "taller", "tallest"), "height"),
    "lives": "life",
    **dict.fromkeys(("paid", "pays"), "pay"),
    **dict.fromkeys(("sold", "sells"), "sell"),
    **dict.fromkeys(("bought", "buys"), "buy"),
    **dict.fromkeys(("held", "holds"), "hold"),
    **dict.fromkeys(("lent", "lends"), "lend"),
    **dict.fromkeys(("spent", "spends"), "spend"),
    "highest": "high",
    "lowest": "low",
    "percent": "percentage",
    "%": "percentage",
}
_ORDINALS: Final = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
_QUARTER: Final = re.compile(
    r"第?(?P<zh>[一二三四1-4])季度?|\bq\s?(?P<q>[1-4])\b|\b(?P<en>first|second|third|fourth)[\s-]quarter\b"
)
_TOKEN: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[a-zà-ɏ]+(?:['’][a-z]+)?|[^\W\d_a-z]|[%‰°]")
#: What a label loses for each piece beyond the first in which it stands in the question.
_TORN: Final = 0.15
_NUMBER: Final = re.compile(r"\d")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_FISCAL: Final = re.compile(r"\b(?:fy|cy|f)\s?'?(\d{2}|\d{4})\b")
#: What is longer is no label of a table: it is read anew each time, and questions and cells of prose are not kept.
_LABEL_CHARS: Final = 64
_FOOTNOTE: Final = re.compile(r"\s*[(（]\s*(?:\d{1,2}|[a-z])\s*[)）]|\*+$|(?<=[a-z])\s?[¹²³]$")
_LEAD: Final = re.compile(
    r"^(?:[一二三四五六七八九十]+、|[(（][一二三四五六七八九十\d]+[)）]|\d{1,2}[.．、]\s?|[ivx]+\.\s)"
    r"|^(?:其中|减|加|less|add|plus|of which|memo)\s?[:：]\s*",
    re.IGNORECASE,
)
#: The days of a whole month: June 1-30 is June.
_WHOLE_MONTH: Final = re.compile(r"(?<=[a-z])\s1\s?[-–]\s?(?:28|29|30|31)\b", re.IGNORECASE)
#: Words that neither name nor tell apart anything.
STOP: Final = frozenset({
    "a", "an", "the", "of", "in", "on", "at", "for", "to", "by", "from", "with", "and", "or", "as", "is", "are",
    "was", "were", "be", "been", "being", "do", "does", "did", "has", "have", "had", "it", "its", "this", "that",
    "these", "those", "what", "which", "who", "whom", "whose", "how", "much", "many", "when", "where", "there",
    "their", "s", "'s", "you", "me", "i", "we", "our", "us", "can", "could", "will", "would", "must", "should",
    "shall", "please", "tell", "give", "show", "find", "per", "during", "within", "into", "than", "about",
    "between", "over", "end", "th", "st", "nd", "rd", "ended", "year", "years", "fiscal", "fy", "period", "date",
    "amount", "value", "figure", "number", "total_of", "table", "respective", "respectively", "的", "了", "是",
    "在", "和", "与", "及", "或", "为", "对", "中", "有", "之", "其", "于", "从", "到", "至", "由", "以", "按",
    "被", "把", "将", "也", "都", "所", "该", "此", "各", "请", "问", "吗", "呢", "吧", "啊", "么", "?", "年", "度",
    "月", "日", "号", "时", "期", "个",
})  # fmt: skip
_STOP_PHRASES: Final = re.compile(
    r"请问|是?多少(?:亿元?|百?万元?|千元|元)|是多少|有多少|多少|什么时候|什么|哪一?[个些种位家项类年只款]|哪里|哪|几[个种位家项类名人件年月条款]?|分别|各自|一共有|"
    r"对应|情况|数据|具体|公司|报告期|金额|数值|数额|情形|采用|选用|选择|使用|应该|应当|应选|需要|为多少|大约|大概|左右|选|用"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word in small letters, English ones cut to their stem; ``weight`` says how much it tells, 0 for none."""

    text: str
    start: int
    end: int
    weight: float

    @property
    def han(self) -> bool:
        """Whether it is a Chinese character."""
        return is_cjk(self.text[0])


@dataclass(frozen=True, slots=True)
class Match:
    """How a label stands in a question: the places of its words there, the share of the label that stands there."""

    places: frozenset[int] = frozenset()
    coverage: float = 0.0
    missing: float = 0.0


def plain(text: str) -> str:
    """Return compatible forms made one, in small letters; every character keeps its place where it can."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")
    for written, meant in _ALIKE:
        folded = folded.replace(written, meant)
    return folded


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text in order; quarters become ``q1`` to ``q4``, fiscal years years, months numbers."""
    return _words_of_label(text) if len(text) <= _LABEL_CHARS else _words_of(text)


@lru_cache(maxsize=16384)
def _words_of_label(text: str) -> tuple[Word, ...]:
    return _words_of(text)


def _words_of(text: str) -> tuple[Word, ...]:
    folded = plain(text)
    spans: list[tuple[int, int, str]] = []
    for match in _QUARTER.finditer(folded):
        written = match["q"] or _HAN.get(match["zh"] or "", match["zh"] or "") or _ORDINALS[match["en"]]
        spans.append((match.start(), match.end(), f"q{written}"))
    for match in _FISCAL.finditer(folded):
        year = match[1] if len(match[1]) == 4 else f"20{match[1]}"
        spans.append((match.start(), match.end(), year))
    silent = [match.span() for match in _STOP_PHRASES.finditer(folded)]
    found = []
    for start, end, written in spans:
        found.append(Word(written, start, end, 3.0))
    for match in _TOKEN.finditer(folded):
        if any(start < match.end() and match.start() < end for start, end, _ in spans):
            continue
        word = _word(match, any(start <= match.start() < end for start, end in silent))
        # Zone A is not a zone, and IT is no pronoun: what is written in capitals is a name.
        written = text[slice(*match.span())] if len(folded) == len(text) else ""
        named = written.isupper() and (len(written) > 1 or (written == "A" and match.start() > 0))
        found.append(replace(word, weight=max(word.weight, float(min(2, len(written))))) if named else word)
    return tuple(sorted(found, key=lambda word: word.start))


def _word(match: re.Match[str], silent: bool) -> Word:
    text = match.group()
    start, end = match.span()
    if _NUMBER.match(text):
        text = text.replace(",", "")
        whole = text.rstrip("0").rstrip(".") if "." in text else text
        return Word(whole or "0", start, end, 3.0 if _YEAR.fullmatch(whole) else 2.0)
    if is_cjk(text[0]):
        return Word(text, start, end, 0.0 if silent or text in STOP else 1.0)
    month = month_number(text) if len(text) > 2 else 0
    if month and text not in {"may", "mar"}:
        return Word(f"month{month}", start, end, 1.0)
    bare = text.removesuffix("'s").replace("'", "")
    bare = _CANONICAL.get(bare, bare)
    return Word(stem(bare), start, end, 0.0 if bare in STOP or text == "%" else 2.0)


def label_words(text: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """Return the words that a label needs, and those that only explain it: in brackets, or numbering it."""
    return _known_label(text) if len(text) <= _LABEL_CHARS else _label_words(text)


@lru_cache(maxsize=16384)
def _known_label(text: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    return _label_words(text)


def _label_words(text: str) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    bare = _FOOTNOTE.sub("", unicodedata.normalize("NFKC", text)).strip()
    bare = _WHOLE_MONTH.sub("", _LEAD.sub("", _LEAD.sub("", bare)))
    inside = " ".join(re.findall(r"[(（\[]([^()（）\[\]]*)[)）\]]", bare))
    outside = re.sub(r"[(（\[][^()（）\[\]]*[)）\]]", " ", bare)
    outside = re.sub(r"/\s?[%‰]|/\s?[\w]{1,6}$", " ", outside)
    main = words_of(outside)
    if not any(word.weight for word in main):
        return words_of(bare), ()
    return main, words_of(inside)


def match_label(label: str, question: Sequence[Word]) -> Match:
    """Return how the label stands in the question; see ``match_words``."""
    main, extra = label_words(label)
    found = match_words(main, question)
    if not extra or not found.places:
        return found
    more = match_words(extra, question)
    return Match(found.places | more.places, found.coverage, found.missing)


def match_words(label: Sequence[Word], question: Sequence[Word]) -> Match:
    """Return the places of the label's words in the question, found in runs, the longest first."""
    whole = sum(word.weight for word in label)
    if not whole:
        return Match()
    size = len(label)
    runs = sorted(_runs(label, question), key=lambda run: (-run[2], run[0] - run[1]))
    used = 0
    taken_label: set[int] = set()
    taken_question: set[int] = set()
    for start, place, length in runs:
        before = len(taken_label)
        mine = [offset for offset in range(length) if start + offset not in taken_label]
        mine = [offset for offset in mine if place + offset not in taken_question]
        if (
            len(mine) == 1
            and size > 1
            and _counts(label[start + mine[0]])
            and not _adjoins(place + mine[0], taken_question)
        ):
            continue
        han = [offset for offset in mine if label[start + offset].han]
        alone = len(han) == 1 and size > 1 and not any(_beside(label, start + han[0], taken_label))
        if alone and not (han[0] - 1 in mine and label[start + han[0] - 1].text.isdigit()):  # 28 层 is told by its 28
            mine = [offset for offset in mine if offset not in han]
        taken_label.update(start + offset for offset in mine)
        taken_question.update(place + offset for offset in mine)
        used += len(taken_label) > before
    covered = sum(label[index].weight for index in taken_label)
    return Match(frozenset(taken_question), covered / whole, whole - covered + _TORN * max(0, used - 1))


def _counts(word: Word) -> bool:
    """Whether a word is a short number, which names nothing without the word before it."""
    return word.text.isdigit() and len(word.text) < 4


def _adjoins(place: int, taken: set[int]) -> bool:
    return place - 1 in taken or place + 1 in taken


def _beside(label: Sequence[Word], index: int, taken: set[int]) -> Iterable[bool]:
    """Whether the neighbours of a character in the label are found too, or carry nothing."""
    for near in (index - 1, index + 1):
        if 0 <= near < len(label):
            yield near in taken and label[near].han


def _runs(label: Sequence[Word], question: Sequence[Word]) -> list[tuple[int, int, int]]:
    """Return the maximal runs of equal words as (start in the label, start in the question, length)."""
    found = []
    for i, word in enumerate(label):
        for j, other in enumerate(question):
            if word.text != other.text or (i and j and label[i - 1].text == question[j - 1].text):
                continue
            length = 1
            while (
                i + length < len(label)
                and j + length < len(question)
                and label[i + length].text == question[j + length].text
            ):
                length += 1
            found.append((i, j, length))
    return found
