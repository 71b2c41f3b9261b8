"""What refused requests are answered."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from threading import Lock
from time import monotonic

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.core.wording.plural import counted

RETRY_SECONDS = 2
"""OpenTelemetry's exporters try for ten seconds in all, and wait in between as they are told: by
five they would come twice."""
TOLD_EVERY_SECONDS = 60
"""The log tells of keys that are refused, which a client may send a thousand of a second."""
MOST_TOLD = 5
"""Senders, the most frequent first."""
_MOST_SENDERS = 1_000
DATABASE_BUSY = "The database is busy: send it again in a few seconds."


class Rejected(Exception):
    """A request is refused, with the status of the answer and what to do."""

    def __init__(self, status: int, remedy: str) -> None:
        super().__init__(remedy)
        self.status = status


REASONS = {
    400: "unreadable",
    401: "key",
    403: "no key is set",
    408: "slow",
    413: "too large",
    415: "encoding",
    429: "busy",
    500: "failed",
    503: "busy",
}
"""What is told of a refusal by its status; 429 says to Sentry's clients that we are busy."""

_OF_A_KEY = {401, 403}
Endpoint = Callable[[Request], Awaitable[Response]]


log = logging.getLogger(__name__)


class Refusals:
    """How many requests were refused since the start, by source and reason.

    The log tells who sends a refused key, since the client may not: once a minute, and never the
    key.
    """

    def __init__(self, *, elapsed: Callable[[], float] = monotonic) -> None:
        self._elapsed = elapsed
        self._counts: Counter[tuple[str, str]] = Counter()
        self._untold: Counter[tuple[str, str]] = Counter()
        self._told_at: float | None = None
        self._lock = Lock()

    def add(self, source: str, status: int, *, path: str, sender: str) -> None:
        """Count one more, which was sent to `path` from an address."""
        with self._lock:
            self._counts[source, REASONS.get(status, str(status))] += 1
            if status in _OF_A_KEY:
                is_one_more = len(self._untold) >= _MOST_SENDERS
                self._untold[path, "elsewhere" if is_one_more else sender] += 1
                self._tell()

    def _tell(self) -> None:
        now = self._elapsed()
        if self._told_at is not None and now - self._told_at < TOLD_EVERY_SECONDS:
            return
        self._told_at = now
        told = self._untold.most_common(MOST_TOLD)
        said = [f"{counted(n, 'request')} to {path} from {host}" for (path, host), n in told]
        more = self._untold.total() - sum(n for _, n in told)
        log.warning(
            "No key of ours came with %s; `triage keys list` tells which hold, and for deploys the "
            "environment of `triage serve`",
            ", ".join([*said, *([f"{more:,} more"] if more else [])]),
        )
        self._untold.clear()

    def route(
        self, path: str, source: str, endpoint: Endpoint, *, methods: Sequence[str] = ("POST",)
    ) -> Route:
        """A route whose every refusal is counted, whoever made it."""

        async def answered(request: Request) -> Response:
            sender = request.client.host if request.client else "nowhere"
            try:
                answer = await endpoint(request)
            except Exception:
                self.add(source, 500, path=path, sender=sender)
                raise
            if answer.status_code >= 400:
                self.add(source, answer.status_code, path=path, sender=sender)
            return answer

        return Route(path, answered, methods=methods)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """The counts as of now, by source and reason."""
        with self._lock:
            return dict(self._counts)


def refusal(rejected: Rejected) -> JSONResponse:
    """The answer to what is not taken."""
    headers = {
        401: {"WWW-Authenticate": "Bearer"},
        429: {"Retry-After": str(RETRY_SECONDS)},
        503: {"Retry-After": str(RETRY_SECONDS)},
    }
    return JSONResponse({"error": str(rejected)}, rejected.status, headers.get(rejected.status))
