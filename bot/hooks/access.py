"""Who sends: whose the key in a request is."""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock

from starlette.requests import Request

from bot.core.intake import key
from bot.core.intake.key import Stored
from bot.hooks.answers import Rejected
from storage.failures import FAILURES

FRESH = timedelta(seconds=5)
"""So long after it was revoked a key may still be taken."""
LOOKED_AGAIN = timedelta(seconds=1)
"""For a key that was just made: unknown ones ask the database no more often."""

Clock = Callable[[], datetime]


class Keyring:
    """The valid keys: those of projects, and the one that the program was started with.

    While the database cannot be asked, the keys that were valid before are: nobody can revoke one
    meanwhile.
    """

    def __init__(
        self, holding: Callable[[], Mapping[str, Stored]], own: Sequence[str], *, clock: Clock
    ) -> None:
        self._holding = holding
        self._own = own
        self._clock = clock
        self._kept: Mapping[str, Stored] = {}
        self._read_at: datetime | None = None
        self._lock = Lock()

    def project(self, given: str) -> str:
        """The project of a key; empty for the program's own. Raises Rejected for one that is not
        valid, and what a database may raise."""
        if fits(given, self._own):
            return ""
        kept = self._found(key.prefix(given)) if given.startswith(key.MARK) else None
        if kept is None or not key.is_same(given, kept.digest):
            raise Rejected(
                401,
                "No key of ours: send the header `Authorization: Bearer KEY` with one that "
                "`triage keys new PROJECT` made.",
            )
        return kept.project

    def _found(self, prefix: str) -> Stored | None:
        with self._lock:
            now = self._clock()
            age = None if self._read_at is None else now - self._read_at
            wait = FRESH if prefix in self._kept else LOOKED_AGAIN
            if age is None or not timedelta() <= age < wait:
                self._read(prefix, now)
            return self._kept.get(prefix)

    def _read(self, prefix: str, now: datetime) -> None:
        try:
            self._kept = self._holding()
        except FAILURES:
            if prefix not in self._kept:
                raise
        self._read_at = now


def fits(given: str, keys: Sequence[str]) -> bool:
    """Whether a key is one of some, compared in constant time."""
    raw = given.encode("utf-8", "surrogateescape")
    same = [hmac.compare_digest(raw, one.encode()) for one in keys]
    return any(same)


def bearer(request: Request) -> str:
    """The key of `Authorization: Bearer KEY`, or ""."""
    scheme, given = _authorization(request.headers)
    return given.strip() if scheme == "bearer" else ""


def given_key(headers: Mapping[str, str]) -> str:
    """The key of a request, as forwarders spell it: Bearer, Splunk's, or the password of Basic."""
    scheme, given = _authorization(headers)
    if scheme == "basic":
        return _password(given)
    return given.strip() if scheme in ("bearer", "splunk") else ""


def _authorization(headers: Mapping[str, str]) -> tuple[str, str]:
    """The scheme of the header, in lower case, and what follows it."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower(), given


def _password(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""
