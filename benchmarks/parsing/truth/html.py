"""The document as HTML, for printing with Chromium and for the HTML parser."""

from html import escape
from typing import Final

from benchmarks.parsing.truth.model import (
    Contents,
    DocumentBlock,
    Figure,
    Heading,
    Items,
    Paragraph,
    Remark,
    TableBlock,
    TableKind,
    TruthDocument,
)
from wenyuan.documents import Cell, Table

_FONTS: Final = {True: "'Noto Serif CJK SC', serif", False: "'Noto Sans CJK SC', sans-serif"}
_STYLE: Final = """
body {{ font: {size}pt/{leading} {font}; margin: 0; }}
p {{ margin: .25em 0; text-indent: {indent}em; text-align: justify; }}
h1, h2, h3, h4 {{ line-height: 1.3; margin: .9em 0 .45em; font-weight: 400; break-after: avoid; }}
ul {{ margin: .3em 0; padding-left: 1.6em; }} .items p {{ text-indent: 0; padding-left: 2em; }}
.caption {{ text-indent: 0; text-align: center; font-size: .92em; }} .above {{ break-after: avoid; }}
.remark {{ text-indent: 0; font-size: .85em; margin: .1em 0; }}
table {{ border-collapse: collapse; margin: .4em auto .9em; font-size: .92em; line-height: 1.35; max-width: 100%; }}
td, th {{ padding: .22em .55em; font-weight: 400; vertical-align: middle; }} tr {{ break-inside: avoid; }}
table.strong th {{ font-weight: 700; }}
.ruled td, .ruled th, .merged td, .merged th, .continued td, .continued th {{ border: .75pt solid #000; }}
.three-line {{ border-top: 1.5pt solid #000; border-bottom: 1.5pt solid #000; }}
.three-line th[colspan] {{ border-bottom: .5pt solid #000; }}
.three-line th[rowspan], .three-line thead tr:last-child th {{ border-bottom: .75pt solid #000; }}
.borderless td, .borderless th {{ padding: .22em 1em; }}
.contents {{ break-before: page; break-after: page; }} .contents div {{ display: flex; }}
.contents i {{ flex: 1; overflow: hidden; white-space: nowrap; font-style: normal; direction: rtl; }}
.columns {{ column-count: 2; column-gap: 7mm; }}
.noted {{ position: relative; height: 235mm; break-after: page; break-before: page; }}
.note {{ position: absolute; bottom: 0; left: 0; right: 0; font-size: .8em; }}
.note::before {{ content: ''; display: block; width: 30%; border-top: .5pt solid #000; margin-bottom: .3em; }}
sup {{ font-size: .65em; line-height: 0; }} svg {{ display: block; margin: .5em auto; }}
"""


def to_html(document: TruthDocument) -> str:
    """Return a page with inline styles; footnotes stand on a page of fixed height together with their paragraph."""
    look = document.look
    style = _STYLE.format(
        size=look.body_size, leading=look.leading, font=_FONTS[look.serif], indent=2 if look.indent else 0
    )
    style += "".join(
        f"h{level + 1} {{ font-size: {size}pt; font-weight: {700 if bold else 400}; }}\n"
        for level, (size, bold) in enumerate(zip(look.sizes, look.bold, strict=True))
    )
    body, notes = [], 0
    for index, block in enumerate(document.blocks):
        if index == document.opening and document.columns > 1:
            body.append('<div class="columns">')
        if isinstance(block, Paragraph) and block.note:
            notes += 1
            body.append(_noted(block, notes))
        else:
            body.append(_block(block, strong=any(look.bold)))
    if document.columns > 1:
        body.append("</div>")
    language = "zh-CN" if document.language == "zh" else "en"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(document.name)}</title>'
        f"<style>{style}</style></head><body>{''.join(body)}</body></html>"
    )


def table_html(block: TableBlock, *, strong: bool) -> str:
    """Return a table element with spans, head rows in ``thead``."""
    rows = _rows(block.table)
    head = "".join(_row(cells, block.aligns, "th") for cells in rows[: block.head_rows])
    body = "".join(_row(cells, block.aligns, "td") for cells in rows[block.head_rows :])
    name = f"{block.kind} strong" if strong else str(block.kind)
    return f'<table class="{name}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _block(block: DocumentBlock, *, strong: bool) -> str:
    match block:
        case Heading():
            return f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
        case Paragraph():
            return f"<p>{escape(block.text)}</p>"
        case Items(bulleted=True):
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
        case Items():
            return f'<div class="items">{"".join(f"<p>{escape(item)}</p>" for item in block.items)}</div>'
        case TableBlock():
            caption = f'<p class="caption above">{escape(block.caption)}</p>'
            return f"<div>{caption}{table_html(block, strong=strong and block.kind is not TableKind.CONTINUED)}</div>"
        case Remark():
            return f'<p class="remark">{escape(block.text)}</p>'
        case Figure():
            return (
                f'<div style="break-inside: avoid">{_chart(block)}<p class="caption">{escape(block.caption)}</p></div>'
            )
        case Contents():
            return _contents(block)


def _noted(block: Paragraph, number: int) -> str:
    note = f'<div class="note">{number} {escape(block.note or "")}</div>'
    return f'<div class="noted"><p>{escape(block.text)}<sup>{number}</sup></p>{note}</div>'


def _contents(block: Contents) -> str:
    lines = "".join(
        f'<div style="padding-left: {2 * (level - 1)}em"><span>{escape(text)}</span>'
        f"<i>{'.' * 160}</i><span>{page}</span></div>"
        for text, level, page in block.entries
    )
    return f'<div class="contents"><h2 style="text-align: center">{escape(block.title)}</h2>{lines}</div>'


def _chart(block: Figure) -> str:
    width, height = 30 * len(block.heights), 110
    bars = "".join(
        f'<rect x="{30 * index + 6}" y="{height - 100 * share:.0f}" width="18" height="{100 * share:.0f}"'
        ' fill="#4a78b5"/>'
        for index, share in enumerate(block.heights)
    )
    axis = f'<path d="M1 1V{height}H{width}" fill="none" stroke="#000"/>'
    return f'<svg width="{width}" height="{height + 2}">{bars}{axis}</svg>'


def _rows(table: Table) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row].append(cell)
    return rows


def _row(cells: list[Cell], aligns: tuple[str, ...], tag: str) -> str:
    made = []
    for cell in cells:
        spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
        spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
        align = "center" if tag == "th" and cell.column_span > 1 else aligns[cell.column]
        made.append(f'<{tag}{spans} style="text-align: {align}">{escape(cell.text)}</{tag}>')
    return f"<tr>{''.join(made)}</tr>"
