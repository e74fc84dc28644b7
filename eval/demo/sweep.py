"""The sweep: every person tries every document, page and citation; what they may not read must look like nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.cli.client import Client
from eval.demo.asking import OK, Reply
from eval.demo.product import Product
from eval.leaks import Leak, leaked_documents, leaked_status


@dataclass(slots=True)
class Sweep:
    """How many attempts were made, what leaked, and what was refused to those who may read it."""

    attempts: int = 0
    leaks: list[Leak] = field(default_factory=list)
    refused_wrongly: list[Leak] = field(default_factory=list)


async def sweep(product: Product, replies: Sequence[Reply]) -> Sweep:
    """Try documents, page images, listings and the citations of ``replies`` as every user of the company."""
    found = Sweep()
    for user in product.company.users:
        await _documents(product, user.id, product.readable(user), found)
        for reply in replies:
            for citation in reply.citations:
                await _citation(product, user.id, product.readable(user), citation, found)
    return found


async def _documents(product: Product, user: str, readable: frozenset[str], found: Sweep) -> None:
    http = product.clients[user]
    page = await Client(http).call("GET", "/v1/documents", params={"limit": 200})
    listed = [item["id"] for item in page["items"]]
    found.attempts += 1
    found.leaks += leaked_documents(user, "listing", listed, readable)
    found.refused_wrongly += [Leak(user, "listing", document) for document in readable.difference(listed)]
    for document in product.documents.values():
        path = f"/v1/documents/{document}"
        status = (await http.get(path)).status_code
        found.attempts += 1
        if document in readable:
            found.refused_wrongly += [Leak(user, path, f"HTTP {status}")] if status != OK else []
            continue
        found.leaks += leaked_status(user, path, status)
        image = f"{path}/pages/1"
        found.attempts += 1
        found.leaks += leaked_status(user, image, (await http.get(image)).status_code)


async def _citation(
    product: Product, user: str, readable: frozenset[str], citation: dict[str, object], found: Sweep
) -> None:
    if citation["document_id"] in readable:
        return
    http = product.clients[user]
    paths = [f"/v1/citations/{citation['id']}"]
    if citation["page"] is not None:
        paths.append(f"/v1/documents/{citation['document_id']}/pages/{citation['page']}?citation={citation['id']}")
    for path in paths:
        found.attempts += 1
        found.leaks += leaked_status(user, path, (await http.get(path)).status_code)
