"""OpenLDAP, real: paging, TLS, nesting, memberOf, changes alone, names that look like filters, referrals."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from api.directories.ldap.source import LdapDirectory
from tests.contract.directories.kit import DirectoryKit, Place
from tests.contract.directories.slapd import ADMIN, SECRET, Slapd, slapd_server
from tests.contract.sources.servers import free_port
from wenyuan.people.errors import DirectoryRefused
from wenyuan.people.settings import DirectoryCredentials, DirectoryEndpoint


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    with TemporaryDirectory(prefix="slapd-") as folder, slapd_server(Path(folder)) as server:
        yield server


def told(name: str, value: str) -> str:
    """Return a line of LDIF for any value."""
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"


class LdapPlace:
    """A tree with people below their units."""

    has_departments = True

    def __init__(self, server: Slapd) -> None:
        self.server = server
        self.base = server.fresh()
        self.endpoint: dict[str, Any] = {
            "kind": "ldap",
            "url": server.url,
            "start_tls": True,
            "ca_file": server.folder / "server.pem",
            "base": self.base,
            "departments": "units",
            "page": 3,
            "people_filter": "(objectClass=inetOrgPerson)",
            "employments": {"left": "left", "contractor": "external"},
        }
        self.credentials = {"user": ADMIN, "secret": SECRET}
        self._units: dict[str, str] = {"": self.base}
        self._people: dict[str, str] = {}
        self._groups: set[str] = set()

    async def person(self, name: str, shown: str, department: str = "", *, disabled: bool = False) -> None:
        values = {"cn": shown, "sn": shown, "displayName": shown, "employeeType": "left" if disabled else "staff"}
        if name in self._people:
            changes = "".join(f"replace: {key}\n{told(key, value)}-\n" for key, value in values.items())
            self.server.change(told("dn", self._people[name]) + f"changetype: modify\n{changes}")
            return
        escaped = "".join(f"\\{ord(char):02x}" if char in '\\,+"<>;=#*()' else char for char in name)
        self._people[name] = f"uid={escaped},{self._units[department]}"
        lines = "".join(told(key, value) for key, value in values.items())
        self.server.change(
            told("dn", self._people[name]) + "changetype: add\nobjectClass: inetOrgPerson\n" + told("uid", name) + lines
        )

    async def forget(self, name: str) -> None:
        self.server.change(told("dn", self._people.pop(name)) + "changetype: delete\n")

    async def department(self, name: str, above: str = "") -> None:
        self._units[name] = f"ou={name},{self._units[above]}"
        dn = told("dn", self._units[name])
        self.server.change(f"{dn}changetype: add\nobjectClass: organizationalUnit\n" + told("ou", name))

    async def group(self, name: str, *people: str, nested: tuple[str, ...] = ()) -> None:
        dn = told("dn", f"cn={name},{self.base}")
        members = "".join(told("member", self._people[one]) for one in people)
        members += "".join(told("member", f"cn={one},{self.base}") for one in nested)
        if name in self._groups:
            self.server.change(f"{dn}changetype: modify\nreplace: member\n{members}-\n")
        else:
            self._groups.add(name)
            self.server.change(f"{dn}changetype: add\nobjectClass: groupOfNames\n" + told("cn", name) + members)

    async def break_down(self, how: str) -> None:
        if how == "refuses":
            self.credentials = self.credentials | {"secret": "wrong"}
        else:
            self.endpoint |= {"url": f"ldap://localhost:{free_port()}"}

    async def read(self, since: str = "", **changes: Any) -> Any:
        settings = DirectoryEndpoint.model_validate(self.endpoint | {"credentials": "x"} | changes)
        source = LdapDirectory(settings, DirectoryCredentials.model_validate(self.credentials))
        try:
            return await source.read(since)
        finally:
            await source.close()


class TestLdap(DirectoryKit):
    @pytest.fixture
    def place(self, slapd: Slapd) -> Place:
        return LdapPlace(slapd)


@pytest.fixture
def ldap(slapd: Slapd) -> LdapPlace:
    return LdapPlace(slapd)


async def test_more_than_a_page(ldap: LdapPlace) -> None:
    for number in range(10):
        await ldap.person(f"p{number}", f"P {number}")
    state = await ldap.read(page=3)
    assert sorted(one.name for one in state.people) == sorted(f"p{number}" for number in range(10))


async def test_nested_groups_and_member_of_say_the_same(ldap: LdapPlace) -> None:
    await ldap.person("li", "李雷")
    await ldap.person("han", "韩梅梅")
    await ldap.group("inner", "li")
    await ldap.group("outer", "han", nested=("inner",))
    await ldap.group("inner", "li", nested=("outer",))  # a cycle
    by_list = await ldap.read()
    by_people = await ldap.read(membership="memberOf")
    assert {one.name: (one.people, one.groups) for one in by_list.groups} == {
        one.name: (one.people, one.groups) for one in by_people.groups
    }
    groups = {one.name: one for one in by_list.groups}
    assert groups["outer"].groups == {groups["inner"].external_id}
    assert groups["inner"].groups == {groups["outer"].external_id}


async def test_changes_alone_and_who_is_gone(ldap: LdapPlace) -> None:
    for name in ("li", "han", "mei"):
        await ldap.person(name, name)
    first = await ldap.read()
    await asyncio.sleep(1.1)  # its clock has seconds
    await ldap.person("li", "李雷")
    await ldap.forget("mei")
    second = await ldap.read(first.cursor)
    changed = {one.name for one in second.people}
    assert "li" in changed
    assert second.present is not None
    ids = {one.name: one.external_id for one in first.people}
    assert second.present.people == {ids["li"], ids["han"]}


async def test_names_that_look_like_filters_are_names(ldap: LdapPlace) -> None:
    odd = ["a*)(uid=*", "x,ou=y", 'q"w', "li)(|(cn=*"]
    for name in odd:
        await ldap.person(name, name)
    await ldap.group("odd", *odd)
    state = await ldap.read()
    assert sorted(one.name for one in state.people) == sorted(odd)
    assert len(state.groups[0].people) == len(odd)


async def test_a_referral_is_not_followed(ldap: LdapPlace) -> None:
    await ldap.person("li", "李雷")
    dn = f"ou=elsewhere,{ldap.base}"
    ldap.server.change(
        f"dn: {dn}\nchangetype: add\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\n"
        "ref: ldap://127.0.0.1:1/dc=elsewhere\n"
    )
    try:
        assert [one.name for one in (await ldap.read()).people] == ["li"]
    finally:
        ldap.server.change(f"dn: {dn}\nchangetype: delete\n", "-M")


@pytest.mark.parametrize(("url", "start_tls"), [("url", True), ("secure_url", False), ("url", False)])
async def test_lines(ldap: LdapPlace, url: str, start_tls: bool) -> None:
    await ldap.person("li", "李雷")
    state = await ldap.read(url=getattr(ldap.server, url), start_tls=start_tls)
    assert [one.name for one in state.people] == ["li"]


@pytest.mark.parametrize(("url", "start_tls"), [("url", True), ("secure_url", False)])
async def test_a_stranger_with_another_certificate_gets_no_password(ldap: LdapPlace, url: str, start_tls: bool) -> None:
    with pytest.raises(DirectoryRefused, match="TLS"):
        await ldap.read(url=getattr(ldap.server, url), start_tls=start_tls, ca_file=None)
