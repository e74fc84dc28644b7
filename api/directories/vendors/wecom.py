"""企业微信 WeCom: departments, their members, and tags as groups."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from api.directories.vendors.line import Bound, Codes, Json, Line, items, profile, text, texts
from wenyuan.people.entries import Department, DirectoryState, Person, PersonGroup
from wenyuan.people.settings import DirectoryCredentials, DirectoryEndpoint

URL: Final = "https://qyapi.weixin.qq.com"
_CODES: Final = Codes(
    "errcode",
    expired=frozenset({40014, 41001, 42001}),
    busy=frozenset({-1, 45009, 45033}),
    denied=frozenset({40001, 40013, 40091, 48002, 50001, 60011, 60020, 81013, 301002}),
)
_ACTIVE: Final = frozenset({1, 4})
"""In use, or invited and not in use yet; 2 is disabled, 5 has left."""
_LEFT: Final = 5


class WeComDirectory:
    """Implements ``wenyuan.ports.DirectorySource``; the platform has no list of changes, so that all is read."""

    def __init__(self, settings: DirectoryEndpoint, credentials: DirectoryCredentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._line = Line(settings.url or URL, _CODES, self._login, settings.timeout_s)
        self._bound = Bound(settings.most_entries)

    async def read(self, since: str) -> DirectoryState:
        """Return everything that the application may see."""
        listed = items(await self._get("/cgi-bin/department/list"), "department")
        known = {text(one, "id") for one in listed}
        departments = tuple(
            Department(
                text(one, "id"), text(one, "name", "id"), parent if (parent := text(one, "parentid")) in known else None
            )
            for one in listed
        )
        people: dict[str, Json] = {}
        for one in departments:
            answer = await self._get("/cgi-bin/user/list", department_id=one.external_id)
            found = items(answer, "userlist")
            self._bound.add(len(found))
            people |= {text(person, "userid"): person for person in found}
        persons = tuple(self._person(one) for key, one in sorted(people.items()) if key)
        return DirectoryState(persons, await self._tags(departments, persons), departments)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _tags(self, departments: Iterable[Department], people: Iterable[Person]) -> tuple[PersonGroup, ...]:
        below: defaultdict[str, set[str]] = defaultdict(set)
        parents = {one.external_id: one.parent for one in departments}
        for person in people:
            for start in person.departments or ():
                at: str | None = start
                for _ in parents:  # a tree is no deeper than it has departments
                    if at is None:
                        break
                    below[at].add(person.external_id)
                    at = parents.get(at)
        groups = []
        for tag in items(await self._get("/cgi-bin/tag/list"), "taglist"):
            held = await self._get("/cgi-bin/tag/get", tagid=text(tag, "tagid"))
            self._bound.add(len(items(held, "userlist")))
            members = {text(one, "userid") for one in items(held, "userlist")}
            members |= {key for one in texts(held, "partylist") for key in below[one]}
            groups.append(PersonGroup(text(tag, "tagid"), text(tag, "tagname", "tagid"), frozenset(members)))
        return tuple(groups)

    def _person(self, one: Json) -> Person:
        status = one.get("status", 1)
        return Person(
            external_id=text(one, "userid"),
            name=text(one, "userid"),
            display_name=text(one, "name", "userid"),
            active=status in _ACTIVE,
            employment="left" if status == _LEFT else self._settings.employments.get(text(one, "position"), "staff"),
            profile=profile(email=text(one, "biz_mail", "email"), title=text(one, "position")),
            departments=tuple(texts(one, "department")),
        )

    async def _get(self, path: str, **params: str) -> Json:
        return await self._line.authorised("GET", path, _carried, params=params)

    async def _login(self, line: Line) -> tuple[str, float]:
        secret = self._credentials.secret.get_secret_value()
        asked = {"corpid": self._credentials.user, "corpsecret": secret}
        answer = line.require(await line.call("GET", "/cgi-bin/gettoken", params=asked))
        return str(answer.get("access_token", "")), float(answer.get("expires_in", 0))


def _carried(token: str) -> dict[str, Any]:
    return {"params": {"access_token": token}}
