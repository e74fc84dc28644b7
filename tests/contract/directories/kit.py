"""What every directory must do, shown by syncs of a real server. A test module per adapter subclasses the kit."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from api.directories.factory import open_directory
from api.directories.sync import SYNC, DirectorySyncHandler, sync_job
from tests.databases import copy_schema
from wenyuan.db.access.directory import create_group, create_user, find_user
from wenyuan.db.access.provisioning.listed import read_listing
from wenyuan.db.access.provisioning.syncs import SyncStatus, read_status
from wenyuan.db.access.readable import read_epoch
from wenyuan.db.engine import Database
from wenyuan.jobs import Job, JobQueue, Worker
from wenyuan.people.listing import ListedGroup, ListedUser, Listing
from wenyuan.people.settings import DirectoriesSettings

NAME = "corp"


class Place(Protocol):
    """A directory as those who keep it see it. People have a name, a title, departments; groups have people."""

    endpoint: dict[str, Any]
    credentials: dict[str, Any]
    has_departments: bool

    async def person(self, name: str, shown: str, department: str = "", *, disabled: bool = False) -> None: ...

    async def forget(self, name: str) -> None: ...

    async def department(self, name: str, above: str = "") -> None: ...

    async def group(self, name: str, *people: str) -> None: ...

    async def break_down(self, how: str) -> None: ...


@dataclass
class Desk:
    """Syncs of one place into a database."""

    database: Database
    place: Place

    async def sync(self, *, expected: str = "done", error: str | None = None, **how: Any) -> Job:
        """Run one sync to its end."""
        more = {key: how.pop(key) for key in ("interval_s", "adopt", "most_disabled", "complete_s") if key in how}
        settings = DirectoriesSettings.model_validate(
            {
                "endpoints": {NAME: self.place.endpoint | {"credentials": "corp"} | more},
                "credentials": {"corp": self.place.credentials},
            }
        )
        queue = JobQueue(self.database)
        async with self.database.write() as tx:
            job_id = await queue.enqueue(tx, sync_job(NAME, **how))
        worker = Worker(queue, {SYNC: DirectorySyncHandler(self.database, settings, open_directory)})
        assert await worker.run_one()
        async with self.database.read() as tx:
            job = await queue.get(tx, job_id)
        assert job is not None
        assert (job.state, job.error_code) == (expected, error), (await self.status()).report
        return job

    async def listing(self) -> Listing:
        async with self.database.read() as tx:
            return await read_listing(tx)

    async def users(self) -> dict[str, ListedUser]:
        return {one.name: one for one in (await self.listing()).users}

    async def groups(self) -> dict[str, ListedGroup]:
        return {one.name: one for one in (await self.listing()).groups}

    async def epoch(self) -> int:
        return await self.database.run_read(read_epoch)

    async def status(self) -> SyncStatus:
        async with self.database.read() as tx:
            return await read_status(tx, NAME)


class DirectoryKit:
    """The contract."""

    @pytest.fixture
    async def desk(self, place: Place, tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Desk]:
        database = Database(copy_schema(migrated_sqlite, tmp_path))
        yield Desk(database, place)
        await database.close()

    @pytest.fixture
    @abstractmethod
    def place(self) -> Place: ...

    async def test_people_come_change_and_go(self, desk: Desk, place: Place) -> None:
        await place.person("li", "李雷")
        await place.person("han", "韩梅梅")
        await desk.sync()
        users = await desk.users()
        assert {name: (one.display_name, one.active) for name, one in users.items()} == {
            "li": ("李雷", True),
            "han": ("韩梅梅", True),
        }
        assert all(one.directory == NAME and one.external_id and not one.roles for one in users.values())
        before = await desk.epoch()
        await desk.sync(complete=True)
        assert await desk.epoch() == before  # nothing changed
        await place.person("li", "李 雷")
        await place.forget("han")
        await desk.sync(complete=True)
        users = await desk.users()
        assert (users["li"].display_name, users["han"].active) == ("李 雷", False)
        assert await desk.epoch() == before + 1
        await place.person("han", "韩梅梅")
        await desk.sync(complete=True)

    async def test_a_disabled_person_loses_access(self, desk: Desk, place: Place) -> None:
        await place.person("li", "李雷")
        await desk.sync()
        await place.person("li", "李雷", disabled=True)
        await desk.sync()
        user = (await desk.users())["li"]
        assert not user.active or user.employment in {"left", "suspended"}

    async def test_groups_are_kept(self, desk: Desk, place: Place) -> None:
        for name in ("li", "han", "mei"):
            await place.person(name, name)
        await place.group("finance", "li", "han")
        await desk.sync()
        assert (await desk.groups())["finance"].users == ("han", "li")
        await place.group("finance", "mei")
        await desk.sync(complete=True)
        assert (await desk.groups())["finance"].users == ("mei",)

    async def test_departments_are_a_tree(self, desk: Desk, place: Place) -> None:
        if not place.has_departments:
            pytest.fail("every directory here has departments")
        await place.department("总部")
        await place.department("财务", "总部")
        await place.person("li", "李雷", "财务")
        await desk.sync()
        listing = await desk.listing()
        by_title = {one.title: one for one in listing.departments}
        assert by_title["财务"].parent == by_title["总部"].name
        assert by_title["财务"].name.endswith("总部·财务")
        assert listing.users[0].departments == (by_title["财务"].name,)

    async def test_what_others_made_stays(self, desk: Desk, place: Place) -> None:
        async with desk.database.write() as tx:
            await create_user(tx, "li", "local")
            await create_group(tx, "finance")
        await place.person("li", "李雷")
        await place.person("han", "韩梅梅")
        await place.group("finance", "han")
        await desk.sync()
        listing = await desk.listing()
        local = {one.name: one for one in listing.users}["li"]
        assert (local.display_name, local.directory) == ("local", None)
        groups = await desk.groups()
        assert groups["finance"].users == ()
        [renamed] = [one for name, one in groups.items() if name.startswith("finance~")]
        assert renamed.users == ("han",)
        report = (await desk.status()).report or {}
        assert {(one["kind"], one["reason"]) for one in report["issues"]} == {("user", "taken"), ("group", "renamed")}
        await desk.sync(adopt=True, complete=True)
        async with desk.database.read() as tx:
            assert (await find_user(tx, "li")).display_name == "李雷"

    async def test_a_dry_run_changes_nothing(self, desk: Desk, place: Place) -> None:
        await place.person("li", "李雷")
        await desk.sync(dry_run=True)
        assert await desk.users() == {}
        status = await desk.status()
        assert status.report is not None
        assert status.synced_at is None
        assert status.report["changes"]["users_created"] == {"count": 1, "names": ["li"]}

    async def test_the_safety_stop_holds_until_confirmed(self, desk: Desk, place: Place) -> None:
        for number in range(12):
            await place.person(f"p{number}", f"P {number}")
        await desk.sync()
        for number in range(8):
            await place.forget(f"p{number}")
        job = await desk.sync(complete=True, expected="dead", error="directory.safety_stop")
        assert job.error_params == {"accounts": 8, "groups": 0, "total": 12}
        assert sum(one.active for one in (await desk.users()).values()) == 12
        assert (await desk.status()).error_code == "directory.safety_stop"
        await desk.sync(confirmed=7, expected="dead", error="directory.safety_stop")
        await desk.sync(confirmed=8)
        assert sum(one.active for one in (await desk.users()).values()) == 4
        assert (await desk.status()).error_code is None

    @pytest.mark.parametrize("how", ["refuses", "is away"])
    async def test_a_failure_leaves_everything_and_is_shown(self, desk: Desk, place: Place, how: str) -> None:
        await place.person("li", "李雷")
        await desk.sync()
        before = await desk.listing()
        await place.break_down(how)
        if how == "refuses":
            await desk.sync(complete=True, expected="dead", error="directory.refused")
        else:
            await desk.sync(complete=True, expected="queued", error="directory.unreachable")
        assert await desk.listing() == before
        assert (await desk.status()).error_code == f"directory.{'refused' if how == 'refuses' else 'unreachable'}"
