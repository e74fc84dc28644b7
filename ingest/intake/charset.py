"""Decode text of unknown encoding: UTF-8, UTF-16, GB18030, Big5 — or refuse it as binary."""

import codecs
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_CHARS: Final = 20_000
# Below this share of characters that people write, the bytes are not text in that encoding.
_MIN_PLAUSIBLE: Final = 0.90
# Frequent characters of running Chinese, simplified then traditional: they tell GB18030 from Big5, which both
# decode almost any bytes.
_FREQUENT: Final = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实"
    "這個們來為國說時會對於過發後裡種經學現當沒動還進樣開從實與將應該無關問題業務員請單電"
)


def decode_text(data: bytes) -> tuple[str, str] | None:
    """Return the decoded text and the encoding's name, or None when the bytes are not text.

    The order is: byte order mark, UTF-8, UTF-16 without a mark, then the better of GB18030 and Big5.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = _strict(data, name)
            return (text, name) if text is not None and plausible(text) else None
    if b"\0" in data[:4096]:
        return _utf16_without_mark(data)
    text = _strict(data, "utf-8")
    if text is not None:
        return (text, "utf-8") if plausible(text) else None
    best: tuple[float, str, str] | None = None
    for name in ("gb18030", "big5"):
        text = _strict(data, name)
        if text is None or not plausible(text):
            continue
        score = _frequency(text)
        if best is None or score > best[0]:
            best = (score, text, name)
    return (best[1], best[2]) if best else None


def plausible(text: str) -> bool:
    """Tell whether ``text`` looks written: few control, private-use, unassigned or rare characters."""
    sample = text[:_SAMPLE_CHARS]
    if not sample.strip():
        return True
    good = sum(1 for char in sample if _ordinary(ord(char)))
    return good >= _MIN_PLAUSIBLE * len(sample) and not any(ord(char) < 9 for char in sample)


def _ordinary(code: int) -> bool:
    if code < 0x20:
        return code in (9, 10, 12, 13)
    return (
        code < 0x7F
        or 0xA0 <= code < 0x0530
        or 0x1E00 <= code < 0x2E00
        or 0x3000 <= code < 0x3400
        or 0x4E00 <= code < 0xA000
        or 0xAC00 <= code < 0xD7A4
        or 0xFE30 <= code < 0xFE50
        or 0xFF00 <= code < 0xFFF0
        or 0x1F300 <= code < 0x1FB00
    )


def _frequency(text: str) -> float:
    wide = [char for char in text[:_SAMPLE_CHARS] if char > "\x7f"]
    return sum(char in _FREQUENT for char in wide) / max(len(wide), 1)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf16_without_mark(data: bytes) -> tuple[str, str] | None:
    head = data[:4096]
    # Latin text in UTF-16 has its zero bytes all on one side.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even == odd or min(even, odd) * 10 > max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = _strict(data, name)
    return (text, name) if text is not None and plausible(text) else None
