"""What is answered to who is refused, and how."""

from starlette.responses import JSONResponse

RETRY_SECONDS = 5
DATABASE_BUSY = "The database is busy: send it again in a few seconds."


class Rejected(Exception):
    """It is not taken; with the status of the answer, and what to do."""

    def __init__(self, status: int, remedy: str) -> None:
        super().__init__(remedy)
        self.status = status


def refusal(rejected: Rejected) -> JSONResponse:
    """The answer to what is not taken."""
    headers = {
        401: {"WWW-Authenticate": "Bearer"},
        429: {"Retry-After": str(RETRY_SECONDS)},
        503: {"Retry-After": str(RETRY_SECONDS)},
    }
    return JSONResponse({"error": str(rejected)}, rejected.status, headers.get(rejected.status))
