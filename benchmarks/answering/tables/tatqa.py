"""TAT-QA dev, the table and the text given: exact match and F1 of spans and of arithmetic, as its paper scores them.

A number is right when value and scale are; the F1 of a number is its exact match, that of spans is over words. What no
table answers is quoted from the paragraphs, as the answer service does, without a model.
"""

import json
import re
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from generation.extract import Extractor
from generation.tables.amounts import scale_of_cells
from generation.tables.deciding import Decision, decide, told
from generation.tables.reading.asking import Op
from generation.tables.reading.relation import Relation, read_relation
from ingest.tables.typed import typed_table
from wenyuan.answers import Evidence
from wenyuan.documents import Cell, Table
from wenyuan.text import squeeze

_SCALES: Final = {"": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9, "percent": 0.01}
_ARTICLES: Final = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION: Final = str.maketrans("", "", string.punctuation.replace(".", "").replace("-", ""))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the set with its gold; ``kind`` is span, multi-span, arithmetic or count."""

    ask: str
    kind: str
    origin: str
    gold: tuple[str, ...]
    scale: str
    derivation: str


@dataclass(frozen=True, slots=True)
class Context:
    """A table with the paragraphs around it and the questions over them."""

    relation: Relation | None
    paragraphs: tuple[str, ...]
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered: texts, or one number with its scale. ``derived``: by a plan over cells, which was executed."""

    texts: tuple[str, ...] = ()
    scale: str = ""
    derived: bool = False


def contexts(path: Path) -> list[Context]:
    """Return the contexts of a file of the set, in its order."""
    return [_context(one) for one in json.loads(path.read_text(encoding="utf-8"))]


def _context(raw: dict[str, Any]) -> Context:
    rows = raw["table"]["table"]
    paragraphs = tuple(one["text"] for one in sorted(raw["paragraphs"], key=lambda one: one["order"]))
    cells = tuple(
        Cell(row, column, squeeze(text)) for row, line in enumerate(rows) for column, text in enumerate(line) if text
    )
    table = typed_table(Table(len(rows), max(map(len, rows)), cells))
    questions = tuple(
        Asked(
            one["question"],
            one["answer_type"],
            one["answer_from"],
            tuple(map(str, one["answer"] if isinstance(one["answer"], list) else [one["answer"]])),
            one["scale"],
            one["derivation"],
        )
        for one in raw["questions"]
    )
    return Context(read_relation(table, paragraphs), paragraphs, questions)


def given(asked: Asked, context: Context, extractor: Extractor) -> Given:
    """Answer from the table, else quote from the paragraphs."""
    decision = decide(asked.ask, [context.relation]) if context.relation else None
    if decision is not None:
        return _of(decision)
    evidence = [_passage(number, text) for number, text in enumerate(context.paragraphs)]
    quotes = extractor.extract(asked.ask, evidence).quotes if evidence else ()
    return Given(tuple(evidence[one.source].text[one.start : one.end] for one in quotes[:1]))


def _of(decision: Decision) -> Given:
    result = decision.result
    scale = "percent" if result.unit == "%" else scale_of_cells(decision.relation, result.operands)
    if result.plan.op in {Op.RATIO, Op.COUNT}:
        scale = ""
    if result.number is not None:
        return Given((str(round(result.number, 4)),), scale, derived=True)
    if result.plan.op is Op.LOOKUP:
        return Given(tuple(one.text for one in result.operands), scale, derived=True)
    return Given(tuple(told(decision)), "", derived=True)


def _passage(number: int, text: str) -> Evidence:
    return Evidence(str(number), "d", "v", "", text, "", (), (), (), "en", None, 1.0)


def scores(asked: Asked, answer: Given) -> tuple[float, float]:
    """Return exact match and F1, both 0 or 1 for numbers."""
    if asked.kind in {"arithmetic", "count"}:
        right = float(
            len(answer.texts) == 1 and _same_number(asked.gold[0], asked.scale, answer.texts[0], answer.scale)
        )
        return right, right
    gold, said = [_normal(one) for one in asked.gold], [_normal(one) for one in answer.texts]
    if len(gold) == len(said) == 1 and _number(gold[0]) is not None and _number(said[0]) is not None:
        right = float(_same_number(gold[0], asked.scale, said[0], answer.scale or asked.scale))
        return right, right
    exact = float(sorted(gold) == sorted(said))
    return exact, _f1(gold, said)


def _same_number(gold: str, gold_scale: str, said: str, said_scale: str) -> bool:
    wanted, found = _number(gold), _number(said)
    if wanted is None or found is None:
        return False
    digits = max(0, -int(wanted.as_tuple().exponent))
    near = abs(round(found, digits) - wanted) <= Decimal(1).scaleb(-max(digits, 2))
    if near and gold_scale == said_scale:
        return True
    a, b = float(wanted) * _SCALES[gold_scale], float(found) * _SCALES.get(said_scale, 1)
    return gold_scale != said_scale and abs(round(a, 4) - round(b, 4)) < 1e-9 * max(1.0, abs(a))


def _number(text: str) -> Decimal | None:
    bare = text.replace(",", "").replace("$", "").replace("%", "").replace("€", "").replace("£", "").strip()
    negative = bare.startswith("(") and bare.endswith(")")
    match = re.fullmatch(r"-?\d+(?:\.\d+)?", bare.strip("()").strip())
    if match is None:
        return None
    return -Decimal(match[0]) if negative else Decimal(match[0])


def _normal(text: str) -> str:
    number = _number(text)
    if number is not None:
        return str(number)
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def _f1(gold: Sequence[str], said: Sequence[str]) -> float:
    """Return the F1 of bags of words, spans aligned as well as they can be, one after the other."""
    left, total = list(said), 0.0
    for one in gold:
        best = max(left, key=lambda other: _bag(one, other), default=None)
        if best is not None:
            total += _bag(one, best)
            left.remove(best)
    return total / max(len(gold), len(said), 1)


def _bag(one: str, other: str) -> float:
    a, b = Counter(one.split()), Counter(other.split())
    common = sum((a & b).values())
    return 2 * common / (a.total() + b.total()) if common else 0.0


def judged(kept: Sequence[Context]) -> Iterator[tuple[Asked, Given, float, float]]:
    """Yield each question with what was answered, its exact match and F1."""
    extractor = Extractor(None)
    for context in kept:
        for asked in context.questions:
            answer = given(asked, context, extractor)
            yield asked, answer, *scores(asked, answer)
