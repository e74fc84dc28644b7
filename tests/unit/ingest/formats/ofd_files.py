"""OFD files written by hand: texts, strokes, pictures on pages of 210 × 297 mm."""

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text(x: float, y: float, words: str, size: float = 4.0, extra: str = "", inner: str = "") -> str:
    """A text object whose first character's top left corner is about (x, y)."""
    steps = f' DeltaX="g {len(words) - 1} {size}"' if len(words) > 1 else ""
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} {len(words) * size} {size}" Font="1" Size="{size}" {extra}>{inner}'
        f'<ofd:TextCode X="0" Y="{size * 0.86}"{steps}>{escape(words)}</ofd:TextCode></ofd:TextObject>'
    )


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="{x0} {y0} {max(x1 - x0, 0.3)} {max(y1 - y0, 0.3)}" LineWidth="0.3">'
        f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def grid(x: float, y: float, widths: list[float], height: float, rows: list[list[str]]) -> str:
    """A ruled table."""
    right, bottom = x + sum(widths), y + height * len(rows)
    edges = [x + sum(widths[:n]) for n in range(len(widths) + 1)]
    drawn = [line(x, y + height * n, right, y + height * n) for n in range(len(rows) + 1)]
    drawn += [line(edge, y, edge, bottom) for edge in edges]
    for number, row in enumerate(rows):
        drawn += [
            text(edge + 1, y + number * height + 1.5, cell) for edge, cell in zip(edges, row, strict=False) if cell
        ]
    return "".join(drawn)


def picture(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<ofd:ImageObject ID="3" Boundary="{x} {y} {width} {height}" CTM="{width} 0 0 {height} 0 0" ResourceID="9"/>'
    )


def write_ofd(path: Path, pages: list[str], template: str = "", title: str = "") -> Path:
    used = '<ofd:Template TemplateID="50" ZOrder="Background"/>' if template else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "OFD.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {NS} Version="1.0" DocType="OFD"><ofd:DocBody>'
            f"<ofd:DocInfo>"
            f"<ofd:DocID>1</ofd:DocID><ofd:Title>{title}</ofd:Title></ofd:DocInfo><ofd:DocRoot>"
            f"Doc_0/Document.xml</ofd:DocRoot>"
            "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>",
        )
        listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
        archive.writestr(
            "Doc_0/Document.xml",
            f"<ofd:Document {NS}><ofd:CommonData><ofd:MaxUnitID>99</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>"
            f"0 0 210 297"
            "</ofd:PhysicalBox></ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>"
            '<ofd:TemplatePage ID="50" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>'
            f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
        )
        archive.writestr(
            "Doc_0/DocumentRes.xml",
            f'<ofd:Res {NS} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="9" Type="Image"><ofd:MediaFile>a.png'
            "</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>",
        )
        buffer = io.BytesIO()
        Image.new("RGB", (40, 40), "red").save(buffer, "PNG")
        archive.writestr("Doc_0/Res/a.png", buffer.getvalue())
        archive.writestr("Doc_0/Tpls/Tpl_0/Content.xml", _page(template))
        archive.writestr(
            "Doc_0/Signs/Signatures.xml",
            f'<ofd:Signatures {NS}><ofd:Signature ID="1" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>',
        )
        archive.writestr(
            "Doc_0/Signs/Sign_0/Signature.xml",
            f'<ofd:Signature {NS}><ofd:SignedInfo><ofd:StampAnnot PageRef="0" ID="1" Boundary="150 20 30 30"/>'
            "</ofd:SignedInfo></ofd:Signature>",
        )
        for number, content in enumerate(pages):
            archive.writestr(f"Doc_0/Pages/Page_{number}/Content.xml", _page(content, used))
    return path


def _page(content: str, template: str = "") -> str:
    return f'<ofd:Page {NS}>{template}<ofd:Content><ofd:Layer ID="7">{content}</ofd:Layer></ofd:Content></ofd:Page>'
