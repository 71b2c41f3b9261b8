"""The real Bolt app behind a request URL: signatures, time-outs, retries."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.workspace import Workspace, serve
from bot.workspace.signed_http import SignedHttp, signature
from tests.workspace.conftest import ANA, a_client
from tests.workspace.pieces import a_button, actions


def now() -> datetime:
    """Bolt holds a signature's time against the real clock."""
    return datetime.now(UTC)  # noqa: TID251


@contextmanager
def served(app: Starlette, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def a_bot(secret: str = "workspace", late: timedelta = timedelta()) -> Iterator[tuple[Any, ...]]:
    """A workspace that posts to a Bolt app, and the app."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
        workspace = Workspace(clock=lambda: now() - late, request_url=url, ack_seconds=1.5)
        with serve(workspace) as server:
            app = App(
                client=a_client(workspace, server),
                signing_secret=secret,
                token_verification_enabled=False,
            )
            handler = SlackRequestHandler(app)

            async def receive(request: Request) -> Response:
                return await handler.handle(request)

            routes = [Route("/slack/events", receive, methods=["POST"])]
            with served(Starlette(routes=routes), listener):
                yield workspace, app


def test_a_signature_is_slacks_own_example() -> None:
    """The example of Slack's page on verifying requests."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signed = signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signed == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_a_command_and_a_click_arrive_signed() -> None:
    with a_bot() as (workspace, app):
        app.command("/triage")(lambda ack, command: ack(f"about {command['text']}"))
        app.action("claim")(lambda ack, body, respond: (ack(), respond(body["user"]["id"])))
        assert workspace.command(ANA, "on-call", "/triage", "today").ok
        (answer,) = workspace.ephemerals(ANA, "on-call")
        assert answer.text == "about today"
        posted = app.client.chat_postMessage(
            channel="#on-call", text="x", blocks=[actions(a_button())]
        )
        assert workspace.click(ANA, "on-call", posted["ts"], "claim").ok
        workspace.wait_until(lambda: len(workspace.ephemerals(ANA, "on-call")) == 2)


@pytest.mark.parametrize(
    "facts", [{"secret": "another"}, {"late": timedelta(minutes=6)}], ids=["secret", "skew"]
)
def test_a_signature_bolt_refuses_fails_the_command(facts: Any) -> None:
    with a_bot(**facts) as (workspace, app):
        app.command("/triage")(lambda ack: ack("never"))
        assert workspace.command(ANA, "on-call", "/triage").error == "dispatch_failed"


def test_an_event_is_retried_with_its_number() -> None:
    with a_bot() as (workspace, app):
        heard: list[Any] = []

        @app.middleware  # type: ignore[untyped-decorator]
        def note(request: Any) -> Any:
            heard.append(request.headers.get("x-slack-retry-num"))

        workspace.say(ANA, "on-call", "<@U000TRIAGE> hello")
        assert heard == [None, ["1"], ["2"], ["3"]]


def test_a_request_url_answers_the_challenge() -> None:
    with a_bot() as (workspace, _app):
        assert isinstance(workspace.transport, SignedHttp)
        assert workspace.transport.verify()


def test_a_request_url_nobody_listens_on_fails_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    workspace = Workspace(clock=now, request_url=f"http://127.0.0.1:{port}/")
    assert workspace.command(ANA, "on-call", "/triage").error == "dispatch_failed"
