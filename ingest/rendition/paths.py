"""Where the rendition of a stored file is kept."""

from pathlib import Path

from ingest.intake import media
from ingest.intake.store import RENDITION
from ingest.rendition.soffice import SUFFIXES


def rendition_path(path: Path) -> Path:
    """Return the path of the rendition beside a stored file."""
    return path.with_name(path.name + RENDITION)


def shown_as(path: Path, media_type: str) -> tuple[Path, str]:
    """Return the file whose pages stand for a stored file, and its media type: an Office file's rendition."""
    return (rendition_path(path), media.PDF) if media_type in SUFFIXES else (path, media_type)
