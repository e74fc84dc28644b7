"""What lies behind the text of a slide: whether white words stand on white paper, where nobody can read them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from ingest.parsing.office.package import Package
from ingest.parsing.office.slides.geometry import A, Frame, P, Shape, box_of, transform_of
from ingest.parsing.office.slides.layouts import Layouts, placeholder
from ingest.parsing.office.word.inline import MC, chosen

Box = tuple[float, float, float, float]
_NEAR_WHITE: Final = 245
_MAX_DEPTH: Final = 20
_MAX_PAINTED: Final = 500
# The first of a theme's background fills is its plain one; those after it are gradients and pictures.
_PLAIN: Final = ("0", "1", "1000", "1001")
_FILLS: Final = tuple(A + name for name in ("noFill", "solidFill", "gradFill", "blipFill", "pattFill", "grpFill"))
_SEEN_BY: Final = tuple(A + name for name in ("ln", "highlight", "effectLst", "effectDag"))


class Backdrop:
    """The paper of one slide; what is painted on it is looked at once, when the first white word asks for it.

    In doubt text is visible: behind anything painted that touches it, on any paper that is not known to be white.
    """

    def __init__(self, package: Package, part: str, root: Any, layouts: Layouts) -> None:
        self._package = package
        self._part = part
        self._layouts = layouts
        self._slide = root

    def hides(self, run: Any, shape: Shape) -> bool:
        """Say whether words with these run properties (``a:rPr``) cannot be read where the shape stands."""
        if run.find(A + "solidFill") is None or any(run.find(name) is not None for name in _SEEN_BY):
            return False
        if not self._is_white(run) or not self._white_paper or self._is_painted(shape.node):
            return False
        painted = self._painted
        if not shape.placed or len(painted) > _MAX_PAINTED:
            return not painted
        box = (shape.x0, shape.y0, shape.x1, shape.y1)
        return not any(other is None or _touch(box, other) for other in painted)

    @cached_property
    def _behind(self) -> list[Any]:
        """Layout and master of the slide."""
        layouts = self._package.related(self._part, "slideLayout")
        return [self._package.xml(name) for name in (*layouts, *self._master_parts)]

    @cached_property
    def _master_parts(self) -> list[str]:
        layouts = self._package.related(self._part, "slideLayout")
        return [name for layout in layouts for name in self._package.related(layout, "slideMaster")]

    @cached_property
    def _theme(self) -> dict[str, Any]:
        """The colours of the theme by the names that slides use for them."""
        for part in self._master_parts[:1]:
            mapping = self._package.xml(part).find(P + "clrMap")
            names = dict(mapping.attrib) if mapping is not None else {}
            for theme in self._package.related(part, "theme")[:1]:
                scheme = self._package.xml(theme).find(f"{A}themeElements/{A}clrScheme")
                colours = (
                    {node.tag.rpartition("}")[2]: node[0] for node in scheme if len(node)} if scheme is not None else {}
                )
                return colours | {name: colours[own] for name, own in names.items() if own in colours}
        return {}

    @cached_property
    def _white_paper(self) -> bool:
        for root in (self._slide, *self._behind):
            paper = root.find(f"{P}cSld/{P}bg")
            if paper is None:
                continue
            own, named = paper.find(P + "bgPr"), paper.find(P + "bgRef")
            if own is not None:
                return self._is_white(own)
            return named is not None and named.get("idx") in _PLAIN and self._white_colour(named)
        return True

    @cached_property
    def _painted(self) -> list[Box | None]:
        """Where the slide is not bare, None for a place that nobody tells."""
        found: list[Box | None] = []
        for root in (self._slide, *self._behind):
            tree = root.find(f"{P}cSld/{P}spTree")
            # Placeholders of layouts and masters are no shapes of the slide.
            for node, box in self._leaves(tree, Frame(), 0) if tree is not None else ():
                if (root is self._slide or placeholder(node) is None) and self._is_painted(node):
                    found.append(box)
                    if len(found) > _MAX_PAINTED:
                        return found
        return found

    def _leaves(self, tree: Any, frame: Frame, depth: int) -> Iterator[tuple[Any, Box | None]]:
        for node in tree:
            if node.tag == MC + "AlternateContent" and depth <= _MAX_DEPTH:
                yield from self._leaves(chosen(node), frame, depth + 1)
            elif node.tag == P + "grpSp" and depth <= _MAX_DEPTH:
                transform = transform_of(node)
                yield from self._leaves(node, frame.inside(transform) if transform is not None else frame, depth + 1)
            elif node.tag in (P + "sp", P + "pic", P + "graphicFrame", P + "contentPart", P + "grpSp"):
                role = placeholder(node)
                box = box_of(node) or (self._layouts.box(self._part, role) if role is not None else None)
                yield node, frame.place(box) if box is not None else None

    def _is_painted(self, node: Any) -> bool:
        """Whether a shape covers the paper with anything but white."""
        if node.tag != P + "sp":
            return True
        role = placeholder(node)
        for one in (node, *(self._layouts.inherited(self._part, role) if role is not None else ())):
            properties = one.find(P + "spPr")
            fill = (
                next((child for child in properties if child.tag in _FILLS), None) if properties is not None else None
            )
            if fill is not None:
                return fill.tag != A + "noFill" and not self._white_colour(fill)
            styled = one.find(f"{P}style/{A}fillRef")
            if styled is not None and styled.get("idx", "0") != "0":
                return not self._white_colour(styled)
        return False

    def _is_white(self, node: Any) -> bool:
        fill = node.find(A + "solidFill")
        return fill is not None and self._white_colour(fill)

    def _white_colour(self, node: Any) -> bool:
        """Whether the colour in an element is plain white: one that is made darker or lighter is taken for another."""
        colour = next((child for child in node if isinstance(child.tag, str)), None)
        if colour is None or len(colour):
            return False
        if colour.tag == A + "schemeClr":
            colour = self._theme.get(colour.get("val", ""))
        if colour is None:
            return False
        value = colour.get("lastClr", "") if colour.tag == A + "sysClr" else colour.get("val", "")
        if colour.tag == A + "prstClr":
            return bool(value == "white")
        try:
            return len(value) == 6 and min(bytes.fromhex(value)) >= _NEAR_WHITE
        except ValueError:
            return False


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
