"""The directory as a file, and syncs of the directories that accounts come from."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli.administration import call, print_json
from api.cli.client import Client, Token, Url, fail, say, with_client

app = typer.Typer(no_args_is_help=True, help="Export, import and sync accounts, groups and departments.")
Format = Annotated[Literal["json", "csv"], typer.Option("--format", help="json or csv.")]


def register(root: typer.Typer) -> None:
    """Add the commands to the command line."""
    root.add_typer(app, name="directory")


@app.command("export")
def export_directory(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    kind: Format = "json",
    url: Url = None,
    token: Token = None,
) -> None:
    """Write accounts, groups and departments to a file; no secrets are in it."""

    async def work(client: Client) -> bytes:
        return await client.fetch("/v1/directory/export", params={"format": kind})

    file.write_bytes(with_client(url, token, work))


@app.command("import")
def import_directory(
    file: Annotated[Path, typer.Argument(help="A file as the export writes it.")],
    kind: Format = "json",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Create and change what a file names; nothing at all where a line is wrong."""
    if not file.is_file():
        fail(f"no such file / 没有此文件: {file}")
    params = {"format": kind, "dry_run": str(dry_run).lower()}
    done = call(url, token, "POST", "/v1/directory/import", params=params, content=file.read_bytes())
    for error in done["errors"]:
        say(f"{error['line']}: {error['message']}", err=True)
    print_json(done["changes"])
    if done["error_count"]:
        raise typer.Exit(1)


@app.command("status")
def show_directories(url: Url = None, token: Token = None) -> None:
    """List the directories that accounts come from and how their syncs stand."""
    print_json(call(url, token, "GET", "/v1/directories")["items"])


@app.command("sync")
def sync_directory(
    name: str,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="Read all of it, not only changes.")] = False,
    confirmed: Annotated[int, typer.Option("--confirm", help="How many accounts may lose access this time.")] = 0,
    url: Url = None,
    token: Token = None,
) -> None:
    """Sync a directory and wait for it."""
    body = {"dry_run": dry_run, "complete": complete, "confirmed": confirmed}

    async def work(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        started = await client.call("POST", f"/v1/directories/{name}/sync", json=body)
        job = await client.wait(started["job_id"], lambda one: say(f"{one['state']} {one['stage']}", err=True))
        return job, await client.call("GET", f"/v1/directories/{name}")

    job, directory = with_client(url, token, work)
    print_json(directory["report"])
    if job["state"] != "done":
        fail(f"{directory['message']} [{directory['error']}]")
