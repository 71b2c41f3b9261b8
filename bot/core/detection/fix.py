"""Whether a resolution holds: quiet for long enough, where the error would have been seen."""

from dataclasses import dataclass

DAY = 24
"""It is watched for so many hours at least, since much comes at one time of day only."""
LONGEST = 14 * DAY
"""After so many hours an error that is too rare to prove anything is watched no more."""
ENOUGH = 3.0
"""Where so many are expected, none is seen by chance once in twenty times (e to the power of
-3)."""
MOST_GROWTH = 3.0
"""The expectation grows with the traffic by at most this factor."""


@dataclass(frozen=True, slots=True)
class Since:
    """What was seen since a resolution, up to the last hour in which any event came.

    `hours` is how many hours that is, `seen` how often the error was seen in them. `rate_before` is
    its rate before, `traffic_before` and `traffic_since` those of its service's traffic, all per
    hour; 0 where none is known.
    """

    hours: int
    seen: int
    rate_before: float
    traffic_before: float = 0.0
    traffic_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What can be said of a resolution, in a sentence; not `proven` where the error is too rare to
    tell."""

    proven: bool
    reason: str


def judge(since: Since) -> Confirmation | None:
    """What can be said of a resolution now; None while it is too early.

    How often the error would have been seen without it is its rate before, times the change of its
    service's traffic where that is known: the silence of a service that nobody uses proves nothing.
    """
    if since.seen or since.hours < DAY:
        return None
    expected = since.rate_before * since.hours * _change(since)
    quiet = f"quiet for {_span(since.hours)}"
    if expected >= ENOUGH:
        return Confirmation(proven=True, reason=f"{quiet}, expected about {expected:,.0f}")
    if since.hours >= LONGEST:
        rare = f"{quiet}, which proves little: about {expected:.1f} were expected"
        return Confirmation(proven=False, reason=rare)
    return None


def _change(since: Since) -> float:
    if not since.traffic_before:
        return 1.0
    return min(MOST_GROWTH, since.traffic_since / since.traffic_before)


def _span(hours: int) -> str:
    return f"{hours} h" if hours < 2 * DAY else f"{hours // DAY} days"
