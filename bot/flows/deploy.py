"""Remember deploys: an error that is new shortly after one may come from it."""

from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from bot.errors import TriageError
from storage import deploys, signatures
from storage.database import Database
from storage.deploys import Version

CLOCKS_DIFFER = timedelta(minutes=10)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = 5
"""So many environments are named where the one that was said is unknown."""


def deploy(database: Database, version: Version, *, at: datetime, now: datetime) -> datetime:
    """Remember that a version was deployed, and give back since when it runs.

    That is the earliest time that we were told or that an event named it, so telling it twice
    changes nothing. Raises TriageError where `at` is in the future, or before 1970.
    """
    if at < EARLIEST:
        raise TriageError(f"at {at.isoformat()} is no time of a deploy: leave it out to say now.")
    if at > now + CLOCKS_DIFFER:
        raise TriageError(
            f"at {at.isoformat()} is still to come: tell of a deploy when it is done, or leave the "
            "time out to say now."
        )
    with database.write() as session:
        return deploys.tell(session, version, at)


def doubt(database: Database, version: Version) -> str:
    """A warning that no errors of a version's service or environment are known, and what may have
    been meant; empty where some are."""
    service, environment = version.service, version.environment
    with database.read() as session:
        known, places = signatures.services(session), signatures.environments(session, service)
    if service in known:
        if environment in ("", *places):
            return ""
        named = f"they name {', '.join(places[:NAMED])}" if places else "they name none"
        return f"No errors of {service} name {environment}: {named}."
    near = get_close_matches(service, known, n=1)
    return f"No errors are known of {service}{f'; did you mean {near[0]}?' if near else ' yet.'}"
