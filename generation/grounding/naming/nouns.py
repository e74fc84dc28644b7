"""Names and codes: said of the same thing, and in the same part of what happens."""

import re
from typing import Final

from generation.grounding.naming.roles import role_reasons
from generation.grounding.naming.slots import replaced_name
from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places, outdone
from generation.grounding.verdict import Finding
from generation.grounding.words import NEAR, likeness
from wenyuan.words.written.names import Sort, sort_of

MARGIN: Final = 0.06
#: From here on it is sure which name is meant.
CLEAR: Final = 0.15
#: What a name must fit to be the one that the statement has another word for.
_FITS_WELL: Final = 0.6
_TITLED: Final = 0.5
_HEAVY: Final = 0.85
_SLIGHT: Final = 0.3
_CLEARLY: Final = 0.15
_RARE_MARGIN: Final = 0.2
#: Letters of a surname, at least.
_SURNAME: Final = 4
_NAMES: Final = (Kind.NAME, Kind.CODE, Kind.RARE)
_SUCH_AS: Final = re.compile(r"(?:例如|比如|诸如|譬如|\b(?:such as|for example|e\.g\.),?)[^，。；,;]{0,16}$")
_AND_THE_LIKE: Final = re.compile(r"[^，。；,;]{0,8}(?:之类|这样的|这类)")
_CALENDAR_WORDS: Final = """
january february march april may june july august september october november december monday tuesday wednesday
thursday friday saturday sunday
"""
#: Names of times: no rivals of what people, places and things are called.
_CALENDAR: Final = frozenset(_CALENDAR_WORDS.split())


def name_reasons(statement: Reading, places: Places, *, known: frozenset[str]) -> list[Finding]:
    """Return ``name`` for names the passages do not hold, or hold elsewhere, ``code`` for codes, ``role`` for a swap.

    ``known``: keys that stand in headings and titles of the passages.
    """
    texts = [unit.text.lowered.replace(" ", "") for unit in places.units]
    around = [unit.around.lowered.replace(" ", "") for unit in places.units]
    claimed = {t.key for t in statement.tokens if t.kind is not Kind.WORD}
    found = []
    for token in statement.tokens:
        if token.kind in _NAMES:
            held = [i for i, text in enumerate(texts) if token.key in text]
            titled = token.key in known or any(token.key in text for text in around)
            if not held and not titled:
                if token.kind is Kind.CODE:
                    found.append(Finding("code"))
                elif not _pieces(token, texts) and (token.kind is Kind.NAME or not _akin(token, texts)):
                    found.append(Finding("name", sure=token.kind is Kind.NAME and not _example(statement, token)))
            elif lead := _elsewhere(statement, token, places, held, claimed, titled=titled):
                found.append(Finding("name", sure=lead >= CLEAR))
        elif (
            token.kind is Kind.WORD
            and token.weight >= _HEAVY
            and _in_place_of_a_name(statement, token, places, claimed)
        ):
            found.append(Finding("name", sure=False))
    if not found:
        found += replaced_name(statement, places)
    return found + role_reasons(statement, places, named=bool(found))


def _example(statement: Reading, token: Token) -> bool:
    """Say whether a name only stands for others of its kind: 北京、上海之类的城市, *such as Berlin*."""
    before, behind = statement.lowered[: token.start], statement.lowered[token.end :]
    return bool(_SUCH_AS.search(before) or _AND_THE_LIKE.match(behind))


def _akin(token: Token, texts: list[str]) -> bool:
    """Say whether a rare word shares a character with what the passages say: it may be a word for the same thing."""
    return token.key.isascii() or any(char in text for char in token.key for text in texts)


def _in_place_of_a_name(statement: Reading, token: Token, places: Places, claimed: set[str]) -> bool:
    """Say whether a word that the passages do not hold stands where they have a name that the statement leaves out."""
    if places.find(token.key) or any(
        token.key in u.text.lowered or token.key in u.around.lowered for u in places.units
    ):
        return False
    if any(likeness(token.key, t.key) >= NEAR for u in places.units for t in u.text.tokens):
        return False
    return _instead(statement, token, places, claimed) > _FITS_WELL


def _pieces(token: Token, texts: list[str]) -> bool:
    """Say whether a name that is not there as it is written is there in its parts: 张伟先生."""
    if token.key.isascii():
        return False
    parts = [token.key[i : i + 2] for i in range(len(token.key) - 1)]
    return bool(parts) and any(sum(p in text for p in parts) * 3 >= 2 * len(parts) for text in texts)


