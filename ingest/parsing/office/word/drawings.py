"""What is drawn in a Word paragraph: text boxes, pictures, charts, SmartArt, embedded objects."""

from collections.abc import Iterator
from typing import Any, Final

from ingest.parsing.office.drawing.charts import chart_pieces, diagram_pieces
from ingest.parsing.office.package import Package, R
from ingest.parsing.office.pieces import Piece
from ingest.parsing.office.word.inline import shown_nodes
from ingest.parsing.office.word.styles import W
from wenyuan.documents import BlockKind, Hidden
from wenyuan.text import squeeze

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_PIC: Final = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_V: Final = "{urn:schemas-microsoft-com:vml}"
_WP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
BOX: Final = W + "txbxContent"


def drawn_pieces(package: Package, part: str, node: Any) -> Iterator[Piece | Any]:
    """Yield the pieces of ``w:drawing``, ``w:pict`` or ``w:object``, and ``w:txbxContent`` elements for the caller."""
    relations = package.relations(part)

    def target(key: str | None) -> str | None:
        relation = relations.get(key or "")
        usable = relation is not None and not relation.external and package.has(relation.target)
        return relation.target if relation is not None and usable else None

    whole = next(node.iter(_WP + "docPr"), None)
    hidden = Hidden.MARKED if whole is not None and whole.get("hidden") in ("1", "true") else None
    for found in shown_nodes(node, BOX):
        if found.tag == BOX:
            yield found
        elif found.tag == _A + "blip" and (name := target(found.get(R + "embed"))):
            yield Piece(BlockKind.FIGURE, _alt_text(found, whole), media=name, hidden=hidden)
        elif found.tag == _V + "imagedata" and (name := target(found.get(R + "id"))):
            shape = found.getparent()
            yield Piece(BlockKind.FIGURE, squeeze(shape.get("alt") or found.get("title") or ""), media=name)
        elif found.tag == _V + "textpath" and found.get("string"):
            yield Piece(BlockKind.PARAGRAPH, found.get("string"))
        elif found.tag == _C + "chart" and (name := target(found.get(R + "id"))):
            yield from chart_pieces(package, name)
        elif found.tag == _DGM + "relIds" and (name := target(found.get(R + "dm"))):
            yield from diagram_pieces(package, name)


def _alt_text(blip: Any, whole: Any) -> str:
    """The description of the picture itself where a drawing groups several, else that of the drawing."""
    picture = next(blip.iterancestors(_PIC + "pic"), None)
    own = next(picture.iter(_PIC + "cNvPr"), None) if picture is not None else None
    for node in (own, whole):
        if node is not None and (text := node.get("descr") or node.get("title")):
            return squeeze(text)
    return ""
