"""Requests are on the disk before they are acknowledged: a burst of clicks in one commit."""

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
    """Keeps requests until they are carried out. Any thread may call it; one thread writes."""

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
        """Keep a request. The event is set once it is on the disk, together with all that came
        meanwhile, or once it cannot be."""
        with self._change:
            self._want_written()
            self._new[key] = _needed(body)
            return self._written

    def forget(self, key: str) -> None:
        """Drop a request, since it is carried out."""
        with self._change:
            self._want_written()
            self._done.add(key)

    def of_the_missing(self) -> Sequence[Mapping[str, Any]]:
        """The requests kept and never carried out by replicas of which nothing is heard now, in
        order; from now on they are ours. A replica that lives, but lost its lock a moment ago, may
        be carrying one out."""
        return self._of(self._presence.missing)

    def of_the_gone(self) -> Sequence[Mapping[str, Any]]:
        """The same for replicas that are gone. Requests that could not be dropped before are
        dropped, too."""
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
        """Write all that waits."""
        self._writer.finish(seconds)

    def _want_written(self) -> None:
        """Have the writer write, once for everything that comes before it gets to it."""
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
