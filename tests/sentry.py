"""Sentry's list of a project's error events on loopback, as its reference and its own serializer
have it: what is asked is checked as strictly, and answered in its format, the newest first."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import receiver

TOKEN = "sntrys_test"
ORGANIZATION = "acme"
_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"
_TAGGED = ("environment", "level", "logger", "release", "server_name", "transaction")


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    full: str = Field(pattern="^true$")
    start: str = Field(pattern=_TIME)
    end: str = Field(pattern=_TIME)
    per_page: int = Field(ge=1, le=100)
    cursor: str = Field("0:0:0", pattern=r"^0:\d+:[01]$")

    @property
    def span(self) -> tuple[datetime, datetime]:
        start, end = map(datetime.fromisoformat, (self.start, self.end))
        return start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)


class Sentry:
    """What its projects hold, the requests it got, and what it is `told` to answer instead, one by
    one. One that `knows_no_span` is older than that: it gives all there is."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        """It holds nothing, and was asked nothing."""
        self.projects: dict[str, list[Mapping[str, Any]]] = {}
        self.asked: list[tuple[str, _Asked]] = []
        self.told: list[Response] = []
        self.knows_no_span = False

    def application(self) -> Starlette:
        path = f"/api/0/projects/{ORGANIZATION}/{{project}}/events/"
        return Starlette(routes=[Route(path, self._answer)])

    def _answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"detail": "Invalid token"}, status_code=401)
        project = request.path_params["project"]
        asked = _Asked.model_validate(dict(request.query_params))
        self.asked.append((project, asked))
        if self.told:
            return self.told.pop(0)
        if project not in self.projects:
            detail = "The requested resource does not exist"
            return JSONResponse({"detail": detail}, status_code=404)
        return self._page(asked, self._found(project, asked), request.url.path)

    def _found(self, project: str, asked: _Asked) -> list[Mapping[str, Any]]:
        start, end = asked.span
        return sorted(
            (one for one in self.projects[project] if self.knows_no_span or start <= at(one) < end),
            key=at,
            reverse=True,
        )

    def _page(self, asked: _Asked, found: list[Mapping[str, Any]], path: str) -> Response:
        begin = int(asked.cursor.split(":")[1])
        end = begin + asked.per_page
        links = (
            _link(path, "previous", max(0, begin - asked.per_page), is_there=begin > 0),
            _link(path, "next", end, is_there=end < len(found)),
        )
        return JSONResponse([*map(as_api, found[begin:end])], headers={"Link": ", ".join(links)})


def at(event: Mapping[str, Any]) -> datetime:
    """When an event was, in whole seconds, as they are kept."""
    return datetime.fromisoformat(event["timestamp"]).replace(microsecond=0)


def _link(path: str, name: str, offset: int, *, is_there: bool) -> str:
    cursor, results = f"0:{offset}:{int(name == 'previous')}", str(is_there).lower()
    address = f"<http://elsewhere.invalid{path}?&cursor={cursor}>"
    return f'{address}; rel="{name}"; results="{results}"; cursor="{cursor}"'


def as_api(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as a client sent it, as the API gives it with `full`."""
    tags = {name: event[name] for name in _TAGGED if event.get(name)} | dict(event.get("tags", {}))
    raised = event.get("exception", {}).get("values", [])
    entries = [
        *(
            [{"type": "exception", "data": {"values": [*map(_exception, raised)]}}]
            if raised
            else []
        ),
        *_entry("message", event.get("logentry")),
        *_entry("request", event.get("request")),
        {"type": "breadcrumbs", "data": {"values": []}},
    ]
    return {
        "id": event["event_id"],
        "eventID": event["event_id"],
        "groupID": "1341191803",
        "projectID": "49271",
        "type": "error" if raised else "default",
        "title": "as it is listed",
        "message": "what can be searched for",
        "platform": event.get("platform"),
        "dist": None,
        "user": event.get("user"),
        "dateCreated": at(event).isoformat().replace("+00:00", "Z"),
        "dateReceived": at(event).isoformat().replace("+00:00", "Z"),
        "tags": [{"key": name, "value": value} for name, value in sorted(tags.items())],
        "entries": entries,
        "contexts": event.get("contexts", {}),
        "fingerprints": ["c4a4d06bc314205bb3b6bdb612dde7f1"],
        "errors": [],
        "_meta": {"entries": {}, "message": None, "tags": None},
    }


def _entry(name: str, data: Any) -> list[dict[str, Any]]:
    return [{"type": name, "data": data}] if data else []


def _exception(sent: Mapping[str, Any]) -> dict[str, Any]:
    frames = [*map(_frame, sent.get("stacktrace", {}).get("frames", []))]
    return {
        "type": sent["type"],
        "value": sent["value"],
        "module": sent.get("module"),
        "mechanism": sent.get("mechanism"),
        "threadId": None,
        "stacktrace": {"frames": frames, "framesOmitted": None, "hasSystemFrames": False},
        "rawStacktrace": None,
    }


def _frame(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "filename": sent.get("filename"),
        "absPath": sent.get("abs_path"),
        "module": sent.get("module"),
        "function": sent.get("function"),
        "lineNo": sent.get("lineno"),
        "colNo": sent.get("colno"),
        "inApp": sent.get("in_app"),
        "context": [[sent.get("lineno"), sent.get("context_line")]],
        "vars": sent.get("vars"),
    }


@contextmanager
def listening() -> Iterator[Sentry]:
    """One that is asked at its `url`."""
    sentry = Sentry()
    with receiver.listening(sentry.application(), host="127.0.0.1", port=0) as port:
        sentry.url = f"http://127.0.0.1:{port}"
        yield sentry
