"""Embedders: text in, unit vectors out, from an ONNX graph in process or (by setting) from an endpoint."""

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wenyuan.errors import WenyuanError
from wenyuan.machine import give_back
from wenyuan.models.errors import ModelUnsupported
from wenyuan.models.exports import family_prefixes
from wenyuan.models.manifest import MANIFEST, ModelFolder
from wenyuan.models.sessions import Provider, best_provider, create_session, runs_on
from wenyuan.models.store import resolve
from wenyuan.models.tokens import load_tokenizer
from wenyuan.ports import Embedder, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from wenyuan.settings import EmbeddingSettings

_POOLED_OUTPUT = "sentence_embedding"
_PROBE = "ok"
_CLOSED = "the embedder is closed"
_SMALL_MODEL_BYTES = 256 << 20


def open_embedder(settings: "EmbeddingSettings", models_dir: Path) -> Embedder:
    """The embedder that the settings name: an endpoint when `url` is set, else a model folder.

    Raises `ModelError` (nothing to run) or `EndpointError` (the endpoint does not answer now).
    """
    if settings.url is not None:
        from wenyuan.models.endpoint import EndpointEmbedder

        key = settings.api_key.get_secret_value() if settings.api_key else None
        query, passage = family_prefixes(settings.model)
        return EndpointEmbedder.connect(
            settings.url, settings.model, api_key=key, batch=settings.batch, query_prefix=query, passage_prefix=passage
        )
    folder = resolve(settings.model, models_dir, allow_download=settings.allow_download)
    return OnnxEmbedder(folder, provider=best_provider(), threads=settings.threads)


def find_embedder(
    settings: "EmbeddingSettings", models_dir: Path, model: Mapping[str, str | None], fingerprint: str
) -> Embedder | None:
    """The embedder with that fingerprint, by the settings ``model`` and ``url`` that it was opened with, or None.

    Without these every model folder in ``models_dir`` is looked at. Nothing is downloaded.
    """
    if model:
        tries = [settings.model_copy(update={**model, "allow_download": False})]
    else:
        folders = sorted(models_dir.iterdir()) if models_dir.is_dir() else []
        named = [str(folder) for folder in folders if (folder / MANIFEST).is_file()]
        tries = [settings.model_copy(update={"model": name, "url": None}) for name in named]
    for one in tries:
        with contextlib.suppress(WenyuanError):
            if one.url is None and resolve(one.model, models_dir).manifest.fingerprint != fingerprint:
                continue
            found = open_embedder(one, models_dir)
            if found.fingerprint == fingerprint:
                return found
            found.close()
    return None


class OnnxEmbedder:
    """Runs a model folder's graph, one text per run.

    One text per run is both the fastest on a CPU and the reproducible way: dynamic int8 takes its activation scales
    over the whole input, so a text's vector would depend on its neighbours in a batch. With a small graph each text
    has one thread and `threads` texts run side by side: as fast as sharing every text on an idle machine, twice as fast
    on a busy one (threads that share a text wait for the slowest at every operator). A large graph gives all threads
    to one text, for the sake of a query's latency. Texts are cut at the model's token limit. Safe to use from
    several threads.
    """

    def __init__(self, folder: ModelFolder, *, provider: Provider = "cpu", threads: int = 2) -> None:
        """Load graph and tokenizer and run one probe; raises `ModelUnsupported` or `ModelDamaged`."""
        manifest = folder.manifest
        self.name = manifest.name
        self.fingerprint = manifest.fingerprint
        self.dimension = manifest.dimension
        self._manifest = manifest
        tokenizer = load_tokenizer(folder)
        self._tokenizer: Tokenizer | None = tokenizer
        self._content_tokens = manifest.max_tokens - tokenizer.num_special_tokens_to_add(is_pair=False)
        small = provider == "cpu" and sum(file.bytes for file in manifest.files.values()) < _SMALL_MODEL_BYTES
        session = create_session(folder.graph, provider=provider, threads=1 if small else threads, fused=manifest.fused)
        self._pool = ThreadPoolExecutor(threads if small else 1, thread_name_prefix="embed")
        self._session = session
        self.provider = runs_on(session)
        self._inputs = [node.name for node in session.get_inputs()]
        unknown = set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids", "position_ids"}
        if unknown:
            raise ModelUnsupported(model=self.name, detail=f"inputs {sorted(unknown)}")
        outputs = [node.name for node in session.get_outputs()]
        self._output = _POOLED_OUTPUT if _POOLED_OUTPUT in outputs else outputs[0]
        size = self.embed_queries([_PROBE]).shape[1]
        if size != self.dimension:
            raise ModelUnsupported(model=self.name, detail=f"dimension {size} != {self.dimension}")

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return self._embed(self._manifest.query_prefix, texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32, L2-normalised."""
        return self._embed(self._manifest.passage_prefix, texts)

    def count_tokens(self, text: str) -> int:
        """Number of model tokens in `text`, not cut, without prefix and special tokens."""
        return len(self._cutter().encode(text, add_special_tokens=False).ids)

    def token_ids(self, text: str) -> list[int]:
        """The ids given to the graph for `text` (prefix included by the caller), cut and with special tokens."""
        tokenizer = self._cutter()
        encoding = tokenizer.encode(text, add_special_tokens=False)
        encoding.truncate(self._content_tokens)
        return list(tokenizer.post_process(encoding).ids)

    def close(self) -> None:
        """Free graph, tokenizer and threads; later calls fail with `RuntimeError`."""
        self._session = self._tokenizer = None
        self._pool.shutdown()
        give_back()

    def _cutter(self) -> "Tokenizer":
        if self._tokenizer is None:
            raise RuntimeError(_CLOSED)
        return self._tokenizer

    def _embed(self, prefix: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        if len(texts) == 1:  # a query: spared the way through the pool
            return self._vector(prefix + texts[0])[None]
        if self._session is None:
            raise RuntimeError(_CLOSED)
        return np.stack(list(self._pool.map(lambda text: self._vector(prefix + text), texts)))

    def _vector(self, text: str) -> Vectors:
        session = self._session
        if session is None:
            raise RuntimeError(_CLOSED)
        ids = np.array([self.token_ids(text)], np.int64)
        available = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
            "position_ids": np.arange(ids.shape[1], dtype=np.int64)[None],
        }
        (output,) = session.run([self._output], {name: available[name] for name in self._inputs})
        return _unit(self._pooled(np.asarray(output, np.float32)))

    def _pooled(self, output: npt.NDArray[np.float32]) -> Vectors:
        """(1, dimension) pooled by the graph, or (1, tokens, dimension) to be pooled here."""
        if output.ndim == 2:
            return np.asarray(output[0])
        states = output[0]
        match self._manifest.pooling:
            case "cls":
                return np.asarray(states[0])
            case "last":
                return np.asarray(states[-1])
            case "mean":
                return np.asarray(states.mean(axis=0, dtype=np.float32))
            case "graph":
                raise ModelUnsupported(model=self.name, detail=f"{self._output}: {output.shape}")


def _unit(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / max(length, float(np.finfo(np.float32).tiny)), np.float32)
