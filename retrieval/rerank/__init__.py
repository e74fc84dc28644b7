"""Rerankers: what was found is put in order once more, by text that the caller was allowed to load.

The adapters subclass ``rerankers``' ranker class. That library tries every backend it knows when it is imported, so
nothing here imports it before a reranker is opened (:func:`retrieval.rerank.factory.open_reranker`).
"""
