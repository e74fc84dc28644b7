"""Limits a child process puts on itself before it touches a file. Linux only; what the kernel lacks is skipped."""

import ctypes
import math
import os
import resource
import signal
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_NICE: Final = 10

# Numbers of the Landlock system calls, the same on every architecture; flags from linux/landlock.h.
_LANDLOCK_CREATE: Final = 444
_LANDLOCK_ADD_RULE: Final = 445
_LANDLOCK_RESTRICT: Final = 446
_LANDLOCK_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1
_FS_EXECUTE: Final = 1 << 0
_FS_READ_FILE: Final = 1 << 2
_FS_READ_DIR: Final = 1 << 3
_FS_REMOVE_FILE: Final = 1 << 5
_FS_MAKE_SOCKET: Final = 1 << 9
_FS_RIGHTS_BY_ABI: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_BIND_AND_CONNECT: Final = 0b11
_READ: Final = _FS_EXECUTE | _FS_READ_FILE | _FS_READ_DIR
_FILE_ONLY: Final = _FS_EXECUTE | _FS_READ_FILE | (1 << 1) | (1 << 14) | (1 << 15)

_SYSTEM_PATHS: Final = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/mime.types",
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/proc/stat",
    "/dev/urandom",
)


def limit_resources(memory_mb: int, cpu_s: int, file_mb: int, open_files: int, processes: int | None = None) -> None:
    """Set hard limits: address space, CPU seconds, size of a written file, open files, no core dump; lower priority.

    ``processes``: processes and threads of the user, where the process may start any at all; root is exempt.
    """
    if processes is not None:
        _limit(resource.RLIMIT_NPROC, processes)
    for which, value in (
        (resource.RLIMIT_AS, memory_mb * 2**20),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_mb * 2**20),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(which, value)
    os.nice(_NICE)


def limit_cpu(seconds: float) -> None:
    """End the process once it has used that much CPU time in all; the hard limit stays, so that it can be moved."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (limit, limit))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies."""
    _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def cut_network() -> bool:
    """Move into an empty network namespace; False where the kernel or a container forbids it."""
    libc = _libc()
    return bool(libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0)


def confine_files(readable: Iterable[Path], writable: Path, sockets: Path | None = None) -> bool:
    """Allow reading the interpreter, its libraries, fonts and ``readable`` only, and writing beneath ``writable`` only.

    In the folder ``sockets`` it may make and remove sockets (the kernel lets it remove its user's other files there,
    too), nothing else: some programs insist on one. Also refuses TCP connections where the kernel can. Returns False on
    a kernel without Landlock.
    """
    libc = _libc()
    abi = int(libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION))
    if abi < 1:
        return False
    every_right = (1 << _FS_RIGHTS_BY_ABI.get(abi, 16)) - 1
    attributes = struct.pack("=QQ", every_right, _NET_BIND_AND_CONNECT if abi >= 4 else 0)[: 16 if abi >= 4 else 8]
    ruleset = int(libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0))
    if ruleset < 0:
        return False
    try:
        for path in (*_interpreter_paths(), *map(Path, _SYSTEM_PATHS), *readable):
            _allow(libc, ruleset, path, _READ)
        _allow(libc, ruleset, Path("/dev/null"), every_right)
        _allow(libc, ruleset, writable, every_right)
        if sockets is not None:
            _allow(libc, ruleset, sockets, _FS_MAKE_SOCKET | _FS_REMOVE_FILE)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _interpreter_paths() -> set[Path]:
    """The installation and the import path, and of our own tree the packages only: it may hold the data folder."""
    root = Path(__file__).resolve().parents[2]
    packages = {root / name for name in ("ingest", "wenyuan", "configs")}
    imports = {Path(entry) for entry in sys.path if entry and Path(entry).resolve() != root}
    return packages | imports | {Path(sysconfig.get_path(name)) for name in ("stdlib", "platlib", "purelib")}


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _FILE_ONLY
        rule = struct.pack("=Qi", rights, descriptor)
        libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
