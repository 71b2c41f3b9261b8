"""Who may talk to a server on this machine: a browser reaches it too, from any page it shows."""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL = ("127.0.0.1", "localhost")


class Guard:
    """Refuses requests not addressed to this machine by name, or sent by another site's page.

    The first stops a foreign name that resolves to 127.0.0.1; the second a script elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not admitted(Headers(scope=scope)):
            refusal = PlainTextResponse("only for pages of this machine", status_code=403)
            await refusal(scope, receive, send)
            return
        if scope["type"] == "websocket" and not admitted(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, receive, send)


def admitted(headers: Headers) -> bool:
    """Whether the request is addressed to localhost and comes from no other site."""
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in LOCAL:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"http://{host}"


def token_matches(connection: HTTPConnection, token: str) -> bool:
    """Whether a request carries the token that only our own page knows."""
    return secrets.compare_digest(
        connection.headers.get("x-csrf-token", "").encode(), token.encode()
    )
