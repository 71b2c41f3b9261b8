"""What is answered to who is refused, and how."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from threading import Lock

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

RETRY_SECONDS = 2
"""OpenTelemetry's exporters try for ten seconds in all, and wait in between as they are told: by
five they would come twice."""
DATABASE_BUSY = "The database is busy: send it again in a few seconds."


class Rejected(Exception):
    """It is not taken; with the status of the answer, and what to do."""

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

Endpoint = Callable[[Request], Awaitable[Response]]


class Refusals:
    """How many requests were refused since the program began, by source and reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def add(self, source: str, status: int) -> None:
        """One more."""
        with self._lock:
            self._counts[source, REASONS.get(status, str(status))] += 1

    def counting(self, source: str, endpoint: Endpoint) -> Endpoint:
        """The endpoint, whose every refusal is counted, whoever made it."""

        async def answered(request: Request) -> Response:
            try:
                answer = await endpoint(request)
            except Exception:
                self.add(source, 500)
                raise
            if answer.status_code >= 400:
                self.add(source, answer.status_code)
            return answer

        return answered

    def counts(self) -> Mapping[tuple[str, str], int]:
        """As of now."""
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
