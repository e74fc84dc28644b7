"""Answers to a data set's questions by the product's answer service, judged against the answers of the data set."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.wiring.judging import open_judge
from eval.datasets import Question
from eval.metrics import contains_answer, refusal_scores, share
from eval.texts.workspace import Workspace
from generation.reader.model import open_reader
from generation.service import Answers
from retrieval.packing.service import Packer
from retrieval.rerank.factory import open_reranker
from retrieval.service import HybridRetriever
from wenyuan.access import AccessScope
from wenyuan.answers import Answer
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.texts.seen_tables import table_loader
from wenyuan.text import detect_language


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with its verdicts; ``cited`` and ``contained`` are False for a refusal."""

    question: Question
    answer: Answer
    cited: bool
    contained: bool

    def record(self, names: dict[str, str]) -> dict[str, Any]:
        """Return the line of ``answers.jsonl``."""
        return {
            "id": self.question.id,
            "answerable": self.question.answerable,
            "refused": self.answer.refused,
            "contained": self.contained,
            "cited": self.cited,
            "answer": self.answer.text,
            "citations": [names[citation.document_id] for citation in self.answer.citations],
        }


async def answer_questions(
    workspace: Workspace,
    scope: AccessScope,
    questions: Sequence[Question],
    names: dict[str, str],
    progress: Callable[[int, int], None],
) -> list[Judged]:
    """Ask every question under ``scope`` as a chat would, from as much evidence as a chat is given."""
    settings = workspace.settings
    store = SqlEvidenceStore(workspace.database)
    retriever = HybridRetriever(
        workspace.index,
        store,
        workspace.embedder,
        settings.retrieval,
        reranker=open_reranker(settings.retrieval),
    )
    packer = Packer(retriever, store, workspace.embedder, settings)
    judged = []
    async with contextlib.AsyncExitStack() as stack:
        judge = await open_judge(stack, settings.embedding, settings.models_dir, workspace.embedder)
        reader = open_reader(settings.models_dir)
        if reader is not None:
            stack.callback(reader.close)
        service = Answers(settings.generation, workspace.embedder, judge=judge, reader=reader)
        for number, question in enumerate(questions, start=1):
            packed = await packer.pack(scope, question.text)
            done: Answer | None = None
            load_tables = table_loader(scope, workspace.database)
            language = detect_language(question.text)
            answering = service.answer(question.text, packed, language, scope.trail, load_tables=load_tables)
            async for event in answering:
                done = event.answer or done
            if done is not None:
                judged.append(_judge(question, done, names))
            progress(number, len(questions))
    return judged


def answer_metrics(judged: Sequence[Judged]) -> dict[str, float | None]:
    """Return shares: over the answerable questions the answer contained and the gold cited, over all the refusals."""
    answerable = [item for item in judged if item.question.answerable]
    return {
        "answer_containment": share(item.contained for item in answerable),
        "citation_document": share(item.cited for item in answerable),
        **refusal_scores([not item.question.answerable for item in judged], [item.answer.refused for item in judged]),
    }


def _judge(question: Question, answer: Answer, names: dict[str, str]) -> Judged:
    cited = any(names[citation.document_id] in question.relevant for citation in answer.citations)
    contained = not answer.refused and contains_answer(answer.text, question.answers)
    return Judged(question, answer, cited, contained)
