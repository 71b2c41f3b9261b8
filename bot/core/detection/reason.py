"""The sentence in which an anomaly is told: what was counted, and what is usual."""

from datetime import datetime, timedelta
from math import ceil

from bot.core.detection.receipt import Receipt
from bot.core.hour import DAY, start_of
from bot.core.wording.moment import written
from bot.core.wording.plural import counted, number

_NAMED = 4


def new(receipt: Receipt, *, first_seen: datetime, first_told: datetime) -> str:
    """Since when a new error is here, and how often it was seen."""
    seen = written(first_seen)
    if first_told - first_seen >= timedelta(hours=DAY):
        return f"happened {seen}, but reached us only {written(first_told)}"
    hit = len(receipt.customers)
    at = f" at {counted(hit, 'customer')}" if hit else ""
    return f"first seen {seen}, {number(receipt.observed)} since{at}"


def spike(receipt: Receipt, *, few_minutes: int | None, aside: str, old_bursts: int) -> str:
    """How much was seen, how suddenly and at which quiet time, and what is usual."""
    at_once = f" all in {counted(few_minutes, 'minute')}," if few_minutes else ""
    quiet = f" {aside}," if aside else ""
    besides = f" besides {counted(old_bursts, 'old burst')}" if old_bursts else ""
    growth = receipt.traffic
    busier = f", traffic {growth:g} × its busiest" if growth and growth > 1 else ""
    return (
        f"{number(receipt.observed)} in {number(receipt.window_hours)} h,{at_once}{quiet} "
        f"usually {number(receipt.usual)} "
        f"({counted(receipt.days, 'day')}, max {number(receipt.usual_max)}{besides}){busier}: "
        f"fires from {number(receipt.fires_from)}"
    )


def outgrown(receipt: Receipt, *, begun: datetime) -> str:
    """How much a new error has grown, compared with all of its life, or with its rate so far."""
    lived = datetime.fromisoformat(receipt.since) - begun
    at_most, rate = "at most ", ""
    if lived < timedelta(hours=receipt.window_hours):
        at_most, rate = "", f" at the rate of its first {ceil(lived / timedelta(minutes=1))} min"
    return (
        f"{number(receipt.observed)} in {number(receipt.window_hours)} h, "
        f"{at_most}{number(receipt.usual_max)} in as long{rate}, "
        f"known since {written(begun)}: fires from {number(receipt.fires_from)}"
    )


def outgrown_customers(receipt: Receipt, *, begun: datetime) -> str:
    """How many customers a new error hits now, compared with all that it ever hit."""
    return (
        f"{_newly_hit(receipt)}; {number(receipt.usual_max)} before, known since {written(begun)}"
    )


def spread(receipt: Receipt) -> str:
    """Who never had it, since when, and how many have it usually; besides those who are new to
    everything."""
    newcomers = len(receipt.customers) - int(receipt.observed)
    besides = f" besides {newcomers} new to everything" if newcomers else ""
    return (
        f"{_newly_hit(receipt)}; "
        f"{number(receipt.observed)} today{besides}, usually {number(receipt.usual)} "
        f"({counted(receipt.days, 'day')}, max {number(receipt.usual_max)})"
    )


def _newly_hit(receipt: Receipt) -> str:
    """Who never had it, and since when; not for how many hours, which would change with each
    hour."""
    total = sum(receipt.customers.values())
    named = ", ".join(
        f"{customer} {receipt.customers[customer] * 100 // total} %"
        for customer in receipt.new_customers[:_NAMED]
    )
    unnamed = len(receipt.new_customers) - _NAMED
    more = f", +{unnamed} more" if unnamed > 0 else ""
    since = datetime.fromisoformat(receipt.since)
    hit = counted(len(receipt.new_customers), "customer")
    return f"+{hit} since {written(since)}: {named}{more}"


def resolved(at: datetime, *, again: int | None, fixed_in: str = "", mended: str = "") -> str:
    """That it is here again, when it was resolved and in which version.

    `again` is the first later hour in which it was seen, None where that is the hour of the
    resolution. `mended` names the versions with the fix, where they are known: in that hour an
    older version that still ran may have caused it.
    """
    when = written(start_of(again)) if again else "within the hour"
    since = f"since {when} at the earliest" if again else when
    seen = f"seen in {mended} {since}" if mended else f"seen again {when}"
    release = f" in {fixed_in}" if fixed_in else ""
    return f"resolved{release} {written(at)}, {seen}"


def awake(receipt: Receipt, *, deaf: int, since: int) -> str:
    """For how long it was quiet, besides hours in which nobody listened, and how often it was seen
    since."""
    besides = f" besides {duration(deaf)} in which nothing at all came" if deaf else ""
    longest = f", its longest gap before was {duration(int(receipt.usual_max))}"
    gap = longest if receipt.usual_max else ""
    return f"quiet for {_days(receipt.observed / DAY)}{besides}{gap}; {since:,} since"


def duration(hours: int) -> str:
    """A number of hours; in days from two days on."""
    return f"{hours} h" if hours < 2 * DAY else _days(hours / DAY)


def _days(count: float) -> str:
    days = number(count)
    return f"{days} day" if days == "1" else f"{days} days"
