"""Opens the index that the settings name. Engines are imported only when they are used."""

from pathlib import Path

from wenyuan.ports import VectorIndex
from wenyuan.settings import IndexSettings


async def open_index(
    settings: IndexSettings, folder: Path, embedder_fingerprint: str, dimension: int, *, corpus_idf: bool = False
) -> VectorIndex:
    """Open or create the index: the engine in process in ``folder``, or the cluster at ``settings.url``.

    Raises ``IndexLocked`` (another process holds the folder), ``IndexMismatch`` (vectors of another embedder or of
    another tokenisation), ``TransientError`` (the cluster does not answer). With ``corpus_idf`` the engine multiplies
    the terms of a question by their rarity in the whole index.

    Approximate search, which both may take up for a scope that sees many points, is ruled out by
    ``settings.search = "exact"``: then what a scope does not see has no part in any place or score.
    """
    exact = settings.search == "exact"
    if settings.kind == "edge":
        from retrieval.index.edge import EdgeIndex

        return await EdgeIndex.open(folder, embedder_fingerprint, dimension, corpus_idf=corpus_idf, exact=exact)
    from retrieval.index.client import ClientIndex

    if settings.url is None:
        raise ValueError("index.kind = server needs index.url")
    key = settings.api_key.get_secret_value() if settings.api_key else None
    given = (settings.url, settings.collection, embedder_fingerprint, dimension)
    return await ClientIndex.open(*given, api_key=key, corpus_idf=corpus_idf, exact=exact)
