"""A conversation as a text to keep. Whatever documents say stays text: nothing of it becomes a link or a picture."""

import re
from typing import Final

from api.answering.bodies import OpenedConversationBody, TurnBody
from generation.guard.label import labelled
from wenyuan.errors import Language
from wenyuan.text import one_line

_PAGE: Final[dict[Language, str]] = {"zh": "第 {page} 页", "en": "p. {page}"}
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>!|#~]|:(?=//)|(?<=www)\.)")


def as_markdown(conversation: OpenedConversationBody, language: Language, producer: str) -> str:
    """Return the conversation as Markdown, with its sources and both labels of generated content."""
    turns = [_turn(turn, language) for turn in conversation.turns]
    text = "\n\n".join([f"# {_plain(one_line(conversation.title))}", *turns]) + "\n"
    return labelled(text, conversation.id, producer, language)


def _turn(turn: TurnBody, language: Language) -> str:
    question = "\n".join(f"> {_plain(line)}" for line in turn.question.splitlines())
    sources = "\n".join(
        f"- {_plain(f'[{one.marker}] {one_line(one.document_title)}')}"
        + (f" · {_PAGE[language].format(page=one.page)}" if one.page else "")
        + f" — {_plain(one_line(one.quote))}"
        for one in turn.citations
    )
    return "\n\n".join(part for part in (question, _plain(turn.answer), sources) if part)


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
