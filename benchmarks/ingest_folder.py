"""Uploads every file of a folder to the real server, follows each to its end, and watches that the server stays up.

Bar: every file ends published or with a stated reason (at the upload, or of its job), pages that could not be read are
named, and the service answers ``/healthz`` throughout. Exit code 1 otherwise.

Run: ``python -m benchmarks.ingest_folder FOLDER [--no-ocr] [--models DIR]``.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.server import Server
from wenyuan.machine import machine_line

PATIENCE_S = 3600.0
SLOW_S = 5.0


@dataclass
class Watch:
    """What the health checks saw."""

    checks: int = 0
    failures: int = 0
    slowest_s: float = 0.0


async def watch(http: httpx.AsyncClient, seen: Watch) -> None:
    """Ask for the health five times a second until cancelled."""
    while True:
        start = time.monotonic()
        seen.checks += 1
        try:
            response = await http.get("/healthz", timeout=SLOW_S)
            seen.failures += response.status_code != 200
        except httpx.HTTPError:
            seen.failures += 1
        seen.slowest_s = max(seen.slowest_s, time.monotonic() - start)
        await asyncio.sleep(0.2)


async def outcome(http: httpx.AsyncClient, file: Path) -> tuple[str, str]:
    """Upload a file and follow it; returns (published, failed, refused or lost) and the reason or the pages."""
    with file.open("rb") as stream:
        sent = await http.post("/v1/documents", data={"space": "all"}, files={"file": (file.name, stream)}, timeout=120)
    return await ended(http, sent)


async def ended(http: httpx.AsyncClient, sent: httpx.Response) -> tuple[str, str]:
    """Follow the answer to an upload to the end of its job; returns what ``outcome`` does."""
    body: dict[str, Any] = sent.json()
    if sent.status_code != 202:
        return ("refused", body["code"]) if "code" in body else ("lost", f"HTTP {sent.status_code}")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        job = (await http.get(f"/v1/jobs/{body['job_id']}", timeout=60)).json()
        if job["state"] == "dead":
            error = job["error"]
            return ("failed", f"{error['code']} {error['message']}") if error else ("lost", "no reason")
        if job["state"] == "done":
            shown = (await http.get(f"/v1/documents/{body['document_id']}", timeout=60)).json()["current_version"]
            warned = f", warnings {' '.join(shown['warnings'][:4])}" if shown["warnings"] else ""
            return "published", f"{shown['page_count']} pages, {shown['chunk_count']} chunks{warned}"
        await asyncio.sleep(0.3)
    return "lost", "not ended in time"


async def measure(files: list[Path], models: Path, *, ocr: bool) -> int:
    """Run the server over the files; returns the exit code."""
    print(machine_line())
    totals: Counter[str] = Counter()
    seen = Watch()
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(Path(scratch) / "site", models, ocr=ocr)
        token = (await server.command("init"))[1].splitlines()[-1]
        await server.start()
        try:
            await server.ready()
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as http:
                space = {"name": "all", "readers": [{"kind": "everyone"}]}
                (await http.post("/v1/spaces", json=space)).raise_for_status()
                watcher = asyncio.create_task(watch(http, seen))
                for file in files:
                    start = time.monotonic()
                    state, why = await outcome(http, file)
                    totals[state] += 1
                    print(f"{state:10}{time.monotonic() - start:8.1f} s  {file.name}  {why}", flush=True)
                watcher.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watcher
            up = server.running
        finally:
            await server.close()
    print(", ".join(f"{count} {state}" for state, count in sorted(totals.items())))
    print(f"health: {seen.checks} checks, {seen.failures} failed, slowest {seen.slowest_s:.2f} s; server up: {up}")
    return 0 if up and not seen.failures and not totals["lost"] else 1


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    parser.add_argument("--no-ocr", action="store_true")
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*") if path.is_file())
    return asyncio.run(measure(files, options.models.resolve(), ocr=not options.no_ocr))


if __name__ == "__main__":
    sys.exit(main())
