"""Sentry's structured logs, as its clients put them into envelopes beside their events."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sources import sanitise
from bot.sources.otlp import Misshapen

_EVENTS_TOO = frozenset({"auto.log.stdlib", "auto.log.loguru"})
"""Origins of logs which Python's client makes of a logger's records. By itself it sends an event of
each that is an error, too, and one error counts once."""
_RESOURCE = {
    "sentry.environment": "deployment.environment.name",
    "server.address": "host.name",
}
_PARAMETER = "sentry.message.parameter."


def records(value: Any) -> Iterator[dict[str, Any] | Misshapen]:
    """Each log of an item's payload as a record of OpenTelemetry's, but for those that come as an
    event, too."""
    logs = value.get("items") if isinstance(value, dict) else None
    if not isinstance(logs, list):
        yield Misshapen("logs that are no object with items, or longer than 2 MiB")
        return
    for log in logs:
        if not isinstance(log, dict):
            yield Misshapen("items of logs that hold no object")
        else:
            attributes = _plain(log.get("attributes"))
            if str(attributes.get("sentry.origin")) not in _EVENTS_TOO:
                yield _record(log, attributes)


def _record(log: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "time_unix_nano": log.get("timestamp"),
        "severity_text": log.get("level"),
        "severity_number": log.get("severity_number"),
        "body": log.get("body"),
        "attributes": dict(_own(attributes)),
        "resource": {
            "service.version": sanitise.word(attributes.get("sentry.release")).rpartition("@")[2],
            **{name: attributes.get(theirs) for theirs, name in _RESOURCE.items()},
        },
        "scope": {"name": None},
        "trace_id": log.get("trace_id"),
        "span_id": log.get("span_id"),
    }


def _plain(attributes: object) -> dict[str, Any]:
    """The values inside typed ones such as `{"value": 5, "type": "integer"}`."""
    given = attributes if isinstance(attributes, dict) else {}
    return {
        name: typed.get("value") if isinstance(typed, dict) else typed
        for name, typed in given.items()
    }


def _own(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the application said, the named parts of the message among it, and not its client."""
    for name, value in attributes.items():
        part = name.removeprefix(_PARAMETER)
        if part != name and not part.isdecimal():
            yield part, value
        elif not name.startswith("sentry.") and name not in _RESOURCE:
            yield name, value
