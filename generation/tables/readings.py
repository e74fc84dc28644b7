"""Readings that explain a question alike and say something else: each is told, with what tells it from the others."""

from collections.abc import Sequence
from typing import Final

from generation.markers import inert
from generation.tables.deciding import Decision
from generation.tables.telling import Said, tell

_LEAD: Final = {
    "zh": "符合提问的不止一处，请看各自的出处：",
    "en": "More than one figure fits the question; each with what it is of:",
}
_MARK: Final = {"zh": ("【", "】"), "en": ("[", "] ")}
_CHARS: Final = 60


def apart(decisions: Sequence[Decision]) -> list[str]:
    """Return for each reading what no other has of it: groups, heads, titles; empty texts where nothing tells them."""
    labels = [_labels(one) for one in decisions]
    return [
        next((text for text in own if all(text not in other for other in labels if other is not own)), "")
        for own in labels
    ]


def tell_readings(decisions: Sequence[Decision], question: str, language: str) -> list[list[Said]]:
    """Return what is said of each reading, behind a line that says that there are several."""
    opened, closed = _MARK[language]
    said = [[Said(_LEAD[language], ())]]
    for decision, scope in zip(decisions, apart(decisions), strict=True):
        mark = f"{opened}{inert(scope[:_CHARS])}{closed}"
        said.append([Said(mark + one.text, one.operands) for one in tell(decision, question, language)])
    return said


def _labels(decision: Decision) -> list[str]:
    """Return what the cells of a reading are of, from the nearest to the farthest."""
    relation = decision.relation
    cells = [(one.row, one.column) for one in decision.result.operands]
    rows = [text for row, _ in cells for text in (relation.row(row).group, *relation.row(row).path)]
    heads = [text for cell in cells for text in relation.heads(*cell)]
    return [text for text in dict.fromkeys((*rows, *heads, *reversed(relation.titles))) if text]
