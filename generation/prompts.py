"""Prompt templates and the packing of evidence. What is passed in here is all that ever reaches a model."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import yaml

from wenyuan.answers import Evidence
from wenyuan.settings import CONFIGS
from wenyuan.text import estimate_tokens, squeeze, strip_invisible

NO_ANSWER: Final = "NO_ANSWER"
_FENCE = re.compile(r"<\s*(/?)\s*(资料|evidence)\b", re.IGNORECASE)
_SAFETY = 64


@dataclass(frozen=True, slots=True)
class Prompt:
    """A versioned template.

    System text with one of two forms of the answer, one block per piece of evidence, the user's message, the request to
    mend a statement, what is said behind a statement without support, the refusal.
    """

    version: str
    system: str
    text_form: str
    json_form: str
    evidence: str
    user: str
    repair: str
    unsupported: str
    refusal: str

    @property
    def canary(self) -> str:
        """A mark of these instructions: an answer that shows it in any form shows them."""
        return f"WY{hashlib.sha256((self.version + self.system).encode()).hexdigest()[:14]}"

    def instructions(self, *, shaped: bool = False) -> str:
        """Return the system message that asks for text with markers, or for JSON."""
        form = _fill(self.json_form if shaped else self.text_form, {"no_answer": NO_ANSWER})
        return _fill(self.system, {"form": form, "canary": self.canary}).strip()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat; ``role`` is ``system`` or ``user``, ``picture`` a PNG that stands before its words."""

    role: str
    content: str
    picture: bytes | None = None


@lru_cache(maxsize=4)
def load_prompt(language: str) -> Prompt:
    """Return the template for ``zh``, else the English one. Raises ``TypeError`` on missing or unknown keys."""
    name = "zh" if language == "zh" else "en"
    return Prompt(**yaml.safe_load((CONFIGS / "prompts" / f"{name}.yaml").read_text(encoding="utf-8")))


def refusal_text(language: str) -> str:
    """Return the sentence of a refusal. It is the same whatever exists beyond the asker's view."""
    return load_prompt(language).refusal.strip()


def as_material(text: str) -> str:
    """Return text that cannot end the part of a prompt in which it stands, and hides nothing."""
    return _FENCE.sub(r"＜\1\2", strip_invisible(text))


@dataclass(frozen=True, slots=True)
class Prompted:
    """The messages of one question, asking for text or for JSON; ``whole`` pieces of evidence stand in them uncut."""

    text: list[Message]
    shaped: list[Message]
    whole: int


def prompt_messages(
    question: str,
    evidence: Sequence[Evidence],
    language: str = "zh",
    *,
    context_tokens: int = 6000,
) -> Prompted:
    """Return the messages for ``question`` over ``evidence``.

    A pure function of its arguments. Evidence is numbered from 1 and taken in the given order until ``context_tokens``
    are used up; the first piece that does not fit is cut at the budget and nothing follows it, so that numbers and
    ranks stay the same.
    """
    prompt = load_prompt(language)
    systems = prompt.instructions(), prompt.instructions(shaped=True)
    asked = as_material(squeeze(question))
    told = max(map(estimate_tokens, systems)) + estimate_tokens(prompt.user) + estimate_tokens(asked)
    left = context_tokens - told - _SAFETY
    blocks: list[str] = []
    whole = 0
    for number, piece in enumerate(evidence, start=1):
        block = _block(prompt, number, piece, piece.text)
        cost = estimate_tokens(block)
        if cost > left:
            room = len(piece.text) * max(0, left) // max(1, cost)
            if room >= 80 or not blocks:
                blocks.append(_block(prompt, number, piece, piece.text[:room]))
            break
        blocks.append(block)
        whole += 1
        left -= cost
    user = Message("user", _fill(prompt.user, {"question": asked, "evidence": "\n".join(blocks)}).strip())
    return Prompted([Message("system", systems[0]), user], [Message("system", systems[1]), user], whole)


def with_picture(messages: Sequence[Message], picture: bytes) -> list[Message]:
    """Return the messages with the picture in the last one."""
    return [*messages[:-1], replace(messages[-1], picture=picture)]


def repair_messages(
    statement: str, evidence: Sequence[tuple[int, Evidence]], language: str, *, context_tokens: int
) -> list[Message]:
    """Return the request to mend ``statement`` by numbered pieces of evidence, cut to ``context_tokens``."""
    prompt = load_prompt(language)
    room = context_tokens - estimate_tokens(prompt.instructions()) - estimate_tokens(prompt.repair + statement)
    share = max(0, room) // max(1, len(evidence))
    blocks = [_block(prompt, number, piece, _cut(piece.text, share)) for number, piece in evidence]
    fields = {"statement": as_material(statement), "evidence": "\n".join(blocks), "no_answer": NO_ANSWER}
    return [Message("system", prompt.instructions()), Message("user", _fill(prompt.repair, fields).strip())]


def _cut(text: str, tokens: int) -> str:
    needed = estimate_tokens(text)
    return text if needed <= tokens else text[: len(text) * tokens // needed]


def _block(prompt: Prompt, number: int, piece: Evidence, text: str) -> str:
    """Fill the evidence template; the fence cannot be closed from inside."""
    fields = {
        "id": str(number),
        "title": _attribute(piece.document_title),
        "section": _attribute(" > ".join(piece.heading_path)),
        "text": as_material(text),
    }
    return _fill(prompt.evidence, fields).strip()


def _fill(template: str, fields: dict[str, str]) -> str:
    """Fill the placeholders in one pass: braces inside a value stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda m: fields.get(m[1], m[0]), template)


def _attribute(value: str) -> str:
    return (
        squeeze(_FENCE.sub(r"＜\1\2", strip_invisible(value))).replace('"', "”").replace("<", "＜").replace(">", "＞")
    )
