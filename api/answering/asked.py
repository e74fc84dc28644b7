"""The picture that a question brings: what it says joins the question, and a model that sees may be shown it."""

import asyncio
import base64
import binascii
import dataclasses
import re
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from api.answering.errors import PictureInvalid, PictureNotSent
from api.asking import Asking
from api.schemas.chat import ChatBody
from api.services import Services
from ingest.pictures import ReadPicture
from retrieval.query.understanding import Query
from wenyuan.answers import Evidence
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail
from wenyuan.outbound import endpoint_name
from wenyuan.text import content_terms, detect_language, squeeze, strip_invisible

#: Characters of a picture that belong to a question: a page of text is no question.
MOST_CHARS: Final = 2000
#: Characters of them that are searched with the question.
SEARCHED: Final = 400
_LABELS: Final = {"zh": "〔图片中的文字〕", "en": "[Text in the picture]"}
_LABELLED: Final = re.compile(rf"\s*(?:{'|'.join(map(re.escape, _LABELS.values()))})\s*")
#: The picture stands in the request itself: addresses are never fetched.
_DATA: Final = re.compile(r"data:image/[\w.+-]{1,32};base64,")
_CODE: Final = re.compile(r"[A-Za-z][-/._]?\d|\d[-/._]?[A-Za-z]")
_ENDS: Final = re.compile(r"[?？!！;；。]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, what stands in the picture, and the picture as a model may be shown it.

    ``read``: the text was recognised here; else it is as the asker sent it.
    """

    typed: str
    words: str = ""
    png: bytes | None = None
    read: bool = False
    brought: bool = False

    @property
    def whole(self) -> str:
        """The question as it is kept and shown: what was typed, and below a label what the picture says."""
        if not self.words:
            return self.typed
        label = _LABELS[detect_language(self.typed or self.words)]
        return f"{self.typed}\n\n{label}\n{self.words}".strip()

    @property
    def searched(self) -> str:
        """What of the picture is searched: one line, which no sign parts into questions of their own."""
        return squeeze(_ENDS.sub(" ", self.words))[:SEARCHED].strip()

    @property
    def question(self) -> str:
        """What is understood as a question: what was typed, or where nothing was, what the picture says."""
        return self.typed or self.searched

    def join(self, asking: Asking) -> Asking:
        """Return the question as it was understood with what the picture says, which names no filters."""
        if not self.words:
            return asking
        more = f"\n{self.searched}" if self.typed else ""
        query = dataclasses.replace(asking.query, text=asking.query.text + more)
        return dataclasses.replace(asking, query=query, asked=self.whole)

    def answered(self, query: Query, evidence: Sequence[Evidence]) -> Query:
        """Return the question that the evidence is to answer: of the picture, what has to do with the evidence.

        A screenshot is full of words that no document has, by which nothing would answer it. Codes stay: what names one
        is about that one, and about nothing else. Where nothing stays the question is the one that was searched.
        """
        if not (self.words and self.typed):
            return query
        known: set[str] = set()
        for piece in evidence:
            known.update(content_terms(" ".join((piece.document_title, *piece.heading_path, piece.text))))
        lines = [_relevant(line, known) for line in self.words[:SEARCHED].splitlines()]
        kept = squeeze(_ENDS.sub(" ", " ".join(line for line in lines if line))).strip()
        typed = query.text.removesuffix(f"\n{self.searched}")
        return dataclasses.replace(query, text=f"{typed}\n{kept}") if kept else query


def _relevant(line: str, known: AbstractSet[str]) -> str:
    """Return a line of which half the terms or more are known, else what is known in it, and its codes."""
    terms = content_terms(line, bare=True)
    if terms and sum(term in known for term in terms) * 2 >= len(terms):
        return line
    words = (word for word in line.split() if _CODE.search(word) or not known.isdisjoint(content_terms(word)))
    return " ".join(words)


def parted(question: str) -> tuple[str, str]:
    """Return what was typed of a question as it is kept, and what its picture says."""
    typed, *words = _LABELLED.split(question, maxsplit=1)
    return typed.strip(), words[0].strip() if words else ""


def earlier_question(question: str) -> str:
    """Return what of a question that was asked before makes a follow-up whole: what was typed, if anything was."""
    typed, words = parted(question)
    return typed or squeeze(words)[:SEARCHED]


async def read_asked(services: Services, body: ChatBody, trail: Trail, *, sees: bool) -> Asked:
    """Return the question of a request with its picture; ``sees``: a model that answers may be shown it.

    The picture is recognised unless the request says what stands in it. Raises ``PictureInvalid``,
    ``PictureNotSent`` and what ``PictureReader.read`` raises.
    """
    message = body.asked
    typed, words = parted(message.text if message is not None else "")
    given = body.picture_text if body.picture_text is not None else words or None
    words = _kept(given or "")
    images = message.images if message is not None else []
    if not images:
        return Asked(typed, words, brought=bool(words))
    if len(images) > 1:
        raise PictureInvalid
    if given is not None and not sees:
        return Asked(typed, words, brought=True)
    found = await read_picture(
        services, await asyncio.to_thread(_bytes, images[0]), trail, draw=sees, words=given is None
    )
    return Asked(typed, words if given is not None else _kept(found.text), found.png, read=given is None, brought=True)


async def read_picture(
    services: Services, content: bytes | AsyncIterator[bytes], trail: Trail, *, draw: bool = False, words: bool = True
) -> ReadPicture:
    """Read a picture; where settings send page images to an endpoint, that is recorded before."""
    given = services.settings.ingest
    if words and given.ocr:
        for url, model in ((given.ocr_url, given.ocr_model), (given.formula_url, given.formula_model)):
            if url is not None:
                trail.note(Action.MODEL, (), endpoint_name(url, model))
        await trail.settle()
    stream = _once(content) if isinstance(content, bytes) else content
    return await services.pictures.read(stream, draw=draw, words=words)


def _kept(words: str) -> str:
    lines = (line.strip() for line in strip_invisible(_LABELLED.sub("\n", words)).splitlines())
    return "\n".join(line for line in lines if line)[:MOST_CHARS]


def _bytes(url: str) -> bytes:
    found = _DATA.match(url)
    if found is None:
        raise PictureNotSent
    try:
        return base64.b64decode(url[found.end() :], validate=True)
    except binascii.Error:
        raise PictureInvalid from None


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
