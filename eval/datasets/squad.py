"""The ``squad`` layout: SQuAD JSON 1.1 or 2.0. Each distinct paragraph is a document and the gold of its questions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.datasets.base import Dataset, DatasetError, Question, TextDocument, read_json, string_field


def read_squad(path: Path) -> Dataset:
    """Read a file in the ``squad`` layout (plain or ``.gz``); raises ``DatasetError``.

    Titles of articles are left out: in translated sets they are English slugs (``Super_Bowl_50``) that no document
    would carry. A question without answers, or with ``is_impossible``, has no relevant document.
    """
    if not path.is_file():
        raise DatasetError(reason=f"{path} is not a file (layout squad) / 不是文件")
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise DatasetError(reason=f"{path.name}: no list `data` / 缺少列表 data")
    ids: dict[str, str] = {}
    questions: dict[str, Question] = {}
    for place, paragraph in _paragraphs(path.name, content["data"]):
        context = string_field(place, paragraph, "context")
        document_id = ids.setdefault(context, f"p{len(ids):05d}")
        for question in _questions(place, paragraph, document_id):
            questions.setdefault(question.id, question)
    if not questions:
        raise DatasetError(reason=f"{path.name}: no questions / 没有问题")
    texts = tuple(TextDocument(document_id, "", context) for context, document_id in ids.items())
    name = path.name.removesuffix(".gz").removesuffix(".json")
    return Dataset(name, "squad", tuple(questions.values()), lambda: iter(texts), has_answers=True)


def _paragraphs(name: str, articles: list[Any]) -> Iterator[tuple[str, Any]]:
    for number, article in enumerate(articles):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            raise DatasetError(reason=f"{name}: data[{number}] has no list `paragraphs` / 缺少 paragraphs")
        for index, paragraph in enumerate(paragraphs):
            yield f"{name}: data[{number}].paragraphs[{index}]", paragraph


def _questions(place: str, paragraph: Any, document_id: str) -> Iterator[Question]:
    asked = paragraph.get("qas")
    if not isinstance(asked, list):
        raise DatasetError(reason=f"{place}: no list `qas` / 缺少 qas")
    for index, item in enumerate(asked):
        here = f"{place}.qas[{index}]"
        text = string_field(here, item, "question")
        answers = [string_field(here, answer, "text") for answer in item.get("answers") or []]
        answerable = bool(answers) and not item.get("is_impossible", False)
        yield Question(
            id=string_field(here, item, "id"),
            text=text,
            relevant={document_id: 1} if answerable else {},
            answers=tuple(dict.fromkeys(answer for answer in answers if answer.strip())) if answerable else (),
            answerable=answerable,
        )
