"""The count that a spike has to be above, and how it came about."""

from dataclasses import dataclass, replace

from bot.core.detection.threshold import Rules
from bot.core.detection.usual import HANDFUL, Usual
from bot.core.wording.plural import counted, number


@dataclass(frozen=True, slots=True)
class Bound:
    """A count, and the formula that made it, in numbers and words: "2 × the busiest usual (29)".

    `growth` is how much more traffic than usual there was, where that is known.
    """

    count: float
    formula: str
    growth: float | None = None

    @property
    def fires_from(self) -> int:
        """The smallest count that is above it."""
        return int(self.count) + 1


def of(
    usual: Usual, rules: Rules, *, few_minutes: int | None = None, growth: float | None = None
) -> Bound:
    """The highest of the bounds of a spike.

    `growth` is how many times the busiest usual traffic its service had, where that is known;
    `few_minutes` in how many minutes all of it came, where these are so few that it may be retries.
    """
    least = rules.min_count - 1
    highest = max(
        _with_traffic(_usual(usual, rules), rules, growth),
        Bound(least, f"{least}, the least that is ever called a spike"),
        _retried(few_minutes),
        key=_count,
    )
    return replace(highest, growth=growth)


def of_young(usual: Usual, rules: Rules, *, few_minutes: int | None) -> Bound:
    """The same for what is new: people were told of it, and are not told again for a handful."""
    least = Bound(HANDFUL, f"{HANDFUL}, up to which what is new is told once")
    return max(of(usual, rules, few_minutes=few_minutes), least, key=_count)


def of_young_customers(before: int, rules: Rules) -> float:
    """How many further customers something new must hit to be told again: as many times those who
    had it `before` as a spike must be times the usual."""
    return (rules.peak_factor + rules.swing_factor) * max(1, before)


def few(minutes: int | None, rules: Rules, *, hours: float) -> int | None:
    """The number of minutes, where these are so few that it may have been one failure that is tried
    again, or a few of them in a day; else None."""
    least = rules.min_minutes if hours <= rules.burst_hours else rules.min_day_minutes
    return minutes if minutes is not None and minutes < least else None


def _usual(usual: Usual, rules: Rules) -> Bound:
    """A multiple of the busiest usual window, plus a multiple of its swing: what always jumps has
    to jump further. What the same weekday held at this time in each week is usual, too."""
    peak, swing, mean = rules.peak_factor, rules.swing_factor, rules.mean_factor
    average = max(1.0, usual.robust_mean)
    busiest = peak * usual.robust_peak + swing * usual.swing
    weekday = peak * usual.weekday_peak
    if busiest >= max(weekday, mean * average):
        jump = f"{swing:g} × how far that is above a typical one ({number(usual.swing)})"
        return Bound(
            busiest, f"{peak:g} × the busiest usual ({number(usual.robust_peak)}) + {jump}"
        )
    if weekday >= mean * average:
        held = f"what the same weekday held at this time ({number(usual.weekday_peak)})"
        return Bound(weekday, f"{peak:g} × {held} in each week that is known")
    return Bound(mean * average, f"{mean:g} × the mean, at least 1 ({number(average)})")


def _with_traffic(usual: Bound, rules: Rules, growth: float | None) -> Bound:
    """The bound, raised by as much as the traffic grew; never lowered."""
    factor = min(rules.most_traffic, growth or 1.0)
    if factor <= 1.0:
        return usual
    capped = f", {factor:g} at most" if growth != factor else ""
    formula = f"({usual.formula}) × its service's traffic ({growth:g}{capped})"
    return Bound(usual.count * factor, formula)


def _retried(few_minutes: int | None) -> Bound:
    """What one failure that is tried again may log, where it can have been one."""
    if few_minutes is None:
        return Bound(0, "")
    said = counted(few_minutes, "minute")
    return Bound(HANDFUL, f"{HANDFUL} in {said}, which may be retries")


def _count(bound: Bound) -> float:
    return bound.count
