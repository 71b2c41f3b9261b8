"""Prometheus reads how it stands: of sources, of work, of messages, of jobs and of what is paid."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot import asking, receiver
from bot.core.intake.retention import RowBudget
from bot.core.spending.tally import Tally
from bot.flows.record import record
from bot.metrics import PATH, Metrics
from bot.settings import Llm, Settings
from storage import calls, tables
from storage.database import Database
from tests.builders import NOON, an_event, standing

LOCAL = "127.0.0.1"
Found = Mapping[tuple[str, str], float]
JOBS = {"watch": NOON - timedelta(seconds=30)}


def told(
    database: Database, *, now: datetime = NOON, tally: Callable[[], Tally] | None = None
) -> Metrics:
    return Metrics(
        database,
        standing(now),
        succeeded=lambda: JOBS,
        refused=lambda: {("otlp", "key"): 3},
        waiting=lambda: 7,
        budgets=lambda: [RowBudget("most_events", most=100, held=120, gone=20)],
        spooled=lambda: (5, 0.25),
        tally=tally,
    )


def scraped(
    database: Database, *, tally: Callable[[], Tally] | None = None, now: datetime = NOON
) -> Found:
    """What Prometheus reads: values by name and the value of the label."""
    metrics = told(database, now=now, tally=tally)
    return _read(metrics)[1]


def _read(metrics: Metrics, accept: str = "") -> tuple[str, Found]:
    site = receiver.application([metrics.route])
    with receiver.listening(site, host=LOCAL, port=0) as port:
        connection = HTTPConnection(LOCAL, port, timeout=10)
        try:
            connection.request("GET", PATH, headers={"accept": accept} if accept else {})
            answer = connection.getresponse()
            assert answer.status == 200
            said = answer.read().decode()
        finally:
            connection.close()
    return answer.headers["content-type"], {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


def test_sources_are_told_with_how_much_and_when(database: Database) -> None:
    late = an_event(source="push:shop", time=NOON - timedelta(minutes=5), received=NOON)
    record(database, [late, an_event(source='a "b"\\\n')], now=NOON)
    found = scraped(database)
    assert found["triage_source_errors", "push:shop"] == 1
    assert found["triage_source_received_timestamp_seconds", "push:shop"] == NOON.timestamp()
    newest = found["triage_source_newest_timestamp_seconds", "push:shop"]
    assert newest == (NOON - timedelta(minutes=5)).timestamp()
    assert found["triage_source_silent", "push:shop"] == 0
    assert found["triage_source_errors", 'a "b"\\\n'] == 1


def test_no_name_of_a_source_can_pose_as_another_metric(database: Database) -> None:
    name = 'shop"} 1\ntriage_database_up 0\n# \\'
    record(database, [an_event(source=name)], now=NOON)
    found = scraped(database)
    assert (found["triage_source_errors", name], found["triage_database_up", ""]) == (1, 1)


def test_work_and_messages_are_counted(database: Database) -> None:
    found = scraped(database)
    for state in ("unusual", "unclaimed", "claimed", "muted"):
        assert found["triage_signatures", state] == 0
    assert found["triage_messages", "waiting"] == 0
    assert found["triage_database_up", ""] == 1


def test_a_job_that_hangs_is_seen_by_when_it_last_succeeded(database: Database) -> None:
    found = scraped(database)
    assert found["triage_job_success_timestamp_seconds", "watch"] == JOBS["watch"].timestamp()


def test_what_waits_and_what_was_refused_is_told(database: Database) -> None:
    found = scraped(database)
    assert found["triage_waiting_errors", ""] == 7
    assert found["triage_spool_errors", ""] == 5
    assert found["triage_spool_used_ratio", ""] == 0.25
    assert found["triage_refused_requests_total", "key"] == 3


def test_a_budget_of_rows_tells_how_much_is_used_and_what_went_for_it(database: Database) -> None:
    found = scraped(database)
    assert found["triage_retention_used_ratio", "most_events"] == 1.2
    assert found["triage_retention_sooner_rows_total", "most_events"] == 20


def test_what_models_cost_is_told_beside_what_they_may(database: Database) -> None:
    settings = Settings(llm=Llm(anthropic_key="sk-ant-x"))

    def tally() -> Tally:
        return asking.costs(settings, database, now=NOON)

    with database.write() as session:
        call = tables.Call(
            at=NOON,
            feature="analysis",
            team="dev",
            provider="anthropic",
            tier="cheap",
            asked=settings.llm.cheap,
            prompt="analysis 1",
            reserved=250_000,
        )
        calls.settle(
            session,
            calls.reserve(session, call),
            outcome="ok",
            cost=250_000,
            tokens_in=900,
            tokens_thinking=7,
        )
    found = scraped(database, tally=tally)
    assert found["triage_llm_spent_dollars", "day"] == 0.25
    assert found["triage_llm_calls", "hour"] == 1
    assert found["triage_llm_ended", "ok"] == 1
    assert found["triage_llm_tokens", "input"] == 900
    assert found["triage_llm_tokens", "thinking"] == 7
    assert found["triage_llm_explained_hours", "kept"] == 0
    assert found["triage_llm_cap_dollars", "month"] == settings.llm.budget.month_usd
    assert not [name for name, _ in scraped(database) if name.startswith("triage_llm")]


def test_the_documentation_names_what_is_told(database: Database) -> None:
    def tally() -> Tally:
        return asking.costs(Settings(), database, now=NOON)

    metrics = told(database, tally=tally)
    page = (Path(__file__).parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(triage_\w+)`", page, re.MULTILINE)
    assert sorted(named) == sorted(
        one.name + "_total" * (one.type == "counter") for one in metrics.collect()
    )


@pytest.mark.sqlite
def test_without_the_database_it_is_told_that_it_is_down(database: Database) -> None:
    with database.write() as session:
        session.execute(text("DROP TABLE anomalies"))
    found = scraped(database)
    assert found["triage_database_up", ""] == 0
    assert ("triage_job_success_timestamp_seconds", "watch") in found


def test_who_asks_in_a_rush_is_told_the_same_again(database: Database) -> None:
    metrics = told(database)
    before = {one.name: one.samples for one in metrics.collect()}
    record(database, [an_event()], now=NOON)
    assert {one.name: one.samples for one in metrics.collect()} == before


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text"),
    ],
)
def test_either_format_of_prometheus_is_spoken(
    database: Database, accept: str, content_type: str
) -> None:
    metrics = told(database)
    assert _read(metrics, accept)[0].startswith(content_type)
