"""A follow-up made whole by a language model, from the asker's own questions and nothing else."""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import structlog
import yaml

from generation.llm.chat import ChatModel, Limits
from generation.llm.writing import numbers_in, written
from generation.prompts import Message, as_material
from wenyuan.audit.record import Action
from wenyuan.audit.trail import Trail
from wenyuan.chat.settings import GenerationSettings
from wenyuan.errors import EndpointError
from wenyuan.settings import CONFIGS
from wenyuan.text import detect_language, one_line

log = structlog.get_logger(__name__)

_LONGEST: Final = 300
#: Characters that are read of what the model writes.
_ANSWER_CHARS: Final = 600
_LABELS: Final = ("最后的问题：", "改写后的问题：", "问题：", "Last question:", "Rewritten question:", "Question:")


class ModelFollower:
    """Asks the chat endpoint of ``settings``; one try within ``settings.condense_s`` seconds."""

    def __init__(self, settings: GenerationSettings) -> None:
        seconds = settings.condense_s
        self._seconds = seconds
        limits = Limits(min(2.0, seconds), seconds, seconds, seconds, retries=0)
        self._model = ChatModel(settings.writer, limits)

    async def whole(self, asked: str, earlier: Sequence[str], trail: Trail) -> str | None:
        """Return ``asked`` made whole, or as it is when it stands alone; None when the model is of no use.

        ``earlier`` are questions of the same asker, oldest first. What the model writes is not taken when it is no
        single short line or holds a number that nobody asked about. Raises ``AuditUnavailable``.
        """
        trail.note(Action.MODEL, (), self._model.endpoint)
        await trail.settle()
        template = _templates()[detect_language(asked)]
        content = template["user"].replace("{earlier}", as_material("\n".join(map(one_line, earlier))))
        messages = [
            Message("system", template["system"]),
            Message("user", content.replace("{asked}", as_material(one_line(asked)))),
        ]
        try:
            async with asyncio.timeout(self._seconds):
                answer = await written(self._model, messages, _ANSWER_CHARS)
        except (EndpointError, TimeoutError) as error:
            log.warning("follow_up.failed", endpoint=self._model.endpoint, error=type(error).__name__)
            return None
        return read_whole(answer, (*earlier, asked))


def read_whole(answer: str, asked: Sequence[str]) -> str | None:
    """Return the question that a model wrote, None when it is not one that follows from the questions ``asked``."""
    lines = [line for line in map(one_line, answer.strip().split("\n")) if line]
    if len(lines) != 1:
        return None
    line = lines[0]
    for label in _LABELS:
        line = line.removeprefix(label)
    line = line.strip(' "“”「」')
    known = numbers_in("\n".join(asked))
    return line if 0 < len(line) <= _LONGEST and numbers_in(line) <= known else None


@lru_cache(maxsize=1)
def _templates() -> dict[str, dict[str, str]]:
    content = yaml.safe_load((CONFIGS / "prompts" / "following.yaml").read_text(encoding="utf-8"))
    return {language: content[language] for language in ("zh", "en")}
