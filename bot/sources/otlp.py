"""OpenTelemetry's batches of logs, as the collector's file exporter and OTLP/JSON write them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from bot.sources import fields, spelling
from bot.sources.fields import USUAL, Roles
from bot.sources.wrapping import TELLING, Wrapped

DEEPEST = 20


class Misshapen(NamedTuple):
    """What stands where a record, or some of them, should, and is not as the protocol has it."""

    reason: str


def is_batch(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a batch of logs, spans or metrics."""
    return any(name in value for name in ("resourceLogs", "resourceSpans", "resourceMetrics"))


def records(batch: Mapping[str, Any]) -> Iterator[dict[str, Any] | Misshapen]:
    """Each log record of a batch, its resource and scope beside it, with plain values.

    What is null is as if it were not there, and names that the protocol does not know say nothing.
    A body that is a map counts as fields.
    """
    for of_resource in _objects(batch, "resourceLogs"):
        if isinstance(of_resource, Misshapen):
            yield of_resource
            continue
        try:
            resource = _pairs(_object(of_resource, "resource"))
        except _Odd as odd:
            yield Misshapen(str(odd))
            continue
        for of_scope in _objects(of_resource, "scopeLogs"):
            yield from [of_scope] if isinstance(of_scope, Misshapen) else _of(of_scope, resource)


def _of(of_scope: Mapping[str, Any], resource: object) -> Iterator[dict[str, Any] | Misshapen]:
    scope = of_scope.get("scope")
    beside = {
        "resource": resource,
        "scope": {"name": scope.get("name") if isinstance(scope, dict) else None},
    }
    for log in _objects(of_scope, "logRecords"):
        try:
            yield log if isinstance(log, Misshapen) else {**_record(log), **beside}
        except _Odd as odd:
            yield Misshapen(str(odd))


def line(record: Mapping[str, Any], by: Roles = USUAL) -> Wrapped | None:
    """The line of text that a record brings whose sender knows no more of it, as of a file that a
    collector follows; None where it says how bad it is, or what was raised."""
    body, attributes = record["body"], record["attributes"]
    is_told = record["severity_text"] or record["severity_number"]
    if is_told or not isinstance(body, str):
        return None
    if TELLING & fields.sort(attributes, by).roles.keys():
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


def _record(log: Mapping[str, Any]) -> dict[str, Any]:
    observed = _moment(log.get("observedTimeUnixNano"))
    return {
        "time_unix_nano": _moment(log.get("timeUnixNano")) or observed,
        "observed_time_unix_nano": observed,
        "severity_text": log.get("severityText"),
        "severity_number": log.get("severityNumber"),
        **said(_plain(_object(log, "body")), _pairs(log)),
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


class _Odd(ValueError):
    """A part of a record, or of a resource, is not as the protocol has it."""


def _pairs(holder: Mapping[str, Any]) -> dict[str, Any]:
    """Its attributes. Raises _Odd."""
    given = [] if (said := holder.get("attributes")) is None else said
    if not isinstance(given, list) or not all(map(_is_pair, given)):
        raise _Odd('attributes that are not [{"key": …, "value": {…}}]')
    return {pair["key"]: _plain(pair.get("value")) for pair in given}


def _is_pair(given: object) -> bool:
    return isinstance(given, dict) and isinstance(given.get("key"), str)


def _plain(value: object, deep: int = 0) -> Any:
    """The value inside a typed one such as `{"stringValue": "boom"}`; None for an empty one."""
    if not isinstance(value, dict) or deep > DEEPEST:
        return None
    kind, inner = next(iter(value.items()), ("", None))
    if kind == "kvlistValue":
        pairs = _listed(inner.get("values") if isinstance(inner, dict) else None)
        return {str(pair.get("key")): _plain(pair.get("value"), deep + 1) for pair in pairs}
    if kind == "arrayValue":
        return [
            _plain(item, deep + 1)
            for item in _listed(inner.get("values") if isinstance(inner, dict) else None)
        ]
    return inner


def _listed(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _objects(holder: Mapping[str, Any], name: str) -> Iterator[dict[str, Any] | Misshapen]:
    given = [] if (said := holder.get(name)) is None else said
    if not isinstance(given, list):
        yield Misshapen(f"{name} that is not a list")
        return
    for item in given:
        yield item if isinstance(item, dict) else Misshapen(f"{name} that holds no object")


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What it has by that name. Raises _Odd for what is no object."""
    given = {} if (said := holder.get(name)) is None else said
    if not isinstance(given, dict):
        raise _Odd(f"a {name} that is not an object")
    return given
