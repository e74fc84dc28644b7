"""Export and import: a round trip loses nothing, and what is wrong is found at its line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.directories.transfer import formats
from api.directories.transfer.importing import compare
from api.directories.transfer.records import Read
from wenyuan.db.access.provisioning.listed import read_listing, write_changes
from wenyuan.db.engine import Database, sqlite_url
from wenyuan.db.migrate import upgrade
from wenyuan.people.entries import is_plain
from wenyuan.people.errors import fault_sentence
from wenyuan.people.listing import ListedDepartment, ListedGroup, ListedUser, Listing

LEVELS = 4
_PLAIN = st.text(st.characters(codec="utf-8"), max_size=12).filter(is_plain)
_NAMES = _PLAIN.map(str.strip).filter(bool) | st.sampled_from(
    ["=1+1", "'quoted", "@SUM(A1)", "-x", "a;b", "a\\;b", "back\\", '"', "a,b", "李　雷", "+86", "''", "＝x"]
)
_SOME = st.lists(_NAMES, max_size=3).map(lambda found: tuple(sorted(set(found))))


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    def some(most: int) -> list[str]:
        names = draw(st.lists(_NAMES, max_size=most, unique_by=str.lower))
        return sorted(names)

    departments, users, groups = some(4), some(4), some(4)

    def among(names: list[str]) -> tuple[str, ...]:
        return tuple(sorted(draw(st.sets(st.sampled_from(names))))) if names else ()

    moment = st.none() | st.floats(0, 4e9)
    return Listing(
        tuple(
            ListedDepartment(name, draw(_PLAIN), draw(st.sampled_from([None, *departments[:number]])))
            for number, name in enumerate(departments)
        ),
        tuple(
            ListedUser(
                name,
                draw(_PLAIN),
                draw(st.booleans()),
                draw(st.sampled_from(["staff", "external", "suspended", "left"])),
                draw(st.integers(0, LEVELS - 1)),
                draw(moment),
                draw(moment),
                draw(st.sampled_from([(), ("evaluator",)])),
                draw(_SOME),
                draw(_SOME),
                among(departments),
                *draw(st.sampled_from([(None, None), ("corp", "id-1")])),
                draw(st.dictionaries(st.sampled_from(["email", "title"]), _NAMES, max_size=2)),
            )
            for name in users
        ),
        tuple(ListedGroup(name, among(users), among(groups)) for name in groups),
    )


@pytest.mark.parametrize(
    ("write", "read"), [(formats.to_json, formats.from_json), (formats.to_csv, formats.from_csv)], ids=["json", "csv"]
)
@given(listing=listings())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_round_trip_loses_nothing(write: object, read: object, listing: Listing) -> None:
    assert callable(write)
    assert callable(read)
    found: Read = read(write(listing))
    assert found.wrong == []
    changes = compare(Listing(), found, LEVELS)
    assert (changes.departments_new, changes.users_new, changes.groups_new) == (
        list(listing.departments),
        list(listing.users),
        list(listing.groups),
    )
    assert compare(listing, read(write(listing)), LEVELS).empty


@given(listing=listings())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_cell_is_a_formula(listing: Listing) -> None:
    rows = list(csv.reader(io.StringIO(formats.to_csv(listing).removeprefix("\ufeff"), newline="")))
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) for row in rows for cell in row
    )


async def test_the_database_gives_back_what_was_imported(tmp_path: Path) -> None:
    listing = Listing(
        (ListedDepartment("hq", "总部"), ListedDepartment("hq/fin", "财务", "hq")),
        (
            ListedUser("li", "李雷", departments=("hq/fin",), compartments=("x", "y"), company_roles=("buyer",)),
            ListedUser("root", "root", roles=("administrator",), clearance=3, valid_from=1.5),
        ),
        (ListedGroup("a", ("li",), ("b",)), ListedGroup("b", ("li", "root"), ("a",))),
    )
    database = Database(sqlite_url(tmp_path))
    await upgrade(database)
    for write, read in ((formats.to_json, formats.from_json), (formats.to_csv, formats.from_csv)):
        async with database.write() as tx:
            await write_changes(tx, compare(await read_listing(tx), read(write(listing)), LEVELS))
            assert await read_listing(tx) == listing
            assert compare(await read_listing(tx), read(write(listing)), LEVELS).empty
    await database.close()


@pytest.mark.parametrize(
    ("lines", "line", "fault"),
    [
        ("user,\n", 2, "name"),
        ("user,li\nuser,Li\n", 3, "twice"),
        ("thing,li\n", 2, "shape"),
        ("group,g\nmember,other\n", 3, "shape"),
        ("user,a\u202eb\n", 2, "name"),
        (f"user,{'x' * 200}\n", 2, "name"),
        ('user,"li\n', 2, "shape"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(lines: str, line: int, fault: str) -> None:
    read = formats.from_csv(f"record,name\n{lines}")
    compare(Listing(), read, LEVELS)
    assert [(one.line, one.fault) for one in read.wrong] == [(line, fault)]
    assert fault_sentence(read.wrong[0].fault, "x", "zh") != fault_sentence(read.wrong[0].fault, "x", "en")


def test_what_may_not_be_changed() -> None:
    current = Listing(
        (ListedDepartment("a"), ListedDepartment("b", parent="a")),
        (ListedUser("root", roles=("administrator",)), ListedUser("han", directory="corp", external_id="1")),
    )

    def faults(*records: object) -> list[str]:
        read = Read(list(enumerate(records, 1)))  # type: ignore[arg-type]
        compare(current, read, LEVELS)
        return [one.fault for one in read.wrong]

    assert faults(ListedUser("root")) == ["administrator"]
    assert faults(ListedUser("root", roles=("administrator",), employment="left")) == ["administrator"]
    assert faults(ListedUser("han", active=False, directory="corp", external_id="1")) == ["managed"]
    assert faults(ListedUser("han", clearance=2, directory="corp", external_id="1")) == []
    assert faults(ListedUser("root", roles=("administrator",), directory="corp", external_id="2")) == ["managed"]
    assert faults(ListedDepartment("a", parent="b")) == ["cycle"]
    assert faults(ListedUser("li", clearance=LEVELS)) == ["value"]
    assert faults(ListedGroup("g", ("nobody",))) == ["unknown"]
