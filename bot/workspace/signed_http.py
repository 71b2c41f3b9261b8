"""Signed HTTP delivery: we post to the app's request URL, as Slack does without Socket Mode."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.workspace.delivery import ACK_SECONDS, NOT_CONNECTED, TIMED_OUT, Ack, Envelope
from bot.workspace.state import Json

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Slack-Signature` of a body sent at that Unix time."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class SignedHttp:
    """A request URL of the app, on this machine, over plain HTTP."""

    def __init__(
        self,
        request_url: str,
        secret: str,
        *,
        clock: Callable[[], datetime],
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self._url = urlsplit(request_url)
        self._secret = secret
        self._clock = clock
        self._ack_seconds = ack_seconds

    def deliver(self, envelope: Envelope) -> Ack:
        """Post it and wait for the response."""
        content_type, body = _encoded(envelope)
        headers = {"Content-Type": content_type, **self._signed(body)}
        if envelope.retry_number:
            headers["X-Slack-Retry-Num"] = str(envelope.retry_number)
            headers["X-Slack-Retry-Reason"] = envelope.retry_reason
        try:
            return self._post(body, headers)
        except TimeoutError:
            return Ack(error=TIMED_OUT)
        except (OSError, HTTPException):
            return Ack(error=NOT_CONNECTED)

    def disconnect(self, *, politely: bool = True) -> None:
        """Nothing is connected between two requests."""

    def verify(self) -> bool:
        """Whether the URL answers Slack's challenge, as it must before events are sent to it."""
        challenge = secrets.token_hex(16)
        payload = {"type": "url_verification", "token": "", "challenge": challenge}
        return self.deliver(Envelope("events_api", payload)).payload == {"challenge": challenge}

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock().timestamp()))
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Ack:
        connection = HTTPConnection(
            self._url.hostname or "", self._url.port, timeout=self._ack_seconds
        )
        try:
            connection.request("POST", self._url.path or "/", body, dict(headers))
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status != 200:
            return Ack(error=NOT_CONNECTED)
        return Ack(_answered(response.getheader("Content-Type", ""), answer.decode()))


def _encoded(envelope: Envelope) -> tuple[str, bytes]:
    if envelope.kind == "slash_commands":
        return FORM, urlencode(envelope.payload).encode()
    if envelope.kind == "interactive":
        return FORM, urlencode({"payload": json.dumps(envelope.payload)}).encode()
    return "application/json", json.dumps(envelope.payload).encode()


def _answered(content_type: str, body: str) -> Json:
    if not body:
        return {}
    parsed: Any = json.loads(body) if content_type.startswith("application/json") else body
    return parsed if isinstance(parsed, dict) else {"text": str(parsed)}
