"""The watched folder against the kit, and what only a folder can do wrong."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.sources.connectors.folder import FolderConnector
from ingest.sources.port import Connector, Listed
from tests.contract.sources.desk import Desk
from tests.contract.sources.kit import ConnectorContract, OnDisk
from wenyuan.db import tables as t
from wenyuan.db.sources import erase_names


class Folder(OnDisk):
    """A folder of the test's. Files count as settled at once, unless the test asks for patience."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settle_s = 0.0

    def connect(self) -> Connector:
        return FolderConnector(self.root, (), settle_s=self.settle_s, max_items=200)


class TestFolder(ConnectorContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Folder:
        root = tmp_path / "watched"
        root.mkdir()
        return Folder(root)

    async def test_links_and_special_files_are_left_alone(self, place: Folder, desk: Desk, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret.txt").write_bytes(b"secret")
        (place.root / "link.txt").symlink_to(outside / "secret.txt")
        (place.root / "folder").symlink_to(outside)
        (place.root / "loop").symlink_to(place.root)
        os.mkfifo(place.root / "pipe.txt")
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(str(place.root / "s"))
            await place.put("a.txt", b"plain")
            assert await desk.sync() is None
        assert set(await desk.known()) == {"a.txt"}

    async def test_an_exchange_for_a_link_after_the_listing_leads_nowhere(
        self, place: Folder, desk: Desk, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "a.txt").write_bytes(b"secret")
        await place.put("in/a.txt", b"plain!")

        class Exchanging(FolderConnector):
            async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
                (place.root / "in").rename(tmp_path / "moved")
                (place.root / "in").symlink_to(outside)
                async for data in super().read(item):
                    yield data

        desk.connect = lambda: Exchanging(place.root, (), settle_s=0, max_items=200)
        assert await desk.sync() is None
        assert await desk.errors() == {"in/a.txt": "source.item_unreadable"}
        assert await desk.titles() == set()

    async def test_a_file_is_taken_once_it_holds_still(self, place: Folder, desk: Desk) -> None:
        await place.put("done.txt", b"whole")
        await asyncio.sleep(0.6)
        place.settle_s = 0.5
        await place.put("growing.txt", b"the first ha")
        os.utime(place.root / "growing.txt", (1, 1))  # what copying tools do: the time of the original
        assert await desk.sync() is None
        assert await desk.titles() == {"done"}
        assert await desk.errors() == {"growing.txt": "source.item_unsettled"}
        await place.put("growing.txt", b"the first half and the second")
        await asyncio.sleep(0.6)
        assert await desk.sync() is None
        assert await desk.titles() == {"done", "growing"}
        assert await desk.errors() == {}
        await place.put("done.txt", b"being written again")
        assert await desk.sync() is None
        assert await desk.titles() == {"done", "growing"}
        assert len((await desk.documents())["done"].sha256s) == 1

    async def test_a_renamed_file_keeps_its_document_while_it_settles(self, place: Folder, desk: Desk) -> None:
        await place.put("old.txt", b"the plan")
        await place.put("gone.txt", b"something else")
        await place.put("stays.txt", b"stays")
        assert await desk.sync() is None
        before = await desk.documents()
        place.settle_s = 2.0
        await place.rename("old.txt", "new.txt")
        await place.remove("gone.txt")
        assert await desk.sync() is None
        assert await desk.titles() == {"old", "stays"}
        place.settle_s = 0.0
        assert await desk.sync() is None
        after = await desk.documents()
        assert set(after) == {"new", "stays"}
        assert after["new"].id == before["old"].id

    async def test_a_file_that_changes_while_it_is_read_is_left(self, place: Folder, desk: Desk) -> None:
        await place.put("a.txt", b"one")

        class Writing(FolderConnector):
            async def read(self, item: Listed) -> AsyncGenerator[bytes, None]:
                async for data in super().read(item):
                    await place.put("a.txt", b"two")
                    yield data

        desk.connect = lambda: Writing(place.root, (), settle_s=0, max_items=200)
        assert await desk.sync() is None
        assert await desk.errors() == {"a.txt": "source.item_unsettled"}
        assert await desk.titles() == set()

    async def test_a_name_that_is_no_text_is_listed_with_its_code(self, place: Folder, desk: Desk) -> None:
        await place.put(os.fsdecode(b"\xb1\xa8\xcf\xfa.txt"), b"GBK name")
        await place.put("a.txt", b"plain")
        assert await desk.sync() is None
        assert set((await desk.errors()).values()) == {"source.item_name"}
        assert await desk.titles() == {"a"}

    async def test_a_root_that_is_gone_deletes_nothing(self, place: Folder, desk: Desk, tmp_path: Path) -> None:
        await place.put("a.txt", b"one")
        assert await desk.sync() is None
        place.root.rename(tmp_path / "unmounted")
        assert await desk.sync() == "source.unreachable"
        assert await desk.titles() == {"a"}

    async def test_a_folder_that_cannot_be_listed_deletes_nothing(self, place: Folder, desk: Desk) -> None:
        await place.put("in/a.txt", b"one")
        await place.put("b.txt", b"two")
        assert await desk.sync() is None

        class Forbidden(FolderConnector):
            def _descend(self, parts: Sequence[str]) -> int:
                if parts:  # as the system answers anybody but the superuser
                    raise PermissionError
                return super()._descend(parts)

        desk.connect = lambda: Forbidden(place.root, (), settle_s=0, max_items=200)
        await place.put("in/c.txt", b"three")
        assert await desk.sync() is None
        assert await desk.titles() == {"in/a", "b"}
        assert await desk.errors() == {"in/": "source.item_unreadable"}
        desk.connect = place.connect
        assert await desk.sync() is None
        assert await desk.titles() == {"in/a", "in/c", "b"}
        assert await desk.errors() == {}

    async def test_the_name_of_an_erased_document_is_gone_and_the_document_stays_away(
        self, place: Folder, desk: Desk
    ) -> None:
        await place.put("in/layoffs.txt", b"one")
        await place.put("b.txt", b"two")
        assert await desk.sync() is None
        await self._erase(desk, "in/layoffs")
        assert await self._names(desk) == ["", "b.txt"]
        assert await desk.sync() is None
        assert await desk.titles() == {"b"}
        assert await self._names(desk) == ["", "b.txt"]

        class Forbidden(FolderConnector):
            def _descend(self, parts: Sequence[str]) -> int:
                if parts:
                    raise PermissionError
                return super()._descend(parts)

        desk.connect = lambda: Forbidden(place.root, (), settle_s=0, max_items=200)
        assert await desk.sync() is None
        desk.connect = place.connect
        assert await desk.sync() is None
        assert await desk.titles() == {"b"}, "it would have come back with the folder"

        await place.put("in/layoffs.txt", b"another file of this name")
        assert await desk.sync() is None
        assert await desk.titles() == {"in/layoffs", "b"}
        assert await self._names(desk) == ["b.txt", "in/layoffs.txt"]
        await self._erase(desk, "in/layoffs")
        await place.remove("in/layoffs.txt")
        assert await desk.sync() is None
        assert await self._names(desk) == ["b.txt"]

    async def _erase(self, desk: Desk, title: str) -> None:
        """Delete a document by hand, and do of its erasure what concerns the source."""
        document = (await desk.documents())[title]
        await desk.submissions.delete(document.id)
        async with desk.database.write() as tx:
            await erase_names(tx, document.id)

    async def _names(self, desk: Desk) -> list[str]:
        async with desk.database.read() as tx:
            return sorted(await tx.scalars(sa.select(t.source_items.c.key)))
