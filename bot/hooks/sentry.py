"""The routes that Sentry's clients send to: an application only changes its DSN."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.hooks.answers import Rejected
from bot.hooks.events import Door
from bot.sources import sentry
from bot.sources.pushed import Delivery, Push

PATIENCE_SECONDS = 5.0
"""A refused event is lost: these clients do not send again. So they wait, in a thread that nobody
else waits for."""
RETRY_SECONDS = 1
"""Until then a client that is told 429 sends nothing at all; without it, for a minute."""
_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
_PREFLIGHT = {
    **_ANYWHERE,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "X-Sentry-Auth, Content-Type, Content-Encoding, Authorization",
    "Access-Control-Max-Age": "86400",
}
"""A browser sends from any page; what it may do is told by the key, never by a cookie."""


def routes(door: Door, *, patience: float = PATIENCE_SECONDS) -> list[Route]:
    """The two routes of each project."""
    return [
        _route("/api/{project}/envelope/", door, sentry.envelope, patience=patience),
        _route("/api/{project}/store/", door, sentry.store, patience=patience),
    ]


def _route(path: str, door: Door, parse: Callable[[Push], Delivery], *, patience: float) -> Route:
    async def receive(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        try:
            taken = await door.take(
                request, "sentry", parse=parse, given=_key(request), patience=patience
            )
        except Rejected as rejected:
            return _refusal(rejected)
        if taken.rejected and not taken.was_of_use:
            return _refusal(Rejected(400, taken.reasons[0]))
        taken.warn("Sentry")
        ids = [event.source_id for event in taken.delivery.events]
        return JSONResponse({"id": ids[0]} if ids else {}, headers=_ANYWHERE)

    return door.refusals.route(path, "sentry", receive, methods=["POST", "OPTIONS"])


def _key(request: Request) -> str:
    """The key, from the header or, as browsers and Node send it, from the address."""
    for name in ("x-sentry-auth", "authorization"):
        scheme, _, pairs = request.headers.get(name, "").partition(" ")
        if scheme.lower() == "sentry":
            said = dict(pair.strip().partition("=")[::2] for pair in pairs.split(","))
            return said.get("sentry_key", "")
    return request.query_params.get("sentry_key", "")


def _refusal(rejected: Rejected) -> Response:
    """The answer to a refused request. Overload is 429, the only status after which these clients
    wait."""
    status = 429 if rejected.status == 503 else rejected.status
    headers = {**_ANYWHERE, "X-Sentry-Error": str(rejected)}
    if status == 429:
        headers["Retry-After"] = str(RETRY_SECONDS)
        headers["Access-Control-Expose-Headers"] = "Retry-After, X-Sentry-Error"
    return JSONResponse({"detail": str(rejected)}, status, headers)
