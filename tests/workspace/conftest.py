"""A served workspace, the real client, and the real Bolt app on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace import Server, Workspace, serve
from tests.fakes import Clock

ANA, TOMAS = "U000ANA", "U000TOMAS"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock, shortcuts={"triage_message": "Triage this"}, ack_seconds=1.5)


@pytest.fixture
def server(workspace: Workspace) -> Iterator[Server]:
    with serve(workspace) as running:
        yield running


@pytest.fixture
def client(workspace: Workspace, server: Server) -> WebClient:
    return a_client(workspace, server)


def a_client(workspace: Workspace, server: Server, **facts: Any) -> WebClient:
    given = {"token": workspace.bot_token, "retry_handlers": [], **facts}
    return WebClient(base_url=server.api_url, **given)


@contextmanager
def connected(app: App, workspace: Workspace, **facts: Any) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, workspace.app_token, **facts)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        workspace.wait_until(lambda: workspace.sockets.connections)
        yield handler
    finally:
        _end(handler, workspace)


def _end(handler: SocketModeHandler, workspace: Workspace) -> None:
    """Close the client from the workspace's side first: by itself it waits 3 s for a message."""
    client = handler.client
    client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False
    workspace.sockets.disconnect(politely=False)
    client.current_session_state.terminated = True
    client.current_session_runner.shutdown()  # type: ignore[no-untyped-call]
    handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def app(client: WebClient) -> App:
    return App(client=client, token_verification_enabled=False)


@pytest.fixture
def connect(app: App, workspace: Workspace) -> Iterator[Callable[[], SocketModeHandler]]:
    """Connects the app once its listeners are there."""
    open_ones = []

    def start() -> SocketModeHandler:
        context = connected(app, workspace)
        open_ones.append(context)
        return context.__enter__()

    yield start
    for context in open_ones:
        context.__exit__(None, None, None)
