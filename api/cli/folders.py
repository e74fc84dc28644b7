"""Folders and departments from the command line."""

from typing import Annotated, Any

import typer

from api.cli.administration import call, print_json
from api.cli.client import Token, Url

folders = typer.Typer(no_args_is_help=True, help="List, add, move, rename and delete folders; who may read in them.")
departments = typer.Typer(no_args_is_help=True, help="List, add, change and delete departments.")


def register(app: typer.Typer) -> None:
    """Add the command groups to the command line."""
    app.add_typer(folders, name="folders")
    app.add_typer(departments, name="departments")


@folders.command("list")
def list_folders(space: str, url: Url = None, token: Token = None) -> None:
    """List the folders of a space."""
    print_json(call(url, token, "GET", "/v1/folders", params={"space": space})["items"])


@folders.command("add")
def add_folder(
    space: str,
    name: str,
    within: Annotated[str | None, typer.Option("--in", help="Id of the folder it lies in.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Create a folder; it inherits from where it lies."""
    body = {"space": space, "name": name, "parent_id": within}
    print_json(call(url, token, "POST", "/v1/folders", json=body))


@folders.command("move")
def move_folder(
    folder_id: str,
    within: Annotated[str | None, typer.Argument(help="Id of a folder; without it the space itself.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Put a folder with all that lies in it elsewhere in its space."""
    print_json(call(url, token, "PATCH", f"/v1/folders/{folder_id}", json={"parent_id": within}))


@folders.command("rename")
def rename_folder(folder_id: str, name: str, url: Url = None, token: Token = None) -> None:
    """Give a folder another name."""
    print_json(call(url, token, "PATCH", f"/v1/folders/{folder_id}", json={"name": name}))


@folders.command("delete")
def delete_folder(folder_id: str, url: Url = None, token: Token = None) -> None:
    """Delete an empty folder."""
    call(url, token, "DELETE", f"/v1/folders/{folder_id}")


@folders.command("policy")
def folder_policy(
    folder_id: str,
    value: Annotated[str | None, typer.Argument(help="A policy as JSON; without it the present one is shown.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Show or set who may read what lies in a folder."""
    path = f"/v1/folders/{folder_id}/policy"
    if value is None:
        print_json(call(url, token, "GET", path))
    else:
        call(url, token, "PUT", path, content=value.encode(), headers={"Content-Type": "application/json"})


@departments.command("list")
def list_departments(url: Url = None, token: Token = None) -> None:
    """List departments."""
    print_json(call(url, token, "GET", "/v1/departments")["items"])


@departments.command("add")
def add_department(name: str, title: str = "", parent: str | None = None, url: Url = None, token: Token = None) -> None:
    """Create a department."""
    body = {"name": name, "title": title, "parent": parent}
    print_json(call(url, token, "POST", "/v1/departments", json=body))


@departments.command("set")
def set_department(
    name: str,
    title: str | None = None,
    parent: Annotated[str | None, typer.Option(help="The department above; an empty name for the top.")] = None,
    member: Annotated[list[str] | None, typer.Option(help="A user; all who belong to it, repeatable.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Change title, place or members of a department."""
    body: dict[str, Any] = {} if title is None else {"title": title}
    if parent is not None:
        body["parent"] = parent or None
    if member is not None:
        body["members"] = member
    print_json(call(url, token, "PATCH", f"/v1/departments/{name}", json=body))


@departments.command("delete")
def delete_department(name: str, url: Url = None, token: Token = None) -> None:
    """Delete a department."""
    call(url, token, "DELETE", f"/v1/departments/{name}")
