"""What a stored receipt says in words, the same on Slack and in a terminal."""

from collections.abc import Mapping
from typing import Any


def spelled(numbers: Mapping[str, Any]) -> str:
    """Below which count it would not have fired, and how that came about.

    What was counted and what is usual is in the sentence of the reason. A receipt of earlier rules
    may lack some of it.
    """
    least, unit = numbers.get("fires_from"), numbers.get("unit", "")
    if least == 1:
        return "Seeing it once is enough."
    count = f"{least:,g}" if isinstance(least, int | float) else "?"
    formula, override = numbers.get("formula"), numbers.get("override")
    above = f": above {formula}" if formula else ""
    thresholds = f" (with your thresholds for {override})" if override else ""
    return f"Below {f'{count} {unit}'.strip()} it would not have fired{above}{thresholds}."
