"""Whoever sets Triage up chooses where errors come from, and sees the first one come in."""

import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
import sentry_sdk
from sentry_sdk.client import Client

from bot import receiver
from bot.connect import Connected, connect
from bot.settings import Http, Settings, Slack, load
from tests import datadog as servers
from tests.builders import NOON
from tests.datadog import KEYS, Log
from tests.fakes import Person

SEND = "Let it send an error now, then press Enter (s: go on without): "
SECONDS = 20


class Sender(Person):
    """Sends the second time that it is asked to, by what it was told."""

    def __init__(self, *answers: str, send: Callable[[str], None]) -> None:
        super().__init__(*answers)
        self._send = send

    def ask(self, question: str) -> str:
        if question == SEND and SEND in self.heard:
            self._send("\n".join(self.heard))
        return super().ask(question)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        slack=Slack(mode="off"),
        http=Http(port=0),
        database_url=f"sqlite:///{tmp_path / 'triage.db'}",
    )


def connected(person: Person, settings: Settings) -> Connected:
    return connect(person.dialogue, settings, clock=lambda: NOON)


def by_sentry(said: str) -> None:
    (dsn,) = re.findall(r"http://\S+@\S+", said)
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(Client(dsn, default_integrations=False))
        scope.capture_message("database down", level="error")
        scope.client.close(SECONDS)


def by_http(said: str) -> None:
    """As curl does, or an exporter of OpenTelemetry."""
    (place, path), (key,) = (
        re.findall(r"http://([\w.:]+)(/\S+)", said)[0],
        re.findall(r"Bearer (\w+)", said),
    )
    log = '{"severityNumber": 17, "body": {"stringValue": "disk full"}}'
    otlp = f'{{"resourceLogs": [{{"scopeLogs": [{{"logRecords": [{log}]}}]}}]}}'
    (told,) = re.findall(r"-d '(.+)'", said) or [otlp]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with closing(HTTPConnection(place, timeout=SECONDS)) as connection:
        connection.request("POST", path, told, headers)
        assert connection.getresponse().status == 200


@pytest.mark.parametrize(
    ("way", "send", "source"),
    [("1", by_sentry, "sentry"), ("2", by_http, "otlp"), ("3", by_http, "http")],
)
def test_who_sends_is_told_how_and_the_first_error_is_seen(
    settings: Settings, way: str, send: Callable[[str], None], source: str
) -> None:
    person = Sender(way, "shop", "", "", send=send)
    assert connected(person, settings) == Connected()
    assert "Nothing came in yet. Does it reach that address, with that key?" in person.heard
    assert person.heard[-1] == f"It works: 1 error came in, from {source}/shop."


def test_one_may_go_on_without_and_is_asked_for_a_name_that_holds(settings: Settings) -> None:
    person = Person("3", "a\nb", "", "s")
    assert connected(person, settings) == Connected()
    assert person.heard[-1] == SEND


def test_where_somebody_listens_already_the_errors_go_there(settings: Settings) -> None:
    with receiver.listening(receiver.application([]), host="127.0.0.1", port=0) as port:
        person = Person("3", "", "s")
        connected(person, settings.model_copy(update={"http": Http(port=port)}))
    said = "\n".join(person.heard)
    assert "Unless it is `triage serve`" in said
    assert f"http://127.0.0.1:{port}/ingest" in said


def test_a_file_is_followed_once_it_can_be_read(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "app-🛒.log"
    log.write_text(f"{NOON:%Y-%m-%d %H:%M:%S} ERROR declined\n" * 2)
    person = Person("4", str(tmp_path / "gone.log"), "", str(log))
    table = connected(person, settings).table
    assert "gone.log does not exist" in person.heard[-4]
    assert person.heard[-1].startswith("file/file answers: 1 error")
    assert tomllib.loads(table) == {"sources": [{"kind": "file", "name": "file", "path": str(log)}]}


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Datadog]:
    with servers.listening() as server:
        yield server


def test_what_is_asked_is_tried_and_its_keys_are_typed_unseen(
    settings: Settings, server: servers.Datadog, tmp_path: Path
) -> None:
    server.logs = [Log("AQ", NOON, {"message": "payment failed", "status": "error"})]
    person = Person("5", "kafka", "datadog", server.url, KEYS[0], "wrong", "", server.url, *KEYS)
    found = connected(person, settings)
    said = "\n".join(person.heard)
    assert "Type one of loki, datadog, sentry, cloudwatch." in said
    assert "answers 403" in said
    assert len(person.secrets) == 4
    assert found.secrets == dict(
        zip(("TRIAGE_DATADOG_API_KEY", "TRIAGE_DATADOG_APP_KEY"), KEYS, strict=True)
    )
    file = tmp_path / "triage.toml"
    file.write_text(found.table)
    (source,) = load(found.secrets, file).asked
    source.require_secrets()


def test_one_may_give_up_on_a_source_and_is_told_what_is_wrong_with_its_settings(
    settings: Settings,
) -> None:
    person = Person("5", "sentry", "", "no slug of theirs", "a", "", "n")
    assert connected(person, settings) == Connected()
    assert "organization" in person.heard[-2]
