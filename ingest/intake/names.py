"""Names that people or archives give to files: labels to show, never paths to open."""

import re
from typing import Final

_MAX_NAME: Final = 255
_UNSAFE_NAME: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean_filename(filename: str) -> str:
    """Return the last path component without control and direction characters, at most 255 characters, never empty."""
    name = _UNSAFE_NAME.sub("", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if len(name) > _MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        keep = f"{dot}{extension}" if dot and len(extension) <= 16 else ""
        name = (stem if keep else name)[: _MAX_NAME - len(keep)] + keep
    return name if name.strip(".") else "unnamed"
