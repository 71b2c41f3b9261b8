"""How often a signature was seen in each hour, carried on from one look to the next."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hours:
    """How often a signature was seen in each hour from `first` on, as of when that was `total`
    times in all; an absent hour is zero."""

    first: int
    total: int
    counts: Mapping[int, int]

    def carried(
        self, recent: Mapping[int, int], *, since: int, first: int, total: int
    ) -> "Hours | None":
        """The same from `first` on, with what is known now of the hours from `since` on.

        None where that does not account for the `total` of now: something came of an hour before.
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
