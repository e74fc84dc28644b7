"""The content of one Word paragraph: words with their looks and links, equations, and what is set apart from them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ingest.parsing.office.drawing.omml import M, display_lines, to_latex
from ingest.parsing.office.package import Relation
from ingest.parsing.office.spans import Span
from ingest.parsing.office.word.fields import Fields, shown_state
from ingest.parsing.office.word.signs import symbol
from ingest.parsing.office.word.styles import Look, Styles, W, child_value, look_of, w
from wenyuan.documents import Hidden

MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SKIP: Final = frozenset(
    W + name for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "rubyPr", "rt", "instrText", "delText")
)
_DRAWN: Final = frozenset(W + name for name in ("drawing", "pict", "object"))
_TEXTS: Final = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
}
_TINY: Final = 2.0
_SAME_SHADE: Final = 8
_WHITE: Final = "FFFFFF"


@dataclass(slots=True)
class Content:
    """``parts`` are runs of spans, and equations (LaTeX) that stand on lines of their own, in order.

    ``drawn`` are drawing elements, ``notes`` (kind, id) of foot- and endnotes, ``comments`` ids of comments.
    """

    parts: list[list[Span] | str] = field(default_factory=lambda: [[]])
    drawn: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    def add(self, span: Span) -> None:
        """Append words."""
        last = self.parts[-1]
        if isinstance(last, str):
            self.parts.append([span])
        else:
            last.append(span)

    def spans(self) -> list[Span]:
        """All words, equations among them in dollar signs."""
        found: list[Span] = []
        for part in self.parts:
            found += [Span(f" ${part}$ ")] if isinstance(part, str) else part
        return found


@dataclass(frozen=True, slots=True)
class Ground:
    """What words stand on: the look of their paragraph; ``colour`` of the paper, None where it is not known."""

    look: Look
    colour: str | None = _WHITE


class Inline:
    """Reads paragraphs of one part; fields may run from one paragraph into the next."""

    def __init__(self, styles: Styles, relations: dict[str, Relation], mark: Any) -> None:
        self._styles = styles
        self._relations = relations
        self._mark = mark
        self.fields = Fields()

    def read(self, paragraph: Any, ground: Ground) -> Content:
        """Return the content of ``w:p``."""
        content = Content()
        self._walk(paragraph, content, ground, None)
        return content

    def _walk(self, node: Any, content: Content, ground: Ground, link: str | None) -> None:
        for child in node:
            tag = child.tag
            if tag in _SKIP:
                continue
            if tag == W + "r":
                self._run(child, content, ground, link)
            elif tag == W + "hyperlink":
                self._walk(child, content, ground, self._target(child) or link)
            elif tag == W + "fldSimple":
                self._walk(child, content, ground, self.fields.target(w(child, "instr") or "") or link)
            elif tag == M + "oMathPara":
                content.parts.extend(display_lines(child))
            elif tag == M + "oMath":
                if latex := to_latex(child):
                    content.add(Span(f"${latex}$"))
            elif tag == MC + "AlternateContent":
                self._walk(chosen(child), content, ground, link)
            else:  # insertions, content controls, smart tags and other wrappers
                self._walk(child, content, ground, link)

    def _target(self, node: Any) -> str | None:
        relation = self._relations.get(node.get(R + "id", ""))
        return relation.target if relation is not None and relation.external else None

    def _run(self, run: Any, content: Content, ground: Ground, link: str | None) -> None:
        properties = run.find(W + "rPr")
        look = ground.look
        if properties is not None:
            look = look.under(self._styles.character(child_value(properties, "rStyle"))).under(look_of(properties))
        hidden = why_hidden(look, ground.colour)
        bold = bool(look.bold)
        for child in run:
            self._part(child, content, ground, Span("", link, hidden, look.size, bold))

    def _part(self, node: Any, content: Content, ground: Ground, span: Span) -> None:
        tag = node.tag
        if self.fields.step(node):
            if state := shown_state(node):
                content.add(Span(state, span.link, span.hidden, span.size, span.bold))
            return
        if tag == MC + "AlternateContent":
            for child in chosen(node):
                self._part(child, content, ground, span)
            return
        if tag in _DRAWN:
            content.drawn.append(node)
            return
        if tag == W + "ruby":
            base = node.find(W + "rubyBase")
            self._walk(base if base is not None else (), content, ground, span.link)
            return
        if tag in (W + "footnoteReference", W + "endnoteReference", W + "commentReference"):
            text = self._reference(node, content)
        else:
            text = _words(node)
        if text and not self.fields.skips:
            link = self.fields.link or span.link
            content.add(Span(text, link, span.hidden, span.size, span.bold))

    def _reference(self, node: Any, content: Content) -> str:
        key = w(node, "id") or ""
        kind = node.tag.removeprefix(W).removesuffix("Reference")
        if kind == "comment":
            content.comments.append(key)
            return ""
        content.notes.append((kind, key))
        return "" if w(node, "customMarkFollows") in ("1", "true", "on") else str(self._mark(kind, key))


def _words(node: Any) -> str:
    if node.tag == W + "t":
        return node.text or ""
    if node.tag == W + "sym":
        return symbol(w(node, "font") or "", w(node, "char") or "")
    return _TEXTS.get(node.tag, "")


def why_hidden(look: Look, ground: str | None) -> Hidden | None:
    """Say why words of this look are not seen on paper of colour ``ground``, None when they are."""
    if look.hidden:
        return Hidden.MARKED
    if look.size is not None and look.size < _TINY:
        return Hidden.TINY
    paper = look.fill or ground
    return Hidden.COLOUR if look.colour is not None and paper is not None and _alike(look.colour, paper) else None


def _alike(one: str, other: str) -> bool:
    """Say whether an eye tells two colours (``RRGGBB``) apart."""
    if one == other or len(one) != 6 or len(other) != 6:
        return one == other
    try:
        pairs = zip(bytes.fromhex(one), bytes.fromhex(other), strict=True)
    except ValueError:
        return False
    return all(abs(first - second) <= _SAME_SHADE for first, second in pairs)


def chosen(alternate: Any) -> Any:
    """Return the branch of ``mc:AlternateContent`` that is shown: the first choice, else the fallback."""
    choice = alternate.find(MC + "Choice")
    branch = choice if choice is not None else alternate.find(MC + "Fallback")
    return branch if branch is not None else ()


def shown_nodes(node: Any, stop: str) -> Iterator[Any]:
    """Yield the elements below ``node`` that are shown, without what stands inside elements named ``stop``."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.tag == MC + "AlternateContent":
            waiting.extend(reversed(list(chosen(current))))
            continue
        if current is not node:
            yield current
            if current.tag == stop:
                continue
        waiting.extend(reversed(list(current)))
