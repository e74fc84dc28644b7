"""飞书 Feishu: departments, their members, and user groups."""

from collections.abc import Mapping
from typing import Any, Final

from api.directories.vendors.line import Bound, Codes, Json, Line, items, profile, text, texts
from wenyuan.people.entries import Department, DirectoryState, Person, PersonGroup
from wenyuan.people.settings import DirectoryCredentials, DirectoryEndpoint

URL: Final = "https://open.feishu.cn"
_ROOT: Final = "0"
_CONTACT: Final = "/open-apis/contact/v3"
_CODES: Final = Codes(
    "code",
    expired=frozenset({99991661, 99991663, 99991664, 99991668}),
    busy=frozenset({99991400, 1663, 2200}),
    denied=frozenset({10003, 10014, 99991401, 99991672, 99991679, 40004, 40014, 41050}),
)


class FeishuDirectory:
    """Implements ``wenyuan.ports.DirectorySource``; the platform has no list of changes, so that all is read."""

    def __init__(self, settings: DirectoryEndpoint, credentials: DirectoryCredentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._line = Line(settings.url or URL, _CODES, self._login, settings.timeout_s)
        self._bound = Bound(settings.most_entries)

    async def read(self, since: str) -> DirectoryState:
        """Return everything that the application may see."""
        listed = await self._paged(
            f"{_CONTACT}/departments/{_ROOT}/children", "items", fetch_child="true", page_size="50"
        )
        known = {text(one, "open_department_id") for one in listed}
        departments = tuple(
            Department(
                text(one, "open_department_id"),
                text(one, "name", "open_department_id"),
                parent if (parent := text(one, "parent_department_id")) in known else None,
            )
            for one in listed
            if text(one, "open_department_id")
        )
        people: dict[str, Json] = {}
        for key in [_ROOT, *(one.external_id for one in departments)]:
            path = f"{_CONTACT}/users/find_by_department"
            for one in await self._paged(path, "items", department_id=key, page_size="50"):
                people[text(one, "open_id")] = one
        persons = tuple(self._person(one) for key, one in sorted(people.items()) if key)
        return DirectoryState(persons, await self._groups(), departments)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _groups(self) -> tuple[PersonGroup, ...]:
        groups = []
        for group in await self._paged(f"{_CONTACT}/group/simplelist", "grouplist", page_size="100"):
            key = text(group, "id")
            path = f"{_CONTACT}/group/{key}/member/simplelist"
            found = await self._paged(path, "memberlist", page_size="100", member_id_type="open_id", member_type="user")
            members = frozenset(text(one, "member_id") for one in found)
            groups.append(PersonGroup(key, text(group, "name", "id"), members))
        return tuple(groups)

    def _person(self, one: Json) -> Person:
        told = one.get("status")
        status: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
        left = bool(status.get("is_resigned") or status.get("is_exited"))
        return Person(
            external_id=text(one, "open_id"),
            name=text(one, "user_id", "enterprise_email", "open_id"),
            display_name=text(one, "name", "open_id"),
            active=not (left or status.get("is_frozen")),
            employment="left" if left else self._settings.employments.get(text(one, "employee_type"), "staff"),
            profile=profile(
                email=text(one, "enterprise_email", "email"),
                title=text(one, "job_title"),
                employee_number=text(one, "employee_no"),
            ),
            departments=tuple(texts(one, "department_ids")),
        )

    async def _paged(self, path: str, name: str, **params: str) -> list[Json]:
        """Return the items of all pages."""
        found: list[Json] = []
        asked = {"department_id_type": "open_department_id", "user_id_type": "open_id", **params}
        while True:
            answer = await self._line.authorised("GET", path, _carried, params=asked)
            page = items(answer, "data", name)
            self._bound.add(len(page))
            found += page
            data = answer.get("data")
            if not isinstance(data, Mapping) or not data.get("has_more") or not data.get("page_token"):
                return found
            asked["page_token"] = str(data["page_token"])

    async def _login(self, line: Line) -> tuple[str, float]:
        asked = {"app_id": self._credentials.user, "app_secret": self._credentials.secret.get_secret_value()}
        path = "/open-apis/auth/v3/tenant_access_token/internal"
        answer = line.require(await line.call("POST", path, json=asked))
        return str(answer.get("tenant_access_token", "")), float(answer.get("expire", 0))


def _carried(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}
