"""OpenTelemetry's own exporter sends its logs to us over gRPC, and is answered as over HTTP."""

import gzip
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from bot.errors import SettingsError
from bot.hooks import otlp_grpc
from bot.hooks.body import MOST_PACKED, MOST_UNPACKED, Room
from bot.hooks.otlp_grpc import SERVICE, Tls
from bot.sources import pushed
from tests.hooks.conftest import LOCAL, Site
from tests.hooks.test_otlp import NANOSECONDS, a_request

SECONDS = 20
TOO_LARGE = grpc.StatusCode.RESOURCE_EXHAUSTED
NO_KEY, NO_PROTOBUF = grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.INVALID_ARGUMENT


class Sender:
    """Whoever exports over gRPC with a key."""

    def __init__(self, port: int, key: str) -> None:
        self.address = f"{LOCAL}:{port}"
        self._key = key

    def export(self, body: bytes, *, key: str = "", **options: Any) -> ExportLogsServiceResponse:
        with grpc.insecure_channel(
            self.address, options=[("grpc.max_send_message_length", -1)]
        ) as channel:
            said = channel.unary_unary(f"/{SERVICE}/Export")(
                body,
                metadata=(("authorization", f"Bearer {key or self._key}"),),
                timeout=SECONDS,
                **options,
            )
        return ExportLogsServiceResponse.FromString(said)

    def refused(self, body: bytes, **options: Any) -> grpc.RpcError:
        with pytest.raises(grpc.RpcError) as refused:
            self.export(body, **options)
        return refused.value


@pytest.fixture
def listening() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def sender(site: Site, listening: ExitStack) -> Sender:
    port = listening.enter_context(
        otlp_grpc.listening(site.door, host=LOCAL, port=0, stop_seconds=SECONDS)
    )
    return Sender(port, site.made.text)


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_the_python_exporter_sends_an_exception_with_all_that_matters(
    site: Site, sender: Sender, compression: grpc.Compression
) -> None:
    exporter = OTLPLogExporter(
        sender.address,
        insecure=True,
        headers={"authorization": f"Bearer {site.made.text}"},
        compression=compression,
    )
    resource = Resource.create({"service.name": "search", "tenant.id": "acme"})
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    stack = 'Traceback (most recent call last):\n  File "/srv/app.py", line 7, in find\nKeyError: 7'
    provider.get_logger("shop.search").emit(
        LogRecord(
            timestamp=NANOSECONDS,
            severity_number=SeverityNumber.ERROR,
            body="search failed",
            attributes={"exception.type": "KeyError", "exception.stacktrace": stack},
        )
    )
    provider.shutdown()
    (event,) = site.events
    assert (event.message, event.error_type, event.stack) == ("search failed", "KeyError", stack)
    assert (event.service, event.customer, event.logger) == ("search", "acme", "shop.search")
    assert site.came() == {"otlp/checkout": 1}


@pytest.mark.promise(row="R3")
def test_what_is_sent_again_even_the_other_way_adds_nothing(site: Site, sender: Sender) -> None:
    body = a_request({}, {}, {"text": "disk full"}, {"severity_number": 9})
    for _ in range(2):
        assert not sender.export(body).HasField("partial_success")
        site.post("/v1/logs", body, {"Content-Type": "application/x-protobuf"})
    assert site.came() == {"otlp/checkout": 3}


def test_what_of_a_batch_is_not_taken_is_its_partial_success(site: Site, sender: Sender) -> None:
    said = sender.export(a_request({}, {"text": ""}, {"text": "disk full"})).partial_success
    assert (said.rejected_log_records, "without a message" in said.error_message) == (1, True)
    assert site.came() == {"otlp/checkout": 2}


@pytest.mark.parametrize("key", ["wrong", "triage_" + "0" * 64])
def test_without_a_key_that_holds_nothing_is_read(site: Site, sender: Sender, key: str) -> None:
    refused = sender.refused(a_request({}), key=key)
    assert (refused.code(), "triage keys new" in refused.details()) == (NO_KEY, True)
    assert site.came() == {}


@pytest.mark.parametrize(
    "body", [b"\xff", a_request(*({} for _ in range(pushed.MOST_RECORDS + 1)))], ids=["bad", "many"]
)
def test_what_cannot_be_taken_is_refused_for_good(site: Site, sender: Sender, body: bytes) -> None:
    refused = sender.refused(body)
    assert (refused.code(), site.came()) == (NO_PROTOBUF, {})
    assert not refused.trailing_metadata()


