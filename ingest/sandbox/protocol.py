"""What parent and child say to each other.

The child gets one JSON request on standard input and answers with frames on an inherited pipe:
one type byte, four bytes of length (big-endian), the payload.
"""

import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Final, TypeAlias

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
Progress: TypeAlias = Callable[[int, int], None]
"""``(pages done, pages in all)``."""

HEADER: Final = struct.Struct(">cI")
PROGRESS: Final = b"P"
ERROR: Final = b"E"
FAILURE: Final = b"F"
RESULT: Final = b"R"


@dataclass(frozen=True, slots=True)
class Request:
    """One operation on one file under limits. ``operation`` is a name of the child's table, never a module path.

    ``cpu_s`` and ``cpu_per_page_s``: CPU seconds to begin with, and for every page once the pages are known.
    """

    operation: str
    path: str
    options: dict[str, Json]
    memory_mb: int
    cpu_s: float
    cpu_per_page_s: float
    file_mb: int
    open_files: int
    channel: int

    def dump(self) -> bytes:
        """Return the request as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, data: bytes) -> "Request":
        """Read what ``dump`` wrote."""
        return cls(**json.loads(data))


def dump_value(value: object) -> bytes:
    """Return dataclasses (nested, with slots) as JSON in UTF-8, without the deep copies of ``asdict``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode(errors="replace")


def _plain(value: object) -> Mapping[str, object]:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(type(value).__name__)
