"""What stands in a picture that somebody is about to ask with: read, shown to them, and forgotten."""

from collections.abc import AsyncIterator
from typing import Final

from fastapi import APIRouter, UploadFile

from api.answering.asked import MOST_CHARS, read_picture
from api.deps import CallerAsk, Noted, Wired
from api.routers.uploads import UploadRoute
from api.schemas.asking import PictureBody
from wenyuan.text import strip_invisible

router = APIRouter(prefix="/v1/pictures", tags=["chat"], route_class=UploadRoute)
_PIECE: Final = 1 << 20


@router.post("")
async def read(services: Wired, _caller: CallerAsk, trail: Noted, file: UploadFile) -> PictureBody:
    """Return the text in a picture, for the asker to look over before they ask with it. Nothing is stored."""
    found = await read_picture(services, _content(file), trail)
    text = strip_invisible(found.text)
    return PictureBody(text=text[:MOST_CHARS], cut=len(text) > MOST_CHARS)


async def _content(file: UploadFile) -> AsyncIterator[bytes]:
    while data := await file.read(_PIECE):
        yield data
