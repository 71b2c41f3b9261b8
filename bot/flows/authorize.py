"""Make, list and revoke the keys that senders of errors prove themselves by."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from bot.core.intake import key
from bot.core.intake.key import Stored
from bot.errors import NotFound, TriageError
from storage import keys, tables
from storage.database import Database

LONGEST_PROJECT = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. `text` is shown this once and stored nowhere."""

    number: int
    project: str
    text: str

    def dsn(self, address: str) -> str:
        """The address that Sentry's clients send to, of a server at `http://host:port`."""
        scheme, _, place = address.rstrip("/").rpartition("://")
        return f"{scheme or 'http'}://{self.text}@{place}/{self.number}"


def make(database: Database, project: str, *, now: datetime) -> Made:
    """A new key for a project, beside those it has, so that two hold while one is replaced.

    Raises TriageError for what cannot be the name of a project.
    """
    name = project.strip()
    if not name or len(name) > LONGEST_PROJECT or not name.isprintable():
        raise TriageError(f"A project has a name of 1 to {LONGEST_PROJECT} letters: checkout")
    secret = key.text(token_hex(key.SECRET_BYTES))
    with database.write() as session:
        row = keys.add(session, name, prefix=key.prefix(secret), digest=key.digest(secret), now=now)
        return Made(row.id, name, secret)


def every(database: Database) -> list[tables.ApiKey]:
    """All keys there ever were, the oldest first."""
    with database.read() as session:
        return keys.every(session)


def holding(database: Database) -> dict[str, Stored]:
    """The keys that hold, by their prefix."""
    with database.read() as session:
        rows = keys.holding(session)
    return {row.prefix: Stored(row.project, row.prefix, row.digest) for row in rows}


def revoke(database: Database, number: int, *, now: datetime) -> tables.ApiKey:
    """Refuse a key from now on; doing so twice changes nothing. Raises NotFound."""
    with database.write() as session:
        row = keys.get(session, number)
        if row is None:
            raise NotFound(f"There is no key {number}: `triage keys list` shows all.")
        row.revoked_at = row.revoked_at or now
        session.add(row)
        return row