@pytest.mark.promise(row="R14")
@pytest.mark.parametrize(
    ("body", "compression", "code"),
    [
        (bytes(MOST_UNPACKED + 1), grpc.Compression.Gzip, grpc.StatusCode.INVALID_ARGUMENT),
        (bytes(MOST_PACKED + 1), grpc.Compression.NoCompression, TOO_LARGE),
        (gzip.compress(random.randbytes(MOST_PACKED)), grpc.Compression.NoCompression, TOO_LARGE),
    ],
    ids=["unpacked", "as it is", "packed"],
)
def test_a_message_that_is_too_large_is_refused_for_good(
    site: Site, sender: Sender, body: bytes, compression: grpc.Compression, code: grpc.StatusCode
) -> None:
    refused = sender.refused(body, compression=compression)
    assert (refused.code(), site.came()) == (code, {})
    assert "google.rpc.retryinfo-bin" not in dict(refused.trailing_metadata())


def a_certificate(folder: Path, name: str) -> Tls:
    """For this machine, and vouched for by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(whose, whose, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, SHA256())
    )
    files = Tls(folder / "certificate.pem", folder / "key.pem")
    files.certificate.write_bytes(made.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_with_a_certificate_it_has_tls_and_a_renewed_one_holds_at_once(
    site: Site, listening: ExitStack, tmp_path: Path
) -> None:
    tls = a_certificate(tmp_path, "before")
    port = listening.enter_context(
        otlp_grpc.listening(site.door, host=LOCAL, port=0, stop_seconds=SECONDS, tls=tls)
    )
    for name, day in {"before": 1, "renewed": 2}.items():
        a_certificate(tmp_path, name)
        exporter = OTLPLogExporter(
            f"localhost:{port}",
            credentials=grpc.ssl_channel_credentials(tls.certificate.read_bytes()),
            headers={"authorization": f"Bearer {site.made.text}"},
        )
        provider = LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
        record = LogRecord(
            timestamp=NANOSECONDS + day, severity_number=SeverityNumber.ERROR, body=name
        )
        provider.get_logger("shop").emit(record)
        provider.shutdown()
    assert [event.message for event in site.events] == ["before", "renewed"]
    assert Sender(port, site.made.text).refused(a_request({})).code() is grpc.StatusCode.UNAVAILABLE


def test_a_certificate_that_is_not_there_names_the_setting(site: Site, tmp_path: Path) -> None:
    tls = Tls(tmp_path / "gone.pem", tmp_path / "gone.pem")
    with (
        pytest.raises(SettingsError, match=r"http\.grpc_certificate .*gone\.pem"),
        otlp_grpc.listening(site.door, host=LOCAL, port=0, stop_seconds=SECONDS, tls=tls),
    ):
        pytest.fail("it serves without")


@pytest.mark.parametrize("spoilt", ["certificate", "key"])
def test_a_certificate_that_is_none_of_its_key_names_the_settings(
    site: Site, tmp_path: Path, spoilt: str
) -> None:
    (tmp_path / "other").mkdir()
    tls, other = a_certificate(tmp_path, "ours"), a_certificate(tmp_path / "other", "theirs")
    with (
        pytest.raises(SettingsError, match=r"http\.grpc_certificate and http\.grpc_key"),
        otlp_grpc.listening(
            site.door,
            host=LOCAL,
            port=0,
            stop_seconds=SECONDS,
            tls=tls._replace(**{spoilt: getattr(other, spoilt)}),
        ),
    ):
        pytest.fail("it serves with what nobody can trust")


def retry_seconds(refused: grpc.RpcError) -> int:
    retry = RetryInfo.FromString(dict(refused.trailing_metadata())["google.rpc.retryinfo-bin"])
    return int(retry.retry_delay.seconds)


@pytest.mark.promise(row="R21")
def test_who_cannot_be_served_now_is_told_when_to_come_again(site: Site, sender: Sender) -> None:
    site.intake.stop()
    refused = sender.refused(a_request({}))
    assert (refused.code(), retry_seconds(refused)) == (grpc.StatusCode.UNAVAILABLE, 2)


@pytest.mark.promise(row="R21")
def test_bodies_share_their_room_with_those_over_http(site: Site, listening: ExitStack) -> None:
    full = replace(site.door, room=Room(10))
    port = listening.enter_context(
        otlp_grpc.listening(full, host=LOCAL, port=0, stop_seconds=SECONDS)
    )
    refused = Sender(port, site.made.text).refused(a_request({}))
    assert (refused.code(), retry_seconds(refused)) == (grpc.StatusCode.UNAVAILABLE, 2)


def test_an_address_that_is_taken_names_the_setting(site: Site) -> None:
    with closing(socket.socket()) as other:
        other.bind((LOCAL, 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(SettingsError, match=r"http\.grpc_port"),
            otlp_grpc.listening(site.door, host=LOCAL, port=port, stop_seconds=SECONDS),
        ):
            pytest.fail("it listens twice")
