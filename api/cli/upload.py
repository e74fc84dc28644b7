"""Upload of files and folders: a progress bar on a terminal, lines elsewhere, and a list of what failed."""

import asyncio
import hashlib
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.cli.client import Client, Refused, Token, Url, fail, say, with_client
from wenyuan.text import one_line

TOGETHER: Final = 3
WATCHED: Final = 20
POLL_S: Final = 0.5
MAX_TITLE: Final = 512


@dataclass(frozen=True, slots=True)
class Found:
    """A file to upload; ``title`` is its path below the folder that was named, without the extension."""

    path: Path
    title: str

    @property
    def is_archive(self) -> bool:
        """Whether its members are the documents."""
        return self.path.suffix.lower() == ".zip"


@dataclass(slots=True)
class Tally:
    """How an upload stands. ``waiting``: names and jobs that have not ended."""

    total: int
    sent: int = 0
    skipped: int = 0
    jobs: int = 0
    ended: int = 0
    waiting: deque[tuple[str, str]] = field(default_factory=deque)
    failures: list[str] = field(default_factory=list)

    def failed(self, name: str, error: str) -> None:
        """Note a failure with its sentence."""
        self.failures.append(f"{one_line(name)}: {one_line(error)}")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(upload)


def upload(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders or ZIP archives.")],
    space: Annotated[str, typer.Option(help="Name of the space to put them in.")],
    policy: Annotated[str | None, typer.Option(help="Who may read, as JSON; else the space's readers.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Upload also what is there with the same bytes.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Upload files and follow their processing to the end. Exits with 1 and a list if one of them failed.

    What is in the space already, by title and bytes, is skipped: the same command goes on where it was interrupted.
    """
    found = [one for path in paths for one in _files(path)]
    if not found:
        fail("no files / 没有文件")
    fields = {"space": space} | ({} if policy is None else {"policy": policy})
    tally = Tally(len(found))

    async def work(client: Client) -> None:
        there = set() if again else await _there(client, space)
        with _Display(tally) as display:
            await _Upload(client, fields, there, tally, display).run(found)

    with_client(url, token, work)
    say(f"{tally.ended} processed, {tally.skipped} there already / 处理 {tally.ended} 个，已有 {tally.skipped} 个")
    if tally.failures:
        for line in tally.failures:
            say(line, err=True)
        fail(f"{len(tally.failures)} failed / {len(tally.failures)} 个失败")


class _Display:
    """Two bars on a terminal; one line for each file that ended elsewhere."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._bars: Progress | None = None
        self._sent = self._ended = TaskID(0)
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bars = Progress(*columns, console=Console(stderr=True))
            self._sent = self._bars.add_task("upload / 上传", total=tally.total)
            self._ended = self._bars.add_task("processing / 处理", total=None)

    def __enter__(self) -> "_Display":
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def update(self, line: str = "") -> None:
        """Show the tally as it stands; ``line`` says what just ended."""
        if self._bars is None:
            if line:
                say(line, err=True)
            return
        tally = self._tally
        self._bars.update(self._sent, completed=tally.sent)
        self._bars.update(self._ended, completed=tally.ended, total=tally.jobs or None)


class _Upload:
    def __init__(
        self, client: Client, fields: dict[str, str], there: set[tuple[str, str]], tally: Tally, display: _Display
    ) -> None:
        self._client = client
        self._fields = fields
        self._there = there
        self._tally = tally
        self._display = display
        self._sending = True

    async def run(self, found: list[Found]) -> None:
        """Send a few files at a time, and follow the jobs meanwhile."""
        queue = deque(found)
        following = asyncio.create_task(self._follow())
        try:
            await asyncio.gather(*(self._send_from(queue) for _ in range(TOGETHER)))
            self._sending = False
            await following
        finally:
            following.cancel()

    async def _send_from(self, queue: deque[Found]) -> None:
        while queue:
            one = queue.popleft()
            try:
                await self._send(one)
            except (Refused, OSError) as error:
                self._tally.failed(str(one.path), str(error))
            self._tally.sent += 1
            self._display.update()

    async def _send(self, one: Found) -> None:
        if one.is_archive:
            for item in (await self._client.upload("/v1/documents/archive", one.path, self._fields))["items"]:
                name = f"{one.path} / {item['name']}"
                if item["error"] is not None:
                    self._tally.failed(name, f"{item['error']['message']} [{item['error']['code']}]")
                else:
                    self._watch(name, item["submitted"])
            return
        if self._there and (one.title, await asyncio.to_thread(_sha256, one.path)) in self._there:
            self._tally.skipped += 1
            return
        fields = self._fields | {"title": one.title}
        self._watch(str(one.path), await self._client.upload("/v1/documents", one.path, fields))

    def _watch(self, name: str, submitted: dict[str, Any]) -> None:
        self._tally.jobs += 1
        self._tally.waiting.append((name, submitted["job_id"]))

    async def _follow(self) -> None:
        """Ask for the oldest jobs until all have ended: jobs are worked on in the order of their uploads."""
        while self._sending or self._tally.waiting:
            for _ in range(min(WATCHED, len(self._tally.waiting))):
                name, job_id = self._tally.waiting.popleft()
                job = await self._client.call("GET", f"/v1/jobs/{job_id}")
                if job["state"] not in {"done", "dead"}:
                    self._tally.waiting.append((name, job_id))
                    continue
                self._tally.ended += 1
                if job["state"] == "dead":
                    self._tally.failed(name, f"{job['error']['message']} [{job['error']['code']}]")
                self._display.update(f"{one_line(name)}: {job['state']}")
            self._display.update()
            await asyncio.sleep(POLL_S)


async def _there(client: Client, space: str) -> set[tuple[str, str]]:
    """Return title and hash of every document of the space that the caller may read."""
    found: set[tuple[str, str]] = set()
    cursor = None
    while True:
        params = {"limit": "200", "space": space} | ({} if cursor is None else {"cursor": str(cursor)})
        page = await client.call("GET", "/v1/documents", params=params)
        found |= {(item["title"], item["sha256"]) for item in page["items"] if item["sha256"] is not None}
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _files(path: Path) -> Iterator[Found]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inner = file.relative_to(path)
            if file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in inner.parts):
                yield Found(file, one_line(inner.with_suffix("").as_posix())[-MAX_TITLE:])
    elif path.is_file():
        yield Found(path, one_line(path.stem)[-MAX_TITLE:])
    else:
        fail(f"no such file / 没有此文件: {path}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
