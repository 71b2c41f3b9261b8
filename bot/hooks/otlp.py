"""The routes for OpenTelemetry's exporters and collectors: OTLP over HTTP."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.hooks.access import given_key
from bot.hooks.answers import Rejected, refusal
from bot.hooks.events import PROTOBUF, Door, Taken, media_type
from bot.sources import pushed

PATH = "/v1/logs"
_OTHER_SIGNALS = ("/v1/traces", "/v1/metrics")
_LOGS_ALONE = (
    f"Only logs are taken, at {PATH}: set OTEL_EXPORTER_OTLP_LOGS_ENDPOINT; with "
    "OTEL_EXPORTER_OTLP_ENDPOINT an exporter sends traces and metrics here, too."
)
_JSON = "application/json"
_PARSERS = {PROTOBUF: pushed.parse_protobuf, _JSON: pushed.parse_otlp}


def route(door: Door) -> Route:
    """The route for logs; what is not taken of a batch is told in its partial success."""

    async def receive(request: Request) -> Response:
        kind = media_type(request)
        parse = _PARSERS.get(kind)
        if parse is None:
            return refusal(Rejected(415, f"Send it as {' or '.join(_PARSERS)}."))
        try:
            taken = await door.take(request, "otlp", parse=parse, given=given_key(request.headers))
        except Rejected as rejected:
            return refusal(rejected)
        return _as_json(taken) if kind == _JSON else _as_protobuf(taken)

    return door.refusals.route(PATH, "otlp", receive)


def other_signals() -> list[Route]:
    """The routes for other signals, which tell an exporter that they are not taken."""

    def refuse(_request: Request) -> Response:
        return refusal(Rejected(404, _LOGS_ALONE))

    return [Route(path, refuse, methods=["POST"]) for path in _OTHER_SIGNALS]


def _as_json(taken: Taken) -> Response:
    if not taken.rejected:
        return JSONResponse({})
    if not taken.was_of_use:
        return refusal(Rejected(400, taken.reasons[0]))
    partial = {
        "rejectedLogRecords": str(taken.rejected),
        "errorMessage": "; ".join(taken.reasons),
    }
    return JSONResponse({"partialSuccess": partial})


def _as_protobuf(taken: Taken) -> Response:
    return Response(told(taken).SerializeToString(), media_type=PROTOBUF)


def told(taken: Taken) -> ExportLogsServiceResponse:
    """The answer to an export, as protobuf has it."""
    partial = ExportLogsPartialSuccess(
        rejected_log_records=taken.rejected, error_message="; ".join(taken.reasons)
    )
    return ExportLogsServiceResponse(partial_success=partial if taken.rejected else None)
