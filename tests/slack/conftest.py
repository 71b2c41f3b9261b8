"""A database with a new error in it, and a workspace that listens on this machine."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from pydantic import SecretStr
from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from sqlmodel import select

from bot.asking import terms, ways
from bot.core.detection.threshold import Rules
from bot.core.telling.audience import EVERYTHING
from bot.flows import describe, find
from bot.flows.detect import detect
from bot.flows.look import unclaimed
from bot.flows.preview import NO_MODEL
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.settings import Settings
from bot.slack.app import build, web_client
from bot.slack.crew import Crew
from bot.slack.desk import Desk
from bot.slack.inbox import Inbox
from bot.slack.pictures import Charts
from bot.slack.poster import Poster
from bot.workspace import Server, Workspace, serve
from bot.workspace.delivery import NOT_CONNECTED, Ack, Envelope
from storage import analyses
from storage.database import Database
from storage.tables import Asked
from tests.builders import NOON, a_presence, an_event
from tests.conftest import Copied
from tests.fakes import Clock

CHANNEL, TEAM_CHANNEL = "C000001", "C000002"
ANA, TOMAS = "U000ANA", "U000TOMAS"


def judged(database: Database) -> None:
    """Three usual days of timeouts, and since this morning refused payments at two customers."""
    usual = [
        an_event(time=NOON - timedelta(hours=hours), message="search timed out", service="search")
        for hours in range(2, 72, 3)
    ]
    fresh = [
        an_event(time=NOON - timedelta(minutes=minutes), customer=customer)
        for minutes in range(20)
        for customer in ("acme", "globex")
    ]
    touched = record(database, [*usual, *fresh], now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    triage(database, now=NOON, site_rules=())


@pytest.fixture
def database(copied: Copied) -> Database:
    """What was judged."""
    return copied("judged", judged)


@pytest.fixture
def short_id(database: Database) -> str:
    """The refused payments."""
    return unclaimed(database, now=NOON)[0].short_id


@pytest.fixture
def digest_id(database: Database) -> int:
    """A digest that waits in the outbox."""
    made = report_now(database, channel=CHANNEL, now=NOON)
    assert made
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock)


@pytest.fixture
def server(workspace: Workspace) -> Iterator[Server]:
    with serve(workspace) as running:
        yield running


@pytest.fixture
def client(workspace: Workspace, server: Server) -> WebClient:
    return web_client(workspace.bot_token, base_url=server.api_url)


@pytest.fixture
def poster(database: Database, client: WebClient, clock: Clock) -> Poster:
    return Poster(database, client, worker="test", clock=clock)


def number_of(database: Database, short_id: str) -> int:
    """The signature's number in the database."""
    with database.read() as session:
        return find.by_name(session, short_id).id


@dataclass(frozen=True)
class Setup:
    """How the app is reached."""

    mode: str
    app_token: SecretStr
    signing_secret: SecretStr


@pytest.fixture
def desk(database: Database, clock: Clock) -> Desk:
    return Desk(
        database,
        clock=clock,
        teams=("dev", "platform", "review"),
        ways=ways(Settings()),
        withheld=lambda: NO_MODEL,
        terms=terms(Settings()),
        inbox=Inbox(
            database, a_presence(database, elapsed=lambda: clock().timestamp()), clock=clock
        ),
        team_channels={"dev": TEAM_CHANNEL},
        charts=Charts("picture"),
        audiences={CHANNEL: EVERYTHING},
        commit_seconds=SETTLED_SECONDS,
    )


@pytest.fixture
def rebuilt(workspace: Workspace, server: Server) -> Callable[[Desk], App]:
    """Builds the app around a desk."""
    return partial(
        build,
        bot_token=workspace.bot_token,
        signing_secret=workspace.signing_secret,
        base_url=server.api_url,
    )


@pytest.fixture
def app(rebuilt: Callable[[Desk], App], desk: Desk) -> App:
    return rebuilt(desk)


SETTLED_SECONDS = 30


class Direct:
    """Hands everything straight to the app, and waits until it is done with it: a socket without
    the socket."""

    def __init__(self, app: App, desk: Desk, *, waits: bool = True) -> None:
        self._app = app
        self._desk = desk
        self._waits = waits

    def deliver(self, envelope: Envelope) -> Ack:
        answer = self._app.dispatch(BoltRequest(body=envelope.payload, mode="socket_mode"))
        if answer.status != 200:
            return Ack(error=NOT_CONNECTED)
        if self._waits:
            settle(self._desk)
        return Ack(json.loads(answer.body) if answer.body else {})

    def disconnect(self, *, politely: bool = True) -> None:
        """Nothing is connected."""


def in_the_inbox(database: Database) -> list[Asked]:
    """What is acknowledged and not carried out."""
    with database.read() as session:
        return list(session.exec(select(Asked)))


def settle(desk: Desk) -> None:
    """Wait until all that was asked is done and answered."""
    assert desk.work.settle(SETTLED_SECONDS)
    assert desk.tell.settle(SETTLED_SECONDS)


@contextmanager
def under_way(crew: Crew) -> Iterator[None]:
    """Its only worker is at something else until the block is left."""
    over = Event()
    crew.take(over.wait)
    try:
        yield
    finally:
        over.set()


def clicked(action_id: str, **facts: Any) -> dict[str, Any]:
    """A click as it comes over the socket."""
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": ANA, "team_id": facts.pop("team_id", "T1")},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.2",
        "container": {"type": "message"},
        "actions": [
            {"action_id": action_id, "block_id": "b", "action_ts": "1.2", "type": "button", **facts}
        ],
    }


def answered(app: App, body: dict[str, Any]) -> int:
    """The status of the acknowledgement: Bolt's 404 where there was none."""
    return app.dispatch(BoltRequest(body=body, mode="socket_mode")).status


@pytest.fixture
def live(app: App, desk: Desk, workspace: Workspace) -> Workspace:
    """The workspace, with the app behind it."""
    workspace.transport = Direct(app, desk)
    return workspace


@pytest.fixture
def setup(workspace: Workspace) -> Setup:
    """Over Socket Mode."""
    return Setup("socket", SecretStr(workspace.app_token), SecretStr(workspace.signing_secret))


@pytest.fixture
def card(live: Workspace, poster: Poster, digest_id: int) -> str:
    """The ts of the digest, posted."""
    poster.drain()
    return live.messages(CHANNEL)[0].ts


def explained_by_a_model(database: Database, short_id: str) -> None:
    with database.write() as session:
        signature = find.by_name(session, short_id)
        said = describe.explained(session, [signature])[signature.id].analysis
        proven = replace(said, evidence=("connection refused",), checked="1 of 1 quotes verified")
        content, prompt = {signature.id: proven.as_json()}, "analysis 1"
        analyses.keep(session, content, analyst="some-model", version=prompt, now=NOON)
