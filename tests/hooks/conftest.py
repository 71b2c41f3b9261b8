"""A receiver on loopback, and a project that sends to it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.routing import BaseRoute

from bot import receiver
from bot.core.event import Event
from bot.flows import authorize
from bot.flows.authorize import Made
from bot.flows.receive import Delivered, Intake
from bot.hooks import deploys, events, github, otlp, sentry
from bot.hooks.access import Keyring
from bot.hooks.events import Door
from bot.sources.pushed import Delivery
from storage.database import Database, table_of
from storage.tables import Ingest, Signature
from tests.fakes import Clock

LOCAL = "127.0.0.1"
OWN_KEY = "o" * 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


class Overheard(Intake):
    """A queue that remembers what was offered; where it `refuses`, it does so with each delivery of
    errors as often as `times` says."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.events: list[Event] = []
        self.refuses: Exception | None = None
        self.times = 1
        self.refused: Counter[frozenset[str]] = Counter()

    def offer(self, delivery: Delivery) -> Future[Delivered]:
        named = frozenset(event.source_id for event in delivery.events)
        if self.refuses and named and self.refused[named] < self.times:
            self.refused[named] += 1
            raise self.refuses
        self.events += delivery.events
        return super().offer(delivery)


class Site:
    """The receiver, as its senders reach it; `events` are what it was sent."""

    def __init__(
        self, port: int, made: Made, database: Database, door: Door, *, routes: Sequence[BaseRoute]
    ) -> None:
        self.port, self.made, self.door, self._database = port, made, door, database
        self.routes = routes

    @property
    def intake(self) -> Overheard:
        assert isinstance(self.door.intake, Overheard)
        return self.door.intake

    @property
    def events(self) -> list[Event]:
        return self.intake.events

    @property
    def dsn(self) -> str:
        return self.made.dsn(self.address)

    @property
    def address(self) -> str:
        return f"http://{LOCAL}:{self.port}"

    def post(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None, *, key: str = ""
    ) -> Answer:
        """Send a body, or a value as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Authorization": f"Bearer {key or self.made.text}", **(headers or {})}
        return self.request("POST", path, raw, given)

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        with closing(HTTPConnection(LOCAL, self.port, timeout=20)) as connection:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def counted(self) -> dict[str, int]:
        """How often each signature was seen, by its title."""
        with self._database.read() as session:
            rows = session.execute(select(Signature)).scalars().all()
        return {row.title: row.total for row in rows}

    def came(self) -> dict[str, int]:
        """How many events came from each source."""
        table = table_of(Ingest)
        with self._database.read() as session:
            rows = session.execute(
                select(table.c.source, func.sum(table.c.events)).group_by(table.c.source)
            )
            return {source: int(total) for source, total in rows}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(database: Database, clock: Clock) -> Iterator[Site]:
    made = authorize.make(database, "checkout", now=clock())
    keyring = Keyring(lambda: authorize.holding(database), (OWN_KEY,), clock=clock)
    intake = Overheard(database, clock)
    intake.start()
    door = Door(intake, keyring, clock)
    routes = [
        *events.routes(door),
        *sentry.routes(door, patience=0.2),
        otlp.route(door),
        *otlp.other_signals(),
        deploys.route(database, keys=(OWN_KEY,), clock=clock, refusals=door.refusals),
        github.route(database, secrets=(OWN_KEY,), clock=clock, refusals=door.refusals),
    ]
    web = receiver.application(routes)
    try:
        with receiver.listening(web, host=LOCAL, port=0) as port:
            yield Site(port, made, database, door, routes=web.routes)
    finally:
        intake.stop()
