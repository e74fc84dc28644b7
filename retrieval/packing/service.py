"""The packer: a question and a scope in, what the answerer is given out."""

from dataclasses import replace

from retrieval.packing.naming import named_documents
from retrieval.packing.selection import choose, distinct, relevant, surround, within
from retrieval.packing.uploaders import balanced, crowding
from retrieval.query.kind import Asked, QuestionKind, read_kind
from wenyuan.access import AccessScope
from wenyuan.answers import Evidence, Packed
from wenyuan.ports import DocumentDates, Embedder, Retriever, SurroundingsStore, Vouching
from wenyuan.settings import Settings
from wenyuan.text import estimate_tokens


class Packer:
    """Implements ``wenyuan.ports.Packing``: retrieves, selects, and loads what is added through the same scope."""

    def __init__(
        self,
        retriever: Retriever,
        store: SurroundingsStore,
        embedder: Embedder,
        settings: Settings,
        vouching: Vouching | None = None,
    ) -> None:
        """Join the parts. Without ``vouching`` it makes no difference who uploaded a document."""
        self._vouching = vouching
        self._retriever = retriever
        self._store = store
        self._count = embedder.count_tokens if settings.packing.count == "embedder" else estimate_tokens
        self._settings = settings.packing
        self._limit = settings.retrieval.evidence
        self._pool = max(self._limit, settings.retrieval.rerank_pool)
        self._budget = settings.packing_tokens

    async def pack(self, scope: AccessScope, question: str) -> Packed:
        """Return what ``scope`` may read now that answers ``question``, by the kind of question that it is."""
        return await self._dated(scope, await self._packed(scope, question))

    async def _packed(self, scope: AccessScope, question: str) -> Packed:
        asked = read_kind(question) if self._settings.exhaustive else Asked(QuestionKind.FACT)
        if asked.kind is QuestionKind.FACT:
            return Packed(tuple(await self._passages(scope, question)))
        found = await self._retriever.retrieve(scope, question, self._settings.exhaustive)
        whole = await self._whole(scope, asked, found) if asked.kind is QuestionKind.DOCUMENT else None
        return whole or self._all(found)

    async def _dated(self, scope: AccessScope, packed: Packed) -> Packed:
        """Return the passages with the dates of their documents, where there are several to tell apart by them."""
        documents = sorted({piece.document_id for piece in packed.evidence})
        if len(documents) < 2:
            return packed
        known = await self._store.dates(scope, documents)
        unknown = DocumentDates("", "")
        dates = [known.get(piece.document_id, unknown) for piece in packed.evidence]
        pieces = zip(packed.evidence, dates, strict=True)
        return replace(packed, evidence=tuple(replace(e, dated=d.dated, stored=d.stored) for e, d in pieces))

    async def _passages(self, scope: AccessScope, question: str) -> list[Evidence]:
        """Return the passages of a question for a fact, with their surroundings."""
        found = await self._retriever.retrieve(scope, question, self._pool)
        picked = await self._balanced(choose(found, self._limit, self._settings), found)
        chosen = within(picked, self._budget, self._count)
        reach, openings = self._settings.neighbours, self._settings.openings
        if not (reach or openings):
            return chosen
        beside = await self._store.beside(scope, [piece.chunk_id for piece in chosen], reach, openings=openings)
        return surround(chosen, beside, self._budget, self._count, self._settings.duplicates)

    async def _balanced(self, chosen: list[Evidence], found: list[Evidence]) -> list[Evidence]:
        """Return the passages without a majority of one member's where there are alternatives."""
        if self._vouching is None:
            return chosen
        share = self._settings.per_uploader
        ranked = list(distinct(found, self._settings.duplicates))
        for uploader in crowding(chosen, share):
            mine = sorted({piece.document_id for piece in chosen if piece.uploader == uploader})
            if any(piece.uploader != uploader for piece in ranked):
                vouched = await self._vouching.vouched(uploader, mine)
                chosen = balanced(chosen, ranked, uploader, vouched, share)
        return chosen

    def _all(self, found: list[Evidence]) -> Packed:
        """Return every passage that is relevant to a question for all there is on a matter."""
        matching = relevant(list(distinct(found, self._settings.duplicates)), self._settings.relevance, self._limit)
        return Packed(tuple(within(matching, self._budget, self._count)), exhaustive=True, matched=len(matching))

    async def _whole(self, scope: AccessScope, asked: Asked, found: list[Evidence]) -> Packed | None:
        """Return the documents that the question is about in reading order, None when that is unclear."""
        documents = named_documents(asked, found)
        if not documents and not asked.titles:
            only = await self._store.only_document(scope)
            documents = () if only is None else (only,)
        scored = {piece.chunk_id: piece for piece in found}
        pieces: list[Evidence] = []
        matched = 0
        for document in documents:
            loaded, size = await self._store.whole(scope, document, self._settings.exhaustive)
            pieces += [scored.get(piece.chunk_id, piece) for piece in loaded]
            matched += size
        if not pieces:
            return None
        inside = tuple(within(pieces, self._budget, self._count))
        return Packed(inside, exhaustive=True, matched=matched, document=True)
