"""Add up what models cost."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core import budget, price
from bot.core.budget import Feature, Span
from bot.core.tally import Dear, Share, Spent, Tally, hours
from bot.flows.spend import Terms
from storage import anomalies, calls, signatures
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
    """In how many hours a signature behaved unusually that a model had explained by then, and the
    calls about them."""
    known = calls.explained(session, feature=Feature.ANALYSIS, since=since, until=_after(now))
    spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in anomalies.of(session, known, since=since):
        began = max(since, known[one.signature_id].at, one.opened_at)
        spans[one.signature_id].append((began, one.closed_at or now))
    return sum(map(hours, spans.values())), sum(one.calls for one in known.values())


def _dearest(session: Session, *, since: datetime, until: datetime) -> list[Dear]:
    top = calls.by_signature(session, since=since, until=until, limit=TOP)
    rows = signatures.get(session, [number for number, *_ in top])
    return [
        Dear(rows[number].short_id, rows[number].title, made, cost)
        for number, made, cost in top
        if number in rows
    ]
