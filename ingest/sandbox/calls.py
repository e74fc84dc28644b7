"""System calls that a child has no use for, refused by the kernel (seccomp): who takes over a parser gets no further.

A network of its own does not keep a process from sockets that are files (a container engine's, a database's), nor does
Landlock; a filter of system calls does. Values from linux/seccomp.h, linux/bpf_common.h and the tables of system calls.
"""

import ctypes
import platform
import socket
import struct
from errno import EACCES
from typing import Final

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | EACCES
_KILL: Final = 0x80000000
_LOAD: Final = 0x20
_EQUAL: Final = 0x15
_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
# Where the filter finds them: number of the call, architecture, low half of the first argument.
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16
_X32: Final = 0x40000000

# Per machine: its audit number, ``socket``, and what is refused to all: connect, ptrace, process_vm_readv and _writev,
# add_key, request_key, keyctl, bpf, userfaultfd, perf_event_open, io_uring_setup (which makes sockets of its own).
_MACHINES: Final[dict[str, tuple[int, int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, 41, (42, 101, 310, 311, 248, 249, 250, 321, 323, 298, 425)),
    "aarch64": (0xC00000B7, 198, (203, 117, 270, 271, 217, 218, 219, 280, 282, 241, 425)),
}


def refuse_calls(*, own_sockets: bool = False) -> bool:
    """Refuse this process and all it starts to make or connect sockets, to trace others, and rare parts of the kernel.

    ``own_sockets``: it may make local sockets, as programs that look for others of their kind insist on, but connect
    none. Returns False on a machine whose calls are not known or a kernel without filters.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = b"".join(_instructions(*machine, own_sockets=own_sockets))
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(header), 0, 0) == 0)


def _instructions(audit: int, make: int, refused: tuple[int, ...], *, own_sockets: bool) -> list[bytes]:
    local = _one(_EQUAL, socket.AF_UNIX, then=0, otherwise=1) if own_sockets else _one(_RETURN, _REFUSE)
    return [
        _one(_LOAD, _ARCHITECTURE),
        _one(_EQUAL, audit, then=1),
        _one(_RETURN, _KILL),  # a call in the manner of another machine has other numbers
        _one(_LOAD, _NUMBER),
        _one(_AT_LEAST, _X32, then=0, otherwise=1),
        _one(_RETURN, _KILL),
        *(part for number in refused for part in (_one(_EQUAL, number, otherwise=1), _one(_RETURN, _REFUSE))),
        _one(_EQUAL, make, then=1),
        _one(_RETURN, _ALLOW),
        _one(_LOAD, _FIRST),
        local,
        _one(_RETURN, _ALLOW),
        _one(_RETURN, _REFUSE),
    ]


def _one(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    """An instruction: for comparisons, how many instructions are skipped when it holds and when not."""
    return struct.pack("=HBBI", code, then, otherwise, value)
