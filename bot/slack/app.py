"""The Bolt app: built once, without asking anything of Slack."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.routing import BaseRoute

from bot.slack import http
from bot.slack.access import WATCH_SECONDS, Access, Grant
from bot.slack.crew import Rush
from bot.slack.desk import Desk
from bot.slack.listeners import register
from storage.failures import FAILURES

SOCKET_THREADS = 256
"""Each waits for one acknowledgement; they are started as they are needed."""

SOCKET_BYTES = 1 << 20
"""Read at once. The client reads what comes without a pause level by level, one for each piece: a
few hundred clicks in pieces of its 1,024 bytes are more levels than Python has, and all are lost.
"""

CALL_SECONDS = 10
PING_SECONDS = 10
READ_SECONDS = 0.1

Clock = Callable[[], datetime]

log = logging.getLogger(__name__)


def web_client(token: str | None, *, base_url: str = WebClient.BASE_URL) -> WebClient:
    """A client that never retries: the default one calls again when an answer is lost."""
    return WebClient(token=token, base_url=base_url, timeout=CALL_SECONDS, retry_handlers=[])


def build(
    desk: Desk, *, bot_token: str, signing_secret: str, base_url: str = WebClient.BASE_URL
) -> App:
    """The app with all its listeners, for a token that is not checked with Slack: an app that
    checks it does not start while Slack is down.

    Its listeners run in the thread that calls them: they hand the work on, and acknowledge.
    """

    def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=bot_token)

    app = App(
        signing_secret=signing_secret,
        authorize=authorize,
        token_verification_enabled=False,
        client=web_client(None, base_url=base_url),
        logger=logging.getLogger("slack_bolt"),
        process_before_response=True,
    )
    app.client.token = bot_token
    register(app, desk)
    return app


class Setup(Protocol):
    """How Slack reaches us: by a socket that we open, or at an address of ours."""

    @property
    def mode(self) -> str:
        """`socket`, `http`, or `off`: not at all."""

    @property
    def app_token(self) -> SecretStr:
        """The token that opens the socket."""

    @property
    def signing_secret(self) -> SecretStr:
        """The secret that requests to the address are signed with."""


@dataclass(frozen=True, slots=True)
class Link:
    """The connection by which Slack reaches us: the routes to serve, and why it does not work, if
    so.

    `recover` carries out what a process that is gone had acknowledged. `take_turn` is to be called
    often: it connects when it is this replica's turn, and leaves when it no longer is.
    """

    unwell: Callable[[], str] = lambda: ""
    recover: Callable[[], None] = lambda: None
    take_turn: Callable[[], None] = lambda: None
    routes: Sequence[BaseRoute] = ()


@contextmanager
def connected(
    app: App,
    setup: Setup,
    desk: Desk,
    *,
    is_ours: Callable[[], bool] = lambda: True,
    watch_seconds: float = WATCH_SECONDS,
) -> Iterator[Link]:
    """Let Slack reach the app until the block is left; what was clicked by then is carried out.

    What processes that are gone had acknowledged is carried out first, since it was clicked first.
    The socket is open while it is this replica's turn. Raises SettingsError for a refused token; an
    outage is waited out.
    """
    catch_up = partial(_catch_up, app, desk, desk.inbox.of_the_missing)
    recover = partial(_catch_up, app, desk, desk.inbox.of_the_gone)
    try:
        if setup.mode == "off":
            yield Link()
            return
        catch_up()
        if setup.mode == "http":
            secret = setup.signing_secret.get_secret_value()
            routes = [http.route(app, signing_secret=secret, clock=desk.clock, rush=desk.rush)]
            with _granted([_bot(app)], clock=desk.clock, watch_seconds=watch_seconds) as access:
                yield Link(access.unwell, recover, routes=routes)
        else:
            with (
                _socket(
                    app, setup.app_token.get_secret_value(), desk.rush, is_ours, first=catch_up
                ) as line,
                _granted(
                    [_bot(app), line.grant], clock=desk.clock, watch_seconds=watch_seconds
                ) as access,
            ):
                yield Link(access.unwell, recover, partial(line.take_turn, access))
    finally:
        desk.finish()


def _catch_up(app: App, desk: Desk, take: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
    """Carry out what was acknowledged but never carried out, as if it came again.

    Not while nobody knows who has which right: people who may would be denied.
    """
    if desk.roles.groups and desk.groups_of("") is None:
        return
    try:
        left = take()
    except FAILURES as failure:
        log.warning("What was acknowledged cannot be read (%s); it is tried again", failure)
        return
    if left:
        log.warning("%d acknowledged and not carried out: they are now", len(left))
    for body in left:
        app.dispatch(BoltRequest(body=dict(body), mode="socket_mode"))


@contextmanager
def _granted(grants: Sequence[Grant], *, clock: Clock, watch_seconds: float) -> Iterator[Access]:
    access = Access(grants, clock=clock, watch_seconds=watch_seconds)
    access.start()
    try:
        yield access
    finally:
        access.stop()


def _bot(app: App) -> Grant:
    """The grant of the bot's token; Slack is asked until it has answered once."""
    answered = threading.Event()

    def ask() -> None:
        app.client.auth_test()
        answered.set()

    return Grant("SLACK_BOT_TOKEN", held=answered.is_set, ask=ask)


