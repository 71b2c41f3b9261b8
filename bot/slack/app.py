"""The Bolt app: built once, with nothing asked of Slack while it is."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from starlette.routing import BaseRoute

from bot.errors import SettingsError
from bot.slack import http, trouble
from bot.slack.desk import Desk
from bot.slack.listeners import register
from bot.slack.trouble import Trouble

LISTENER_THREADS = 128
"""Bolt's default is 5, and five slow listeners keep the next command from being acknowledged."""

SOCKET_THREADS = 32
"""Each waits for one acknowledgement."""

CALL_SECONDS = 10
PING_SECONDS = 10
WATCH_SECONDS = 5

log = logging.getLogger(__name__)


def web_client(token: str | None, *, base_url: str = WebClient.BASE_URL) -> WebClient:
    """A client that never calls twice by itself: the default one does when an answer is lost."""
    return WebClient(token=token, base_url=base_url, timeout=CALL_SECONDS, retry_handlers=[])


def build(
    desk: Desk, *, bot_token: str, signing_secret: str, base_url: str = WebClient.BASE_URL
) -> App:
    """The app with all its listeners.

    It knows its token without asking Slack: an app that asks does not start while Slack is down.
    """

    def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=bot_token)

    app = App(
        signing_secret=signing_secret,
        authorize=authorize,
        token_verification_enabled=False,
        client=web_client(None, base_url=base_url),
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="slack"),
    )
    app.client.token = bot_token
    register(app, desk)
    return app


class Setup(Protocol):
    """How we are reached: by a socket that we open, or at an address of ours."""

    @property
    def mode(self) -> str:
        """`socket` or `http`."""

    @property
    def app_token(self) -> SecretStr:
        """Opens the socket."""

    @property
    def signing_secret(self) -> SecretStr:
        """Signs what comes to the address."""


@dataclass(frozen=True, slots=True)
class Link:
    """The way in which Slack reaches us: routes to serve, and why it does not work, if so."""

    unwell: Callable[[], str]
    routes: Sequence[BaseRoute] = ()


@contextmanager
def connected(app: App, setup: Setup, desk: Desk) -> Iterator[Link]:
    """Slack reaches the app until the block is left; what was clicked by then is finished."""
    try:
        if setup.mode == "http":
            secret = setup.signing_secret.get_secret_value()
            yield Link(lambda: "", [http.route(app, signing_secret=secret, clock=desk.clock)])
        else:
            with _socket(app, setup.app_token.get_secret_value()) as connection:
                yield Link(connection.unwell)
    finally:
        app.listener_runner.listener_executor.shutdown(wait=True)


@contextmanager
def _socket(app: App, app_token: str) -> Iterator["Connection"]:
    connection = Connection(app, app_token=app_token)
    connection.start()
    try:
        yield connection
    finally:
        connection.stop()


class Connection:
    """Socket Mode: one connection out, no port in; made anew whenever it is gone."""

    def __init__(self, app: App, *, app_token: str) -> None:
        self._client = SocketModeHandler(
            app, app_token, ping_interval=PING_SECONDS, concurrency=SOCKET_THREADS
        ).client
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="slack-watch", daemon=True)

    def start(self) -> None:
        """Connect. Raises SettingsError for a refused token; an outage is waited out."""
        found = self._connect()
        if found and found.kind is trouble.Kind.AUTH:
            self._client.close()
            raise SettingsError(f"SLACK_APP_TOKEN: {found.remedy}")
        self._watch.start()

    def stop(self) -> None:
        """Disconnect, once what arrived is acknowledged."""
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join()
        self._client.close()

    def unwell(self) -> str:
        """Why nothing reaches us, or an empty string."""
        return "" if self._client.is_connected() else "not connected to Slack"

    def _keep(self) -> None:
        """The client watches itself too, but not before its first success."""
        while not self._stopping.wait(WATCH_SECONDS):
            self._connect()

    def _connect(self) -> Trouble | None:
        try:
            if not self._client.is_connected():
                self._client.connect_to_new_endpoint()
        except Exception as error:
            found = trouble.read(error)
            log.exception("Cannot connect to Slack: %s", found.code)
            return found
        return None
