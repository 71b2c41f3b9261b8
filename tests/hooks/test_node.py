"""Node's own clients send to us: Sentry's, and OpenTelemetry's exporters.

They are installed by `make test` into tests/node, where there is npm; without it these are skipped.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.core.event import Severity
from tests.hooks.conftest import Site

CLIENTS = Path(__file__).parent.parent / "node"
SECONDS = 60
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(
    not (NODE and (CLIENTS / "node_modules").is_dir()),
    reason="node, npm or what it installs into tests/node by `make test` is missing",
)


def run(script: str, *arguments: str) -> None:
    assert NODE
    command = [NODE, CLIENTS / script, *arguments]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stderr


def test_sentry_reports_each_error_once_with_all_that_matters(site: Site) -> None:
    run("reporting.mjs", site.dsn)
    by_message = {event.message: event for event in site.events}
    assert by_message.keys() == {"Error: payment failed", "AggregateError: several", "disk full"}
    error = by_message["Error: payment failed"]
    assert [kind for kind, _ in error.chain] == ["Error", "TypeError"]
    assert [frame.function for frame in error.frames][:1] == ["pay"]
    assert error.frames[0].module.endswith("tests/node/reporting.mjs")
    assert (error.service, error.customer, error.environment) == ("checkout", "acme", "production")
    assert (error.version, error.host, len(error.trace_id)) == ("4.19.1", "web-1", 32)
    members = [kind for kind, _ in by_message["AggregateError: several"].chain]
    assert members == ["AggregateError", "Error", "RangeError"]
    assert by_message["disk full"].severity is Severity.CRITICAL
    assert site.came() == {"sentry/checkout": 3}


def test_opentelemetry_exports_each_error_once_as_json_and_as_protobuf(site: Site) -> None:
    run("exporting.mjs", f"{site.address}/v1/logs", site.made.text)
    for event, kind in zip(site.events, ("JSON", "protobuf"), strict=True):
        assert event.message == f"search by {kind} failed"
        assert (event.error_type, event.error_message) == ("TypeError", f"cannot read {kind}")
        assert "tests/node/exporting.mjs" in event.stack
        assert (event.service, event.customer, event.version) == ("search", "acme", "4.19.1")
        assert (event.environment, event.logger) == ("production", "shop.search")
    assert site.came() == {"otlp/checkout": 2}
