"""What a stored receipt says in words, the same on Slack and in a terminal."""

from collections.abc import Mapping
from typing import Any


def spelled(numbers: Mapping[str, Any]) -> str:
    """What was counted, what is usual, and below which count it would not have fired.

    A receipt of earlier rules may lack some of it.
    """
    counted = (
        f"{_number(numbers, 'observed')} {numbers.get('unit', '')} in "
        f"{_number(numbers, 'window_hours')} h"
    )
    usual = f"{_number(numbers, 'usual')}, at most {_number(numbers, 'usual_max')}"
    formula, override = numbers.get("formula"), numbers.get("override")
    above = f": above {formula}" if formula else ""
    thresholds = f" (with your thresholds for {override})" if override else ""
    return (
        f"Counted: {counted}. Usual in the days before ({_number(numbers, 'days')}): {usual}. "
        f"Below {_number(numbers, 'fires_from')} it would not have fired{above}{thresholds}."
    )


def _number(numbers: Mapping[str, Any], name: str) -> str:
    value = numbers.get(name)
    return f"{value:,g}" if isinstance(value, int | float) else "?"
