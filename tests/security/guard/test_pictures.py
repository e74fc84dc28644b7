"""A picture that is drawn anew carries nothing but its pixels: no place, no author, no name of a device."""

import io

import pytest
from PIL import Image, PngImagePlugin

from ingest.parsing.drawing import png
from ingest.parsing.images import decode_picture, flatten

SAID = b"CANARYMETA51"


def picture(kind: str) -> bytes:
    """Return a picture with everything beside its pixels that its format takes."""
    shot, kept = Image.new("RGB", (64, 64), "white"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = SAID.decode()
    profile = SAID * 20
    if kind == "JPEG":
        shot.save(kept, kind, exif=exif, icc_profile=profile, comment=SAID, xmp=b"<x>%s</x>" % SAID)
    else:
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SAID.decode())
        shot.save(kept, kind, exif=exif, icc_profile=profile, pnginfo=text)
    return kept.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_nothing_but_pixels_is_left(kind: str) -> None:
    brought = picture(kind)
    assert SAID in brought
    drawn = Image.open(io.BytesIO(png(flatten(decode_picture(brought)), level=6)))
    drawn.load()
    assert drawn.info == {}
    assert not drawn.getexif()
