"""Documents, users, groups, spaces and tokens from the command line."""

import json
from typing import Annotated, Any

import typer

from api.cli.client import Token, Url, say, with_client
from wenyuan.access import Classification, Employment, Role
from wenyuan.text import one_line

documents = typer.Typer(no_args_is_help=True, help="List, show and delete documents; see and set who may read them.")
users = typer.Typer(no_args_is_help=True, help="List, add and change accounts.")
groups = typer.Typer(no_args_is_help=True, help="List and add groups, set their members.")
spaces = typer.Typer(no_args_is_help=True, help="List and add spaces.")
tokens = typer.Typer(no_args_is_help=True, help="List, create and revoke access tokens.")


def register(app: typer.Typer) -> None:
    """Add the command groups to the command line."""
    for group, name in (
        (documents, "documents"),
        (users, "users"),
        (groups, "groups"),
        (spaces, "spaces"),
        (tokens, "tokens"),
    ):
        app.add_typer(group, name=name)


@documents.command("list")
def list_documents(space: str | None = None, url: Url = None, token: Token = None) -> None:
    """List the documents you may read."""
    params: dict[str, str | int] = {"limit": 200} | ({} if space is None else {"space": space})
    cursor = None
    while True:
        page = call(url, token, "GET", "/v1/documents", params=params | ({"cursor": cursor} if cursor else {}))
        for item in page["items"]:
            version = item["current_version"] or {}
            count, title = version.get("chunk_count", 0), one_line(item["title"])
            count = "–" if count is None else count
            say(f"{item['id']}  {item['space']}  {item['state']}  {count}  {title}")
        cursor = page["next_cursor"]
        if cursor is None:
            return


@documents.command("show")
def show_document(document_id: str, url: Url = None, token: Token = None) -> None:
    """Show a document with its versions."""
    print_json(call(url, token, "GET", f"/v1/documents/{document_id}"))


@documents.command("delete")
def delete_document(document_id: str, url: Url = None, token: Token = None) -> None:
    """Delete a document with its text, vectors and files."""
    call(url, token, "DELETE", f"/v1/documents/{document_id}")


@documents.command("prune")
def prune_versions(url: Url = None, token: Token = None) -> None:
    """Remove versions older than retention.versions_days that no answer cites; prints the job."""
    print_json(call(url, token, "POST", "/v1/maintenance/prune"))


