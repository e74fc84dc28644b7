"""Page images, drawn by a child of the sandbox."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ingest.sandbox import Sandbox
from ingest.sandbox.protocol import Json
from wenyuan.documents import Box

LONG_SIDE: Final = 1600


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

    async def page_bitmap(self, path: Path, media_type: str, page: int) -> bytes:
        """Return page ``page`` (1-based) as PNG for OCR, about 200 dpi; raises as ``render_page``."""
        return (await self._sandbox.run("page_bitmap", path, {"media_type": media_type, "page": page})).payload
