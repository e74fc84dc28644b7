"""Questions that a passage answers, by a language model."""

import hashlib
from functools import lru_cache
from typing import Any, Final

import yaml

from generation.llm.chat import ChatModel, Limits
from generation.llm.writing import numbers_in, without_bullet, written
from generation.prompts import Message, as_material
from wenyuan.chat.settings import GenerationSettings
from wenyuan.settings import CONFIGS
from wenyuan.text import one_line

_SHORTEST, _LONGEST = 4, 160
_ANSWER_CHARS: Final = 2_000


class ModelQuestioner:
    """Implements ``wenyuan.ports.Questioner`` on the chat endpoint of ``settings``."""

    def __init__(self, settings: GenerationSettings) -> None:
        self._model = ChatModel(settings.writer, Limits.of(settings))
        self._name = self._model.given.model

    @property
    def fingerprint(self) -> str:
        """Name model and prompt: questions of another one are written anew."""
        return hashlib.sha256(f"{self._name}\0{_templates()['version']}".encode()).hexdigest()

    async def ask(self, text: str, language: str, most: int) -> tuple[str, ...]:
        """Return what the model wrote; raises ``EndpointError`` when it fails.

        A question with a number that the text does not have is dropped: it is not about this passage.
        """
        template = _templates()["zh" if language == "zh" else "en"]
        material = as_material(text)
        messages = [
            Message("system", template["system"].replace("{most}", str(most))),
            Message("user", template["user"].replace("{text}", material)),
        ]
        found = read_questions(await written(self._model, messages, _ANSWER_CHARS))
        numbers = numbers_in(material)
        return tuple(question for question in found if numbers_in(question) <= numbers)[:most]


def read_questions(answer: str) -> tuple[str, ...]:
    """Return the lines that are questions, each once, without marks of a list."""
    lines = (without_bullet(one_line(raw)) for raw in answer.split("\n"))
    return tuple(
        dict.fromkeys(line for line in lines if line.endswith(("?", "？")) and _SHORTEST <= len(line) <= _LONGEST)
    )


@lru_cache(maxsize=1)
def _templates() -> dict[str, Any]:
    """Return the version, and system and user text by language."""
    loaded: dict[str, Any] = yaml.safe_load((CONFIGS / "prompts" / "questions.yaml").read_text(encoding="utf-8"))
    return loaded
