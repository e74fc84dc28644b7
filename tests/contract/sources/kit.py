"""What every connector must do, shown by syncs of a real place. A test module per adapter subclasses the kit."""

import asyncio
import hashlib
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from ingest.sources.errors import ItemUnreadable, SourceUnreachable
from ingest.sources.port import SIDECAR, Connector, Listed
from tests.contract.sources.desk import Desk
from tests.databases import copy_schema
from wenyuan.access import AccessPolicy, SubjectKind
from wenyuan.db.access.directory import create_group, find_group, update_user
from wenyuan.db.engine import Database


class Place(Protocol):
    """Somewhere files are kept, as the people who keep them there see it."""

    settle_s: float

    async def put(self, key: str, data: bytes) -> None: ...

    async def remove(self, key: str) -> None: ...

    async def rename(self, key: str, new: str) -> None: ...

    @abstractmethod
    def connect(self) -> Connector: ...


class Faulty:
    """A connector that fails where the test says: a real one with a bad line to it."""

    def __init__(self, inner: Connector, *, unreadable: str = "", dies_after: int | None = None) -> None:
        self._inner = inner
        self._unreadable = unreadable
        self._left = dies_after

    async def listing(self) -> AsyncGenerator[Listed, None]:
        async for item in self._inner.listing():
            yield item

    async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
        if item.key == self._unreadable:
            raise ItemUnreadable
        if self._left == 0:
            raise asyncio.CancelledError
        if self._left is not None:
            self._left -= 1
        async for data in self._inner.read(item):
            yield data

    async def close(self) -> None:
        await self._inner.close()


class Unreachable(Faulty):
    """A place whose listing breaks off in the middle."""

    async def listing(self) -> AsyncGenerator[Listed, None]:
        async for item in self._inner.listing():
            yield item
            raise SourceUnreachable(reason="test")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def group_names(policy: AccessPolicy) -> list[str]:
    return [subject.id for subject in policy.allow if subject.kind is SubjectKind.GROUP]


class OnDisk:
    """Items that are written where they stand: as files below a folder."""

    root: Path

    def path(self, key: str) -> Path:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    async def put(self, key: str, data: bytes) -> None:
        self.path(key).write_bytes(data)

    async def remove(self, key: str) -> None:
        self.path(key).unlink()

    async def rename(self, key: str, new: str) -> None:
        self.path(key).rename(self.path(new))


