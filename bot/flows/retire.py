"""Tell in time of models that their provider is about to serve no more."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.flows import spend
from bot.flows.spend import Terms
from storage.database import Database

AHEAD = timedelta(days=60)
"""As long as providers announce it: another model wants to be examined first."""


def tell(database: Database, ends: Mapping[str, datetime], *, terms: Terms, now: datetime) -> None:
    """Tell the first channel, once, of each that ends soon; `ends` has when, by name."""
    due = near(ends, now=now)
    if not due:
        return
    with database.write() as session:
        for name, said in due.items():
            spend.tell(session, terms, f"retires:{name}:{ends[name]:%Y-%m-%d}", said, now=now)


def near(ends: Mapping[str, datetime], *, now: datetime) -> dict[str, str]:
    """What is to be said of each that ends soon, or has ended."""
    return {name: _said(name, at) for name, at in ends.items() if at <= now + AHEAD}


def _said(name: str, at: datetime) -> str:
    return (
        f"{name} is served until {at:%Y-%m-%d} only: name another model in [llm] before that; "
        "`triage eval --live --model NAME` examines one. Afterwards the rules explain instead."
    )
