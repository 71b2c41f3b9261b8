"""Alertmanager's webhook: an alert is an error while it fires."""

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.flows.receive import Busy
from bot.sources import prometheus
from bot.sources.pushed import Delivery, Push
from tests.builders import NOON
from tests.hooks.conftest import LOCAL, Site

SECONDS = 30
SENT = (Path(__file__).parent / "payloads" / "alertmanager.json").read_bytes()
"""What Debian's Alertmanager 0.25 sent, two notifications in one."""


def parsed(*alerts: Any) -> Delivery:
    body = json.dumps({"version": "4", "alerts": alerts}).encode()
    return prometheus.parse(
        Push(source="alertmanager", body=body, received=NOON, arrival="1", project="shop")
    )


def an_alert(**labels: str) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "DiskFillsUp", **labels},
        "annotations": {"summary": "/var is 91 % full"},
        "startsAt": "2026-11-18T11:59:00Z",
        "fingerprint": "3d9868f7372b16c9",
    }


def only(delivery: Delivery) -> Event:
    (event,) = delivery.events
    return event


def test_what_alertmanager_sends_is_counted_once_however_often_it_repeats_it(site: Site) -> None:
    for _ in range(3):
        answer = site.post("/hooks/alertmanager", SENT)
        assert (answer.status, answer.said["accepted"], answer.said["not_errors"]) == (200, 1, 1)
    event = site.events[0]
    assert event.message == "HighErrorRate: 42.7 % of the requests to checkout fail"
    assert (event.error_type, event.severity) == ("HighErrorRate", Severity.CRITICAL)
    assert (event.service, event.environment, event.customer) == ("checkout", "production", "acme")
    assert (event.host, event.received) == ("web-1:9100", NOON)
    assert site.came() == {"alertmanager/checkout": 1}


def test_the_same_alert_firing_anew_is_another_error() -> None:
    anew = {**an_alert(), "startsAt": "2026-11-18T12:30:00Z"}
    first, second = parsed(an_alert(), anew).events
    assert first.source_id != second.source_id


def test_what_is_resolved_is_no_error() -> None:
    assert parsed({**an_alert(), "status": "resolved"}).quiet == 1


@pytest.mark.parametrize(
    ("severity", "is_error"),
    [("page", True), ("critical", True), ("", True), ("warning", False), ("none", False)],
)
def test_how_bad_it_is_says_its_label(severity: str, is_error: bool) -> None:
    assert len(parsed(an_alert(severity=severity)).events) == is_error


def test_the_job_stands_for_a_service_and_the_project_for_both() -> None:
    assert only(parsed(an_alert(job="node"))).service == "node"
    assert only(parsed(an_alert())).service == "shop"


def test_a_broken_alert_costs_itself() -> None:
    delivery = parsed(7, {"labels": []}, an_alert())
    assert ([one.line for one in delivery.unreadable], len(delivery.events)) == ([1, 2], 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"alerts": {}}'])
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(SourceError):
        prometheus.parse(Push(source="alertmanager", body=body, received=NOON, arrival="1"))


# The program itself


@pytest.fixture
def alertmanager(site: Site, tmp_path: Path) -> Iterator[str]:
    """The address of an Alertmanager that sends what it is told of to the site."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        pytest.skip("Debian's prometheus-alertmanager is missing")
    webhook = {
        "url": f"{site.address}/hooks/alertmanager",
        "http_config": {"authorization": {"credentials": site.made.text}},
    }
    route = {"receiver": "triage", "group_wait": "1ms", "group_interval": "1ms"}
    receivers = [{"name": "triage", "webhook_configs": [webhook]}]
    file, port = tmp_path / "alertmanager.yml", free_port()
    file.write_text(json.dumps({"route": route, "receivers": receivers}), encoding="utf-8")
    running = subprocess.Popen(
        [
            program,
            f"--config.file={file}",
            f"--storage.path={tmp_path}",
            f"--web.listen-address={LOCAL}:{port}",
            "--cluster.listen-address=",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"{LOCAL}:{port}"
    finally:
        running.terminate()
        running.wait(SECONDS)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind((LOCAL, 0))
        return int(one.getsockname()[1])


def test_debians_alertmanager_tells_of_an_alert_again_where_it_was_refused(
    site: Site, alertmanager: str
) -> None:
    site.intake.refuses = Busy("Too much waits to be written.")
    labels = {"alertname": "DiskFillsUp", "severity": "critical", "service": "checkout"}
    summary = {"summary": "/var is 91 % full"}
    tell(alertmanager, {"labels": labels, "annotations": summary})
    wait_until(lambda: bool(site.came()))
    (event,) = site.events
    assert event.message == "DiskFillsUp: /var is 91 % full"
    assert (event.service, event.severity) == ("checkout", Severity.CRITICAL)
    assert (len(site.intake.refused), site.came()) == (1, {"alertmanager/checkout": 1})


def tell(address: str, alert: Any) -> None:
    """As Prometheus does; again while it is not there yet."""

    def is_told() -> bool:
        with closing(HTTPConnection(address, timeout=SECONDS)) as connection:
            try:
                headers = {"Content-Type": "application/json"}
                connection.request("POST", "/api/v2/alerts", json.dumps([alert]), headers)
                return connection.getresponse().status == 200
            except ConnectionError:
                return False

    wait_until(is_told)


def wait_until(happened: Callable[[], bool]) -> None:
    until = monotonic() + SECONDS
    while not happened():
        assert monotonic() < until
        threading.Event().wait(0.02)
