"""Read what is attached to a message, within limits of depth, number and size."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.intake import media
from ingest.intake.sniff import sniff
from ingest.parsing.formats.mail.message import MAX_LEVEL, Attached, Message, head_pieces
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.documents import Block, BlockKind, ParsedDocument
from wenyuan.errors import FileEmpty, FileError, FileNoText, FileTypeUnsupported, FileUnsafe
from wenyuan.text import squeeze

PICTURE: Final = "attachment:"
"""How the figure of an attached picture is named, with its number."""

MAX_DEPTH: Final = 3
MAX_COUNT: Final = 200
MAX_BYTES: Final = 200 * 2**20
_MAX_PAGES: Final = 500


def read_message(message: Message) -> Reading:
    """Return a message and what is attached to it as one reading.

    A file is read under a title with its name, one level below the subject; its blocks have anchors such as
    ``name.pdf · p. 3`` or ``name.xlsx · 'Sheet1'!A1:B2``. Warns ``attachment:N:CODE`` for the N-th (1-based, an
    attachment of an attachment ``N.M``) that could not be read, and ``attachment:N:…`` with what its parser warns of.
    """
    reader = _Attachments()
    pieces = list(reader.read(message, level=1, number=""))
    return Reading(tuple(pieces), message.subject or None, tuple(reader.warnings))


class _Attachments:
    """Counts files and bytes over the whole tree of messages."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._count = 0
        self._bytes = 0

    def read(self, message: Message, level: int, number: str) -> Iterator[Piece]:
        """Yield the pieces of a message whose subject stands at ``level``."""
        yield from head_pieces(message, level)
        for piece in message.body:
            yield _deeper(piece, level - 1)
        for index, item in enumerate(message.attached, 1):
            place = f"{number}.{index}" if number else str(index)
            try:
                yield from self._item(item, level + 1, place)
            except FileError as error:
                self.warnings.append(f"attachment:{place}:{error.code}")

    def _item(self, item: Attached, level: int, place: str) -> Iterator[Piece]:
        self._count += 1
        self._bytes += len(item.data or b"")
        if place.count(".") >= MAX_DEPTH:
            raise FileUnsafe(reason=f"attachment depth > {MAX_DEPTH}")
        if self._count > MAX_COUNT or self._bytes > MAX_BYTES:
            raise FileUnsafe(reason="attachments")
        if item.message is not None:
            yield from self.read(item.message, level, place)
            return
        if not item.data:
            raise FileEmpty
        name = squeeze(item.name)
        parsed = _parsed(item.name, item.data)
        if parsed is None:
            if not place.isdecimal():
                raise FileTypeUnsupported(media_type="image", supported=media.SUPPORTED_NAMES)
            # What is written in a picture is found later, by its name.
            yield Piece(BlockKind.TITLE, name, level=min(level, MAX_LEVEL))
            yield Piece(BlockKind.FIGURE, "", anchor=name, media=f"{PICTURE}{place}")
            return
        self.warnings += [f"attachment:{place}:{warning}" for warning in parsed.warnings]
        if not any(block.text for block in parsed.blocks):
            raise FileNoText
        yield Piece(BlockKind.TITLE, name, level=min(level, MAX_LEVEL))
        for block in (block for block in parsed.blocks if block.text):
            yield _embedded(block, name, level)


def _parsed(name: str, data: bytes) -> ParsedDocument | None:
    """Parse a file by its content, in the folder of this process; None for a picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attached"
        path.write_bytes(data)
        return _parse(path, sniff(path, name))


def _parse(path: Path, media_type: str) -> ParsedDocument | None:
    if media_type in media.IMAGES:
        return None
    if media_type == media.PDF:
        from ingest.parsing.pdf.document import parse_pdf

        return parse_pdf(path, _MAX_PAGES, _quiet)
    if media_type in media.LEGACY:
        raise FileTypeUnsupported(media_type=media_type, supported=media.SUPPORTED_NAMES)
    if media_type in media.OFFICE:
        from ingest.parsing.office import parse_office

        return parse_office(path, media_type)
    from ingest.parsing.formats import parse_format

    return parse_format(path, media_type)


def _quiet(_done: int, _total: int) -> None:
    return


def _embedded(block: Block, name: str, level: int) -> Piece:
    """A block of an attached file: boxes belong to pages that nobody can open, so the anchor names the page."""
    place = f"p. {block.boxes[0].page}" if block.boxes else block.anchor
    piece = Piece(
        block.kind,
        block.text,
        block.level,
        table=block.table,
        anchor=f"{name} · {place}" if place else name,
        links=tuple(link for link in block.links if not link.target.startswith("page:")),
        hidden=block.hidden,
    )
    return _deeper(piece, level)


def _deeper(piece: Piece, by: int) -> Piece:
    return replace(piece, level=min(piece.level + by, MAX_LEVEL)) if piece.kind is BlockKind.TITLE else piece
