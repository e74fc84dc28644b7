"""Opens the configured reranker."""

from wenyuan.ports import Reranker
from wenyuan.settings import RetrievalSettings


def open_reranker(settings: RetrievalSettings) -> Reranker | None:
    """Return the reranker that ``settings.rerank`` names, None for ``none``; the first call imports ``rerankers``.

    Raises ``SettingsError`` for an address or a file of weights that cannot be used.
    """
    if settings.rerank == "none":
        return None
    if settings.rerank == "linear":
        from retrieval.rerank.linear import LinearReranker

        return LinearReranker.open()
    from retrieval.rerank.endpoint import EndpointReranker

    key = settings.rerank_api_key
    return EndpointReranker(
        settings.rerank,
        settings.rerank_url or "",
        settings.rerank_model,
        api_key=None if key is None else key.get_secret_value(),
        total_s=settings.rerank_s,
    )
