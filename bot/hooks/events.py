"""The routes on which errors are sent: any JSON or text, and what is meant for Splunk or Loki."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_hex

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.core.wording.plural import counted
from bot.errors import SourceError
from bot.flows.receive import Busy, Delivered, Intake
from bot.hooks import body
from bot.hooks.access import Keyring, given_key
from bot.hooks.answers import DATABASE_BUSY, Refusals, Rejected, refusal
from bot.hooks.body import Room
from bot.sources import prometheus, pushed
from bot.sources.fields import USUAL, Roles
from bot.sources.pushed import Delivery, Push
from storage.failures import FAILURES

REASONS_TOLD = 5
PARSED_AT_ONCE = 2
AGAIN_SECONDS = 0.2
PICKED = "picked"
PASSED_BY = (
    "{lines} without a level and without a word of failure: send levels, or to /ingest?picked "
    "where each line is an error"
)
EMPTY = "there is nothing in the body"
_LONGEST_TOKEN = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a delivery. All of it is durable except what could not be read or counted."""

    delivery: Delivery
    kept: Delivered = field(default_factory=Delivered)

    @property
    def accepted(self) -> int:
        """How many errors count, now or from before."""
        return len(self.delivery.events) - len(self.kept.lost)

    @property
    def was_of_use(self) -> bool:
        """Whether any record could be read, error or not."""
        return bool(self.accepted or self.delivery.quiet)

    @property
    def reasons(self) -> list[str]:
        """Why the first records were not taken, or not as errors."""
        unsaid, lost = self.delivery.unsaid, len(self.kept.lost)
        unreadable = [f"line {one.line}: {one.reason}" for one in self.delivery.unreadable]
        broken = [*unreadable, *["an event that cannot be counted"] * lost]
        passed_by = [PASSED_BY.format(lines=counted(unsaid, "line"))] if unsaid else []
        return [*broken[:REASONS_TOLD], *passed_by] if self.delivery.records else [EMPTY]

    @property
    def rejected(self) -> int:
        """How many records were not taken."""
        return len(self.delivery.unreadable) + len(self.kept.lost)

    def warn(self, sender: str) -> None:
        """Log what was not taken, where the answer has no place for it."""
        if self.rejected:
            log.warning("Of what is meant for %s: %s", sender, "; ".join(self.reasons))


Answer = Callable[[Taken], Response]


