"""The messages as they should stand on Slack: what is due, what was sent, what failed.

A message is due when it is behind (`shown` < `wanted`), its time has come, nobody who is not gone
holds a lease on it, it has not failed, and, for a reply, its parent is posted. Within a channel the
first post comes first: a later one waits while an earlier one is not posted.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.database import in_parts, insert, table_of
from storage.tables import Message, Placement

_AGAIN = ":again"
"""Ends the key of a message that was posted anew."""
_IS_POSTED = col(Message.ts) != ""


def add(
    session: Session,
    key: str,
    *,
    channel: str,
    kind: str,
    content: Mapping[str, Any],
    now: datetime,
    thread_of: int | None = None,
    shows: Collection[int] = (),
) -> int | None:
    """Want a message and give back its id, or None when there is one with that key already.

    `shows` are the signatures it shows: a decision on one makes it due again.
    """
    statement = (
        insert(session, Message)
        .values(
            key=key,
            channel=channel,
            kind=kind,
            content=dict(content),
            thread_of=thread_of,
            created_at=now,
            ts="",
            wanted=1,
            shown=0,
            attempts=0,
            not_before=now,
            leased_by="",
            last_error="",
        )
        .on_conflict_do_nothing()
        .returning(table_of(Message).c.id)
    )
    message_id: int | None = session.execute(statement).scalar_one_or_none()
    if message_id is not None:
        _place(session, message_id, shows)
    return message_id


def _place(session: Session, message_id: int, shows: Collection[int]) -> None:
    if shows:
        session.execute(
            insert(session, Placement).on_conflict_do_nothing(),
            [{"message_id": message_id, "signature_id": number} for number in sorted(shows)],
        )


def amend(
    session: Session, message_id: int, *, content: Mapping[str, Any], shows: Collection[int] = ()
) -> None:
    """Change what a message shows, and add signatures that it shows; this makes it due."""
    session.execute(
        update(Message)
        .where(col(Message.id) == message_id)
        .values(content=dict(content), wanted=col(Message.wanted) + 1)
    )
    _place(session, message_id, shows)


def annotate(session: Session, message_id: int, *, content: Mapping[str, Any]) -> None:
    """Change what is stored with a message without making it due: Slack shows the same."""
    session.execute(
        update(Message).where(col(Message.id) == message_id).values(content=dict(content))
    )


def contents(session: Session, signature_id: int, *, kind: str) -> list[dict[str, Any]]:
    """The contents of the messages of a kind that show a signature, the newest first."""
    statement = (
        select(col(Message.content))
        .join(Placement, col(Placement.message_id) == col(Message.id))
        .where(col(Placement.signature_id) == signature_id, col(Message.kind) == kind)
        .order_by(col(Message.id).desc())
    )
    return list(session.execute(statement).scalars())


def wanted_since(
    session: Session, moment: datetime, *, kinds: Collection[str], channel: str = ""
) -> list[Message]:
    """The messages of some kinds that were wanted after a moment, of a channel or of all, the
    oldest first."""
    statement = select(Message).where(
        col(Message.created_at) > moment, col(Message.kind).in_(kinds)
    )
    if channel:
        statement = statement.where(col(Message.channel) == channel)
    # To have them in order SQLite would read all that were ever sent.
    return sorted(session.execute(statement).scalars(), key=lambda message: message.id)


def changed(session: Session, signature_id: int, *, since: datetime) -> None:
    """Every message wanted after `since` that shows this signature is to be shown anew."""
    placed = select(col(Placement.message_id)).where(col(Placement.signature_id) == signature_id)
    session.execute(
        update(Message)
        .where(col(Message.id).in_(placed), col(Message.created_at) > since)
        .values(wanted=col(Message.wanted) + 1)
    )


def parents(session: Session, signature_id: int) -> list[Message]:
    """The top-level messages that show a signature, the newest first; not those that failed."""
    statement = (
        select(Message)
        .join(Placement, col(Placement.message_id) == col(Message.id))
        .where(
            col(Placement.signature_id) == signature_id,
            col(Message.thread_of).is_(None),
            col(Message.failed_at).is_(None),
        )
        .order_by(col(Message.id).desc())
    )
    return list(session.execute(statement).scalars())


def shown_since(
    session: Session,
    signature_ids: Collection[int],
    moment: datetime,
    *,
    until: datetime,
    kinds: Collection[str],
) -> list[tuple[int, Message]]:
    """The top-level messages of these kinds that show one of some signatures, each with that
    signature's number; those wanted after `moment`, up to `until`, the oldest first. Failed ones
    are left out."""
    statement = (
        select(col(Placement.signature_id), Message)
        .join(Message, col(Message.id) == col(Placement.message_id))
        .where(
            col(Message.created_at) > moment,
            col(Message.created_at) <= until,
            col(Message.kind).in_(kinds),
            col(Message.thread_of).is_(None),
            col(Message.failed_at).is_(None),
        )
        .order_by(col(Message.id))
    )
    parts = [
        statement.where(col(Placement.signature_id).in_(some)) for some in in_parts(signature_ids)
    ]
    return [(number, message) for part in parts for number, message in session.execute(part)]


def standing(session: Session, channel: str, ts: str) -> Message | None:
    """The message that was posted to a channel with this `ts`."""
    statement = select(Message).where(col(Message.channel) == channel, col(Message.ts) == ts)
    return session.execute(statement).scalars().first()


def shown_on(session: Session, message_id: int) -> list[int]:
    """The signatures that a message shows, by number."""
    placed = select(col(Placement.signature_id)).where(col(Placement.message_id) == message_id)
    return list(session.execute(placed).scalars())


def placed_since(
    session: Session, moment: datetime, *, kinds: Collection[str]
) -> list[tuple[int, int]]:
    """Which signatures the messages of these kinds show that were wanted after a moment: pairs of a
    signature's and a message's number."""
    statement = (
        select(col(Placement.signature_id), col(Placement.message_id))
        .join(Message, col(Message.id) == col(Placement.message_id))
        .where(col(Message.created_at) > moment, col(Message.kind).in_(kinds))
    )
    return [(number, message) for number, message in session.execute(statement)]


def again(session: Session, message_id: int, *, now: datetime) -> None:
    """Queue a copy of a message as a new post, once; the old one stays as it is."""
    old = session.get_one(Message, message_id)
    if old.key.endswith(_AGAIN):
        return
    add(
        session,
        f"{old.key}{_AGAIN}",
        channel=old.channel,
        kind=old.kind,
        content=old.content,
        now=now,
        shows=shown_on(session, message_id),
    )


def is_newest(session: Session, message: Message) -> bool:
    """Whether its channel got no later message of its kind."""
    later = exists().where(
        col(Message.channel) == message.channel,
        col(Message.kind) == message.kind,
        col(Message.id) > message.id,
    )
    return not session.execute(select(later)).scalar_one()


def last(session: Session, *, channel: str, kind: str) -> Message | None:
    """The message of a kind that was wanted last in a channel."""
    statement = select(Message).where(col(Message.channel) == channel, col(Message.kind) == kind)
    newest = statement.order_by(col(Message.id).desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


FARTHEST = timedelta(minutes=15)
"""No lease is as long, and hardly a wait that Slack asks for."""


class Resting(NamedTuple):
    """The channels that take no posts, or no updates, for now."""

    posts: Collection[str] = ()
    updates: Collection[str] = ()


NONE_REST = Resting()


def lease(
    session: Session,
    *,
    worker: str,
    now: datetime,
    lease_seconds: int,
    resting: Resting = NONE_REST,
    gone: Collection[str] = (),
) -> Message | None:
    """Lease the first message that is due to a worker; nobody else gets it meanwhile. None if none
    is.

    First come posts, in the order they were wanted; then updates, of the newest message first,
    which is the one people look at. The leases of workers that are gone do not count.
    """
    message = session.execute(_first_due(now, resting, gone)).scalar_one_or_none()
    if message:
        message.leased_by = worker
        message.leased_until = now + timedelta(seconds=lease_seconds)
        message.attempts += 1
        session.flush()
    return message


def renew(
    session: Session, message_id: int, *, worker: str, now: datetime, lease_seconds: int
) -> bool:
    """Extend a lease by so long from `now` on; False when somebody else has it."""
    result = session.execute(
        update(Message)
        .where(_held(message_id, worker))
        .values(leased_until=now + timedelta(seconds=lease_seconds))
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def holders(session: Session) -> set[str]:
    """The workers that hold, or held last, the leases on messages that are not up to date; ""
    stands for nobody."""
    held = select(col(Message.leased_by)).where(_is_behind(Message))
    return set(session.execute(held.distinct()).scalars())


def anything_due(
    session: Session,
    now: datetime,
    *,
    resting: Resting = NONE_REST,
    gone: Collection[str] = (),
) -> bool:
    """Whether `lease` would find something, without the lock that it takes."""
    return bool(session.execute(select(exists().where(_is_due(now, resting, gone)))).scalar_one())


def _first_due(now: datetime, resting: Resting, gone: Collection[str]) -> Select[Message]:
    posts_first = case((_IS_POSTED, 1), else_=0)
    then = case((_IS_POSTED, -col(Message.id)), else_=col(Message.id))
    due = select(Message).where(_is_due(now, resting, gone)).order_by(posts_first, then).limit(1)
    return due.with_for_update(skip_locked=True, of=Message)


def _is_due(now: datetime, resting: Resting, gone: Collection[str]) -> ColumnElement[bool]:
    takes_posts = col(Message.channel).not_in(resting.posts)
    takes_updates = col(Message.channel).not_in(resting.updates)
    return and_(
        _is_behind(Message),
        _has_come(Message.not_before, now),
        or_(
            col(Message.leased_until).is_(None),
            _has_come(Message.leased_until, now),
            col(Message.leased_by).in_(gone),
        ),
        ~_waits_for_parent(),
        or_(
            and_(_IS_POSTED, takes_updates),
            and_(~_IS_POSTED, takes_posts, ~_waits_for_turn()),
        ),
    )


def _has_come(moment: Any, now: datetime) -> ColumnElement[bool]:
    """Whether a wait is over. One that ends too far ahead is: it was begun by a clock that was set
    back."""
    return or_(col(moment) <= now, col(moment) > now + FARTHEST)


def _waits_for_parent() -> ColumnElement[bool]:
    parent = aliased(Message)
    return exists().where(col(parent.id) == col(Message.thread_of), col(parent.ts) == "")


def _waits_for_turn() -> ColumnElement[bool]:
    earlier = aliased(Message)
    return exists().where(
        col(earlier.channel) == col(Message.channel),
        col(earlier.id) < col(Message.id),
        col(earlier.ts) == "",
        _is_behind(earlier),
    )


def _is_behind(message: type[Message]) -> ColumnElement[bool]:
    """Whether a message is not up to date on Slack; worded as the index `ix_outbox_behind` is, so
    that it is used."""
    return and_(col(message.shown) < col(message.wanted), col(message.failed_at).is_(None))


def sent(
    session: Session,
    message_id: int,
    *,
    worker: str,
    ts: str,
    shown: int,
    doubted_until: datetime | None = None,
) -> bool:
    """Note that Slack shows a message as `ts`, in its state `shown`; False when the lease was lost
    meanwhile.

    With `doubted_until` it may stand there twice: a worker that tried before may post it until
    then.
    """
    doubt = {"doubted_until": doubted_until} if doubted_until else {}
    return _finish(
        session,
        message_id,
        worker=worker,
        values={"ts": ts, "shown": shown, "attempts": 0, "last_error": "", **doubt},
    )


def doubt(session: Session, message_id: int, *, until: datetime) -> None:
    """Have it checked at a moment whether a message stands twice on Slack."""
    session.execute(
        update(Message).where(col(Message.id) == message_id).values(doubted_until=until)
    )


def any_doubted(session: Session, now: datetime) -> bool:
    """Whether `lease_doubted` would find something, without the lock that it takes."""
    return bool(session.execute(select(exists().where(_is_doubted(now)))).scalar_one())


def lease_doubted(session: Session, *, now: datetime, until: datetime) -> Message | None:
    """A message for which it is time to check whether it stands twice, or None; nobody else gets it
    before `until`."""
    first = select(Message).where(_is_doubted(now)).order_by(col(Message.id)).limit(1)
    message: Message | None = session.execute(first).scalar_one_or_none()
    if message:
        message.doubted_until = until
    return message


def certain(session: Session, message_id: int) -> None:
    """Note that a message needs no check for a second copy any more."""
    session.execute(update(Message).where(col(Message.id) == message_id).values(doubted_until=None))


def _is_doubted(now: datetime) -> ColumnElement[bool]:
    return and_(col(Message.doubted_until).is_not(None), _has_come(Message.doubted_until, now))


def later(
    session: Session, message_id: int, *, worker: str, not_before: datetime, error: str
) -> bool:
    """Note that a message was not sent, or that nobody knows whether it was; it is due again from
    `not_before` on. False when the lease was lost meanwhile."""
    return _finish(
        session, message_id, worker=worker, values={"not_before": not_before, "last_error": error}
    )


def failed(session: Session, message_id: int, *, worker: str, now: datetime, error: str) -> bool:
    """Note that a message cannot be sent as it is, and why; it is kept and not tried again. False
    when the lease was lost meanwhile.

    The replies to it fail too: they would wait for it for ever, and keep the channel waiting.
    """
    failure = {"failed_at": now, "last_error": error}
    kept = _finish(session, message_id, worker=worker, values=failure)
    if kept:
        waiting = and_(col(Message.thread_of) == message_id, col(Message.ts) == "")
        session.execute(update(Message).where(waiting).values(**failure))
    return kept


class Backlog(NamedTuple):
    """How many messages wait to be sent, how many were given up, and why, by channel."""

    waiting: int
    failed: int
    reasons: Mapping[str, str]


def backlog(session: Session, *, failed_since: datetime) -> Backlog:
    """What did not reach Slack so far, with the latest reason of each channel."""
    behind = _is_behind(Message)
    failed = col(Message.failed_at) > failed_since
    latest = (
        select(func.max(col(Message.id)))
        .where(or_(behind, failed), col(Message.last_error) != "")
        .group_by(col(Message.channel))
    )
    reasons = select(col(Message.channel), col(Message.last_error)).where(
        col(Message.id).in_(latest)
    )
    return Backlog(
        waiting=_count(session, behind),
        failed=_count(session, failed),
        reasons=dict(session.execute(reasons.order_by(col(Message.channel))).all()),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(Message).where(condition)
    return int(session.execute(statement).scalar_one())


def get(session: Session, message_id: int) -> Message | None:
    """One message."""
    return session.get(Message, message_id)


def forget(session: Session, *, before: datetime, limit: int) -> int:
    """Delete some messages that were wanted before a moment and are up to date; gives back how
    many.

    The newest of each kind in a channel stays, so that what is posted once is not posted again, and
    so does what has replies.
    """
    young = select(col(Message.id)).where(col(Message.created_at) >= before)
    first_young = session.execute(young.order_by(col(Message.id)).limit(1)).scalar()
    later, reply = aliased(Message), aliased(Message)
    old = select(col(Message.id)).where(
        col(Message.created_at) < before,
        *([col(Message.id) < first_young] if first_young else []),
        ~_is_behind(Message),
        exists().where(
            col(later.channel) == col(Message.channel),
            col(later.kind) == col(Message.kind),
            col(later.id) > col(Message.id),
        ),
        ~exists().where(col(reply.thread_of) == col(Message.id)),
    )
    ids = session.execute(old.order_by(col(Message.id)).limit(limit)).scalars().all()
    for some in in_parts(ids):
        session.execute(delete(Placement).where(col(Placement.message_id).in_(some)))
        session.execute(delete(Message).where(col(Message.id).in_(some)))
    return len(ids)


def _finish(session: Session, message_id: int, *, worker: str, values: Mapping[str, Any]) -> bool:
    result = session.execute(
        update(Message)
        .where(_held(message_id, worker))
        .values(leased_by="", leased_until=None, **values)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def _held(message_id: int, worker: str) -> ColumnElement[bool]:
    return and_(col(Message.id) == message_id, col(Message.leased_by) == worker)
