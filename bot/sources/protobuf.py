"""OpenTelemetry's batches of logs as protobuf; apart, for what reads files does not need it."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from bot.errors import SourceError
from bot.sources.message import Fields
from bot.sources.otlp import DEEPEST, Misshapen, said

Part = TypeVar("Part", bound=Message)
LONGEST_PART = 2 << 20
"""Bytes of a record, a resource or a scope."""
_ABOUT, _WITHIN = 1, 2
"""The numbers of a resource or scope, and of what it holds; a request holds resources as the
first."""


def records(body: bytes) -> Iterator[dict[str, Any] | Misshapen]:
    """Each log record of a request, as `otlp.records` gives those of JSON.

    Raises SourceError where it is none.
    """
    fields = Fields()
    try:
        for of_resource in fields.held(memoryview(body), _ABOUT):
            resource = _about(Resource(), fields, of_resource)
            if isinstance(resource, Misshapen):
                yield resource
                continue
            attributes = _values(resource.attributes)
            for of_scope in fields.held(of_resource, _WITHIN):
                yield from _of(of_scope, fields, attributes)
    except ValueError as error:
        raise SourceError(
            f"The body is no ExportLogsServiceRequest of protobuf: {error}."
        ) from None


def _of(
    of_scope: memoryview, fields: Fields, resource: dict[str, Any]
) -> Iterator[dict[str, Any] | Misshapen]:
    scope = _about(InstrumentationScope(), fields, of_scope)
    if isinstance(scope, Misshapen):
        yield scope
        return
    beside = {"resource": resource, "scope": {"name": scope.name}}
    for log in fields.held(of_scope, _WITHIN):
        record = _read(LogRecord(), log)
        yield record if isinstance(record, Misshapen) else {**_of_message(record), **beside}


def _about(empty: Part, fields: Fields, holder: memoryview) -> Part | Misshapen:
    """What a message is about: sent in pieces it is all of them, one after the other."""
    whole = bytearray()
    for piece in fields.held(holder, _ABOUT):
        whole += piece
    return _read(empty, whole)


def _read(empty: Part, part: memoryview | bytearray) -> Part | Misshapen:
    kind = empty.DESCRIPTOR.name
    if len(part) > LONGEST_PART:
        return Misshapen(f"a {kind} longer than {LONGEST_PART >> 20} MiB")
    try:
        empty.MergeFromString(bytes(part))
    except DecodeError as error:
        return Misshapen(f"a {kind} that is broken: {error}")
    return empty


def _of_message(log: LogRecord) -> dict[str, Any]:
    observed = log.observed_time_unix_nano or None
    return {
        "time_unix_nano": log.time_unix_nano or observed,
        "observed_time_unix_nano": observed,
        "severity_text": log.severity_text,
        "severity_number": log.severity_number or None,
        **said(_value(log.body), _values(log.attributes)),
        "trace_id": log.trace_id.hex(),
        "span_id": log.span_id.hex(),
    }


def _values(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(given: AnyValue, deep: int = 0) -> Any:
    """The value inside a typed one; None for an empty one."""
    kind = given.WhichOneof("value")
    if kind is None or deep > DEEPEST:
        return None
    if kind == "kvlist_value":
        return {pair.key: _value(pair.value, deep + 1) for pair in given.kvlist_value.values}
    if kind == "array_value":
        return [_value(item, deep + 1) for item in given.array_value.values]
    inner = getattr(given, kind)
    return inner.decode("utf-8", "replace") if isinstance(inner, bytes) else inner
