"""Add up what models cost."""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core import budget, price
from bot.core.baseline import hour_of
from bot.core.budget import Feature, Span
from bot.core.tally import Dear, Share, Spent, Tally
from bot.flows.spend import Terms
from storage import calls, sightings, signatures
from storage.database import Database

TOP = 5
PACE = timedelta(days=7)
"""Whose pace a month goes on at: what was before it was set up, or set otherwise, says nothing."""


def tally(database: Database, terms: Terms, *, withheld: str, now: datetime) -> Tally:
    """The running day and month; `withheld` is why nothing is asked now, if so."""
    month, until = Span.MONTH.start(now), _after(now)
    with database.read() as session:
        today = calls.between(session, since=Span.DAY.start(now), until=until)
        spent = calls.between(session, since=month, until=until)
        wanted, asked = _wanted(session, since=month, now=now)
        return Tally(
            today=Spent(today.cost, today.calls, terms.caps.day),
            month=Spent(spent.cost, spent.calls, terms.caps.month),
            forecast=_forecast(session, spent.cost, month=month, now=now),
            shares=tuple(
                Share(one.team, one.feature, one.model, one.calls, one.answered, one.cost)
                for one in calls.by_model(session, since=month, until=until)
            ),
            dearest=tuple(_dearest(session, since=month, until=until)),
            wanted=wanted,
            asked=asked,
            priced=price.AS_OF,
            withheld=withheld,
        )


def _forecast(session: Session, spent: int, *, month: datetime, now: datetime) -> int:
    """At the pace of the last days: since the first call, where that is not as long ago."""
    since = max(now - PACE, calls.first(session) or now - PACE)
    lately = calls.between(session, since=since, until=_after(now)).cost
    return budget.forecast(spent, lately=lately, since=since, now=now, end=_next(month))


def _after(now: datetime) -> datetime:
    return now + timedelta(microseconds=1)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _wanted(session: Session, *, since: datetime, now: datetime) -> tuple[int, int]:
    """In how many hours an error was seen that a model had explained by then, and its calls."""
    first = calls.explained(session, feature=Feature.ANALYSIS, since=since, until=_after(now))
    from_then = {number: hour_of(one.at) for number, one in first.items()}
    hours = sightings.hours_seen(session, from_then, last=hour_of(now))
    return hours, sum(one.calls for one in first.values())


def _dearest(session: Session, *, since: datetime, until: datetime) -> list[Dear]:
    top = calls.by_signature(session, since=since, until=until, limit=TOP)
    rows = signatures.get(session, [number for number, *_ in top])
    return [
        Dear(rows[number].short_id, rows[number].title, made, cost)
        for number, made, cost in top
        if number in rows
    ]
