"""A character of a symbol font -> the character it looks like."""

from __future__ import annotations

import re

_PRIVATE = range(0xF000, 0xF100)
_PRIVATE_CHARACTER = re.compile("[\uf000-\uf0ff]")
_GREEK_CAPITALS = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_GREEK_SMALL = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL = (
    {0x41 + place: character for place, character in enumerate(_GREEK_CAPITALS)}
    | {0x61 + place: character for place, character in enumerate(_GREEK_SMALL)}
    | {
        code: chr(code)
        for code in (*range(0x20, 0x22), 0x23, *range(0x25, 0x27), *range(0x28, 0x2A), *range(0x2B, 0x40))
    }
    | {0x2D: "−", 0xA2: "′", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓"}
    | {0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈"}
    | {0xBC: "…", 0xD6: "√", 0xD7: "⋅", 0xDB: "⇔", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫", 0xC5: "⊕", 0xC6: "∅", 0xCE: "∈"}
)
_WINGDINGS = (
    {0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "◻"}
    | {0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓"}
    | {0xFD: "☒", 0xFE: "☑", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0xB6: "★"}
)
_FONTS: dict[str, dict[int, str]] = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def symbol(code: int, font: str) -> str:
    """Return what a symbol looks like; nothing where it is a mere decoration.

    :param code: of the character, in Word's private area or not.
    :param font: its name.
    """
    table = _FONTS.get(font.casefold())
    if code in _PRIVATE:
        code -= _PRIVATE.start
    elif table is None:
        return chr(code)
    return (table or {}).get(code, "")


def readable(text: str, font: str) -> str:
    """Replace the private characters of a symbol font in a text.

    :param text: as the file has it.
    :param font: the run's.
    """
    return _PRIVATE_CHARACTER.sub(lambda match: symbol(ord(match[0]), font), text)
