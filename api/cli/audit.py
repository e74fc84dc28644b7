"""The audit log from the command line: list and export over HTTP, verify on the machine that keeps it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.client import Client, Token, Url, fail, run, say, with_client

Actor = Annotated[str | None, typer.Option(help="Id of an account.")]
Document = Annotated[str | None, typer.Option(help="Id of a document.")]
Action = Annotated[str | None, typer.Option(help="retrieve, model, cite, preview, act, read, audit, export …")]
Outcome = Annotated[str | None, typer.Option(help="done, begun, refused or failed.")]
RequestId = Annotated[str | None, typer.Option("--request", help="Id of a request.")]
Since = Annotated[str | None, typer.Option(help="From this time on, ISO 8601.")]
Before = Annotated[str | None, typer.Option(help="Before this time, ISO 8601.")]

audit = typer.Typer(no_args_is_help=True, help="Search, export and verify the audit log.")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(audit, name="audit")


@audit.command("list")
def list_entries(
    actor: Actor = None,
    document: Document = None,
    action: Action = None,
    outcome: Outcome = None,
    request: RequestId = None,
    since: Since = None,
    before: Before = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: Url = None,
    token: Token = None,
) -> None:
    """Print the newest entries that fit; that they were looked at is an entry itself."""
    given = _filters(actor, document, action, outcome, request, since, before)
    found = with_client(url, token, lambda client: client.call("GET", "/v1/audit", params=given | {"limit": limit}))
    for entry in found["items"]:
        who = entry["actor"] or "-"
        say(f"{entry['sequence']:>8} {entry['time']} {entry['action']:8} {entry['outcome']:7} {who} {_about(entry)}")


@audit.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="A file that does not exist yet: .jsonl or .csv")],
    actor: Actor = None,
    document: Document = None,
    action: Action = None,
    outcome: Outcome = None,
    request: RequestId = None,
    since: Since = None,
    before: Before = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Write all entries that fit to a file, newest first."""
    if file.suffix not in {".jsonl", ".csv"} or file.exists():
        fail(f"a new .jsonl or .csv file is needed / 需要一个新的 .jsonl 或 .csv 文件: {file}")
    given = _filters(actor, document, action, outcome, request, since, before) | {"format": file.suffix[1:]}

    async def fetch(client: Client) -> bytes:
        return await client.fetch("/v1/audit/export", params=given)

    content = with_client(url, token, fetch)
    file.write_bytes(content)
    say(str(file))


@audit.command("verify")
def verify() -> None:
    """Examine the chain of the log on this machine, also beside a running server. Exits with 1 if it was tampered with.

    Recomputes every seal with the key, and compares the end with the anchor. The first line names the first bad entry.
    """

    async def work() -> Any:
        from wenyuan.db.audit.opening import verify_audit
        from wenyuan.settings import load_settings

        return verify_audit(load_settings())

    verdict = run(work)
    for breach in verdict.breaches:
        say(f"{breach.sequence}: {breach.what}", err=True)
    if not verdict.sound:
        raise typer.Exit(1)
    say(f"ok: {verdict.entries} entries, the last is {verdict.head.sequence} {verdict.head.digest}")


def _about(entry: dict[str, Any]) -> str:
    named = [f"{item['document_id']}({len(item['parts'])})" for item in entry["items"]]
    return " ".join([entry["target"] or "", *named]).strip()


def _filters(
    actor: str | None,
    document: str | None,
    action: str | None,
    outcome: str | None,
    request: str | None,
    since: str | None,
    before: str | None,
) -> dict[str, Any]:
    given = {
        "actor": actor,
        "document": document,
        "action": action,
        "outcome": outcome,
        "request_id": request,
        "since": since,
        "before": before,
    }
    return {name: value for name, value in given.items() if value is not None}
