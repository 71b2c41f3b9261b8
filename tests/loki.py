"""A Grafana Loki on loopback, as far as `query_range` goes: asked as the real one is, it answers in
its format."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import receiver

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a stream; `metadata` is what Loki calls structured."""

    at: datetime
    text: str
    labels: Mapping[str, str] = field(default_factory=lambda: {"app": "checkout"})
    metadata: Mapping[str, str] = field(default_factory=dict)
    nanoseconds: int = 0

    @property
    def nanosecond(self) -> int:
        passed = self.at - EPOCH
        micros = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
        return micros * 1_000 + self.nanoseconds


class Loki:
    """Its lines, the `requests` it got, and what it is `told` to answer instead, one by one."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        """It holds nothing, and was asked nothing."""
        self.lines: list[Line] = []
        self.requests: list[Request] = []
        self.told: list[Response] = []

    def application(self) -> Starlette:
        return Starlette(routes=[Route("/loki/api/v1/query_range", self._answer)])

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        if self.told:
            return self.told.pop(0)
        asked = request.query_params
        start, end, limit = (int(asked[name]) for name in ("start", "end", "limit"))
        if limit > LONGEST_LIMIT:
            said = (
                f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > 5000)"
            )
            return PlainTextResponse(said, status_code=400)
        assert asked["direction"] == "forward"
        chosen = sorted(
            (one for one in self.lines if start <= one.nanosecond < end),
            key=lambda one: one.nanosecond,
        )
        flags = request.headers.get("x-loki-response-encoding-flags", "")
        return JSONResponse(_answered(chosen[:limit], is_apart="categorize-labels" in flags))


def _answered(lines: list[Line], *, is_apart: bool) -> Any:
    """The streams, each with its lines: structured metadata stands apart where that is asked for,
    else it is a part of the labels."""
    streams: dict[str, dict[str, Any]] = {}
    for one in lines:
        labels = dict(one.labels) if is_apart else {**one.labels, **one.metadata}
        stream = streams.setdefault(str(sorted(labels.items())), {"stream": labels, "values": []})
        beside = {"structuredMetadata": dict(one.metadata)} if one.metadata else {}
        stream["values"].append([str(one.nanosecond), one.text, *([beside] if is_apart else [])])
    return {"status": "success", "data": {"resultType": "streams", "result": [*streams.values()]}}


@contextmanager
def listening() -> Iterator[Loki]:
    """One that is asked at its `url`."""
    loki = Loki()
    with receiver.listening(loki.application(), host="127.0.0.1", port=0) as port:
        loki.url = f"http://127.0.0.1:{port}"
        yield loki