@dataclass(frozen=True, slots=True)
class Door:
    """What all routes for errors share: who may send, how much at once, the names of fields, and
    the queue behind them."""

    intake: Intake
    keyring: Keyring
    clock: Callable[[], datetime]
    roles: Roles = USUAL
    room: Room = field(default_factory=Room)
    parsing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PARSED_AT_ONCE))
    refusals: Refusals = field(default_factory=Refusals)

    async def take(
        self,
        request: Request,
        source: str,
        *,
        parse: Callable[[Push], Delivery],
        given: str,
        patience: float = 0.0,
        unsaid: str = "",
    ) -> Taken:
        """Read, unpack, parse and store a body that comes with a key.

        What cannot be stored at once is tried for `patience` seconds; `unsaid` is the encoding of a
        body that names none. Raises Rejected.
        """
        with _rejecting():
            project = await run_in_threadpool(self.keyring.project, given)
            with self.room.share() as share:
                packed = await body.read(request, take=share)
                async with self.parsing:
                    if not patience:
                        self.intake.turn_away()
                    encoding = request.headers.get("content-encoding", unsaid)
                    raw = await run_in_threadpool(body.unpack, packed, encoding, take=share)
                    push = self._push(raw, request.headers, source=source, project=project)
                    push = replace(push, is_picked=PICKED in request.query_params)
                    delivery = await run_in_threadpool(_parsed, parse, push)
                return Taken(delivery, await self._kept(delivery, patience))

    def take_at_once(
        self,
        read: Callable[[], bytes],
        headers: Mapping[str, str],
        source: str,
        *,
        parse: Callable[[Push], Delivery],
        given: str,
    ) -> Taken:
        """Read, unpack, parse and store a body, in a thread that waits for all of it; nothing is
        read before the key is known to be valid. Raises Rejected."""
        with _rejecting():
            project = self.keyring.project(given)
            with self.room.share() as share:
                packed = read()
                share(len(packed))
                self.intake.turn_away()
                raw = body.unpack(packed, "", take=share)
                push = self._push(raw, headers, source=source, project=project)
                delivery = _parsed(parse, push)
                return Taken(delivery, self.intake.offer(delivery).result())

    async def _kept(self, delivery: Delivery, patience: float) -> Delivered:
        """What came of a delivery, once it is durable. Raises Busy."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience
        while True:
            try:
                return await asyncio.wrap_future(self.intake.offer(delivery))
            except Busy:
                if loop.time() >= until:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)

    def _push(self, raw: bytes, headers: Mapping[str, str], *, source: str, project: str) -> Push:
        return Push(
            source=source,
            body=raw,
            received=self.clock(),
            arrival=token_hex(8),
            token=headers.get("idempotency-key", "")[:_LONGEST_TOKEN],
            project=project,
            customer=headers.get("x-scope-orgid", "")[:_LONGEST_TOKEN],
            is_json="json" in headers.get("content-type", "").lower(),
            roles=self.roles,
        )


@contextmanager
def _rejecting() -> Iterator[None]:
    """Raise what goes wrong in the block as Rejected."""
    try:
        yield
    except Busy as busy:
        raise Rejected(503, str(busy)) from None
    except FAILURES:
        raise Rejected(503, DATABASE_BUSY) from None
    except ClientDisconnect:
        raise Rejected(400, "The connection ended before the body did.") from None


def _parsed(parse: Callable[[Push], Delivery], push: Push) -> Delivery:
    try:
        return parse(push)
    except pushed.TooMany as error:
        raise Rejected(413, str(error)) from None
    except SourceError as error:
        raise Rejected(400, str(error)) from None
    except Exception:
        log.exception("A body sent to %s could not be read", push.origin)
        raise Rejected(400, "The body cannot be read.") from None


PROTOBUF = "application/x-protobuf"


def media_type(request: Request) -> str:
    """The media type of a body, without parameters; empty if none is given."""
    kind: str = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower()


def route(
    path: str,
    door: Door,
    source: str,
    *,
    answer: Answer,
    parse: Callable[[Push], Delivery] = pushed.parse,
    of_agents: Callable[[Push], Delivery] | None = None,
) -> Route:
    """A route for JSON of any shape, or text, or whatever `parse` reads. `of_agents` reads
    protobuf, which agents pack with Snappy without saying so."""

    async def receive(request: Request) -> Response:
        agents = of_agents if media_type(request) == PROTOBUF else None
        try:
            taken = await door.take(
                request,
                source,
                parse=agents or parse,
                given=given_key(request.headers),
                unsaid=body.SNAPPY if agents else "",
            )
            return answer(taken)
        except Rejected as rejected:
            return refusal(rejected)

    return door.refusals.route(path, source, receive)


_SPLUNK = tuple(f"/services/collector{end}" for end in ("", "/event", "/event/1.0", "/raw"))
_SPLUNK_HEALTH = tuple(f"/services/collector/health{end}" for end in ("", "/1.0"))


def routes(door: Door) -> list[Route]:
    """All ways in for JSON and text, and for alerts."""
    return [
        route("/ingest", door, "http", answer=_told),
        *(route(path, door, "splunk", answer=_as_splunk) for path in _SPLUNK),
        *(Route(path, _is_there, methods=["OPTIONS"]) for path in _SPLUNK),
        *(Route(path, _is_there, methods=["GET"]) for path in _SPLUNK_HEALTH),
        route("/loki/api/v1/push", door, "loki", answer=_as_loki, of_agents=pushed.parse_loki),
        route("/hooks/alertmanager", door, "alertmanager", answer=_told, parse=prometheus.parse),
    ]


def _told(taken: Taken) -> Response:
    """The answer: 200 if anything could be read, else 400; with an account of it."""
    said = {
        "accepted": taken.accepted,
        "known": taken.kept.known,
        "not_errors": taken.delivery.quiet,
        "rejected": taken.rejected,
        "reasons": taken.reasons,
    }
    return JSONResponse(said, _status(taken))


def _as_splunk(taken: Taken) -> Response:
    if _status(taken) == 200:
        taken.warn("Splunk")
        return JSONResponse({"text": "Success", "code": 0})
    return JSONResponse({"text": "Invalid data format", "code": 6, "reasons": taken.reasons}, 400)


def _is_there(_request: Request) -> Response:
    """The answer to what forwarders ask before they begin: Docker by OPTIONS, Vector for the
    health. Without it Docker starts no container."""
    return JSONResponse({"text": "HEC is healthy", "code": 17})


def _as_loki(taken: Taken) -> Response:
    if _status(taken) == 200:
        taken.warn("Loki")
        return Response(status_code=204)
    return _told(taken)


def _status(taken: Taken) -> int:
    return 200 if taken.was_of_use else 400
