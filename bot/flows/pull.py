"""Ask a source for what is new, and store each page together with the cursor behind it."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from bot.core.intake import source as core
from bot.core.intake.order import SKEW
from bot.errors import SourceError, TriageError
from bot.flows.receive import Busy, Intake
from bot.sources.pace import Paced
from bot.sources.pulled import Ask, Cursor, Limited, Page, Source, Unavailable
from storage import pulls
from storage.database import Database
from storage.locks import Gone, nobody
from storage.tables import Pull

ROUND = timedelta(seconds=45)
"""Of asking; what is left then is gone on with at the next poke, so that others get their turn."""
LEASE = timedelta(minutes=2)
"""Longer than a request and its transaction take: so long others wait for one that was paused, or
cut off."""

Clock = Callable[[], datetime]
log = logging.getLogger(__name__)


class Puller:
    """Reads one source whenever it is poked and due, unless a living replica does; `gone` tells
    which are not living. `warn` is called when reading begins to fail."""

    def __init__(
        self,
        database: Database,
        source: Source,
        intake: Intake,
        *,
        holder: str,
        ask: Ask,
        clock: Clock,
        gone: Gone = nobody,
        warn: Callable[[str], object] = log.warning,
    ) -> None:
        self._database = database
        self._source = source
        self._intake = intake
        self._ask = Paced(ask, clock)
        self._clock = clock
        self._warn = warn
        self._holder, self._gone = holder, gone
        every = timedelta(seconds=source.every_seconds)
        self._farthest = max(every, core.LONGEST_WAIT) + SKEW
        self._is_stopped = self._has_gained = False
        self._backlog: core.Backlog | None = None

    def stop(self) -> None:
        """Ask for no further page."""
        self._is_stopped = True

    def poke(self) -> None:
        """Read what is new, if the source is due. A failure is stored, and decides when it is due
        again."""
        now, name = self._clock(), self._source.origin
        with self._database.read() as session:
            is_due = pulls.is_due(session, name, now=now, farthest=self._farthest, gone=self._gone)
            if self._is_stopped or not is_due:
                return
        with self._database.write() as session:
            row = pulls.take(
                session,
                name,
                holder=self._holder,
                now=now,
                until=now + LEASE,
                farthest=self._farthest,
                gone=self._gone,
            )
        self._has_gained = False
        if row is not None:
            self._backlog = core.Backlog.of(row.behind_since, row.behind_from)
            self._pull(row, began=now)

    def _pull(self, row: Pull, *, began: datetime) -> None:
        try:
            is_all = self._read(_cursor(row), began)
        except Limited as limited:
            self._limited(row, limited)
        except (Busy, SourceError) as error:
            self._failed(row, error)
        except Exception:
            log.exception("The source %s cannot be read", row.name)
            self._failed(row, SourceError("It failed here; the log says how."))
        else:
            pause = timedelta(seconds=self._source.every_seconds) if is_all else timedelta()
            self._leave(pulls.went_well, now=self._clock(), not_before=began + pause)

    def _read(self, since: Cursor | None, began: datetime) -> bool:
        """Read page by page; whether all was read.

        A round that takes long ends, but not before it got ahead: else the same pages would be read
        again and again.
        """
        self._source.require_secrets()
        pages = self._source.pages(since, until=began, ask=self._ask)
        for page in pages:
            self._keep(page)
            gained, since = page.cursor != since, page.cursor
            self._has_gained |= gained
            if self._is_stopped or (gained and self._clock() - began >= ROUND):
                return False
        return True

    def _keep(self, page: Page) -> None:
        """Write a page and its cursor in one transaction. Raises Busy where nothing can be
        written."""
        now = self._clock()
        self._backlog = behind = core.backlog(self._backlog, page.reached, now=now)
        advance = partial(
            pulls.advance,
            name=self._source.origin,
            holder=self._holder,
            cursor=json.dumps(page.cursor),
            reached=page.reached,
            behind_since=behind.since if behind else None,
            behind_from=behind.begin if behind else None,
            until=now + LEASE,
        )
        kept = self._intake.offer(page.delivery, along=advance).result()
        broken = len(kept.lost) + len(page.delivery.unreadable)
        if broken:
            log.warning("Of a page of %s, %d cannot be read", self._source.origin, broken)

    def _limited(self, row: Pull, limited: Limited) -> None:
        """Wait as long as the source asks. If it does not say how long: a little while if the round
        got ahead, else until it would be due anyway."""
        usual = timedelta(seconds=0 if self._has_gained else self._source.every_seconds)
        now, rest = self._clock(), core.rest(1, limited.retry_after or usual)
        if not row.trouble:
            log.info("%s waits: %s", row.name, limited)
        self._leave(pulls.failed, now=now, not_before=now + rest, trouble=str(limited), failures=0)

    def _failed(self, row: Pull, error: TriageError) -> None:
        """Store what is wrong, and rest the longer the more attempts failed in a row.

        A request that ended because the program stops says nothing. An attempt that got ahead
        before it failed, as one that meets a rate limit amid a backlog, does not count as failed in
        a row.
        """
        if self._is_stopped:
            self._leave(pulls.left)
            return
        said = error.retry_after if isinstance(error, Unavailable) else timedelta()
        now, failures = self._clock(), 1 if self._has_gained else row.failures + 1
        rest = core.rest(failures, said)
        if not row.failures:
            self._warn(f"{self._source.origin}: {error}")
        self._leave(
            pulls.failed, now=now, not_before=now + rest, trouble=str(error), failures=failures
        )

    def _leave(self, how: Callable[..., None], **facts: object) -> None:
        with self._database.write() as session:
            how(session, self._source.origin, holder=self._holder, **facts)


def _cursor(row: Pull) -> Cursor | None:
    found: Cursor | None = json.loads(row.cursor) if row.cursor else None
    return found
