"""Fifty hostile files at once: the service answers all the while, and each file ends with a code of ours."""

import asyncio
import statistics
import time
from random import Random

import pytest

from benchmarks.hostile.files.bombs import bombs
from benchmarks.hostile.files.packages import hostile_packages
from benchmarks.hostile.files.seeds import PACKAGES, SEEDS
from benchmarks.hostile.mutate import mutated
from tests.site import Person, Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


def storm() -> list[tuple[str, bytes]]:
    """Bombs, mutants of sound files, and packages with hostile parts, of at most one MiB each."""
    files = [(case.filename, case.data) for case in bombs() if len(case.data) < 2**20][:25]
    # Formats that are not rendered afterwards: what is tried is the parsers.
    entities = [case for case in hostile_packages() if case.kind.startswith("entity")]
    files += [(case.filename, case.data) for case in entities if case.filename.endswith(("epub", "ofd", "html"))][:9]
    for number, name in enumerate(("pdf", "epub", "eml", "html", "json", "csv", "md", "srt") * 2):
        random = Random(number)
        files.append((f"{number}.{name}", mutated(SEEDS[name](random), random, package=name in PACKAGES)))
    return files


async def ends(site: Site, admin: Person, name: str, content: bytes) -> str:
    response = await admin.upload(name, content, "company")
    if response.status_code != 202:
        return str(response.json()["code"])
    job = await site.finished(response.json()["job_id"])
    return "done" if job["state"] == "done" else str(job["error"]["code"])


async def test_a_storm_of_hostile_files_leaves_the_service_answering(site: Site) -> None:
    admin = await site.administrator()
    files = storm()
    assert len(files) == 50
    waits: list[float] = []
    over = asyncio.Event()

    async def watch() -> None:
        while not over.is_set():
            began = time.perf_counter()
            assert (await admin.http.get("/healthz")).status_code == 200
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    gate = asyncio.Semaphore(5)

    async def one(name: str, content: bytes) -> str:
        async with gate:
            return await ends(site, admin, name, content)

    try:
        codes = await asyncio.gather(*(one(name, content) for name, content in files))
    finally:
        over.set()
        await watching
    assert all(code == "done" or code.startswith("file.") for code in codes), codes
    assert "file.parser_failed" not in codes
    assert sum(code == "file.unsafe" for code in codes) >= 15
    assert len(waits) > 20
    assert statistics.quantiles(waits, n=20)[-1] < 1
