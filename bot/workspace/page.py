"""The page on which a person sees the workspace and acts in it."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from bot.workspace.drawing import Where, draw
from bot.workspace.faults import Fault
from bot.workspace.guard import token_matches
from bot.workspace.state import SlackError
from bot.workspace.workspace import Outcome, Workspace

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LIVE_SECONDS = 0.1
FAULTS = TypeAdapter(list[Fault])


@dataclass(slots=True)
class Page:
    """What all pages of one server share; `token` tells our own page from any other."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    stopping: bool = False

    def stop(self) -> None:
        """Let the live connections end."""
        self.stopping = True


class _Act(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str


class Command(_Act):
    """A slash command typed into a channel."""

    kind: Literal["command"]
    channel: str
    command: str
    text: str = ""


class Say(_Act):
    """A message typed into a channel or thread."""

    kind: Literal["say"]
    channel: str
    text: str = Field(min_length=1, max_length=40_000)
    thread_ts: str = ""


class Click(_Act):
    """An element of a message, used."""

    kind: Literal["click"]
    channel: str
    ts: str
    block_id: str
    action_id: str
    value: Any = None
    values: Mapping[str, Any] = Field(default_factory=dict)


class Use(_Act):
    """An element of a modal or of the home tab, used."""

    kind: Literal["use"]
    view_id: str
    block_id: str
    action_id: str
    value: Any = None
    values: Mapping[str, Any] = Field(default_factory=dict)


class Submit(_Act):
    """A modal sent off."""

    kind: Literal["submit"]
    view_id: str
    values: Mapping[str, Any] = Field(default_factory=dict)


class Close(_Act):
    """A modal closed."""

    kind: Literal["close"]
    view_id: str


class Shortcut(_Act):
    """A shortcut chosen from a message's menu."""

    kind: Literal["shortcut"]
    channel: str
    ts: str
    callback_id: str


class Home(_Act):
    """The home tab, opened."""

    kind: Literal["home"]


Act = Annotated[
    Command | Say | Click | Use | Submit | Close | Shortcut | Home, Field(discriminator="kind")
]
ACT: TypeAdapter[Act] = TypeAdapter(Act)


def routes() -> Sequence[Route]:
    """Everything a browser or a test asks for besides the Web API."""
    return [
        Route("/", show),
        Route("/archives/{channel}/{message}", follow),
        Route("/live", live),
        Route("/version", version),
        Route("/act", act, methods=["POST"]),
        Route("/faults", order_faults, methods=["POST"]),
        Route("/calls", calls),
    ]


async def show(request: Request) -> Response:
    """The page of one person at one place."""
    workspace: Workspace = request.app.state.workspace
    where = Where.of(workspace, request.query_params)
    body = await run_in_threadpool(draw, workspace, where, request.app.state.page.token)
    return HTMLResponse(body, headers=HEADERS)


async def follow(request: Request) -> Response:
    """Where a permalink leads: the thread of the message."""
    stamp = request.path_params["message"].removeprefix("p")
    ts = request.query_params.get("thread_ts") or f"{stamp[:-6]}.{stamp[-6:]}"
    channel = request.path_params["channel"]
    if not (channel.isalnum() and ts.replace(".", "", 1).isdigit()):
        return PlainTextResponse("no such message", status_code=404)
    return RedirectResponse(f"/?channel={channel}&thread={ts}")


async def live(request: Request) -> Response:
    """A number each time something changed, as server-sent events."""
    return StreamingResponse(
        _versions(request), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def version(request: Request) -> Response:
    """The same number, for a page that cannot listen."""
    return JSONResponse({"version": request.app.state.workspace.state.version})


async def act(request: Request) -> Response:
    """What a person did on the page, and what came of it."""
    if not token_matches(request, request.app.state.page.token):
        return JSONResponse({"error": "reload"}, status_code=403)
    try:
        gesture = ACT.validate_json(await request.body())
        outcome = await run_in_threadpool(_perform, request.app.state.workspace, gesture)
    except (ValidationError, ValueError, LookupError, SlackError) as refused:
        return JSONResponse({"error": _reason(refused)}, status_code=400)
    return JSONResponse({"error": outcome.error, "errors": dict(outcome.errors)})


async def order_faults(request: Request) -> Response:
    """Take a JSON list of faults in place of those still to come.

    A page elsewhere cannot send this content type here without being asked first.
    """
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        return JSONResponse({"error": "send JSON"}, status_code=415)
    try:
        faults = FAULTS.validate_json(await request.body())
    except ValidationError as wrong:
        return JSONResponse({"error": wrong.errors(include_url=False)}, status_code=400)
    request.app.state.workspace.faults.clear()
    await run_in_threadpool(request.app.state.workspace.faults.order, *faults)
    return JSONResponse({"ok": True, "faults": len(faults)})


async def calls(request: Request) -> Response:
    """Every call of the Web API so far."""
    return JSONResponse(
        [
            {"method": c.method, "args": c.arguments, "at": c.at.isoformat(), "answer": c.answer}
            for c in request.app.state.workspace.calls.of()
        ]
    )


async def _versions(request: Request) -> AsyncIterator[str]:
    state, page = request.app.state.workspace.state, request.app.state.page
    seen = -1
    while not page.stopping:
        if state.version != seen:
            seen = state.version
            yield f"data: {json.dumps(seen)}\n\n"
        await asyncio.sleep(LIVE_SECONDS)


def _reason(refused: Exception) -> str:
    return refused.error if isinstance(refused, SlackError) else "invalid_arguments"


def _perform(workspace: Workspace, gesture: Act) -> Outcome:
    perform: Callable[..., Any] = getattr(workspace, _METHODS[gesture.kind])
    outcome = perform(**gesture.model_dump(exclude={"kind"}))
    return outcome if isinstance(outcome, Outcome) else Outcome()


_METHODS: Mapping[str, str] = {
    "command": "command",
    "say": "say",
    "click": "click",
    "use": "use",
    "submit": "submit",
    "close": "close",
    "shortcut": "shortcut",
    "home": "open_home",
}
