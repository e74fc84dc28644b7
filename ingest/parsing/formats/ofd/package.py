"""An OFD package: its pages in order, each with its templates, resources and annotations. Lengths are millimetres."""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ingest.parsing.office.package import Package
from ingest.xmltree import attribute, local
from wenyuan.errors import FileCorrupt, FileUnsafe
from wenyuan.text import squeeze

_MAX_OUTLINE: Final = 5_000
_A4: Final = (0.0, 0.0, 210.0, 297.0)


@dataclass(slots=True)
class OfdPage:
    """A page: its box (x, y, width, height), and the parts that make it up, from the back to the front."""

    name: str
    box: tuple[float, float, float, float]
    parts: list[Any] = field(default_factory=list)
    stamps: int = 0


@dataclass(slots=True)
class OfdDocument:
    """What a package says about itself; pages are read one by one."""

    package: Package
    title: str = ""
    pages: list[tuple[str, str]] = field(default_factory=list)
    media: dict[str, str] = field(default_factory=dict)
    outline: list[tuple[str, int, int]] = field(default_factory=list)
    _box: tuple[float, float, float, float] = _A4
    _templates: dict[str, str] = field(default_factory=dict)
    _annotations: dict[str, str] = field(default_factory=dict)
    _stamps: dict[str, int] = field(default_factory=dict)
    _roots: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def open(cls, path: Path, max_pages: int) -> Iterator["OfdDocument"]:
        """Open a package; raises ``FileCorrupt`` without pages, ``FileUnsafe`` over ``max_pages``."""
        with Package.open(path) as package:
            document = cls(package)
            document._read()
            if not document.pages:
                raise FileCorrupt
            if len(document.pages) > max_pages:
                raise FileUnsafe(reason=f"{len(document.pages)} pages > {max_pages}")
            yield document

    def page(self, number: int) -> OfdPage:
        """Return a page (1-based); raises ``FileCorrupt`` when its content is missing or damaged."""
        key, name = self.pages[number - 1]
        root = self.package.xml(name)
        page = OfdPage(name, _box_of(root) or self._box, stamps=self._stamps.get(key, 0))
        front: list[Any] = []
        for node in root:
            if local(node) == "Template":
                part = self._template(attribute(node, "TemplateID") or "")
                if part is not None:
                    (front if attribute(node, "ZOrder") == "Foreground" else page.parts).append(part)
        page.parts += [root, *front]
        if key in self._annotations:
            page.parts += list(_appearances(self.package.xml(self._annotations[key])))
        return page

    def _template(self, key: str) -> Any:
        name = self._templates.get(key)
        if name is None:
            return None
        if name not in self._roots:
            self._roots[name] = self.package.xml(name)
        return self._roots[name]

    def _read(self) -> None:
        entry = self.package.xml("OFD.xml")
        root_name = _text(entry, "DocRoot")
        if not root_name:
            raise FileCorrupt
        self.title = _text(entry, "Title")
        root_name = _join("", root_name)
        folder = posixpath.dirname(root_name)
        root = self.package.xml(root_name)
        for node in root.iter():
            self._item(node, folder)
        self._box = next((box for node in root.iter() if local(node) == "PageArea" and (box := _box_of(node))), _A4)
        signatures = _text(entry, "Signatures")
        if signatures:
            self._read_stamps(_join("", signatures))

    def _item(self, node: Any, folder: str) -> None:
        name, key, place = local(node), attribute(node, "ID") or "", attribute(node, "BaseLoc") or ""
        if name == "Page" and place:
            part = _join(folder, place)
            self.pages.append((key, part if self.package.has(part) else f"{part}/Content.xml"))
        elif name == "TemplatePage" and place:
            self._templates[key] = _join(folder, place)
        elif name in ("PublicRes", "DocumentRes") and node.text:
            self._read_resources(_join(folder, node.text.strip()))
        elif name == "Annotations" and node.text:
            self._read_annotations(_join(folder, node.text.strip()))
        elif name == "OutlineElem" and len(self.outline) < _MAX_OUTLINE:
            self._read_outline(node)

    def _read_resources(self, name: str) -> None:
        if not self.package.has(name):
            return
        root = self.package.xml(name)
        folder = _join(posixpath.dirname(name), attribute(root, "BaseLoc") or "")
        for node in root.iter():
            if local(node) == "MultiMedia" and (place := _text(node, "MediaFile")):
                self.media[attribute(node, "ID") or ""] = _join(folder, place)

    def _read_annotations(self, name: str) -> None:
        if not self.package.has(name):
            return
        for node in self.package.xml(name):
            place = _text(node, "FileLoc")
            if local(node) == "Page" and place:
                part = _join(posixpath.dirname(name), place)
                if self.package.has(part):
                    self._annotations[attribute(node, "PageID") or ""] = part

    def _read_stamps(self, name: str) -> None:
        if not self.package.has(name):
            return
        for node in self.package.xml(name):
            place = _join(posixpath.dirname(name), attribute(node, "BaseLoc") or "")
            if not self.package.has(place):
                continue
            for stamp in self.package.xml(place).iter():
                if local(stamp) == "StampAnnot":
                    key = attribute(stamp, "PageRef") or ""
                    self._stamps[key] = self._stamps.get(key, 0) + 1

    def _read_outline(self, node: Any) -> None:
        target = next((attribute(child, "PageID") for child in node.iter() if local(child) == "Dest"), None)
        numbers = {key: number for number, (key, _) in enumerate(self.pages, 1)}
        depth = sum(local(above) == "OutlineElem" for above in node.iterancestors()) + 1
        if target in numbers:
            self.outline.append((attribute(node, "Title") or "", depth, numbers[target]))


def numbers(text: str | None, count: int) -> tuple[float, ...] | None:
    """Return ``count`` numbers of a list such as a box or a matrix, or None."""
    try:
        found = tuple(float(part) for part in (text or "").split())
    except ValueError:
        return None
    sane = len(found) == count and all(abs(value) < 1e6 for value in found)
    return found if sane else None


def _box_of(holder: Any) -> tuple[float, float, float, float] | None:
    for node in holder.iter():
        if local(node) == "PhysicalBox":
            box = numbers(node.text, 4)
            if box is not None and box[2] > 0 and box[3] > 0:
                return box[0], box[1], box[2], box[3]
    return None


def _appearances(root: Any) -> Iterator[Any]:
    """What annotations draw; watermarks lie over the text and say nothing about it."""
    for node in root.iter():
        if local(node) == "Annot" and attribute(node, "Type") != "Watermark" and attribute(node, "Visible") != "false":
            yield from (child for child in node if local(child) == "Appearance")


def _text(holder: Any, name: str) -> str:
    return next((squeeze(node.text or "") for node in holder.iter() if local(node) == name), "")


def _join(folder: str, place: str) -> str:
    """A location beside the part that names it, or from the root of the package with a slash."""
    return posixpath.normpath(posixpath.join("/", folder, place)).lstrip("/")
