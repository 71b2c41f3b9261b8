"""The clients that applications report with, each telling of one error with all that matters.

Each reports under a project of its own, so that what came of it can be told apart, and gives the
trace in which the error was. Node's are installed by `make test` into tests/node, where there is
npm.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentry_sdk
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import NonRecordingSpan, SpanContext, set_span_in_context
from sentry_sdk.client import Client as SentryClient

from tests.arrived import TRACE

SECONDS = 60
_SPAN = "eee19b7ec3c1b174"
_SCRIPTS = Path(__file__).parent.parent / "node"
_NODE = shutil.which("node")
HAS_NODE = bool(_NODE) and (_SCRIPTS / "node_modules").is_dir()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client reports to: over HTTP, with gRPC beside it."""

    http: str
    grpc: str
    dsn: str
    key: str


@dataclass(frozen=True, slots=True)
class Client:
    """One of them: where its errors come from, what it calls them, and how it tells of one."""

    source: str
    kind: str
    said: str
    where: str
    tell: Callable[[Address], object]
    is_node: bool = False


def charge(amount: int) -> None:
    raise ValueError(f"amount {amount} is not positive")


def _failing() -> Exception:
    try:
        charge(-17)
    except ValueError as error:
        return error
    raise AssertionError


def _sentry(to: Address) -> None:
    client = SentryClient(
        to.dsn,
        release="checkout@4.19.1",
        environment="production",
        server_name="web-1",
        default_integrations=False,
    )
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        scope.set_tag("tenant", "acme")
        scope.capture_exception(_failing())
        client.close(SECONDS)


def _exported(exporter: Any) -> None:
    facts = {
        "service.name": "checkout",
        "service.version": "4.19.1",
        "deployment.environment.name": "production",
        "tenant.id": "acme",
        "host.name": "web-1",
    }
    provider = LoggerProvider(resource=Resource.create(facts), shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    span = SpanContext(int(TRACE, 16), int(_SPAN, 16), is_remote=False)
    provider.get_logger("shop.pay").emit(
        LogRecord(
            timestamp=1_795_003_140_123_456_789,
            severity_number=SeverityNumber.ERROR,
            body="payment failed",
            context=set_span_in_context(NonRecordingSpan(span)),
            exception=_failing(),
        )
    )
    provider.shutdown()


def _otlp_http(to: Address) -> None:
    _exported(HttpExporter(f"{to.http}/v1/logs", headers={"Authorization": f"Bearer {to.key}"}))


def _otlp_grpc(to: Address) -> None:
    headers = {"authorization": f"Bearer {to.key}"}
    _exported(GrpcExporter(to.grpc, insecure=True, headers=headers))


def node(script: str, *arguments: str) -> None:
    """Run an application of Node's to its end."""
    assert _NODE
    command = [_NODE, _SCRIPTS / script, *arguments]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stderr


def _node_otlp(kind: str) -> Callable[[Address], None]:
    return lambda to: node("exporting.mjs", kind, f"{to.http}/v1/logs", to.key, TRACE, _SPAN)


_OF_PYTHON = ("ValueError", "amount -17 is not positive", "charge")
_OF_NODE = ("TypeError", "Cannot read properties of undefined (reading 'number')", "charge")

CLIENTS: Mapping[str, Client] = {
    "sentry-sdk": Client("sentry", *_OF_PYTHON, _sentry),
    "OTLP of Python, HTTP": Client("otlp", *_OF_PYTHON, _otlp_http),
    "OTLP of Python, gRPC": Client("otlp", *_OF_PYTHON, _otlp_grpc),
    "@sentry/node": Client(
        "sentry", *_OF_NODE, lambda to: node("reporting.mjs", to.dsn, "one"), is_node=True
    ),
    "OTLP of Node, JSON": Client("otlp", *_OF_NODE, _node_otlp("JSON"), is_node=True),
    "OTLP of Node, protobuf": Client("otlp", *_OF_NODE, _node_otlp("protobuf"), is_node=True),
}
