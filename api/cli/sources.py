"""Sources from the command line."""

from typing import Annotated, Any

import typer

from api.cli.administration import call, print_json
from api.cli.client import Client, Token, Url, fail, say, with_client
from wenyuan.text import one_line

sources = typer.Typer(no_args_is_help=True, help="List, add, change, sync and remove sources of documents.")
Id = Annotated[str, typer.Argument(help="Id of the source.")]


def register(app: typer.Typer) -> None:
    """Add the command group to the command line."""
    app.add_typer(sources, name="sources")


@sources.command("list")
def list_sources(url: Url = None, token: Token = None) -> None:
    """List the sources you manage."""
    for one in call(url, token, "GET", "/v1/sources")["items"]:
        state = "" if one["error"] is None else f"  {one['error']['code']}"
        counts = f"{one['documents']}/{one['items']} documents, {one['errors']} errors"
        say(f"{one['id']}  {one['kind']}  {one['space']}  {counts}  {one_line(one['name'])}{state}")


@sources.command("add")
def add_source(
    name: str,
    kind: Annotated[str, typer.Option(help="folder, s3, webdav or push.")],
    space: Annotated[str, typer.Option(help="Name of the space its documents go to.")],
    config: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, for instance root=shared; repeatable.")] = None,
    interval: Annotated[float | None, typer.Option(help="Seconds between syncs; else only when asked.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who owns the documents; else you.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Create a source."""
    pairs = [one.partition("=") for one in config or []]
    body = {
        "name": name,
        "kind": kind,
        "space": space,
        "config": {key: value for key, _, value in pairs},
        "interval_s": interval,
        "owner": owner,
    }
    print_json(call(url, token, "POST", "/v1/sources", json=body))


@sources.command("show")
def show_source(source_id: Id, url: Url = None, token: Token = None) -> None:
    """Show a source with its state."""
    print_json(call(url, token, "GET", f"/v1/sources/{source_id}"))


@sources.command("set")
def set_source(
    source_id: Id,
    name: str | None = None,
    interval: Annotated[float | None, typer.Option(help="Seconds between syncs; 0 for only when asked.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Change name or interval of a source."""
    body: dict[str, Any] = {} if name is None else {"name": name}
    if interval is not None:
        body["interval_s"] = interval or None
    print_json(call(url, token, "PATCH", f"/v1/sources/{source_id}", json=body))


@sources.command("items")
def list_items(
    source_id: Id,
    errors: Annotated[bool, typer.Option("--errors", help="Those with an error only.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """List the items of a source with their documents and errors."""
    cursor = None
    while True:
        params = {"errors": errors, "limit": 500} | ({} if cursor is None else {"cursor": cursor})
        page = call(url, token, "GET", f"/v1/sources/{source_id}/items", params=params)
        for item in page["items"]:
            error = "" if item["error"] is None else f"  {item['error']['code']}"
            say(f"{item['document_id'] or '-'}  {one_line(item['key'] or '-')}{error}")
        cursor = page["next_cursor"]
        if cursor is None:
            return


@sources.command("sync")
def sync_source(
    source_id: Id,
    allow_empty: Annotated[bool, typer.Option("--allow-empty", help="Delete everything if nothing is left.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Sync a source now and wait for the end. Exits with 1 if the sync or an item of it failed."""

    async def work(client: Client) -> dict[str, Any]:
        path = f"/v1/sources/{source_id}"
        started = await client.call("POST", f"{path}/sync", json={"allow_empty": allow_empty})
        job = await client.wait(started["job_id"], _tell)
        if job["state"] == "dead":
            fail(f"{job['error']['message']} [{job['error']['code']}]")
        shown: dict[str, Any] = await client.call("GET", path)
        return shown

    source = with_client(url, token, work)
    say(f"{source['documents']} documents / {source['items']} items")
    if source["errors"]:
        fail(f"{source['errors']} items failed: wenyuan sources items {source_id} --errors / 有文件失败")


@sources.command("remove")
def remove_source(
    source_id: Id,
    documents: Annotated[str, typer.Option(help="keep or remove: what becomes of its documents.")],
    url: Url = None,
    token: Token = None,
) -> None:
    """Delete a source, and its documents if you say so."""
    call(url, token, "DELETE", f"/v1/sources/{source_id}", params={"documents": documents})


def _tell(job: dict[str, Any]) -> None:
    progress = job["progress"]
    count = f" {progress['done']}/{progress['total']}" if progress["total"] else ""
    say(f"{job['state']} {job['stage']}{count}", err=True)
