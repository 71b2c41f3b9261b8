"""A body that was pushed at us, and the errors in it."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from bot.core.event import Event, Severity
from bot.core.intake.census import Census, Place
from bot.errors import SourceError
from bot.sources import loki_protobuf, otlp, protobuf, sanitise
from bot.sources.fields import USUAL, Roles
from bot.sources.files import Reader
from bot.sources.naming import InDelivery
from bot.sources.sifting import Sifter, Unreadable

MOST_RECORDS = 10_000
"""Of one body, harmless lines apart: what comes of them is committed at once."""
_TOO_MANY = f"More than {MOST_RECORDS} records: send fewer at once."
MOST_LINES = 500_000
"""Of one body, or JSON objects: to read as many takes some ten seconds of a processor."""
_TOO_MANY_LINES = f"More than {MOST_LINES:,} lines: send fewer at once."
_ENDS = (b"\n", b"},", b"}{", b"],")


class TooMany(SourceError):
    """A body has more records than are taken at once."""


@dataclass(frozen=True, slots=True)
class Push:
    """An unpacked body, when it came and from whom.

    `is_json` says that its media type is JSON, `is_picked` that each line of text is an error;
    `roles` has the names of fields. `project` is the service of records that name none, `customer`
    the customer. `arrival` is a name that no other delivery has; `token` is the sender's own name
    for it, the same when it is sent again.
    """

    source: str
    body: bytes
    received: datetime
    arrival: str
    token: str = ""
    project: str = ""
    customer: str = ""
    is_json: bool = False
    is_picked: bool = False
    roles: Roles = USUAL

    @property
    def origin(self) -> str:
        """The `source` of its events."""
        return f"{self.source}/{self.project}" if self.project else self.source

    def names(self) -> InDelivery:
        """Names for its records."""
        return InDelivery(self.origin, self.body, arrival=self.arrival, token=self.token)


@dataclass(slots=True)
class Delivery:
    """What was in a body: errors, how many records are not errors (`unsaid` of these name no
    level), and those that cannot be read."""

    events: list[Event] = field(default_factory=list)
    quiet: int = 0
    unsaid: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    traffic: Mapping[Place, Census] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many records there were in all."""
        return len(self.events) + self.quiet + len(self.unreadable)

    def add(
        self, outcomes: Iterable[Event | Unreadable | None], told: Callable[[Event], Event]
    ) -> None:
        """Add what came of some records; `told` makes an event one of this delivery."""
        for outcome in outcomes:
            if isinstance(outcome, Event):
                self.events.append(told(outcome))
            elif outcome is not None:
                self.unreadable.append(outcome)

    def join(self, other: "Delivery") -> None:
        """Add what another part of the same body held."""
        self.events += other.events
        self.quiet += other.quiet
        self.unsaid += other.unsaid
        self.unreadable += other.unreadable
        self.traffic = {**self.traffic, **other.traffic}


def parse(push: Push) -> Delivery:
    """The errors in JSON of any shape that files have, in what Splunk and Loki take, or in text.

    Raises SourceError where the body is no text, TooMany where it has too many records or lines.
    """
    if max(map(push.body.count, _ENDS)) > MOST_LINES:
        raise TooMany(_TOO_MANY_LINES)
    reader = Reader(
        io.BytesIO(push.body),
        lambda: push.received,
        service=push.project,
        names=push.names(),
        is_json=push.is_json,
        is_picked=push.is_picked,
        roles=push.roles,
    )
    delivery = _taken(push, reader)
    delivery.quiet, delivery.unsaid = reader.quiet, reader.unsaid
    delivery.traffic = reader.traffic()
    return delivery


def parse_otlp(push: Push) -> Delivery:
    """The errors in a request of OpenTelemetry's logs as JSON.

    Raises SourceError where it is none, TooMany where it has too many records.
    """
    try:
        value = sanitise.loads(push.body)
    except ValueError as error:
        raise SourceError(f"{_NO_REQUEST}: {error}.") from None
    if not isinstance(value, dict) or (value and "resourceLogs" not in value):
        raise SourceError(f"{_NO_REQUEST}: that is an object with resourceLogs.")
    return exported(push, otlp.records(value))


_NO_REQUEST = "The body is no ExportLogsServiceRequest of JSON"


def parse_protobuf(push: Push) -> Delivery:
    """The errors in a request of OpenTelemetry's logs as protobuf. Raises as `parse_otlp` does."""
    return exported(push, protobuf.records(push.body))


def parse_loki(push: Push) -> Delivery:
    """The errors in what Loki's own agents push: protobuf. Raises as `parse_otlp` does."""
    sifter = _sifter(push)
    delivery = _taken(push, _of_streams(push, sifter))
    delivery.add(sifter.flushed(), partial(arrived, push=push))
    delivery.quiet, delivery.unsaid = sifter.quiet, sifter.unsaid
    delivery.traffic = sifter.traffic()
    return delivery


def _of_streams(push: Push, sifter: Sifter) -> Iterator[Event | Unreadable]:
    lines = count(1)
    for number, (labels, values) in enumerate(loki_protobuf.streams(push.body), start=1):
        sifter.at(number, push.received)
        yield from sifter.loki(labels, _bounded(values, lines))


def _taken(push: Push, outcomes: Iterable[Event | Unreadable | None]) -> Delivery:
    """What came of the records of a body. Raises TooMany as soon as there are too many."""
    delivery, told = Delivery(), partial(arrived, push=push)
    for outcome in outcomes:
        delivery.add([outcome], told)
        if delivery.records > MOST_RECORDS:
            raise TooMany(_TOO_MANY)
    return delivery


def _bounded(lines: Iterable[object], numbers: Iterator[int]) -> Iterator[object]:
    for line, number in zip(lines, numbers, strict=False):
        if number > MOST_LINES:
            raise TooMany(_TOO_MANY_LINES)
        yield line


def exported(push: Push, records: Iterable[dict[str, Any] | otlp.Misshapen]) -> Delivery:
    """The errors among records of OpenTelemetry's logs. Raises TooMany."""
    sifter, delivery, told = _sifter(push), Delivery(), partial(arrived, push=push)
    for number, record in enumerate(records, start=1):
        if number > MOST_RECORDS:
            raise TooMany(_TOO_MANY)
        sifter.at(number, push.received)
        delivery.add(sifter.otlp([record]), told)
    delivery.add(sifter.flushed(), told)
    delivery.quiet, delivery.traffic = sifter.quiet, sifter.traffic()
    return delivery


def _sifter(push: Push) -> Sifter:
    return Sifter(
        push.origin,
        push.names(),
        minimum=Severity.ERROR,
        service=push.project,
        now=push.received,
        roles=push.roles,
    )


def arrived(event: Event, push: Push) -> Event:
    """The event as one of this delivery, whatever it says of how and when it came."""
    is_export = event.source != push.origin
    customer = event.customer or push.customer
    if not is_export and event.received == push.received and customer == event.customer:
        return event
    return replace(
        event,
        source=push.origin,
        source_id=f"{event.source}\0{event.source_id}" if is_export else event.source_id,
        received=push.received,
        customer=customer,
    )
