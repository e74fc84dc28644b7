"""An LDAP directory as ``DirectorySource``: people, nested groups, units as departments; by entry ids, never by DN.

What changed is asked for by the time (or number) of the change; a light list of all ids beside it says what is gone.
"""

import re
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from api.directories.ldap import filters
from api.directories.ldap.client import Connection, Entry, Server
from wenyuan.people.entries import Department, DirectoryState, Person, PersonGroup, Present
from wenyuan.people.errors import DirectoryMisconfigured, DirectoryTooLarge
from wenyuan.people.settings import DirectoryCredentials, DirectoryEndpoint

_OPEN_LDAP: Final = {
    "id": "entryUUID",
    "changed": "modifyTimestamp",
    "name": "uid",
    "display_name": "displayName",
    "common_name": "cn",
    "email": "mail",
    "title": "title",
    "given_name": "givenName",
    "family_name": "sn",
    "employee_number": "employeeNumber",
    "organization": "o",
    "department": "departmentNumber",
    "employment": "employeeType",
    "group_name": "cn",
    "unit_name": "ou",
}
_ACTIVE_DIRECTORY: Final = {
    "id": "objectGUID",
    "changed": "uSNChanged",
    "name": "sAMAccountName",
    "organization": "company",
    "department": "department",
}
_PROFILE: Final = ("email", "title", "given_name", "family_name", "employee_number", "organization", "department")
_MEMBERS: Final = ("member", "uniqueMember")
_RANGE: Final = re.compile(r"(member|uniquemember);range=\d+-(\d+|\*)")
_DISABLED: Final = 2
_UNITS: Final = "(objectClass=organizationalUnit)"


@dataclass(slots=True)
class _Names:
    """External ids by DN in one spelling, and which were told in full."""

    people: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    count: int = 0