class ConnectorContract:
    """The contract. Subclasses give ``place``."""

    @pytest.fixture
    async def desk(self, place: Place, tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Desk]:
        database = Database(copy_schema(migrated_sqlite, tmp_path))
        desk = Desk(database, tmp_path / "data", place.connect, place.settle_s)
        await desk.furnish()
        yield desk
        await database.close()

    async def test_new_changed_unchanged_and_deleted(self, place: Place, desk: Desk) -> None:
        await place.put("制度/报销.md", b"# one\n")
        await place.put("notes.txt", b"first")
        assert await desk.sync() is None
        first = await desk.documents()
        assert set(first) == {"制度/报销", "notes"}
        assert await desk.sync() is None
        assert await desk.documents() == first

        await place.put("notes.txt", b"second version")
        assert await desk.sync() is None
        changed = await desk.documents()
        assert changed["notes"].id == first["notes"].id
        assert changed["notes"].sha256s == (sha256(b"first"), sha256(b"second version"))
        assert changed["制度/报销"] == first["制度/报销"]

        await place.remove("notes.txt")
        assert await desk.sync() is None
        assert await desk.titles() == {"制度/报销"}
        assert set(await desk.known()) == {"制度/报销.md"}

    async def test_a_renamed_item_keeps_its_document(self, place: Place, desk: Desk) -> None:
        await place.put("old/plan.txt", b"the plan")
        await place.put("other.txt", b"something else")
        assert await desk.sync() is None
        before = await desk.documents()
        await place.rename("old/plan.txt", "new/plan 2.txt")
        assert await desk.sync() is None
        after = await desk.documents()
        assert set(after) == {"new/plan 2", "other"}
        assert after["new/plan 2"].id == before["old/plan"].id
        assert after["new/plan 2"].sha256s == (sha256(b"the plan"),)

    async def test_what_cannot_be_read_is_listed_and_tried_again(self, place: Place, desk: Desk) -> None:
        await place.put("a.txt", b"readable")
        await place.put("b.txt", b"not yet")
        desk.connect = lambda: Faulty(place.connect(), unreadable="b.txt")
        assert await desk.sync() is None
        assert await desk.errors() == {"b.txt": "source.item_unreadable"}
        desk.connect = place.connect
        assert await desk.sync() is None
        assert await desk.errors() == {}
        assert await desk.titles() == {"a", "b"}

    async def test_refused_content_is_listed_and_not_fetched_again_unasked(self, place: Place, desk: Desk) -> None:
        await place.put("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(50))
        await place.put("empty.txt", b"")
        await place.put("huge.txt", b"x" * (2**20 + 1))
        assert await desk.sync() is None
        errors = await desk.errors()
        assert set(errors) == {"film.mp4", "empty.txt", "huge.txt"}
        assert (errors["huge.txt"], errors["empty.txt"]) == ("file.too_large", "file.empty")
        desk.connect = lambda: Faulty(place.connect(), unreadable="film.mp4")
        assert await desk.sync() is None
        assert await desk.errors() == errors
        assert await desk.sync(requested=True) is None
        assert (await desk.errors())["film.mp4"] == "source.item_unreadable"
        desk.connect = place.connect
        await place.put("huge.txt", b"small now")
        assert await desk.sync() is None
        assert await desk.titles() == {"huge"}

    async def test_a_sync_that_dies_goes_on_without_doubles(self, place: Place, desk: Desk) -> None:
        for number in range(6):
            await place.put(f"{number}.txt", f"text {number}".encode())
        await desk.enqueue()
        with pytest.raises(asyncio.CancelledError):
            await desk.worker(lambda: Faulty(place.connect(), dies_after=3)).run_one()
        half = await desk.documents()
        assert len(half) == 3
        assert await desk.queue.release_all() == 1
        assert await desk.worker().run_one()
        whole = await desk.documents()
        assert set(whole) == {str(number) for number in range(6)}
        assert {title: whole[title] for title in half} == half

    async def test_a_listing_that_breaks_off_deletes_nothing(self, place: Place, desk: Desk) -> None:
        await place.put("a.txt", b"one")
        await place.put("b.txt", b"two")
        assert await desk.sync() is None
        desk.connect = lambda: Unreachable(place.connect())
        assert await desk.sync() == "source.unreachable"
        assert await desk.titles() == {"a", "b"}
        assert await desk.source_error() == "source.unreachable"

    async def test_an_empty_place_deletes_only_if_that_is_allowed(self, place: Place, desk: Desk) -> None:
        await place.put("a.txt", b"one")
        assert await desk.sync() is None
        await place.remove("a.txt")
        assert await desk.sync() == "source.empty"
        assert await desk.titles() == {"a"}
        assert await desk.sync(allow_empty=True) is None
        assert await desk.titles() == set()

    async def test_names_are_labels(self, place: Place, desk: Desk) -> None:
        odd = [
            "100% & more?#x.txt",
            "a b/c+d;e.txt",
            "合同（甲）/第①份.txt",
            "quote'\".txt",
            ".hidden.txt",
            "~$lock.docx",
        ]
        for number, key in enumerate([*odd, "half.part"]):
            await place.put(key, f"text {number}".encode())
        assert await desk.sync() is None
        assert await desk.errors() == {}
        assert set(await desk.known()) == set(odd[:4])
        for document in (await desk.documents()).values():
            assert len(document.sha256s) == 1

    async def test_too_many_items_are_refused_not_truncated(self, place: Place, desk: Desk) -> None:
        desk.limits = type(desk.limits)(items=2, file_mb=1, settle_s=place.settle_s)
        for number in range(3):
            await place.put(f"{number}.txt", b"text")
        assert await desk.sync() == "source.too_large"
        assert await desk.titles() == set()

    async def test_sidecars_say_who_reads_what_lies_below(self, place: Place, desk: Desk) -> None:
        async with desk.database.read() as tx:
            hr, staff = await find_group(tx, "hr"), await find_group(tx, "staff")
        await place.put("open.txt", b"for everyone")
        await place.put("hr/pay.txt", b"salaries")
        await place.put("hr/public/rules.txt", b"rules")
        await place.put(f"hr/{SIDECAR}", b"allow: ['group:hr']\ndeny: ['user:li']\nclassification: secret\n")
        await place.put(f"hr/public/{SIDECAR}", b"allow: ['group:staff']\n")
        assert await desk.sync() is None
        found = await desk.documents()
        assert set(found) == {"open", "hr/pay", "hr/public/rules"}
        assert group_names(found["hr/pay"].policy) == [hr]
        assert group_names(found["hr/public/rules"].policy) == [staff]
        for title in ("hr/pay", "hr/public/rules"):
            assert found[title].policy.classification == 2
            assert [subject.id for subject in found[title].policy.deny] == [desk.owner_id]
        assert found["open"].policy.classification == 0

        await place.put(f"hr/{SIDECAR}", b"allow: ['group:staff']\n")
        assert await desk.sync() is None
        after = await desk.documents()
        assert group_names(after["hr/pay"].policy) == [staff]
        assert after["hr/pay"].sha256s == found["hr/pay"].sha256s
        assert after["hr/public/rules"].policy.deny == ()

        await place.remove(f"hr/{SIDECAR}")
        assert await desk.sync() is None
        assert (await desk.documents())["hr/pay"].policy == found["open"].policy

    @pytest.mark.parametrize(
        "said", [b"allow: ['group:nobody']", b"allow: [", b"readers: [everyone]", b"\xff\xfe\x00", b""]
    )
    async def test_what_cannot_be_mapped_lets_nobody_read(self, place: Place, desk: Desk, said: bytes) -> None:
        await place.put("top.txt", b"open")
        await place.put("in/a.txt", b"was open")
        assert await desk.sync() is None
        await place.put(f"in/{SIDECAR}", said)
        await place.put("in/b.txt", b"new")
        assert await desk.sync() is None
        found = await desk.documents()
        assert found["in/a"].policy == found["in/b"].policy == AccessPolicy()
        assert found["top"].policy.allow
        assert await desk.errors() == {"in/a.txt": "source.access", "in/b.txt": "source.access"}
        if b"nobody" in said:
            async with desk.database.write() as tx:
                group = await create_group(tx, "nobody")
            assert await desk.sync() is None
            assert await desk.errors() == {}
            assert group_names((await desk.documents())["in/a"].policy) == [group]

    async def test_an_owner_without_rights_adds_nothing_and_still_narrows(self, place: Place, desk: Desk) -> None:
        await place.put("a.txt", b"one")
        await place.put("b.txt", b"two")
        assert await desk.sync() is None
        async with desk.database.write() as tx:
            await update_user(tx, "li", active=False)
        await place.put("c.txt", b"three")
        await place.put(SIDECAR, b"allow: []")
        await place.remove("b.txt")
        assert await desk.sync() is None
        found = await desk.documents()
        assert set(found) == {"a"}
        assert found["a"].policy.allow == ()
        assert await desk.errors() == {"c.txt": "source.owner"}
