"""Samples for the reader: a question, a window of a passage, and the span of the answer in it or none."""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from benchmarks.reader.swaps import Swap, Words, crossed, swaps, words_of
from wenyuan.text import content_terms, detect_language, sentences

#: Characters of a window of Chinese text.
_CHARS: Final = 180
#: The share of the questions known in two languages that stay in that of their passage.
_OWN: Final = 0.4


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the span of its answer in its passage; ``other``: the same question in the other language."""

    text: str
    start: int
    end: int
    other: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, its sentences as spans, what is asked about it, and what people asked that it does not answer."""

    text: str
    sentences: tuple[tuple[int, int], ...]
    asked: tuple[Asked, ...]
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """``text[start:end]`` answers ``question``; ``start < 0``: nothing does. ``kind`` says how the sample was made."""

    question: str
    text: str
    start: int
    end: int
    kind: str

    @property
    def answered(self) -> bool:
        """Whether the window holds an answer."""
        return self.start >= 0


def read(found: Sequence[Mapping[str, Any]]) -> list[Passage]:
    """Return the paragraphs of articles in SQuAD's layout; a question without answers is one that people made so."""
    made = []
    for article in found:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            asked = [a for qa in paragraph["qas"] if (a := _asked(qa, text)) is not None]
            silent = tuple(str(qa["question"]) for qa in paragraph["qas"] if not qa["answers"])
            made.append(Passage(text, tuple((s.start, s.end) for s in sentences(text)), tuple(asked), silent))
    return made


def in_both(
    found: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]], ids: Collection[str]
) -> list[Passage]:
    """Return the paragraphs of ``found`` with the questions among ``ids``, as ``other`` asks them as well."""
    said = {str(qa["id"]): str(qa["question"]) for a in other for p in a["paragraphs"] for qa in p["qas"]}
    made = []
    for article in found:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            known = [qa for qa in paragraph["qas"] if str(qa["id"]) in ids]
            asked = [replace(a, other=said[str(qa["id"])]) for qa in known if (a := _asked(qa, text)) is not None]
            if asked:
                made.append(Passage(text, tuple((s.start, s.end) for s in sentences(text)), tuple(asked)))
    return made


def _asked(qa: dict[str, list[dict[str, str]]], text: str) -> Asked | None:
    if not qa["answers"]:
        return None
    answer = qa["answers"][0]
    start, words = int(answer["answer_start"]), answer["text"]
    if text[start : start + len(words)] != words:
        start = text.find(words)
    return Asked(str(qa["question"]), start, start + len(words)) if start >= 0 and words else None


