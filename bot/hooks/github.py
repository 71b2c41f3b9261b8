"""What GitHub's webhook tells: that a deployment succeeded, or that something was released."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.hooks import body
from bot.hooks.access import fits
from bot.hooks.answers import Refusals, Rejected, refusal
from bot.hooks.deploys import LONGEST, Given, Name, keep
from storage.database import Database
from storage.deploys import Version
from storage.failures import FAILURES

PATH = "/hooks/github"
MOST_BYTES = 1 << 20
_SHOWN_OF_COMMIT = 12


class _Repository(BaseModel):
    name: Given


class _Deployment(BaseModel):
    ref: Name = ""
    sha: Annotated[Name, Field(min_length=7, max_length=64)]
    environment: Name = ""


class _Status(BaseModel):
    state: str
    created_at: AwareDatetime


class _Deployed(BaseModel):
    """`deployment_status`."""

    repository: _Repository
    deployment: _Deployment
    deployment_status: _Status


class _Tag(BaseModel):
    tag_name: Given
    published_at: AwareDatetime | None = None


class _Released(BaseModel):
    """`release`."""

    action: str
    repository: _Repository
    release: _Tag


class _Told(NamedTuple):
    version: Version
    at: datetime | None


def route(
    database: Database,
    *,
    secrets: Sequence[str],
    clock: Callable[[], datetime],
    refusals: Refusals,
) -> Route:
    """The route on which GitHub tells of deploys, signed with one of some secrets.

    The service is `?service=` of the address, else the repository's name.
    """

    async def receive(request: Request) -> JSONResponse:
        try:
            raw = await body.read(request, most=MOST_BYTES)
            _check(request.headers.get("x-hub-signature-256", ""), raw, secrets)
            told = _read(request.headers.get("x-github-event", ""), raw)
            service = _service(request.query_params.get("service", ""))
            return JSONResponse(
                await run_in_threadpool(_keep, database, told, service=service, now=clock())
            )
        except Rejected as rejected:
            return refusal(rejected)
        except FAILURES:
            return refusal(Rejected(503, "The database is busy: redeliver it in a few seconds."))

    return refusals.route(PATH, "github", receive)


def _service(said: str) -> str:
    """The service that an address names. Raises Rejected."""
    if "\0" in said:
        raise Rejected(400, "The service in the address is none.")
    return said.strip()[:LONGEST]


def _check(signature: str, raw: bytes, secrets: Sequence[str]) -> None:
    """Raises Rejected for a request that was signed with none of our secrets."""
    if not secrets:
        raise Rejected(403, "No secret is set: set TRIAGE_GITHUB_SECRET where `triage serve` runs.")
    ours = [f"sha256={hmac.new(one.encode(), raw, sha256).hexdigest()}" for one in secrets]
    if not fits(signature, ours):
        raise Rejected(401, "The signature is not right: the webhook's secret has to be ours.")


def _read(event: str, raw: bytes) -> _Told | None:
    """The deploy in an event, if it is one; GitHub sends every kind of event that a site ticked."""
    reader = _READERS.get(event)
    if reader is None:
        return None
    try:
        return reader(raw)
    except ValidationError as error:
        places = ", ".join(
            ".".join(map(str, one["loc"]))[:80]
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise Rejected(
            400, f"Not as GitHub sends {event} ({places}): let it send application/json."
        ) from None


def _deployed(raw: bytes) -> _Told | None:
    told = _Deployed.model_validate_json(raw)
    if told.deployment_status.state != "success":
        return None
    deployment = told.deployment
    version = Version(told.repository.name, deployment.environment, _version(deployment))
    return _Told(version, told.deployment_status.created_at)


def _version(deployment: _Deployment) -> str:
    """The ref if it names a version, which a branch does not; else the commit, as short as people
    write it."""
    is_version = any(map(str.isdigit, deployment.ref)) and "." in deployment.ref
    return deployment.ref if is_version else deployment.sha[:_SHOWN_OF_COMMIT]


def _released(raw: bytes) -> _Told | None:
    told = _Released.model_validate_json(raw)
    if told.action not in ("published", "released"):
        return None
    return _Told(
        Version(told.repository.name, "", told.release.tag_name), told.release.published_at
    )


_READERS: Mapping[str, Callable[[bytes], _Told | None]] = {
    "deployment_status": _deployed,
    "release": _released,
}


def _keep(database: Database, told: _Told | None, *, service: str, now: datetime) -> dict[str, Any]:
    if told is None:
        return {"kept": False}
    version = told.version._replace(service=service or told.version.service)
    return {"kept": True, **keep(database, version, at=told.at, now=now)}