@documents.command("policy")
def document_policy(
    document_id: str,
    value: Annotated[str | None, typer.Argument(help="A policy as JSON; without it the present one is shown.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Show or set who may read a document."""
    path = f"/v1/documents/{document_id}/policy"
    if value is None:
        print_json(call(url, token, "GET", path))
    else:
        call(url, token, "PUT", path, content=value.encode(), headers={"Content-Type": "application/json"})


@documents.command("inherit")
def inherit_policy(document_id: str, url: Url = None, token: Token = None) -> None:
    """Take a document's own policy away: that of its folder or space counts again."""
    call(url, token, "DELETE", f"/v1/documents/{document_id}/policy")


@documents.command("move")
def move_document(
    document_id: str,
    folder: Annotated[str | None, typer.Argument(help="Id of a folder; without it the space itself.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Put a document into a folder of its space."""
    call(url, token, "PUT", f"/v1/documents/{document_id}/folder", json={"folder_id": folder})


@users.command("list")
def list_users(url: Url = None, token: Token = None) -> None:
    """List accounts."""
    print_json(call(url, token, "GET", "/v1/users")["items"])


@users.command("add")
def add_user(
    name: str,
    display_name: str = "",
    role: Annotated[list[Role] | None, typer.Option()] = None,
    clearance: int = int(Classification.INTERNAL),
    url: Url = None,
    token: Token = None,
) -> None:
    """Create an account."""
    body = {"name": name, "display_name": display_name, "roles": role or [], "clearance": clearance}
    print_json(call(url, token, "POST", "/v1/users", json=body))


@users.command("set")
def set_user(
    name: str,
    active: bool | None = None,
    clearance: int | None = None,
    employment: Employment | None = None,
    company_role: Annotated[list[str] | None, typer.Option(help="A role in the company; repeatable.")] = None,
    compartment: Annotated[list[str] | None, typer.Option(help="A compartment they hold; repeatable.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Change an account: whether it counts, its clearance, employment, roles in the company, compartments."""
    given = {
        "active": active,
        "clearance": clearance,
        "employment": employment,
        "company_roles": company_role,
        "compartments": compartment,
    }
    body = {key: value for key, value in given.items() if value is not None}
    print_json(call(url, token, "PATCH", f"/v1/users/{name}", json=body))


@users.command("password")
def give_password(
    name: str,
    keep: Annotated[bool, typer.Option("--keep", help="Do not ask them to change it at their next sign-in.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Set the password of an account; it is asked for, and its sessions end."""
    chosen = typer.prompt("password / 密码", hide_input=True, confirmation_prompt=True, err=True)
    call(url, token, "PUT", f"/v1/users/{name}/password", json={"password": chosen, "must_change": not keep})


@groups.command("list")
def list_groups(url: Url = None, token: Token = None) -> None:
    """List groups with their members."""
    print_json(call(url, token, "GET", "/v1/groups")["items"])


@groups.command("add")
def add_group(name: str, url: Url = None, token: Token = None) -> None:
    """Create an empty group."""
    print_json(call(url, token, "POST", "/v1/groups", json={"name": name}))


@groups.command("members")
def set_members(
    name: str,
    user: Annotated[list[str] | None, typer.Option(help="A user; may be given several times.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group; may be given several times.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Replace the members of a group."""
    members = [{"kind": "user", "name": item} for item in user or []]
    members += [{"kind": "group", "name": item} for item in group or []]
    print_json(call(url, token, "PUT", f"/v1/groups/{name}/members", json={"members": members}))


@spaces.command("list")
def list_spaces(url: Url = None, token: Token = None) -> None:
    """List spaces with their readers."""
    print_json(call(url, token, "GET", "/v1/spaces")["items"])


@spaces.command("add")
def add_space(
    name: str,
    title: str = "",
    reader: Annotated[list[str] | None, typer.Option(help="everyone or KIND:NAME; repeatable.")] = None,
    contributor: Annotated[list[str] | None, typer.Option(help="Who may upload, named the same way.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Create a space; without a reader nobody reads it."""
    body = {
        "name": name,
        "title": title,
        "readers": [_subject(item) for item in reader or []],
        "contributors": [_subject(item) for item in contributor or []],
    }
    print_json(call(url, token, "POST", "/v1/spaces", json=body))


@tokens.command("list")
def list_tokens(url: Url = None, token: Token = None) -> None:
    """List tokens without their secrets."""
    print_json(call(url, token, "GET", "/v1/tokens")["items"])


@tokens.command("create")
def create_token(
    user: str,
    name: str = "",
    days: Annotated[
        float | None, typer.Option(help="Days until it expires; 90, or as long as the token that makes it.")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What it is good for; repeatable. All without it.")] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Create a token for an account and print it: it is shown this once."""
    body: dict[str, Any] = {"user": user, "name": name}
    body |= ({"expires_in_days": days} if days is not None else {}) | ({"scopes": scope} if scope else {})
    issued = call(url, token, "POST", "/v1/tokens", json=body)
    typer.echo(issued["token"])
    holds = issued["expires_in_days"]
    if holds is not None:
        typer.echo(f"it holds for {holds:.3g} days / 有效期 {holds:.3g} 天", err=True)


@tokens.command("revoke")
def revoke_token(token_id: str, url: Url = None, token: Token = None) -> None:
    """Revoke a token."""
    call(url, token, "DELETE", f"/v1/tokens/{token_id}")


def _subject(text: str) -> dict[str, str]:
    kind, _, name = text.partition(":")
    return {"kind": kind, "name": name}


def call(url: str | None, token: str | None, method: str, path: str, **arguments: Any) -> Any:
    """Call the API once and return the body of the answer."""
    return with_client(url, token, lambda client: client.call(method, path, **arguments))


def print_json(body: object) -> None:
    """Print a body for people and programs."""
    say(json.dumps(body, ensure_ascii=False, indent=2))
