from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core import quality
from bot.core.quality import Opinion
from bot.errors import NotFound
from bot.flows import decide, describe, find
from bot.flows.rate import rate, week
from bot.flows.record import record
from bot.flows.triage import triage
from storage import analyses
from storage.database import Database
from tests.builders import NOON, an_event

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def explained(database: Database, short_id: str) -> str:
    """The one error, explained by the rules."""
    triage(database, now=NOON, site_rules=())
    return short_id


def test_a_reroute_counts_as_a_wrong_owner_and_names_the_rule(
    database: Database, explained: str
) -> None:
    decide.claim(database, explained, by="U1", now=NOON)
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    (routed,) = week(database, now=LATER).routed
    assert (routed.short_id, routed.owner, routed.moved_to) == (explained, "platform", "dev")
    assert routed.rule == "connection refused"


def test_an_owner_that_somebody_acted_under_was_right(database: Database, explained: str) -> None:
    decide.claim(database, explained, by="U1", now=NOON)
    (routed,) = week(database, now=LATER).routed
    assert routed.moved_to == ""


def test_a_reroute_that_was_undone_is_none(database: Database, explained: str) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON)
    assert week(database, now=LATER).routed == ()


def test_what_is_older_than_a_week_is_no_news(database: Database, explained: str) -> None:
    decide.reroute(database, explained, team="dev", by="U1", now=NOON)
    rate(database, explained, helps=True, by="U1", now=NOON)
    found = week(database, now=NOON + timedelta(days=8))
    assert (found.routed, found.opinions) == ((), ())


def test_the_newest_opinion_of_a_person_counts(database: Database, explained: str) -> None:
    rate(database, explained.lower(), helps=True, by="U1", now=NOON)
    rate(database, explained, helps=False, by="U1", now=NOON, reason="it was the firewall")
    rate(database, explained, helps=True, by="U2", now=NOON)
    source = "the rule “connection refused”"
    assert sorted(week(database, now=LATER).opinions, key=lambda one: one.helps) == [
        Opinion(explained, source, helps=False, reason="it was the firewall"),
        Opinion(explained, source, helps=True),
    ]


@pytest.mark.parametrize(
    ("evidence", "source"),
    [
        (("connection refused",), "the prompt analysis 1 with claude-haiku-5-5"),
        ((), "the rule “connection refused”"),
    ],
)
def test_an_opinion_is_of_whoever_is_shown(
    database: Database, explained: str, evidence: tuple[str, ...], source: str
) -> None:
    with database.write() as session:
        signature = find.by_name(session, explained)
        by_rules = describe.explained(session, [signature])[signature.id].analysis
        answer = replace(by_rules, evidence=evidence, checked="0 of 1 quotes verified")
        analyses.keep(
            session,
            {signature.id: answer.as_json()},
            analyst="claude-haiku-5-5",
            version="analysis 1",
            now=NOON,
        )
    rate(database, explained, helps=False, by="U1", now=NOON)
    assert [one.source for one in week(database, now=LATER).opinions] == [source]


def test_an_opinion_of_what_there_is_not_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        rate(database, "E-999", helps=True, by="U1", now=NOON)


def test_an_empty_week_says_so(database: Database) -> None:
    record(database, [an_event()], now=NOON)
    assert quality.lines(week(database, now=LATER)) == [
        "2026-11-11 to 2026-11-18: nobody acted on anything"
    ]
