"""The search in Datadog's logs on loopback, as its reference documents it: what is asked is checked
as strictly, and answered in its format."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import receiver

KEYS = "api", "app"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Filter(_Strict):
    query: str = "*"
    indexes: list[str] = ["*"]
    from_: str = Field("now-15m", alias="from", pattern=r"^\d{13}$")
    to: str = Field("now", pattern=r"^\d{13}$")


class _Page(_Strict):
    cursor: str | None = None
    limit: int = Field(10, ge=1, le=1_000)


class _Search(_Strict):
    filter: _Filter
    page: _Page
    sort: str = Field(pattern=r"^-?timestamp$")


@dataclass(frozen=True, slots=True)
class Log:
    """A log as it is indexed."""

    id: str
    at: datetime
    said: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        time = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": self.id, "type": "log", "attributes": {"timestamp": time, **self.said}}


class Datadog:
    """Its logs, the searches it got, and what it is `told` to answer instead, one by one."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        """It holds nothing, and was asked nothing."""
        self.logs: list[Log] = []
        self.searches: list[_Search] = []
        self.told: list[Response] = []

    def application(self) -> Starlette:
        path = "/api/v2/logs/events/search"
        return Starlette(routes=[Route(path, self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        names = ("dd-api-key", "dd-application-key")
        if tuple(request.headers.get(name) for name in names) != KEYS:
            return JSONResponse({"errors": ["Forbidden"]}, status_code=403)
        search = _Search.model_validate_json(await request.body())
        self.searches.append(search)
        if self.told:
            return self.told.pop(0)
        return JSONResponse(self._found(search))

    def _found(self, search: _Search) -> dict[str, Any]:
        start, end = int(search.filter.from_) / 1_000, int(search.filter.to) / 1_000
        chosen = sorted(
            (one for one in self.logs if start <= one.at.timestamp() < end),
            key=lambda one: (one.at, one.id),
        )
        cursor = search.page.cursor
        begin = int(urlsafe_b64decode(cursor)) if cursor else 0
        page = chosen[begin : begin + search.page.limit]
        meta: dict[str, Any] = {"elapsed": 12, "request_id": "pddv1", "status": "done"}
        if begin + len(page) < len(chosen):
            meta["page"] = {"after": urlsafe_b64encode(str(begin + len(page)).encode()).decode()}
        return {"data": [one.as_json() for one in page], "meta": meta}


@contextmanager
def listening() -> Iterator[Datadog]:
    """One that is asked at its `url`."""
    datadog = Datadog()
    with receiver.listening(datadog.application(), host="127.0.0.1", port=0) as port:
        datadog.url = f"http://127.0.0.1:{port}"
        yield datadog
