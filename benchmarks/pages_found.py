"""Asks the questions of a folder of PDF files of the product's retriever and sees at which place their page comes.

The files go through the sandboxed parser, the chunker, the embedder and the index into a data folder of their own. Each
question is asked under two scopes: of a reader of all files (``pooled``) and of a reader of the question's file alone
(``in file``). Hits are mapped to distinct pages in order; a question counts when one of its gold pages is among the
first five. ``questions.jsonl`` has the fields of FinanceBench, whose page numbers begin with 0.

Bar: 70 % of the questions, pooled. Exit code 1 otherwise.

Run: ``python -m benchmarks.pages_found --data FOLDER… [--questions FILE] [--cache DIR] [--out FILE] [--plain]``. With
``--questions``, YAML such as ``benchmarks/asking/business.yaml``, only the files that it names are read, from all the
folders; ``--plain`` searches without the vocabulary. The cache keeps parses (by file and parser fingerprint) and
vectors (by text), so that a repeat costs seconds.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter

from api.bootstrap import open_database
from benchmarks.parsing.parser import parse, product_parser
from eval.texts.bulk import document_id
from eval.texts.vectors import VectorCache
from ingest.chunking import open_chunker
from retrieval.index.factory import open_index
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.answers import Evidence
from wenyuan.db.access.directory import User, create_user
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.bulk import TextVersion, publish_texts
from wenyuan.db.contents import embedded_text
from wenyuan.db.engine import Database
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.migrate import upgrade
from wenyuan.documents import ParsedDocument, SourceFile
from wenyuan.ids import version_id
from wenyuan.machine import machine_line
from wenyuan.models.embedder import open_embedder
from wenyuan.ports import Chunker, IndexPoint, VectorIndex
from wenyuan.settings import Settings

FIRST: Final = 5
BAR: Final = 0.7
#: The user who may read all files; each file has another one of its own name.
EVERYTHING: Final = "everything"
_BATCH: Final = 32
_PARSED: Final = TypeAdapter(ParsedDocument)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one file; ``pages`` are 1-based."""

    id: str
    text: str
    file: str
    pages: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """The first places (1-based) of a question's gold pages among distinct pages, None where none came."""

    question: Question
    pooled: int | None
    in_file: int | None
    first_pages: tuple[str, ...]


def read_questions(path: Path) -> list[Question]:
    """Read questions in the form of FinanceBench, or from YAML with ``file``, ``pages`` (1-based) and ``ask``."""
    if path.suffix == ".yaml":
        listed: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            Question(f"q{number}", item["ask"], item["file"], frozenset(item["pages"]))
            for number, item in enumerate(listed, start=1)
        ]
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        item: dict[str, Any] = json.loads(line)
        pages = frozenset(int(evidence["evidence_page_num"]) + 1 for evidence in item["evidence"])
        found.append(Question(item["financebench_id"], item["question"], item["doc_name"], pages))
    return found


def distinct_pages(evidence: Sequence[Evidence]) -> list[tuple[str, int]]:
    """Return (document id, page) in the order in which the passages name them first."""
    return list(dict.fromkeys((item.document_id, page) for item in evidence for page in item.pages))


def place_of(pages: Sequence[tuple[str, int]], question: Question) -> int | None:
    """Return the place of the first gold page."""
    gold = {(document_id(question.file), page) for page in question.pages}
    return next((place for place, page in enumerate(pages, start=1) if page in gold), None)


def share_within(places: Sequence[int | None]) -> float:
    """Return the share of places that are among the first five."""
    return sum(place is not None and place <= FIRST for place in places) / max(1, len(places))


class Library:
    """The files of a folder, ingested: each in a space that one user of its own and the reader of all may read."""

    def __init__(self, database: Database, index: VectorIndex, chunker: Chunker, vectors: VectorCache) -> None:
        self._database = database
        self._index = index
        self._chunker = chunker
        self._vectors = vectors
        self._users: dict[str, User] = {}

    @property
    def names(self) -> list[str]:
        """The names of the files."""
        return [name for name in self._users if name != EVERYTHING]

    async def _user(self, name: str) -> User:
        if name not in self._users:
            async with self._database.write() as tx:
                self._users[name] = await create_user(tx, name, "")
        return self._users[name]

    async def add(self, name: str, parsed: ParsedDocument) -> int:
        """Publish a file under ``name``, readable by a user of this name too; returns the number of chunks."""
        chunks = self._chunker.chunk(name, parsed)
        texts = [embedded_text(chunk.context, chunk.text) for chunk in chunks]
        vectors: list[Any] = []
        for start in range(0, len(texts), _BATCH):
            vectors += list(await asyncio.to_thread(self._vectors.passages, texts[start : start + _BATCH]))
        digest = hashlib.sha256(name.encode()).hexdigest()
        document = document_id(name)
        source = SourceFile("", f"{name}.pdf", digest, 0, "application/pdf")
        version = TextVersion(
            document, version_id(document, digest, self._chunker.fingerprint), name, source, chunks, vectors
        )
        user, everything = await self._user(name), await self._user(EVERYTHING)
        readers = tuple(Subject(SubjectKind.USER, one.id) for one in (user, everything))
        async with self._database.write() as tx:
            space = await create_space(tx, name, name, AccessPolicy(allow=readers))
        keys = version.chunk_ids()
        await self._index.upsert(
            [
                IndexPoint(key, document, version.version_id, space.policy_id, text, vector)
                for key, text, vector in zip(keys, texts, vectors, strict=True)
            ]
        )
        async with self._database.write() as tx:
            await publish_texts(tx, space, user.id, self._vectors.model, [version])
        return len(chunks)

    async def scope_of(self, name: str) -> AccessScope:
        """Mint the scope of a user."""
        user = self._users[name]
        return await resolve_scope(Directory(self._database), Principal(user.id, user.name, user.roles))


