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
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or ZIP archives.")],
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

    async def work(client: Client) -> tuple[int, int]:
        submitted = [each for file in files for each in await _submit(client, file, fields)]
        outcomes = await asyncio.gather(*(_follow(client, name, job) for name, job in submitted))
        return outcomes.count(False), len(outcomes)

    failed, count = with_client(url, token, work)
    if failed:
        fail(f"{failed} of {count} failed / {count} 个文件中有 {failed} 个失败")


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A file; it is not stored.")],
    chunk_tokens: Annotated[int | None, typer.Option(help="Most tokens of a chunk; else as the server has it.")] = None,
    topic_breaks: Annotated[str | None, typer.Option(help="off, lexical or embedding.")] = None,
    url: Url = None,
    token: Token = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
) -> None:
    """Show how a file would be cut into chunks, and statistics."""
    if not file.is_file():
        fail(f"no such file / 没有此文件: {file}")
    given = {"chunk_tokens": chunk_tokens, "topic_breaks": topic_breaks}
    fields = {name: str(value) for name, value in given.items() if value is not None}
    body = with_client(url, token, lambda client: client.upload("/v1/preview", file, fields))
    if as_json:
        say(json.dumps(body, ensure_ascii=False, indent=2))
        return
    for chunk in body["chunks"]:
        pages = f" p. {', '.join(map(str, chunk['pages']))}" if chunk["pages"] else ""
        say(f"--- {chunk['ordinal']} · {chunk['tokens']} tokens{pages} · {one_line(chunk['context'])}")
        for line in chunk["text"].splitlines():
            say(line)
    counts = body["statistics"]
    sizes = f"{counts['smallest']}–{counts['median']}–{counts['largest']} tokens"
    say(f"{counts['chunks']} chunks ({sizes}), {counts['sections']} sections, {counts['tables']} tables")
    for bar in counts["histogram"]:
        say(f"{bar['low']:5}–{bar['high']:<5} {bar['chunks']}")
    for warning in [*body["warnings"], *(f"p. {issue['page']}: {issue['error']}" for issue in body["page_issues"])]:
        say(warning, err=True)


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


async def _submit(client: Client, file: Path, fields: dict[str, str]) -> list[tuple[str, str | None]]:
    """Upload a file, or every member of a ZIP archive; returns names and jobs, None for a member that was refused."""
    if file.suffix.lower() != ".zip":
        return [(file.name, (await client.upload("/v1/documents", file, fields))["job_id"])]
    submitted: list[tuple[str, str | None]] = []
    for item in (await client.upload("/v1/documents/archive", file, fields))["items"]:
        name = f"{file.name} / {item['name']}"
        if item["error"] is not None:
            say(f"{name}: {item['error']['message']} [{item['error']['code']}]", err=True)
        submitted.append((name, None if item["submitted"] is None else item["submitted"]["job_id"]))
    return submitted


async def _follow(client: Client, name: str, job_id: str | None) -> bool:
    if job_id is None:
        return False

    def tell(job: dict[str, Any]) -> None:
        progress = job["progress"]
        count = f" {progress['done']}/{progress['total']} {progress['unit']}" if progress["total"] else ""
        say(f"{name}: {job['stage']}{count}" if job["state"] == "running" else f"{name}: {job['state']}")

    job = await client.wait(job_id, tell)
    if job["error"] is not None and job["state"] == "dead":
        say(f"{name}: {job['error']['message']} [{job['error']['code']}]", err=True)
    return bool(job["state"] == "done")


def main() -> None:
    """Run the command line."""
    local.register(app)
    administration.register(app)
    for point in entry_points(group="wenyuan.commands"):
        app.add_typer(point.load(), name=point.name)
    app()
