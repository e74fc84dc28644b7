"""A statement in one language over passages in the other: meaning by vectors; figures, names and codes as they are."""

import re
from collections.abc import Sequence
from typing import Final

from generation.grounding.figures import bound
from generation.grounding.languages.denying import denies
from generation.grounding.naming.roles import turned_across
from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.score import Weights
from generation.grounding.source import Passages, Read
from generation.grounding.verdict import Finding, Span, Verdict
from generation.grounding.words import same_amount
from retrieval.crossing import read_table
from wenyuan.answers import Support
from wenyuan.words.pinyin import sound
from wenyuan.words.quantities import COUNTERS, Quantity
from wenyuan.words.terms import words

#: Units whose vectors are compared: those that share most figures, names and words with the statement.
_MOST: Final = 4
#: What sharing everything is worth beside the cosine, when the unit is chosen.
_SHARED: Final = 0.2
_FEW: Final = 2
#: Sides of a contract in both languages.
_SIDES: Final = {
    "buyer": ("买方", "采购方", "需方"), "purchaser": ("买方", "采购方", "需方"),
    "seller": ("卖方",), "vendor": ("卖方",), "supplier": ("供应商", "供方", "供货方", "卖方"),
    "lessor": ("出租人", "出租方"), "landlord": ("出租人", "出租方", "房东"),
    "lessee": ("承租人", "承租方"), "tenant": ("承租人", "承租方", "租客"),
    "lender": ("贷款人",), "borrower": ("借款人",), "employer": ("雇主", "用人单位"), "employee": ("雇员", "员工"),
    "contractor": ("承包人", "承包方"), "client": ("客户", "委托人", "委托方"), "customer": ("客户", "用户"),
    "licensor": ("许可方",), "licensee": ("被许可方",),
}  # fmt: skip
#: A statement of two facts, which may stand in two places.
_TWO: Final = re.compile(r"[；;。]\s*\w|\.\s+\w")
#: A Latin word that may be a Chinese name.
_SPELT: Final = re.compile(r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?[aeiou]{1,3}(?:ng|n|r)?)+")


def check_across(
    said: Reading, statement: str, passages: Passages, sources: Sequence[int], learned: Weights
) -> Verdict:
    """Return the verdict over passages of the other language; unsupported without an embedder."""
    found = features_across(said, statement, passages, sources)
    if found is None:
        return Verdict(Support.UNSUPPORTED, -1, 0, 0, 0.0, ("coverage",))
    values, near = found
    score = learned.across.probability(values)
    units = [unit for i in sources for unit in passages.units(i)]
    chosen = near[:1]
    against = _against(said, chosen, units)
    if against and _TWO.search(said.lowered) and not _against(said, near[:2], units):
        against, chosen = [], near[:2]
    against += denies(said, statement, chosen, passages)
    if score < learned.partial:
        against.append(Finding("coverage"))
    spans = tuple(Span(u.unit.source, u.unit.start, u.unit.end) for u in chosen)
    support = Support.PARTIAL if against or score < learned.told else Support.SUPPORTED
    support = Support.UNSUPPORTED if any(finding.sure for finding in against) else support
    reasons = tuple(dict.fromkeys(finding.reason for finding in against))
    return Verdict(support, spans[0].source, spans[0].start, spans[0].end, score, reasons, spans)


def features_across(
    said: Reading, statement: str, passages: Passages, sources: Sequence[int]
) -> tuple[tuple[float, ...], list[Read]] | None:
    """Return what ``ACROSS`` names and the units it is of, nearest first; None without passages or an embedder."""
    units = [unit for i in sources for unit in passages.units(i)]
    shared = [_shared(said, unit) for unit in units]
    near = sorted(range(len(units)), key=lambda i: -shared[i])[:_MOST]
    cosines = passages.cosines(statement, [units[i].unit.text for i in near])
    if not near or cosines is None:
        return None
    order = sorted(range(len(near)), key=lambda i: -(cosines[i] + _SHARED * shared[near[i]]))
    best = order[0]
    values = (cosines[best], float(said.language == "en"), shared[near[best]])
    return values, [units[near[i]] for i in order]


def _shared(said: Reading, unit: Read) -> float:
    """Return the share of the statement that is in the unit: figures, codes, names by sound, words by the table."""
    others = set(words(unit.text.lowered)) | set(unit.keys)
    total = sum(t.weight for t in said.tokens)
    return sum(t.weight * _in(t, said, unit, others) for t in said.tokens) / total if total else 0.0


def _in(token: Token, said: Reading, unit: Read, others: set[str]) -> bool:
    if token.quantity is not None:
        return any(t.quantity and same_amount(token.quantity, t.quantity) for t in unit.text.tokens)
    if token.key in others or (token.kind is not Kind.WORD and named(token, said, unit)):
        return True
    table = read_table()
    return any(
        other in others for part in words(said.lowered[token.start : token.end]) for other in table.get(part, ())
    )


