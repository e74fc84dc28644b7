"""Office files written by hand: what the libraries that write them cannot."""

import zipfile
from pathlib import Path

from ingest.intake import media
from ingest.parsing.office import parse_office
from wenyuan.documents import Block, BlockKind, ParsedDocument

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
    ' xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="png" ContentType="image/png"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="'
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def relationships(links: dict[str, tuple[str, str]]) -> str:
    """Write a part of relationships: id to (kind, target); a target with a scheme is external."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{_TYPE}/{kind}" Target="{target}"'
        + (' TargetMode="External"' if ":" in target else "")
        + "/>"
        for key, (kind, target) in links.items()
    )
    return f'<Relationships xmlns="{_RELS}">{rows}</Relationships>'


def write_docx(
    path: Path,
    body: str,
    parts: dict[str, str | bytes] | None = None,
    links: dict[str, tuple[str, str]] | None = None,
) -> Path:
    """Write a DOCX of the given body; ``parts`` by name below word/, ``links`` the relationships of the document."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _CONTENT)
        archive.writestr("_rels/.rels", relationships({"rId1": ("officeDocument", "word/document.xml")}))
        archive.writestr("word/document.xml", f"<w:document {NAMES}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/_rels/document.xml.rels", relationships(links or {}))
        for name, content in (parts or {}).items():
            archive.writestr(f"word/{name}", content)
    return path


def parse_body(
    folder: Path,
    body: str,
    parts: dict[str, str | bytes] | None = None,
    links: dict[str, tuple[str, str]] | None = None,
) -> ParsedDocument:
    """Write and parse a DOCX."""
    return parse_office(write_docx(folder / "file.docx", body, parts, links), media.DOCX)


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """Write a paragraph of one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def texts(parsed: ParsedDocument, *kinds: BlockKind) -> list[str]:
    """Return the texts of the blocks of some kinds, of all without one."""
    return [block.text for block in parsed.blocks if not kinds or block.kind in kinds]


def holding(parsed: ParsedDocument, text: str) -> Block:
    """Return the first block that holds ``text``."""
    return next(block for block in parsed.blocks if text in block.text)
