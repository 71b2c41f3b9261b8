"""Dropping a connection without an answer, as a network does at the worst moment."""

from asyncio.transports import BaseTransport, Transport
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class CuttableHttp(H11Protocol):
    """HTTP whose requests know how to cut their own connection."""

    def connection_made(self, transport: BaseTransport) -> None:
        """Let every request on this connection find the way to end it."""
        connection = cast("Transport", transport)
        self.app_state = {**self.app_state, "cut": connection.abort}
        super().connection_made(connection)


class Cut(Response):
    """No answer: the connection ends at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """End the connection, and wait until it has ended."""
        scope["state"]["cut"]()
        while (await receive())["type"] != "http.disconnect":
            pass
