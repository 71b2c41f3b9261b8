"""What Loki's own agents push: its `logproto.PushRequest`, unpacked.

Read field by field, for no package brings these messages; grafana/loki, pkg/push/push.proto.
"""

import re
from collections.abc import Iterator
from typing import Any

from bot.errors import SourceError
from bot.sources import sanitise
from bot.sources.loki import MOST_NAMES
from bot.sources.message import Fields

_STREAMS = 1
_LABELS, _ENTRIES = 1, 2
_TIME, _LINE, _BESIDE = 1, 2, 3
_NAME, _VALUE = 1, 2
_SECONDS, _NANOSECONDS = 1, 2
_LABEL = re.compile(r'(?<![\w.])([a-zA-Z_][\w.]*+)\s*+=\s*+("(?:[^"\\]|\\.)*+"|`[^`]*+`)')
"""Of Prometheus' text, `{app="shop", job="web"}`, quoted as Go quotes; nothing is tried twice."""


def streams(body: bytes) -> Iterator[tuple[dict[str, Any], Iterator[list[Any]]]]:
    """(labels, values) of each stream, the values as JSON has them: time in nanoseconds, line, and
    what is said beside.

    Raises SourceError where it is none, also as the values are read.
    """
    fields = Fields()
    try:
        for stream in fields.held(memoryview(body), _STREAMS):
            labels = fields.last(stream, _LABELS)
            yield _labels(_text(labels.get(_LABELS, b""))), _values(fields, stream)
    except ValueError as error:
        raise _no_push(error) from None


def _values(fields: Fields, stream: memoryview) -> Iterator[list[Any]]:
    try:
        for entry in fields.held(stream, _ENTRIES):
            yield _value(fields, entry)
    except ValueError as error:
        raise _no_push(error) from None


def _value(fields: Fields, entry: memoryview) -> list[Any]:
    time, line, beside = "", "", dict[str, str]()
    for number, value in fields.of(entry):
        if isinstance(value, int):
            continue
        if number == _TIME:
            said = fields.last(value, _SECONDS, _NANOSECONDS)
            time = f"{_number(said.get(_SECONDS))}{_number(said.get(_NANOSECONDS)):09}"
        elif number == _LINE:
            line = _text(value)
        elif number == _BESIDE and len(beside) < MOST_NAMES:
            pair = fields.last(value, _NAME, _VALUE)
            beside[_text(pair.get(_NAME, b""))] = _text(pair.get(_VALUE, b""))
    return [time, line, beside]


def _labels(given: str) -> dict[str, Any]:
    return {name: _unquoted(value) for name, value in _LABEL.findall(given)}


def _unquoted(value: str) -> str:
    try:
        return str(sanitise.loads(value.encode()))
    except ValueError:
        return value[1:-1]


def _number(given: int | memoryview | None) -> int:
    return given if isinstance(given, int) else 0


def _text(raw: int | bytes | memoryview) -> str:
    """As it was sent; nothing for what is a number where a text should be."""
    return "" if isinstance(raw, int) else bytes(raw).decode("utf-8", "replace")


def _no_push(error: ValueError) -> SourceError:
    return SourceError(f"The body is no PushRequest of Loki's protobuf: {error}.")
