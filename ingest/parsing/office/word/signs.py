"""Characters of symbol fonts, which are stored by their place in the font."""

from typing import Final

_SYMBOL_LETTERS: Final = dict(zip("abcdefghijklmnopqrstuvwxyz", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)) | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)
)
_SYMBOL_SIGNS: Final = {
    0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB3: "≥",
    0xB4: "×", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC5: "⊕", 0xC6: "∅",
    0xC7: "∩", 0xC8: "∪", 0xCE: "∈", 0xD0: "∠", 0xD1: "∇", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xE5: "∑", 0xF2: "∫",
    0xA9: "♥", 0xA8: "♦", 0xA7: "♣", 0xAA: "♠", 0xDE: "⇒", 0xDB: "⇔", 0xD8: "¬", 0xD9: "∧", 0xDA: "∨",
}  # fmt: skip
_WINGDINGS: Final = {
    0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x4A: "☺", 0x4C: "☹", 0x52: "☼", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑",
    0x72: "❒", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0x9F: "•", 0xA1: "○", 0xA3: "◯", 0xA4: "◉", 0xA7: "▪", 0xA8: "□",
    0xAB: "★", 0xD8: "➢", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2: Final = {
    0x50: "✓",
    0x4F: "✗",
    0x52: "☑",
    0x51: "☒",
    0x54: "☒",
    0x53: "☑",
    0xA3: "□",
    0x2A: "☐",
    0x30: "☐",
}


def symbol(font: str, code: str) -> str:
    """Return the character of ``w:sym``; "" where the font's place has no known meaning."""
    try:
        place = int(code, 16)
    except ValueError:
        return ""
    name = font.lower().replace(" ", "")
    if not 0xF000 <= place <= 0xF0FF:
        return chr(place) if 0x20 <= place < 0x110000 and not 0xD800 <= place <= 0xF8FF else ""
    place -= 0xF000
    if name == "symbol":
        return _SYMBOL_SIGNS.get(place) or _SYMBOL_LETTERS.get(chr(place), chr(place) if 0x20 <= place < 0x7F else "")
    if name == "wingdings":
        return _WINGDINGS.get(place, "")
    return _WINGDINGS_2.get(place, "") if name == "wingdings2" else ""
