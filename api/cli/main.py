"""Commands for everyone: serve, ingest, ask, search; and the groups of the others."""

import asyncio
import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import administration, local
from api.cli.client import Client, fail, say, with_client
from wenyuan.text import one_line

app = typer.Typer(no_args_is_help=True, add_completion=False, help="文渊 Wenyuan: ask your documents, with citations.")
Url = Annotated[str | None, typer.Option("--server", envvar="WENYUAN_URL", help="Address of a running server.")]
Token = Annotated[str | None, typer.Option("--token", envvar="WENYUAN_TOKEN", help="Access token.", show_default=False)]


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    space: Annotated[str, typer.Option(help="Name of the space to put them in.")],
    policy: Annotated[str | None, typer.Option(help="Who may read, as JSON; else the space's readers.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Upload files and follow their processing to the end. Exits with 1 if one of them failed."""
    files = [file for path in paths for file in _files(path)]
    if not files:
        fail("no files / 没有文件")
    fields = {"space": space} | ({} if policy is None else {"policy": policy})

    async def work(client: Client) -> int:
        submitted = [(file, await client.upload("/v1/documents", file, fields)) for file in files]
        outcomes = await asyncio.gather(*(_follow(client, file, body["job_id"]) for file, body in submitted))
        return outcomes.count(False)

    failed = with_client(url, token, work)
    if failed:
        fail(f"{failed} of {len(files)} failed / {len(files)} 个文件中有 {failed} 个失败")


@app.command()
def ask(
    question: str,
    url: Url = None,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Ask a question and print the answer with its citations."""
    body = {"messages": [{"role": "user", "content": question}]}
    answer = with_client(url, token, lambda client: client.call("POST", "/v1/chat/completions", json=body))
    if as_json:
        say(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    say(answer["choices"][0]["message"]["content"])
    for citation in answer["citations"]:
        say(f"  [{citation['marker']}] {place(citation)}: {citation['quote']}")
    say(f"AI 生成 · AI-generated · {answer['answerer']}")


@app.command()
def search(question: str, limit: int = 5, url: Url = None, token: Token = None) -> None:
    """Print the passages that fit a question best."""
    body = {"query": question, "limit": limit}
    found = with_client(url, token, lambda client: client.call("POST", "/v1/search", json=body))
    for item in found["items"]:
        text = one_line(item["text"])
        say(f"{item['rank']}. {place(item | {'document_title': item['title']})}: {text}")


def place(citation: dict[str, Any]) -> str:
    """Return document and page (or the place in it) for a person to read."""
    if citation["page"] is not None:
        where = f"p. {citation['page']}"
    else:
        where = citation["anchor"] or " › ".join(citation["heading_path"])
    return f"{citation['document_title']} · {where}" if where else str(citation["document_title"])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    return [path] if path.is_file() else fail(f"no such file / 没有此文件: {path}")


async def _follow(client: Client, file: Path, job_id: str) -> bool:
    def tell(job: dict[str, Any]) -> None:
        progress = job["progress"]
        count = f" {progress['done']}/{progress['total']} {progress['unit']}" if progress["total"] else ""
        say(f"{file.name}: {job['stage']}{count}" if job["state"] == "running" else f"{file.name}: {job['state']}")

    job = await client.wait(job_id, tell)
    if job["error"] is not None and job["state"] == "dead":
        say(f"{file.name}: {job['error']['message']} [{job['error']['code']}]", err=True)
    return bool(job["state"] == "done")


def main() -> None:
    """Run the command line."""
    local.register(app)
    administration.register(app)
    for point in entry_points(group="wenyuan.commands"):
        app.add_typer(point.load(), name=point.name)
    app()
