"""Tell what the database holds, and what retention will delete next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.hour import start_of
from bot.core.intake.retention import Bounds, Retention, RowBudget
from bot.flows import clean
from storage import holdings
from storage.database import Database
from storage.holdings import Holding, Whole

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Going:
    """At most how many rows of each table are deleted within a day, and how many `hours` of
    sightings are added up by the day."""

    rows: dict[str, int]
    hours: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What the database holds, the largest table first; what is deleted next; and how full the
    budgets of rows are."""

    whole: Whole
    held: Sequence[Holding]
    going: Going
    budgets: Sequence[RowBudget]

    def as_json(self) -> dict[str, Any]:
        """Plain values: sizes in bytes, times as text."""
        return {
            "bytes": self.whole.size,
            "bytes_free": self.whole.free,
            "hours_to_days_within_a_day": self.going.hours,
            "budgets": {one.setting: {"rows": one.held, "most": one.most} for one in self.budgets},
            "tables": [
                {
                    "table": one.table,
                    "rows": one.rows,
                    "bytes": one.size,
                    "oldest": one.oldest and one.oldest.isoformat(),
                    "newest": one.newest and one.newest.isoformat(),
                    "going_within_a_day": self.going.rows.get(one.table, 0),
                }
                for one in self.held
            ],
        }


def survey(database: Database, kept: Retention, *, now: datetime) -> Survey:
    """The survey as of now; it reads the whole database."""
    bounds = clean.bounds(database, kept, now=now + DAY)
    with database.read() as session:
        held = holdings.of(session)
        budgets = _budgets(kept, {one.table: one.rows for one in held})
        return Survey(holdings.whole(session), held, _going(session, bounds), budgets)


def _budgets(kept: Retention, rows: Mapping[str, int]) -> Sequence[RowBudget]:
    return (
        RowBudget("most_events", kept.most_events, rows.get("seen", 0)),
        RowBudget("most_sightings", kept.most_sightings, rows.get("sightings", 0)),
    )


def _going(session: Session, bounds: Bounds) -> Going:
    evidence, messages, asked = map(start_of, (bounds.evidence, bounds.messages, bounds.calls))
    ages: dict[str, datetime | int] = {
        "seen": bounds.events,
        "sightings": bounds.daily,
        "outbox": messages,
        "digests": messages,
        "reminders": messages,
        "calls": asked,
    }
    rows = {table: holdings.older(session, table, before) for table, before in ages.items()}
    rows |= {table: holdings.unseen(session, table, evidence) for table in ("samples", "analyses")}
    return Going(rows, holdings.hours(session, since=bounds.daily, before=bounds.hourly))
