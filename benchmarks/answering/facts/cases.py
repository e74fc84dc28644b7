"""A statement with the passages it rests on, and what was changed in it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.answering.facts.frames import Frame
from benchmarks.answering.facts.values import WRONG_UNITS, Value, draw, is_name, near, write

CHANGES = ("number", "date", "unit", "name", "negation", "range", "role", "attribute")


@dataclass(frozen=True, slots=True)
class Case:
    """A statement over passages; ``change`` is empty for a true one."""

    statement: str
    passages: tuple[str, ...]
    language: str
    passage_language: str
    change: str
    origin: str


def frame_cases(
    rng: random.Random, count: int, language: str, passage_language: str, *, kinds: Sequence[Frame], false: bool
) -> list[Case]:
    """Return ``count`` cases over the frames ``kinds``."""
    cases: list[Case] = []
    turn = 0
    while len(cases) < count:
        frame = kinds[turn % len(kinds)]
        kind = CHANGES[(turn // len(kinds)) % len(CHANGES)] if false else ""
        turn += 1
        case = _case(frame, kinds, kind, rng, language, passage_language)
        if case is not None:
            cases.append(case)
    return cases


def _case(
    frame: Frame, kinds: Sequence[Frame], change: str, rng: random.Random, language: str, passage_language: str
) -> Case | None:
    values = _values(frame, rng)
    sibling: dict[str, Value] = {}
    for key, value in values.items():
        same = rng.random() < 0.2 and not is_name(value.kind)
        sibling[key] = value if same else draw(value.kind, rng, (*values.values(), *sibling.values()))
    passage = _passage(frame, kinds, values, sibling, rng, passage_language)
    said = rng.choice(frame.said[language])
    written = _changed(frame, change, said, values, sibling, rng, language)
    if written is None:
        return None
    return Case(written, passage, language, passage_language, change, f"frame:{frame.name}")


def _values(frame: Frame, rng: random.Random) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, kind in frame.kinds.items():
        values[key] = draw(kind, rng, tuple(values.values()))
    return values


def _fill(template: str, values: Mapping[str, Value], rng: random.Random, language: str) -> str:
    text = template.format(**{k: write(v, language, rng) for k, v in values.items()})
    text = text.replace("年年", "年")
    return text[0].upper() + text[1:] if language == "en" else text


def _passage(
    frame: Frame,
    kinds: Sequence[Frame],
    values: Mapping[str, Value],
    sibling: Mapping[str, Value],
    rng: random.Random,
    language: str,
) -> tuple[str, ...]:
    """Return the passage: the fact among a like fact of others and two of other kinds; sometimes in two passages."""
    template = rng.choice(frame.written[language])
    facts = [_fill(template, values, rng, language)]
    if any(is_name(v.kind) for v in values.values()):
        facts.append(_fill(rng.choice(frame.written[language]), sibling, rng, language))
    others = rng.sample([f for f in kinds if f is not frame], 2)
    facts += [_fill(rng.choice(other.written[language]), _values(other, rng), rng, language) for other in others]
    rng.shuffle(facts)
    join = "" if language == "zh" else " "
    if rng.random() < 0.3:
        return (join.join(facts[:2]), join.join(facts[2:]))
    return (join.join(facts),)


def _changed(
    frame: Frame,
    change: str,
    said: str,
    values: dict[str, Value],
    sibling: Mapping[str, Value],
    rng: random.Random,
    language: str,
) -> str | None:
    if change == "negation":
        return _fill(rng.choice(frame.denied[language]), values, rng, language)
    if change == "range":
        return _fill(rng.choice(frame.bounds[language]), values, rng, language) if frame.bounds else None
    if change == "role":
        if frame.swap is None or not all(f"{{{k}}}" in said for k in frame.swap):
            return None
        one, two = frame.swap
        return _fill(said, {**values, one: values[two], two: values[one]}, rng, language)
    if change == "unit":
        return _wrong_unit(said, values, rng, language)
    return _other_value(change, said, values, sibling, rng, language)


def _other_value(
    change: str,
    said: str,
    values: dict[str, Value],
    sibling: Mapping[str, Value],
    rng: random.Random,
    language: str,
) -> str | None:
    used = [k for k in values if f"{{{k}}}" in said]
    keys = [k for k in used if _change_of(values[k].kind) == change]
    if change == "attribute":
        keys = [k for k in used if not is_name(values[k].kind) and sibling[k] != values[k]]
        keys = keys if any(is_name(values[k].kind) for k in used) else []
    if change and not keys:
        return None
    if change:
        key = rng.choice(keys)
        # The other's value of the same attribute; or the other's name over this one's values; or one from outside.
        inside = change == "attribute" or (change == "name" and rng.random() < 0.6)
        other = sibling[key] if inside else near(values[key], rng)
        if other in [values[k] for k in used]:
            return None
        values = {**values, key: other}
        if all(values[k] == sibling[k] for k in used):
            return None
    return _fill(said, values, rng, language)


def _change_of(kind: str) -> str:
    return "name" if is_name(kind) else "date" if kind in ("date", "year") else "number"


def _wrong_unit(said: str, values: Mapping[str, Value], rng: random.Random, language: str) -> str | None:
    keys = [k for k, v in values.items() if f"{{{k}}}" in said and v.kind in WRONG_UNITS]
    rng.shuffle(keys)
    for key in keys:
        text = write(values[key], language, rng)
        options = [
            (a, b)
            for a, b in WRONG_UNITS[values[key].kind][language]
            if a in text
            and not (a == "A" and "kA" in text)
            and not (a == "V" and "kV" in text)
            and not (a == "元" and "万元" in text and b == "万")
        ]
        if not options:
            continue
        old, new = rng.choice(options)
        template = said.replace(f"{{{key}}}", text.replace(old, new).replace("{", "{{"))
        return _fill(template, values, rng, language)
    return None


def two_facts(rng: random.Random, count: int, language: str, *, kinds: Sequence[Frame], false: bool) -> Iterator[Case]:
    """Yield statements of two facts that stand in two passages; in a false one a value of one of them is changed."""
    for _ in range(count):
        one, two = rng.sample(list(kinds), 2)
        a, b = _values(one, rng), _values(two, rng)
        passages = (
            _fill(rng.choice(one.written[language]), a, rng, language),
            _fill(rng.choice(two.written[language]), b, rng, language),
        )
        if false:
            key = rng.choice([k for k in b if f"{{{k}}}" in two.said[language][0]])
            b = {**b, key: near(b[key], rng)}
        first = _fill(rng.choice(one.said[language]), a, rng, language).rstrip("。.")
        second = _fill(two.said[language][0], b, rng, language)
        glue = "；" if language == "zh" else "; "
        yield Case(
            first + glue + second, passages, language, language, "two" if false else "", f"two:{one.name}+{two.name}"
        )
