"""HTML as pieces: cleaned first, so that nothing a reader sees is lost and nothing hidden is read."""

import re
from collections.abc import Iterator
from typing import Any

from ingest.parsing.office.grid import table_from_html, table_text
from ingest.parsing.office.openxml import piece_of
from ingest.parsing.office.pieces import Piece, Reading, first_title
from ingest.parsing.unstructured_port import read_html
from wenyuan.documents import BlockKind, Table
from wenyuan.text import CJK

_DROP = ("script", "style", "noscript", "template", "nav", "iframe", "object", "select", "textarea", "svg")
# The library drops these with all they hold; to a reader they are plain boxes.
_BOXES = ("details", "figure", "form", "fieldset", "dialog")
_LAYOUT = ("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "colgroup", "col")
_HEADINGS = ".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6"
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MARK = "\ue000table:{}\ue000"
_MARKED = re.compile("\ue000table:(\\d+)\ue000")
_WIDE = rf"(?:{CJK.pattern}|[\u3000-\u303f\uff00-\uffef“”‘’…—])"
_SOFT_BREAK = re.compile(rf"(?<={_WIDE})[ \t]*\r?\n\s*(?={_WIDE})")


def read_page(text: str) -> Reading:
    """Read an HTML document; the title is its ``title`` element, else a leading ``h1``."""
    from lxml import etree, html

    if not text.strip():
        return Reading(())
    # A declared encoding contradicts text that is already decoded.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    root = html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    named = root.findtext(".//title")
    tables = _prepare(root)
    cleaned = etree.tostring(root, encoding="unicode", method="html")
    pieces = list(_pieces(cleaned, tables))
    return Reading(tuple(pieces), (named or "").strip() or first_title(pieces))


def _pieces(text: str, tables: list[Table]) -> Iterator[Piece]:
    for element in read_html(text):
        piece = piece_of(element)
        at = 0
        for match in _MARKED.finditer(piece.text):
            if before := piece.text[at : match.start()].strip():
                yield Piece(piece.kind, before, piece.level)
            table = tables[int(match[1])]
            yield Piece(BlockKind.TABLE, table_text(table), table=table)
            at = match.end()
        if at == 0:
            yield piece
        elif rest := piece.text[at:].strip():
            yield Piece(piece.kind, rest, piece.level)


def _prepare(root: Any) -> list[Table]:
    """Rewrite the tree in place; returns the data tables, each replaced by a paragraph that names its number."""
    for node in list(root.iter()):
        if node.tag in _DROP or "hidden" in node.attrib or _HIDDEN.search(node.get("style", "")):
            _drop(node)
    # A private mark in the source must not point at a table of ours.
    for node in root.iter():
        node.text, node.tail = _plain(node.text, node), _plain(node.tail, node.getparent())
    _name_summaries(root)
    for node in root.iter(*_BOXES):
        node.tag = "div"
    for node in root.iter("label", "figcaption"):
        node.tag = "span" if node.tag == "label" else "p"
    _number_items(root)
    return _take_tables(root)


def _plain(text: str | None, holder: Any) -> str | None:
    if not text:
        return text
    text = text.replace("\ue000", "")
    return text if holder is not None and holder.tag == "pre" else _SOFT_BREAK.sub("", text)


def _drop(node: Any) -> None:
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is None:
            parent.text = (parent.text or "") + node.tail
        else:
            before.tail = (before.tail or "") + node.tail
    parent.remove(node)


def _name_summaries(root: Any) -> None:
    """A ``summary`` heads its ``details``, one level below the heading before it, unless it holds a heading."""
    level = 0
    for node in root.iter():
        if isinstance(node.tag, str) and re.fullmatch("h[1-6]", node.tag):
            level = int(node.tag[1])
        elif node.tag == "summary":
            node.tag = "div" if node.xpath(_HEADINGS) else f"h{min(level + 1, 6)}"


def _number_items(root: Any) -> None:
    for ordered in root.iter("ol"):
        start = ordered.get("start", "1")
        number = int(start) if start.isdecimal() else 1
        for item in ordered.findall("li"):
            leaf = item if (item.text or "").strip() or not len(item) or item[0].tag not in ("p", "div") else item[0]
            leaf.text = f"{number}. {(leaf.text or '').lstrip()}"
            number += 1


def _take_tables(root: Any) -> list[Table]:
    tables: list[Table] = []
    for node in list(root.iter("table")):
        if _is_layout(node):
            for part in [part for part in node.iter(*_LAYOUT) if _owner(part) is node]:
                part.tag = "div"
            continue
        table = table_from_html(node)
        caption = node.find("caption")
        replacement = node.makeelement("div")
        if caption is not None and "".join(caption.itertext()).strip():
            head = node.makeelement("p")
            head.text = " ".join("".join(caption.itertext()).split())
            replacement.append(head)
        if table is not None:
            mark = node.makeelement("p")
            mark.text = _MARK.format(len(tables))
            replacement.append(mark)
            tables.append(table)
        replacement.tail = node.tail
        node.getparent().replace(node, replacement)
    return tables


def _owner(part: Any) -> Any:
    return part if part.tag == "table" else next(part.iterancestors("table"), None)


def _is_layout(table: Any) -> bool:
    """A table that only arranges: it nests tables, holds headings, or never sets two texts side by side."""
    if table.get("role") == "presentation" or table.xpath(f".//table | {_HEADINGS}"):
        return True
    filled = [
        sum(bool("".join(cell.itertext()).strip()) for cell in row.xpath("./td | ./th")) for row in table.iter("tr")
    ]
    return max(filled, default=0) < 2
