"""Slack's requests over HTTP: the signature is checked first, on the raw body, before anything in
it is read.

Bolt's own check raises on odd headers, and its parser loses a command whose text says "payload". So
both are ours, and Bolt gets the parsed body, as from a socket.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt import App
from slack_bolt.request import BoltRequest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.crew import Rush

PATH = "/slack/events"
SKEW_SECONDS = 300
MOST_BYTES = 1_000_000
"""Slack's largest payload is a view of 250 kB with its state."""
BODY_SECONDS = 30.0
"""For all of a body: nobody keeps a connection busy with a byte a second. Slack waits for three."""
MOST_THREADS = 256
"""Each waits for one acknowledgement."""


class Unsigned(Exception):
    """A request that Slack did not sign, or one that came before."""


class Signatures:
    """Checks that Slack signed a request, and accepts each signature once."""

    def __init__(self, secret: str, *, clock: Callable[[], datetime]) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._seen: dict[str, int] = {}

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raises Unsigned for whatever Slack did not sign within the last five minutes."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise Unsigned
        now = int(self._clock().timestamp())
        if not self._secret or abs(now - int(timestamp)) > SKEW_SECONDS:
            raise Unsigned
        signed = b"v0:" + timestamp.encode() + b":" + body
        expected = "v0=" + hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            raise Unsigned
        self._once(expected, int(timestamp), now)

    def _once(self, signature: str, timestamp: int, now: int) -> None:
        if signature in self._seen:
            raise Unsigned
        oldest = now - 2 * SKEW_SECONDS
        self._seen = {known: at for known, at in self._seen.items() if at >= oldest}
        self._seen[signature] = timestamp


def route(
    app: App,
    *,
    signing_secret: str,
    clock: Callable[[], datetime],
    rush: Rush | None = None,
    body_seconds: float = BODY_SECONDS,
) -> Route:
    """The route behind Slack's request URL; a request there counts as part of the rush."""
    signatures = Signatures(signing_secret, clock=clock)
    joined = (rush or Rush()).joined
    threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="slack-http")

    async def receive(request: Request) -> Response:
        try:
            async with asyncio.timeout(body_seconds):
                raw = await _body(request)
            signatures.verify(request.headers, raw)
            body = parsed(raw, request.headers.get("content-type", ""))
        except (Unsigned, ValueError, RecursionError, TimeoutError):
            return PlainTextResponse("not signed by Slack", status_code=401)
        loop = asyncio.get_running_loop()
        with joined():
            return await loop.run_in_executor(threads, _dispatch, app, body, dict(request.headers))

    return Route(PATH, receive, methods=["POST"])


def parsed(raw: bytes, content_type: str) -> dict[str, Any]:
    """The payload in a body: JSON, a form that holds JSON, or a form. Raises ValueError for
    anything else."""
    text = raw.decode("utf-8")
    if content_type.split(";", maxsplit=1)[0].strip() == "application/json":
        found = json.loads(text)
    else:
        form = dict(parse_qsl(text, keep_blank_values=True))
        found = json.loads(form["payload"]) if form.keys() == {"payload"} else form
    if not isinstance(found, dict) or not found:
        raise ValueError("no object")
    return found


async def _body(request: Request) -> bytes:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Unsigned
    return raw


def _dispatch(app: App, body: dict[str, Any], headers: dict[str, str]) -> Response:
    kept: dict[str, Any] = {name: headers[name] for name in headers if name.startswith("x-slack-")}
    kept.pop("x-slack-bolt-lazy-only", None)
    answer = app.dispatch(BoltRequest(body=body, headers=kept, mode="socket_mode"))
    content_type = answer.headers.get("content-type", ["text/plain"])[0]
    return Response(answer.body, status_code=answer.status, media_type=content_type)
