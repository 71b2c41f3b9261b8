"""What has to arrive of an error, whoever tells of it."""

from collections.abc import Mapping
from typing import Any

from bot.core.event import Event, Severity
from bot.core.signing import stack

TRACE = "5b8efff798038103d269b633813fc60c"
RECORD: Mapping[str, Any] = {
    "level": "error",
    "message": "payment failed",
    "service": "checkout",
    "env": "production",
    "tenant": "acme",
    "version": "4.19.1",
    "host": "web-1",
    "trace_id": TRACE,
    "error": {
        "type": "ValueError",
        "message": "amount -17 is not positive",
        "stack": 'Traceback (most recent call last):\n  File "/srv/pay.py", line 7, in charge\n'
        "    raise ValueError(amount)\nValueError: amount -17 is not positive",
    },
}
"""An error as a logger of JSON writes it."""
WHOLE: Mapping[str, Any] = {
    "type": "ValueError",
    "message": "amount -17 is not positive",
    "raised in": "charge",
    "service": "checkout",
    "customer": "acme",
    "environment": "production",
    "release": "4.19.1",
    "host": "web-1",
    "trace": TRACE,
    "severity": Severity.ERROR,
}
"""What is known of it then."""


def facts(event: Event) -> Mapping[str, Any]:
    """The same of any event."""
    frames = event.frames or stack.parse(event.stack)[0].frames
    return {
        "type": event.error_type,
        "message": event.error_message,
        "raised in": frames[0].function,
        "service": event.service,
        "customer": event.customer,
        "environment": event.environment,
        "release": event.version,
        "host": event.host,
        "trace": event.trace_id,
        "severity": event.severity,
    }
