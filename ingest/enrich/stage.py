"""The stage of the pipeline: blocks and vectors of the leased version in, a stored profile out."""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence

import structlog

from ingest.enrich.reading import Reading, read
from wenyuan.documents import Block, Profile, SummarySentence
from wenyuan.errors import EndpointError
from wenyuan.ports import Digester, Vectors
from wenyuan.settings import EnrichSettings
from wenyuan.words.minhash import Signature, signature

log = structlog.get_logger(__name__)


class Enrichment:
    """Describes versions by ``settings``. ``digester`` is there when a language model is to write parts of it."""

    def __init__(self, settings: EnrichSettings, digester: Digester | None = None) -> None:
        self._settings = settings
        self._digester = digester if settings.by_model else None

    async def describe(
        self, title: str, media_type: str, blocks: Sequence[Block], vectors: Mapping[int, Vectors]
    ) -> tuple[Profile, Signature | None]:
        """Return the profile and the MinHash signature; ``vectors`` by block ordinal.

        A model that fails leaves the parts it was to write to what needs no model.
        """
        reading = await asyncio.to_thread(read, title, blocks)
        profile = await asyncio.to_thread(_profile_of, self._settings, reading, media_type, vectors)
        signed = await asyncio.to_thread(_signed, reading) if self._settings.similar else None
        if self._digester is not None:
            profile = await self._written(self._digester, reading, profile)
        return profile, signed

    async def _written(self, digester: Digester, reading: Reading, profile: Profile) -> Profile:
        """Replace what the settings give to the model by what it writes about this document alone."""
        text = "\n".join(part.text for part in reading.statements)[: self._settings.llm_chars]
        try:
            digest = await digester.digest(text, reading.language)
        except EndpointError as error:
            log.warning("enrich.model_failed", code=error.code)
            return profile
        if self._settings.summary == "llm" and digest.summary:
            summary = tuple(SummarySentence(sentence) for sentence in digest.summary)
            profile = dataclasses.replace(profile, summary=summary, summary_by="llm")
        if self._settings.keywords == "llm" and digest.keywords:
            profile = dataclasses.replace(profile, keywords=digest.keywords, keywords_by="llm")
        return profile


def _profile_of(settings: EnrichSettings, reading: Reading, media_type: str, vectors: Mapping[int, Vectors]) -> Profile:
    from ingest.enrich.profile import profile_of

    return profile_of(settings, reading, media_type, vectors)


def _signed(reading: Reading) -> Signature | None:
    return signature("\n".join(part.text for part in reading.statements))
