"""Set flags, which takes effect at once in every replica, and tell how they stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.core.flag import ON, Flag, Position
from bot.core.wording.moment import written
from bot.errors import NotFound, Taken
from storage import flags, outbox, tables
from storage.database import Database

SWITCHED = "switched"
"""The kind of message that says who switched what."""
LATEST = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """The position of a flag, and who set it last; `number` is the id of that setting.

    `by` is empty where nobody ever set it.
    """

    flag: Flag
    position: Position = ON
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Who set a flag to what, when and why, and its position before."""

    flag: str
    was: Position
    now: Position
    by: str
    at: datetime
    reason: str


def switch(
    database: Database,
    wanted: Mapping[Flag, Position],
    *,
    by: str,
    reason: str,
    now: datetime,
    seen: Mapping[Flag, int] | None = None,
    channels: Collection[str] = (),
) -> tuple[Change, ...]:
    """Set flags; gives back what changed, and tells the channels.

    Who set what and why is kept for ever. A flag that has the wanted position already is left
    alone, so that a form that is sent twice sets it once. `seen` has the numbers of the settings
    that the person looked at: raises Taken where somebody changed one since.
    """

    with database.write() as session:
        before = {one.flag: one for one in _standing(session)}
        changed = [flag for flag, new in wanted.items() if before[flag].position != new]
        for flag in changed:
            _refuse_stale(before[flag], seen)
        rows = [
            _put(session, flag, wanted[flag], by=by, reason=reason, now=now) for flag in changed
        ]
        for row in rows:
            _tell(session, row, channels, now=now)
        return tuple(_change(row, before[Flag(row.name)].position) for row in rows)


def standing(database: Database) -> tuple[Setting, ...]:
    """Every flag as it stands."""
    with database.read() as session:
        return _standing(session)


def latest(database: Database) -> tuple[Change, ...]:
    """The latest changes, the newest first."""
    with database.read() as session:
        rows = flags.latest(session, limit=LATEST)
        return tuple(_change(row, _before(session, row)) for row in rows)


def changed(database: Database, number: int) -> Change:
    """What one setting changed. Raises NotFound."""
    with database.read() as session:
        row = flags.get(session, number)
        if row is None:
            raise NotFound(f"There is no setting {number} of a flag.")
        return _change(row, _before(session, row))


def said(one: Setting) -> str:
    """ "model off (ana, 2026-11-21 10:40 UTC: costs): a model explains …"."""
    why = f": {one.reason}" if one.reason else ""
    who = f" ({one.by}, {written(one.at)}{why})" if one.at else ""
    return f"{one.flag:<6} {one.position!s:<3}{who}  {one.flag.says}"


def told(one: Change) -> str:
    """ "2026-11-21 10:40 UTC, ana: model on → off: costs"."""
    why = f": {one.reason}" if one.reason else ""
    return f"{written(one.at)}, {one.by}: {one.flag} {one.was} → {one.now}{why}"


def _put(
    session: Session, flag: Flag, new: Position, *, by: str, reason: str, now: datetime
) -> tables.Flag:
    return flags.put(session, flag, on=new.on, percent=new.percent, by=by, reason=reason, now=now)


def _before(session: Session, row: tables.Flag) -> Position:
    found = flags.before(session, row)
    return _position(found) if found else ON


def _position(row: tables.Flag) -> Position:
    return Position(row.on, row.percent)


def _standing(session: Session) -> tuple[Setting, ...]:
    rows = flags.standing(session)
    found = ((flag, rows.get(flag)) for flag in Flag)
    return tuple(
        Setting(flag, _position(row), row.by, row.at, row.reason, row.id) if row else Setting(flag)
        for flag, row in found
    )


def _refuse_stale(stands: Setting, seen: Mapping[Flag, int] | None) -> None:
    if seen is None or seen.get(stands.flag, 0) == stands.number or stands.at is None:
        return
    raise Taken(
        f"Somebody set {stands.flag} to {stands.position} meanwhile. Close this and open it again.",
        by=stands.by,
        at=stands.at,
    )


def _change(row: tables.Flag, was: Position) -> Change:
    return Change(row.name, was, _position(row), row.by, row.at, row.reason)


def _tell(session: Session, row: tables.Flag, channels: Collection[str], *, now: datetime) -> None:
    for channel in channels:
        outbox.add(
            session,
            f"flag:{row.id}:{channel}",
            channel=channel,
            kind=SWITCHED,
            content={"setting": row.id},
            now=now,
        )