class _Handler(SocketModeHandler):
    """Counts a request over the socket as part of the rush until it is answered."""

    def __init__(self, app: App, app_token: str, rush: Rush) -> None:
        self._rush = rush
        super().__init__(
            app,
            app_token,
            logger=logging.getLogger("slack_sdk.socket_mode"),
            ping_interval=PING_SECONDS,
            receive_buffer_size=SOCKET_BYTES,
            concurrency=SOCKET_THREADS,
        )

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        with self._rush.joined():
            super().handle(client, req)


class _Socket:
    """One outgoing connection, while it is this replica's turn; otherwise Slack is asked once
    whether the token is good. `first` is called before anything comes over it.

    Its client watches the connection as well, but not before it was once established.
    """

    def __init__(
        self, client: SocketModeClient, is_ours: Callable[[], bool], first: Callable[[], None]
    ) -> None:
        self._client = client
        self._is_ours = is_ours
        self._first = first
        self._was_ours = is_ours()
        self._is_token_good = False
        self.grant = Grant("SLACK_APP_TOKEN", self._is_as_it_should_be, self._mend)

    def take_turn(self, access: Access) -> None:
        """Connect or leave at once if the turn changed."""
        if (is_ours := self._is_ours()) != self._was_ours:
            self._was_ours = is_ours
            access.hurry()

    def _is_as_it_should_be(self) -> bool:
        return self._is_token_good and self._client.is_connected() == self._is_ours()

    def _mend(self) -> None:
        if self._is_ours():
            self._first()
            self._client.connect_to_new_endpoint()
        else:
            self._client.auto_reconnect_enabled = False
            _read_no_more(self._client)
            self._client.disconnect()
            if not self._is_token_good:
                self._client.issue_new_wss_url()
        self._is_token_good = True


@contextmanager
def _socket(
    app: App, app_token: str, rush: Rush, is_ours: Callable[[], bool], *, first: Callable[[], None]
) -> Iterator[_Socket]:
    """A connection by Socket Mode, which needs no open port; it is closed once what arrived is
    acknowledged."""
    client = _Handler(app, app_token, rush).client
    try:
        yield _Socket(client, is_ours, first)
    finally:
        _finish(client)
        _hang_up(client)
        client.close()


def _finish(client: SocketModeClient) -> None:
    """Acknowledge what arrived: closing alone would disconnect first."""
    client.closed = True
    client.message_queue.put(None)  # it waits up to a second for what comes next
    client.message_processor.shutdown()  # type: ignore[no-untyped-call]
    while not client.message_queue.empty():
        client.process_message()  # type: ignore[no-untyped-call]
    client.message_workers.shutdown(wait=True)


def _hang_up(client: SocketModeClient) -> None:
    """Read nothing more. Closing alone would wait up to 3 s for the read under way, and whatever is
    clicked in that time would be taken and lost."""
    runner = client.current_session_runner
    runner.event.set()
    _read_no_more(client)
    while runner.is_alive():
        client.current_session_state.terminated = True
        runner.thread.join(READ_SECONDS)


def _read_no_more(client: SocketModeClient) -> None:
    """End the read under way, and the connection for good."""
    client.auto_reconnect_enabled = False
    session = client.current_session
    if session and session.sock:
        with suppress(OSError):  # it is gone already
            # As a socket of TCP: one of TLS forgets its keys while another thread reads with them.
            socket.socket.shutdown(session.sock, socket.SHUT_RD)
