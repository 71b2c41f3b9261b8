"""Socket Mode: the app connects to us, we send envelopes, it acknowledges each by its id."""

import asyncio
import json
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.workspace.delivery import ACK_SECONDS, NOT_CONNECTED, TIMED_OUT, Ack, Envelope
from bot.workspace.state import Json

REFUSED = 4401


class SocketMode:
    """The connections the app holds open; each envelope goes to one of them in turn."""

    def __init__(self, app_id: str, *, ack_seconds: float = ACK_SECONDS) -> None:
        self._app_id = app_id
        self._ack_seconds = ack_seconds
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._waiting: dict[str, Future[Json]] = {}
        self._lock = threading.Lock()
        self._turn = 0

    @property
    def connections(self) -> int:
        """How many connections are open."""
        with self._lock:
            return len(self._connections)

    def ticket(self) -> str:
        """A ticket for one connection."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Keep one connection of the app until it ends."""
        if not self._admits(socket.query_params.get("ticket", "")):
            await socket.close(REFUSED)
            return
        await socket.accept()
        connection = _Connection(socket, asyncio.get_running_loop())
        with self._lock:
            self._connections.append(connection)
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                self._acknowledged(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            with self._lock:
                self._connections = [c for c in self._connections if c is not connection]

    def deliver(self, envelope: Envelope) -> Ack:
        """Send it over one connection and wait for its acknowledgement."""
        envelope_id = secrets.token_hex(16)
        waiting: Future[Json] = Future()
        with self._lock:
            self._waiting[envelope_id] = waiting
        try:
            if not self._send(json.dumps(_wire(envelope, envelope_id))):
                return Ack(error=NOT_CONNECTED)
            return Ack(waiting.result(timeout=self._ack_seconds))
        except FutureTimeout:
            return Ack(error=TIMED_OUT)
        finally:
            with self._lock:
                del self._waiting[envelope_id]

    def disconnect(self, *, politely: bool = True) -> None:
        """Drop every connection; politely means announcing it, as Slack does before a refresh.

        Nothing more is sent over them from then on.
        """
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.drop(politely=politely)

    def _admits(self, ticket: str) -> bool:
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
            return known

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "localhost", "approximate_connection_time": 18_060},
        }

    def _acknowledged(self, text: str) -> None:
        answer = _parsed(text)
        with self._lock:
            waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.get("payload") or {})

    def _send(self, text: str) -> bool:
        with self._lock:
            connections = list(self._connections)
            self._turn += 1
            turn = self._turn
        order = [connections[(turn + i) % len(connections)] for i in range(len(connections))]
        return any(connection.send(text) for connection in order)


class _Connection:
    """One open socket, usable from any thread."""

    def __init__(self, socket: WebSocket, loop: asyncio.AbstractEventLoop) -> None:
        self._socket = socket
        self._loop = loop

    def send(self, text: str) -> bool:
        """Whether it went out."""
        sending = asyncio.run_coroutine_threadsafe(self._socket.send_text(text), self._loop)
        try:
            sending.result(timeout=1)
        except (RuntimeError, WebSocketDisconnect, FutureTimeout):
            return False
        return True

    def drop(self, *, politely: bool) -> None:
        """Close it."""
        asyncio.run_coroutine_threadsafe(self._drop(politely=politely), self._loop).result(2)

    async def _drop(self, *, politely: bool) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            if politely:
                goodbye = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {}}
                await self._socket.send_text(json.dumps(goodbye))
            else:
                await self._socket.close()


def _wire(envelope: Envelope, envelope_id: str) -> Json:
    sent: Json = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != "events_api",
    }
    if envelope.kind == "events_api":
        sent |= {"retry_attempt": envelope.retry_number, "retry_reason": envelope.retry_reason}
    return sent


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
