"""Intake: from uploaded bytes to a typed, hashed, durable source file.

The store is loaded on first use: the sandbox's child needs the media types and the decoder alone, and must start fast.
"""

from typing import TYPE_CHECKING

from ingest.intake.names import clean_filename
from ingest.intake.sniff import sniff

if TYPE_CHECKING:
    from ingest.intake.store import Intake, StagedFile

__all__ = ["Intake", "StagedFile", "clean_filename", "sniff"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    from ingest.intake import store

    return getattr(store, name)
