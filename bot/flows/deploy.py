"""Remember what was deployed: an error that is new shortly after it may be its doing."""

from datetime import datetime, timedelta
from difflib import get_close_matches

from bot.errors import TriageError
from storage import deploys, signatures
from storage.database import Database
from storage.deploys import Version

CLOCKS_DIFFER = timedelta(minutes=10)


def deploy(database: Database, version: Version, *, at: datetime, now: datetime) -> datetime:
    """Remember that a version was deployed, and give back since when it runs.

    That is the earliest we were told or saw: doing it twice changes nothing. Raises TriageError
    where `at` is still to come.
    """
    if at > now + CLOCKS_DIFFER:
        raise TriageError(
            f"at {at.isoformat()} is still to come: tell of a deploy when it is done, or leave the "
            "time out to say now."
        )
    with database.write() as session:
        return deploys.tell(session, version, at)


def doubt(database: Database, service: str) -> str:
    """That no errors are known of a service, and which may be meant; empty where there are some."""
    with database.read() as session:
        known = signatures.services(session)
    if service in known:
        return ""
    near = get_close_matches(service, known, n=1)
    return f"No errors are known of {service}{f'; did you mean {near[0]}?' if near else ' yet.'}"
