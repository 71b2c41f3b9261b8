"""OpenTelemetry's batches of logs, as the collector's file exporter and OTLP/JSON write them."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sources import fields, spelling
from bot.sources.fields import USUAL, Roles
from bot.sources.wrapping import Wrapped

DEEPEST = 20


def is_batch(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a batch of logs, spans or metrics."""
    return any(name in value for name in ("resourceLogs", "resourceSpans", "resourceMetrics"))


def records(batch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each log record of a batch, its resource and scope beside it, with plain values.

    What is not as the protocol has it is left out. A body that is a map counts as fields.
    """
    for of_resource in _objects(batch.get("resourceLogs")):
        resource = _pairs(_object(of_resource.get("resource")).get("attributes"))
        for of_scope in _objects(of_resource.get("scopeLogs")):
            scope = {"name": _object(of_scope.get("scope")).get("name")}
            for log in _objects(of_scope.get("logRecords")):
                yield {**_record(log), "resource": resource, "scope": scope}


def line(record: Mapping[str, Any], by: Roles = USUAL) -> Wrapped | None:
    """The line of text that a record brings whose sender knows no more of it, as of a file that a
    collector follows; None where it says how bad it is, or what was raised."""
    body, attributes = record["body"], record["attributes"]
    is_told = record["severity_text"] or record["severity_number"]
    if is_told or not isinstance(body, str):
        return None
    if _TELLING & fields.sort(attributes, by).roles.keys():
        return None
    facts = {
        **attributes,
        "resource": record["resource"],
        "trace_id": record["trace_id"],
        "span_id": record["span_id"],
    }
    return Wrapped(
        body,
        writer=f"{record['resource']}{attributes.get('log.file.path', '')}",
        time=spelling.time(record["time_unix_nano"]),
        facts=facts,
    )


_TELLING = frozenset({"severity", "error_type", "error_message", "stack", "http_status"})


def _record(log: Mapping[str, Any]) -> dict[str, Any]:
    observed = _moment(log.get("observedTimeUnixNano"))
    return {
        "time_unix_nano": _moment(log.get("timeUnixNano")) or observed,
        "observed_time_unix_nano": observed,
        "severity_text": log.get("severityText"),
        "severity_number": log.get("severityNumber"),
        **said(_plain(log.get("body")), _pairs(log.get("attributes"))),
        "trace_id": log.get("traceId"),
        "span_id": log.get("spanId"),
    }


def said(body: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """What a record says: a body that is a map counts as fields."""
    if isinstance(body, dict):
        return {"body": None, "attributes": {**body, **attributes}}
    return {"body": body, "attributes": attributes}


def _moment(nanoseconds: object) -> object:
    """64-bit integers come as text, and 0 is how the protocol spells "not known"."""
    return None if nanoseconds in (0, "0") else nanoseconds


def _pairs(attributes: object) -> dict[str, Any]:
    return {
        pair["key"]: _plain(pair.get("value"))
        for pair in _objects(attributes)
        if isinstance(pair.get("key"), str)
    }


def _plain(value: object, deep: int = 0) -> Any:
    """The value inside a typed one such as `{"stringValue": "boom"}`; None for an empty one."""
    if not isinstance(value, dict) or deep > DEEPEST:
        return None
    kind, inner = next(iter(value.items()), ("", None))
    if kind == "kvlistValue":
        pairs = _objects(_object(inner).get("values"))
        return {str(pair.get("key")): _plain(pair.get("value"), deep + 1) for pair in pairs}
    if kind == "arrayValue":
        return [_plain(item, deep + 1) for item in _objects(_object(inner).get("values"))]
    return inner


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
