"""What goes from the workspace to the app, and what comes of it."""

from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.workspace.faults import Faults
from bot.workspace.state import Json

ACK_SECONDS = 3.0
EVENT_RETRIES = 3

NOT_CONNECTED = "dispatch_failed"
TIMED_OUT = "operation_timeout"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One thing to tell the app: `kind` is Socket Mode's word for it."""

    kind: str
    payload: Json
    retry_number: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """What the app answered; `error` is Slack's word for why it did not."""

    payload: Json = field(default_factory=dict)
    error: str = ""


class Transport(Protocol):
    """A way to the app: Socket Mode, or signed HTTP requests."""

    def deliver(self, envelope: Envelope) -> Ack:
        """Hand it over and wait for the acknowledgement."""

    def disconnect(self, *, politely: bool = True) -> None:
        """Drop the connections there are, with or without saying so."""


def deliver(transport: Transport, faults: Faults, envelope: Envelope) -> Ack:
    """The app's answer to a command or an interaction; Slack does not try these again."""
    ack = transport.deliver(envelope)
    if faults.next_for_delivery(envelope.kind):
        transport.deliver(envelope)
    return ack


def deliver_event(transport: Transport, faults: Faults, envelope: Envelope) -> Ack:
    """The app's answer to an event, which Slack sends up to three times more until it answers.

    The pauses between the attempts are left out: nobody waits an hour for a test.
    """
    ack = deliver(transport, faults, envelope)
    for number in range(1, EVENT_RETRIES + 1):
        if not ack.error:
            break
        reason = "timeout" if ack.error == TIMED_OUT else "http_error"
        ack = transport.deliver(replace(envelope, retry_number=number, retry_reason=reason))
    return ack
