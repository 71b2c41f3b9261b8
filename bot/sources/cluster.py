"""What Kubernetes tells of itself: its events, as `kubectl get events -o json` and exporters write
them down."""

import re
from collections.abc import Mapping
from typing import Any

from bot.sources import sanitise
from bot.sources.wrapping import DRAWN

_LISTS = ("List", "EventList")
_TYPES = ("Normal", "Warning")
_CONTAINER = re.compile(r"spec\.(?:init)?[cC]ontainers\{([\w.-]{1,63})\}")
_DRAWN = re.compile(rf"(?:-(?:{DRAWN}{{6,10}}|\d{{8,10}}))?-{DRAWN}{{5}}$|-\d{{1,10}}$")
"""What a deployment, a job or a stateful set puts behind the name of each of its pods."""
_TIMES = ("lastTimestamp", "eventTime", "firstTimestamp")


def events(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The events that a JSON object is or lists, as records of a log; None for any other object.

    Kubernetes knows two levels, of which a Warning is the worse: an error here.
    """
    given = value.get("items") if value.get("kind") in _LISTS else [value]
    if not isinstance(given, list) or not given or not all(map(_is_event, given)):
        return None
    return [_record(one) for one in given]


def _is_event(one: object) -> bool:
    if not isinstance(one, dict) or one.get("type") not in _TYPES:
        return False
    if not isinstance(one.get("reason"), str):
        return False
    return isinstance(_of(one, "involvedObject", "regarding").get("kind"), str)


def _record(one: Mapping[str, Any]) -> dict[str, Any]:
    about, meta = _of(one, "involvedObject", "regarding"), _of(one, "metadata")
    times = (one.get(name) for name in _TIMES)
    place = _CONTAINER.search(sanitise.plain(about.get("fieldPath")))
    name = sanitise.plain(about.get("name"))
    said = sanitise.plain(one.get("message") or one.get("note"))
    uid, version = meta.get("uid"), meta.get("resourceVersion") or one.get("count")
    return {
        "event_id": f"{uid}:{version}" if uid and version else None,
        "time": next(filter(None, times), meta.get("creationTimestamp")),
        "level": "info" if one.get("type") == "Normal" else "error",
        "message": f"{one['reason']}: {said}" if said else one["reason"],
        "service": place[1] if place else _DRAWN.sub("", name),
        "host": _of(one, "source").get("host"),
        "reason": one["reason"],
        "count": one.get("count"),
        "object": f"{about['kind']}/{name}",
        "namespace": about.get("namespace"),
    }


def _of(one: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((held for name in names if isinstance(held := one.get(name), dict)), {})
