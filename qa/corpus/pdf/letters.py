"""The code of a character as a font gives it -> the letters that it stands for."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SOFT_HYPHEN = 0xAD
SPACE = 0x20
CORK = {0x15: "–", 0x16: "—", 0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"}  # TeX's T1 encoding
_LIGATURES = range(0xFB00, 0xFB07)
HYPHENS = frozenset([0x02, SOFT_HYPHEN, 0xFFFE])
_SYMBOL_BULLETS = frozenset([0xF0A7, 0xF0A8, 0xF0B7, 0xF0D8, 0xF0FC, 0xF06E, 0xF076, 0xF0E0])


@lru_cache(maxsize=4096)
def letter(code: int) -> str:
    """Return a character as it is read: ligatures as their letters, a hyphen as a hyphen, a symbol font's bullet as one.

    :param code: of the character.
    """
    if code in HYPHENS:
        return "-"
    if code in CORK:
        return CORK[code]
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", chr(code))
    if code in _SYMBOL_BULLETS:
        return "•"
    return chr(code) if unicodedata.category(chr(code)) not in ("Cc", "Cs", "Cn") else "\ufffd"


@lru_cache(maxsize=4096)
def is_garbled(code: int) -> bool:
    """Tell whether a character stands for no known letter.

    :param code: of the character.
    """
    if code in HYPHENS or code in _SYMBOL_BULLETS or code in CORK or code == SPACE:
        return False
    return code == 0xFFFD or unicodedata.category(chr(code)) in ("Cc", "Co", "Cs", "Cn")  # noqa: PLR2004
