"""Pictures inside files, found by the name that ``Block.media`` gives. Runs in the child of the sandbox."""

from pathlib import Path

from ingest.intake import media

_PACKAGES = media.OFFICE | media.OPEN_DOCUMENT | {media.EPUB, media.OFD}


def embedded_picture(path: Path, media_type: str, name: str) -> bytes:
    """Return the bytes of the picture ``name`` of a file.

    Raises ``FileCorrupt`` when there is none of that name, ``FileUnsafe`` when it is too large.
    """
    if media_type in _PACKAGES:
        from ingest.parsing.office.package import read_media

        return read_media(path, name)
    from ingest.parsing.formats.pictures import find_picture

    return find_picture(path, media_type, name)
