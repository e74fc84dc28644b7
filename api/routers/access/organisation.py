"""What policies name besides people and groups: departments, roles in the company, compartments."""

from fastapi import APIRouter

from api.deps import Administrator, Wired
from api.schemas.admin import (
    DepartmentBody,
    DepartmentChangeBody,
    DepartmentDetailBody,
    DepartmentListBody,
    DetailBody,
    NewDepartmentBody,
)
from wenyuan.access import Subject, SubjectKind
from wenyuan.db.access import departments as db
from wenyuan.db.access import directory
from wenyuan.db.access.provisioning.managed import require_local
from wenyuan.db.access.subjects import ANYBODY, find_subjects, subject_names
from wenyuan.db.engine import Connection

router = APIRouter(prefix="/v1", tags=["administration"])


@router.get("/users/{name}/access")
async def get_user_access(services: Wired, _caller: Administrator, name: str) -> DetailBody:
    """Return the roles in the company and the compartments of an account."""
    async with services.database.read() as tx:
        user = await directory.find_user(tx, name)
        roles = await directory.read_company_roles(tx, user.id)
        return DetailBody(company_roles=roles, compartments=await directory.read_compartments(tx, user.id))


@router.get("/departments")
async def get_departments(services: Wired, _caller: Administrator) -> DepartmentListBody:
    """List departments."""
    async with services.database.read() as tx:
        found = await db.list_departments(tx)
    names = {one.id: one.name for one in found}
    return DepartmentListBody(items=[_shown(one, names.get(one.parent_id or "")) for one in found])


@router.post("/departments", status_code=201)
async def post_department(services: Wired, _caller: Administrator, body: NewDepartmentBody) -> DepartmentBody:
    """Create a department without members."""
    async with services.database.write() as tx:
        parent_id = await _id_of(tx, body.parent)
        return _shown(await db.create_department(tx, body.name, body.title, parent_id), body.parent)


@router.get("/departments/{name}")
async def get_department(services: Wired, _caller: Administrator, name: str) -> DepartmentDetailBody:
    """Return a department with its members."""
    async with services.database.read() as tx:
        found = await db.find_department(tx, name)
        above = {one.id: one.name for one in await db.list_departments(tx)}.get(found.parent_id or "")
        seats = [Subject(SubjectKind.USER, one) for one in await db.read_department_members(tx, found.id)]
        names = await subject_names(tx, seats)
    members = sorted(name for name in names.values() if name)
    return DepartmentDetailBody(**_shown(found, above).model_dump(), members=members)


@router.patch("/departments/{name}")
async def patch_department(
    services: Wired, _caller: Administrator, name: str, body: DepartmentChangeBody
) -> DepartmentBody:
    """Change a department; in force for every request that starts after the answer."""
    async with services.database.write() as tx:
        found = await db.find_department(tx, name)
        await require_local(tx, "department", name)
        parent_id = await _id_of(tx, body.parent) if "parent" in body.model_fields_set else found.parent_id
        found = await db.update_department(tx, name, title=body.title, parent_id=parent_id)
        if body.members is not None:
            members = await find_subjects(tx, [(SubjectKind.USER, one) for one in body.members], ANYBODY)
            await db.set_department_members(tx, found.id, [one.id for one in members])
        names = {one.id: one.name for one in await db.list_departments(tx)}
        return _shown(found, names.get(found.parent_id or ""))


@router.delete("/departments/{name}", status_code=204)
async def delete_department(services: Wired, _caller: Administrator, name: str) -> None:
    """Delete a department: those below it stand at the top then, and policies that name it name nobody."""
    async with services.database.write() as tx:
        await require_local(tx, "department", name)
        await db.delete_department(tx, name)


async def _id_of(tx: Connection, name: str | None) -> str | None:
    return None if name is None else (await db.find_department(tx, name)).id


def _shown(department: db.Department, parent: str | None) -> DepartmentBody:
    return DepartmentBody(id=department.id, name=department.name, title=department.title, parent=parent)