def named(token: Token, said: Reading, unit: Read) -> bool:
    """Say whether a unit of the other language holds a name: as it is, as it sounds, or by the table of words."""
    text = unit.text.lowered.replace(" ", "").replace("'", "")
    written = said.lowered[token.start : token.end]
    if token.key in text or any(other in text for other in read_table().get(written, ())):
        return True
    if said.language == "zh":
        heard = sound(token.key[:3]).lower()
        return (len(heard) > 3 and heard in text) or (len(token.key) > 2 and sound(token.key[:2]) in text)
    first = written.replace("'", "").split(" ")
    own = first[0] if len(first[0]) > 4 else "".join(first[:2])
    return len(own) > 3 and own in sound(unit.text.lowered).replace(" ", "")


def _against(said: Reading, chosen: Sequence[Read], units: Sequence[Read]) -> list[Finding]:
    """Return what speaks against a statement; a name that is spelt in a way of its own is not sure to be another."""
    found = []
    given = [(u, t) for u in chosen for t in u.text.tokens if t.quantity is not None]
    for token in said.tokens:
        if token.quantity is not None:
            found += [Finding(reason) for reason in _figure(said, token, given)]
        elif token.kind is Kind.CODE and not any(token.key in u.text.lowered + u.around.lowered for u in chosen):
            found.append(Finding("code"))
        elif token.kind in (Kind.NAME, Kind.RARE) and not any(named(token, said, u) for u in chosen):
            # A name may be written otherwise in the other language; one that stands elsewhere is another's.
            elsewhere = _left_over(said, chosen) and any(named(token, said, u) for u in units)
            if elsewhere or (token.kind is Kind.NAME and _another(said, token, chosen)):
                found.append(Finding("name", sure=elsewhere))
    if not found and any(turned_across(said, u.text, _same_name) for u in chosen):
        found.append(Finding("role"))
    return found


def _same_name(one: Token, other: Token) -> bool:
    """Say whether a name and one of the other language are one: as they sound, or by the parts of a contract."""
    latin, chinese = (one, other) if one.key.isascii() else (other, one)
    if chinese.key.isascii():
        return one.key == other.key
    return chinese.key in _SIDES.get(latin.key, ()) or _heard(chinese, latin)


def _left_over(said: Reading, chosen: Sequence[Read]) -> bool:
    """Say whether the chosen units hold more names than the statement names of theirs."""
    ours = [t for t in said.tokens if t.kind in (Kind.NAME, Kind.CODE, Kind.RARE)]
    return any(
        len({t.key for t in u.text.tokens if t.kind in (Kind.NAME, Kind.CODE)}) > sum(named(t, said, u) for t in ours)
        for u in chosen
    )


def _another(said: Reading, token: Token, chosen: Sequence[Read]) -> bool:
    """Say whether both a Chinese name and the Latin spelling of one are left over: then they are two names."""
    ours = [t for t in said.tokens if t.kind is Kind.NAME]
    for unit in chosen:
        for other in (t for t in unit.text.tokens if t.kind is Kind.NAME):
            latin, chinese = (other, token) if said.language == "zh" else (token, other)
            text = unit.text if said.language == "zh" else said
            word = text.lowered[latin.start : latin.end].split(" ")[0]
            spelt = _SPELT.fullmatch(word) and not any(c < "\u4e00" for c in chinese.key)
            if spelt and not any(_heard(t, other) if said.language == "zh" else _heard(other, t) for t in ours):
                return True
    return False


def _heard(chinese: Token, latin: Token) -> bool:
    return sound(chinese.key[:2]) in latin.key or latin.key.startswith(sound(chinese.key)[:4])


def _few(asked: Quantity) -> bool:
    """Say whether a quantity is *one* or *two* of something: languages have many words for these."""
    return asked.kind == "number" and asked.low == asked.high <= _FEW and asked.dimension in (None, *COUNTERS)


def _is_there(value: float, given: Sequence[tuple[Read, Token]]) -> bool:
    return any(t.quantity and value in (t.quantity.low, t.quantity.high) for _, t in given)


def _figure(said: Reading, token: Token, given: Sequence[tuple[Read, Token]]) -> list[str]:
    if token.quantity is None:
        return []
    asked = token.quantity
    same = [(u, t) for u, t in given if t.quantity and same_amount(asked, t.quantity)]
    if not same:
        if _few(asked) or (asked.low != asked.high and all(_is_there(end, given) for end in (asked.low, asked.high))):
            return []
        return ["date" if token.quantity.kind == "date" or token.quantity.dimension == "year" else "number"]
    limit = bound(said, token)
    return ["range"] if limit and all(bound(u.text, t) not in ("", limit) for u, t in same) else []
