"""A provider of models on loopback that answers as it is told, or does worse than answer.

What plays are plain functions over a socket: no library stands between a test and the bytes.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Play = Callable[[socket.socket, threading.Event], None]
"""What is done to a connection whose request was read, until the event says that it is over."""

ANSWER: dict[str, Any] = {
    "evidence": ["connection refused"],
    "enough_evidence": True,
    "likely_cause": "The database does not listen.",
    "category": "Database",
    "severity": "High",
    "confidence": "high",
    "real_application_bug": False,
    "summary": "checkout cannot reach its database",
    "explanation": "The shop cannot save orders.",
    "user_impact": "Orders fail.",
    "steps": [2, 1],
}
USAGE = {
    "input_tokens": 1_000,
    "output_tokens": 200,
    "cache_read_input_tokens": 30,
    "cache_creation_input_tokens": 40,
    "output_tokens_details": {"thinking_tokens": 50},
}


@dataclass
class Request:
    """What was asked, as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Provider:
    """Where it listens, what it does next, and what it was asked; the last play is repeated."""

    url: str
    plays: list[Play]
    requests: list[Request] = field(default_factory=list)

    def next(self, request: Request) -> Play:
        self.requests.append(request)
        return self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]


@contextmanager
def playing(*plays: Play) -> Iterator[Provider]:
    """A provider that does one play after another, and the last for ever."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        provider = Provider(f"http://127.0.0.1:{server.getsockname()[1]}", list(plays))
        accepting = threading.Thread(target=_accept, args=(server, provider, over))
        accepting.start()
        try:
            yield provider
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(server: socket.socket, provider: Provider, over: threading.Event) -> None:
    serving = []
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            thread = threading.Thread(target=_serve, args=(connection, provider, over))
            thread.start()
            serving.append(thread)
    for thread in serving:
        thread.join()


def _serve(connection: socket.socket, provider: Provider, over: threading.Event) -> None:
    with connection, suppress(OSError):
        if request := _read(connection):
            provider.next(request)(connection, over)


def _read(connection: socket.socket) -> Request | None:
    with connection.makefile("rb") as stream:
        path = stream.readline().split(b" ")[1:2]
        headers = {}
        while line := stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        body = stream.read(int(headers.get("content-length", 0)))
    return Request(path[0].decode(), headers, json.loads(body or b"{}")) if path else None


def says(
    body: bytes | Mapping[str, Any],
    *,
    status: int = 200,
    kind: str = "application/json",
    **headers: str,
) -> Play:
    """A whole reply; header names are given with `_` for `-`."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def play(connection: socket.socket, _over: threading.Event) -> None:
        connection.sendall(head(len(content), status=status, kind=kind, **headers) + content)

    return play


def head(
    length: int, *, status: int = 200, kind: str = "application/json", **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"content-type: {kind}", f"content-length: {length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode()


def hangs(_connection: socket.socket, over: threading.Event) -> None:
    """Takes the request and says nothing."""
    over.wait()


def drips(connection: socket.socket, over: threading.Event) -> None:
    """A byte of the body now and then: no read of it ever takes long."""
    connection.sendall(head(100_000))
    while not over.wait(0.02):
        connection.sendall(b" ")


def drips_headers(connection: socket.socket, over: threading.Event) -> None:
    """A byte of a header now and then."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    while not over.wait(0.02):
        connection.sendall(b"a")


def cuts(connection: socket.socket, _over: threading.Event) -> None:
    """Ends in the middle of the body."""
    connection.sendall(head(500) + b'{"id": "msg_1", "content": [')


def hangs_up(_connection: socket.socket, _over: threading.Event) -> None:
    """Closes without a word."""


def floods(connection: socket.socket, _over: threading.Event) -> None:
    """Ten megabytes of it."""
    connection.sendall(head(10_000_000))
    for _ in range(1_000):
        connection.sendall(b"x" * 10_000)


def floods_with_an_error(connection: socket.socket, _over: threading.Event) -> None:
    """Ten megabytes that say what is wrong."""
    connection.sendall(head(10_000_000, status=529))
    for _ in range(1_000):
        connection.sendall(b"x" * 10_000)


def a_message(answer: Mapping[str, Any] | str = ANSWER, **changed: Any) -> dict[str, Any]:
    """A reply of the Messages API that answers, with thinking before its text."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-5-5",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "x"},
            {"type": "text", "text": text},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
        **changed,
    }


def an_error(message: str = "no", *, code: str = "", kind: str = "some_error") -> dict[str, Any]:
    """An error of the Messages API."""
    details = {"details": {"error_code": code}} if code else {}
    return {"type": "error", "error": {"type": kind, "message": message, **details}}


def a_completion(
    answer: Mapping[str, Any] | str | None = ANSWER, *, finish: str = "stop", **message: Any
) -> dict[str, Any]:
    """A reply of the chat completions API."""
    text = answer if answer is None or isinstance(answer, str) else json.dumps(answer)
    return {
        "id": "cmpl-1",
        "model": "qwen3-8b",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, **message},
            }
        ],
        "usage": {
            "prompt_tokens": 1_000,
            "completion_tokens": 200,
            "prompt_tokens_details": {"cached_tokens": 300},
            "completion_tokens_details": {"reasoning_tokens": 50},
        },
    }
