from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.analysis import Author
from bot.core.telling.quality import Opinion
from bot.errors import NotFound
from bot.flows import describe, find, look, review
from bot.flows.rate import rate
from bot.flows.triage import triage
from storage import analyses
from storage import opinions as stored
from storage.database import Database
from tests.builders import NOON

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def explained(database: Database, short_id: str) -> str:
    """The one error, explained by the rules."""
    triage(database, now=NOON, site_rules=())
    return short_id


def opinions(database: Database) -> tuple[Opinion, ...]:
    return review.of(database, until=LATER).week.opinions


def test_the_newest_opinion_of_a_person_counts(database: Database, explained: str) -> None:
    rate(database, explained.lower(), helps=True, by="U1", now=NOON)
    rate(database, explained, helps=False, by="U1", now=NOON, reason="it was the firewall")
    rate(database, explained, helps=True, by="U2", now=NOON)
    source = "the rule “connection refused”"
    assert sorted(opinions(database), key=lambda one: one.helps) == [
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
    assert [one.source for one in opinions(database)] == [source]


def test_an_opinion_is_of_what_was_read_though_another_is_kept_by_now(
    database: Database, explained: str
) -> None:
    read = Author("claude-haiku-5-5", "analysis 1", "connection refused")
    rate(database, explained, helps=False, by="U1", now=NOON, read=read)
    assert [one.source for one in opinions(database)] == [
        "the prompt analysis 1 with claude-haiku-5-5"
    ]


def test_a_card_says_whose_its_explanation_is(database: Database, explained: str) -> None:
    author = look.card(database, explained, now=NOON).author
    rate(database, explained, helps=True, by="U1", now=NOON, read=author)
    rate(database, explained, helps=True, by="U2", now=NOON)
    with database.read() as session:
        kept = stored.between(session, NOON, LATER)
    assert author.version
    assert {Author(one.analyst, one.version, one.rule) for one in kept} == {author}


def test_an_opinion_of_what_there_is_not_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        rate(database, "E-999", helps=True, by="U1", now=NOON)
