"""The label of generated content, as GB 45438-2025 has it: words that people read, and metadata that travels along.

Extractive answers carry it too: what they quote was written by people, but a machine chose the sentences and put them
together, and who reads the text alone cannot tell.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from wenyuan.errors import Language

KEY: Final = "AIGC"
#: ``1``: generated for certain.
GENERATED: Final = "1"
LABEL: Final[dict[Language, str]] = {
    "zh": "本内容由人工智能生成（AI生成），请以引用的原文为准。",
    "en": "AI-generated content (AI生成). The cited sources are authoritative.",
}
FIELDS: Final = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_FRONT: Final = re.compile(r"\A---\nAIGC: (\{[^\n]*\})\n---\n\n?")


def metadata(text: str, produce_id: str, producer: str) -> dict[str, str]:
    """Return the implicit label of ``text``: who made it, under which id; ``ReservedCode1`` is its SHA-256."""
    return {
        "Label": GENERATED,
        "ContentProducer": producer,
        "ProduceID": produce_id,
        "ReservedCode1": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "ContentPropagator": producer,
        "PropagateID": produce_id,
        "ReservedCode2": "",
    }


def verifies(told: Mapping[str, Any], text: str) -> bool:
    """Whether ``told`` is a whole label and ``text`` is what it was given for."""
    return (
        set(told) == set(FIELDS)
        and all(isinstance(value, str) for value in told.values())
        and told["Label"] == GENERATED
        and told["ReservedCode1"] == metadata(text, "", "")["ReservedCode1"]
    )


def labelled(text: str, produce_id: str, producer: str, language: Language) -> str:
    """Return a text file with both labels, each once, also where it had them: metadata first, then the words."""
    body = unlabelled(text)
    told = json.dumps({**metadata(body, produce_id, producer)}, ensure_ascii=False)
    return f"---\n{KEY}: {told}\n---\n\n> {LABEL[language]}\n\n{body}"


def unlabelled(text: str) -> str:
    """Return a text file without the labels in front of it."""
    body = _FRONT.sub("", text)
    for words in LABEL.values():
        body = body.removeprefix(f"> {words}\n\n")
    return body


def read_label(text: str) -> dict[str, str] | None:
    """Return the metadata of a labelled text file, None if it has none."""
    match = _FRONT.match(text)
    if match is None:
        return None
    told: dict[str, str] = json.loads(match.group(1))
    return told
