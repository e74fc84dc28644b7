"""Office files as packages: parts and their relationships, each read once, within limits."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote

from ingest.xmltree import parse_xml
from wenyuan.errors import FileCorrupt, FileEncrypted, FileUnsafe

MAX_PART: Final = 256 * 2**20
MAX_MEDIA: Final = 64 * 2**20
MAX_FIGURES: Final = 500
_MAX_DIGITS: Final = 9
# Of OpenDocument: modules beside the lists of them, and objects that are no documents in a folder of their own.
_MODULE: Final = re.compile(r"basic/(?!.*(?:script|dialog)-l[bc]\.xml$).*\.xml$|scripts/.*[^/]$")
_OBJECT: Final = re.compile(r"object \d+$|.*/embeddings/.*\.bin$")
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_STRICT: Final = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"http://purl.oclc.org/ooxml/presentationml/", b"http://schemas.openxmlformats.org/presentationml/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part points at: ``kind`` is the last word of its type, ``target`` a part name or, outside, an address."""

    kind: str
    target: str
    external: bool


def whole(text: str | None, default: int = 0) -> int:
    """Return a number of up to nine digits; ``default`` for anything else a file may say in its place."""
    return int(text) if text is not None and text.isdecimal() and len(text) <= _MAX_DIGITS else default


class Package:
    """The parts of an OPC file; use it as ``with Package.open(path) as package``."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        # Part names are the same in any case, and some writers begin them with a slash.
        self._names = {name.lstrip("/").lower(): name for name in archive.namelist()}
        self._relations: dict[str, dict[str, Relation]] = {}

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Package"]:
        """Open a file; raises ``FileCorrupt`` when it is no ZIP archive."""
        with path.open("rb") as file:
            try:
                archive = zipfile.ZipFile(file)
            except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
                raise FileCorrupt from error
            with archive:
                yield cls(archive)

    def has(self, name: str) -> bool:
        """Say whether there is such a part."""
        return name.lower() in self._names

    def names(self) -> list[str]:
        """Return the names of all parts, in lower case."""
        return list(self._names)

    def read(self, name: str, limit: int = MAX_PART) -> bytes:
        """Return the bytes of a part; raises ``FileCorrupt`` when missing or damaged, ``FileUnsafe`` over ``limit``."""
        with _damage(), self.stream(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise FileUnsafe(reason=f"part > {limit // 2**20} MB")
        return data

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """Open a part for reading piece by piece; errors as ``read``."""
        stored = self._names.get(name.lower())
        if stored is None:
            raise FileCorrupt
        with _damage(), self._archive.open(stored) as file:
            yield file  # type: ignore[misc]  # a binary file in all but name

    def xml(self, name: str) -> Any:
        """Return the root element of a part, in the transitional names also where the file uses the strict ones."""
        data = self.read(name)
        if b"purl.oclc.org/ooxml" in data[:8192]:
            for strict, transitional in _STRICT:
                data = data.replace(strict, transitional)
        return _tree(data)

    def relations(self, name: str) -> dict[str, Relation]:
        """Return the relationships of a part (or, for the empty name, of the package) by id."""
        if name not in self._relations:
            self._relations[name] = dict(self._read_relations(name))
        return self._relations[name]

    def related(self, name: str, kind: str) -> list[str]:
        """Return the names of the parts of a kind that a part points at and that exist, in order."""
        found = (relation for relation in self.relations(name).values() if relation.kind == kind)
        return [relation.target for relation in found if not relation.external and self.has(relation.target)]

    def main_part(self) -> str:
        """Return the name of the document, workbook or presentation part; raises ``FileCorrupt`` without one."""
        found = self.related("", "officeDocument")
        if not found:
            raise FileCorrupt
        return found[0]

    def _read_relations(self, name: str) -> Iterator[tuple[str, Relation]]:
        folder, base = posixpath.split(name)
        part = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(part):
            return
        for node in _tree(self.read(part)):
            key, kind, target = node.get("Id"), node.get("Type", ""), node.get("Target")
            if not key or not target:
                continue
            external = node.get("TargetMode") == "External"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, unquote(target.partition("#")[0]))).lstrip("/")
            yield key, Relation(kind.rsplit("/", 1)[-1], target, external)


def read_media(path: Path, media: str) -> bytes:
    """Return the bytes of an embedded part of an Office file, named as ``Block.media`` names it.

    Raises ``FileCorrupt`` when there is no such part, ``FileUnsafe`` when it is larger than ``MAX_MEDIA``.
    """
    with Package.open(path) as package:
        return package.read(media, MAX_MEDIA)


def active_parts(package: Package) -> Iterator[str]:
    """Yield warnings about macros and embedded objects of any Office file; they are never run nor opened."""
    names = package.names()
    if any(name.endswith("vbaproject.bin") or _MODULE.match(name) for name in names):
        yield "macros"
    objects = sum(_OBJECT.match(name) is not None for name in names)
    if objects:
        yield f"embedded-object:{objects}"


def _tree(data: bytes) -> Any:
    try:
        return parse_xml(data)
    except (SyntaxError, ValueError) as error:  # the XML library's own errors are kinds of these
        raise FileCorrupt from error


@contextmanager
def _damage() -> Iterator[None]:
    """Turn what the archive library raises on damaged entries into our errors."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FileCorrupt from error
    except RuntimeError as error:
        if "encrypted" in str(error) or "password" in str(error):
            raise FileEncrypted from error
        raise
