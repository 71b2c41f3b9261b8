"""Where OpenTelemetry's exporters and collectors send logs to: OTLP over gRPC.

What is read, kept and refused is as over HTTP. Needs the extra `grpc`.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Timer
from typing import Any, NoReturn

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from bot.errors import SettingsError
from bot.hooks import otlp
from bot.hooks.access import given_key
from bot.hooks.answers import RETRY_SECONDS, Rejected
from bot.hooks.body import MOST_UNPACKED, SECONDS
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


@contextmanager
def listening(door: Door, *, host: str, port: int, stop_seconds: float) -> Iterator[int]:
    """Serve in threads of its own and give the port, until the block is left; what is under way
    then gets `stop_seconds`.

    Raises SettingsError when the address is taken.
    """
    export = grpc.stream_unary_rpc_method_handler(
        partial(_export, door), response_serializer=ExportLogsServiceResponse.SerializeToString
    )
    server = grpc.server(
        ThreadPoolExecutor(AT_ONCE, thread_name_prefix="grpc"),
        handlers=[grpc.method_handlers_generic_handler(SERVICE, {"Export": export})],
        options=[
            ("grpc.max_receive_message_length", MOST_UNPACKED),
            ("grpc.max_concurrent_streams", MOST_STREAMS),
            ("grpc.so_reuseport", 0),
        ],
    )
    try:
        bound = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except RuntimeError:
        raise SettingsError(
            f"Cannot listen on {host}:{port}: set another http.grpc_port in triage.toml."
        ) from None
    server.start()
    try:
        yield int(bound)
    finally:
        server.stop(stop_seconds).wait()


def _export(door: Door, messages: Iterator[bytes], context: Any) -> ExportLogsServiceResponse:
    """One export: to read it as a stream of one message is to know the key before it comes."""
    headers = {name: value for name, value in context.invocation_metadata() if name[-4:] != "-bin"}
    read = partial(_read, messages, context.cancel)
    try:
        taken = door.take_at_once(
            read, headers, "otlp", parse=pushed.parse_protobuf, given=given_key(headers)
        )
    except Rejected as rejected:
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
    """Answers for good with a status; what may come again is told when."""
    status = _STATUS.get(rejected.status, grpc.StatusCode.INVALID_ARGUMENT)
    if rejected.status in (429, 503):
        retry = RetryInfo()
        retry.retry_delay.seconds = RETRY_SECONDS
        context.set_trailing_metadata(((_RETRY_INFO, retry.SerializeToString()),))
    context.abort(status, str(rejected))
    raise AssertionError("abort always raises")
