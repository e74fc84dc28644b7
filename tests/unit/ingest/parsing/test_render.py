"""Page images and OCR bitmaps: size, marks, orientation, floods."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from ingest.intake import media
from ingest.parsing import images
from ingest.parsing.drawing import draw_page
from ingest.parsing.images import parse_image
from ingest.parsing.reading.bitmaps import draw_bitmaps
from ingest.parsing.render import unpack
from tests.unit.ingest.parsing.pdf_files import draw, plain_page
from wenyuan.errors import FileCorrupt, FileError, FileTypeUnsupported, FileUnsafe


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def bitmap(path: Path, media_type: str, page: int, max_pages: int) -> Image.Image:
    (drawn,) = unpack(draw_bitmaps(path, media_type, [{"page": page}], max_pages, lambda done, total: None))
    if isinstance(drawn, FileError):
        raise drawn
    assert drawn is not None
    image = opened(drawn.png)
    assert image.size == (drawn.width, drawn.height)
    return image


def test_a_page_is_drawn_to_size_with_marks_where_the_boxes_are(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", plain_page)
    box = (100.0, 400.0, 300.0, 450.0)
    bare, marked = (opened(draw_page(path, media.PDF, 1, boxes, 1600, 10)) for boxes in ([], [box]))
    assert bare.size == marked.size == (1131, 1600)
    scale = 1600 / 842
    inside = (round(200 * scale), round(425 * scale))
    outside = (round(200 * scale), round(600 * scale))
    assert bare.getpixel(inside) == (255, 255, 255)
    red, green, blue = marked.crop((*inside, inside[0] + 1, inside[1] + 1)).tobytes()
    assert red > 230
    assert green > 200
    assert blue < 200
    assert marked.getpixel(outside) == (255, 255, 255)


def test_text_under_a_mark_stays_readable(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", plain_page)
    marked = opened(draw_page(path, media.PDF, 1, [(60, 80, 300, 110)], 1600, 10))
    assert min(marked.crop((110, 150, 560, 210)).convert("L").tobytes()) < 90


def test_pages_that_are_not_there_and_formats_without_pages(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", plain_page)
    for page in (0, 2):
        with pytest.raises(FileCorrupt):
            draw_page(path, media.PDF, page, [], 800, 10)
    with pytest.raises(FileTypeUnsupported):
        draw_page(path, media.DOCX, 1, [], 800, 10)


def test_orientation_of_photographs_is_applied(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    picture = Image.new("RGB", (200, 100), "white")
    picture.paste("red", (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, exif=exif, quality=95)
    parsed = parse_image(path, media.JPEG, 10)
    assert (parsed.pages[0].width, parsed.pages[0].height) == (100, 200)
    shown = opened(draw_page(path, media.JPEG, 1, [(0, 0, 100, 20)], 1600, 10))
    assert shown.size == (100, 200)
    top, bottom = shown.crop((50, 50, 51, 51)).tobytes(), shown.crop((50, 150, 51, 151)).tobytes()
    assert top[0] > 200 > 60 > top[1]
    assert min(bottom) > 240


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.new("L", (50 + number, 80), 255) for number in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    parsed = parse_image(path, media.TIFF, 3)
    assert [page.width for page in parsed.pages] == [50, 51, 52]
    assert parsed.warnings == ("page.1.needs_ocr", "page.2.needs_ocr", "page.3.needs_ocr")
    assert bitmap(path, media.TIFF, 3, 3).size == (52, 80)
    with pytest.raises(FileUnsafe):
        parse_image(path, media.TIFF, 2)
    with pytest.raises(FileCorrupt):
        bitmap(path, media.TIFF, 4, 3)


def test_transparent_and_sixteen_bit_images_become_plain(tmp_path: Path) -> None:
    clear, deep = tmp_path / "clear.png", tmp_path / "deep.png"
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(clear)
    Image.new("I;16", (20, 20), 40_000).save(deep)
    assert bitmap(clear, media.PNG, 1, 1).getpixel((5, 5)) == (255, 255, 255)
    assert bitmap(deep, media.PNG, 1, 1).getpixel((5, 5)) == pytest.approx((155, 155, 155), abs=1)


def test_a_flood_of_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")))
    with pytest.raises(FileUnsafe) as caught:
        parse_image(path, media.PNG, 10)
    assert caught.value.params == {"reason": "60000 × 60000 pixels"}


def test_a_truncated_image_and_a_wrong_format_are_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.effect_noise((300, 300), 50).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FileCorrupt):
        parse_image(path, media.PNG, 10)
    with pytest.raises(FileCorrupt):
        parse_image(path, media.JPEG, 10)


def test_bitmaps_for_ocr_are_large_enough_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw(tmp_path / "a.pdf", plain_page)
    assert bitmap(path, media.PDF, 1, 10).size == pytest.approx((595 * 200 / 72, 842 * 200 / 72), abs=1)
    tiny = draw(tmp_path / "b.pdf", lambda sheet: sheet.canvas.setPageSize((120, 60)))
    assert max(bitmap(tiny, media.PDF, 1, 10).size) == pytest.approx(120 * 400 / 72, abs=1)
    monkeypatch.setattr("ingest.parsing.reading.bitmaps.MAX_BITMAP_PIXELS", 10_000)
    width, height = bitmap(path, media.PDF, 1, 10).size
    assert width * height == pytest.approx(10_000, rel=0.02)
    assert images.MAX_BITMAP_PIXELS == 50_000_000
