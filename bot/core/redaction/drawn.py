"""What was drawn by lot and not written by anybody."""

import operator
import string

_CLASSES = str.maketrans(
    string.ascii_lowercase + string.ascii_uppercase + string.digits, "a" * 26 + "A" * 26 + "0" * 10
)
_NO_SIGNS = str.maketrans("", "", "-+/")
"""What Base64 has besides letters and digits, in either alphabet."""
_SHORTEST, _SURE = 16, 28
_HEX_IF_NAMED, _BASE36, _HEX = 24, 32, 40


def is_drawn(text: str, *, named: bool, shortest: int = _SHORTEST) -> bool:
    """Whether letters and digits were drawn by lot; where they are `named` for a credential, less
    will do: small and capital letters and digits of the `shortest` length.

    In Base62 two neighbours are of different classes (small, capital, digit) in 62 of 100 cases, in
    names that people write in at most 35; in Base36 in 40. A number in hexadecimal is as long as a
    hash at least.
    """
    plain = text.replace("_", "")
    if all(letter in string.hexdigits for letter in plain):
        return not plain.isdecimal() and len(plain) >= (_HEX_IF_NAMED if named else _HEX)
    classes = plain.translate(_NO_SIGNS).translate(_CLASSES)
    if not classes:
        return False
    changes = sum(map(operator.ne, classes, classes[1:])) / len(classes)
    if len(set(classes)) == 3:
        return changes >= 0.45 and len(text) >= (shortest if named else _SURE)
    return (
        len(set(classes)) == 2
        and changes >= 0.3
        and len(text) == len(classes) >= (_HEX_IF_NAMED if named else _BASE36)
    )