class LdapDirectory:
    """Implements ``wenyuan.ports.DirectorySource``."""

    def __init__(self, settings: DirectoryEndpoint, credentials: DirectoryCredentials) -> None:
        self._settings = settings
        self._credentials = credentials
        presets = _OPEN_LDAP | (_ACTIVE_DIRECTORY if settings.active_directory else {})
        unknown = set(settings.attributes) - set(presets)
        if unknown:
            raise DirectoryMisconfigured(reason=f"attributes.{min(unknown)}")
        self._attributes = presets | settings.attributes
        try:
            self._people = filters.encode(settings.people_filter)
            self._groups = filters.encode(settings.groups_filter)
        except filters.FilterError as error:
            raise DirectoryMisconfigured(reason=f"filter {error}") from None
        server = Server(settings.url or "", settings.start_tls, settings.ca_file, settings.timeout_s)
        self._connection = Connection(server)
        self._opened = False

    async def read(self, since: str) -> DirectoryState:
        """Return what changed since a cursor, or all there is; with ``memberOf`` it is always all."""
        if not self._opened:
            await self._connection.open(self._credentials.user, self._credentials.secret.get_secret_value())
            self._opened = True
        names = _Names()
        since = "" if self._settings.membership == "memberOf" else since
        if since:
            await self._list_names(names)
        people = [entry async for entry in self._search(self._people, self._person_attributes(), since, names)]
        groups = [entry async for entry in self._search(self._groups, self._group_attributes(), since, names)]
        units: list[Entry] = []
        if self._settings.departments == "units":
            wanted = filters.encode(_UNITS)
            units = [entry async for entry in self._search(wanted, (self._attributes["unit_name"],), since, names)]
        if not since:
            names.people = {_spelled(entry.dn): self._id(entry) for entry in people}
            names.groups = {_spelled(entry.dn): self._id(entry) for entry in groups}
            names.units = {_spelled(entry.dn): self._id(entry) for entry in units}
        persons = tuple(self._person(entry, names) for entry in people)
        cursor = max(
            [since, *(entry.text(self._attributes["changed"]) for entry in (*people, *groups, *units))], key=_age
        )
        return DirectoryState(
            people=persons,
            groups=tuple([await self._group(entry, people, names) for entry in groups]),
            departments=self._departments(units, persons, names),
            cursor=cursor,
            present=self._present(names) if since else None,
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _list_names(self, names: _Names) -> None:
        wanted = [(self._people, names.people), (self._groups, names.groups)]
        if self._settings.departments == "units":
            wanted.append((filters.encode(_UNITS), names.units))
        for condition, found in wanted:
            department = self._attributes["department"]
            async for entry in self._search(condition, (department,), "", names):
                found[_spelled(entry.dn)] = self._id(entry)
                title = entry.text(department)
                if self._settings.departments == "attribute" and found is names.people and title:
                    names.units[title] = f"name:{title}"

    async def _search(
        self, condition: bytes, attributes: Sequence[str], since: str, names: _Names
    ) -> AsyncGenerator[Entry, None]:
        settings = self._settings
        if since:
            condition = filters.all_of(condition, filters.at_least(self._attributes["changed"], since))
        asked = [self._attributes["id"], self._attributes["changed"], *attributes]
        async with aclosing(self._connection.search(settings.base, condition, asked, settings.page)) as found:
            async for entry in found:
                names.count += 1
                if names.count > 2 * settings.most_entries:
                    raise DirectoryTooLarge(limit=settings.most_entries)
                yield entry

    def _person_attributes(self) -> list[str]:
        wanted = ("name", "display_name", "common_name", "employment", *_PROFILE)
        return [*(self._attributes[key] for key in wanted), "userAccountControl", "memberOf"]

    def _group_attributes(self) -> list[str]:
        return [self._attributes["group_name"], *_MEMBERS, "memberOf"]

    def _person(self, entry: Entry, names: _Names) -> Person:
        told = {key: entry.text(self._attributes[key]) for key in _PROFILE}
        name = entry.text(self._attributes["name"])
        display = entry.text(self._attributes["display_name"]) or entry.text(self._attributes["common_name"]) or name
        control = entry.text("userAccountControl")
        disabled = self._settings.active_directory and control.isdigit() and int(control) & _DISABLED
        return Person(
            external_id=self._id(entry),
            name=name,
            display_name=display[:256],
            active=not disabled,
            employment=self._settings.employments.get(entry.text(self._attributes["employment"]), "staff"),
            profile={key: text[:256] for key, text in told.items() if text},
            departments=self._departments_of(entry, told["department"], names),
        )

    def _departments_of(self, entry: Entry, department: str, names: _Names) -> tuple[str, ...] | None:
        match self._settings.departments:
            case "units":
                above = _nearest(_parent(_spelled(entry.dn)), names.units)
                return () if above is None else (above,)
            case "attribute":
                return (f"name:{department}",) if department else ()
            case _:
                return None

    async def _group(self, entry: Entry, people: Sequence[Entry], names: _Names) -> PersonGroup:
        dn = _spelled(entry.dn)
        if self._settings.membership == "memberOf":
            members = {_spelled(one.dn) for one in people if dn in _dns(one, "memberOf")}
            # Groups say it of themselves likewise, but a group's own list is the same thing and read already.
            members |= {one for one in await self._members(entry) if one in names.groups}
        else:
            members = await self._members(entry)
        return PersonGroup(
            external_id=self._id(entry),
            name=entry.text(self._attributes["group_name"]),
            people=frozenset(names.people[one] for one in members if one in names.people),
            groups=frozenset(names.groups[one] for one in members if one in names.groups),
        )

    async def _members(self, entry: Entry) -> set[str]:
        """Return the DNs of all direct members; Active Directory gives long lists in pieces."""
        found: set[str] = set()
        at: Entry | None = entry
        while at is not None:
            more = ""
            for name, held in at.values.items():
                match = _RANGE.fullmatch(name)
                if match is not None and match.group(2) != "*":
                    more = f"{match.group(1)};range={int(match.group(2)) + 1}-*"
                if match is not None or name in {"member", "uniquemember"}:
                    found |= {_spelled(value.decode(errors="replace")) for value in held}
            at = await self._connection.read(entry.dn, [more]) if more else None
        return found

    def _departments(self, units: Sequence[Entry], people: Sequence[Person], names: _Names) -> tuple[Department, ...]:
        if self._settings.departments == "attribute":
            titles = sorted({key for person in people for key in person.departments or ()})
            return tuple(Department(key, key.removeprefix("name:")) for key in titles)
        return tuple(
            Department(
                self._id(entry),
                entry.text(self._attributes["unit_name"])[:256],
                _nearest(_parent(_spelled(entry.dn)), names.units),
            )
            for entry in units
        )

    def _present(self, names: _Names) -> Present:
        return Present(
            frozenset(names.people.values()), frozenset(names.groups.values()), frozenset(names.units.values())
        )

    def _id(self, entry: Entry) -> str:
        name = self._attributes["id"]
        held = entry.values.get(name.lower(), ())
        if not held:
            raise DirectoryMisconfigured(reason=f"attributes.id {name}")
        if name.lower() == "objectguid" and len(held[0]) == 16:
            return str(uuid.UUID(bytes_le=held[0]))
        return held[0].decode(errors="replace")[:256]


def _spelled(dn: str) -> str:
    """Return a DN in one spelling: small letters, no spaces around separators."""
    return re.sub(r"\s*(?<!\\)([,=+])\s*", r"\1", dn.strip()).lower()


def _parent(dn: str) -> str:
    match = re.search(r"(?<!\\),", dn)
    return dn[match.end() :] if match else ""


def _nearest(dn: str, known: dict[str, str]) -> str | None:
    while dn:
        if dn in known:
            return known[dn]
        dn = _parent(dn)
    return None


def _dns(entry: Entry, attribute: str) -> set[str]:
    return {_spelled(value.decode(errors="replace")) for value in entry.values.get(attribute.lower(), ())}


def _age(mark: str) -> tuple[int, str]:
    """Order change numbers by value and times of one length by text."""
    return len(mark), mark
