"""What every data set of texts offers, and how its files are read."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wenyuan.errors import WenyuanError


class DatasetError(WenyuanError):
    """The data set is not there or not in the layout that was named; ``reason`` says where and what."""

    code = "dataset.invalid"
    status = 422
    zh = "数据集无法使用：{reason}"
    en = "The data set cannot be used: {reason}"


@dataclass(frozen=True, slots=True)
class TextDocument:
    """One text of a corpus under the id that the data set gives it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its relevant documents with their grades (> 0), and its answers where the data set has any.

    ``answerable`` is False where the data set says that the corpus holds no answer; such a question has no relevant
    documents and counts for refusals only.
    """

    id: str
    text: str
    relevant: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus, read anew at each call of ``texts`` so that it need not fit into memory, and its questions in order."""

    name: str
    layout: str
    questions: tuple[Question, ...]
    texts: Callable[[], Iterator[TextDocument]]
    has_answers: bool = False

    def corpus_digest(self) -> tuple[str, int]:
        """Return the SHA-256 of the corpus (ids, titles and texts in order) and the number of texts."""
        digest, count = hashlib.sha256(), 0
        for text in self.texts():
            digest.update(json.dumps([text.id, text.title, text.text], ensure_ascii=False).encode())
            count += 1
        return digest.hexdigest(), count


def require_file(path: Path) -> Path:
    """Return ``path`` if it is a file, plain or with ``.gz`` behind its name; raises ``DatasetError``."""
    packed = path.with_name(path.name + ".gz")
    for candidate in (path, packed):
        if candidate.is_file():
            return candidate
    raise DatasetError(reason=f"{path.name} is missing / 缺少文件 {path.name}")


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, line) for every line that is not blank; ``place`` is ``name:number`` for messages."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if line.strip():
                    yield f"{path.name}:{number}", line
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DatasetError(reason=f"{path.name}: {type(error).__name__}") from error


def read_json(path: Path) -> Any:
    """Return a whole JSON file, plain or ``.gz``; raises ``DatasetError``."""
    text = "".join(line for _, line in read_lines(path))
    return parse_json(path.name, text)


def parse_json(place: str, text: str) -> Any:
    """Return the value of a JSON text; raises ``DatasetError`` that names the place."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise DatasetError(reason=f"{place}: not JSON ({error}) / 不是有效的 JSON") from error


def string_field(place: str, record: Any, *names: str, default: str | None = None) -> str:
    """Return the first of ``names`` that the record has, as text; raises ``DatasetError`` unless there is a default."""
    if not isinstance(record, dict):
        raise DatasetError(reason=f"{place}: not an object / 不是对象")
    for name in names:
        value = record.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    if default is not None:
        return default
    raise DatasetError(reason=f"{place}: no field {' or '.join(names)} / 缺少字段")
