"""A web page with the usual furniture around the text: navigation, footer, style."""

from __future__ import annotations

from html import escape

from scripts.demo_corpus.model import Block, Document, Figure, Heading, Items, Note, PageBreak, Paragraph, Table

_STYLE = """body{font-family:"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:52rem;margin:0 auto}
body{line-height:1.7}nav a{margin-right:1rem}h2{border-bottom:2px solid #1f4e79}footer{color:#666;font-size:.85rem}
table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2rem .6rem}"""


def write(document: Document) -> bytes:
    """A complete HTML 5 page in UTF-8."""
    sections = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    links = "".join(f'<a href="#s{number}">{escape(text)}</a>' for number, text in enumerate(sections, 1))
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{"zh-CN" if document.is_chinese else "en"}">',
        f'<head><meta charset="utf-8"><title>{escape(document.title)}</title><style>{_STYLE}</style></head>',
        f"<body>\n<nav>{links}</nav>\n<main>\n<h1>{escape(document.title)}</h1>",
    ]
    section = 0
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 2:
            section += 1
            lines.append(f'<h2 id="s{section}">{escape(block.text)}</h2>')
        else:
            lines.append(html_block(block))
    lines.append(f"</main>\n<footer>{escape(document.masthead())}</footer>\n</body>\n</html>\n")
    return "\n".join(lines).encode()


def html_block(block: Block) -> str:
    """One block as an HTML fragment."""
    match block:
        case Heading(level=level, text=text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text=text):
            return f"<p>{escape(text)}</p>"
        case Note(text=text):
            return f"<blockquote>{escape(text)}</blockquote>"
        case Items(texts=texts, numbered=numbered):
            tag = "ol" if numbered else "ul"
            return f"<{tag}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</{tag}>"
        case Table():
            return _table(block)
        case Figure() | PageBreak():
            raise ValueError(f"not possible in HTML: {block}")


def _table(table: Table) -> str:
    rows = []
    for number in range(table.height):
        tag = "th" if number < table.header else "td"
        cells = (
            f'<{tag} rowspan="{cell.rows}" colspan="{cell.columns}">{escape(cell.text)}</{tag}>'
            if cell.rows * cell.columns > 1
            else f"<{tag}>{escape(cell.text)}</{tag}>"
            for cell in table.row(number)
        )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"
