"""A name of the passages whose place in the sentence is taken by something that the passages do not hold at all."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places
from generation.grounding.verdict import Finding
from generation.grounding.words import NEAR, likeness

_NAMES: Final = (Kind.NAME, Kind.CODE, Kind.RARE)
#: What the words of a run must weigh together.
_WEIGHT: Final = 0.4
#: Words between the neighbours of a name, at most.
_WIDE: Final = 3
#: Longer words share a character by chance, as 人事部 and 部门 do.
_LONG: Final = 3
_SAME_PART: Final = 0.6
_POINTING: Final = frozenset("该此这本其")
_GENERAL_WORDS: Final = """
公司 企业 集团 单位 机构 组织 学校 大学 医院 国家 城市 地区 政府 作者 作家 导演 演员 选手 球员 球队 运动员 本人
双方 对方 大家 人们 人士 当地 此人 后者 前者 该国 全国 该市 产品 项目 系统 设备 员工 居民 company firm city
country author team people player town state product system
"""
_GENERAL: Final = frozenset(_GENERAL_WORDS.split())


def replaced_name(statement: Reading, places: Places) -> list[Finding]:
    """Return what stands between the very words between which a passage has a name; another name does so for sure."""
    claimed = {t.key for t in statement.tokens}
    for run, before, behind in _absent_runs(statement, places):
        if any(_stands_between(run, before, behind, number, places, claimed) for number in range(len(places.units))):
            return [Finding("name", sure=any(t.kind is Kind.NAME or t.kind is Kind.CODE for t in run))]
    return []


def _absent_runs(statement: Reading, places: Places) -> Iterator[tuple[Sequence[Token], Token | None, Token | None]]:
    """Yield the runs of words of one clause that no passage holds, with the words before and behind them there."""
    for _, group in groupby(statement.tokens, lambda t: t.clause):
        tokens = list(group)
        absent = [t.kind is not Kind.QUANTITY and _absent(t, places) for t in tokens]
        start = 0
        for missing, same in groupby(absent):
            end = start + len(list(same))
            run = tokens[start:end]
            if missing and sum(t.weight for t in run) >= _WEIGHT and not _general(run, statement) and _names(run):
                yield run, tokens[start - 1] if start else None, tokens[end] if end < len(tokens) else None
            start = end


def _absent(token: Token, places: Places) -> bool:
    if places.find(token.key):
        return False
    texts = [text for u in places.units for text in (u.text.lowered.replace(" ", ""), u.around.lowered)]
    if any(token.key in text for text in texts):
        return False
    words = (t for u in places.units for t in u.text.tokens if t.kind is not Kind.QUANTITY)
    near = NEAR if len(token.key) < _LONG or token.key.isascii() else _SAME_PART
    return all(likeness(token.key, t.key) < near or t.kind in _NAMES for t in words)


def _names(run: Sequence[Token]) -> bool:
    """Say whether a run may name something: in Latin letters names are written as such."""
    return any(t.kind is not Kind.WORD or not t.key.isascii() for t in run)


def _general(run: Sequence[Token], statement: Reading) -> bool:
    before = statement.lowered[max(0, run[0].start - 1) : run[0].start]
    return before in _POINTING or run[0].key[:1] in _POINTING or run[-1].key in _GENERAL


def _stands_between(
    run: Sequence[Token], before: Token | None, behind: Token | None, unit: int, places: Places, claimed: set[str]
) -> bool:
    """Say whether the unit has a name, and little else, between the words that stand around ``run``."""
    tokens = places.units[unit].text.tokens
    firsts = [t.place for t in tokens if before is not None and t.key == before.key]
    lasts = [t.place for t in tokens if behind is not None and t.key == behind.key]
    if before is None and behind is None:
        return False
    if before is None:
        firsts = [_opening(tokens, last) for last in lasts]
    if behind is None:
        lasts = [_closing(tokens, first) for first in firsts]
    for first in firsts:
        for last in lasts:
            between = tokens[first + 1 : last] if first < last <= first + 1 + _WIDE else ()
            if any(t.kind in _NAMES and t.key not in claimed for t in between) and not any(
                t.key in claimed for t in between
            ):
                return True
    return False


def _opening(tokens: Sequence[Token], place: int) -> int:
    """Return the place before the first word of the clause that ``place`` is in."""
    return next(t.place for t in tokens if t.clause == tokens[place].clause) - 1


def _closing(tokens: Sequence[Token], place: int) -> int:
    """Return the place behind the last word of the clause that ``place`` is in."""
    return next(t.place for t in reversed(tokens) if t.clause == tokens[place].clause) + 1
