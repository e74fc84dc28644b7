"""Canaries and where they must not be: in anything that leaves toward who may not read them, and in no log at all."""

import base64
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.llm import ParrotModel
from tests.site import site_settings
from wenyuan.chat.settings import GenerationSettings
from wenyuan.settings import EmbeddingSettings, RetrievalSettings, Settings

#: Every canary that a test of this run has put into a document.
PLANTED: set[str] = set()


def plant(canary: str) -> str:
    """Remember a canary, whose text must turn up in no log, and return it."""
    PLANTED.add(canary)
    return canary


@cache
def forms(canary: str) -> frozenset[str]:
    """Return how a text may look on its way out: as it is, in JSON, in an address, in base64 at any offset."""
    raw = canary.encode()
    coded = {base64.b64encode(b"\0" * pad + raw).decode()[4 if pad else 0 : -4] for pad in range(3)}
    return frozenset({canary, json.dumps(canary)[1:-1], quote(canary)} | {one for one in coded if len(one) > 8})


def found(canaries: Iterable[str], *texts: str) -> list[str]:
    """Return the canaries that are in any of the texts, in any form."""
    whole = "\0".join(texts)
    return [canary for canary in canaries if any(form in whole for form in forms(canary))]


def everything(response: httpx.Response) -> str:
    """Return every byte of a response as text: status line, headers and body."""
    head = "\n".join(f"{name}: {value}" for name, value in response.headers.multi_items())
    return f"{response.status_code} {response.reason_phrase}\n{head}\n{response.content.decode('utf-8', 'replace')}"


def listening(folder: Path, model: ParrotModel) -> Settings:
    """Return the settings of a site that puts all it puts to models to ``model``, which keeps every byte.

    That is questions and passages to be embedded, passages to be ranked, follow-ups to be made whole, evidence to be
    answered from.
    """
    chat = GenerationSettings(answerer="llm", url=model.url, model="parrot", output="text", condense=True)
    ranking = RetrievalSettings(rerank="tei", rerank_url=model.url.removesuffix("/v1"), rerank_s=10)
    embedding = EmbeddingSettings(url=model.url, model="parrot")
    given = site_settings(folder, chat, ocr=False)
    return given.model_copy(update={"embedding": embedding, "retrieval": ranking})


def heard_of_all(model: ParrotModel) -> bool:
    """Whether every kind of endpoint was asked since the model began."""
    return {"completions", "embeddings", "rerank"} <= model.heard.keys()
