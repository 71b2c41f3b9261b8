"""`/metrics`: how it stands, for Prometheus.

All but the process's own figures is read from the database when it is asked for: so it is true of
every replica, after a restart, and of what commands recorded.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from time import monotonic

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.tally import Tally
from bot.flows import look
from bot.flows.look import Status
from storage.database import FAILURES, Database

PATH = "/metrics"
REMEMBERED_SECONDS = 5.0
"""Whoever asks more often is told the same again: what is told takes some reading."""

Values = Iterable[tuple[str, float]]

log = logging.getLogger(__name__)


class Metrics:
    """What is told of a service; `succeeded` says when each of its jobs last did, `tally` what
    models cost, where any is asked."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        succeeded: Callable[[], Mapping[str, datetime]],
        tally: Callable[[], Tally] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._succeeded = succeeded
        self._tally = tally
        self._remembered: tuple[Metric, ...] = ()
        self._until = 0.0

    @property
    def route(self) -> Route:
        """Where it is told, in whichever of Prometheus' formats is asked for."""
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

        def metrics(request: Request) -> Response:
            encode, content_type = choose_encoder(request.headers.get("accept", ""))
            return Response(encode(registry), media_type=content_type)

        return Route(PATH, metrics, methods=["GET"])

    def describe(self) -> Iterable[Metric]:
        """Nothing: what is told is not known before it is read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """What is told now; without the database, that it cannot be read, and how the jobs do."""
        if monotonic() >= self._until:
            self._remembered = tuple(self._told())
            self._until = monotonic() + REMEMBERED_SECONDS
        yield from self._remembered

    def _told(self) -> Iterator[Metric]:
        yield _moments("triage_job_success", "When each job last succeeded", "job", self._jobs())
        try:
            read = list(self._read(self._clock()))
        except FAILURES:
            log.warning("The database cannot be read for %s", PATH, exc_info=True)
            read = []
        yield _gauge("triage_database_up", "Whether the database can be read", float(bool(read)))
        yield from read

    def _jobs(self) -> Iterator[tuple[str, datetime]]:
        yield from self._succeeded().items()

    def _read(self, now: datetime) -> Iterator[Metric]:
        yield from _of_sources(self._database, now=now)
        yield from _of_work(look.status(self._database, now=now))
        if self._tally:
            yield from _of_models(self._tally())


def _of_sources(database: Database, *, now: datetime) -> Iterator[Metric]:
    heard, asked = look.sources(database, now=now), look.asked(database)
    yield _gauges(
        "triage_source_errors",
        "Errors of the last 24 hours, by source",
        "source",
        [(one.name, one.events) for one in heard],
    )
    yield _moments(
        "triage_source_received",
        "When the last errors came in",
        "source",
        [(one.name, one.received) for one in heard],
    )
    yield _moments(
        "triage_source_newest",
        "When the newest error happened",
        "source",
        [(one.name, one.newest) for one in heard],
    )
    yield _gauges(
        "triage_source_silent",
        "Whether it is silent for longer than it ever pauses",
        "source",
        [(one.name, one.hearing.is_silent) for one in heard],
    )
    yield _moments(
        "triage_pull_reached",
        "Up to when a source that is asked was read",
        "source",
        [(one.name, one.reached) for one in asked if one.reached],
    )
    yield _gauges(
        "triage_pull_failures",
        "How often in a row it failed to answer",
        "source",
        [(one.name, one.failures) for one in asked],
    )


def _of_work(status: Status) -> Iterator[Metric]:
    yield _gauges(
        "triage_signatures",
        "Signatures that are unusual now, wait for somebody, are claimed, are muted",
        "state",
        [
            ("unusual", status.unusual),
            ("unclaimed", status.unclaimed),
            ("claimed", status.claimed),
            ("muted", status.muted),
        ],
    )
    yield _moments(
        "triage_digest_until", "Until when the newest digest goes", "channel", status.digests
    )
    yield _gauges(
        "triage_messages",
        "Messages to Slack that wait, and those given up in the last 24 hours",
        "state",
        [("waiting", status.backlog.waiting), ("failed", status.backlog.failed)],
    )


def _of_models(tally: Tally) -> Iterator[Metric]:
    spans = {"hour": tally.hour, "day": tally.today, "month": tally.month}
    yield _gauges(
        "triage_llm_spent_dollars",
        "What models cost in the running hour, day and month (UTC)",
        "span",
        [(name, one.cost / 1_000_000) for name, one in spans.items()],
    )
    yield _gauges(
        "triage_llm_cap_dollars",
        "What they may cost",
        "span",
        [(name, one.cap / 1_000_000) for name, one in spans.items()],
    )
    yield _gauges(
        "triage_llm_calls",
        "How often they were asked",
        "span",
        [(name, one.calls) for name, one in spans.items()],
    )
    yield _gauge(
        "triage_llm_withheld", "Whether no model is asked now", float(bool(tally.withheld))
    )


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


def _gauges(name: str, said: str, label: str, values: Values) -> Metric:
    family = GaugeMetricFamily(name, said, labels=[label])
    for of, value in values:
        family.add_metric([of], float(value))
    return family


def _moments(name: str, said: str, label: str, moments: Iterable[tuple[str, datetime]]) -> Metric:
    """Times as Prometheus wants them: seconds since 1970, so that an age is told by a query."""
    seconds = [(of, at.timestamp()) for of, at in moments]
    return _gauges(f"{name}_timestamp_seconds", said, label, seconds)
