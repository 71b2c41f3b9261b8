"""Check digits: what tells a number that was given to somebody from any other."""

from collections.abc import Sequence
from datetime import date

_DOUBLED = str.maketrans("0123456789", "0246813579")


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit doubled, its digits added."""
    return sum(map(int, number[-1::-2] + number[-2::-2].translate(_DOUBLED))) % 10 == 0


def weighted(number: str, weights: Sequence[int]) -> int:
    """The digits, each times its weight, added up: of as many as there are weights."""
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def iban(account: str) -> bool:
    """ISO 13616: the letters as numbers, the first four characters last, modulo 97 is 1."""
    return int("".join(str(int(c, 36)) for c in account[4:] + account[:4])) % 97 == 1


def verhoeff(number: str) -> bool:
    """J. Verhoeff, 1969: the digits, permuted by their places, multiplied in the dihedral group."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = _PRODUCTS[check][_PERMUTED[place % 8][int(digit)]]
    return check == 0


def _product(one: int, other: int) -> int:
    """Of two members of the group of order 10: from 5 on they are reflections."""
    turned = one + other if one < 5 else one - other
    return turned % 5 + (5 if (one < 5) != (other < 5) else 0)


_PRODUCTS = tuple(tuple(_product(one, other) for other in range(10)) for one in range(10))
_PERMUTED = [tuple(range(10))]
for _ in range(7):
    _PERMUTED.append(tuple((1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit] for digit in _PERMUTED[-1]))


def is_day(number: str, order: str) -> bool:
    """Whether six or eight digits are a day, in the order "ymd" or "dmy".

    With a year of two digits the century is not known, and the 29th of February is taken for one.
    """
    sizes = {"y": len(number) - 4, "m": 2, "d": 2}
    parts: dict[str, int] = {}
    for name in order:
        parts[name], number = int(number[: sizes[name]]), number[sizes[name] :]
    year = parts["y"] if sizes["y"] == 4 else 2000
    try:
        return 1850 <= date(year, parts["m"], parts["d"]).year <= 2150
    except ValueError:
        return False
