"""Is denied in one language what is said in the other? Clauses by the words they share and by their vectors."""

import re
from collections.abc import Sequence
from typing import Final

from generation.grounding.polarity import denials, turned
from generation.grounding.reading import Reading, Token
from generation.grounding.source import Passages, Read
from generation.grounding.verdict import Finding
from generation.grounding.words import same_amount
from retrieval.crossing import read_table
from wenyuan.words.terms import words

#: How much of a clause that denies something a statement says that says it after all.
_DENIED: Final = 0.5
#: How much nearer in meaning one part of a sentence has to be to a statement than the other.
_NEARER: Final = 0.025
#: What is forbidden on both sides is not said to be otherwise.
_FORBIDS: Final = re.compile(
    r"不[得准许可能]|禁止|严禁|\b(?:may|must|shall|can) not\b|\bcannot\b|\bforbid\w*|\bprohibit\w*"
    r"|\bnot (?:allowed|permitted)\b"
)
#: What denies without a negation.
_LEAVES_OUT: Final = re.compile(
    r"\bexclud\w+|\bexempt\w*|\bexcept\w*|\bbann?\w*|\bonly\b|\bunless\b|除外|排除|豁免|除非|只有|才[能可]"
)


def denies(said: Reading, statement: str, chosen: Sequence[Read], passages: Passages) -> list[Finding]:
    """Return ``negation`` where one side denies what the other does not; how often it is done differs by language.

    It is not sure where the vectors alone tell which part of a sentence the statement is about.
    """
    ours, theirs = denials(said.lowered), sum(denials(u.text.lowered) for u in chosen)
    if turned(said.lowered, [u.text.lowered for u in chosen]) or (ours % 2 and not theirs):
        return [Finding("negation")]
    if not ours and theirs == 1 and any(_says_denied(said, u) for u in chosen):
        return [Finding("negation")]
    if ours > 1 or not theirs or _LEAVES_OUT.search(said.lowered):
        return []
    if ours and _FORBIDS.search(said.lowered) and any(_FORBIDS.search(u.text.lowered) for u in chosen):
        return []
    denying = next((c for n in range(len(said.clauses)) if denials(c := said.clause(n))), statement)
    about = [_about_denied(denying if ours else statement, unit, passages) for unit in chosen]
    against = ours == 1 and all(a < -_NEARER for a in about), not ours and all(a > _NEARER for a in about)
    return [Finding("negation", sure=False)] if any(against) else []


def _about_denied(statement: str, unit: Read, passages: Passages) -> float:
    """Return by how much a statement is nearer in meaning to what a unit denies than to the rest, 0 if that is all."""
    parts: dict[bool, list[str]] = {True: [], False: []}
    for number in range(len(unit.text.clauses)):
        clause = unit.text.clause(number)
        parts[denials(clause) > 0].append(clause.strip())
    if not all(parts.values()):
        return 0.0
    cosines = passages.cosines(statement, [" ".join(parts[True]), " ".join(parts[False])])
    return cosines[0] - cosines[1] if cosines else 0.0


def _says_denied(said: Reading, unit: Read) -> bool:
    """Say whether the statement says what the one clause of a unit that denies something denies."""
    others = set(words(said.lowered)) | {t.key for t in said.tokens}
    for number in range(len(unit.text.clauses)):
        if not denials(unit.text.clause(number)):
            continue
        own = [t for t in unit.text.tokens if t.clause == number]
        held = sum(t.weight * _said(t, unit.text, said, others) for t in own)
        return len(unit.text.clauses) == 1 or held >= _DENIED * sum(t.weight for t in own)
    return False


def _said(token: Token, text: Reading, said: Reading, others: set[str]) -> bool:
    """Say whether a token of a passage is in the statement: a quantity as it is, words by the table."""
    if token.quantity is not None:
        return any(t.quantity and same_amount(token.quantity, t.quantity) for t in said.tokens)
    if token.key in others:
        return True
    table = read_table()
    return any(
        other in others for part in words(text.lowered[token.start : token.end]) for other in table.get(part, ())
    )
