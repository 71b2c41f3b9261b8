"""Read files and pipes into the database: all that can be read, and an account of the rest."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from bot.core.event import Event
from bot.flows.record import Recorded, record
from bot.sources.files import Reader, Unreadable
from storage.database import Database

BATCH = 1_000
"""Events a transaction: one sync to disk for all of them, and the lock held for well under 1 s."""
REJECTIONS_KEPT = 100
"""How many unreadable records an account names; the rest is counted."""


@dataclass(slots=True)
class Account:
    """What came of some inputs. `rejected` holds the first of what could not be read."""

    lines: int = 0
    quiet: int = 0
    unreadable: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    newest: datetime | None = None
    rejected: list[Unreadable] = field(default_factory=list)

    @property
    def was_of_use(self) -> bool:
        """Whether anything at all could be read, errors or not."""
        return bool(self.recorded.events or self.recorded.duplicates or self.quiet)

    def as_json(self) -> dict[str, Any]:
        """The summary other programs read."""
        return {
            "lines": self.lines,
            "events": self.recorded.events,
            "duplicates": self.recorded.duplicates,
            "unreadable": self.unreadable,
            "not_errors": self.quiet,
            "signatures": len(self.recorded.signature_ids),
            "new_signatures": self.recorded.new_signatures,
        }


def ingest(
    database: Database,
    reader: Reader,
    account: Account,
    *,
    now: datetime,
    on_batch: Callable[[Account], None] = lambda _: None,
) -> None:
    """Record everything a reader gives and add it to the account, batch by batch.

    Raises SourceError where the input cannot be read at all; what was recorded before, stays.
    """
    lines, quiet = account.lines, account.quiet
    for batch in _batches(readable(reader, account)):
        account.recorded += record(database, batch, now=now)
        latest = max(event.time for event in batch)
        account.newest = max(latest, account.newest or latest)
        account.lines, account.quiet = lines + reader.lines, quiet + reader.quiet
        on_batch(account)
    account.lines, account.quiet = lines + reader.lines, quiet + reader.quiet


def readable(reader: Iterable[Event | Unreadable], account: Account) -> Iterator[Event]:
    """The events alone; what could not be read goes into the account."""
    for outcome in reader:
        if isinstance(outcome, Event):
            yield outcome
            continue
        account.unreadable += 1
        if len(account.rejected) < REJECTIONS_KEPT:
            account.rejected.append(outcome)


def _batches(events: Iterable[Event]) -> Iterator[list[Event]]:
    remaining = iter(events)
    while batch := list(islice(remaining, BATCH)):
        yield batch
