"""What is pushed at Grafana Loki: lines in streams, each stream with its labels."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from bot.sources import fields, spelling
from bot.sources.fields import USUAL, Roles
from bot.sources.wrapping import Wrapped

_LEVEL = "detected_level"
MOST_NAMES = 128
"""Of labels, and of what is said beside a line: each line is looked at with all of them. Loki takes
15 labels, and 128 beside, unless it is told otherwise."""


def is_push(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a batch of streams."""
    return isinstance(value.get("streams"), list) or value.keys() == {"streams"}


def lines(push: Mapping[str, Any], by: Roles = USUAL) -> Iterator[Wrapped | None]:
    """Each line of JSON with its time and what its labels say; None for what is none."""
    streams = push["streams"]
    for stream in streams if isinstance(streams, list) else [None]:
        labels = stream.get("stream") if isinstance(stream, dict) else None
        values = stream.get("values") if isinstance(stream, dict) else None
        if not isinstance(labels, dict) or not isinstance(values, list):
            yield None
        else:
            yield from of_stream(labels, values, by)


def of_stream(
    labels: dict[str, Any], values: Iterable[object], by: Roles = USUAL
) -> Iterator[Wrapped | None]:
    """Each line of a stream, given as `[time, line]` or `[time, line, {name: text}]`."""
    looked_at = dict(islice(labels.items(), MOST_NAMES))
    writer = str(sorted(looked_at.items()))
    return (_line(value, looked_at, writer, by) for value in values)


def _line(value: object, labels: dict[str, Any], writer: str, by: Roles) -> Wrapped | None:
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[1], str):
        return None
    more = value[2] if len(value) > 2 and isinstance(value[2], dict) else {}
    facts = {**labels, **more}
    detected = facts.pop(_LEVEL, None)
    found = fields.sort(facts, by)
    return Wrapped(
        value[1],
        writer=writer,
        service=str(found.get("service") or ""),
        time=spelling.time(value[0]),
        facts=facts,
        severity=found.get("severity") or spelling.severity(detected),
    )
