"""Take what is pushed at us: a bounded queue, and one writer that commits for all who wait.

Whoever offers a delivery gets its outcome only once it is durable. Many small deliveries share one
transaction, so that a sync to disk is paid once for all of them. What the database cannot take is
put into a spool, as long as that has room, and counted later.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition, Thread
from time import monotonic

from bot.core.event import Event
from bot.core.intake.census import Census, Place
from bot.core.redaction import Redactor, redact
from bot.core.trace import Trace, untraced
from bot.errors import TriageError
from bot.flows.defer import Deferred
from bot.flows.measure import measure
from bot.flows.recognise import Signed
from bot.flows.record import Along, record, sign
from bot.sources.pushed import Delivery
from storage.database import Database
from storage.failures import FAILURES, brief, cause, is_damaged, is_denied
from storage.spool import Spool

MOST_WAITING = 50_000
"""So many events may wait: some seconds of work, and well under 200 MB. More are turned away."""
TOGETHER = 2_000
"""Events in a transaction; a single delivery may have more."""
TOO_MUCH = "Too much waits to be written: send it again in a few seconds."
MEASURED_EVERY = timedelta(seconds=10)
_PLACES = 5_000
TRIED_EVERY_SECONDS = 2.0
"""After the database refused, events are spooled at once for so long, before it is tried again."""

Clock = Callable[[], datetime]
log = logging.getLogger(__name__)


class Busy(TriageError):
    """A delivery cannot be stored now, and nothing of it was: it is to be sent again."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a delivery: all its events count, except those that are `lost` because they
    cannot be counted. `known` of them had counted before."""

    lost: Sequence[Event] = ()
    known: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered((*self.lost, *other.lost), self.known + other.known)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery in the queue, what is written along with it, and whom to tell."""

    delivery: Delivery
    along: Sequence[Along] = ()
    told: "Future[Delivered]" = field(default_factory=Future)


