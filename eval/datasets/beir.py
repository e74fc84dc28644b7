"""The ``beir`` layout: ``corpus.jsonl[.gz]``, ``queries.jsonl[.gz]`` and ``qrels.tsv`` or ``qrels/*.tsv``.

Records have ``_id``, ``text`` and, in the corpus, ``title`` (Thakur et al., BEIR, NeurIPS 2021). A line of the
relevance file is query id, document id and grade, by tabs; a grade of 0 is a judged, irrelevant document. Queries
without a relevant document are left out, as the reference loader does.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from eval.datasets.base import (
    Dataset,
    DatasetError,
    Question,
    TextDocument,
    parse_json,
    read_lines,
    require_file,
    string_field,
)

_COLUMNS = 3


def read_beir(path: Path) -> Dataset:
    """Read a folder in the ``beir`` layout; raises ``DatasetError``."""
    questions = read_questions(path)
    corpus = require_file(path / "corpus.jsonl")
    return Dataset(path.name, "beir", questions, lambda: _texts(corpus))


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read queries and relevance of a folder, which needs no corpus for that; raises ``DatasetError``."""
    if not path.is_dir():
        raise DatasetError(reason=f"{path} is not a folder (layout beir) / 不是文件夹")
    queries = require_file(path / "queries.jsonl")
    judged = _qrels(path)
    questions = []
    for place, line in read_lines(queries):
        record = parse_json(place, line)
        query_id = string_field(place, record, "_id", "id")
        relevant = judged.get(query_id)
        if relevant:
            questions.append(Question(query_id, string_field(place, record, "text"), relevant))
    if not questions:
        raise DatasetError(reason=f"{queries.name}: no query has a relevant document / 没有带相关文档的问题")
    return tuple(questions)


def _texts(corpus: Path) -> Iterator[TextDocument]:
    for place, line in read_lines(corpus):
        record = parse_json(place, line)
        yield TextDocument(
            string_field(place, record, "_id", "id"),
            string_field(place, record, "title", default=""),
            string_field(place, record, "text"),
        )


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return the grades above 0 by query and document; of several files, ``test.tsv`` is the one that counts."""
    single, folder = path / "qrels.tsv", path / "qrels"
    files = [single] if single.is_file() else sorted(folder.glob("*.tsv"))
    if not files:
        raise DatasetError(reason="qrels.tsv or qrels/*.tsv is missing / 缺少 qrels")
    chosen = next((file for file in files if file.stem == "test"), files[0])
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, (place, line) in enumerate(read_lines(chosen)):
        columns = line.rstrip("\r\n").split("\t")
        if number == 0 and columns[-1] == "score":
            continue
        if len(columns) != _COLUMNS or not columns[2].lstrip("-").isdigit():
            raise DatasetError(reason=f"{place}: expected query, document and grade, by tabs / 应为制表符分隔的三列")
        if int(columns[2]) > 0:
            found[columns[0]][columns[1]] = int(columns[2])
    return found
