"""Is something said that the passage denies, or denied that it says? Negations and opposites, clause by clause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.source import Places, Read
from generation.grounding.verdict import Finding
from generation.grounding.words import NEAR, likeness

# What holds a negative character or word without denying anything, or bounds a number.
_NO_DENIAL: Final = re.compile(
    r"不[得应宜能可]?(?:超过|高于|大于|多于|晚于|迟于|少于|低于|小于|短于|早于)(?=[^，。；]{0,4}[\d百千半一二两三四五六七八九十])"
    r"|不可抗力|不动产|不定[期时]|不同(?!于|意)|不[仅但少断锈久管论限只光单足到满]|不得不|不可或缺|不过(?!\d)|不一定|不是[^，。]*而是"
    r"|无论|无线|无人机|未来|未满|没有?(?:想到|关系)|非常|非(?=[洲法正常营物金机])|莫非|无非|除非|并非(?=.*而是)|否则|能否|是否"
    r"|最[多少高低大小](?=[^，。；]{0,4}[\d百千半一二两三四五六七八九十])|at (?:most|least|the latest|the earliest)"
    r"|no (?:more|less|later|fewer|earlier|longer) than"
    r"|not (?:less than|more than|exceed(?:ing)?|later than)(?= [^a-z]?\d)"
    r"|not only|no\. ?\d|not\s+(?:all|every)\b|whether or not"
)
_DENIAL: Final = re.compile(
    r"不|未(?!来)|无须|无需|无权|没有|没|无(?=[法关效偿权须需意助])|无(?=[\u4e00-\u9fff]{2})(?!无(?:锡|数|限|穷|比|疑|名|形|机|人|偏))|禁止|严禁|请勿|切勿|勿|非(?=[必人由])|并非|拒绝|否认"
    r"|\b(?:not|no|nobody|nothing|never|without|cannot|prohibit\w*|forbid\w*|neither|nor|none|unable)\b"
    r"|\b(?:refus\w+|deni\w+|den(?:y|ies)|failed to|lack\w*)\b|n['’]t\b"
)
#: Opposites by what they are opposites in; a word belongs to one sense and one side.
_OPPOSITES: Final[tuple[tuple[str, str], ...]] = (
    (
        (
            r"增长|增加|上升|提高|提升|上涨|上调|扩大|上扬|攀升|走高|回升|增多"
            r"|\b(?:increas\w+|rose|ris(?:e|es|ing)|grew|grow\w*|gain\w*|rais(?:e|es|ed|ing)|up(?= (?:by )?\d))\b"
            r"|\b(?:widen|climb|surg|jump)\w*"
        ),
        (
            r"下降|减少|降低|下滑|下跌|下调|缩小|下挫|走低|缩水|萎缩|回落"
            r"|\b(?:decreas\w+|fell|fall(?:s|en|ing)?|declin\w+|dropp?\w*|plung\w+|slump\w*)\b"
            r"|\b(?:reduc\w+|lower(?:s|ed|ing)|shr[au]nk|shrink\w*|narrow(?:s|ed|ing)?|down(?= (?:by )?\d))\b"
        ),
    ),
    (
        r"最大|最高|最多|最强|最长|\b(?:largest|highest|biggest|greatest|most|longest|maximum)\b",
        r"最小|最低|最少|最弱|最短|\b(?:smallest|lowest|least|fewest|shortest|minimum)\b",
    ),
    (r"最早|最先|第一|首[个次位]|\b(?:first|earliest)\b", r"最晚|最后|末[个次位]|\b(?:last|latest|final)\b"),
    (r"之前|以前|前夕|早于|\b(?:before|prior to|earlier than)\b", r"之后|以后|晚于|\b(?:after|later than|following)\b"),
    (r"以上|\b(?:above|over)\b", r"以下|\b(?:below|under)\b"),
    (
        r"高于|大于|多于|超过|\b(?:higher|larger|greater|bigger|more)\b[\w\s]{0,24}\bthan\b",
        r"低于|小于|少于|不到|\b(?:lower|smaller|less|fewer)\b[\w\s]{0,24}\bthan\b",
    ),
    (r"有效|\bvalid\b|\bin force\b", r"无效|失效|作废|\binvalid\b|\bvoid(?:s|ed)?\b|\blapse[sd]?\b"),
    (
        r"支持|赞成|\bsupport\w*\b|\baccept\w*\b|\badopt(?:ed|s)?\b|\bapprov\w+\b",
        r"反对|驳回|\boppos\w+\b|\breject\w*\b|\bturn(?:s|ed)? down\b|\bdismiss\w*\b",
    ),
    (r"成功|\bsucce\w+\b", r"失败|\bfail\w*\b"),
    (r"改善|好转|\bimprov\w+\b", r"恶化|\bworsen\w*\b|\bdeteriorat\w+\b"),
    (r"快于|领先|\bahead of\b", r"慢于|滞后|落后|\bbehind\b"),
    (r"增值|升值", r"贬值"),
    (r"境内|国内", r"境外|国外|海外"),
    (r"上午|\ba\.m\.", r"下午|\bp\.m\."),
    (r"盈利|利润|\bprofit\w*\b", r"亏损|\bloss(?:es)?\b"),
)
_SENSES: Final = tuple((re.compile(up), re.compile(down)) for up, down in _OPPOSITES)
#: Comparisons of two parties: they say the same of them in the other order, which the check of parts judges.
_COMPARES: Final = 5
#: Senses that translations keep: rising or falling, most or least, valid or not.
_PLAIN_SENSES: Final = (0, 1, 6)
_ENOUGH: Final = 0.3
#: Signs that may stand between a negation and the word that it denies: 不须批准, 未能中标.
_HELPING: Final = "不未须必需得要应能可会予再曾被"
#: Characters between a negation and the word that it denies.
_FOCUS: Final = 6
_SAME_WORD: Final = 0.85
_RELATED: Final = 0.5
_NEARLY_ALL: Final = 0.8
_IS_NOT: Final = re.compile(r"不[是为属]|并非|\b(?:is|are|was|were)(?: not|n['’]t)\b")
#: Whoever urges that something be done says that it is not done yet.
_URGES: Final = re.compile(r"催|督促|敦促|责令|\burg(?:e|es|ed|ing)\b|\bremind\w*\b|\bchas(?:e|es|ed|ing)\b")
#: Two things that are denied one beside the other, and not a denial of a denial.
_ANOTHER_DENIAL: Final = re.compile(r"[也亦且又并][不无未没]|\bnor\b")
_EXCEPTION: Final = re.compile(r"除外|例外|不在此限|\b(?:unless|except)")
#: How much of an exception a statement says that means it.
_ENOUGH_EXCEPTED: Final = 0.6
_SAME_THING: Final = 0.4


@dataclass(frozen=True, slots=True)
class _Clause:
    tokens: tuple[Token, ...]
    text: str
    start: int = 0

    @property
    def weight(self) -> float:
        return sum(t.weight for t in self.tokens)

    @property
    def denied(self) -> bool:
        return denied(self.text)


def polarity_reasons(statement: Reading, places: Places, units: Sequence[Read]) -> list[Finding]:
    """Return ``negation`` when the statement and what carries it deny each other, clause by clause or word by word.

    It is not sure where what one side denies has no word on the other: it may be said there without denying it.
    """
    split = [_split(unit.text) for unit in units]
    sources = [clause for clauses in split for clause in clauses]
    beside = {id(clause): clauses for clauses in split for clause in clauses}
    wholes = [_Clause(unit.text.tokens, unit.text.lowered) for unit in units]
    found = []
    for clause in _split(statement):
        near = _nearest(clause, sources)
        if near is not None and clause.denied is not near.denied:
            if _excepted(statement, beside[id(near)]):
                continue
            near = _denying(clause, near, beside[id(near)]) or near
        if near is not None and _contrary(clause, near, beside[id(near)]):
            # What one clause says may be spread over two in the passage: then the sentences are compared as wholes.
            if _same_as_whole(statement, wholes):
                return []
            urged = _URGES.search(clause.text) is not None and near.denied
            found.append(Finding("negation", sure=not urged and _same_matter(clause, near, beside[id(near)])))
    if not found and _denied_word(statement, places, units):
        found.append(Finding("negation"))
    return found


def opposed(one: Reading, other: Reading) -> bool:
    """Say whether a clause of one text denies, or is the opposite of, the clause of the other that is most like it."""
    theirs = _split(other)
    for clause in _split(one):
        near = _nearest(clause, theirs)
        if near is not None and _contrary(clause, near, theirs):
            return not _same_as_whole(one, [_Clause(other.tokens, other.lowered)])
    return False


def _split(text: Reading) -> list[_Clause]:
    by: dict[int, list[Token]] = {}
    for token in text.tokens:
        by.setdefault(token.clause, []).append(token)
    return [_Clause(tuple(tokens), text.clause(number), text.clauses[number][0]) for number, tokens in by.items()]


def _excepted(statement: Reading, clauses: Sequence[_Clause]) -> bool:
    """Say whether the statement speaks of what the sentence of ``clauses`` excepts from what it says."""
    for clause in clauses:
        own = [t for t in clause.tokens if not _EXCEPTION.search(t.key)]
        weight = sum(t.weight for t in own)
        if own and _EXCEPTION.search(clause.text):
            held = sum(t.weight * _best(t, statement.tokens) for t in own)
            return held >= _ENOUGH_EXCEPTED * weight
    return False


def _denying(clause: _Clause, near: _Clause, beside: Sequence[_Clause]) -> _Clause | None:
    """Return the clause beside ``near`` that denies what ``clause`` does, where ``near`` does not hold that at all."""
    if not clause.denied:
        return None
    words = [t for t in clause.tokens if t.place in foci(clause.text, clause.tokens, clause.start)]
    if not words or any(_best(t, near.tokens) >= NEAR for t in words):
        return None
    return next((c for c in beside if c.denied and any(_best(t, c.tokens) >= _SAME_WORD for t in words)), None)


def _nearest(clause: _Clause, sources: Sequence[_Clause]) -> _Clause | None:
    if not clause.tokens:
        return None
    rated = []
    for source in sources:
        held = sum(t.weight * _best(t, source.tokens) for t in clause.tokens)
        if held >= _ENOUGH * clause.weight:
            rated.append((held / clause.weight + 0.35 * held / max(source.weight, 0.01), source))
    return max(rated, key=lambda r: r[0])[1] if rated else None


def _best(token: Token, tokens: Sequence[Token]) -> float:
    if token.kind is Kind.QUANTITY:
        return max(
            (
                1.0
                for t in tokens
                if t.quantity
                and token.quantity
                and t.quantity.low == token.quantity.low
                and t.quantity.date == token.quantity.date
            ),
            default=0.0,
        )
    return max((likeness(token.key, t.key) for t in tokens if t.kind is not Kind.QUANTITY), default=0.0)


def _same_as_whole(statement: Reading, wholes: Sequence[_Clause]) -> bool:
    """Say whether a double denial and a plain saying are the same: nobody may without, may only with."""
    whole = _Clause(statement.tokens, statement.lowered)
    near = _nearest(whole, wholes)
    if near is None or _ANOTHER_DENIAL.search(near.text):
        return False
    counts = denials(whole.text), denials(near.text)
    return max(counts) > 1 and counts[0] % 2 == counts[1] % 2 and not _contrary(whole, near)


def foci(text: str, tokens: Sequence[Token], start: int = 0) -> set[int]:
    """Return the places of the words that negations stand before: what is denied; ``start``: where ``text`` begins."""
    plain = _NO_DENIAL.sub(lambda m: " " * len(m.group()), text)
    found = set()
    for match in _DENIAL.finditer(plain):
        later = (t for t in tokens if t.start - start >= match.end() - 1 and t.kind is Kind.WORD)
        behind = [t for t in later if t.key.strip(_HELPING)]
        if not behind:
            continue
        between = plain[match.end() : behind[0].start - start]
        if len(between) <= _FOCUS if match.group()[-1].isascii() else not between.strip(_HELPING):
            found.add(behind[0].place)
    return found


def _denied_word(statement: Reading, places: Places, chosen: Sequence[Read]) -> bool:
    """Say whether a word that is denied here is said there of the same thing, or the reverse."""
    said = foci(statement.lowered, statement.tokens)
    for number, unit in enumerate(places.units):
        if unit not in chosen or denials(unit.text.lowered) + denials(statement.lowered) != 1:
            continue
        if _excepted(statement, _split(unit.text)):
            continue
        given = foci(unit.text.lowered, unit.text.tokens)
        for token in statement.tokens:
            if token.kind is not Kind.WORD:
                continue
            there = [t for t in unit.text.tokens if likeness(token.key, t.key) >= _SAME_WORD]
            if not there or (token.place in said) is any(t.place in given for t in there):
                continue
            if max(places.affinity(statement, token, number, t) for t in there) >= _SAME_THING:
                return True
    return False


def _contrary(one: _Clause, other: _Clause, beside: Sequence[_Clause] = ()) -> bool:
    """Say whether two clauses differ in denial or an odd number of opposites; ``beside``: the other's neighbours."""
    differ = denied(one.text) != denied(other.text)
    for number, (up, down) in enumerate(_SENSES):
        left, right = _side(one.text, up, down), _side(other.text, up, down)
        if left and not right:
            right = next(iter({side for c in beside if (side := _side(c.text, up, down))}), 0)
        if left and right and left != right and not (number == _COMPARES and _compares_parties(one)):
            differ = not differ
    return differ


