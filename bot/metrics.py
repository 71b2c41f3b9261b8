"""`/metrics`, for Prometheus.

Everything but the figures of the process itself is read from the database when it is asked for. So
it is the same for every replica, holds after a restart, and counts what commands recorded.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from time import monotonic
from typing import TypeVar

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.intake.retention import RowBudget
from bot.core.intake.source import Pulled, Source
from bot.core.spending.outcome import Usage
from bot.core.spending.tally import Spent, Tally
from bot.flows import look
from bot.flows.look import Status
from storage.database import Database
from storage.failures import FAILURES

PATH = "/metrics"
REMEMBERED_SECONDS = 5.0
"""Figures are read anew at most this often, as that takes some reading."""

One = TypeVar("One")
Value = float | datetime | None
Family = tuple[str, Callable[[One], Value]]
"""What is told of something that has a name, and its value."""

log = logging.getLogger(__name__)


class Metrics:
    """The metrics of a service.

    `succeeded` says when each job last did, `refused` how many requests were refused, by source and
    reason, `waiting` how many errors wait to be written, `spooled` how many wait in the spool and
    which share of that is used, `budgets` how full the budgets of rows are, and `tally` what models
    cost, if any is asked.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        succeeded: Callable[[], Mapping[str, datetime]],
        refused: Callable[[], Mapping[tuple[str, str], int]],
        waiting: Callable[[], int],
        budgets: Callable[[], Sequence[RowBudget]],
        spooled: Callable[[], tuple[int, float]] | None = None,
        tally: Callable[[], Tally] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._succeeded = succeeded
        self._refused = refused
        self._waiting = waiting
        self._budgets = budgets
        self._spooled = spooled
        self._tally = tally
        self._remembered: tuple[Metric, ...] = ()
        self._until = 0.0

    @property
    def route(self) -> Route:
        """The route of `/metrics`, in whichever of Prometheus' formats is asked for."""
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)

        def metrics(request: Request) -> Response:
            encode, content_type = choose_encoder(request.headers.get("accept", ""))
            return Response(encode(registry), media_type=content_type)

        return Route(PATH, metrics, methods=["GET"])

    def describe(self) -> Iterable[Metric]:
        """Nothing: the metrics are not known before they are read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The metrics of now. While the database cannot be read: that it cannot, and those of the
        jobs."""
        if monotonic() >= self._until:
            self._remembered = tuple(self._told())
            self._until = monotonic() + REMEMBERED_SECONDS
        yield from self._remembered

    def _told(self) -> Iterator[Metric]:
        jobs = self._succeeded().items()
        yield _gauges(f"triage_job_success{_WHEN}", "When each job last succeeded", "job", jobs)
        waiting = float(self._waiting())
        yield _gauge("triage_waiting_errors", "Errors that wait to be written", waiting)
        if self._spooled:
            errors, used = self._spooled()
            yield _gauge("triage_spool_errors", "Errors that wait for the database", errors)
            yield _gauge("triage_spool_used_ratio", "Which share of the spool is used, of 1", used)
        yield _refusals(self._refused())
        yield from _of_budgets(self._budgets())
        try:
            read = list(self._read(self._clock()))
        except FAILURES:
            log.warning("The database cannot be read for %s", PATH, exc_info=True)
            yield _gauge(*_UP, 0)
        else:
            yield _gauge(*_UP, 1)
            yield from read

    def _read(self, now: datetime) -> Iterator[Metric]:
        heard, pulled = look.sources(self._database, now=now), look.pulled(self._database)
        yield from _told(_OF_SOURCES, "source", {one.name: one for one in heard})
        yield from _told(_OF_PULLED, "source", {one.name: one for one in pulled})
        yield _gauges(
            "triage_pull_backlog_read_ratio",
            "Which share of what a source is caught up with is read, of 1",
            "source",
            [(one.name, one.share_read(now)) for one in pulled],
        )
        yield from _of_work(look.status(self._database, now=now))
        if self._tally:
            yield from _of_models(self._tally())


