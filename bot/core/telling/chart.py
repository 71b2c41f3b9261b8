"""The chart of a signature's last fortnight: what its picture shows, and the same in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.hour import MOMENT
from bot.core.wording.moment import written

DAY = timedelta(days=1)
NAMED_DEPLOYS = 4


@dataclass(frozen=True, slots=True)
class Deploy:
    """A version of the signature's service, and since when it runs."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    """How often a signature was seen each day, oldest first. Each day is 24 hours; the last ends at
    `until`.

    On the days `unheard` (by their place) nobody listened. A count of `fires_from` or more would be
    a spike; None while too little is known to say. `deploys` are in the order they happened.
    """

    short_id: str
    counts: tuple[int, ...]
    until: datetime
    unheard: frozenset[int] = frozenset()
    fires_from: int | None = None
    deploys: tuple[Deploy, ...] = ()

    @property
    def days(self) -> tuple[date, ...]:
        """The date on which each day ends."""
        last = self.until - MOMENT
        return tuple((last - back * DAY).date() for back in reversed(range(len(self.counts))))

    @property
    def marked(self) -> tuple[tuple[float, Deploy], ...]:
        """The latest deploys, each with its distance in days (with fractions) from the chart's
        beginning."""
        began = self.until - len(self.counts) * DAY
        placed = (((one.at - began) / DAY, one) for one in self.deploys)
        return tuple((at, one) for at, one in placed if 0 <= at <= len(self.counts))[
            -NAMED_DEPLOYS:
        ]

    def is_spike(self, day: int) -> bool:
        """Whether the count of a day would be a spike now."""
        return self.fires_from is not None and self.counts[day] >= self.fires_from


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that was drawn and uploaded to Slack, with its words."""

    file: str
    says: str


def said(chart: Chart) -> str:
    """The chart in words, with all its numbers."""
    return " ".join(_sentences(chart))


def spoken(day: date) -> str:
    """A date as it is written below a bar: "18 Nov"."""
    return f"{day.day} {day:%b}"


def _sentences(chart: Chart) -> Iterator[str]:
    heard = [place for place in range(len(chart.counts)) if place not in chart.unheard]
    first = heard[0] if heard else 0
    days = [
        "no data" if place in chart.unheard else f"{chart.counts[place]:,}"
        for place in range(first, len(chart.counts) - 1)
    ]
    began = spoken(chart.days[first])
    before = f"from {began} on {', '.join(days)}, then " if days else ""
    last = f"{chart.counts[-1]:,} in the 24 hours up to {written(chart.until)}"
    yield f"{chart.short_id} a day: {before}{last}."
    if chart.fires_from is None:
        yield "Too little is known to say what would be a spike."
    else:
        yield f"A day is a spike from {chart.fires_from:,} on."
    if chart.marked:
        named = ", ".join(f"{one.version} on {spoken(one.at.date())}" for _, one in chart.marked)
        yield f"Deployed: {named}."
