"""How often something was seen, period by period, at a glance."""

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each, scaled to the highest; the lowest is for nothing seen, and for that alone."""
    highest, steps = max(counts, default=0) or 1, len(_BARS) - 1
    return "".join(_BARS[-(-count * steps // highest)] for count in counts)
