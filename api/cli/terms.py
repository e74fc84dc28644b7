"""The term base of a space from the command line."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.administration import call, print_json
from api.cli.client import Token, Url, fail, say, with_client
from wenyuan.text import one_line

terms = typer.Typer(no_args_is_help=True, help="List, import and export what a space calls things.")
SpaceName = Annotated[str, typer.Argument(help="Name of the space.")]


def register(app: typer.Typer) -> None:
    """Add the command group to the command line."""
    app.add_typer(terms, name="terms")


@terms.command("list")
def list_terms(space: SpaceName, url: Url = None, token: Token = None) -> None:
    """List the terms of a space."""
    for one in call(url, token, "GET", f"/v1/spaces/{space}/terms")["items"]:
        say(f"{one['id']}  {one_line(one['name'])}  {one_line(' | '.join(one['synonyms']))}")


@terms.command("import")
def import_terms(
    space: SpaceName,
    file: Annotated[Path, typer.Argument(help="CSV (term, synonyms, language; synonyms parted by |) or JSON.")],
    replace: Annotated[bool, typer.Option("--replace", help="Remove the terms that the space has.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Import terms, all of them or none; those of the same name are replaced."""
    if not file.is_file():
        fail(f"no such file / 没有此文件: {file}")
    body: dict[str, Any] = {"replace": replace}
    text = _read(file)
    if file.suffix.lower() == ".json":
        try:
            body["items"] = json.loads(text)
        except ValueError as error:
            fail(f"{file.name}: {error}")
    else:
        body["csv"] = text
    print_json(call(url, token, "POST", f"/v1/spaces/{space}/terms/import", json=body))


@terms.command("export")
def export_terms(
    space: SpaceName,
    file: Annotated[Path, typer.Argument(help="Where to write; CSV unless it ends with .json.")],
    url: Url = None,
    token: Token = None,
) -> None:
    """Export the terms of a space in a form that import takes."""
    path = f"/v1/spaces/{space}/terms/export"
    if file.suffix.lower() == ".json":
        found = call(url, token, "GET", path, params={"format": "json"})
        file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    else:
        file.write_bytes(with_client(url, token, lambda client: client.fetch(path)))


def _read(file: Path) -> str:
    """Return the text of a file as spreadsheets write it: UTF-8 with or without a mark, else GB 18030."""
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")
