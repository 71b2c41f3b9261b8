"""Whatever a card holds, what is built from it fits, says what it should, and is not alive."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.ownership.scope import THIS, Backtest
from bot.core.ownership.trail import Decided
from bot.core.telling.digest import Card, Digest, Footer
from bot.core.telling.incident import Incident
from bot.flows.decide import Outcome
from bot.flows.recount import Reasons, Recount
from bot.slack import actions, text
from bot.slack.blocks import answer, card, digest, home, incident, modal, thread
from bot.slack.blocks.elements import Rendering, section, unmentioned
from bot.slack.blocks.listing import Section
from tests.builders import NOON
from tests.slack.acceptance import accepted, accepted_view, alive
from tests.slack.builders import (
    MUTING,
    ORIGIN,
    a_card,
    a_digest,
    a_status,
    an_analysis,
    an_incident,
    numbered,
)
from tests.slack.strategies import CARDS, DECIDED, DIGESTS, EPISODES
from tests.slack.test_text import ANY_TEXT, HOSTILE

PERMALINK = "https://example.slack.com/archives/C012AB3CD/p1795003200000100"


def in_sections(cards: Sequence[Card]) -> list[Section]:
    """A list with three filled sections and an empty one."""
    return [
        *(Section(f"{HOSTILE[0]} {number}", cards, "None.", 10**9) for number in range(3)),
        Section("Muted", (), f"Nothing of {HOSTILE[0]}."),
    ]


@settings(max_examples=60, deadline=None)
@given(DIGESTS, ANY_TEXT)
def test_any_digest_is_accepted_and_dead(made: Digest, name: str) -> None:
    named = digest.message(made)
    for shown in (named, unmentioned(named, lambda _: name)):
        assert accepted(shown)
        assert not alive(shown)
    assert "<@" not in json.dumps(shown.blocks)


def test_names_that_are_too_long_for_a_message_are_cut_short() -> None:
    words = "\n".join(f"<@U{number:03}>" for number in range(40))
    shown = Rendering(words, [section(words)])
    named = unmentioned(shown, lambda _: "\N{GRINNING FACE}" * 30)
    assert accepted(named)


def test_names_are_cut_short_where_only_the_text_would_be_too_long() -> None:
    words = "<@U001> and <@U002>"
    shown = Rendering(words.rjust(text.MAX_TEXT - 40, "."), [section(words)])
    named = unmentioned(shown, lambda _: "Augusta Ada King, Countess of Lovelace")
    assert accepted(named)
    assert named.text.endswith(".Augusta Ada King, C… and Augusta Ada King, C…")


@settings(max_examples=60, deadline=None)
@given(CARDS, st.lists(EPISODES, max_size=7), st.lists(DECIDED, max_size=7))
def test_any_card_and_its_details_are_accepted_and_dead(
    one: Card, episodes: list[Episode], history: list[Decided]
) -> None:
    for shown in (
        card.message(one),
        answer.show(one, reader="U1"),
        answer.why(Reasons(one, (), tuple(Recount(told, None) for told in episodes))),
        thread.details(one, episodes, history=history),
        answer.details(one, episodes, history, reader="U1"),
        *(
            card.rerouted(
                one,
                thread.said(decided, room=200),
                came_from="C012AB3CD",
                link=PERMALINK,
                version=1,
            )
            for decided in history[:1]
        ),
        *(thread.decision(decided, one.short_id) for decided in history),
    ):
        assert accepted(shown)
        assert not alive(shown)


@settings(max_examples=30, deadline=None)
@given(st.lists(CARDS, max_size=20), DIGESTS)
def test_any_list_and_home_is_accepted(cards: list[Card], made: Digest) -> None:
    chosen = numbered(cards)
    assert accepted(answer.listed(in_sections(chosen), asked="search x"))
    assert accepted(answer.helping(made, command="/triage"))
    assert accepted(answer.today(made, command="/triage", reader="U1"))
    assert accepted_view(
        home.view(home.Queue(chosen[:3], chosen, ("dev", "platform"), chosen), made, now=NOON)
    )


@settings(max_examples=30, deadline=None)
@given(CARDS, st.lists(ANY_TEXT.filter(bool), min_size=1, max_size=5, unique=True))
def test_any_form_is_accepted(one: Card, teams: list[str]) -> None:
    assert accepted_view(modal.mute(one, {THIS: Backtest(9, 2)}, ORIGIN))
    assert accepted_view(modal.reroute(one, [text.clip(team, 75) for team in teams], ORIGIN))
    assert accepted_view(modal.resolve(one, ORIGIN))


@pytest.mark.parametrize("words", HOSTILE)
def test_any_answer_is_accepted_and_dead(words: str) -> None:
    for shown in (
        answer.done(Outcome(a_card(), f"Triage {words}", 1)),
        answer.undone(Outcome(a_card(), f"Triage {words}", 1)),
        answer.taken("E-7K2", by=words, at=NOON, now=NOON),
        answer.refusal(words),
        answer.failure("3f2a", command="/triage"),
        answer.without_database("3f2a"),
        answer.outdated(command="/triage"),
        answer.status(a_status(words), now=NOON),
    ):
        assert accepted(shown)
        assert not alive(shown)
    assert accepted_view(modal.apology(actions.MUTE, words))


@pytest.mark.parametrize("words", ["🔥" * 5000, "<" * 5000, "界" * 5000, '"' * 5000])
def test_the_longest_words_fit(words: str) -> None:
    worst = a_card(
        service=words,
        environment=words,
        title=words,
        owner=words,
        owner_reason=words,
        customers=((words, 10**15),) * 50,
        whys=tuple(Why(kind, words, NOON) for kind in Kind),
        release=words,
        released_at=NOON,
        mute=replace(MUTING, reason=words, until=NOON, max_events=10**15, max_customers=10**15),
        state=State.MUTED,
        analysis=an_analysis(likely_cause=words, explanation=words, customer_communication=words),
        daily=(0, 10**15) * 8,
        sample=f"{words}\n" * 20,
    )
    many = numbered([worst] * 20)
    footer = Footer(muted=10**15, silent=((words, NOON - timedelta(days=9)),) * 9)
    made = a_digest(*many, unclaimed=many, footer=footer, late=True)
    assert accepted(digest.message(made))
    assert accepted(digest.remainder(made))
    assert accepted(answer.listed(in_sections(many), asked="handover"))
    assert accepted(answer.details(worst, (), (), reader="U1"))
    assert accepted_view(home.view(home.Queue(many, many, ("platform",), many), made, now=NOON))


def test_the_longest_incident_fits() -> None:
    words = "🔥" * 5000
    many = an_incident(300, service=words, template=words, customers=((words, 10**15),) * 50)
    found = Incident(many, words)
    assert accepted(digest.message(a_digest(*many)))
    assert accepted(digest.remainder(a_digest(*many)))
    assert accepted(incident.message(found, version=1))
    assert not alive(incident.message(Incident(many, HOSTILE[0]), version=1))


def test_a_thousand_cards_fit() -> None:
    many = numbered([a_card(title=f"error {'x' * 300}", sample="y" * 9000)] * 1000)
    shown = digest.message(a_digest(*many))
    assert accepted(shown)
    assert "and 982 more" in json.dumps(shown.blocks)
    assert accepted(answer.listed(in_sections(many), asked="handover"))
    assert accepted_view(home.view(home.Queue(many, ()), a_digest(*many), now=NOON))
