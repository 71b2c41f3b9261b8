"""Who may do what is checked at every click, command and form; who may not is told whom to ask."""

from dataclasses import replace
from typing import Any, cast

import pytest
from slack_bolt import BoltRequest, Respond
from slack_sdk import WebClient

from bot.core.ownership.decision import State
from bot.core.ownership.role import Right, Roles
from bot.core.ownership.scope import Breadth, Scope
from bot.flows import decide, look
from bot.slack import actions, rights
from bot.slack.actions import Origin
from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.members import Members
from bot.slack.poster import Poster
from bot.slack.rights import Claim
from bot.workspace import Message, Workspace
from bot.workspace.state import Group, Person
from bot.workspace.workspace import SCOPES
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock
from tests.slack.conftest import ANA, CHANNEL, TOMAS

ON_CALL, SOFIA = "S0ONCALL", "U000SOFIA"
ROLES = Roles(decide=(ON_CALL,), mute=(SOFIA,), configure=(SOFIA,))


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    """Ana has duty."""
    return Workspace(clock=clock, groups=[Group(ON_CALL, "oncall", "On call", (ANA,))])


@pytest.fixture
def members(client: WebClient) -> Members:
    return Members(client, [ON_CALL])


@pytest.fixture
def desk(desk: Desk, members: Members) -> Desk:
    return replace(desk, roles=ROLES, groups_of=members.groups_of)


@pytest.fixture
def card(live: Workspace, poster: Poster, digest_id: int) -> str:
    assert digest_id
    poster.drain()
    return live.messages(CHANNEL)[0].ts


def told(workspace: Workspace, user: str, words: str) -> Message:
    def seen() -> list[Message]:
        return [one for one in workspace.ephemerals(user, CHANNEL) if words in one.text]

    workspace.wait_until(seen)
    return seen()[-1]


def state(database: Database, short_id: str) -> State:
    return look.card(database, short_id, now=NOON).state


def test_who_is_in_the_group_decides_and_who_is_not_is_told_whom_to_ask(
    live: Workspace, members: Members, database: Database, card: str, short_id: str
) -> None:
    members.refresh()
    live.click(TOMAS, CHANNEL, card, actions.CLAIM)
    denied = told(live, TOMAS, "You may not claim")
    assert denied.text.endswith(f"That is for others here. Ask <!subteam^{ON_CALL}>, who may.")
    assert state(database, short_id) is State.OPEN
    (line,) = look.history(database, short_id)
    assert (line.kind, line.by, line.sentence) == (
        "deny",
        TOMAS,
        f"<@{TOMAS}> wanted to claim, and may not",
    )

    live.click(ANA, CHANNEL, card, actions.CLAIM)
    told(live, ANA, "claimed it")
    assert state(database, short_id) is State.CLAIMED


def test_who_might_not_end_a_wide_mute_stands_in_the_trail_of_the_error_it_began_on(
    live: Workspace, members: Members, database: Database, short_id: str
) -> None:
    members.refresh()
    scope = Scope(Breadth.SERVICE, "checkout")
    decide.mute(database, short_id, by=SOFIA, now=NOON, reason="a deploy", until=None, scope=scope)
    live.command(TOMAS, CHANNEL, "/triage", "muted")
    shown = told(live, TOMAS, "Muted: every error of service checkout")
    live.click(TOMAS, CHANNEL, shown.ts, actions.END_WIDE)
    told(live, TOMAS, "You may not end the mute")
    said = look.history(database, short_id)[0].sentence
    assert said == f"<@{TOMAS}> wanted to end the mute, and may not"


def test_a_command_asks_for_the_same_right_as_the_button(
    live: Workspace, members: Members, database: Database, short_id: str
) -> None:
    members.refresh()
    live.command(TOMAS, CHANNEL, "/triage", f" Resolve  {short_id.lower()} ")
    told(live, TOMAS, "You may not resolve")
    live.command(TOMAS, CHANNEL, "/triage", f"show {short_id}")
    told(live, TOMAS, "payment failed")
    assert state(database, short_id) is State.OPEN


@pytest.mark.parametrize("said", ["claim", "Resolve it please"])
def test_naming_us_in_a_thread_asks_for_the_same_right_as_the_button(
    live: Workspace, members: Members, database: Database, short_id: str, said: str
) -> None:
    members.refresh()
    pasted = live.say(ANA, CHANNEL, "ERROR payment failed: connection refused")
    live.say(TOMAS, CHANNEL, f"<@U000TRIAGE> {said}", thread_ts=pasted.ts)
    told(live, TOMAS, "You may not")
    assert state(database, short_id) is State.OPEN
    assert [line.kind for line in look.history(database, short_id)] == ["deny"]


def test_a_form_that_was_opened_before_is_refused_too(
    live: Workspace, members: Members, database: Database, card: str, short_id: str
) -> None:
    members.refresh()
    value = actions.menu_value(actions.MUTE, short_id)
    live.click(SOFIA, CHANNEL, card, actions.MORE, value=value)
    live.wait_until(lambda: "submit" in live.view(SOFIA).content if live.view(SOFIA) else False)
    view = live.view(SOFIA)
    assert view
    live.click(ANA, CHANNEL, card, actions.MORE, value=value)
    told(live, ANA, "You may not mute")
    reason = f"{actions.REASON}/{actions.REASON}"
    assert live.submit(SOFIA, view.id, {reason: "a drill"}).ok
    told(live, SOFIA, "muted it")
    assert state(database, short_id) is State.MUTED


