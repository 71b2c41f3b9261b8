"""A signature's count for each hour, which is carried on from one judgement to the next."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hours:
    """A signature's count for each hour from `first` on; an absent hour is zero. `total` is how
    often it had been seen in all at that time."""

    first: int
    total: int
    counts: Mapping[int, int]

    def carried(
        self, recent: Mapping[int, int], *, since: int, first: int, total: int
    ) -> "Hours | None":
        """The same from `first` on, with the `recent` counts of the hours from `since` on.

        None where that does not add up to the `total` of now: then something came late, for an
        earlier hour, and all has to be read again.
        """
        before = {hour: n for hour, n in self.counts.items() if hour < since}
        came = sum(before.values()) + sum(recent.values()) - sum(self.counts.values())
        if first < self.first or self.total + came != total:
            return None
        kept = {hour: n for hour, n in before.items() if hour >= first}
        return Hours(first, total, {**kept, **recent})

    def until(self, last: int) -> Mapping[int, int]:
        """The counts up to an hour."""
        return {hour: n for hour, n in self.counts.items() if hour <= last}
