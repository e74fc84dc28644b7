"""Page images, drawn by a child of the sandbox."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json
from ingest.sandbox.runner import file_error
from wenyuan.documents import Box
from wenyuan.errors import FileError, ParserFailed

LONG_SIDE: Final = 1600
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A PNG of ``width`` by ``height`` pixels; ``text`` are the characters of a table as the child wrote them."""

    png: bytes
    width: int
    height: int
    text: bytes = b""


Drawn = Bitmap | FileError | None


class PageRenderer:
    """Draws pages of stored files as PNG."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def render_page(
        self, path: Path, media_type: str, page: int, boxes: Sequence[Box] = (), long_side: int = LONG_SIDE
    ) -> bytes:
        """Return page ``page`` (1-based) as PNG, its longer side ``long_side`` pixels (images: at most), marks drawn.

        Of ``boxes`` those of this page are marked. Raises ``FileTypeUnsupported`` for a format without pages,
        ``FileCorrupt`` when there is no such page, and what ``Sandbox.run`` raises.
        """
        marks: list[Json] = [[box.x0, box.y0, box.x1, box.y1] for box in boxes if box.page == page]
        options: dict[str, Json] = {"media_type": media_type, "page": page, "boxes": marks, "long_side": long_side}
        return (await self._sandbox.run("render_page", path, options)).payload

    async def part(self, path: Path, media_type: str, wanted: Mapping[str, Json], long_side: int = LONG_SIDE) -> bytes:
        """Return one part of a file as PNG, at most ``long_side`` pixels; raises as ``render_page``.

        ``wanted`` is {page, box} in page units or {media: the name of a picture in the file}.
        """
        options: dict[str, Json] = {"media_type": media_type, "wanted": dict(wanted), "long_side": long_side}
        return (await self._sandbox.run("part", path, options)).payload

    async def bitmaps(self, path: Path, media_type: str, wanted: Sequence[dict[str, Json]]) -> list[Drawn]:
        """Return bitmaps for recognition of the first parts ``wanted``, at least of one; raises as ``render_page``.

        A part that cannot be drawn has its error instead, one too small to hold text None. What can be asked for says
        ``ingest.parsing.reading.bitmaps``.
        """
        options: dict[str, Json] = {"media_type": media_type, "wanted": [dict(one) for one in wanted]}
        return unpack((await self._sandbox.run("bitmaps", path, options)).payload)


def unpack(payload: bytes) -> list[Drawn]:
    """Read what ``draw_bitmaps`` wrote; raises ``ParserFailed`` when it does not add up."""
    found: list[Drawn] = []
    try:
        (length,) = _LENGTH.unpack_from(payload)
        at = _LENGTH.size + length
        for head in json.loads(payload[_LENGTH.size : at]):
            if "size" not in head:
                found.append(file_error(str(head["code"]), dict(head["params"])) if head else None)
                continue
            width, height = head["size"]
            end = at + int(head["bytes"])
            behind = end + int(head["text"])
            found.append(Bitmap(payload[at:end], int(width), int(height), payload[end:behind]))
            at = behind
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise ParserFailed(reason="invalid result") from error
    if not found or at != len(payload):
        raise ParserFailed(reason="invalid result")
    return found