def test_until_slack_told_who_is_in_a_group_it_says_so(
    live: Workspace, members: Members, database: Database, card: str, short_id: str
) -> None:
    live.scopes = SCOPES - {"usergroups:read"}
    members.refresh()
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    told(live, ANA, "Try again in a minute")
    live.scopes = SCOPES
    members.refresh()
    live.scopes = SCOPES - {"usergroups:read"}
    members.refresh()
    live.click(ANA, CHANNEL, card, actions.CLAIM)
    told(live, ANA, "claimed it")
    assert state(database, short_id) is State.CLAIMED


def test_what_is_denied_is_neither_undone_nor_in_the_way_of_an_undo(
    database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    assert decide.deny(database, short_id, verb="claim", by=ANA, now=NOON)
    decide.undo(database, by=ANA, now=NOON)
    assert state(database, short_id) is State.OPEN
    assert not decide.deny(database, "E-NOPE", verb="claim", by=ANA, now=NOON)


KIM = Person("U0KIM", "kim", "Kim of globex", team="T0GLOBEX")


def test_who_is_of_another_workspace_reads_and_decides_nothing_in_a_channel_shared_with_it(
    live: Workspace, database: Database, card: str, short_id: str
) -> None:
    live.share(CHANNEL, KIM)
    for number, action in enumerate((actions.DETAILS, actions.CLAIM), start=1):
        live.click(KIM.id, CHANNEL, card, action)
        assert len(live.ephemerals(KIM.id, CHANNEL)) == number
    pasted = live.say(ANA, CHANNEL, "ERROR payment failed: connection refused")
    live.say(KIM.id, CHANNEL, "<@U000TRIAGE> resolve", thread_ts=pasted.ts)
    said = [one.text for one in live.ephemerals(KIM.id, CHANNEL)]
    assert len(said) == 3
    assert all("You are of another workspace than I am" in one for one in said)
    live.click(KIM.id, CHANNEL, card, actions.MORE, value=f"mute {short_id}")
    assert live.view(KIM.id) is None
    assert state(database, short_id) is State.OPEN
    assert {(one.by, one.kind) for one in look.history(database, short_id)} == {(KIM.id, "deny")}


def test_what_somebody_of_another_workspace_tells_us_by_a_mention_is_in_the_trail(
    live: Workspace, database: Database, card: str, short_id: str
) -> None:
    live.share(CHANNEL, KIM)
    live.say(KIM.id, CHANNEL, f"<@U000TRIAGE> show {short_id}")
    assert not look.history(database, short_id)
    live.say(KIM.id, CHANNEL, f"<@U000TRIAGE> resolve {short_id}")
    ((by, kind),) = ((one.by, one.kind) for one in look.history(database, short_id))
    assert (by, kind) == (KIM.id, "deny")


OURS = {"team_id": "T1", "enterprise_id": "E1"}
BEHIND = {"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}


@pytest.mark.parametrize(
    ("body", "is_foreign"),
    [
        ({"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}, False),
        ({"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T2"}}, True),
        ({**BEHIND, "user": {"id": "U1", "team_id": "T2"}}, True),
        ({**BEHIND, "user": {"id": "U1", "team_id": "T1"}}, False),
        ({"team_id": "T2", "authorizations": [OURS], "event": {"user_team": "T2"}}, True),
        ({"team_id": "T2", "authorizations": [OURS], "event": {"user_team": "T1"}}, False),
        ({"team_id": "T2", "authorizations": [OURS], "event": {"user_team": "E1"}}, False),
        ({"team_id": "T1", "authorizations": [OURS], "event": {}}, False),
    ],
)
def test_ours_is_the_workspace_of_the_app_whoever_shares_the_channel(
    desk: Desk, client: WebClient, body: dict[str, Any], is_foreign: bool
) -> None:
    context = BoltRequest(body=body, mode="socket_mode").context
    respond = cast("Respond", None)
    assert Asked(desk, body, client, respond, context).is_foreign is is_foreign


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        (
            {"actions": [{"action_id": "take_over", "value": "E-7K2"}]},
            Claim("take_over", Right.DECIDE, "E-7K2"),
        ),
        (
            {"actions": [{"action_id": "more", "selected_option": {"value": "end_all E-7K2"}}]},
            Claim("end_all", Right.MUTE, "E-7K2"),
        ),
        (
            {"actions": [{"action_id": "end_the_mute", "value": "7"}]},
            Claim("end_the_mute", Right.MUTE, "7"),
        ),
        (
            {"actions": [{"action_id": "flags", "value": "flags"}]},
            Claim("flags", Right.CONFIGURE, "flags"),
        ),
        ({"actions": [{"action_id": "details", "value": "E-7K2"}]}, None),
        (
            {
                "type": "view_submission",
                "view": {
                    "callback_id": "reroute",
                    "private_metadata": actions.metadata(Origin("E-7K2")),
                },
            },
            Claim("reroute", Right.DECIDE, "E-7K2"),
        ),
        ({"command": "/triage", "text": "`Unmute` e-7k2"}, Claim("unmute", Right.MUTE, "e-7k2")),
        ({"command": "/triage", "text": "flags"}, None),
        ({"command": "/triage", "text": ""}, None),
        ({"event": {"type": "app_mention"}}, None),
    ],
)
def test_what_came_from_slack_says_which_right_it_takes(
    body: dict[str, object], claim: Claim | None
) -> None:
    assert rights.claimed(body) == claim
