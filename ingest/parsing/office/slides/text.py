"""Paragraphs of a slide's shapes: words, links, equations, bullets with their numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ingest.parsing.office.drawing.omml import M, to_latex
from ingest.parsing.office.package import R, Relation, whole
from ingest.parsing.office.slides.geometry import A
from ingest.parsing.office.spans import Span, Words, by_visibility, join_spans
from ingest.parsing.office.word.counting import written
from ingest.parsing.office.word.inline import MC, chosen
from wenyuan.documents import Hidden

_TINY: Final = 200
_NUMBERS: Final = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "ea1ChsPeriod": "chineseCountingThousand",
    "ea1ChtPeriod": "taiwaneseCountingThousand",
    "circleNum": "decimalEnclosedCircle",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: ``item`` is True for bullets and numbers, None where only the placeholder could tell."""

    words: Words
    item: bool | None
    hidden: tuple[tuple[Hidden, Words], ...] = ()


def paragraphs(
    body: Any, relations: dict[str, Relation], unreadable: Callable[[Any], bool] | None = None
) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text body that have words, numbered ones with their numbers.

    ``unreadable`` says of the properties of a run (``a:rPr``) whether its colour is that of its background.
    """
    counts: dict[tuple[int, str], int] = {}
    for node in body.iter(A + "p"):
        spans, hidden = by_visibility(list(_spans(node, relations, unreadable)))
        if not any(span.text.strip() for span in spans) and not hidden:
            continue
        item, label = _bullet(node, counts)
        words = join_spans([Span(label), *spans] if label and spans else spans)
        unseen = tuple((reason, join_spans(found)) for reason, found in hidden.items())
        yield Paragraph(words, item, unseen)


def plain_text(node: Any) -> str:
    """Return all words below an element, its paragraphs on lines of their own."""
    return "\n".join(found.words.text for found in paragraphs(node, {}) if found.words.text)


def _spans(node: Any, relations: dict[str, Relation], unreadable: Callable[[Any], bool] | None) -> Iterator[Span]:
    for child in node:
        tag = child.tag
        if tag in (A + "r", A + "fld"):
            yield _run(child, relations, unreadable)
        elif tag == A + "br":
            yield Span("\n")
        elif tag == MC + "AlternateContent":
            yield from _spans(chosen(child), relations, unreadable)
        elif tag in (M + "oMath", M + "oMathPara"):
            if latex := to_latex(child):
                yield Span(f"${latex}$")
        elif tag.rpartition("}")[2] == "m":  # the wrapper of equations on slides
            yield from _spans(child, relations, unreadable)


def _run(node: Any, relations: dict[str, Relation], unreadable: Callable[[Any], bool] | None) -> Span:
    properties = node.find(A + "rPr")
    text = node.findtext(A + "t") or ""
    if properties is None:
        return Span(text)
    click = properties.find(A + "hlinkClick")
    relation = relations.get(click.get(R + "id", "")) if click is not None else None
    size = properties.get("sz", "")
    points = float(size) if size.isdecimal() else None
    hidden = Hidden.TINY if points is not None and points < _TINY else None
    if hidden is None and unreadable is not None and unreadable(properties):
        hidden = Hidden.COLOUR
    target = relation.target if relation is not None and relation.external else None
    bold = properties.get("b") in ("1", "true")
    return Span(text, target, hidden, points / 100 if points is not None else None, bold)


def _bullet(node: Any, counts: dict[tuple[int, str], int]) -> tuple[bool | None, str]:
    """Say whether a paragraph is an item, and its number."""
    properties = node.find(A + "pPr")
    if properties is None:
        counts.clear()
        return None, ""
    level = whole(properties.get("lvl"))
    numbered = properties.find(A + "buAutoNum")
    for key in [key for key in counts if key[0] > level or (key[0] == level and numbered is None)]:
        del counts[key]
    if numbered is not None:
        kind = numbered.get("type", "arabicPeriod")
        start = numbered.get("startAt", "1")
        key = (level, f"{kind} {start}")
        counts[key] = counts.get(key, whole(start, 1) - 1) + 1
        return True, _label(counts[key], kind)
    if properties.find(A + "buNone") is not None:
        return False, ""
    if properties.find(A + "buChar") is not None or properties.find(A + "buBlip") is not None:
        return True, ""
    return None, ""


def _label(number: int, kind: str) -> str:
    base = next((name for name in _NUMBERS if kind.startswith(name)), "arabic")
    text = written(number, _NUMBERS[base])
    if base.startswith("circle"):
        return text + " "
    if kind.startswith("ea1"):
        return text + "、"
    if kind.endswith("ParenBoth"):
        return f"({text}) "
    return text + (") " if kind.endswith("ParenR") else " " if kind.endswith("Plain") else ". ")
