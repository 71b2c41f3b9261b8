"""The app is reached over a socket and over signed HTTP, and by nobody else."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt import App

from bot import receiver
from bot.errors import SettingsError
from bot.slack import manifest
from bot.slack.app import build, connected
from bot.slack.desk import Desk
from bot.slack.http import BODY_SECONDS, MOST_BYTES, PATH, parsed, route
from bot.workspace import Fault, FaultKind, Server, Workspace
from bot.workspace.delivery import Envelope
from tests.builders import NOON
from tests.slack.conftest import ANA, CHANNEL, Setup, settle

SECRET = "signed"
FORM = "application/x-www-form-urlencoded"


def test_a_command_is_answered_over_the_socket(
    app: App, desk: Desk, workspace: Workspace, setup: Setup, short_id: str
) -> None:
    with connected(app, setup, desk) as link:
        assert link.unwell() == ""
        assert workspace.command(ANA, CHANNEL, "/triage", f"show {short_id}").ok
        workspace.wait_until(lambda: workspace.ephemerals(ANA, CHANNEL))
        workspace.transport.disconnect(politely=True)
        workspace.wait_until(lambda: not link.unwell())
        workspace.wait_until(lambda: workspace.command(ANA, CHANNEL, "/triage", "mine").ok)
    assert link.unwell() == "not connected to Slack"


def test_a_burst_of_large_clicks_is_acknowledged_to_the_last(
    app: App, desk: Desk, workspace: Workspace, setup: Setup
) -> None:
    click = {
        "type": "block_actions",
        "user": {"id": ANA, "team_id": "T1"},
        "team": {"id": "T1"},
        "message": {"text": "x" * 50_000},
        "actions": [{"action_id": "details", "value": "E-7K2", "action_ts": "1.1"}],
    }
    with connected(app, setup, desk), ThreadPoolExecutor(40) as people:
        clicked = [
            people.submit(workspace.transport.deliver, Envelope("interactive", click))
            for _ in range(40)
        ]
        assert {one.result().error for one in clicked} == {""}
        settle(desk)


@pytest.mark.promise(row="R16")
def test_what_was_clicked_before_the_stop_is_acknowledged(
    desk: Desk, workspace: Workspace, server: Server, setup: Setup
) -> None:
    clicked = Event()

    def until_the_stop() -> datetime:
        clicked.set()
        workspace.wait_until(lambda: "slack-watch" not in [one.name for one in enumerate_threads()])
        return NOON

    app = build(
        replace(desk, clock=until_the_stop),
        bot_token=workspace.bot_token,
        signing_secret=workspace.signing_secret,
        base_url=server.api_url,
    )
    with ThreadPoolExecutor(1) as person:
        with connected(app, setup, desk):
            outcome = person.submit(workspace.command, ANA, CHANNEL, "/triage", "undo")
            assert clicked.wait(10)
        assert outcome.result().ok


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_refused_token_is_named_with_its_remedy(
    mode: str,
    desk: Desk,
    workspace: Workspace,
    server: Server,
    setup: Setup,
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = build(desk, bot_token="xoxb-wrong", signing_secret="s", base_url=server.api_url)
    refused = replace(setup, mode=mode, app_token=SecretStr("xapp-wrong"))
    with pytest.raises(SettingsError) as said, connected(app, refused, desk):
        pytest.fail("it connected")
    lines = str(said.value).splitlines()
    remedy = "the token is not valid: copy it again from your app's page at Slack"
    assert lines[0] == f"SLACK_BOT_TOKEN: {remedy}"
    assert lines[1:] == ([f"SLACK_APP_TOKEN: {remedy}"] if mode == "socket" else [])
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
def test_an_outage_at_the_start_is_waited_out(
    method: str,
    app: App,
    desk: Desk,
    workspace: Workspace,
    setup: Setup,
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=method, times=3))
    with connected(app, setup, desk, watch_seconds=0.05) as link:
        workspace.wait_until(lambda: workspace.command(ANA, CHANNEL, "/triage", "mine").ok)
        assert link.unwell() == ""


def test_over_http_an_outage_is_waited_out_too(
    app: App, desk: Desk, workspace: Workspace, setup: Setup
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method="auth.test", times=3))
    with connected(app, replace(setup, mode="http"), desk, watch_seconds=0.05) as link:
        assert link.unwell() == "Slack answers http_500"
        workspace.wait_until(lambda: not link.unwell())


@pytest.mark.promise(row="R23")
def test_the_socket_is_open_while_it_is_ours(
    app: App, desk: Desk, workspace: Workspace, setup: Setup
) -> None:
    ours = Event()
    with connected(app, setup, desk, is_ours=ours.is_set) as link:
        for _ in range(2):
            assert not workspace.command(ANA, CHANNEL, "/triage", "mine").ok
            assert link.unwell() == "", "another has it"
            ours.set()
            link.take_turn()
            workspace.wait_until(lambda: workspace.command(ANA, CHANNEL, "/triage", "mine").ok)
            ours.clear()
            link.take_turn()
            workspace.wait_until(lambda: not workspace.sockets.connections)
        assert workspace.sockets.connections == 0


def test_whoever_waits_for_its_turn_knows_that_its_token_is_good(
    desk: Desk, workspace: Workspace, server: Server, setup: Setup
) -> None:
    token = workspace.bot_token
    app = build(desk, bot_token=token, signing_secret="s", base_url=server.api_url)
    refused = replace(setup, app_token=SecretStr("xapp-wrong"))
    with (
        pytest.raises(SettingsError, match="SLACK_APP_TOKEN"),
        connected(app, refused, desk, is_ours=lambda: False),
    ):
        pytest.fail("it waits")


def test_building_asks_nothing_of_slack(desk: Desk) -> None:
    built = build(desk, bot_token="xoxb", signing_secret="s", base_url="http://127.0.0.1:9/")
    assert built.client.token == "xoxb"
    assert built.client.retry_handlers == []


# ── HTTP ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Web:
    """Our own address, as Slack reaches it."""

    port: int

    def post(self, body: bytes, headers: Mapping[str, str | bytes]) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", PATH, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def status(self, body: bytes, headers: Mapping[str, str | bytes]) -> int:
        return self.post(body, headers)[0]


@contextmanager
def reached(
    app: App, clock: Callable[[], datetime], *, body_seconds: float = BODY_SECONDS
) -> Iterator[Web]:
    site = receiver.application(
        [route(app, signing_secret=SECRET, clock=clock, body_seconds=body_seconds)]
    )
    with receiver.listening(site, host="127.0.0.1", port=0) as port:
        yield Web(port)


@pytest.fixture
def web(app: App) -> Iterator[Web]:
    with reached(app, lambda: NOON) as address:
        yield address


def signed(body: bytes, *, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(NOON.timestamp()) if at is None else at)
    mac = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={mac.hexdigest()}",
        "content-type": FORM,
    }


def a_command(text: str = "help") -> bytes:
    facts = {"command": "/triage", "text": text, "user_id": ANA, "trigger_id": "1.2"}
    return urlencode({**facts, "channel_id": CHANNEL}).encode()


def test_a_signed_command_is_taken(web: Web) -> None:
    assert web.post(BODY, signed(BODY)) == (200, b"")


def test_slacks_challenge_is_answered(web: Web) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "x7"}).encode()
    status, answer = web.post(body, {**signed(body), "content-type": "application/json"})
    assert (status, json.loads(answer)) == (200, {"challenge": "x7"})


def test_the_same_request_is_taken_once(web: Web) -> None:
    assert [web.status(BODY, signed(BODY)) for _ in range(2)] == [200, 401]


def test_a_command_that_says_payload_is_no_payload() -> None:
    assert parsed(a_command("show payload"), FORM)["text"] == "show payload"


SECONDS = int(NOON.timestamp())
BODY = a_command()
FORGED = [
    {},
    {"x-slack-signature": "v0=00"},
    {**signed(BODY), "x-slack-signature": "v0=é"},
    {**signed(BODY), "x-slack-request-timestamp": "soon"},
    {**signed(BODY), "x-slack-request-timestamp": "-1"},
    {**signed(BODY), "x-slack-request-timestamp": "9" * 400},
    {**signed(BODY), "x-slack-request-timestamp": "²"},
    signed(BODY, secret="other"),
    signed(BODY, at=SECONDS - 301),
    signed(BODY, at=SECONDS + 301),
    signed(b"another body"),
]


@pytest.mark.parametrize("headers", FORGED)
def test_what_slack_did_not_sign_just_now_is_refused(web: Web, headers: dict[str, str]) -> None:
    assert web.status(BODY, headers) == 401


def test_what_is_not_signed_is_not_looked_into(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[bytes]()

    def look(raw: bytes, content_type: str) -> dict[str, Any]:
        looked.append(raw)
        return parsed(raw, content_type)

    monkeypatch.setattr("bot.slack.http.parsed", look)
    with reached(app, lambda: NOON) as web:
        assert web.status(BODY, signed(BODY, secret="other")) == 401
        assert looked == []
        assert web.status(BODY, signed(BODY)) == 200
    assert looked == [BODY]


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=x", b"payload=[]", b"\xff\xfe", b"[]", b"{", b"[" * 100_000, b"a" * 900_000],
)
@pytest.mark.parametrize("content_type", [FORM, "application/json"])
def test_garbage_is_refused_even_when_it_is_signed(
    web: Web, body: bytes, content_type: str
) -> None:
    headers = {**signed(body), "content-type": content_type}
    assert web.status(body, headers) in (401, 404)


def test_a_body_larger_than_any_of_slacks_is_refused_before_it_is_read(app: App) -> None:
    body = b"a" * (MOST_BYTES + 1)
    with reached(app, lambda: NOON) as web, suppress(ConnectionError):
        assert web.status(body, signed(body)) == 401


def test_who_does_not_finish_a_body_is_hung_up_on(app: App) -> None:
    with reached(app, lambda: NOON, body_seconds=0.01) as web:
        assert web.status(b"", {"content-length": "9"}) == 401


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=200),
    signature=st.binary(max_size=80).filter(lambda value: not set(value) & set(range(32))),
    timestamp=st.binary(max_size=20).filter(lambda value: not set(value) & set(range(32))),
)
def test_no_request_is_answered_with_a_500(
    web: Web, body: bytes, signature: bytes, timestamp: bytes
) -> None:
    headers = {"x-slack-signature": signature, "x-slack-request-timestamp": timestamp}
    assert web.status(body, headers) in (400, 401)


def test_an_old_replay_is_refused_by_its_age(app: App) -> None:
    now = [NOON]
    with reached(app, lambda: now[0]) as web:
        assert web.status(BODY, signed(BODY)) == 200
        now[0] = NOON + timedelta(minutes=6)
        assert web.status(BODY, signed(BODY)) == 401


# ── the manifest ──────────────────────────────────────────────────────────────────────────────


def test_the_manifest_in_the_docs_is_the_one_we_print() -> None:
    file = Path(__file__).parents[2] / "docs" / "manifest.json"
    assert file.read_text() == manifest.text()


def test_the_manifest_says_where_http_is_reached() -> None:
    made = manifest.manifest("https://triage.example/")
    address = f"https://triage.example{PATH}"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address


def test_private_channels_can_be_read_where_the_bot_was_invited() -> None:
    scopes = manifest.manifest()["oauth_config"]["scopes"]["bot"]
    assert {"groups:history", "groups:read"} <= set(scopes)


def test_a_socket_needs_no_address() -> None:
    assert "request_url" not in manifest.text()
    assert manifest.manifest()["settings"]["socket_mode_enabled"] is True
