"""Whether what was resolved is mended: quiet for long enough, where it would have been seen."""

from dataclasses import dataclass

DAY = 24
"""Hours: the least that is watched, since much comes at one time of day only."""
LONGEST = 14 * DAY
"""Hours after which what is too rare to be proven is let go."""
ENOUGH = 3.0
"""So many expected and none seen is chance once in twenty times (e to the power of -3 is .05)."""
MOST_GROWTH = 3.0
"""By so much at most the expectation grows with the traffic, however much there is."""


@dataclass(frozen=True, slots=True)
class Since:
    """What was seen of a signature in the `hours` that something was heard at all since it was
    resolved, and at which rates it, and the traffic of its service, came before and since: an hour
    each; 0 where no traffic is known."""

    hours: int
    seen: int
    rate_before: float
    traffic_before: float = 0.0
    traffic_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said, in a sentence; it is not `proven` where it is too rare to know."""

    proven: bool
    reason: str


def judge(since: Since) -> Verdict | None:
    """What can be said of it now, or nothing yet.

    The expectation is its own rate before, times how the traffic of its service changed where
    that is known: nothing is proven by the silence of a service that nobody uses.
    """
    if since.seen or since.hours < DAY:
        return None
    expected = since.rate_before * since.hours * _change(since)
    quiet = f"quiet for {_span(since.hours)}"
    if expected >= ENOUGH:
        return Verdict(proven=True, reason=f"{quiet}, expected about {expected:,.0f}")
    if since.hours >= LONGEST:
        rare = f"{quiet}, which proves little: about {expected:.1f} were expected"
        return Verdict(proven=False, reason=rare)
    return None


def _change(since: Since) -> float:
    if not since.traffic_before:
        return 1.0
    return min(MOST_GROWTH, since.traffic_since / since.traffic_before)


def _span(hours: int) -> str:
    return f"{hours} h" if hours < 2 * DAY else f"{hours // DAY} days"
