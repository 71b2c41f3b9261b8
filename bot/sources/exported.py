"""Lines of CloudWatch as its console, its command line and its subscriptions write them down."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sources import serverless
from bot.sources.wrapping import Wrapped

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 1 << 43
"""Milliseconds: the year 2248."""


def is_exported(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object holds lines of CloudWatch, or is one."""
    held = _held(value)
    if held is None:
        return _is_line(value) and not _OWN.isdisjoint(value) and value.keys() <= _OF_A_LINE
    if not held:
        return value.keys() <= _OF_A_PAGE
    is_sent = "logEvents" in value
    return all(_is_line(one) and (is_sent or not _OWN.isdisjoint(one)) for one in held)


def lines(value: Mapping[str, Any]) -> Iterator[Wrapped]:
    """The lines that an object holds, which `is_exported`."""
    held = _held(value)
    stream, group = value.get("logStream"), str(value.get("logGroup") or "")
    for one in [value] if held is None else held:
        moment = _EPOCH + timedelta(milliseconds=one["timestamp"])
        writer = str(one.get("logStreamName") or stream or "")
        facts = {"aws.log.group": group, "aws.log.stream": writer}
        for line in serverless.lines(one["message"], moment):
            yield Wrapped(
                line,
                writer=writer,
                service=group.rstrip("/").rpartition("/")[2],
                time=moment,
                facts={name: fact for name, fact in facts.items() if fact},
            )


def _held(value: Mapping[str, Any]) -> list[Any] | None:
    held = value.get("logEvents", value.get("events"))
    return held if isinstance(held, list) else None


def _is_line(one: object) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("message"), str):
        return False
    time = one.get("timestamp")
    return type(time) is int and 0 <= time < _LATEST


_OWN = frozenset({"ingestionTime", "logStreamName"})
"""What nobody but CloudWatch has beside a time and a message."""
_OF_A_LINE = _OWN | {"timestamp", "message", "eventId", "id"}
"""A record that says more was written by somebody who knew more."""
_OF_A_PAGE = {"events", "searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"}
"""An empty list is in records of others, too."""
