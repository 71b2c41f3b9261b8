"""Splunk's HTTP Event Collector: an envelope around each event, which many forwarders speak."""

from collections.abc import Mapping
from typing import Any

from bot.sources import spelling
from bot.sources.wrapping import Wrapped

_OF_DOCKER = frozenset({"line", "source", "tag", "attrs"})
_AROUND = frozenset({"time", "host", "source", "sourcetype", "index", "fields"})


def is_envelope(record: Mapping[str, Any]) -> bool:
    """Whether a record is an event in its envelope, and has nothing else in it."""
    return "event" in record and len(record) > 1 and record.keys() <= _AROUND | {"event"}


def event(envelope: Mapping[str, Any]) -> dict[str, Any] | Wrapped | None:
    """What is inside: a record, with what the envelope says where it says nothing, or a line of
    text. None where there is nothing."""
    inside, facts = envelope["event"], _facts(envelope)
    if isinstance(inside, dict) and "line" in inside and inside.keys() <= _OF_DOCKER:
        inside, facts = inside["line"], {**facts, **_container(inside)}
    if isinstance(inside, dict):
        return {**facts, **inside}
    if not isinstance(inside, str) or not inside.strip():
        return None
    time = spelling.time(facts.pop("time", None))
    return Wrapped(inside, writer=str(facts), time=time, facts=facts)


def _container(inside: Mapping[str, Any]) -> dict[str, Any]:
    """What Docker's driver says beside a line, which is text or, where it was JSON, an object."""
    attributes = inside.get("attrs")
    said = {"stream": inside.get("source"), "tag": inside.get("tag")}
    return {**(attributes if isinstance(attributes, dict) else {}), **said}


def _facts(envelope: Mapping[str, Any]) -> dict[str, Any]:
    fields = envelope.get("fields")
    said = {name: envelope[name] for name in ("time", "host") if envelope.get(name)}
    origin = {name: envelope[name] for name in ("sourcetype", "index") if envelope.get(name)}
    if envelope.get("source"):
        origin["splunk_source"] = envelope["source"]
    return {**(fields if isinstance(fields, dict) else {}), **origin, **said}
