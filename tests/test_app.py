"""What the wiring says before it starts."""

import json
import sys
from contextlib import closing
from datetime import time, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.app import Role, _grpc, running, serve
from bot.errors import SettingsError
from bot.flows.receive import Intake
from bot.hooks.access import Keyring
from bot.hooks.events import Door
from bot.jobs import due
from bot.pagerduty import Duties
from bot.settings import Channel, Http, Settings, Slack
from bot.settings.plan import plan
from bot.slack.poster import Poster
from storage import outbox
from storage.database import Database
from storage.locks import SOCKET_MODE, Lock
from tests.builders import NOON, standing
from tests.conftest import POSTGRESQL


def test_it_says_what_it_is_going_to_do() -> None:
    channels = (
        Channel(id="C0123ABC", digest=(time(9),), timezone="Europe/Berlin"),
        Channel(id="C0456DEF", digest=(), alerts_per_hour=0, report="off"),
    )
    slack, first, second, *_ = plan(Settings(channels=channels), now=NOON)
    assert slack == "Slack: over Socket Mode"
    assert first == (
        "Channel C0123ABC: next digest 2026-11-19 09:00 Europe/Berlin, at most 6 alerts an hour "
        "(critical), next weekly report 2026-11-23 09:30 Europe/Berlin"
    )
    assert second == "Channel C0456DEF: no digest, no alerts, no weekly report"
    (reached, *_) = plan(Settings(slack=Slack(mode="http")), now=NOON)
    assert reached == "Slack: called at /slack/events"


def test_the_digest_and_the_report_of_the_week_are_wanted_when_they_are_due(
    database: Database,
) -> None:
    at_noon = Channel(id="C0123ABC", digest=(time(12),), report="wed 12:00")
    silent = Channel(id="C0456DEF", digest=(), report="off")
    poster = Poster(database, WebClient(), worker="test", clock=standing())
    settings = Settings(channels=(at_noon, silent))
    duties = Duties(lambda _: None, schedules=[], people={})
    jobs = due(settings, database, poster, duties, clock=standing())
    for _ in range(2):
        jobs["report"].job()
    with database.read() as session:
        wanted = outbox.wanted_since(session, NOON - timedelta(days=1), kinds=("digest", "review"))
    assert [(one.kind, one.channel) for one in wanted] == [
        ("digest", "C0123ABC"),
        ("review", "C0123ABC"),
    ]


@pytest.mark.parametrize(
    ("role", "status", "jobs"),
    [(Role.SLACK, 404, {"recover"}), (Role.RECEIVER, 401, set()), (Role.SCHEDULER, 404, None)],
)
def test_a_replica_does_its_own_part(
    database: Database, role: Role, status: int, jobs: set[str] | None
) -> None:
    settings = Settings(slack=Slack(mode="off"), http=Http(port=0))
    with (
        running(settings, database, clock=standing(), roles=[role]) as service,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection,
    ):
        connection.request("POST", "/ingest", b"")
        assert connection.getresponse().status == status
        found = {*service.schedule.succeeded()}
    is_at_something = role is not Role.RECEIVER
    assert ("presence" in found) is (database.is_shared and is_at_something)
    own = found - {"presence"}
    assert own == jobs if jobs is not None else {"alarm", "watch", "clean"} <= own


@pytest.mark.parametrize("roles", [[Role.RECEIVER], [Role.SLACK, Role.RECEIVER]])
def test_who_would_judge_nothing_is_refused_where_nobody_else_can(
    roles: list[Role], tmp_path: Path
) -> None:
    file = tmp_path / "triage.db"
    with pytest.raises(SettingsError, match="leave --roles out, or move to PostgreSQL"):
        serve(Settings(database_url=f"sqlite:///{file}"), roles=roles)
    assert not file.exists()


@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_every_replica_tells_which_one_is_connected_to_slack(database: Database) -> None:
    settings = Settings(slack=Slack(mode="off"), http=Http(port=0))
    lock = Lock(database, SOCKET_MODE, holder="another:7")
    lock.keep()
    with (
        running(settings, database, clock=standing()) as service,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection,
    ):
        connection.request("GET", "/healthz")
        assert json.load(connection.getresponse())["connected"] == "another:7"
    lock.release()


def test_grpc_is_served_where_it_is_asked_for_and_names_what_it_needs(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = Keyring(dict, (), clock=standing())
    door = Door(Intake(database, standing()), keyring, standing())
    with caplog.at_level("INFO"), _grpc(Http(grpc_port=0), door):
        assert "OTLP over gRPC: 127.0.0.1:" in caplog.text
    monkeypatch.delattr("bot.hooks.otlp_grpc")
    monkeypatch.setitem(sys.modules, "bot.hooks.otlp_grpc", None)
    with _grpc(Http(), door):
        pass
    with pytest.raises(SettingsError, match=r"extra `grpc`"), _grpc(Http(grpc_port=0), door):
        pytest.fail("it serves without its library")
