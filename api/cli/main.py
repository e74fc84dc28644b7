"""Commands for everyone: serve, upload, ask, search; and the groups of the others."""

import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import administration, audit, directory, folders, local, sources, terms, upload
from api.cli.client import Token, Url, fail, say, with_client
from api.cli.stored import backup, vault
from wenyuan.text import one_line

app = typer.Typer(no_args_is_help=True, add_completion=False, help="文渊 Wenyuan: ask your documents, with citations.")


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
    say(f"{answer['label']} ({answer['answerer']})")


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


def main() -> None:
    """Run the command line."""
    local.register(app)
    upload.register(app)
    administration.register(app)
    folders.register(app)
    sources.register(app)
    terms.register(app)
    audit.register(app)
    directory.register(app)
    vault.register(app)
    backup.register(app)
    for point in entry_points(group="wenyuan.commands"):
        app.add_typer(point.load(), name=point.name)
    app()
