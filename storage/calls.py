"""The ledger of what models were asked, and what it cost."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true, update
from sqlmodel import Session, col

from storage.database import delete_some, in_parts
from storage.tables import Call

COUNTED: ColumnElement[int] = func.coalesce(col(Call.cost), col(Call.reserved))
"""The amount of a call: its cost where that is known, else the most that it may have cost."""


AGREES = "agrees"
"""The remark on a call that was only compared, and gave the same verdict."""


class Slice(NamedTuple):
    """A part of the ledger: the calls since a moment, of all, or of one team or feature."""

    since: datetime
    team: str = ""
    feature: str = ""


class Total(NamedTuple):
    """How many calls there were, and what they cost, in micro-dollars."""

    calls: int
    cost: int


class History(NamedTuple):
    """When a model first explained a signature, and how many calls were made about it in a
    window."""

    at: datetime
    calls: int


class Sum(NamedTuple):
    """What the calls of a team, a feature and a model cost, in micro-dollars, and how many were
    answered."""

    team: str
    feature: str
    asked: str
    calls: int
    answered: int
    cost: int


class Ended(NamedTuple):
    """How many calls had an outcome, and their sums of `tokens`: in, out, read from a cache,
    written to one, and the part of the output that was thinking."""

    outcome: str
    calls: int
    tokens: tuple[int, ...]


class Use(NamedTuple):
    """What the calls of a prompt, a model and its class came to. `proven` counts answers without a
    remark, `agreed` those whose remark says that both agree."""

    prompt: str
    asked: str
    tier: str
    calls: int
    answered: int
    proven: int
    agreed: int
    cost: int
    latency_ms: int


def reserve(session: Session, call: Call) -> int:
    """Enter a call that is about to be made; from now on what it may cost counts as spent."""
    session.add(call)
    session.flush()
    return call.id


def settle(session: Session, call_id: int, *, outcome: str, **known: Any) -> bool:
    """Enter how a call ended; False where that was entered before.

    Without a `cost` what was reserved for it stays spent.
    """
    is_open = and_(col(Call.id) == call_id, col(Call.outcome) == "")
    entered = session.execute(update(Call).where(is_open).values(outcome=outcome, **known))
    return bool(entered.rowcount)  # type: ignore[attr-defined]


def lose(session: Session, signature_id: int, *, feature: str, outcome: str) -> None:
    """Enter an outcome for the calls about a signature that are under way, since nobody waits for
    them any more: what was reserved for them stays spent."""
    open_ones = (
        col(Call.signature_id) == signature_id,
        col(Call.feature) == feature,
        col(Call.outcome) == "",
    )
    session.execute(update(Call).where(*open_ones).values(outcome=outcome))


def spent(session: Session, parts: Sequence[Slice]) -> list[int]:
    """The cost of each of some parts of the ledger, reservations included, in micro-dollars."""
    return _sums(session, parts, true())


def settled(
    session: Session, parts: Sequence[Slice], *, lost_before: datetime | None = None
) -> list[int]:
    """The same without the calls that are under way; one made before `lost_before` counts as lost,
    not as under way."""
    ended = col(Call.outcome) != ""
    return _sums(session, parts, or_(ended, col(Call.at) < lost_before) if lost_before else ended)


def _sums(session: Session, parts: Sequence[Slice], counts: ColumnElement[bool]) -> list[int]:
    if not parts:
        return []
    within = [and_(_within(part), counts) for part in parts]
    sums = [func.coalesce(func.sum(case((one, COUNTED), else_=0)), 0) for one in within]
    first = min(part.since for part in parts)
    row = session.execute(select(*sums).where(col(Call.at) >= first)).one()
    return [int(amount) for amount in row]


def answered_by(session: Session, asked: str, *, provider: str, since: datetime) -> str:
    """The name of the model that answered last when `asked` was asked; empty if none did."""
    statement = select(col(Call.model)).where(
        col(Call.asked) == asked,
        col(Call.provider) == provider,
        col(Call.at) >= since,
        col(Call.model) != "",
    )
    return session.execute(statement.order_by(col(Call.id).desc()).limit(1)).scalar() or ""


def telling(
    session: Session, asked: str, *, provider: str, probe: str, since: datetime
) -> Call | None:
    """The newest call that tells whether a model can be used: one that was answered, or a probe
    (its prompt is named `probe`)."""
    tells = or_(
        col(Call.outcome) == "ok",
        and_(col(Call.prompt) == probe, col(Call.outcome).not_in(("", "stopped"))),
    )
    statement = select(Call).where(
        col(Call.asked) == asked, col(Call.provider) == provider, col(Call.at) >= since, tells
    )
    return session.execute(statement.order_by(col(Call.id).desc()).limit(1)).scalars().first()


def between(session: Session, *, since: datetime, until: datetime) -> Total:
    """How many calls were made in a window, and what they cost."""
    return _counted(session, true(), since=since, until=until)


def _counted(
    session: Session, which: ColumnElement[bool], *, since: datetime, until: datetime
) -> Total:
    statement = select(func.count(), func.coalesce(func.sum(COUNTED), 0)).where(
        col(Call.at) >= since, col(Call.at) < until, which
    )
    number, cost = session.execute(statement).one()
    return Total(int(number), int(cost))


def under_way(session: Session, *, since: datetime, until: datetime) -> Total:
    """How many calls of a window have not ended, and what is reserved for them."""
    return _counted(session, col(Call.outcome) == "", since=since, until=until)


def uncounted(session: Session, *, since: datetime, until: datetime) -> Total:
    """How many calls of a window ended without a known cost, and what stays spent for them."""
    ended = and_(col(Call.outcome) != "", col(Call.cost).is_(None))
    return _counted(session, ended, since=since, until=until)


def first(session: Session) -> datetime | None:
    """When the first call of all was made."""
    return session.execute(select(func.min(col(Call.at)))).scalar()


def _within(part: Slice) -> ColumnElement[bool]:
    return and_(
        col(Call.at) >= part.since,
        col(Call.team) == part.team if part.team else true(),
        col(Call.feature) == part.feature if part.feature else true(),
    )


def latest(session: Session, signature_ids: Collection[int], *, feature: str) -> dict[int, Call]:
    """The last call about each of some signatures for a feature."""
    newest = select(func.max(col(Call.id))).where(col(Call.feature) == feature)
    newest = newest.group_by(col(Call.signature_id))
    return {
        row.signature_id: row
        for some in in_parts(signature_ids)
        for row in session.execute(
            select(Call).where(col(Call.id).in_(newest.where(col(Call.signature_id).in_(some))))
        ).scalars()
        if row.signature_id is not None
    }


def by_model(session: Session, *, since: datetime, until: datetime) -> list[Sum]:
    """What was spent in a window by team, feature and the model that was asked for, the most first.
    Not by the model that answered: that may have another name each month, and has none where none
    did."""
    whose = (col(Call.team), col(Call.feature), col(Call.asked))
    statement = (
        select(
            *whose,
            func.count(),
            func.sum(case((col(Call.outcome) == "ok", 1), else_=0)),
            func.sum(COUNTED),
        )
        .where(col(Call.at) >= since, col(Call.at) < until)
        .group_by(*whose)
        .order_by(func.sum(COUNTED).desc(), *whose)
    )
    return [Sum(*row) for row in session.execute(statement)]


def by_outcome(session: Session, *, since: datetime, until: datetime) -> list[Ended]:
    """How the calls of a window ended, without those under way."""
    tokens = (
        col(Call.tokens_in),
        col(Call.tokens_out),
        col(Call.tokens_cache_read),
        col(Call.tokens_cache_write),
        col(Call.tokens_thinking),
    )
    statement = (
        select(col(Call.outcome), func.count(), *map(func.sum, tokens))
        .where(col(Call.at) >= since, col(Call.at) < until, col(Call.outcome) != "")
        .group_by(col(Call.outcome))
        .order_by(col(Call.outcome))
    )
    rows = session.execute(statement)
    return [Ended(outcome, number, tuple(map(int, taken))) for outcome, number, *taken in rows]


def uses(session: Session, *, feature: str, since: datetime, until: datetime) -> list[Use]:
    """The calls for a feature that were made in a window and have ended, by prompt, model and
    class."""
    use = (col(Call.prompt), col(Call.asked), col(Call.tier))
    answered = col(Call.outcome) == "ok"
    statement = (
        select(
            *use,
            func.count(),
            func.sum(case((answered, 1), else_=0)),
            func.sum(case((and_(answered, col(Call.why) == ""), 1), else_=0)),
            func.sum(case((and_(answered, col(Call.why) == AGREES), 1), else_=0)),
            func.sum(COUNTED),
            func.sum(col(Call.latency_ms)),
        )
        .where(col(Call.feature) == feature, col(Call.outcome) != "")
        .where(col(Call.at) >= since, col(Call.at) < until)
        .group_by(*use)
        .order_by(*use)
    )
    return [Use(*row) for row in session.execute(statement)]


def explained(
    session: Session, *, feature: str, since: datetime, until: datetime
) -> dict[int, History]:
    """Each signature that a model ever explained, with when it first did and how many calls were
    made about it in a window. An answer with a remark explained nothing."""
    proven = and_(col(Call.outcome) == "ok", col(Call.why) == "")
    first = func.min(case((proven, col(Call.at))))
    statement = (
        select(col(Call.signature_id), first, func.sum(case((col(Call.at) >= since, 1), else_=0)))
        .where(col(Call.feature) == feature, col(Call.at) < until)
        .group_by(col(Call.signature_id))
        .having(first.is_not(None))
    )
    return {number: History(at, int(made)) for number, at, made in session.execute(statement)}


def by_signature(
    session: Session, *, since: datetime, until: datetime, limit: int
) -> list[tuple[int, int, int]]:
    """The signatures that cost most in a window: number, calls and cost of each."""
    statement = (
        select(col(Call.signature_id), func.count(), func.sum(COUNTED))
        .where(col(Call.at) >= since, col(Call.at) < until, col(Call.signature_id).is_not(None))
        .group_by(col(Call.signature_id))
        .order_by(func.sum(COUNTED).desc(), col(Call.signature_id))
        .limit(limit)
    )
    return [
        (int(number), int(calls), int(cost)) for number, calls, cost in session.execute(statement)
    ]


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete some calls that were made before a moment; gives back how many."""
    return delete_some(session, Call, col(Call.at) < before, limit=limit)
