"""The embedder that statements are judged with."""

import asyncio
import contextlib
from pathlib import Path

from generation.weights import learned_with
from wenyuan.models.embedder import find_embedder
from wenyuan.ports import Embedder
from wenyuan.settings import EmbeddingSettings


async def open_judge(
    stack: contextlib.AsyncExitStack, settings: EmbeddingSettings, models_dir: Path, embedder: Embedder
) -> Embedder | None:
    """Return the embedder whose cosines the weights of support know: ``embedder``, or one of ``models_dir`` beside it.

    None where there is none: words alone decide then. ``stack`` closes what is opened here.
    """
    if embedder.fingerprint == learned_with():
        return embedder
    judge = await asyncio.to_thread(find_embedder, settings, models_dir, {}, learned_with())
    if judge is not None:
        stack.callback(judge.close)
    return judge
