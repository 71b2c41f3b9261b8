"""Record files and pipes: everything that can be read, and an account of the rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.event import Event
from bot.core.intake.order import Order
from bot.core.redaction import Redactor, redact
from bot.flows.measure import measure
from bot.flows.record import Recorded, record
from bot.sources.files import Reader
from bot.sources.sifting import Unreadable
from storage.database import Database

BATCH = 1_000
"""Events a transaction: one sync to disk for all of them, and the lock held for well under 1 s."""
MEASURED_EVERY = timedelta(seconds=10)
"""How often traffic is written while no errors come, as in a pipe of a healthy program."""
REJECTIONS_NAMED = 5
"""How many unreadable records an account names: enough to see what is wrong with them."""


@dataclass(slots=True)
class Account:
    """What came of some inputs.

    Of the records, `quiet` are below the level error; `unsaid` of these name no level. `late`
    events are more than a little older than the one before them. `strays` have a date far from
    those beside them, `ahead` a date in the future; `newest` is the newest date without either.
    `rejected` holds the first records that could not be read; `on_rejected` is called with each.
    """

    lines: int = 0
    quiet: int = 0
    unsaid: int = 0
    unreadable: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    newest: datetime | None = None
    late: int = 0
    strays: int = 0
    ahead: int = 0
    rejected: list[Unreadable] = field(default_factory=list)
    on_rejected: Callable[[Unreadable], object] = lambda _: None

    @property
    def was_of_use(self) -> bool:
        """Whether any record could be read, error or not."""
        return bool(self.recorded.events or self.recorded.duplicates or self.quiet)

    def reject(self, unreadable: Unreadable) -> None:
        """Count one more record that could not be read."""
        self.unreadable += 1
        if len(self.rejected) < REJECTIONS_NAMED:
            self.rejected.append(replace(unreadable, text=""))
        self.on_rejected(unreadable)

    def as_json(self) -> dict[str, Any]:
        """The summary that other programs read."""
        return {
            "lines": self.lines,
            "events": self.recorded.events,
            "duplicates": self.recorded.duplicates,
            "unreadable": self.unreadable,
            "not_errors": self.quiet,
            "strays": self.strays,
            "ahead": self.ahead,
            "signatures": len(self.recorded.signature_ids),
            "new_signatures": self.recorded.new_signatures,
        }


def ingest(
    database: Database,
    reader: Reader,
    account: Account,
    *,
    clock: Callable[[], datetime],
    by: Redactor = redact,
    on_pause: Callable[[], None] = lambda: None,
) -> None:
    """Record everything that a reader gives, batch by batch, and add it to the account.

    A batch ends with its thousandth event or with the reader's next pause, so that what comes out
    of an endless pipe is durable about a second later. `on_pause` is called after each. Raises
    SourceError where the input cannot be read at all; what was recorded before stays.
    """
    before, order = replace(account), Order()
    measured_at = clock()
    for batch in _batches(reader, account):
        if batch:
            now = clock()
            account.recorded += record(database, batch, now=now, by=by)
            order.see((event.time for event in batch), now=now)
        if batch or clock() - measured_at >= MEASURED_EVERY:
            measure(database, reader.traffic())
            measured_at = clock()
        account.lines = before.lines + reader.lines
        account.quiet = before.quiet + reader.quiet
        account.unsaid = before.unsaid + reader.unsaid
        _date(account, before, order, now=clock())
        on_pause()
    measure(database, reader.traffic())
    order.end()
    _date(account, before, order, now=clock())


def _date(account: Account, before: Account, order: Order, *, now: datetime) -> None:
    """Count what is odd about the dates, and update the newest that is not.

    Where all dates are in the future, the newest is taken to be now.
    """
    account.late = before.late + order.late
    account.strays = before.strays + order.strays
    account.ahead = before.ahead + order.ahead
    newest = order.latest or (now if order.ahead else None)
    known = [min(one, now) for one in (before.newest, newest) if one]
    account.newest = max(known, default=None)


def _batches(reader: Reader, account: Account) -> Iterator[list[Event]]:
    """The events between two pauses, possibly none, in batches of `BATCH` at most."""
    batch: list[Event] = []
    for outcome in reader:
        if isinstance(outcome, Event):
            batch.append(outcome)
        elif outcome is not None:
            account.reject(outcome)
        if outcome is None or len(batch) >= BATCH:
            yield batch
            batch = []
    yield batch


def readable(reader: Reader, account: Account) -> Iterator[Event]:
    """The events alone; records that could not be read go into the account."""
    for outcome in reader:
        if isinstance(outcome, Event):
            yield outcome
        elif outcome is not None:
            account.reject(outcome)
