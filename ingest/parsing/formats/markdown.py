"""Markdown as pieces, by its own CommonMark tokens: code stays as written, tables become cells."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.parsing.office.grid import clean_cell, make_table, table_text
from ingest.parsing.office.pieces import Piece, Reading, first_title
from wenyuan.documents import BlockKind, Cell
from wenyuan.text import join_lines

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_TAG = re.compile(r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)>|</?[A-Za-z][^<>]*>", re.DOTALL)
_HTML_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]*>", re.IGNORECASE)

_WIDEST_WRAP = 160


def read_markdown(text: str) -> Reading:
    """Read CommonMark with tables and strike-through; a YAML front matter gives the title and is not body."""
    from markdown_it import MarkdownIt

    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    named = None
    if front := _FRONT_MATTER.match(text):
        named = found[1] if (found := _FRONT_TITLE.search(front[1])) else None
        text = text[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    pieces = list(_pieces(tokens))
    return Reading(tuple(pieces), named or first_title(pieces))


def _pieces(tokens: Sequence["Token"]) -> Iterator[Piece]:
    marks: list[str] = []  # one open list each: "" for bullets, else the next number
    pending = ""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.type == "heading_open":
            yield Piece(BlockKind.TITLE, _inline(tokens[index + 1]), level=int(token.tag[1]))
            index += 2
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            marks.append(str(token.attrGet("start") or 1) if token.type == "ordered_list_open" else "")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            marks.pop()
        elif token.type == "list_item_open" and marks:
            pending = f"{marks[-1]}. " if marks[-1] else ""
            marks[-1] = str(int(marks[-1]) + 1) if marks[-1] else ""
        elif token.type == "paragraph_open":
            kind = BlockKind.LIST if marks else BlockKind.PARAGRAPH
            yield Piece(kind, pending + _inline(tokens[index + 1]))
            pending = ""
            index += 2
        elif token.type in ("fence", "code_block"):
            yield Piece(BlockKind.CODE, token.content.rstrip("\n"))
        elif token.type == "html_block":
            yield Piece(BlockKind.PARAGRAPH, _strip_tags(token.content))
        elif token.type == "table_open":
            stop = next(i for i in range(index, len(tokens)) if tokens[i].type == "table_close")
            yield from _table(tokens[index:stop])
            index = stop
        index += 1


def _table(tokens: Sequence["Token"]) -> Iterator[Piece]:
    cells: list[Cell] = []
    row = column = -1
    for index, token in enumerate(tokens):
        if token.type == "tr_open":
            row, column = row + 1, -1
        elif token.type in ("th_open", "td_open"):
            column += 1
            cells.append(Cell(row, column, clean_cell(_inline(tokens[index + 1])), header=token.type == "th_open"))
    if table := make_table(cells):
        yield Piece(BlockKind.TABLE, table_text(table), table=table)


def _inline(token: "Token") -> str:
    """The words of an inline token: a link's text, an image's description, code as written, no marks."""
    text = ""
    for child in token.children or ():
        if child.type == "softbreak":
            text += "\0"
        elif child.type == "hardbreak" or (child.type == "html_inline" and _HTML_BREAK.match(child.content)):
            text += "\n"
        elif child.type in ("text", "code_inline", "image"):
            text += child.content
    return "\n".join(_unwrap(line.split("\0")) for line in text.split("\n")).strip()


def _unwrap(lines: list[str]) -> str:
    """Join lines that were wrapped; lines longer than anyone wraps are paragraphs, one to a line."""
    if max(map(len, lines)) > _WIDEST_WRAP:
        return "\n".join(line.strip() for line in lines if line.strip())
    return join_lines(lines)


def _strip_tags(html: str) -> str:
    text = _TAG.sub("", _HTML_BREAK.sub("\n", html))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
