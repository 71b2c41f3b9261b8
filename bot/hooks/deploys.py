"""How a pipeline tells us over HTTP, with a key, that something was deployed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.errors import TriageError
from bot.flows.deploy import deploy
from bot.hooks.access import bearer, fits
from bot.hooks.answers import DATABASE_BUSY, Refusals, Rejected, refusal
from bot.hooks.body import read
from storage.database import Database
from storage.deploys import Version
from storage.failures import FAILURES

PATH = "/hooks/deploy"
MOST_BYTES = 16_384
"""Four short texts; even with every letter escaped they take less."""
EXAMPLE = '{"service": "checkout", "environment": "production", "version": "4.19.1"}'

LONGEST = 200
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=LONGEST, pattern=r"^[^\x00]*$")
]
"""Without NUL, which PostgreSQL refuses."""
Given = Annotated[Name, StringConstraints(min_length=1)]


class Deployed(BaseModel):
    """A deployed version: without an environment in all of them, without a time just now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: Given
    version: Given
    environment: Name = ""
    at: AwareDatetime | None = None


def route(
    database: Database,
    *,
    keys: Sequence[str],
    clock: Callable[[], datetime],
    refusals: Refusals,
) -> Route:
    """The route on which a pipeline tells of a deploy, with one of some keys. Telling it twice does
    no harm."""

    async def receive(request: Request) -> JSONResponse:
        try:
            _check(request, keys)
            deployed = _read(await _body(request))
            version = Version(deployed.service, deployed.environment, deployed.version)
            return JSONResponse(
                await run_in_threadpool(keep, database, version, at=deployed.at, now=clock())
            )
        except Rejected as rejected:
            return refusal(rejected)
        except FAILURES:
            return refusal(Rejected(503, DATABASE_BUSY))

    return refusals.route(PATH, "deploy", receive)


def _check(request: Request, keys: Sequence[str]) -> None:
    if not keys:
        raise Rejected(403, "No key is set here: set TRIAGE_API_KEY where `triage serve` runs.")
    if not fits(bearer(request), keys):
        raise Rejected(401, "Send the header `Authorization: Bearer KEY` with the TRIAGE_API_KEY.")


async def _body(request: Request) -> bytes:
    try:
        return await read(request, most=MOST_BYTES)
    except Rejected as rejected:
        raise Rejected(rejected.status, f"{rejected} Send nothing but {EXAMPLE}.") from None


def _read(body: bytes) -> Deployed:
    try:
        return Deployed.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
    said = "; ".join(_problem(problem["loc"], problem["msg"]) for problem in problems[:5])
    raise Rejected(400, f"{said}. An example: {EXAMPLE}")


def _problem(place: tuple[int | str, ...], said: str) -> str:
    """What is wrong, and where; a name that the sender made up is cut short."""
    return ": ".join([*(str(part)[:40] for part in place), said])


def keep(
    database: Database, version: Version, *, at: datetime | None, now: datetime
) -> dict[str, str]:
    """Remember that a version runs since a moment, or now, and say so. Raises Rejected."""
    try:
        since = deploy(database, version, at=at or now, now=now)
    except TriageError as error:
        raise Rejected(400, str(error)) from error
    return {**version._asdict(), "at": since.isoformat()}
