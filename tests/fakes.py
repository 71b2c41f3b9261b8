"""Stand-ins written by hand."""

from datetime import datetime, timedelta

from tests.builders import NOON


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = NOON

    def __call__(self) -> datetime:
        return self._now

    def move(self, *, to: datetime | None = None, **by: float) -> None:
        """Forward by so many `minutes=` or `hours=`; or to a moment."""
        self._now = (to or self._now) + timedelta(**by)
