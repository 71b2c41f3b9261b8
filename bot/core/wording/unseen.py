"""Invisible characters, and those that change how the text around them is shown."""

_RANGES = (
    (0x00, 0x1F),  # control characters: they move a terminal's cursor, end a line, paint
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),  # marks of direction, here and below: text runs backwards
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates, which no encoding takes
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags: a whole text that only a machine reads
)
UNSEEN = frozenset(code for first, last in _RANGES for code in range(first, last + 1))
"""Their code points: Unicode's controls, line and paragraph separators, surrogates, annotations,
and its Default_Ignorable_Code_Point without U+FE00 to U+FE0F, the variation selectors of emoji.
"""
_CONTROLS = frozenset((*range(0x20), *range(0x7F, 0xA0)))
_SHOWN = {
    **dict.fromkeys(UNSEEN - _CONTROLS, "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys(_CONTROLS, " "),
}


def clean(line: str) -> str:
    """A line safe to show: tabs, and whatever could steer a terminal, become spaces, and what could
    hide becomes U+FFFD."""
    return line.translate(_SHOWN)
