"""Compound files (MS-CFB) with small streams, written by hand."""

import struct
from dataclasses import dataclass, field
from itertools import pairwise

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF

Tree = dict[str, "bytes | Tree"]


@dataclass
class _Entry:
    name: str
    kind: int
    data: bytes = b""
    child: int = NONE
    right: int = NONE
    start: int = END
    size: int = 0
    children: list[int] = field(default_factory=list)


def compound(tree: Tree) -> bytes:
    """A compound file with the storages and streams of ``tree``."""
    entries = [_Entry("Root Entry", 5)]
    _add(entries, 0, tree)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini = bytearray()
    mini_fat: list[int] = []
    for entry in entries:
        if entry.kind != 2:
            continue
        entry.size = len(entry.data)
        if entry.size >= CUTOFF:
            entry.start = _store(sectors, fat, entry.data)
        elif entry.size:
            entry.start = len(mini) // MINI
            count = -(-entry.size // MINI)
            mini += entry.data.ljust(count * MINI, b"\0")
            mini_fat += [*range(entry.start + 1, entry.start + count), END]
    root = entries[0]
    root.size = len(mini)
    root.start = _store(sectors, fat, bytes(mini)) if mini else END
    mini_start = _store(sectors, fat, struct.pack(f"<{len(mini_fat)}I", *mini_fat), b"\xff") if mini_fat else END
    directory = b"".join(map(_record, entries))
    directory_start = _store(sectors, fat, directory)
    fat_count = 1
    while (len(fat) + fat_count) > fat_count * (SECTOR // 4):
        fat_count += 1
    fat_start = len(sectors)
    fat += [FAT_SECTOR] * fat_count
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_count * SECTOR, b"\xff")
    difat = [fat_start + n for n in range(fat_count)] + [FREE] * (109 - fat_count)
    header = struct.pack(
        "<8s16s5H6x9I109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, fat_count, directory_start, 0, CUTOFF, mini_start, -(-len(mini_fat) * 4 // SECTOR), END, 0, *difat,
    )  # fmt: skip
    return header + b"".join(sectors) + table


def _add(entries: list[_Entry], parent: int, tree: Tree) -> None:
    numbers = []
    for name in sorted(tree, key=lambda one: (len(one), one.upper())):
        value = tree[name]
        numbers.append(len(entries))
        entries.append(_Entry(name, 2, value) if isinstance(value, bytes) else _Entry(name, 1))
    # A tree that leans to one side is a valid search tree.
    entries[parent].child = numbers[0] if numbers else NONE
    for one, two in pairwise(numbers):
        entries[one].right = two
    for number in numbers:
        value = tree[entries[number].name]
        if not isinstance(value, bytes):
            _add(entries, number, value)


def _store(sectors: list[bytes], fat: list[int], data: bytes, pad: bytes = b"\0") -> int:
    start = len(sectors)
    count = max(-(-len(data) // SECTOR), 1)
    whole = data.ljust(count * SECTOR, pad)
    sectors += [whole[at : at + SECTOR] for at in range(0, len(whole), SECTOR)]
    fat += [*range(start + 1, start + count), END]
    return start


def _record(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBB3I16sIQQIQ", name, len(name), entry.kind, 1, NONE, entry.right, entry.child, b"", 0, 0, 0,
        entry.start, entry.size,
    )  # fmt: skip
