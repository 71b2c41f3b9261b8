"""OpenTelemetry's batches of logs as protobuf; apart, for what reads files does not need it."""

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from bot.errors import SourceError
from bot.sources.otlp import DEEPEST, said


def records(body: bytes) -> Iterator[dict[str, Any]]:
    """Each log record of a request, as `otlp.records` gives those of JSON.

    Raises SourceError where it is none.
    """
    try:
        request = ExportLogsServiceRequest.FromString(body)
    except DecodeError:
        raise SourceError("The body is no ExportLogsServiceRequest of protobuf.") from None
    for of_resource in request.resource_logs:
        resource = _values(of_resource.resource.attributes)
        for of_scope in of_resource.scope_logs:
            scope = {"name": of_scope.scope.name}
            for log in of_scope.log_records:
                yield {**_of_message(log), "resource": resource, "scope": scope}


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
