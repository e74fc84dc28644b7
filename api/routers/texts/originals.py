"""The file that a document was uploaded as, for those who may read all of it."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from api.deps import Scoped, Wired
from wenyuan.audit.record import Action, Item
from wenyuan.db import documents as docs
from wenyuan.errors import NotFound
from wenyuan.text import one_line

router = APIRouter(prefix="/v1/documents", tags=["documents"])
_PIECE: Final = 1 << 20
_LONGEST: Final = 150
#: Of a name: what ends a header, leads to another folder, or means something to a shell of some system.
_UNSAFE: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|;%', "_"))


@router.get(
    "/{document_id}/original",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def original(
    services: Wired,
    reading: Scoped,
    document_id: str,
    version: Annotated[str | None, Query(max_length=64)] = None,
) -> StreamingResponse:
    """Return the file of the version that answers, or of an earlier one, to be saved under its name.

    404 for those who may not read every part of the document: the file is not cut.
    """
    async with services.database.read() as tx:
        document = await docs.load_document(reading.scope, tx, document_id)
        wanted = None if document is None or not document.wholly else version or document.current_version_id
        found = None if wanted is None else await docs.get_version(tx, wanted)
        if found is None or found.document_id != document_id or found.published_at is None:
            raise NotFound
    reading.scope.trail.note(Action.DOWNLOAD, [Item(document_id, found.id)])
    opened, path = contextlib.ExitStack(), services.settings.data_dir / found.source.path
    try:
        plain = await asyncio.to_thread(opened.enter_context, services.intake.stored.plain(path))
    except FileNotFoundError:
        raise NotFound from None
    headers = {
        "Content-Disposition": attachment(found.source.filename),
        "Content-Length": str(plain.path.stat().st_size),
    }
    # What it claims to be is for whoever opens it; here it is bytes, which no browser shows.
    return StreamingResponse(
        _pieces(plain.path, opened),
        media_type="application/octet-stream",
        headers=headers,
        background=BackgroundTask(opened.close),
    )


def attachment(filename: str) -> str:
    """Return the header that has a browser save a file, under a name that is none but a file's."""
    name = "".join(one for one in one_line(filename).translate(_UNSAFE) if one.isprintable()).strip(" .") or "file"
    stem, dot, ending = name.rpartition(".")
    name = f"{stem[: _LONGEST - len(ending)]}.{ending}" if dot and len(ending) < 16 else name[:_LONGEST]
    plain = "".join(one if one.isascii() else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _pieces(path: Path, opened: contextlib.ExitStack) -> Iterator[bytes]:
    with opened, path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
