"""Add up what models cost."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.spending import budget, price
from bot.core.spending.budget import Caps, Feature, Forecast, Span
from bot.core.spending.outcome import Usage
from bot.core.spending.tally import Dear, Share, Spent, Tally, hours
from bot.flows import weigh
from bot.flows.spend import Terms
from storage import anomalies, calls, signatures
from storage.database import Database

TOP = 5
PACE = timedelta(days=7)
"""The forecast of a month goes on at the pace of these days: older ones may be of other
settings."""


def tally(database: Database, terms: Terms, *, withheld: str, now: datetime) -> Tally:
    """What models cost in the running hour, day and month; `withheld` is why none is asked now, or
    empty."""
    month, until = Span.MONTH.start(now), _after(now)
    with database.read() as session:
        spent = calls.between(session, since=month, until=until)
        since = _paced(session, now)
        ended = calls.by_outcome(session, since=month, until=until)
        wanted, asked = _wanted(session, since=month, now=now)
        return Tally(
            hour=_spent(session, Span.HOUR, terms.caps.hour, now=now),
            today=_spent(session, Span.DAY, terms.caps.day, now=now),
            month=_spent(session, Span.MONTH, terms.caps.month, now=now),
            forecast=_forecast(session, spent.cost, since=since, caps=terms.caps, now=now),
            pace_days=max(1, round((now - since) / timedelta(days=1))),
            shares=tuple(Share(*one) for one in calls.by_model(session, since=month, until=until)),
            dearest=tuple(_dearest(session, since=month, until=until)),
            wanted=wanted,
            asked=asked,
            priced=price.AS_OF,
            withheld=withheld,
            under_way=_part(calls.under_way(session, since=month, until=until), terms),
            unanswered=_part(calls.uncounted(session, since=month, until=until), terms),
            ended={one.outcome: one.calls for one in ended},
            tokens=Usage(*map(sum, zip(*(one.tokens for one in ended), strict=True))),
            unpriced=terms.prices.gaps(terms.models.values()),
            arms=weigh.arms(session, since=month, until=until),
            unseen=weigh.unseen(session, since=month, until=until),
        )


def _spent(session: Session, span: Span, cap: int, *, now: datetime) -> Spent:
    found = calls.between(session, since=span.start(now), until=_after(now))
    return Spent(found.cost, found.calls, cap)


def _part(found: calls.Total, terms: Terms) -> Spent:
    return Spent(found.cost, found.calls, terms.caps.month)


def _paced(session: Session, now: datetime) -> datetime:
    """Since when the daily pace is measured: `PACE` ago, or since the first call if that was
    later."""
    return max(now - PACE, calls.first(session) or now - PACE)


def _forecast(
    session: Session, spent: int, *, since: datetime, caps: Caps, now: datetime
) -> Forecast:
    """What the month will cost at the pace of the last days."""
    lately = calls.between(session, since=since, until=_after(now)).cost
    end = _next(Span.MONTH.start(now))
    return budget.forecast(spent, lately=lately, since=since, now=now, end=end, caps=caps)


def _after(now: datetime) -> datetime:
    return now + timedelta(microseconds=1)


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _wanted(session: Session, *, since: datetime, now: datetime) -> tuple[int, int]:
    """How much keeping explanations saves: in how many hours a signature was unusual that a model
    had explained before (each would be a call), and how many calls there were about these."""
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
