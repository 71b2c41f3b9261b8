"""Take what is pushed at us: a bounded queue, and one writer that commits for all who wait.

Whoever offers a delivery gets its outcome only once it is durable. Many small deliveries share one
transaction, so that a sync to disk is paid once for all of them.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Condition, Thread

from bot.core.census import Census, Place
from bot.core.event import Event
from bot.core.redaction import Redactor, redact
from bot.errors import TriageError
from bot.flows.measure import measure
from bot.flows.record import Along, record
from bot.sources.pushed import Delivery
from storage.database import FAILURES, Database, cause, is_damaged

MOST_WAITING = 50_000
"""Events: some seconds of work, and well under 200 MB. Who comes beyond that comes again."""
TOGETHER = 2_000
"""Events a transaction, or one delivery of more."""
MEASURED_EVERY = timedelta(seconds=10)
_PLACES = 5_000

Clock = Callable[[], datetime]
log = logging.getLogger(__name__)


class Busy(TriageError):
    """It cannot be kept now, and nothing of it was: it is to be sent again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a delivery: its events count, but for those that are `lost`, as nobody can
    count them. `known` of them did before."""

    lost: Sequence[Event] = ()
    known: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept((*self.lost, *other.lost), self.known + other.known)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A delivery in the queue, what is written along with it, and whom to tell."""

    delivery: Delivery
    along: Sequence[Along] = ()
    told: "Future[Kept]" = field(default_factory=Future)


class Intake:
    """The queue and its writer; offers come from any thread."""

    def __init__(self, database: Database, clock: Clock, *, by: Redactor = redact) -> None:
        self._database = database
        self._clock = clock
        self._by = by
        self._queue: deque[_Waiting] = deque()
        self._events = 0
        self._changed = Condition()
        self._is_closed = False
        self._is_failing = False
        self._traffic: dict[Place, Census] = {}
        self._measured_at = clock()
        self._writer = Thread(target=self._write, name="intake")

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    def stop(self) -> None:
        """Take no more, and write what waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._writer.join()

    @property
    def waiting(self) -> int:
        """Events that are not written yet."""
        return self._events

    def offer(self, delivery: Delivery, *, along: Along | None = None) -> "Future[Kept]":
        """Done once the delivery is durable; or it fails as Busy, and nothing is lost by sending it
        again. Raises Busy where too many wait.

        What goes `along` is in one transaction with it, or with the last that it takes.
        """
        waiting = _Waiting(delivery, (along,) if along else ())
        waiting.told.set_running_or_notify_cancel()  # who hangs up cannot stop the writer
        with self._changed:
            is_full = self._events and self._events + len(delivery.events) > MOST_WAITING
            if is_full or self._is_closed:
                raise Busy("Too much waits to be written: send it again in a few seconds.")
            self._queue.append(waiting)
            self._events += len(delivery.events)
            self._changed.notify()
        return waiting.told

    def _write(self) -> None:
        while group := self._next():
            self._keep(group)
            self._measure([one.delivery for one in group])
        self._measure([], at_once=True)

    def _next(self) -> list[_Waiting]:
        """What is written together; none once it was stopped and all is."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_closed)
            group, events = list[_Waiting](), 0
            while self._queue and (
                not group or events + len(self._queue[0].delivery.events) <= TOGETHER
            ):
                group.append(self._queue.popleft())
                events += len(group[-1].delivery.events)
            return group

    def _keep(self, group: Sequence[_Waiting]) -> None:
        """Write a group, and tell each who waits for it."""
        kept, busy = list[Kept](), None
        try:
            kept = self._recorded(group)
            self._went_well()
        except Exception as error:  # noqa: BLE001  (who waits has to be told, whatever it is)
            busy = self._trouble(error)
        with self._changed:
            self._events -= sum(len(one.delivery.events) for one in group)
        for number, one in enumerate(group):
            if busy:
                one.told.set_exception(busy)
            else:
                one.told.set_result(kept[number])

    def _recorded(self, group: Sequence[_Waiting]) -> list[Kept]:
        """What came of each delivery, once what of it can ever be counted is."""
        along = [write for one in group for write in one.along]
        try:
            fresh = self._record([event for one in group for event in one.delivery.events], along)
        except Exception as error:
            if _is_trouble(error):
                raise
            kept = [self._salvaged(one.delivery.events) for one in group]
            self._record([], along)
            return kept
        return [Kept(known=_known(one.delivery.events, fresh)) for one in group]

    def _salvaged(self, events: Sequence[Event]) -> Kept:
        """What came of some events, those found by halving that can never be counted."""
        try:
            return Kept(known=_known(events, self._record(events)))
        except Exception as error:
            if _is_trouble(error):
                raise
            if len(events) == 1:
                log.exception("An event from %s cannot be counted", events[0].source)
                return Kept(lost=events)
            half = len(events) // 2
            return self._salvaged(events[:half]) + self._salvaged(events[half:])

    def _record(self, events: Sequence[Event], along: Sequence[Along] = ()) -> set[str]:
        """The source_ids of those that did not count before."""
        if not (events or along):
            return set()
        now = self._clock()
        return set(record(self._database, events, now=now, by=self._by, along=along).counted)

    def _trouble(self, error: Exception) -> Busy:
        if not self._is_failing:
            log.error("Nothing can be written (%s): senders are told to come again", cause(error))
        self._is_failing = True
        return Busy("The database cannot be written to now: send it again in a few seconds.")

    def _went_well(self) -> None:
        if self._is_failing:
            log.warning("What is sent is written again")
        self._is_failing = False

    def _measure(self, deliveries: Sequence[Delivery], *, at_once: bool = False) -> None:
        """Add up the harmless lines, and keep them now and then: none of them is ever missed."""
        for delivery in deliveries:
            for place, census in delivery.traffic.items():
                self._traffic[place] = self._traffic.get(place, Census()) | census
        now = self._clock()
        is_due = now - self._measured_at >= MEASURED_EVERY or len(self._traffic) > _PLACES
        if not (is_due or at_once):
            return
        counted, self._traffic, self._measured_at = self._traffic, {}, now
        try:
            measure(self._database, counted)
        except Exception as error:  # noqa: BLE001  (the writer goes on, and traffic is an estimate)
            self._trouble(error)


def _known(events: Sequence[Event], fresh: set[str]) -> int:
    """How many of some events are not fresh; who brings one first takes it out of those."""
    known = 0
    for event in events:
        known += event.source_id not in fresh
        fresh.discard(event.source_id)
    return known


def _is_trouble(error: Exception) -> bool:
    """Whether the database is to blame, and not what was to be written."""
    return isinstance(error, FAILURES) or is_damaged(error)


@contextmanager
def receiving(database: Database, clock: Clock, *, by: Redactor = redact) -> Iterator[Intake]:
    """A queue that is written until the block is left, and then to its end."""
    intake = Intake(database, clock, by=by)
    intake.start()
    try:
        yield intake
    finally:
        intake.stop()
