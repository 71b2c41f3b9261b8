"""Locks that one of all replicas holds while PostgreSQL hears of it, and which replicas are
gone."""

import threading
from collections.abc import Callable, Collection
from math import inf
from time import monotonic

from sqlalchemy import Connection, text
from sqlmodel import Session

from storage.database import Database

SOCKET_MODE = "Socket Mode"
"""Held by the one that is connected to Slack."""

LET_GO_SECONDS = 15
"""PostgreSQL ends the session of whoever it has not heard of for so long, and the lock is free."""
GONE_SECONDS = 10
"""Whoever lives has a lock back by then that PostgreSQL took, as by a restart; and what it may have
asked of Slack last is done, or given up."""
FORGOTTEN_SECONDS = 3_600
"""Nobody asks after who is missed for longer: the job that asks most seldom does four times."""
_HELD_PART = 2 / 3
"""Of that time: who could not be heard of for so long knows it before another may have the lock."""

_INTRODUCE = text(
    "SELECT set_config('application_name', :holder, false),"
    " set_config('idle_session_timeout', :milliseconds, false)"
)
_TAKE = text("SELECT pg_try_advisory_lock(hashtext('triage'), hashtext(:name))")
_HELD = text("""
    SELECT name FROM unnest(CAST(:names AS text[])) AS name JOIN pg_locks
      ON objid = (hashtext(name)::bigint & 4294967295)::oid
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = (hashtext('triage')::bigint & 4294967295)::oid
""")
_HOLDER = text("""
    SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = (hashtext('triage')::bigint & 4294967295)::oid
      AND objid = (hashtext(:name)::bigint & 4294967295)::oid
""")


class Lock:
    """A lock that one of all replicas on a PostgreSQL holds.

    It is an advisory lock of a session: free at once when its holder dies, and `let_go_seconds`
    after its holder was paused or cut off. Nobody's clock has a part in it.
    """

    def __init__(
        self,
        database: Database,
        name: str,
        *,
        holder: str,
        let_go_seconds: float = LET_GO_SECONDS,
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        self._engine = database.engine
        self._name, self._holder = name, holder
        self._let_go_seconds = let_go_seconds
        self._elapsed = elapsed
        self._session: Connection | None = None
        self._held_until = -inf

    def is_held(self) -> bool:
        """Whether this replica holds it."""
        return self._elapsed() < self._held_until

    def keep(self) -> None:
        """Take the lock where it is free, and keep the session alive where it is ours.

        Raises one of FAILURES where the server cannot be asked; then it is not ours.
        """
        began = self._elapsed()
        try:
            if self._take():
                self._held_until = began + _HELD_PART * self._let_go_seconds
        except Exception:
            self.release()
            raise

    def release(self) -> None:
        """Give the lock up."""
        self._held_until = -inf
        session, self._session = self._session, None
        if session is not None:
            session.invalidate()  # it ends, and with it the lock
            session.close()

    def _take(self) -> bool:
        """Try to take the lock; whether it is ours now. Whoever has it may take it again."""
        if self._session is None:
            self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            milliseconds = str(round(1000 * self._let_go_seconds))
            told = {"holder": self._holder, "milliseconds": milliseconds}
            self._session.execute(_INTRODUCE, told)
        return bool(self._session.execute(_TAKE, {"name": self._name}).scalar_one())


Gone = Callable[[Session, Collection[str]], Collection[str]]
"""Which of some workers do not live any more."""


def nobody(_session: Session, _workers: Collection[str]) -> Collection[str]:
    """For where no worker can be known to be gone: an empty answer."""
    return ()


class Presence:
    """Lets others know that a worker lives, and tells which of them do not; from any thread.

    On PostgreSQL each holds a lock by its name, which is free at once when it dies; one that is
    paused or cut off has it for `let_go_seconds`. SQLite is for one: all others are gone.
    """

    def __init__(
        self,
        database: Database,
        worker: str,
        *,
        let_go_seconds: float,
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        self.worker = worker
        self._database = database
        self._lock = (
            Lock(database, worker, holder=worker, let_go_seconds=let_go_seconds)
            if database.is_shared
            else None
        )
        self._elapsed = elapsed
        self._missed: dict[str, float] = {}
        self._change = threading.Lock()

    def keep(self) -> None:
        """Stay heard of, and note which missing workers are back. Raises one of FAILURES where the
        server cannot be asked."""
        if self._lock:
            self._lock.keep()
            self._look_for_the_missed()

    def release(self) -> None:
        """Count as gone from now on."""
        if self._lock:
            self._lock.release()

    def missing(self, session: Session, workers: Collection[str]) -> set[str]:
        """Those of some other workers that hold no lock now. One that lives may have lost its lock
        a moment ago, and has it back before it counts as gone."""
        others = {*workers} - {self.worker}
        if not (self._lock and others):
            return others
        return others - {*session.execute(_HELD, {"names": list(others)}).scalars()}

    def gone(self, session: Session, workers: Collection[str]) -> set[str]:
        """Those of some other workers that were missing for GONE_SECONDS, each time that anybody
        asked and at each `keep` in between."""
        now, missing = self._elapsed(), self.missing(session, workers)
        with self._change:
            for one in {*workers} - missing:
                self._missed.pop(one, None)
            for one in missing:
                self._missed.setdefault(one, now)
            return {one for one in missing if now - self._missed[one] >= GONE_SECONDS}

    def _look_for_the_missed(self) -> None:
        forgotten = self._elapsed() - FORGOTTEN_SECONDS
        with self._change:
            self._missed = {one: at for one, at in self._missed.items() if at > forgotten}
            missed = [*self._missed]
        if missed:
            with self._database.read() as session:
                self.gone(session, missed)


def holder(session: Session, name: str) -> str:
    """The name of the replica that holds a lock; empty where none does, or on SQLite."""
    if session.get_bind().dialect.name != "postgresql":
        return ""
    return session.execute(_HOLDER, {"name": name}).scalar() or ""
