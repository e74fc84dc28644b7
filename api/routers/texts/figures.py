"""The figures and formulas of a document, and pictures of its blocks."""

import asyncio
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from api.deps import Scoped, Wired
from api.routers.documents import current_version
from api.schemas.figures import FigureBody, FigureListBody
from ingest.chunking.figures import Illustration, illustrations
from ingest.parsing.reading.formulas import formula_crop
from ingest.parsing.render import LONG_SIDE
from ingest.rendition.paths import shown_as
from ingest.sandbox.protocol import Json
from wenyuan.db import documents as docs
from wenyuan.db.texts.blocks import ShownBlock, load_block, load_blocks
from wenyuan.db.texts.parts import shows_page
from wenyuan.documents import Block, BlockKind
from wenyuan.errors import FileCorrupt, NotFound

router = APIRouter(prefix="/v1/documents", tags=["documents"])
Ordinal = Annotated[int, Path(ge=0, le=2**31 - 1)]
Named = Annotated[str | None, Query(max_length=64)]


@router.get("/{document_id}/figures")
async def figures(
    services: Wired,
    reading: Scoped,
    document_id: str,
    version: Named = None,
    kind: Literal["figure", "formula"] | None = None,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> FigureListBody:
    """Return figures and formulas with caption, number, place, text, and the sentence that refers to them.

    Of the version that answers, or of one that is named, superseded ones too.
    """
    async with services.database.read() as tx:
        version_id = version or await current_version(reading.scope, tx, document_id)
        shown = await load_blocks(reading.scope, tx, document_id, version_id)
    found = await asyncio.to_thread(_illustrations, shown, kind)
    page = found[offset : offset + limit]
    return FigureListBody(
        version_id=version_id,
        total=len(found),
        items=[FigureBody.of(one, document_id, version_id) for one in page],
        next_offset=offset + limit if len(found) > offset + limit else None,
    )


@router.get(
    "/{document_id}/blocks/{ordinal}/image", response_class=Response, responses={200: {"content": {"image/png": {}}}}
)
async def block_image(
    services: Wired,
    reading: Scoped,
    document_id: str,
    ordinal: Ordinal,
    version: Named = None,
    long_side: Annotated[int, Query(ge=32, le=2400)] = LONG_SIDE,
) -> Response:
    """Return a block as it is drawn, as PNG: the picture that a figure holds, else its part of the page image.

    At most ``long_side`` pixels. 404 for a block that has neither.
    """
    async with services.database.read() as tx:
        version_id = version or await current_version(reading.scope, tx, document_id)
        block = (await load_block(reading.scope, tx, document_id, version_id, ordinal)).block
        stored = await docs.get_version(tx, version_id)
        # The part of a page that a block takes may show its neighbours too.
        page = block.boxes[0].page if block.boxes else None
        drawn = page is not None and await shows_page(reading.scope, tx, document_id, version_id, page)
    if stored is None:
        raise NotFound
    path, media_type = services.settings.data_dir / stored.source.path, stored.source.media_type
    image: bytes | None = None
    if block.kind is BlockKind.FIGURE and block.media is not None:
        try:
            image = await services.renderer.part(path, media_type, {"media": block.media}, long_side)
        except FileCorrupt:
            # Drawings of a format that no library here opens are on the page image all the same.
            if not drawn:
                raise
    if image is None:
        if not drawn:
            raise NotFound
        image = await services.renderer.part(*shown_as(path, media_type), _place(block), long_side)
    return Response(image, media_type="image/png")


def _place(block: Block) -> dict[str, Json]:
    if not block.boxes:
        raise NotFound
    box = block.boxes[0]
    own: list[Json] = [box.x0, box.y0, box.x1, box.y1]
    return {"page": box.page, "box": formula_crop(box) if block.kind is BlockKind.FORMULA else own}


def _illustrations(shown: list[ShownBlock], kind: str | None) -> list[Illustration]:
    found = illustrations([one.block for one in shown])
    return [_numbered(one, shown) for one in found if kind is None or one.block.kind == kind]


def _numbered(one: Illustration, shown: list[ShownBlock]) -> Illustration:
    """Return an illustration found among the blocks that are shown with the ordinals that these have in the version."""
    reference = None if one.reference is None else (shown[one.reference[0]].ordinal, *one.reference[1:])
    return replace(one, ordinal=shown[one.ordinal].ordinal, reference=reference)