class Asked:
    """The product's retriever over a library."""

    def __init__(self, library: Library, retriever: HybridRetriever, pool: int) -> None:
        self._library = library
        self._retriever = retriever
        self._pool = pool

    async def ask(self, question: Question) -> Found:
        """Ask as the reader of all and as the reader of the question's file."""
        pooled = await self._pages(question, EVERYTHING)
        own = await self._pages(question, question.file)
        names = {document_id(name): name for name in self._library.names}
        first = tuple(f"{names[document]}:{page}" for document, page in pooled[:FIRST])
        return Found(question, place_of(pooled, question), place_of(own, question), first)

    async def _pages(self, question: Question, user: str) -> list[tuple[str, int]]:
        scope = await self._library.scope_of(user)
        return distinct_pages(await self._retriever.retrieve(scope, question.text, self._pool))


async def parse_all(files: Sequence[Path], cache: Path) -> dict[str, ParsedDocument]:
    """Parse the files, or take what the cache holds of the same bytes and parser; returns them by stem."""
    found = {}
    async with product_parser(ocr=False) as parser:
        for file in files:
            content = await asyncio.to_thread(file.read_bytes)
            key = hashlib.sha256(content + parser.fingerprint.encode()).hexdigest()[:32]
            kept = cache / f"{key}.json"
            if not kept.is_file():
                parsed = await parse(parser, file)
                kept.write_bytes(_PARSED.dump_json(parsed))
            found[file.stem] = _PARSED.validate_json(kept.read_bytes())
    return found


@contextlib.asynccontextmanager
async def open_library(settings: Settings, folder: Path, cache: Path) -> AsyncIterator[tuple[Library, HybridRetriever]]:
    """Open an empty library in ``folder`` and the retriever over it."""
    own = settings.model_copy(update={"data_dir": folder})
    async with contextlib.AsyncExitStack() as stack:
        embedder = await asyncio.to_thread(open_embedder, own.embedding, own.models_dir)
        stack.callback(embedder.close)
        index = await open_index(own.index, folder / "index", embedder.fingerprint, embedder.dimension)
        stack.push_async_callback(index.close)
        database = open_database(own)
        stack.push_async_callback(database.close)
        await upgrade(database)
        vectors = stack.enter_context(VectorCache(cache, embedder))
        library = Library(database, index, open_chunker(own.ingest, embedder), vectors)
        evidence = SqlEvidenceStore(database)
        reranker = open_reranker(own.retrieval)
        yield library, HybridRetriever(index, evidence, embedder, own.retrieval, reranker=reranker)


async def measure(files: Sequence[Path], questions: Sequence[Question], cache: Path, settings: Settings) -> list[Found]:
    """Ingest the files and ask the questions."""
    start = time.perf_counter()
    documents = await parse_all(files, cache / "parses")
    print(f"{len(documents)} files parsed or taken from the cache in {time.perf_counter() - start:.1f} s", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with open_library(settings, Path(scratch), cache / "vectors") as (library, retriever):
            start = time.perf_counter()
            chunks = [await library.add(name, parsed) for name, parsed in documents.items()]
            print(f"{sum(chunks)} chunks in the index in {time.perf_counter() - start:.1f} s", flush=True)
            asked = Asked(library, retriever, settings.retrieval.rerank_pool)
            return [await asked.ask(question) for question in questions]


def report(found: Sequence[Found]) -> float:
    """Print a line for each question and the shares; returns the share of the bar."""
    for item in found:
        pages = ",".join(str(page) for page in sorted(item.question.pages))
        places = f"pooled {item.pooled or '-':>3}  in file {item.in_file or '-':>3}"
        print(f"{places}  {item.question.file} page {pages}: {item.question.text[:90]}")
        print(f"      first: {' '.join(item.first_pages)}")
    pooled, own = (share_within([getattr(item, name) for item in found]) for name in ("pooled", "in_file"))
    print(
        f"a gold page among the first {FIRST}: pooled {pooled:.0%} (bar {BAR:.0%}), in file {own:.0%}, of {len(found)}"
    )
    return pooled


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--questions", type=Path, help="default: questions.jsonl of the first folder")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--cache", type=Path, help="default: kept nowhere")
    parser.add_argument("--out", type=Path, help="JSON of the places")
    options = parser.parse_args()
    print(machine_line())
    files = sorted(file for folder in options.data for file in folder.glob("*.pdf"))
    questions = read_questions(options.questions or options.data[0] / "questions.jsonl")
    if options.questions is not None:
        named = {question.file for question in questions}
        files = [file for file in files if file.stem in named]
        questions = [question for question in questions if question.file in {file.stem for file in files}]
    settings = Settings()
    if options.plain:
        plain = settings.retrieval.model_copy(update={"vocabulary": False})
        settings = settings.model_copy(update={"retrieval": plain})
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache or Path(scratch)
        (cache / "parses").mkdir(parents=True, exist_ok=True)
        found = asyncio.run(measure(files, questions, cache, settings))
    if options.out is not None:
        records = [asdict(item) | {"question": item.question.id} for item in found]
        options.out.write_text(json.dumps(records, indent=1), encoding="utf-8")
    return 0 if report(found) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
