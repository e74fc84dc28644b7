"""The term base of a space: its readers may list it, its managers edit it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.deps import Reading, Scoped, ScopedManage, Wired
from api.schemas.admin import Name
from api.schemas.terms import (
    NamedTermBody,
    NewTermBody,
    TermBody,
    TermImportBody,
    TermImportedBody,
    TermListBody,
    write_csv,
)
from wenyuan.access import Role
from wenyuan.db.access.spaces import Space, SpaceRole, find_space, roles_in_spaces
from wenyuan.db.engine import Connection
from wenyuan.db.texts import terms as db
from wenyuan.errors import ActionForbidden, NotFound, UnknownName

router = APIRouter(prefix="/v1/spaces/{space}/terms", tags=["terms"])


@router.get("")
async def list_terms(services: Wired, reading: Scoped, space: Name) -> TermListBody:
    """List the terms of a space that the caller may read or manages."""
    async with services.database.read() as tx:
        found, can_edit = await _seen(tx, reading, space)
        items = [TermBody.stored(term) for term in await db.list_terms(tx, found.id)]
    return TermListBody(items=items, can_edit=can_edit)


@router.put("")
async def put_term(services: Wired, reading: ScopedManage, space: Name, body: NewTermBody) -> TermBody:
    """Store a term in place of the one of the same name; in force for every question asked afterwards."""
    given = body.term()
    async with services.database.write() as tx:
        found = await _managed(tx, reading, space)
        await db.put_terms(tx, found.id, reading.principal.user_id, [given])
        stored = await db.list_terms(tx, found.id)
    return next(TermBody.stored(term) for term in stored if term.folded == given.folded)


@router.delete("/{term_id}", status_code=204)
async def delete_term(services: Wired, reading: ScopedManage, space: Name, term_id: str) -> None:
    """Remove a term."""
    async with services.database.write() as tx:
        found = await _managed(tx, reading, space)
        if not await db.delete_term(tx, found.id, term_id):
            raise NotFound


@router.post("/import")
async def import_terms(services: Wired, reading: ScopedManage, space: Name, body: TermImportBody) -> TermImportedBody:
    """Import terms, all of them or none."""
    given = body.terms()
    async with services.database.write() as tx:
        found = await _managed(tx, reading, space)
        if body.replace:
            await db.delete_terms(tx, found.id)
        added = await db.put_terms(tx, found.id, reading.principal.user_id, given)
        total = len(await db.list_terms(tx, found.id))
    return TermImportedBody(added=added, total=total)


@router.get("/export", response_model=list[NamedTermBody])
async def export_terms(
    services: Wired,
    reading: Scoped,
    space: Name,
    form: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
) -> Response | list[NamedTermBody]:
    """Return the terms of a space that the caller may read or manages, in a form that import takes."""
    async with services.database.read() as tx:
        found, _ = await _seen(tx, reading, space)
        stored = await db.list_terms(tx, found.id)
    if form == "json":
        return [NamedTermBody.of(term) for term in stored]
    headers = {"Content-Disposition": 'attachment; filename="terms.csv"'}
    return Response(write_csv(stored).encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


async def _seen(tx: Connection, reading: Reading, name: str) -> tuple[Space, bool]:
    """Return a space that the caller may read or manages, and whether they manage it; for others there is none."""
    manages = await _roles(tx, reading)
    space = await find_space(tx, name)
    managed = manages is None or space.id in manages
    if not managed and space.policy_id not in reading.scope.policy_ids:
        raise UnknownName("space", name)
    return space, managed


async def _managed(tx: Connection, reading: Reading, name: str) -> Space:
    """Return a space that the caller manages; raises ``ActionForbidden`` for one that they may only read."""
    space, managed = await _seen(tx, reading, name)
    if not managed:
        raise ActionForbidden
    return space


async def _roles(tx: Connection, reading: Reading) -> frozenset[str] | None:
    """Return the spaces that the caller manages, None for all."""
    if Role.ADMINISTRATOR in reading.principal.roles:
        return None
    held = await roles_in_spaces(tx, reading.principal.user_id)
    return frozenset(space for space, roles in held.items() if SpaceRole.MANAGER in roles)
