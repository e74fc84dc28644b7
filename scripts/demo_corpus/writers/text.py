"""Markdown and plain text."""

from __future__ import annotations

import unicodedata

from scripts.demo_corpus.model import Block, Document, Figure, Heading, Items, Note, PageBreak, Paragraph, Table


def write_markdown(document: Document) -> bytes:
    """GitHub-flavoured Markdown; raises ``ValueError`` on merged cells, which Markdown cannot say."""
    parts = [f"# {document.title}", document.masthead().replace("　", "  \n")]
    parts += [_markdown(block) for block in document.blocks]
    return ("\n\n".join(parts) + "\n").encode()


def _markdown(block: Block) -> str:
    match block:
        case Heading(level=level, text=text):
            return f"{'#' * level} {text}"
        case Paragraph(text=text):
            return text
        case Note(text=text):
            return f"> {text}"
        case Items(texts=texts, numbered=numbered):
            return "\n".join(f"{number}. {text}" if numbered else f"- {text}" for number, text in enumerate(texts, 1))
        case Table():
            rows = _plain_rows(block)
            return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], ["---"] * block.width, *rows[1:]])
        case Figure() | PageBreak():
            raise ValueError(f"not possible in Markdown: {block}")


def write_plain(document: Document) -> bytes:
    """Plain text as people type it: underlined title, indented lists."""
    parts = [document.title, "=" * _columns(document.title), document.masthead().replace("　", "\n")]
    parts += [plain_block(block) for block in document.blocks]
    return ("\n\n".join(parts) + "\n").encode()


def plain_block(block: Block) -> str:
    """One block as plain text; tables become rows with aligned columns."""
    match block:
        case Heading(text=text) | Paragraph(text=text) | Note(text=text):
            return text
        case Items(texts=texts, numbered=numbered):
            return "\n".join(
                f"  {number}. {text}" if numbered else f"  · {text}" for number, text in enumerate(texts, 1)
            )
        case Table():
            return _aligned(_plain_rows(block))
        case Figure() | PageBreak():
            raise ValueError(f"not possible in plain text: {block}")


def _plain_rows(table: Table) -> list[list[str]]:
    if len(table.cells) != table.height * table.width or table.header != 1:
        raise ValueError(f"merged cells or several header rows: {table.cells[0].text!r}")
    return [[cell.text for cell in table.row(row)] for row in range(table.height)]


def _columns(text: str) -> int:
    """Width on a terminal: wide characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(_columns(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(c + " " * (w - _columns(c)) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
