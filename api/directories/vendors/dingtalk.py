"""钉钉 DingTalk: departments level by level, their members page by page, and roles as groups."""

from typing import Any, Final

from api.directories.vendors.line import Bound, Codes, Json, Line, items, profile, text, texts
from wenyuan.people.entries import Department, DirectoryState, Person, PersonGroup
from wenyuan.people.errors import DirectoryMalformed
from wenyuan.people.settings import DirectoryCredentials, DirectoryEndpoint

URL: Final = "https://oapi.dingtalk.com"
_ROOT: Final = "1"
_CODES: Final = Codes(
    "errcode",
    expired=frozenset({40014, 42001}),
    busy=frozenset({-1, 90002, 90018}),
    denied=frozenset({88, 40001, 40078, 40089, 50002, 60011, 60020}),
)


class DingTalkDirectory:
    """Implements ``wenyuan.ports.DirectorySource``; the platform has no list of changes, so that all is read."""

    def __init__(self, settings: DirectoryEndpoint, credentials: DirectoryCredentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._line = Line(settings.url or URL, _CODES, self._login, settings.timeout_s)
        self._bound = Bound(settings.most_entries)

    async def read(self, since: str) -> DirectoryState:
        """Return everything that the application may see."""
        departments = await self._departments()
        people: dict[str, Json] = {}
        for key in [_ROOT, *(one.external_id for one in departments)]:
            for one in await self._paged("/topapi/v2/user/list", {"dept_id": int(key)}, size=100):
                people[text(one, "userid")] = one
        persons = tuple(self._person(one) for key, one in sorted(people.items()) if key)
        return DirectoryState(persons, await self._roles(), departments)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _departments(self) -> tuple[Department, ...]:
        found: dict[str, Department] = {}
        waiting = [_ROOT]
        while waiting:
            above = waiting.pop()
            listed = items(await self._post("/topapi/v2/department/listsub", {"dept_id": int(above)}), "result")
            self._bound.add(len(listed))
            for one in listed:
                key = text(one, "dept_id")
                if key.isdigit() and key not in found and key != _ROOT:
                    found[key] = Department(key, text(one, "name", "dept_id"), None if above == _ROOT else above)
                    waiting.append(key)
        return tuple(found.values())

    async def _roles(self) -> tuple[PersonGroup, ...]:
        listed, offset = [], 0
        while True:
            answer = await self._post("/topapi/role/list", {"size": 200, "offset": offset})
            page = items(answer, "result", "list")
            self._bound.add(len(page))
            listed += [role for kind in page for role in items(kind, "roles")]
            offset += 200
            if not page or not _result(answer).get("hasMore"):
                break
        groups = []
        for role in listed:
            members: set[str] = set()
            offset = 0
            while True:
                asked = {"role_id": role.get("id"), "size": 200, "offset": offset}
                answer = await self._post("/topapi/role/simplelist", asked)
                page = items(answer, "result", "list")
                self._bound.add(len(page))
                members |= {text(one, "userid") for one in page}
                offset += 200
                if not page or not _result(answer).get("hasMore"):
                    break
            groups.append(PersonGroup(text(role, "id"), text(role, "name", "id"), frozenset(members)))
        return tuple(groups)

    async def _paged(self, path: str, asked: dict[str, Any], size: int) -> list[Json]:
        found: list[Json] = []
        cursor = 0
        while True:
            answer = await self._post(path, asked | {"cursor": cursor, "size": size})
            page = items(answer, "result", "list")
            self._bound.add(len(page))
            found += page
            result = _result(answer)
            if not result.get("has_more"):
                return found
            cursor = int(result.get("next_cursor") or 0)

    def _person(self, one: Json) -> Person:
        return Person(
            external_id=text(one, "userid"),
            name=text(one, "userid"),
            display_name=text(one, "name", "userid"),
            active=one.get("active") is not False,
            employment=self._settings.employments.get(text(one, "title"), "staff"),
            profile=profile(
                email=text(one, "org_email", "email"),
                title=text(one, "title"),
                employee_number=text(one, "job_number"),
            ),
            departments=tuple(texts(one, "dept_id_list")),
        )

    async def _post(self, path: str, body: Json) -> Json:
        return await self._line.authorised("POST", path, _carried, json=body)

    async def _login(self, line: Line) -> tuple[str, float]:
        asked = {"appkey": self._credentials.user, "appsecret": self._credentials.secret.get_secret_value()}
        answer = line.require(await line.call("GET", "/gettoken", params=asked))
        return str(answer.get("access_token", "")), float(answer.get("expires_in", 7200))


def _result(answer: Json) -> Json:
    result = answer.get("result")
    if not isinstance(result, dict):
        raise DirectoryMalformed(reason="result")
    return result


def _carried(token: str) -> dict[str, Any]:
    return {"params": {"access_token": token}}
