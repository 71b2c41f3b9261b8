"""Hours, counted since the epoch in UTC: what sightings are added up by."""

from datetime import UTC, datetime, timedelta

MOMENT = timedelta(microseconds=1)
"""The least that one moment is before another."""
DAY = 24


def hour_of(moment: datetime) -> int:
    """The hour a moment lies in."""
    return int(moment.timestamp()) // 3600


def minute_of(moment: datetime) -> int:
    """The minute of its hour that a moment lies in, as a set of minutes with one bit."""
    return 1 << moment.minute


def last_hour(until: datetime) -> int:
    """The last hour of a window that goes up to a moment."""
    return hour_of(until - MOMENT)


def start_of(hour: int) -> datetime:
    """When an hour began."""
    return datetime.fromtimestamp(hour * 3600, UTC)
