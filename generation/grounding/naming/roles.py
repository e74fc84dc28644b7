"""Who does what to whom: parties of a statement that have each other's part in the passages."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places
from generation.grounding.verdict import Finding
from generation.grounding.words import same_amount
from wenyuan.words.written.names import Sort, sort_of

#: A party whose clause fits better than another's by this much is the one that acts.
MARGIN: Final = 0.06
_NAMES: Final = (Kind.NAME, Kind.CODE, Kind.RARE)
_PARTY_WORDS: Final = """
甲方 乙方 丙方 买方 卖方 供方 需方 出租人 承租人 出租方 承租方 供应商 客户 贷款人 借款人 委托人 受托人 发包人
承包人 雇主 雇员 员工 用户 厂家 房东 租客 分公司 母公司 子公司 buyer seller supplier customer lessor lessee
landlord tenant lender borrower employer contractor client licensor licensee vendor purchaser
"""
_PARTIES: Final = frozenset(_PARTY_WORDS.split())
#: Sides of a contract: 接收方, 被许可方.
_SIDE: Final = re.compile(r"[\u4e00-\u9fff]{2,3}方")
_JOINED: Final = re.compile(r"\s?(?:和|与|及|、|同|以及|and|or|,|&)\s?(?:the\s)?")
_SECOND_ACTS: Final = re.compile(r"(?:被|由|遭|受|经|归|\bby)\s?$")
_FIRST_IS_OTHER: Final = re.compile(r"(?:向|给|对|比|从|相较于|相比于|较|\bto|\bthan|\bfrom|\bunlike)\s?$")
_TOWARDS: Final = re.compile(r"(?:向|给|对)$")
_FIRST_BESIDE: Final = re.compile(r"(?:与|和|跟|同|\bcompared (?:with|to))\s?$")
_FROM: Final = re.compile(r"(?:从|\bfrom)\s?$")
_RANGE_FROM: Final = re.compile(r"(?:从|自|\bfrom)\s?$")
_RANGE_TO: Final = re.compile(r"\s?(?:到|至|往|to\b)")
_COMPARISON: Final = re.compile(r"比|[高低大小多少早晚]于|\bthan\b")
_COMPARED: Final = re.compile(r"相比|比较|compared (?:with|to)|unlike")
_CONVERSE: Final = re.compile(
    r"收到|获得|取得|借入|收取|接受|购买|采购|收购|买入|买下|承租|租用|受雇|低于|少于|小于|晚于|输给|败给|落后于"
    r"|\b(?:receiv\w+|bought|buys?|acquir\w+|purchas\w+|obtain\w*|borrow\w*)\b"
    r"|\brent(?:s|ed|ing)\b|\brent(?= (?:\w+ ){0,4}from)"
    r"|\b(?:lower|less|fewer|smaller|later|slower|lost to|behind|below)\b"
)
_LIMITS: Final = re.compile(
    r"(?:不|不得)[少低小多高大]于|(?:no|not) (?:less|more|later|fewer) than|(?:less|more|fewer) than(?= \d)|最低|至少"
)
_APART: Final = re.compile(r"[；;。！？!?]|\.\s")
_COMMA: Final = re.compile(r"，|,(?!\d)")
_ARTICLE: Final = re.compile(r"(?:the|an?)\s$")
#: What happens somewhere is not done by the place.
_PLACE_OF: Final = re.compile(r"(?:\b(?:in|at|near)|位于|在)\s?$")
_LESS: Final = re.compile(r"(?:比|相较|与|和).{1,30}(?:低|少|小|慢|晚|短|轻)")
_REACH: Final = 48
#: Characters of the name of a firm at least that is not written like one.
_FIRM: Final = 4
#: Words beside one party that stand beside the other one instead.
_SAME_WORDS: Final = 2
_NEIGHBOURS: Final = 2
#: How well the clause of another party must fit what the statement says of one.
_PARTY_FIT: Final = 0.3


def role_reasons(statement: Reading, places: Places, *, named: bool) -> list[Finding]:
    """Return ``role`` where parties changed places; ``named``: something is wrong with a name already."""
    if _swapped(statement, places):
        return [Finding("role")]
    if not named and _another_acts(statement, places):
        return [Finding("role", sure=False)]
    return []


def _swapped(statement: Reading, places: Places) -> bool:
    """Say whether two parties of the statement have each other's part in the passage that names both."""
    actors = [t for t in statement.tokens if _party(t) and not _PLACE_OF.search(statement.lowered[: t.start])]
    compared = _COMPARISON.search(statement.lowered) is not None
    for one, two in combinations(actors, 2):
        if one.key in two.key or two.key in one.key or not (compared or _exchangeable(one, two)):
            continue
        if two.start - one.end <= _REACH and (said := orientation(statement, one, two)):
            given = {turned for unit in places.units for turned in _given(statement, unit.text, one, two)}
            if given and 0 not in given and said not in given:
                return True
        if any(_does_as(statement, a, b, places) for a, b in ((one, two), (two, one))):
            return True
    return False


