"""OpenDocument files as pieces."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.parsing.formats.odf.flow import Flow
from ingest.parsing.formats.odf.sheets import sheet_pieces
from ingest.parsing.formats.odf.styles import Styles
from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.package import Package, active_parts
from ingest.parsing.office.pieces import Piece, Reading, first_title
from ingest.xmltree import attribute, local
from wenyuan.documents import BlockKind
from wenyuan.errors import FileCorrupt, FileEncrypted
from wenyuan.text import squeeze

_RUNNING = {"header": BlockKind.HEADER, "header-left": BlockKind.HEADER, "header-first": BlockKind.HEADER,
            "footer": BlockKind.FOOTER, "footer-left": BlockKind.FOOTER, "footer-first": BlockKind.FOOTER}  # fmt: skip


def read_open_document(path: Path) -> Reading:
    """Read ODT, ODS or ODP by the kind of its body; anchors are ranges in sheets, ``slide N`` in presentations.

    Raises ``FileEncrypted`` for a file with a password, ``FileCorrupt`` for one without a body.
    """
    with Package.open(path) as package:
        _refuse_encrypted(package)
        content = package.xml("content.xml")
        styles = Styles()
        running: list[Piece] = []
        if package.has("styles.xml"):
            root = package.xml("styles.xml")
            styles.add(root)
            running = list(_running_heads(root, styles))
        styles.add(content)
        title = _title(package)
        active = tuple(active_parts(package))
    body = next((child for node in content if local(node) == "body" for child in node), None)
    if body is None:
        raise FileCorrupt
    kind = local(body)
    if kind == "spreadsheet":
        sheets = [node for node in body if local(node) == "table"]
        pieces = [piece for number, node in enumerate(sheets, 1) for piece in sheet_pieces(node, styles, number)]
        warnings = tuple(
            f"sheet-hidden:{number}"
            for number, node in enumerate(sheets, 1)
            if styles.is_hidden(attribute(node, "style-name"))
        )
        return Reading(tuple(pieces), title, warnings + active)
    if kind == "presentation":
        pieces = list(_slides(body, styles))
        return Reading(tuple(pieces), title or first_title(pieces), active)
    pieces = recover_headings([*running, *Flow(styles).read(body)])
    return Reading(tuple(pieces), title or first_title(pieces), active)


def _refuse_encrypted(package: Package) -> None:
    if package.has("META-INF/manifest.xml") and b"encryption-data" in package.read("META-INF/manifest.xml", 2**24):
        raise FileEncrypted


def _title(package: Package) -> str | None:
    if not package.has("meta.xml"):
        return None
    node = next((node for node in package.xml("meta.xml").iter() if local(node) == "title"), None)
    return squeeze("".join(node.itertext())) or None if node is not None else None


def _running_heads(root: Any, styles: Styles) -> Iterator[Piece]:
    """Running heads of the page styles, each text once."""
    seen: set[str] = set()
    for node in root.iter():
        kind = _RUNNING.get(local(node))
        if kind is None or attribute(node, "display") == "false":
            continue
        text = squeeze(" ".join(piece.text for piece in Flow(styles).read(node)))
        if text and text not in seen:
            seen.add(text)
            yield Piece(kind, text)


def _slides(body: Any, styles: Styles) -> Iterator[Piece]:
    """Each slide is a section under its title; speaker notes close it."""
    for number, page in enumerate((node for node in body if local(node) == "page"), 1):
        anchor = f"slide {number}"
        titled = False
        for frame in page:
            name, role = local(frame), attribute(frame, "class") or ""
            if name in ("notes", "forms", "animations", "par"):
                continue
            for piece in Flow(styles, section=number, anchor=anchor).read([frame]):
                if role == "title" and not titled and piece.kind is not BlockKind.FIGURE:
                    titled = True
                    yield Piece(BlockKind.TITLE, squeeze(piece.text), 1, section=number, anchor=anchor)
                else:
                    yield piece
        for notes in (node for node in page if local(node) == "notes"):
            for piece in Flow(styles, section=number, anchor=anchor).read(notes):
                if piece.kind is not BlockKind.FIGURE and not piece.text.strip().isdecimal():
                    yield piece
