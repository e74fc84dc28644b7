"""How would this file be cut? The caller's own file, parsed and chunked for a look; nothing is stored."""

from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Form, UploadFile

from api.deps import CallerUpload, Wired
from api.routers.uploads import UploadRoute
from api.schemas.preview import PreviewBody
from ingest.intake import clean_filename
from ingest.preview import Cutting
from wenyuan.access import Role
from wenyuan.db.access.spaces import roles_in_spaces
from wenyuan.errors import ActionForbidden
from wenyuan.settings import TopicBreaks
from wenyuan.text import one_line

router = APIRouter(prefix="/v1/preview", tags=["documents"], route_class=UploadRoute)
MAX_TITLE: Final = 512
READ_SIZE: Final = 1 << 20


@router.post("")
async def preview(
    services: Wired,
    caller: CallerUpload,
    file: UploadFile,
    title: Annotated[str, Form(max_length=MAX_TITLE)] = "",
    chunk_tokens: Annotated[int | None, Form(ge=32, le=8192)] = None,
    topic_breaks: Annotated[TopicBreaks | None, Form()] = None,
) -> PreviewBody:
    """Parse and cut a file and return its chunks with statistics, to those who may upload into some space."""
    async with services.database.read() as tx:
        roles = await roles_in_spaces(tx, caller.user_id)
    if not roles and Role.ADMINISTRATOR not in caller.roles:
        raise ActionForbidden
    name = clean_filename(file.filename or "")
    shown = one_line(title) or one_line(name.rsplit(".", 1)[0]) or name
    cutting = Cutting(chunk_tokens, topic_breaks)
    return PreviewBody.of(await services.previews.preview(_content(file), name, shown[:MAX_TITLE], cutting))


async def _content(file: UploadFile) -> AsyncIterator[bytes]:
    while data := await file.read(READ_SIZE):
        yield data
