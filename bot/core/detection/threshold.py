"""The thresholds from which on a signature is unusual: a site's, and others for some signatures."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Rules:
    """The thresholds, each of which is a setting, and why it is what it is.

    `overrides` replace them for some signatures; `override` names the one that these are from, if
    any.
    """

    min_count: int = 10
    """Fewer occurrences are never a spike, whatever is usual: at ten a person would look."""
    peak_factor: float = 2.0
    """A spike is more than so many times the busiest usual: what doubled is worth a look."""
    swing_factor: float = 4.0
    """And so many times more of how far that stands above a typical day. The least with which what
    comes in bursts makes fewer than one false alarm a week in the simulation of decision 8."""
    mean_factor: float = 3.0
    """And more than so many times the mean: where nothing varies chance alone is three deviations
    off now and then."""
    min_minutes: int = 3
    """What came in fewer different minutes has to be more than `HANDFUL`: one failure that
    is tried again may begin in one minute and end in the next."""
    min_day_minutes: int = 10
    """The same of a day: its least ten, too, have to be ten failures, not three that are tried
    again."""
    most_traffic: float = 3.0
    """What its service's traffic grew by raises the threshold no further: one region of three takes
    over from the others."""
    burst_hours: int = 2
    """The short window, so that a burst does not wait for the day's total: the running hour, which
    may just have begun, and the one before."""
    new_customers: int = 2
    """How many who never had it make a spread: one alone is that customer's own trouble."""
    spread_customers: int = 3
    """Of so many who are hit, or with `min_count` occurrences: twice at two customers is chance."""
    chance_factor: float = 3.0
    """How many times as many who never had it as chance would bring, besides two, to the nearest
    whole one where it was seen to: it brings so many on one day of seventy at most."""
    established_days: int = 7
    """A customer known for less is new to the fleet, and in its first week meets every old error
    for the first time."""
    quiet_days: float = 3.0
    """How long a silence must be before its end is news: longer than a weekend."""
    gap_factor: float = 3.0
    """And how many times as long as the longest before: where it comes at random, the gap after
    seven is thrice the longest of them once in 120 times, and twice once in 36."""
    min_earlier: int = 8
    """In how many different hours it must have been seen to have a usual gap at all, or, while too
    little is known to judge, to be nothing sudden. The gap after the four of five hours is thrice
    the longest once in 35 times."""
    overrides: tuple["Override", ...] = ()
    override: str = ""

    @property
    def longest_quiet_days(self) -> float:
        """The longest silence that any signature's thresholds ask about."""
        return max(self.quiet_days, *(one.rules.quiet_days for one in self.overrides), 0.0)

    def of(self, service: str, short_id: str) -> "Rules":
        """The thresholds that hold for a signature: those of the first override that covers it."""
        for one in self.overrides:
            if one.covers(service, short_id):
                return one.rules
        return self


@dataclass(frozen=True, slots=True)
class Override:
    """Thresholds for some signatures: for one by its id, for those of a service, or both at once.

    `service` may have * and ? in it. Neither is compared by case.
    """

    rules: Rules
    service: str = ""
    signature: str = ""

    def covers(self, service: str, short_id: str) -> bool:
        """Whether it holds for a signature."""
        if self.signature and self.signature.upper() != short_id:
            return False
        return not self.service or fnmatchcase(service.casefold(), self.service.casefold())
