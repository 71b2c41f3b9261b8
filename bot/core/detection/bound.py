"""The bound of a spike: the count that it has to exceed, and how that came about."""

from dataclasses import dataclass, replace

from bot.core.detection.threshold import Rules
from bot.core.detection.usual import HANDFUL, Usual
from bot.core.wording.plural import counted, number


@dataclass(frozen=True, slots=True)
class Bound:
    """A count to exceed, and the formula behind it in words: "2 × the busiest usual (29)".

    `growth` is by what factor the service's traffic rose above its usual peak, where that is known.
    """

    count: float
    formula: str
    growth: float | None = None

    @property
    def fires_from(self) -> int:
        """The smallest whole number above the count."""
        return int(self.count) + 1


def of(
    usual: Usual, rules: Rules, *, few_minutes: int | None = None, growth: float | None = None
) -> Bound:
    """The bound of a spike: the highest of several, so that all of them have to be exceeded.

    They are a multiple of what is usual, raised as traffic `growth` was; the least that is ever
    called a spike; and, where all of it came in `few_minutes`, what retries of one failure may log.
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
    """The bound for a signature that is new: people were told of it, and are not told again for a
    handful."""
    least = Bound(HANDFUL, f"{HANDFUL}, up to which what is new is told once")
    return max(of(usual, rules, few_minutes=few_minutes), least, key=_count)


def of_young_customers(before: int, rules: Rules) -> float:
    """How many further customers something new must hit for people to be told again: those who had
    it `before`, times the factors of a spike."""
    return (rules.peak_factor + rules.swing_factor) * max(1, before)


def few(minutes: int | None, rules: Rules, *, hours: float) -> int | None:
    """The number of minutes in which something came, if it is so small that it may be retries of
    one failure, or of a few over a day; else None. `hours` is the length of the window."""
    least = rules.min_minutes if hours <= rules.burst_hours else rules.min_day_minutes
    return minutes if minutes is not None and minutes < least else None


def _usual(usual: Usual, rules: Rules) -> Bound:
    """The highest of three: a multiple of the busiest usual window plus one of its swing (what
    always jumps has to jump further), a multiple of what the same weekday held at this time, and
    one of the mean."""
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
    """The bound, multiplied by the growth of traffic; never lowered."""
    factor = min(rules.most_traffic, growth or 1.0)
    if factor <= 1.0:
        return usual
    capped = f", {factor:g} at most" if growth != factor else ""
    formula = f"({usual.formula}) × its service's traffic ({growth:g}{capped})"
    return Bound(usual.count * factor, formula)


def _retried(few_minutes: int | None) -> Bound:
    """What retries of one failure may log, where it came in so few minutes; else a bound of 0."""
    if few_minutes is None:
        return Bound(0, "")
    said = counted(few_minutes, "minute")
    return Bound(HANDFUL, f"{HANDFUL} in {said}, which may be retries")


def _count(bound: Bound) -> float:
    return bound.count
