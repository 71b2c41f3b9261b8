"""How long what was counted is kept."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Retention:
    """In days (UTC), today not counted.

    How often an error was seen is kept by the hour for `hourly_days`, then by the day until
    `daily_days`. An event that is sent again after `event_days` counts again.
    """

    hourly_days: int = 190
    daily_days: int = 400
    event_days: int = 30