class Intake:
    """The queue and its writer; any thread may offer deliveries.

    Without a `spool`, what the database cannot take is refused.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        by: Redactor = redact,
        spool: Spool | None = None,
        trace: Trace = untraced,
        tried_every_seconds: float = TRIED_EVERY_SECONDS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._by = by
        self._deferred = Deferred(spool, by) if spool else None
        self._trace = trace
        self._tried_every = tried_every_seconds
        self._not_before = 0.0
        self._queue: deque[_Waiting] = deque()
        self._events = 0
        self._changed = Condition()
        self._is_closed = False
        self._failing, self._is_refusing = "", False
        self._traffic: dict[Place, Census] = {}
        self._measured_at = clock()
        self._writer = Thread(target=self._write, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def stop(self) -> None:
        """Take no more, and write all that waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._writer.join()

    def unwell(self) -> str:
        """That the writer died without being told to stop, in words; else an empty string."""
        is_well = self._is_closed or self._writer.is_alive()
        return "" if is_well else "what is sent is written no more"

    @property
    def failing(self) -> str:
        """Why the last writes failed, in few words; empty where they did not."""
        return self._failing

    def refusing(self) -> str:
        """That the spool is full as well, and why it is used, in words; else an empty string."""
        if not self._is_refusing:
            return ""
        return f"the spool is full, and nothing can be written ({self._failing})"

    @property
    def waiting(self) -> int:
        """How many events are not written yet."""
        return self._events

    def turn_away(self) -> None:
        """Raise Busy where hardly anything more can be taken: a body then need not be parsed."""
        if self._is_closed or self._events > MOST_WAITING - TOGETHER:
            raise Busy(TOO_MUCH)

    def offer(self, delivery: Delivery, *, along: Along | None = None) -> "Future[Delivered]":
        """Queue a delivery; the future is done once it is durable, or fails with Busy: then it may
        be sent again. Raises Busy where too many wait.

        `along` writes in the same transaction as the delivery; if that takes several, in the last.
        """
        waiting = _Waiting(delivery, (along,) if along else ())
        waiting.told.set_running_or_notify_cancel()  # who hangs up cannot stop the writer
        with self._changed:
            is_full = self._events and self._events + len(delivery.events) > MOST_WAITING
            if is_full or self._is_closed:
                raise Busy(TOO_MUCH)
            self._queue.append(waiting)
            self._events += len(delivery.events)
            self._changed.notify()
        return waiting.told

    def _write(self) -> None:
        while (group := self._next()) is not None:
            if group:
                self._keep(group)
                self._measure([one.delivery for one in group])
            self._catch_up()
        self._measure([], at_once=True)

    def _next(self) -> list[_Waiting] | None:
        """The deliveries to write together: none where it is time to empty the spool, None once it
        was stopped and all is written."""
        is_behind = self._deferred is not None and self._deferred.waits
        rest = max(0.0, self._not_before - monotonic()) if is_behind else None
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_closed, rest)
            group, events = list[_Waiting](), 0
            while self._queue and (
                not group or events + len(self._queue[0].delivery.events) <= TOGETHER
            ):
                group.append(self._queue.popleft())
                events += len(group[-1].delivery.events)
            return None if self._is_closed and not group else group

    def _keep(self, group: Sequence[_Waiting]) -> None:
        """Write a group, and tell each who waits for it."""
        outcomes = self._outcomes(group)
        with self._changed:
            self._events -= sum(len(one.delivery.events) for one in group)
        for one, outcome in zip(group, outcomes, strict=True):
            if isinstance(outcome, Busy):
                one.told.set_exception(outcome)
            else:
                one.told.set_result(outcome)

    def _outcomes(self, group: Sequence[_Waiting]) -> Sequence[Delivered | Busy]:
        if not any(one.delivery.events or one.along for one in group):
            return [Delivered()] * len(group)
        if self._is_resting:
            return self._set_aside(group)
        try:
            kept = self._recorded(group)
            self._went_well()
        except Exception as error:  # noqa: BLE001  (who waits has to be told, whatever it is)
            self._trouble(error)
            if _is_trouble(error):
                self._rest()
            return self._set_aside(group)
        return kept

    def _recorded(self, group: Sequence[_Waiting]) -> list[Delivered]:
        """What came of each delivery, once all of it that can ever be counted is."""
        along = [write for one in group for write in one.along]
        try:
            fresh = self._record([event for one in group for event in one.delivery.events], along)
        except Exception as error:
            if _is_trouble(error):
                raise
            kept = [self._salvaged(one.delivery.events) for one in group]
            self._record([], along)
            return kept
        return [Delivered(known=_known(one.delivery.events, fresh)) for one in group]

    def _salvaged(self, events: Sequence[Event | Signed]) -> Delivered:
        """What came of some events, those left out that can never be counted, which are found by
        halving."""
        plain = [one.event if isinstance(one, Signed) else one for one in events]
        try:
            return Delivered(known=_known(plain, self._record(events)))
        except Exception as error:
            if _is_trouble(error):
                raise
            if len(events) == 1:
                log.exception("An event from %s cannot be counted", plain[0].source)
                return Delivered(lost=plain)
            half = len(events) // 2
            return self._salvaged(events[:half]) + self._salvaged(events[half:])

    def _record(self, events: Sequence[Event | Signed], along: Sequence[Along] = ()) -> set[str]:
        """Record events; gives back the source_ids of those that did not count before."""
        if not (events or along):
            return set()
        now = self._clock()
        with self._trace("record", {"events": len(events)}):
            return set(record(self._database, events, now=now, by=self._by, along=along).counted)

    def _set_aside(self, group: Sequence[_Waiting]) -> list[Delivered | Busy]:
        """Put a group into the spool, except what has to be written along with something else:
        whoever offers that knows by its own cursor what was taken."""
        later = [event for one in group if not one.along for event in one.delivery.events]
        is_kept = not later or self._is_deferred(later)
        busy = Busy("The database cannot be written to now: send it again in a few seconds.")
        return [busy if one.along or not is_kept else Delivered() for one in group]

    def _is_deferred(self, events: Sequence[Event]) -> bool:
        if self._deferred is None:
            return False
        now = self._clock()
        try:
            is_kept = self._deferred.put([sign(one, now=now, by=self._by) for one in events])
        except Exception:
            log.exception("What is sent cannot be spooled")
            return False
        if not (is_kept or self._is_refusing):
            log.error("The spool is full: senders are told to come again")
        self._is_refusing = not is_kept
        return is_kept

    def _catch_up(self) -> None:
        """Count the first batch of the spool, unless writes failed a moment ago."""
        if self._deferred is None or not self._deferred.waits or self._is_resting:
            return
        try:
            self._salvaged(self._deferred.first())
            self._deferred.done()
            self._went_well()
        except Exception as error:  # noqa: BLE001  (it stays there, and its turn comes again)
            self._trouble(error)
            self._rest()

    def _trouble(self, error: Exception) -> None:
        if not self._failing:
            remedy = (
                "what is sent is spooled" if self._deferred else "senders are told to come again"
            )
            log.error("Nothing can be written (%s): %s", cause(error), remedy)
        self._failing = brief(error)

    @property
    def _is_resting(self) -> bool:
        return monotonic() < self._not_before

    def _rest(self) -> None:
        """Write nothing for a while, where a spool can take things meanwhile."""
        if self._deferred:
            self._not_before = monotonic() + self._tried_every

    def _went_well(self) -> None:
        if self._failing:
            log.warning("What is sent is written again")
        self._failing, self._is_refusing = "", False

    def _measure(self, deliveries: Sequence[Delivery], *, at_once: bool = False) -> None:
        """Add up the harmless lines, and store them at intervals, or `at_once`."""
        for delivery in deliveries:
            for place, census in delivery.traffic.items():
                self._traffic[place] = self._traffic.get(place, Census()) | census
        now = self._clock()
        is_much = len(self._traffic) > _PLACES
        if self._is_resting and not at_once:
            if is_much:
                self._traffic = {}  # an estimate, and a database that is locked is waited for
            return
        if not (now - self._measured_at >= MEASURED_EVERY or is_much or at_once):
            return
        counted, self._traffic, self._measured_at = self._traffic, {}, now
        try:
            measure(self._database, counted)
        except Exception as error:  # noqa: BLE001  (the writer goes on, and traffic is an estimate)
            self._trouble(error)
            self._rest()


def _known(events: Sequence[Event], fresh: set[str]) -> int:
    """How many of some events had been counted before. Each that is fresh is taken out of `fresh`,
    so that of two deliveries with the same event only the first brings it."""
    known = 0
    for event in events:
        known += event.source_id not in fresh
        fresh.discard(event.source_id)
    return known


def _is_trouble(error: Exception) -> bool:
    """Whether an error is the database's fault, not that of what was to be written."""
    return isinstance(error, FAILURES) or is_damaged(error) or is_denied(error)


@contextmanager
def receiving(
    database: Database,
    clock: Clock,
    *,
    by: Redactor = redact,
    spool: Spool | None = None,
    trace: Trace = untraced,
) -> Iterator[Intake]:
    """An intake that writes until the block is left, and then to its end."""
    intake = Intake(database, clock, by=by, spool=spool, trace=trace)
    intake.start()
    try:
        yield intake
    finally:
        intake.stop()
