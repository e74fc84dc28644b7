"""Tables as pictures: drawn by a browser, and then as a telephone camera sees the paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import cv2
import numpy as np

from benchmarks.parsing.drawn.raster import Picture
from benchmarks.parsing.truth.html import table_html
from benchmarks.parsing.truth.model import TableBlock, TableKind
from benchmarks.parsing.truth.render import browser_page
from benchmarks.parsing.truth.tables import make_table
from benchmarks.parsing.truth.words import DOMAINS

_STYLE: Final = """
body { margin: 0; background: #fff; } #sheet { display: inline-block; padding: 36px 40px; max-width: 1100px; }
p { text-align: center; margin: 0 0 10px; font-size: 20px; } table { border-collapse: collapse; font-size: 19px; }
td, th { padding: 7px 14px; font-weight: 400; } .strong th { font-weight: 700; }
.ruled td, .ruled th, .merged td, .merged th { border: 1.5px solid #111; }
.three-line { border-top: 3px solid #111; border-bottom: 3px solid #111; }
.three-line th[colspan] { border-bottom: 1px solid #111; }
.three-line th[rowspan], .three-line thead tr:last-child th { border-bottom: 1.5px solid #111; }
"""
# Most tables have merged cells; the others are there so that a parser cannot take spans for granted.
_KINDS: Final = (TableKind.MERGED, TableKind.MERGED, TableKind.THREE_LINE, TableKind.MERGED, TableKind.RULED)


@dataclass(frozen=True, slots=True)
class TablePicture:
    """A picture of a table, and the table; ``photographed`` or as drawn."""

    name: str
    picture: Picture
    truth: TableBlock
    photographed: bool


def table_pictures(seeds: Sequence[int]) -> list[TablePicture]:
    """Draw one Chinese table of each seed; of five, one stays as drawn. Raises ``GeneratorMissing``."""
    made = []
    with browser_page() as page:
        for seed in seeds:
            chooser = Random(f"table {seed}")
            domain = DOMAINS[chooser.choice(("business", "legal", "technical"))]
            kind = _KINDS[seed % len(_KINDS)]
            block = make_table(chooser, domain, "zh", kind, f"表{seed} {chooser.choice(domain.topics)}", narrow=False)
            font = chooser.choice(("Noto Sans CJK SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei"))
            table = table_html(block, strong=chooser.random() < 0.5)
            page.set_content(
                f"<style>{_STYLE} body {{ font-family: '{font}' }}</style>"
                f'<div id="sheet"><p>{block.caption}</p>{table}</div>'
            )
            pixels = np.frombuffer(page.locator("#sheet").screenshot(), np.uint8)
            picture = cv2.imdecode(pixels, cv2.IMREAD_COLOR).astype(np.uint8)
            photographed = seed % 5 != 0
            name = f"table-{seed}-{kind}"
            made.append(
                TablePicture(name, photograph(picture, chooser) if photographed else picture, block, photographed)
            )
    return made


def photograph(sheet: Picture, chooser: Random) -> Picture:
    """Return the sheet on a desk: perspective, slight rotation, uneven light with a shadow, blur, noise, JPEG."""
    height, width = sheet.shape[:2]
    pad = round(0.08 * max(height, width))
    desk = tuple(chooser.randint(60, 140) for _ in range(3))
    canvas = cv2.copyMakeBorder(sheet, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=desk)
    size = canvas.shape[1], canvas.shape[0]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + pad
    reach = 0.025 * min(width, height)
    moved = corners + np.array([[chooser.uniform(-reach, reach) for _ in "xy"] for _ in corners], np.float32)
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), chooser.uniform(-2.5, 2.5), 1.0)
    moved = cv2.transform(moved[None], turn)[0].astype(np.float32)
    seen = cv2.warpPerspective(
        canvas, cv2.getPerspectiveTransform(corners, moved), size, flags=cv2.INTER_CUBIC, borderValue=desk
    ).astype(np.float32)
    seen *= _light(size, chooser)[..., None]
    seen = cv2.GaussianBlur(seen, (0, 0), chooser.uniform(0.4, 0.8))
    noise = np.random.default_rng(chooser.randrange(2**32)).normal(0, chooser.uniform(2, 6), seen.shape)
    pixels = np.clip(seen + noise, 0, 255).astype(np.uint8)
    packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, chooser.randint(75, 92)])[1]
    photo: Picture = cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
    return photo


def _light(size: tuple[int, int], chooser: Random) -> np.ndarray:
    """Return light falling off to one side, and the soft edge of a shadow across."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    angle = chooser.uniform(0, 2 * np.pi)
    along = np.cos(angle) * (across - 0.5) + np.sin(angle) * (down - 0.5)
    edge = 1 / (1 + np.exp((along - chooser.uniform(-0.2, 0.3)) * chooser.uniform(20, 60)))
    light: np.ndarray = (0.95 + 0.12 * along) * (1 - chooser.uniform(0.1, 0.3) * edge)
    return light.astype(np.float32)
