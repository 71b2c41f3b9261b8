"""Set a flag, which holds at once and everywhere, and say how all of them stand."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.flag import Flag
from storage import flags
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """How a flag stands; nobody set it yet where `by` is empty."""

    flag: Flag
    on: bool = True
    by: str = ""
    at: datetime | None = None
    reason: str = ""


def switch(
    database: Database, flag: Flag, *, on: bool, by: str, reason: str, now: datetime
) -> None:
    """From now on it stands so; who set it and why is kept for ever."""
    with database.write() as session:
        flags.put(session, flag, on=on, by=by, reason=reason, now=now)


def standing(database: Database) -> tuple[Standing, ...]:
    """Every flag as it stands."""
    with database.read() as session:
        rows = flags.standing(session)
    found = ((flag, rows.get(flag)) for flag in Flag)
    return tuple(
        Standing(flag, row.on, row.by, row.at, row.reason) if row else Standing(flag)
        for flag, row in found
    )


def said(one: Standing) -> str:
    """ "model off (ana, 2026-11-21 10:40 UTC: costs): a model explains …"."""
    why = f": {one.reason}" if one.reason else ""
    who = f" ({one.by}, {one.at:%Y-%m-%d %H:%M} UTC{why})" if one.at else ""
    return f"{one.flag:<6} {'on ' if one.on else 'off'}{who}  {one.flag.says}"
