"""What was asked, on the disk before it is acknowledged: a burst of clicks in one commit."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event, Lock
from typing import Any

from bot.slack.crew import Crew
from storage import inbox
from storage.database import Database
from storage.failures import FAILURES, cause
from storage.locks import Gone, Presence

_NEEDLESS = {"token", "message", "state"}
"""A secret of Slack's, and what stands around a button."""
_OF_A_VIEW = ("id", "type", "callback_id", "private_metadata", "state", "app_installed_team_id")
"""Which form it is, what it is about, what was entered and whose app asked, without how."""

log = logging.getLogger(__name__)


class Inbox:
    """Keeps what was asked until it is carried out; asked from any thread, written by one."""

    def __init__(
        self, database: Database, presence: Presence, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._presence = presence
        self._clock = clock
        self._new: dict[str, Mapping[str, Any]] = {}
        self._done: set[str] = set()
        self._is_wanted = False
        self._written = Event()
        self._change = Lock()
        self._writer = Crew("slack-inbox", workers=1)

    def keep(self, key: str, body: Mapping[str, Any]) -> Event:
        """Set once it is kept, together with all that came meanwhile, or cannot be."""
        with self._change:
            self._want_written()
            self._new[key] = _needed(body)
            return self._written

    def forget(self, key: str) -> None:
        """It is carried out."""
        with self._change:
            self._want_written()
            self._done.add(key)

    def of_the_missing(self) -> Sequence[Mapping[str, Any]]:
        """What those kept and never carried out of whom nothing is heard now, in order; it is ours
        from now on. One that lives, but lost its lock just now, may be at it."""
        return self._of(self._presence.missing)

    def of_the_gone(self) -> Sequence[Mapping[str, Any]]:
        """The same of those who live no more. What could not be forgotten is, by the way."""
        with self._change:
            if self._done:
                self._want_written()
        return self._of(self._presence.gone)

    def _of(self, which: Gone) -> Sequence[Mapping[str, Any]]:
        worker = self._presence.worker
        with self._database.read() as session:
            left_by = which(session, inbox.holders(session, besides=worker))
        if not left_by:
            return []
        with self._database.write() as session:
            return inbox.take(session, left_by, holder=worker)

    def finish(self, seconds: float) -> None:
        """Write what waits."""
        self._writer.finish(seconds)

    def _want_written(self) -> None:
        """Once for all that comes before the writer gets to it."""
        if not self._is_wanted:
            self._is_wanted = True
            self._writer.follow_up(self._write)

    def _write(self) -> None:
        with self._change:
            new, done, written = self._new, self._done, self._written
            self._new, self._done, self._written = {}, set(), Event()
            self._is_wanted = False

        try:
            with self._database.write() as session:
                inbox.add(session, new, holder=self._presence.worker, now=self._clock())
                inbox.remove(session, done)
        except FAILURES as failure:
            with self._change:
                self._done |= done
            if new:
                log.warning(
                    "What was asked could not be kept (%s); it is carried out all the same",
                    cause(failure),
                )
        finally:
            written.set()


def _needed(body: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: body[name] for name in body if name not in _NEEDLESS}
    if view := kept.get("view"):
        kept["view"] = {name: view[name] for name in _OF_A_VIEW if name in view}
    return kept
