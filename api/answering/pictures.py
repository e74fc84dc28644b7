"""The figures that belong to citations: chosen when a citation is stored, read anew whenever it is shown."""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from api.schemas.figures import CitedFigureBody
from api.services import Services
from generation.pictures.choosing import FAR, NEAR, choose_figures, names_others
from wenyuan.access import AccessScope
from wenyuan.answers import Citation, FigureRef
from wenyuan.db.engine import Connection, Database
from wenyuan.db.guard.levels import read_levels
from wenyuan.db.texts.blocks import ShownBlock, load_some, look_between
from wenyuan.db.texts.parts import shows_page
from wenyuan.documents import Block, BlockRange
from wenyuan.errors import NotFound
from wenyuan.vault.errors import KeyDestroyed


class Cited(Protocol):
    """What figures are shown with: a citation as an answer carries it, or as it was opened."""

    @property
    def chunk_id(self) -> str:
        """The chunk that is cited."""

    @property
    def document_id(self) -> str:
        """Its document."""

    @property
    def version_id(self) -> str:
        """Its version."""

    @property
    def figures(self) -> tuple[FigureRef, ...]:
        """Where the figures stand."""


class FigureFinder:
    """Finds the figures of the citations of one answer, for whoever asked."""

    def __init__(self, database: Database, scope: AccessScope) -> None:
        self._database = database
        self._scope = scope
        #: The blocks around each chunk: what is cited of a list is often of one.
        self._around: dict[str, Mapping[int, Block]] = {}
        self._far: set[str] = set()

    async def find(self, citation: Citation, ranges: Sequence[BlockRange]) -> Citation:
        """Return a citation with the figures that belong to what it quotes, of those the scope may read now.

        ``ranges``: the blocks that the cited chunk is of.
        """
        quoted = {one.ordinal for one in ranges if one.start < citation.end and citation.start < one.end}
        if not quoted:
            return citation
        chunk = citation.chunk_id
        if chunk not in self._around:
            self._around[chunk] = await self._look(citation, ranges, NEAR)
        if chunk not in self._far and await asyncio.to_thread(names_others, self._around[chunk], quoted):
            self._far.add(chunk)
            self._around[chunk] = await self._look(citation, ranges, FAR)
        found = await asyncio.to_thread(choose_figures, self._around[chunk], quoted)
        return dataclasses.replace(citation, figures=found)

    async def _look(self, citation: Citation, ranges: Sequence[BlockRange], reach: int) -> dict[int, Block]:
        own = {one.ordinal for one in ranges}
        place = citation.document_id, citation.version_id, min(own) - reach, max(own) + reach
        try:
            async with self._database.read() as tx:
                found = await look_between(self._scope, tx, *place)
        except (NotFound, KeyDestroyed):  # withdrawn, or erased, a moment ago
            return {}
        return {one.ordinal: one.block for one in found if not one.partial or one.ordinal in own}


async def shown_figures(
    services: Services, scope: AccessScope, citations: Sequence[Cited]
) -> list[list[CitedFigureBody]]:
    """Return the figures of each citation as the scope may see them now; what is closed to it is left out."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in citations:
        if not one.figures:
            continue
        wanted[one.document_id, one.version_id].update(
            place for ref in one.figures for place in (ref.ordinal, *ref.captions)
        )
    if not wanted:
        return [[] for _ in citations]
    blocks: dict[tuple[str, str, int], Block] = {}
    images: set[tuple[str, str, int]] = set()
    async with services.database.read() as tx:
        for (document, version), ordinals in wanted.items():
            for found in await _readable(scope, tx, document, version, ordinals):
                blocks[document, version, found.ordinal] = found.block
                if await _drawable(scope, tx, document, version, found.block):
                    images.add((document, version, found.ordinal))
    levels: dict[str, int] = {}
    if services.guard.personal.by_level and blocks:
        levels = await services.database.run_read(read_levels, sorted({one.chunk_id for one in citations}))

    def of(one: Cited) -> list[CitedFigureBody]:
        place = (one.document_id, one.version_id)
        level = [levels[one.chunk_id]] if one.chunk_id in levels else []
        bodies = []
        for ref in one.figures:
            block = blocks.get((*place, ref.ordinal))
            if block is None:
                continue
            words = [blocks[*place, at].text for at in ref.captions if (*place, at) in blocks]
            caption = services.guard.shown("\n".join(words), level).text
            drawn = (*place, ref.ordinal) in images
            bodies.append(CitedFigureBody.of(ref, block, caption, *place, drawn=drawn))
        return bodies

    return [of(one) for one in citations]


async def _readable(
    scope: AccessScope, tx: Connection, document: str, version: str, ordinals: Collection[int]
) -> list[ShownBlock]:
    try:
        return [one for one in await load_some(scope, tx, document, version, ordinals) if not one.partial]
    except (NotFound, KeyDestroyed):
        return []


async def _drawable(scope: AccessScope, tx: Connection, document: str, version: str, block: Block) -> bool:
    """Say whether there is a picture: that of the file, or the part of a page on which nothing is closed."""
    if block.media is not None or not block.boxes:
        return block.media is not None
    return await shows_page(scope, tx, document, version, block.boxes[0].page)
