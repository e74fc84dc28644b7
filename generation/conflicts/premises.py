"""Questions that take something for granted which the evidence denies: why is the limit 800, when it is 600?"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from generation.grounding.figures import bound
from generation.grounding.polarity import opposed
from generation.grounding.reading import Kind, Reading, Token, read
from generation.grounding.words import likeness, same_amount, scaled
from generation.units import Unit, UnitKind, row_as_text, units_of
from wenyuan.answers import Evidence
from wenyuan.text import detect_language
from wenyuan.words.terms import normalise, simplified
from wenyuan.words.written.names import sort_of

#: What makes a question of a statement; the rest is what it takes for granted, or asks to be confirmed.
_WHY: Final = re.compile(
    r"为什么|为何|为啥|凭什么|怎么会|何以|的(?:原因|理由|依据)(?:是什么|何在|有哪些)?|是?出于什么(?:原因|考虑)"
    r"|\b(?:why|how come|what is the reason (?:that|why)|for what reason)\b",
    re.IGNORECASE,
)
_CONFIRM: Final = re.compile(
    r"(?:对吗|对不对|是吗|是真的吗|没错吧|对吧|吗)\s*[？?]?\s*$|是不是|是否|\b(?:is it (?:true|correct|right) that)\b"
    r"|,?\s(?:right|isn['’]t it|is that (?:true|correct|right))\s*\?\s*$",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(r"(?<![对是真])吗\s*[？?]?\s*$|是不是|是否")
_PLAIN: Final = re.compile(r"[？?。]+\s*$")
#: The share of what is taken for granted, by weight and without what is in doubt, that a unit says with its headings;
#: the share that the unit says itself.
_SAID: Final = 0.75
_SAID_ITSELF: Final = 0.5
_DENIED: Final = 0.9
_CONTENT: Final = 0.15
_AROUND: Final = 0.8
_SAME_WORD: Final = 0.85
_LEAST: Final = 0.5
_LONG_NAME: Final = 3
_FORMS: Final = frozenset(("ltd", "inc", "llc", "plc", "corp", "co", "gmbh", "group", "company", "limited"))
_LITTLE: Final = re.compile(r"[由在被向与从]$|\b(?:by|in|at|from|to|with)\s$")


@dataclass(frozen=True, slots=True)
class Denied:
    """``evidence[source].text[start:end]`` says something else than the question takes for granted."""

    source: int
    start: int
    end: int
    unit: Unit
    kind: str


def taken_for_granted(question: str) -> str | None:
    """Return the statement in a question for a reason or a confirmation, None for other questions."""
    rest, whys = _WHY.subn(" ", question)
    rest, confirms = _CONFIRM.subn(" ", rest)
    return _PLAIN.sub("", rest).strip() if whys or confirms else None


def denied_premise(question: str, evidence: Sequence[Evidence], without: Collection[str] = ()) -> Denied | None:
    """Return what denies the statement that ``question`` takes for granted: another figure, or the contrary.

    Documents of the ids ``without`` are not asked.
    None where any passage says what the question says, or none speaks of the same thing clearly enough.
    """
    statement = taken_for_granted(question)
    if statement is None:
        return None
    said = read(statement)
    standing = [piece for piece in evidence if piece.document_id not in without]
    doubted = [t for t in said.tokens if t.quantity is not None]
    name = _unknown_name(said, standing)
    rated = sorted(_rated(said, evidence, without, name), key=lambda one: -one[0])
    near = [one for one in rated if one[0] >= _SAID]
    if not near or len(doubted) > 1:
        return None
    if doubted and (name is None or not any(_gives(read(piece.text), doubted[0]) for piece in standing)):
        return _other_figure(said, doubted[0], near, standing)
    if name is not None:
        return _other_name(said, name, near)
    if _OPEN.search(question) and not _WHY.search(question):
        return None  # whether it is so is asked, and either way is an answer
    for share, unit, text in near[:3]:
        if share < _DENIED:
            break
        if any(not opposed(said, other) and one >= _DENIED for one, _, other in near):
            return None
        if opposed(said, text):
            return Denied(unit.source, unit.start, unit.end, unit, "negation")
    return None


def _rated(
    said: Reading, evidence: Sequence[Evidence], without: Collection[str], name: Token | None
) -> list[tuple[float, Unit, Reading]]:
    """Return the units in the question's language with the share of the statement's words, but ``name``, they say."""
    words = [t for t in said.tokens if t.quantity is None and t.weight >= _CONTENT and t is not name]
    total = sum(t.weight for t in words)
    if total < _LEAST:
        return []
    found, language = [], detect_language(said.plain)
    for source, piece in enumerate(evidence):
        if piece.document_id in without or piece.language != language:
            continue
        for unit in units_of(source, piece):
            if unit.kind is UnitKind.HEADING:
                continue
            text = read(row_as_text(unit, piece.language) if unit.kind is UnitKind.ROW else unit.text)
            own = [_held(t, text) for t in words]
            if sum(t.weight * h for t, h in zip(words, own, strict=True)) < _SAID_ITSELF * total:
                continue
            around = read(unit.context)
            held = [max(h, _AROUND * _held(t, around)) for t, h in zip(words, own, strict=True)]
            found.append((sum(t.weight * h for t, h in zip(words, held, strict=True)) / total, unit, text))
    return found


def _held(token: Token, text: Reading) -> float:
    best = max((likeness(token.key, t.key) for t in text.tokens if t.quantity is None), default=0.0)
    if best < _SAME_WORD and not token.key.isascii() and token.key in text.lowered:
        return 1.0
    return best if best >= _SAME_WORD else 0.0


def _unknown_name(said: Reading, evidence: Sequence[Evidence]) -> Token | None:
    """Return the one name of a person, place or firm in the question that no passage has, nor a part of it."""
    names = [t for t in said.tokens if _sort(t)]
    whole = (" ".join((e.document_title, *e.heading_path, e.text)) for e in evidence)
    texts = [normalise(simplified(text)).replace(" ", "") for text in whole]
    absent = [t for t in names if not any(part in text for part in _pieces(t.key, said, t) for text in texts)]
    return absent[0] if len(absent) == 1 else None


def _sort(token: Token) -> str:
    """Return what a name is of; Latin ones are not told apart."""
    if token.kind not in (Kind.NAME, Kind.RARE):
        return ""
    if token.key.isascii():
        return "name" if token.kind is Kind.NAME else ""
    return sort_of(token.key) or ""


def _pieces(key: str, said: Reading, token: Token) -> list[str]:
    """Return a name, and what it may be called by alone: a surname, two characters of a longer one."""
    if key.isascii():
        last = said.lowered[token.start : token.end].split(" ")[-1]
        return [key] if last in _FORMS else [key, last]
    return [key] if len(key) < _LONG_NAME else [key, key[:2], key[-2:]]


def _other_name(said: Reading, name: Token, near: Sequence[tuple[float, Unit, Reading]]) -> Denied | None:
    """Return the unit that has one other name of its sort in the place of a name that no passage knows."""
    plain = said.lowered.replace(" ", "")
    for _, unit, text in near:
        same = [t for t in text.tokens if _sort(t) == _sort(name) and t.key not in plain]
        beside = [t for t in same if _same_neighbour(said, name, text, t)]
        others = beside or [t for t in same if _same_little_word(said, name, text, t)]
        if len({t.key for t in others}) == 1:
            return Denied(unit.source, unit.start, unit.end, unit, "name")
    return None


def _same_neighbour(said: Reading, name: Token, text: Reading, other: Token) -> bool:
    beside = {t.key for t in said.tokens if abs(t.place - name.place) == 1}
    return any(t.key in beside for t in text.tokens if abs(t.place - other.place) == 1)


def _same_little_word(said: Reading, name: Token, text: Reading, other: Token) -> bool:
    """Say whether two names stand behind one little word: 由, *by*."""
    one, two = _LITTLE.search(said.lowered[: name.start]), _LITTLE.search(text.lowered[: other.start])
    return one is not None and two is not None and one[0] == two[0]


def _other_figure(
    said: Reading, doubted: Token, near: Sequence[tuple[float, Unit, Reading]], evidence: Sequence[Evidence]
) -> Denied | None:
    """Return the unit that gives another figure of the same measure in the place of the doubted one."""
    if any(_gives(read(piece.text), doubted) for piece in evidence):
        return None
    for _, unit, text in near:
        figures = _in_place(said, text, [t for t in text.tokens if t.quantity and _measure(t) == _measure(doubted)])
        values = {(t.quantity.low, t.quantity.high, t.quantity.date) for t in figures if t.quantity}
        if len(values) == 1 and not _allows(text, figures[0], said, doubted):
            kind = "date" if _measure(doubted) == "date" else "number"
            return Denied(unit.source, unit.start, unit.end, unit, kind)
    return None


def _in_place(said: Reading, text: Reading, figures: Sequence[Token]) -> list[Token]:
    """Return those of the figures whose clause says most of what the statement says."""
    shares = {
        clause: sum(
            t.weight
            for t in said.tokens
            if t.quantity is None
            and any(o.clause == clause and likeness(t.key, o.key) >= _SAME_WORD for o in text.tokens)
        )
        for clause in {t.clause for t in figures}
    }
    return [t for t in figures if shares[t.clause] == max(shares.values())]


def _gives(text: Reading, doubted: Token) -> bool:
    return any(t.quantity and doubted.quantity and same_amount(doubted.quantity, t.quantity) for t in text.tokens)


def _measure(token: Token) -> str | None:
    quantity = token.quantity
    if quantity is None:
        return None
    if quantity.kind == "date" or (quantity.dimension == "year" and quantity.low > 1000):
        return "date"
    return scaled(quantity)[0] or quantity.dimension or "number"


def _allows(text: Reading, given: Token, said: Reading, doubted: Token) -> bool:
    """Say whether the figure of the evidence is a limit, or a range, that the doubted one keeps."""
    one, other = given.quantity, doubted.quantity
    if one is None or other is None:
        return True
    if one.kind == "date" or other.kind == "date":
        shorter = min(len(one.date), len(other.date))
        return bool(shorter) and one.date[:shorter] == other.date[:shorter]
    if one.low != one.high:
        return one.low <= other.low <= one.high
    limit = bound(text, given)
    if limit == bound(said, doubted):
        return False
    return (limit == "most" and other.low <= one.low) or (limit == "least" and other.low >= one.low)