class Maker:
    """Makes samples without end; the same seed makes the same ones."""

    def __init__(self, passages: Sequence[Passage], seed: int, *, traditional: float = 0.12) -> None:
        self._passages = passages
        self._chance = random.Random(seed)
        self._traditional = traditional
        self._words: dict[str, Words] = {}
        self._english = detect_language(passages[0].text) == "en"
        # English says in three characters what Chinese says in one.
        self._scale = 3 if self._english else 1
        self._near = _Neighbours(passages, _CHARS * self._scale)

    def __iter__(self) -> Iterator[Sample]:
        """Yield samples, the questions in a new order each time around: of each one that is answered and one not.

        Where people made questions that the passage does not answer, these take the place of the ones made here.
        """
        order: list[tuple[int, Asked | str]] = []
        for p, passage in enumerate(self._passages):
            order += [(p, asked) for asked in passage.asked]
            order += [(p, question) for question in passage.silent]
        while True:
            self._chance.shuffle(order)
            for place, asked in order:
                if isinstance(asked, str):
                    made = [self._silent(self._passages[place], asked)]
                else:
                    made = self.pair(place, asked)
                    made = made[:1] if self._passages[place].silent else made
                yield from (self._written(s) for s in made)

    def pair(self, place: int, asked: Asked) -> list[Sample]:
        """Return an answered sample and one that is not."""
        passage = self._passages[place]
        window = self._window(passage, asked)
        good = self._answered(passage, asked, window)
        makers = [self._swapped, self._swapped, self._removed, self._elsewhere, self._elsewhere, self._changed_text]
        self._chance.shuffle(makers)
        bad = next((s for make in makers if (s := make(place, asked, window)) is not None), None)
        return [self._asked_otherwise(s, asked) for s in (good, bad) if s is not None]

    def _asked_otherwise(self, sample: Sample, asked: Asked) -> Sample:
        """Ask some questions whose words were not changed in the other language."""
        unchanged = sample.kind in ("plain", "removed", "elsewhere") or sample.kind.startswith("text ")
        if not asked.other or not unchanged or self._chance.random() < _OWN:
            return sample
        return replace(sample, question=asked.other)

    def _window(self, passage: Passage, asked: Asked) -> tuple[int, int]:
        """Choose neighbouring sentences around the answer."""
        inside = [i for i, (s, e) in enumerate(passage.sentences) if s < asked.end and asked.start < e]
        return self._grown(passage, inside[0], inside[-1])

    def _grown(self, passage: Passage, first: int, last: int) -> tuple[int, int]:
        budget = self._scale * self._chance.choice((40, 80, 120, _CHARS))
        while True:
            grown = [(first - 1, last), (first, last + 1)]
            self._chance.shuffle(grown)
            for f, t in grown:
                fits = f >= 0 and t < len(passage.sentences)
                if fits and passage.sentences[t][1] - passage.sentences[f][0] <= budget:
                    first, last = f, t
                    break
            else:
                return passage.sentences[first][0], passage.sentences[last][1]

    def _silent(self, passage: Passage, question: str) -> Sample:
        """The sentences around the one that shares most with a question that the passage does not answer."""
        terms = set(content_terms(question, bare=True))
        shared = [len(terms & set(content_terms(passage.text[s:e]))) for s, e in passage.sentences]
        best = shared.index(max(shared))
        begin, end = self._grown(passage, best, best)
        return Sample(question, passage.text[begin:end], -1, -1, "people")

    def _answered(self, passage: Passage, asked: Asked, window: tuple[int, int]) -> Sample:
        begin, end = window
        text, answer = passage.text[begin:end], passage.text[asked.start : asked.end]
        plain = Sample(asked.text, text, asked.start - begin, asked.end - begin, "plain")
        if self._chance.random() < 0.5:
            return plain
        for swap in self._swaps(passage, asked):
            if swap.old in text and swap.old not in answer and swap.new not in text:
                head = swap.on(text[: plain.start])
                return Sample(
                    swap.on(asked.text),
                    head + answer + swap.on(text[plain.end :]),
                    len(head),
                    len(head) + len(answer),
                    "both swapped",
                )
        return plain

    def _swaps(self, passage: Passage, asked: Asked) -> list[Swap]:
        question = self._tagged(asked.text)
        other = self._passages[self._chance.randrange(len(self._passages))]
        return swaps(question, asked.text, self._tagged(passage.text), self._tagged(other.text), self._chance)

    def _swapped(self, place: int, asked: Asked, window: tuple[int, int]) -> Sample | None:
        passage = self._passages[place]
        text = passage.text[window[0] : window[1]]
        exchanged = crossed(self._tagged(asked.text), asked.text, self._chance)
        if exchanged and self._chance.random() < 0.3:
            return Sample(exchanged, text, -1, -1, "exchanged")
        for swap in self._swaps(passage, asked):
            # A word that the text does not share with the question would change nothing for the answer.
            if swap.kind == "opposite" or (swap.old in text and swap.new not in asked.text):
                return Sample(swap.on(asked.text), text, -1, -1, swap.kind)
        return None

    def _changed_text(self, place: int, asked: Asked, window: tuple[int, int]) -> Sample | None:
        passage = self._passages[place]
        text = passage.text[window[0] : window[1]]
        for swap in self._swaps(passage, asked):
            if swap.old in text and swap.kind != "opposite":
                return Sample(asked.text, swap.on(text), -1, -1, "text " + swap.kind)
        return None

    def _removed(self, place: int, asked: Asked, window: tuple[int, int]) -> Sample | None:
        """The same passage without the sentences that hold the answer."""
        passage = self._passages[place]
        answer = passage.text[asked.start : asked.end]
        kept = [passage.text[s:e] for s, e in passage.sentences if answer not in passage.text[s:e]]
        if not kept:
            return None
        size = max(1, min(len(kept), self._chance.choice((1, 2, 3, 4))))
        terms = set(content_terms(asked.text, bare=True))
        texts = [(" " if self._english else "").join(kept[i : i + size]) for i in range(len(kept) - size + 1)]
        nearest = max(texts, key=lambda text: len(terms & set(content_terms(text))))
        return Sample(asked.text, nearest[: _CHARS * self._scale], -1, -1, "removed")

    def _elsewhere(self, place: int, asked: Asked, window: tuple[int, int]) -> Sample | None:
        """The sentences of other passages that share most with the question."""
        answer = self._passages[place].text[asked.start : asked.end]
        other = self._near.closest(asked.text, place, self._chance)
        if other is None or answer in other:
            return None
        return Sample(asked.text, other, -1, -1, "elsewhere")

    def _tagged(self, text: str) -> Words:
        if text not in self._words:
            self._words[text] = words_of(text)
        return self._words[text]

    def _written(self, sample: Sample) -> Sample:
        """Write some samples in traditional characters."""
        if self._chance.random() >= self._traditional:
            return sample
        question, text = _converter().convert(sample.question), _converter().convert(sample.text)
        if len(text) != len(sample.text):
            return sample
        return Sample(question, text, sample.start, sample.end, sample.kind)


class _Neighbours:
    """Finds windows of other passages by shared words."""

    def __init__(self, passages: Sequence[Passage], most: int) -> None:
        self._windows: list[tuple[int, str]] = []
        self._holding: dict[str, list[int]] = {}
        for place, passage in enumerate(passages):
            for at in range(0, len(passage.sentences), 3):
                spans = passage.sentences[at : at + 3]
                self._windows.append((place, passage.text[spans[0][0] : spans[-1][1]][:most]))
                for term in set(content_terms(self._windows[-1][1])):
                    self._holding.setdefault(term, []).append(len(self._windows) - 1)

    def closest(self, question: str, place: int, chance: random.Random) -> str | None:
        """Return one of the three windows outside passage ``place`` that hold most rare words of ``question``."""
        scores: dict[int, float] = {}
        for term in set(content_terms(question, bare=True)):
            holding = self._holding.get(term, [])
            if len(holding) <= 400:
                for window in holding:
                    scores[window] = scores.get(window, 0.0) + 1.0 / (5 + len(holding))
        best = sorted((w for w in scores if self._windows[w][0] != place), key=lambda w: -scores[w])[:3]
        return self._windows[chance.choice(best)][1] if best else None


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2t")
