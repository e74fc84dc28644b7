"""Intake: from uploaded bytes to a typed, hashed, durable source file."""

from ingest.intake.sniff import sniff
from ingest.intake.store import Intake, StagedFile, clean_filename

__all__ = ["Intake", "StagedFile", "clean_filename", "sniff"]
