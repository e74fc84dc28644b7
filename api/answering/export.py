"""A conversation as a text to keep. Whatever documents say stays text: nothing of it becomes a link or a picture."""

import re
from typing import Final

from api.answering.bodies import OpenedConversationBody, TurnBody
from api.schemas.chat import CitationBody
from generation.guard.label import labelled
from wenyuan.answers import Support
from wenyuan.errors import Language
from wenyuan.text import one_line

_PAGE: Final[dict[Language, str]] = {"zh": "第 {page} 页", "en": "p. {page}"}
_PARTIAL: Final[dict[Language, str]] = {"zh": "部分支持", "en": "partly supported"}
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>!|#~]|:(?=//)|(?<=www)\.)")


def as_markdown(conversation: OpenedConversationBody, language: Language, producer: str) -> str:
    """Return the conversation as Markdown, with its sources and both labels of generated content."""
    turns = [_turn(turn, language) for turn in conversation.turns]
    text = "\n\n".join([f"# {_plain(one_line(conversation.title))}", *turns]) + "\n"
    return labelled(text, conversation.id, producer, language)


def _turn(turn: TurnBody, language: Language) -> str:
    question = "\n".join(f"> {_plain(line)}" for line in turn.question.splitlines())
    sources = "\n".join(_source(one, language) for one in turn.citations)
    return "\n\n".join(part for part in (question, _plain(turn.answer), sources) if part)


def _source(one: CitationBody, language: Language) -> str:
    page = f" · {_PAGE[language].format(page=one.page)}" if one.page else ""
    partial = f" · {_PARTIAL[language]}" if one.support == Support.PARTIAL else ""
    named = _plain(f"[{one.marker}] {one_line(one.document_title)}")
    line = f"- {named}{page}{partial} — {_plain(one_line(one.quote))}"
    captions = [one_line(figure.caption) for figure in one.figures if figure.caption]
    return "\n".join([line, *(f"  - {_plain(caption)}" for caption in captions)])


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