def _party(token: Token) -> bool:
    return token.kind in _NAMES or token.key in _PARTIES or _SIDE.fullmatch(token.key) is not None


def acting_party(text: Reading, token: Token) -> bool:
    """Say whether a token is a party of a contract or an office that its clause does not only turn to."""
    party = token.key in _PARTIES or _SIDE.fullmatch(token.key) is not None
    return party and not _FIRST_IS_OTHER.search(_ARTICLE.sub("", text.lowered[: token.start]))


def _given(statement: Reading, text: Reading, one: Token, two: Token) -> Iterator[int]:
    """Yield the orientations of ``one`` and ``two`` where they stand with neither of them between.

    0 where a clause with one of them says more of what the statement says than theirs.
    """
    said = {t.key: t.weight for t in statement.tokens if t.kind is Kind.WORD and t.clause in (one.clause, two.clause)}
    words = [{t.key for t in text.tokens if t.clause == number} for number in range(len(text.clauses))]
    held = [sum(said.get(key, 0.0) for key in keys) for keys in words]
    both = [t for t in text.tokens if t.key in (one.key, two.key)]
    most = max((held[t.clause] for t in both), default=0.0)
    for first, second in pairwise(both):
        near = second.start - first.start <= 2 * _REACH
        if first.key != second.key and near and _acts(text, first, (one.key, two.key)):
            less = max(held[first.clause], held[second.clause]) < most
            turned = 0 if less else orientation(text, first, second)
            yield turned if first.key == one.key else -turned


def turned_across(said: Reading, text: Reading, same: Callable[[Token, Token], bool]) -> bool:
    """Say whether two parties of a statement have each other's part in a text of another language.

    ``same`` says whether two tokens name one party. Where an amount of the statement stands with one of the two alone,
    the statement is about that, and not about what they do to each other.
    """
    actors = [t for t in said.tokens if _party(t) and not _PLACE_OF.search(said.lowered[: t.start])]
    for one, two in pairwise(actors):
        known = [(t, same(one, t)) for t in text.tokens if _party(t) and same(one, t) is not same(two, t)]
        turned = orientation(said, one, two) if two.start - one.end <= _REACH else 0
        chinese = (one, two) if said.language == "zh" else tuple(t for t, _ in known)
        alike = all(_exchangeable(a, b) for a, b in combinations(chinese, 2))
        if not turned or not alike or _amount_of_one(said, text, known):
            continue
        given = {
            orientation(text, a, b) * (1 if is_one else -1)
            for (a, is_one), (b, other) in pairwise(known)
            if is_one is not other and b.start - a.start <= 2 * _REACH and _only_two(text, a, b)
        }
        if given == {-turned}:
            return True
    return False


def _only_two(text: Reading, first: Token, second: Token) -> bool:
    """Say whether no third party stands between two, or before them in their clause."""
    clause = [t for t in text.tokens if _party(t) and t.clause == first.clause and t.place < second.place]
    between = [t for t in text.tokens if first.place < t.place < second.place and _party(t)]
    return not between and {t.key for t in clause} <= {first.key}


def _amount_of_one(said: Reading, text: Reading, known: Sequence[tuple[Token, bool]]) -> bool:
    """Say whether an amount of the statement stands in a clause with one of two parties, and not with both."""
    amounts = [t.quantity for t in said.tokens if t.quantity]
    clauses = {t.clause for t in text.tokens if t.quantity and any(same_amount(a, t.quantity) for a in amounts)}
    return any(len({is_one for t, is_one in known if t.clause == clause}) == 1 for clause in clauses)


def _does_as(statement: Reading, token: Token, other: Token, places: Places) -> bool:
    """Say whether a clause that names ``other`` alone has it beside the very words that stand beside ``token``.

    Nowhere does ``token`` stand beside more than a few of them.
    """
    beside = _beside(statement, token)
    if len(beside) < _SAME_WORDS:
        return False
    shared = {token.key: 0, other.key: 0}
    for unit in places.units:
        for t in (t for t in unit.text.tokens if t.key in shared):
            alone = not any(c.clause == t.clause and _party(c) and c.key != t.key for c in unit.text.tokens)
            if alone or t.key == token.key:
                shared[t.key] = max(shared[t.key], len(beside & _beside(unit.text, t)))
    return shared[other.key] >= shared[token.key] + _SAME_WORDS