def _elsewhere(
    statement: Reading, token: Token, places: Places, held: list[int], claimed: set[str], *, titled: bool
) -> float:
    """Return by how much another name rather stands where the statement has this one, 0 where none does."""
    places_of_it = [
        (unit, other) for like, unit, other in places.find(token.key) if like == 1.0 or _alias(token, other)
    ]
    right = [(places.affinity(statement, token, unit, other), unit) for unit, other in places_of_it]
    right += [
        (places.affinity(statement, token, number, begin), number)
        for number, unit in enumerate(places.units)
        if token.key in unit.topic
        for begin in places.beginnings(number)
    ]
    parts = [unit for unit in held if all(t.key != token.key for t in places.units[unit].text.tokens)]
    right += [(_inside(statement, token, places, unit), unit) for unit in parts]
    if not right or (titled and max(right)[0] < _TITLED):
        return 0.0
    margin = _RARE_MARGIN if token.kind is Kind.RARE and sort_of(token.key) is not Sort.PERSON else MARGIN
    rivals = _others(statement, token, places, claimed, beside=max(right)[1])
    return outdone(token, places, max(right), rivals, margin) or 0.01 * _put_in(statement, token, places, max(right))


def _alias(token: Token, other: Token) -> bool:
    """Say whether one Latin name ends with the other: Priya Nair, Ms Nair."""
    short, long = sorted((token.key, other.key), key=len)
    return other.kind is Kind.NAME and short.isascii() and len(short) >= _SURNAME and long.endswith(short)


def _put_in(statement: Reading, token: Token, places: Places, right: tuple[float, int]) -> bool:
    """Say whether the unit that says the rest of the statement has another thing in the place of this name.

    The rest stands there nearly whole, the name does not, and a word that the statement leaves out stands in its place;
    a pronoun is no such word.
    """
    at = max(range(len(places.units)), key=lambda unit: places.share(token, unit))
    unit = places.units[at]
    if at == right[1] or token.key in unit.text.lowered.replace(" ", "") or token.key in unit.keys:
        return False
    rest = [t for t in statement.tokens if t.place != token.place and t.key not in token.key]
    if not rest or places.share(token, at) < places.share(token, right[1]) + _CLEARLY:
        return False
    said = {t.key for t in rest}
    others = (t for t in unit.text.tokens if t.kind is not Kind.QUANTITY and t.weight >= _SLIGHT)
    left = [t for t in others if all(likeness(t.key, key) < NEAR for key in said)]
    return any(
        places.affinity(statement, token, at, t) >= right[0] and _same_neighbour(statement, token, unit.text, t)
        for t in left
    )


def _same_neighbour(statement: Reading, token: Token, source: Reading, other: Token) -> bool:
    """Say whether one of the two words beside ``token`` stands beside ``other`` as well."""
    said = {t.key for t in statement.tokens if 0 < abs(t.place - token.place) <= 1}
    return any(t.key in said for t in source.tokens if 0 < abs(t.place - other.place) <= 1)


def _others(
    statement: Reading, token: Token, places: Places, claimed: set[str], *, beside: int = -1
) -> list[tuple[float, int]]:
    """Return the other names of the passages that the statement does not hold, as (affinity, unit).

    Names of another sort are none, nor what stands in brackets; beside the name itself, in unit ``beside``, a merely
    rare word is none either.
    """
    sort = sort_of(token.key)
    return [
        (places.affinity(statement, token, unit, other), unit)
        for unit, other in places.of_kind(*_NAMES)
        if other.key not in claimed
        and (token.key in _CALENDAR) is (other.key in _CALENDAR)
        and token.key not in other.key
        and other.key not in token.key
        and not (unit == beside and other.kind is Kind.RARE)
        and not (sort and other.kind is not Kind.CODE and (theirs := sort_of(other.key)) and theirs is not sort)
        and not _aside(places.units[unit].text, other)
    ]


def _aside(text: Reading, token: Token) -> bool:
    """Say whether a token stands in brackets."""
    before = text.lowered[: token.start]
    return before.rfind("(") > before.rfind(")")


def _instead(statement: Reading, token: Token, places: Places, claimed: set[str]) -> float:
    """Return how well the best other name fits where the statement has ``token``."""
    return max((fit for fit, _ in _others(statement, token, places, claimed)), default=0.0)


def _inside(statement: Reading, token: Token, places: Places, unit: int) -> float:
    """Return the affinity of a name to the token that holds it, or begins it."""
    text = places.units[unit].text
    at = text.lowered.find(token.key)
    near = [t for t in text.tokens if t.start <= at < t.end] or [t for t in text.tokens if t.end > at][:1]
    return max((places.affinity(statement, token, unit, t) for t in near), default=0.3)
