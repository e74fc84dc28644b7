"""The engine in process: the contract, and what only a folder can do."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from retrieval.index.edge import EdgeIndex
from retrieval.lexical import query_vector
from tests.contract.index_kit import DIMENSION, FINGERPRINT, IndexContract, Opener, chunk_id, mint, point, unit
from wenyuan.errors import IndexLocked, TransientError
from wenyuan.ports import VectorIndex

_WRITER = """
import asyncio, sys
from pathlib import Path
from retrieval.index.edge import EdgeIndex
from tests.contract.index_kit import DIMENSION, FINGERPRINT, point

async def main():
    index = await EdgeIndex.open(Path(sys.argv[1]), FINGERPRINT, DIMENSION)
    for number in range(100_000):
        await index.upsert([point(number)])
        print(number, flush=True)

asyncio.run(main())
"""


async def _open(folder: Path) -> EdgeIndex:
    return await EdgeIndex.open(folder, FINGERPRINT, DIMENSION)


class TestEdgeIndex(IndexContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        async def open_again(fingerprint: str) -> VectorIndex:
            return await EdgeIndex.open(tmp_path / "index", fingerprint, DIMENSION)

        return open_again


async def test_reopening_keeps_points_policies_and_deletions(tmp_path: Path) -> None:
    index = await _open(tmp_path)
    await index.upsert([point(n) for n in range(10)])
    await index.delete_document("doc_3")
    await index.set_policy("doc_4", 8)
    before = await index.search_dense(await mint(1), unit(5), 10)
    await index.close()

    index = await _open(tmp_path)
    try:
        assert await index.point_ids() == {chunk_id(n) for n in range(10) if n != 3}
        assert await index.search_dense(await mint(1), unit(5), 10) == before
        assert [hit.chunk_id for hit in await index.search_sparse(await mint(8), query_vector("差旅"), 5)] == [
            chunk_id(4)
        ]
    finally:
        await index.close()


async def test_no_text_reaches_the_disk(tmp_path: Path) -> None:
    index = await _open(tmp_path)
    await index.upsert([point(1, text="canary-7f3a9c 工资总额")])
    await index.close()
    content = _content(tmp_path)
    assert b"doc_1" in content, "payloads can be read on disk, so text would be seen"
    assert b"canary" not in content
    assert "工资".encode() not in content


def _content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_second_opening_is_refused_with_the_holder(tmp_path: Path) -> None:
    index = await _open(tmp_path)
    try:
        with pytest.raises(IndexLocked) as refusal:
            await _open(tmp_path)
        assert str(os.getpid()) in refusal.value.message("zh")
    finally:
        await index.close()
    await (await _open(tmp_path)).close()


async def test_calls_after_close_fail_and_closing_twice_is_fine(tmp_path: Path) -> None:
    index = await _open(tmp_path)
    await index.close()
    await index.close()
    with pytest.raises(RuntimeError):
        await index.point_ids()
    with pytest.raises(TransientError):
        await index.ping()


async def test_a_half_made_shard_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "shard.partial" / "segments").mkdir(parents=True)
    (tmp_path / "shard.partial" / "edge_config.json").write_text("{", encoding="utf-8")
    index = await _open(tmp_path)
    await index.upsert([point(1)])
    assert await index.point_ids() == {chunk_id(1)}
    await index.close()


async def test_what_was_acknowledged_survives_a_kill_and_the_lock_does_not(tmp_path: Path) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert writer.stdout is not None
        acknowledged = [int(await writer.stdout.readline()) for _ in range(12)]
        with pytest.raises(IndexLocked) as refusal:
            await _open(tmp_path)
        assert refusal.value.params["pid"] == str(writer.pid)
    finally:
        writer.kill()
        await writer.communicate()
    index = await _open(tmp_path)
    try:
        found = await index.point_ids()
        assert {chunk_id(number) for number in acknowledged} <= found
        hits = await index.search_dense(await mint(1), unit(7), 1)
        assert [hit.chunk_id for hit in hits] == [chunk_id(7)]
    finally:
        await index.close()


async def test_searches_go_on_beside_writes(tmp_path: Path) -> None:
    index = await _open(tmp_path)
    scope = await mint(1)
    await index.upsert([point(n) for n in range(50)])
    try:
        writes = [index.upsert([point(n, policy=2) for n in range(start, start + 20)]) for start in range(50, 250, 20)]
        searches = [index.search_dense(scope, unit(n), 5) for n in range(50)]
        results = await asyncio.gather(*searches, *writes)
        allowed = {chunk_id(n) for n in range(50)}
        for n, hits in enumerate(results[:50]):
            assert hits is not None
            assert hits[0].chunk_id == chunk_id(n)
            assert {hit.chunk_id for hit in hits} <= allowed
        assert len(await index.point_ids()) == 250
    finally:
        await index.close()
