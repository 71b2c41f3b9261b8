"""The workspace on a port of this machine."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from bot.errors import SettingsError
from bot.workspace import api, files, page
from bot.workspace.cutting import CuttableHttp
from bot.workspace.guard import Guard
from bot.workspace.workspace import Workspace

STATIC = Path(__file__).parent / "static"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Server:
    """Where a served workspace is found; `api_url` is what Slack's clients take as base_url."""

    url: str

    @property
    def api_url(self) -> str:
        """The base of the Web API."""
        return f"{self.url}/api/"


def application(workspace: Workspace) -> Starlette:
    """The workspace as an ASGI application."""
    app = Starlette(
        routes=[
            Route("/api/{method}", api.call, methods=["GET", "POST"]),
            Route("/response/{token}", api.response, methods=["POST"]),
            Route("/upload/v1/{ticket}", files.receive, methods=["POST"]),
            Route("/files/{file}", files.show),
            WebSocketRoute("/link/", _link),
            *page.routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={ClientDisconnect: _gone},
    )
    app.state.workspace = workspace
    app.state.page = page.Page()
    return app


@contextmanager
def serve(workspace: Workspace, *, port: int = 0) -> Iterator[Server]:
    """The workspace on that port, or on a free one; it stops at the end of the block."""
    with _bound(port) as listener:
        bound = listener.getsockname()[1]
        workspace.url = f"http://127.0.0.1:{bound}"
        app = application(workspace)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=CuttableHttp,
                ws="websockets-sansio",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="workspace", daemon=True
        )
        thread.start()
        try:
            yield Server(workspace.url)
        finally:
            app.state.page.stop()
            server.should_exit = True
            thread.join()


async def _gone(_request: Request, _error: Exception) -> Response:
    """Whoever asked died half way through: nobody reads this."""
    return Response(status_code=400)


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        why = os.strerror(error.errno or 0)  # the error's own words name the address once more
        raise SettingsError(
            f"Cannot listen on 127.0.0.1:{port} ({why}): choose another with --port."
        ) from error


async def _link(connection: WebSocket) -> None:
    workspace: Workspace = connection.app.state.workspace
    await workspace.sockets.serve(connection)
