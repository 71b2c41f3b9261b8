"""The server for OpenTelemetry's exporters and collectors: OTLP over gRPC.

What is read, stored and refused is as over HTTP. Needs the extra `grpc`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError
from threading import Timer
from typing import Any, NamedTuple, NoReturn

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from bot.errors import SettingsError
from bot.hooks import otlp
from bot.hooks.access import given_key
from bot.hooks.answers import RETRY_SECONDS, Rejected
from bot.hooks.body import MOST_PACKED, SECONDS
from bot.hooks.events import Door
from bot.sources import pushed

SERVICE = "opentelemetry.proto.collector.logs.v1.LogsService"
AT_ONCE = 8
"""Requests; the others wait, and nothing of them is read meanwhile."""
MOST_STREAMS = 100
"""Of one connection."""

_STATUS = {
    401: grpc.StatusCode.UNAUTHENTICATED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
}
_RETRY_INFO = "google.rpc.retryinfo-bin"


class Tls(NamedTuple):
    """Files in PEM: the certificate, with those that vouch for it, and its private key."""

    certificate: Path
    key: Path


@contextmanager
def listening(
    door: Door, *, host: str, port: int, stop_seconds: float, tls: Tls | None = None
) -> Iterator[int]:
    """Serve in threads of its own and give the port, until the block is left; what is under way
    then gets `stop_seconds`.

    Raises SettingsError when the address is taken, or the files for TLS cannot be used.
    """
    secret = _credentials(tls) if tls else None
    export = grpc.stream_unary_rpc_method_handler(
        partial(_export, door), response_serializer=ExportLogsServiceResponse.SerializeToString
    )
    server = grpc.server(
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="grpc"),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, {"Export": export})],
        options=[
            ("grpc.max_receive_message_length", MOST_PACKED),
            ("grpc.per_message_decompression", 0),  # its own knows no limit for what is packed
            ("grpc.max_concurrent_streams", MOST_STREAMS),
            ("grpc.so_reuseport", 0),
        ],
    )
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        bound = server.add_secure_port(address, secret) if secret else _plain(server, address)
    except RuntimeError:
        raise SettingsError(
            f"Cannot listen on {host}:{port}: set another http.grpc_port in triage.toml."
        ) from None
    server.start()
    try:
        yield int(bound)
    finally:
        server.stop(stop_seconds).wait()


def _plain(server: grpc.Server, address: str) -> int:
    return int(server.add_insecure_port(address))


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    """Credentials that are read anew for each connection, so that a renewed certificate needs no
    restart."""
    try:
        first = _read_files(tls)
        SSLContext(PROTOCOL_TLS_SERVER).load_cert_chain(*tls, password="")
    except SSLError as error:
        raise SettingsError(
            "http.grpc_certificate and http.grpc_key are no certificate and its own private key: "
            "both have to be PEM, the key without a password."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"http.grpc_certificate or http.grpc_key: {error.filename} cannot be read "
            f"({error.strerror}): let this user read it."
        ) from error
    return grpc.dynamic_ssl_server_credentials(first, partial(_renewed, tls))


def _renewed(tls: Tls) -> "grpc.ServerCertificateConfiguration | None":
    try:
        return _read_files(tls)
    except OSError:  # while it is replaced; the one before holds
        return None


def _read_files(tls: Tls) -> "grpc.ServerCertificateConfiguration":
    return grpc.ssl_server_certificate_configuration(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())]
    )


def _export(door: Door, messages: Iterator[bytes], context: Any) -> ExportLogsServiceResponse:
    """Take one export. It is read as a stream of one message, so that the key is known before the
    message comes."""
    headers = {name: value for name, value in context.invocation_metadata() if name[-4:] != "-bin"}
    read = partial(_read, messages, context.cancel)
    try:
        taken = door.take_at_once(
            read, headers, "otlp", parse=pushed.parse_protobuf, given=given_key(headers)
        )
    except Rejected as rejected:
        sender = context.peer().rpartition(":")[0]
        door.refusals.add("otlp", rejected.status, path="OTLP over gRPC", sender=sender)
        _refuse(rejected, context)
    return otlp.told(taken)


def _read(messages: Iterator[bytes], cancel: Callable[[], object]) -> bytes:
    late = Timer(SECONDS, cancel)
    late.start()
    try:
        return next(messages)
    except (StopIteration, grpc.RpcError):
        raise Rejected(400, "The connection ended before the message did.") from None
    finally:
        late.cancel()


def _refuse(rejected: Rejected, context: Any) -> NoReturn:
    """End the call with a status; one that may come again is told when."""
    status = _STATUS.get(rejected.status, grpc.StatusCode.INVALID_ARGUMENT)
    if rejected.status in (429, 503):
        retry = RetryInfo()
        retry.retry_delay.seconds = RETRY_SECONDS
        context.set_trailing_metadata(((_RETRY_INFO, retry.SerializeToString()),))
    context.abort(status, str(rejected))
    raise AssertionError("abort always raises")
