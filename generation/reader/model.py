"""The reader's model: question and passage in one pass; where the answer begins and ends, and whether there is one.

The layout of the input is that of the training (``benchmarks/reader``): ``<s> query: question </s></s> passage </s>``.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from wenyuan.machine import give_back
from wenyuan.models.manifest import ModelFolder
from wenyuan.models.sessions import Session, create_session
from wenyuan.models.store import find_reader
from wenyuan.models.tokens import load_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_BEGIN, _END = 0, 2
_PREFIX: Final = "query: "
_QUESTION_TOKENS: Final = 48
_PASSAGE_TOKENS: Final = 176
_SPAN_TOKENS: Final = 40

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of one passage.

    ``answered`` is the logit of there being an answer. ``margins`` (tokens, tokens) are logits of the spans from token
    to token over that of no answer, -inf where there is no span; ``offsets`` are the characters of the tokens.
    """

    answered: float
    margins: Floats
    offsets: NDArray[np.int64]

    def margin(self, start: int, end: int) -> float:
        """Return the best margin of a span that begins and ends in ``[start, end)``; -inf when no token lies there."""
        found = self.best(start, end)
        return float("-inf") if found is None else found[2]

    def best(self, start: int, end: int) -> tuple[int, int, float] | None:
        """Return begin and end (characters) of the best span in ``[start, end)`` with its margin; None without one."""
        inside = np.flatnonzero((self.offsets[:, 0] < end) & (start < self.offsets[:, 1]))
        if not len(inside):
            return None
        within = self.margins[inside[0] : inside[-1] + 1, inside[0] : inside[-1] + 1]
        first, last = np.unravel_index(int(within.argmax()), within.shape)
        begin, close = self.offsets[inside[0] + first, 0], self.offsets[inside[0] + last, 1]
        return int(begin), int(close), float(within[first, last])


class Reader:
    """Reads passages for a question. Safe to use from several threads; the model is loaded with the first question."""

    def __init__(self, folder: ModelFolder, threads: int = 2) -> None:
        self.fingerprint = folder.manifest.fingerprint
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[Session, Tokenizer, ThreadPoolExecutor] | None = None

    def read(self, question: str, passages: Sequence[str]) -> list[Reading | None]:
        """Return a reading of each passage; None for one without words."""
        session, tokenizer, pool = self._load()
        asked = tokenizer.encode(_PREFIX + question, add_special_tokens=False).ids[:_QUESTION_TOKENS]

        def one(passage: str) -> Reading | None:
            return _read(session, tokenizer, [_BEGIN, *asked, _END, _END], passage)

        return list(pool.map(one, passages)) if len(passages) > 1 else [one(passage) for passage in passages]

    def close(self) -> None:
        """Free model and threads."""
        with self._lock:
            if self._loaded is not None:
                self._loaded[2].shutdown()
                self._loaded = None
                give_back()

    def _load(self) -> "tuple[Session, Tokenizer, ThreadPoolExecutor]":
        with self._lock:
            if self._loaded is None:
                self._loaded = (
                    create_session(self._folder.graph, threads=1, fused=self._folder.manifest.fused),
                    load_tokenizer(self._folder),
                    ThreadPoolExecutor(self._threads, thread_name_prefix="read"),
                )
            return self._loaded


def open_reader(models_dir: Path) -> Reader | None:
    """Return the reader that the set-up built, None when there is none. Raises ``ModelDamaged``."""
    folder = find_reader(models_dir)
    return None if folder is None else Reader(folder)


def _read(session: Session, tokenizer: "Tokenizer", head: list[int], passage: str) -> Reading | None:
    encoded = tokenizer.encode(passage, add_special_tokens=False)
    ids = encoded.ids[:_PASSAGE_TOKENS]
    if not ids:
        return None
    tokens = np.array([[*head, *ids, _END]], np.int64)
    spans, answered = session.run(["spans", "answered"], {"input_ids": tokens})
    logits = np.asarray(spans[0], np.float32)
    inside = logits[len(head) : len(head) + len(ids)]
    margins = inside[:, 0][:, None] + inside[:, 1][None, :] - logits[0].sum()
    allowed = np.triu(np.ones(margins.shape, bool)) & ~np.triu(np.ones(margins.shape, bool), _SPAN_TOKENS)
    offsets = np.array(encoded.offsets[: len(ids)], np.int64)
    return Reading(float(answered[0, 0]), np.where(allowed, margins, np.float32("-inf")).astype(np.float32), offsets)
