"""Finds the font that draws Chinese text in the PDFs and the scan, and checks that it can."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

PACKAGE = "fonts-wqy-microhei"
FONT_NAME = "demo-corpus"
# One family only: another one would lay the pages out differently, and the files would change with the machine.
_FILE_NAME = "wqy-microhei.ttc"
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


class FontError(RuntimeError):
    """No font, or one that cannot be embedded or lacks characters; the message says what to do."""


@dataclass(frozen=True)
class Font:
    """A font registered with the PDF library under ``name``; ``path`` is its TrueType file or collection."""

    name: str
    path: Path

    def width(self, text: str, size: float) -> float:
        """Width of one line of text in points."""
        return float(pdfmetrics.stringWidth(text, self.name, size))


def find_font() -> Path | None:
    """The installed font file, or None."""
    return next((path for folder in _FOLDERS for path in sorted(folder.rglob(_FILE_NAME))), None)


def load_font(path: Path | None, texts: Iterable[str]) -> Font:
    """Register the font for PDF output; raises :class:`FontError` when it is absent or not good enough."""
    chosen = path or find_font()
    if chosen is None or not chosen.is_file():
        raise FontError(
            f"没有找到可用的中文字体{f'：{path}' if path else ''}。"
            f"请安装 Debian 软件包 {PACKAGE}，或者用 --font 指定一个 TrueType 字体。"
            f" / No Chinese font found: install the Debian package {PACKAGE} or name a TrueType font with --font."
        )
    try:
        face = TTFont(FONT_NAME, str(chosen), subfontIndex=0)
    except (TTFError, OSError) as error:
        raise FontError(
            f"字体 {chosen} 不能嵌入 PDF（需要 TrueType 轮廓），可以安装 {PACKAGE}。"
            f" / {chosen} cannot be embedded (TrueType outlines needed; {PACKAGE} works): {error}"
        ) from error
    missing = sorted({char for text in texts for char in text if ord(char) not in face.face.charToGlyph})
    if missing:
        raise FontError(f"字体 {chosen} 缺少字符 / lacks the characters: {' '.join(missing)}")
    pdfmetrics.registerFont(face)
    return Font(FONT_NAME, chosen)
