"""What is answered to who is refused, and how."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from starlette.responses import JSONResponse

RETRY_SECONDS = 5
DATABASE_BUSY = "The database is busy: send it again in a few seconds."


class Rejected(Exception):
    """It is not taken; with the status of the answer, and what to do."""

    def __init__(self, status: int, remedy: str) -> None:
        super().__init__(remedy)
        self.status = status


REASONS = {
    400: "unreadable",
    401: "key",
    408: "slow",
    413: "too large",
    415: "encoding",
    503: "busy",
}
"""What is told of a refusal by its status."""


class Refusals:
    """How many requests were refused since the program began, by source and reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def add(self, source: str, rejected: Rejected) -> None:
        """One more."""
        with self._lock:
            self._counts[source, REASONS.get(rejected.status, str(rejected.status))] += 1

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
