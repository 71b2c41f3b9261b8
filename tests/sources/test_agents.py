"""What the agents of docs/agents.md send is read as it is meant, by what their own pages say."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.core.event import Severity
from bot.sources import pushed
from bot.sources.pushed import Delivery, Push
from tests.builders import NOON

NANOSECONDS = "1795003140123456789"
LINE = "2026-11-18 11:59:00,123 ERROR [shop] payment failed"
POD = {"pod_name": "shop-1", "namespace_name": "acme", "container_name": "shop"}


def pairs(facts: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": said}} for name, said in facts.items()]


def exported(record: Mapping[str, Any], resource: Mapping[str, str] | None = None) -> Any:
    log = {"timeUnixNano": NANOSECONDS, **record}
    of = {"attributes": pairs(resource or {})}
    return {"resourceLogs": [{"resource": of, "scopeLogs": [{"logRecords": [log]}]}]}


def text(said: str) -> dict[str, Any]:
    return {"body": {"stringValue": said}}


JOURNAL = {
    "MESSAGE": "payment failed",
    "PRIORITY": "3",
    "SYSLOG_IDENTIFIER": "shop",
    "_HOSTNAME": "h",
}
SENT: Mapping[str, tuple[Callable[[Push], Delivery], Any, tuple[str, ...]]] = {
    "collector, kubernetes": (
        pushed.parse_otlp,
        exported(
            {**text(LINE), "attributes": pairs({"log.iostream": "stderr", "log.file.path": "/p"})},
            {"k8s.container.name": "shop", "k8s.pod.name": "shop-1", "k8s.namespace.name": "acme"},
        ),
        ("shop", "shop-1", "acme"),
    ),
    "collector, journald": (
        pushed.parse_otlp,
        exported({"body": {"kvlistValue": {"values": pairs(JOURNAL)}}}),
        ("shop", "h", ""),
    ),
    "collector, syslog": (
        pushed.parse_otlp,
        exported(
            {
                **text("payment failed"),
                "severityNumber": 17,
                "attributes": pairs({"appname": "shop", "hostname": "h", "proc_id": "7"}),
            }
        ),
        ("shop", "h", ""),
    ),
    "collector, google": (
        pushed.parse_otlp,
        exported({**text("payment failed"), "severityNumber": 17}, {"service_name": "shop"}),
        ("shop", "", ""),
    ),
    "fluent bit": (
        pushed.parse,
        [{"date": 1795003140.123, "stream": "stderr", "log": LINE, "kubernetes": POD}],
        ("shop", "shop-1", "acme"),
    ),
    "rsyslog": (
        pushed.parse,
        {
            "time": "2026-11-18T12:59:00+01:00",
            "host": "h",
            "service": "shop",
            "level": "err",
            "message": "payment failed",
        },
        ("shop", "h", ""),
    ),
    "docker, splunk with JSON": (
        pushed.parse,
        {
            "event": {
                "line": {"level": "error", "msg": "payment failed", "service": "shop"},
                "source": "stdout",
                "tag": "c0ffee",
                "attrs": {"tenant": "acme"},
            },
            "time": "1795003140.123",
            "host": "h",
        },
        ("shop", "h", "acme"),
    ),
    "docker, splunk": (
        pushed.parse,
        {
            "event": {"line": LINE, "source": "stderr", "tag": "c0ffee"},
            "time": "1795003140.123",
            "host": "h",
        },
        ("project", "h", ""),
    ),
}


@pytest.mark.parametrize("agent", SENT)
def test_what_an_agent_sends_is_read_as_it_is_meant(agent: str) -> None:
    parse, sent, where = SENT[agent]
    body = json.dumps(sent).encode()
    (event,) = parse(Push("http", body, NOON, "1", project="project", is_json=True)).events
    assert (event.message, event.severity) == ("payment failed", Severity.ERROR)
    assert (event.service, event.host, event.customer) == where
    assert (NOON - event.time).total_seconds() < 61