def _refusals(refused: Mapping[tuple[str, str], int]) -> Metric:
    labels = ("source", "reason")
    told = CounterMetricFamily("triage_refused_requests", "Requests refused", labels=labels)
    for values, count in sorted(refused.items()):
        told.add_metric(values, count)
    return told


def _of_budgets(budgets: Sequence[RowBudget]) -> Iterator[Metric]:
    yield _gauges(
        "triage_retention_used_ratio",
        "Which share of a budget of rows was used when it was last looked at, of 1",
        "budget",
        [(one.setting, one.used) for one in budgets],
    )
    gone = "Rows that went, or became days, sooner than by their age, as a budget was exceeded"
    told = CounterMetricFamily("triage_retention_sooner_rows", gone, labels=["budget"])
    for one in budgets:
        told.add_metric([one.setting], one.gone)
    yield told


_UP = "triage_database_up", "Whether the database can be read"
_WHEN = "_timestamp_seconds"
"""Times are told as seconds since 1970, so that an age is had by a query."""
_OF_SOURCES: Mapping[str, Family[Source]] = {
    "triage_source_errors": ("Errors of the last 24 hours, by source", lambda one: one.events),
    f"triage_source_received{_WHEN}": ("When the last errors came in", lambda one: one.received),
    f"triage_source_newest{_WHEN}": ("When the newest error happened", lambda one: one.newest),
    "triage_source_silent": (
        "Whether it is silent for longer than it ever pauses",
        lambda one: one.hearing.is_silent,
    ),
}
_OF_PULLED: Mapping[str, Family[Pulled]] = {
    f"triage_pull_reached{_WHEN}": (
        "Up to when a source that is asked was read",
        lambda one: one.reached,
    ),
    "triage_pull_failures": (
        "How often in a row it failed to answer",
        lambda one: one.failures,
    ),
}
_OF_SPANS: Mapping[str, Family[Spent]] = {
    "triage_llm_spent_dollars": (
        "What models cost in the running hour, day and month (UTC)",
        lambda one: one.cost / 1_000_000,
    ),
    "triage_llm_cap_dollars": ("What they may cost", lambda one: one.cap / 1_000_000),
    "triage_llm_calls": ("How often they were asked", lambda one: one.calls),
}
_TOKENS = [field.name for field in fields(Usage)]


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
    yield _gauges(
        f"triage_digest_until{_WHEN}",
        "Until when the newest digest goes",
        "channel",
        status.digests,
    )
    yield _gauges(
        "triage_messages",
        "Messages to Slack that wait, and those given up in the last 24 hours",
        "state",
        [("waiting", status.backlog.waiting), ("failed", status.backlog.failed)],
    )


def _of_models(tally: Tally) -> Iterator[Metric]:
    spans = {"hour": tally.hour, "day": tally.today, "month": tally.month}
    yield from _told(_OF_SPANS, "span", spans)
    yield _gauges(
        "triage_llm_ended",
        "How often they were asked in the running month, by how that ended",
        "outcome",
        tally.ended.items(),
    )
    yield _gauges(
        "triage_llm_tokens",
        "Tokens of the running month; those of thinking are part of the output",
        "kind",
        [(kind, getattr(tally.tokens, kind)) for kind in _TOKENS],
    )
    yield _gauges(
        "triage_llm_explained_hours",
        "Hours of the running month in which an explained error was unusual: was a model asked?",
        "from",
        [("kept", tally.hits), ("model", tally.asked)],
    )
    yield _gauge("triage_llm_withheld", "Whether no model is asked now", bool(tally.withheld))


def _told(
    families: Mapping[str, Family[One]], label: str, ones: Mapping[str, One]
) -> Iterator[Metric]:
    for name, (said, value) in families.items():
        yield _gauges(name, said, label, [(of, value(one)) for of, one in ones.items()])


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=float(value))


def _gauges(name: str, said: str, label: str, values: Iterable[tuple[str, Value]]) -> Metric:
    """A gauge with a value for each label; those without a value are left out."""
    family = GaugeMetricFamily(name, said, labels=[label])
    for of, value in values:
        if value is not None:
            seconds = value.timestamp() if isinstance(value, datetime) else value
            family.add_metric([of], float(seconds))
    return family
