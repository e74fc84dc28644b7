"""What a slide's placeholders inherit from its layout and master: their place, and whether their text is bulleted."""

from typing import Any, Final

from ingest.parsing.office.package import Package
from ingest.parsing.office.slides.geometry import A, P, box_of

Role = tuple[str, str]
_SAME: Final = {"ctrTitle": "title", "subTitle": "body", "obj": "body"}


def placeholder(node: Any) -> Role | None:
    """Return (type, index) of a placeholder, None for other shapes."""
    for kind in ("nvSpPr", "nvPicPr", "nvGraphicFramePr"):
        found = node.find(f"{P}{kind}/{P}nvPr/{P}ph")
        if found is not None:
            return found.get("type", "obj"), found.get("idx", "0")
    return None


class Layouts:
    """Layouts and masters, each read once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._shapes: dict[str, list[tuple[Role, Any]]] = {}
        self._bulleted: dict[str, bool] = {}

    def box(self, slide: str, role: Role) -> tuple[float, float, float, float] | None:
        """Return (x, y, width, height) that a placeholder of a slide inherits, None when nobody says."""
        return next((box for node in self.inherited(slide, role) if (box := box_of(node)) is not None), None)

    def bulleted(self, slide: str, role: Role | None) -> bool:
        """Say whether first-level text of a body placeholder gets bullets where its paragraphs do not say."""
        if role is None:
            return False
        for node in self.inherited(slide, role):
            style = node.find(f"{P}txBody/{A}lstStyle/{A}lvl1pPr")
            if style is not None and (said := _says(style)) is not None:
                return said
        return all(self._master_bullets(master) for master in self._masters(slide))

    def inherited(self, slide: str, role: Role) -> list[Any]:
        """Return the placeholders of the layout and the master that stand behind one, nearest first."""
        found: list[Any] = []
        for layout in self._package.related(slide, "slideLayout"):
            found += self._matching(layout, role, by_index=True)
            for master in self._package.related(layout, "slideMaster"):
                found += self._matching(master, role, by_index=False)
        return found

    def _masters(self, slide: str) -> list[str]:
        layouts = self._package.related(slide, "slideLayout")
        return [master for layout in layouts for master in self._package.related(layout, "slideMaster")]

    def _matching(self, part: str, role: Role, *, by_index: bool) -> list[Any]:
        if part not in self._shapes:
            nodes = self._package.xml(part).iter(P + "sp", P + "pic")
            self._shapes[part] = [(own, node) for node in nodes if (own := placeholder(node)) is not None]
        shapes = self._shapes[part]
        if by_index and (same := [node for own, node in shapes if own[1] == role[1] and _alike(own[0], role[0])]):
            return same
        return [node for own, node in shapes if _alike(own[0], role[0])][:1]

    def _master_bullets(self, master: str) -> bool:
        if master not in self._bulleted:
            style = self._package.xml(master).find(f"{P}txStyles/{P}bodyStyle/{A}lvl1pPr")
            self._bulleted[master] = style is not None and bool(_says(style))
        return self._bulleted[master]


def _alike(one: str, other: str) -> bool:
    return _SAME.get(one, one) == _SAME.get(other, other)


def _says(style: Any) -> bool | None:
    if style.find(A + "buNone") is not None:
        return False
    if any(style.find(A + name) is not None for name in ("buChar", "buAutoNum", "buBlip")):
        return True
    return None
