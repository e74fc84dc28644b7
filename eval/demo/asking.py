"""Questions asked of the product over the chat API, their citations opened, and the verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from api.cli.client import Client
from eval.demo.company import Asked, User
from eval.demo.product import Product
from eval.leaks import Leak, leaked_documents, leaked_strings
from eval.metrics import contains_answer, normalise

SEARCH_LIMIT: Final = 50
OK: Final = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a question: the answer, its citations, the ranking behind it, and what is wrong with it."""

    question: Asked
    user: User
    text: str
    refused: bool
    citations: list[dict[str, Any]]
    passages: list[dict[str, Any]]
    seconds: float
    cited: bool
    contained: bool
    located: bool
    problems: list[str] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether this is the reply the question calls for: a refusal, or the answer with the right page cited."""
        if self.problems or self.leaks:
            return False
        return self.refused if self.question.expect == "refuse" else self.cited and self.contained


async def ask(product: Product, question: Asked) -> Reply:
    """Ask as the question's user, with that user's own token; open every citation and every cited page."""
    user = product.company.user(question.user)
    http = product.clients[user.id]
    body = {"messages": [{"role": "user", "content": question.question}]}
    headers = {"Accept-Language": question.language}
    response = await http.post("/v1/chat/completions", json=body, headers=headers)
    if response.status_code != OK:
        return _unanswered(question, user, response)
    return await judged(product, question, response.json(), response.elapsed.total_seconds())


async def judged(product: Product, question: Asked, answer: Mapping[str, Any], seconds: float) -> Reply:
    """Judge a whole answer that came back after ``seconds``; every citation and every cited page is opened."""
    user = product.company.user(question.user)
    http = product.clients[user.id]
    found = await Client(http).call("POST", "/v1/search", json={"query": question.question, "limit": SEARCH_LIMIT})
    text, citations = answer["choices"][0]["message"]["content"], answer["citations"]
    problems = [problem for citation in citations for problem in await _opened(http, citation)]
    if not answer["refused"] and not citations:
        problems.append("no citation")
    matching = [citation for citation in citations if is_gold(product, question, citation)]
    return Reply(
        question=question,
        user=user,
        text=text,
        refused=answer["refused"],
        citations=citations,
        passages=found["items"],
        seconds=seconds,
        cited=bool(matching),
        contained=not answer["refused"] and contains_answer(text, question.answers),
        located=any(_in_place(question, citation) for citation in matching),
        problems=problems,
        leaks=_leaks(product, user, question, text, citations, found["items"]),
    )


def answer_rank(product: Product, reply: Reply) -> int | None:
    """Return the rank of the first passage of the gold page that holds the answer, None if the search has none."""
    held = (passage["rank"] for passage in reply.passages if _holds_answer(product, reply.question, passage))
    return min(held, default=None)


async def room_of_failure(product: Product, reply: Reply, evidence: int) -> str:
    """Name the room where a wrong reply went wrong, from the passages the user's own search returns.

    ``ingest``: no passage of the gold page holds the answer, not even when the gold quote itself is searched.
    ``retrieval``: one does, but not among the ``evidence`` first for the question, which are what the answerer is
    given. ``generation``: it was given and not used.
    """
    if reply.leaks:
        return "access"
    if reply.problems or reply.question.expect == "refuse":
        return "generation"
    question, rank = reply.question, answer_rank(product, reply)
    if rank is not None:
        return "retrieval" if rank > evidence else "generation"
    body = {"query": question.gold_quote, "limit": SEARCH_LIMIT}
    found = await Client(product.clients[reply.user.id]).call("POST", "/v1/search", json=body)
    reachable = any(_holds_answer(product, question, passage) for passage in found["items"])
    return "retrieval" if reachable else "ingest"


def _unanswered(question: Asked, user: User, response: httpx.Response) -> Reply:
    problem = f"HTTP {response.status_code}"
    return Reply(question, user, "", False, [], [], 0.0, False, False, False, [problem])


async def _opened(http: httpx.AsyncClient, citation: dict[str, Any]) -> list[str]:
    """Open a citation and its page as the asker; return what is wrong with it."""
    response = await http.get(f"/v1/citations/{citation['id']}")
    if response.status_code != OK:
        return [f"citation {citation['marker']}: HTTP {response.status_code}"]
    opened, problems = response.json(), []
    if opened["passage"][opened["start"] : opened["end"]] != citation["quote"]:
        problems.append(f"citation {citation['marker']}: the quote is not in the passage")
    if citation["page"] is not None:
        image = await http.get(opened["page_image"])
        if image.status_code != OK or image.headers["content-type"] != "image/png":
            problems.append(f"citation {citation['marker']}: page image HTTP {image.status_code}")
    return problems


def _leaks(
    product: Product,
    user: User,
    question: Asked,
    text: str,
    citations: list[dict[str, Any]],
    passages: list[dict[str, Any]],
) -> list[Leak]:
    readable = product.readable(user)
    shown = " ".join([text, *(citation["quote"] for citation in citations)])
    return [
        *leaked_documents(user.id, f"{question.id} search", (item["document_id"] for item in passages), readable),
        *leaked_documents(user.id, f"{question.id} citation", (item["document_id"] for item in citations), readable),
        *leaked_strings(user.id, f"{question.id} answer", shown, question.forbidden),
    ]


def is_gold(product: Product, question: Asked, citation: dict[str, Any]) -> bool:
    """Whether a citation names the gold document and, where the format has pages, the gold page."""
    same = question.document is not None and citation["document_id"] == product.documents.get(question.document)
    return same and (question.page is None or citation["page"] == question.page)


def _in_place(question: Asked, citation: dict[str, Any]) -> bool:
    """Whether the locator of a format without pages names the gold section or sheet; True where there is neither."""
    place = normalise(" ".join([*citation["heading_path"], citation["anchor"] or "", citation["quote"]]))
    wanted = question.section or question.sheet
    return wanted is None or normalise(wanted) in place


def _holds_answer(product: Product, question: Asked, passage: dict[str, Any]) -> bool:
    same = question.document is not None and passage["document_id"] == product.documents.get(question.document)
    paged = question.page is None or question.page in passage["pages"]
    return same and paged and contains_answer(passage["text"], question.answers)
