"""Texts of documents as the guard's policy on personal data shows them, wherever they are shown beside an answer."""

import dataclasses
from collections.abc import Mapping, Sequence

from api.services import Services
from generation.guard.service import Guard
from wenyuan.answers import Citation, Evidence
from wenyuan.db.conversations.reading import Seen, SeenTurn
from wenyuan.db.evidence import CitedPassage
from wenyuan.db.guard.levels import read_levels


async def shown_evidence(services: Services, found: Sequence[Evidence]) -> list[Evidence]:
    """Return passages as they may be shown."""
    levels = await _levels(services, [piece.chunk_id for piece in found])
    return [
        dataclasses.replace(piece, text=_shown(services.guard, piece.text, levels, [piece.chunk_id])) for piece in found
    ]


async def shown_citation(services: Services, cited: CitedPassage) -> CitedPassage:
    """Return an opened citation as it may be shown; its offsets stay what they are."""
    levels = await _levels(services, [cited.chunk_id])
    return dataclasses.replace(cited, passage=_shown(services.guard, cited.passage, levels, [cited.chunk_id]))


async def shown_conversation(services: Services, seen: Seen) -> Seen:
    """Return a conversation as it may be shown: by the policy of now, which may not be that of when it was told."""
    ids = [citation.chunk_id for turn in seen.turns for citation in turn.citations]
    ids += [chunk_id for turn in seen.turns for made_of in turn.made_of for chunk_id in made_of]
    levels = await _levels(services, ids)
    return dataclasses.replace(seen, turns=tuple(_turn(services.guard, turn, levels) for turn in seen.turns))


async def _levels(services: Services, chunk_ids: Sequence[str]) -> Mapping[str, int]:
    if not (services.guard.personal.by_level and chunk_ids):
        return {}
    return await services.database.run_read(read_levels, list(dict.fromkeys(chunk_ids)))


def _turn(guard: Guard, turn: SeenTurn, levels: Mapping[str, int]) -> SeenTurn:
    said = zip(turn.parts, turn.made_of, strict=True)
    parts = tuple(None if part is None else _shown(guard, part, levels, made_of) for part, made_of in said)
    citations = tuple(_quoted(guard, citation, levels) for citation in turn.citations)
    # Where something is covered now, the place of the short answer says nothing any more.
    verdicts = tuple(
        one if one is None or part == shown else dataclasses.replace(one, short=None)
        for one, part, shown in zip(turn.verdicts, turn.parts, parts, strict=True)
    )
    return dataclasses.replace(turn, parts=parts, verdicts=verdicts, citations=citations)


def _quoted(guard: Guard, citation: Citation, levels: Mapping[str, int]) -> Citation:
    return dataclasses.replace(citation, quote=_shown(guard, citation.quote, levels, [citation.chunk_id]))


def _shown(guard: Guard, text: str, levels: Mapping[str, int], chunk_ids: Sequence[str]) -> str:
    return guard.shown(text, [levels[one] for one in chunk_ids if one in levels]).text