def _beside(text: Reading, token: Token) -> frozenset[str]:
    """Return the words among the two tokens of its clause before and behind a token, no parties."""
    near = (t for t in text.tokens if t.clause == token.clause and 0 < abs(t.place - token.place) <= _NEIGHBOURS)
    return frozenset(t.key for t in near if t.kind is Kind.WORD and not _party(t))


def _another_acts(statement: Reading, places: Places) -> bool:
    """Say whether a party opens a clause, and another one the clause of the passages that says the same of it."""
    for one in (t for t in statement.tokens if t.key in _PARTIES and _opens(statement, t)):
        others = [
            (places.affinity(statement, one, unit, other), other.key)
            for unit, said in enumerate(places.units)
            for other in said.text.tokens
            if other.key in _PARTIES and _opens(said.text, other)
        ]
        if others and max(others)[0] >= _PARTY_FIT and max(others)[1] != one.key:
            right = max((fit for fit, key in others if key == one.key), default=0.0)
            if max(others)[0] > right + MARGIN:
                return True
    return False


def _opens(text: Reading, token: Token) -> bool:
    """Say whether a token is what its clause begins with, and no other party's."""
    first = next(t for t in text.tokens if t.clause == token.clause)
    behind = text.lowered[token.end : token.end + 2]
    return first.place == token.place and not behind.startswith(("'s", "’s", "的"))


def _exchangeable(one: Token, two: Token) -> bool:
    """Say whether two parties are of one kind: a firm and what it makes do not change places."""
    things = (Kind.CODE, Kind.RARE)
    first, second = sort_of(one.key), sort_of(two.key)
    alike = first is second or ({first, second} == {Sort.FIRM, None} and min(len(one.key), len(two.key)) >= _FIRM)
    return alike and (one.kind in things) is (two.kind in things)


def _acts(text: Reading, near: Token, pair: tuple[str, str]) -> bool:
    """Say whether one of ``pair`` acts in the part of a sentence around ``near``: two others may come in any order."""
    left = max((m.end() for m in _APART.finditer(text.lowered, 0, near.start)), default=0)
    behind = _APART.search(text.lowered, near.end)
    right = behind.start() if behind else len(text.lowered)
    actors = [t for t in text.tokens if left <= t.start < right and _party(t)]
    named = [t for t in actors if _SECOND_ACTS.search(_ARTICLE.sub("", text.lowered[left : t.start]))]
    free = [t for t in actors if not _FIRST_IS_OTHER.search(_ARTICLE.sub("", text.lowered[left : t.start]))]
    agent = next(iter((*named, *free, *actors)), near)
    return agent.key in pair


def orientation(text: Reading, first: Token, second: Token) -> int:
    """Return 1 when ``first`` acts on ``second``, -1 when it is the other way round, 0 when neither can be said.

    Verbs seen from the receiving side (收到, *bought*) and lower ends of comparisons turn it around.
    """
    between = text.lowered[first.end : second.start]
    before = _ARTICLE.sub("", text.lowered[max(0, first.start - 20) : first.start])
    reaching = _RANGE_FROM.search(before) and _RANGE_TO.match(between)
    other = bool(_FIRST_IS_OTHER.search(before) and not reaching) or bool(
        _FIRST_BESIDE.search(before) and (before.rstrip()[-1:].isascii() or _COMPARED.search(between))
    )
    if _APART.search(between) or "、" in between:
        return 0
    if _COMMA.search(between) and not other and not _TOWARDS.search(between):
        return 0
    if _JOINED.fullmatch(between) and not _COMPARED.search(text.lowered[second.end : second.end + 6]):
        return 0
    if _FROM.search(before) and not reaching:
        return 1
    acts = -1 if other or _SECOND_ACTS.search(_ARTICLE.sub("", between)) else 1
    if _FROM.search(_ARTICLE.sub("", between)):
        return -1  # who has it from the other one got it, whatever the verb
    behind = _APART.split(text.lowered[second.end : second.end + 48])[0]
    clause = _LIMITS.sub(" ", f"{between} {_COMMA.split(behind)[0]}")
    return acts * (-1 if _CONVERSE.search(clause) or _LESS.search(f"{before}{clause}") else 1)