def _same_matter(one: _Clause, other: _Clause, beside: Sequence[_Clause]) -> bool:
    """Say whether what one of two clauses denies stands in the other; opposites are about the same matter."""
    if denied(one.text) == denied(other.text):
        return True
    denying, plain = (one, other) if denied(one.text) else (other, one)
    if sum(t.weight * _best(t, other.tokens) for t in one.tokens) >= _NEARLY_ALL * one.weight:
        return True
    words = [t for t in denying.tokens if t.place in foci(denying.text, denying.tokens, denying.start)]
    against = plain.tokens if plain is one else [t for c in (plain, *beside) for t in c.tokens]
    return any(_best(t, against) >= _RELATED for t in words) or (not words and _IS_NOT.search(denying.text) is not None)


def _compares_parties(clause: _Clause) -> bool:
    return sum(t.kind in (Kind.NAME, Kind.CODE, Kind.RARE) for t in clause.tokens) > 1


def _side(text: str, up: re.Pattern[str], down: re.Pattern[str]) -> int:
    plain = _NO_DENIAL.sub(" ", text)
    return (1 if up.search(plain) else 0) - (1 if down.search(plain) else 0)


def turned(text: str, others: Sequence[str]) -> bool:
    """Say whether texts of two languages differ in an odd number of plain opposites; each has one side of them only."""
    count = 0
    for up, down in (_SENSES[at] for at in _PLAIN_SENSES):
        left, right = _side(text, up, down), sum(_side(other, up, down) for other in others)
        count += left * right < 0
    return count % 2 == 1


def denials(text: str) -> int:
    """Return how many negations lower-case text holds."""
    return len(_DENIAL.findall(_NO_DENIAL.sub(" ", text)))


def denied(text: str) -> bool:
    """Say whether lower-case text denies something: an odd number of negations."""
    return denials(text) % 2 == 1
