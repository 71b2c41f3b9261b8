"""The HTTP server: the health checks, and whatever routes the wiring adds."""

import asyncio
import resource
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EADDRNOTAVAIL
from threading import Thread
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.core.trace import Trace, untraced
from bot.errors import SettingsError

Check = Callable[[], str]
"""Says what is wrong; an empty string where nothing is."""
HEAD_SECONDS = 10.0
"""For the head of a request; its body has a limit of its own."""
STOP_SECONDS = 10
"""Requests under way get this long when the program is told to stop."""


Checks = Mapping[str, Check]
Facts = Callable[[], Mapping[str, Any]]
"""Facts that `/healthz` tells in any case."""
LIVE = "/healthz"
READY = "/readyz"


def application(
    routes: Sequence[BaseRoute],
    *,
    live: Checks | None = None,
    ready: Checks | None = None,
    facts: Facts = dict,
    trace: Trace = untraced,
) -> Starlette:
    """The web application.

    `/healthz` is 200 while no `live` check complains, else 503 with the reason: a restart may help.
    It also tells the `facts`. `/readyz` does the same with `ready`: there a restart does not help,
    it has to be waited out or looked into. `trace` is told of each request to one of the `routes`.
    """
    traced = [] if trace is untraced else [Middleware(_Traced, routes=routes, trace=trace)]
    return Starlette(
        routes=[_health(LIVE, live or {}, facts), _health(READY, ready or {}), *routes],
        middleware=traced,
    )


class _Traced:
    """Traces requests by their route, never by their address, which may contain anything."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], trace: Trace) -> None:
        self._app = app
        self._routes = routes
        self._trace = trace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._path(scope)
        if not path:
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        facts = {"http.request.method": method, "http.route": path}
        with self._trace(f"{method} {path}", facts) as note:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    note({"http.response.status_code": message["status"]})
                await send(message)

            await self._app(scope, receive, sent)

    def _path(self, scope: Scope) -> str:
        """The path of the route, if there is one."""
        if scope["type"] != "http":
            return ""
        found = (
            route.path
            for route in self._routes
            if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL
        )
        return next(found, "")


def _health(path: str, checks: Checks, facts: Facts = dict) -> Route:
    def health(_request: Request) -> JSONResponse:
        wrong = {name: said for name, check in checks.items() if (said := check())}
        told = {"ok": not wrong, "wrong": wrong, **facts()}
        return JSONResponse(told, status_code=503 if wrong else 200)

    return Route(path, health, methods=["GET"])


class _Brief(H11Protocol):
    """A connection that is closed if the head of a request does not arrive within some seconds: a
    client that sends a byte a second would occupy one of a limited number for ever."""

    head_seconds: float
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def on_response_complete(self) -> None:
        self._await_head()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._cancel()

    def _await_head(self) -> None:
        self._cancel()
        self._due = self.loop.call_later(self.head_seconds, self._close_if_idle)

    def _cancel(self) -> None:
        if self._due:
            self._due.cancel()

    def _close_if_idle(self) -> None:
        is_ours = self.transport.get_protocol() is self
        if is_ours and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()


def allow_connections() -> None:
    """Raise this process' limit of open files to the most that the system allows: most begin with
    1,024, and whoever holds so many connections open would keep all others out."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def listening(
    application: Starlette, *, host: str, port: int, head_seconds: float = HEAD_SECONDS
) -> Iterator[int]:
    """Serve in a thread of its own until the block is left; gives the port.

    Raises SettingsError where the address is taken.
    """
    listener = _bind(host, port)
    config = Config(
        application,
        http=type("Brief", (_Brief,), {"head_seconds": head_seconds}),
        log_config=None,  # its own handlers would write what ours redact
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, name="receiver")
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def try_to_listen(host: str, port: int) -> None:
    """Listen at the address and stop again. Raises SettingsError where that cannot be done."""
    _bind(host, port).close()


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        is_of_host = isinstance(error, socket.gaierror) or error.errno == EADDRNOTAVAIL
        name = "host" if is_of_host else "port"
        raise SettingsError(
            f"Cannot listen on {host}:{port} ({error.strerror}): set another http.{name} in "
            f"triage.toml, or TRIAGE_{name.upper()}."
        ) from error
    return listener
