"""Summary and keywords of one document by a language model."""

import re
from functools import lru_cache
from typing import Final

import yaml

from generation.llm.chat import ChatModel, Limits
from generation.llm.writing import numbers_in, without_bullet, written
from generation.prompts import Message, as_material
from wenyuan.chat.settings import GenerationSettings
from wenyuan.ports import Digest
from wenyuan.settings import CONFIGS
from wenyuan.text import one_line

_SENTENCES, _SENTENCE_CHARS = 5, 300
_KEYWORDS, _KEYWORD_CHARS = 10, 40
_ANSWER_CHARS: Final = 6_000
_KEYWORDS_LINE: Final = re.compile(r"^\W*(?:关键词|keywords)\W*[:：]\W*(.*)$", re.IGNORECASE)
_SUMMARY_LINE: Final = re.compile(r"^\W*(?:摘要|summary)\W*[:：]\W*(.*)$", re.IGNORECASE)


class ModelDigester:
    """Implements ``wenyuan.ports.Digester`` on the chat endpoint of ``settings``."""

    def __init__(self, settings: GenerationSettings) -> None:
        self._model = ChatModel(settings.writer, Limits.of(settings))

    async def digest(self, text: str, language: str) -> Digest:
        """Return what the model wrote; raises ``EndpointError`` when it fails.

        A sentence with a number that the text does not have is dropped: it is not from the document.
        """
        template = _templates()["zh" if language == "zh" else "en"]
        material = as_material(text)
        messages = [
            Message("system", template["system"]),
            Message("user", template["user"].replace("{text}", material)),
        ]
        found = read_digest(await written(self._model, messages, _ANSWER_CHARS))
        numbers = numbers_in(material)
        return Digest(tuple(line for line in found.summary if numbers_in(line) <= numbers), found.keywords)


def read_digest(answer: str) -> Digest:
    """Read the form that the prompt asks for, bounded and cleaned; what does not keep to it is left out."""
    summary: list[str] = []
    words: list[str] = []
    for raw in answer.split("\n"):
        line = one_line(raw)
        if match := _KEYWORDS_LINE.match(line):
            words = [word.strip(' 。.;；"“”') for word in re.split(r"[、,，;；]", match[1])]
            break
        opened = _SUMMARY_LINE.match(line)
        sentence = without_bullet(opened[1] if opened else line)
        if sentence and len(sentence) <= _SENTENCE_CHARS:
            summary.append(sentence)
    keywords = dict.fromkeys(word for word in words if 0 < len(word) <= _KEYWORD_CHARS)
    return Digest(tuple(summary[:_SENTENCES]), tuple(keywords)[:_KEYWORDS])


@lru_cache(maxsize=1)
def _templates() -> dict[str, dict[str, str]]:
    """Return system and user text by language. Raises ``TypeError`` when the file is not of that form."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        (CONFIGS / "prompts" / "digest.yaml").read_text(encoding="utf-8")
    )
    return loaded
