"""Switches are set in a form: validated, told to the channel, and never over somebody's head."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.flag import OFF, ON, Flag, Position
from bot.flows.switch import Change, Setting, latest, standing, switch
from bot.slack import actions
from bot.slack.actions import Origin
from bot.slack.blocks import answer, home, modal, switches
from bot.slack.desk import Desk
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON
from tests.slack.acceptance import accepted, accepted_view, alive
from tests.slack.builders import a_digest
from tests.slack.conftest import ANA, CHANNEL, TOMAS
from tests.slack.people import at_home, told
from tests.slack.test_text import ANY_TEXT

PEOPLE = st.sampled_from(["U0ASSIGNEE", "root", "<!channel>"])


def positions(flag: Flag) -> st.SearchStrategy[Position]:
    shares = st.builds(Position, percent=st.integers(1, 100))
    return st.sampled_from([ON, OFF]) | shares if flag.has_share else st.sampled_from([ON, OFF])


STANDINGS = st.tuples(
    *(
        st.builds(
            Setting,
            st.just(flag),
            position=positions(flag),
            by=PEOPLE,
            at=st.just(NOON),
            reason=ANY_TEXT,
        )
        for flag in Flag
    )
)
CHANGES = st.lists(
    st.builds(
        Change,
        ANY_TEXT,
        positions(Flag.TRIAL),
        positions(Flag.TRIAL),
        PEOPLE,
        st.just(NOON),
        ANY_TEXT,
    ),
    max_size=5,
)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Its first channel is told."""
    return replace(desk, terms=replace(desk.terms, channels=(CHANNEL,)))


def value(name: str) -> str:
    return f"{name}/{name}"


def opened(live: Workspace, user: str = ANA) -> str:
    """The form, opened from the answer to the command and filled; gives the view's id."""
    assert live.command(user, CHANNEL, "/triage", "flags").ok
    shown = told(live, user, "Change…")
    assert "Nothing is on trial" in shown.text
    live.click(user, CHANNEL, shown.ts, actions.FLAGS)
    live.wait_until(
        lambda: "Kept with your name" in json.dumps((v := live.view(user)) and v.content)
    )
    view = live.view(user)
    assert view
    return view.id


def test_a_switch_is_set_and_the_channel_is_told_by_whom_and_why(
    live: Workspace, database: Database, poster: Poster
) -> None:
    view = opened(live)
    chosen = {value("model"): "off", value(actions.REASON): "costs <!channel>"}
    assert live.submit(ANA, view, chosen).ok
    told(live, ANA, "switched *model off* (it was on)")
    assert [(one.flag, one.was, one.now, one.by) for one in latest(database)] == [
        ("model", ON, OFF, ANA)
    ]
    poster.drain()
    (posted,) = live.messages(CHANNEL)
    assert posted.text.startswith(f"<@{ANA}> switched *model off* (it was on), ")
    assert "<!channel>" not in posted.text
    told(live, ANA, "switched *model off*")


def test_a_share_is_chosen_in_the_form(live: Workspace, database: Database) -> None:
    view = opened(live)
    chosen = {value("trial"): "10 %", value(actions.REASON): "a first look"}
    assert live.submit(ANA, view, chosen).ok
    told(live, ANA, "switched *trial 10 %* (it was on)")
    form = modal.flags(standing(database), (), Origin("", CHANNEL))
    assert '"initial_option": {"text": {"type": "plain_text", "text": "10 %"}' in json.dumps(form)


def test_a_share_that_somebody_typed_is_among_the_choices(database: Database) -> None:
    wanted = {Flag.TRIAL: Position(percent=7)}
    switch(database, wanted, by=ANA, reason="", now=NOON)
    form = json.dumps(modal.flags(standing(database), (), Origin("", CHANNEL)))
    assert '"value": "7 %"' in form
    assert form.count('"value": "10 %"') == len([one for one in Flag if one.has_share])


def test_a_switch_needs_a_reason(live: Workspace, database: Database) -> None:
    view = opened(live)
    chosen = {value("model"): "off", value(actions.REASON): " x "}
    assert live.submit(ANA, view, chosen).errors.keys() == {actions.REASON}
    assert not latest(database)


def test_who_comes_too_late_is_told_and_overrules_nobody(
    live: Workspace, database: Database
) -> None:
    view = opened(live)
    switch(database, {Flag.MODEL: OFF}, by=TOMAS, reason="costs", now=NOON)
    chosen = {value("strong"): "off", value(actions.REASON): "slow"}
    refused = live.submit(ANA, view, chosen).errors[actions.REASON]
    assert refused == "Somebody set model to off meanwhile. Close this and open it again."
    assert [one.flag for one in latest(database)] == ["model"]


def test_what_stands_so_already_changes_nothing(live: Workspace, database: Database) -> None:
    assert live.submit(ANA, opened(live), {value(actions.REASON): "none"}).ok
    told(live, ANA, "nothing was switched")
    assert not latest(database)


def test_app_home_says_how_they_stand_and_opens_the_form(
    live: Workspace, database: Database
) -> None:
    switch(database, {Flag.SHADOW: OFF}, by=TOMAS, reason="costs", now=NOON)
    live.open_home(ANA)
    live.wait_until(lambda: "shadow *off*" in at_home(live, ANA))
    assert actions.FLAGS in at_home(live, ANA)


@settings(max_examples=30, deadline=None)
@given(STANDINGS, CHANGES)
def test_any_switches_are_accepted_and_dead(
    stand: tuple[Setting, ...], changes: list[Change]
) -> None:
    for shown in (
        switches.message(stand, changes),
        answer.flags(stand, changes),
        answer.switched(changes),
    ):
        assert accepted(shown)
        assert not alive(shown)
    assert accepted_view(modal.flags(stand, changes, Origin("", CHANNEL)))
    assert accepted_view(home.view(home.Queue((), ()), a_digest(), now=NOON, flags=stand))


def test_what_was_shown_comes_back_with_the_form(database: Database) -> None:
    switch(database, {Flag.MODEL: OFF}, by=ANA, reason="costs", now=NOON)
    form = modal.flags(standing(database), (), Origin("", CHANNEL))
    assert actions.from_metadata(form["private_metadata"]) == Origin(
        "", CHANNEL, {"model": 1, "strong": 0, "trial": 0, "shadow": 0}
    )
