"""Store how much traffic there was: how many harmless lines each service wrote in each hour."""

from collections.abc import Iterator, Mapping

from sqlmodel import Session

from bot.core.hour import DAY
from bot.core.intake.census import ONE_OF, Census, Place
from storage import traffic
from storage.database import Database
from storage.traffic import Row

KEPT_DAYS = 31
"""Counted back from the newest hour that was measured: twice a baseline."""
SERVICES = 1_000
"""At most so many services in an hour: more are names that somebody makes up to fill the disk."""


def measure(database: Database, counted: Mapping[Place, Census]) -> None:
    """Add what was counted to what is stored; counting the same lines again changes nothing."""

    if not counted:
        return
    with database.write() as session:
        traffic.put(session, [_row(place, census) for place, census in _whole(session, counted)])
        traffic.forget(session, hours=KEPT_DAYS * DAY)


def _whole(session: Session, counted: Mapping[Place, Census]) -> Iterator[tuple[Place, Census]]:
    """What was counted, joined with what is stored; of new services only as many as there is room
    for."""
    known = traffic.censuses(session, counted.keys())
    room = traffic.services(session, {place.hour for place in counted})
    for place in sorted(counted):
        census = counted[place]
        if place in known:
            yield place, census | Census(known[place])
        elif (taken := room.get(place.hour, 0)) < SERVICES:
            room[place.hour] = taken + 1
            yield place, census


def _row(place: Place, census: Census) -> Row:
    return Row(*place, lines=ONE_OF * len(census), census=bytes(census.registers))
