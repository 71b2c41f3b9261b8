"""Tell people in time that a provider is about to retire a model."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.flows import spend
from bot.flows.spend import Terms
from storage.database import Database

AHEAD = timedelta(days=60)
"""As early as providers announce it: another model has to be examined first."""


def tell(database: Database, ends: Mapping[str, datetime], *, terms: Terms, now: datetime) -> None:
    """Tell the first channel, once, of each model that is retired soon; `ends` has when, by
    name."""
    due = near(ends, now=now)
    if not due:
        return
    with database.write() as session:
        for name, said in due.items():
            spend.tell(session, terms, f"retires:{name}:{ends[name]:%Y-%m-%d}", said, now=now)


def near(ends: Mapping[str, datetime], *, now: datetime) -> dict[str, str]:
    """What to tell of each model that is retired soon, or was, by name."""
    return {name: _said(name, at) for name, at in ends.items() if at <= now + AHEAD}


def _said(name: str, at: datetime) -> str:
    return (
        f"{name} is served until {at:%Y-%m-%d} only: name another model in [llm] before that; "
        "`triage eval --live --model NAME` examines one. Afterwards the rules explain instead."
    )
