"""Take an archive apart: each member becomes a file of its own, within limits that hold for all of them together."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from ingest.intake.archive import MAX_ENTRIES, MAX_TOTAL_BYTES, Effort, Entry, check_archive, inflated
from ingest.intake.names import clean_filename
from ingest.intake.sniff import sniff
from wenyuan.errors import FileCorrupt, FileEmpty, FileError, FileIsArchive, FileNotArchive, FileUnsafe
from wenyuan.text import one_line
from wenyuan.vault.stored import StoredFiles

MAX_DEPTH: Final = 3
_MAX_NAME: Final = 400


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A member as a file at ``path``: ``name`` leads to it through folders and archives, parted by `` / ``."""

    name: str
    filename: str
    path: Path
    size: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A member that becomes no document, and why."""

    name: str
    error: FileError


Member = Unpacked | Refused


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where members are put: ``receive`` stores bytes and returns path, hash and size; ``stored`` opens them again."""

    receive: Callable[[Iterator[bytes]], tuple[Path, str, int]]
    stored: StoredFiles


@dataclass(slots=True)
class _Budget:
    """What all archives in one another may still hold."""

    entries: int = MAX_ENTRIES
    size: int = MAX_TOTAL_BYTES
    depth: int = 1
    effort: Effort = field(default_factory=Effort)
    found: list[Member] = field(default_factory=list)


def require_archive(path: Path, filename: str) -> None:
    """Make sure that a file is a ZIP archive of files and not a document; raises ``FileNotArchive`` and the like."""
    try:
        sniff(path, filename)
    except FileIsArchive:
        return
    raise FileNotArchive


def unpack(path: Path, shelf: Shelf, stopped: threading.Event) -> list[Member]:
    """Return the members of a checked archive and of the archives in it, at most ``MAX_DEPTH`` deep.

    A member that ``shelf`` refuses with ``FileTooLarge`` is listed with that. Raises ``FileUnsafe`` when the whole is
    over a limit; then, and when ``stopped`` is set, no file is left behind.
    """
    budget = _Budget()
    try:
        _unpack(path, (), shelf, budget, stopped)
        if stopped.is_set():
            discard(budget.found, shelf.stored)
    except BaseException:
        discard(budget.found, shelf.stored)
        raise
    return budget.found


def discard(members: Sequence[Member], stored: StoredFiles) -> None:
    """Remove the files of members that are not wanted."""
    for member in members:
        if isinstance(member, Unpacked):
            stored.forget(member.path)


def _unpack(
    path: Path, folders: tuple[str, ...], shelf: Shelf, budget: _Budget, stopped: threading.Event
) -> None:  # fmt: skip
    entries = check_archive(path, budget.effort)
    budget.entries -= len(entries)
    budget.size -= sum(entry.size for entry in entries)
    if budget.entries < 0:
        raise FileUnsafe(reason=f"ZIP > {MAX_ENTRIES} entries")
    if budget.size < 0:
        raise FileUnsafe(reason=f"ZIP > {MAX_TOTAL_BYTES >> 20} MiB")
    with path.open("rb") as file:
        for entry in entries:
            if stopped.is_set():
                return
            if not entry.name.replace("\\", "/").endswith("/"):
                _take(file, entry, folders, shelf, budget, stopped)


def _take(
    file: BinaryIO,
    entry: Entry,
    folders: tuple[str, ...],
    shelf: Shelf,
    budget: _Budget,
    stopped: threading.Event,
) -> None:
    parts = (*folders, *_clean_parts(entry.name))
    name = " / ".join(parts)[-_MAX_NAME:]
    try:
        path, sha256, size = shelf.receive(inflated(file, entry))
    except FileError as error:
        budget.found.append(Refused(name, error))
        return
    try:
        if size == 0:
            raise FileEmpty
        with shelf.stored.plain(path) as plain:
            media_type = sniff(plain.path, parts[-1], budget.effort)
    except FileIsArchive as error:
        _nested(path, parts, error, shelf, budget, stopped)
    except FileError as error:
        shelf.stored.forget(path)
        budget.found.append(Refused(name, error))
    except BaseException:
        shelf.stored.forget(path)
        raise
    else:
        budget.found.append(Unpacked(name, parts[-1], path, size, sha256, media_type))


def _nested(
    path: Path,
    parts: tuple[str, ...],
    error: FileError,
    shelf: Shelf,
    budget: _Budget,
    stopped: threading.Event,
) -> None:
    """Unpack an archive in the archive. A damaged one costs only itself; one over a limit costs the whole."""
    try:
        if budget.depth >= MAX_DEPTH:
            raise FileUnsafe(reason=f"ZIP depth > {MAX_DEPTH}") from error
        budget.depth += 1
        with shelf.stored.plain(path) as plain:
            _unpack(plain.path, parts, shelf, budget, stopped)
        budget.depth -= 1
    except FileCorrupt as damage:
        budget.depth -= 1
        budget.found.append(Refused(" / ".join(parts)[-_MAX_NAME:], damage))
    finally:
        shelf.stored.forget(path)


def _clean_parts(name: str) -> tuple[str, ...]:
    """The folders and the name of a member, without what would mislead a reader or a program."""
    parts = [part for part in name.replace("\\", "/").split("/") if part.strip(". ")]
    return tuple(one_line(clean_filename(part)) or "unnamed" for part in parts) or ("unnamed",)
