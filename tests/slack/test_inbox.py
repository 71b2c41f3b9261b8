"""What is acknowledged outlives the process that took it, and is done once."""

from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from threading import Event
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.core.ownership.role import Roles
from bot.flows import look
from bot.slack import actions
from bot.slack.actions import Origin
from bot.slack.app import Link, connected
from bot.slack.crew import Crew
from bot.slack.desk import Desk
from bot.slack.inbox import Inbox
from bot.slack.members import Members
from bot.workspace import Workspace
from bot.workspace.state import Group
from storage import inbox
from storage.database import Database
from storage.locks import GONE_SECONDS
from tests.builders import NOON, a_presence
from tests.conftest import POSTGRESQL
from tests.fakes import Away, Clock
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    SETTLED_SECONDS,
    TOMAS,
    Setup,
    answered,
    clicked,
    in_the_inbox,
    settle,
    under_way,
)

ON_CALL = "S0ONCALL"
DEAD = "dead"
Rebuilt = Callable[[Desk], App]


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock, groups=[Group(ON_CALL, "oncall", "On call", (ANA,))])


def by(user: str, at: str, action: str, value: str) -> dict[str, object]:
    click = clicked(action, value=value, action_ts=at)
    return {**click, "user": {"id": user, "team_id": "T1"}}


def a_form(verb: str, short_id: str, **entered: str) -> dict[str, Any]:
    """A form that was sent, as it comes over the socket."""
    values = {name: {name: {"value": said}} for name, said in entered.items()}
    return {
        "type": "view_submission",
        "team": {"id": "T1"},
        "user": {"id": ANA, "team_id": "T1"},
        "token": "t",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": verb,
            "private_metadata": actions.metadata(Origin(short_id, CHANNEL)),
            "state": {"values": values},
            "blocks": ["what was asked"],
        },
    }


def decided(database: Database, short_id: str) -> list[tuple[str, str]]:
    """Who decided what, the oldest first."""
    return [(line.kind, line.by) for line in reversed(look.history(database, short_id))]


def reborn(desk: Desk) -> Desk:
    """The desk of the next process."""
    return replace(
        desk,
        inbox=Inbox(desk.database, a_presence(desk.database, token_hex(4)), clock=desk.clock),
        work=Crew("work", workers=2),
        tell=Crew("tell", workers=2),
    )


def served(rebuilt: Rebuilt, desk: Desk, setup: Setup) -> None:
    """A process that serves, and is told to stop."""
    with connected(rebuilt(desk), setup, desk):
        settle(desk)


def test_what_a_process_acknowledged_and_did_not_do_the_next_does_in_order(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, short_id: str
) -> None:
    dying = replace(reborn(desk), work=Crew("dying", workers=1), commit_seconds=3_600.0)
    clicks = [
        by(ANA, "1", actions.CLAIM, short_id),
        by(TOMAS, "2", actions.TAKE_OVER, short_id),
        by(TOMAS, "3", actions.RELEASE, short_id),
    ]
    with under_way(dying.work):
        app = rebuilt(dying)
        assert [answered(app, click) for click in clicks] == [200, 200, 200]
        assert decided(database, short_id) == []
        served(rebuilt, reborn(desk), setup)
        assert in_the_inbox(database) == []
    settle(dying)
    done = [("claim", ANA), ("claim", TOMAS), ("release", TOMAS)]
    assert decided(database, short_id) == done


def test_what_was_done_and_not_forgotten_is_not_done_again(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, short_id: str
) -> None:
    desk = replace(desk, roles=Roles(mute=(TOMAS,)))
    clicks = [by(ANA, "1", actions.CLAIM, short_id), by(ANA, "2", actions.UNMUTE, short_id)]
    app = rebuilt(desk)
    assert {answered(app, click) for click in clicks} == {200}
    settle(desk)
    desk.inbox.finish(SETTLED_SECONDS)
    with database.write() as session:
        inbox.add(session, {"claim": clicks[0], "unmute": clicks[1]}, holder=DEAD, now=NOON)
    served(rebuilt, reborn(desk), setup)
    assert decided(database, short_id) == [("claim", ANA), ("deny", ANA)]


def test_a_form_that_closed_before_its_commit_is_carried_out_by_the_next_process(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, short_id: str
) -> None:
    dying = replace(reborn(desk), work=Crew("dying", workers=1), commit_seconds=0.5)
    form = a_form(actions.NOTE, short_id, reason="the vendor knows")
    with under_way(dying.work):
        assert answered(rebuilt(dying), form) == 200
        assert dying.inbox._writer.settle(SETTLED_SECONDS)
        (kept,) = in_the_inbox(database)
        assert "token" not in kept.body
        assert "blocks" not in kept.body["view"]
        served(rebuilt, reborn(desk), setup)
        assert in_the_inbox(database) == []
    settle(dying)
    (noted,) = look.history(database, short_id)
    assert (noted.kind, noted.by, noted.reason) == ("note", ANA, "the vendor knows")


def test_who_is_of_another_workspace_stays_so_in_such_a_form(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, short_id: str
) -> None:
    form = a_form(actions.NOTE, short_id, reason="the vendor knows")
    form["team"], form["user"] = {"id": "T2"}, {"id": "U0KIM", "team_id": "T2"}
    form["view"]["app_installed_team_id"] = "T1"
    desk.inbox.keep("U0KIM:V1", {**form, "triage_closed": True}).wait(SETTLED_SECONDS)
    served(rebuilt, reborn(desk), setup)
    assert decided(database, short_id) == [("deny", "U0KIM")]


def test_what_was_entered_in_such_a_form_comes_back_where_it_was_in_vain(
    rebuilt: Rebuilt,
    desk: Desk,
    setup: Setup,
    workspace: Workspace,
    database: Database,
) -> None:
    form = a_form(actions.NOTE, "E-ZZZZ", reason="the vendor knows")
    with database.write() as session:
        inbox.add(session, {f"{ANA}:V1": {**form, "triage_closed": True}}, holder=DEAD, now=NOON)
    served(rebuilt, reborn(desk), setup)
    (answer,) = workspace.ephemerals(ANA, CHANNEL)
    assert "There is no signature E-ZZZZ" in answer.text
    assert "the vendor knows" in answer.text
    assert in_the_inbox(database) == []


def test_while_nobody_knows_who_may_it_waits(
    rebuilt: Rebuilt,
    desk: Desk,
    client: WebClient,
    setup: Setup,
    database: Database,
    clock: Clock,
    short_id: str,
) -> None:
    members = Members(client, [ON_CALL])
    desk = replace(desk, roles=Roles(decide=(ON_CALL,)), groups_of=members.groups_of)
    with database.write() as session:
        inbox.add(session, {"1": by(ANA, "1", actions.CLAIM, short_id)}, holder=DEAD, now=NOON)
    with connected(rebuilt(desk), setup, desk) as link:
        settle(desk)
        assert decided(database, short_id) == []
        members.refresh()
        _long_after(link, clock)
        settle(desk)
        assert decided(database, short_id) == [("claim", ANA)]


@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
@pytest.mark.promise(row="R23")
def test_what_a_replica_is_at_is_left_to_it_until_it_is_gone(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, clock: Clock, short_id: str
) -> None:
    other = a_presence(database, "other")
    other.keep()
    clicks = {
        "2": by(TOMAS, "2", actions.TAKE_OVER, short_id),
        "1": by(ANA, "1", actions.CLAIM, short_id),
    }
    with database.write() as session:
        for key in sorted(clicks):
            inbox.add(session, {key: clicks[key]}, holder="other", now=NOON)
    with connected(rebuilt(desk), setup, desk) as link:
        _long_after(link, clock)
        assert [one.holder for one in in_the_inbox(database)] == ["other", "other"]
        other.release()
        while _there(database, "other"):
            link.recover()
        _long_after(link, clock)
        settle(desk)
    assert decided(database, short_id) == [("claim", ANA), ("claim", TOMAS)]


def test_whoever_gets_its_turn_does_first_what_the_one_before_left(
    rebuilt: Rebuilt,
    desk: Desk,
    workspace: Workspace,
    setup: Setup,
    database: Database,
    short_id: str,
) -> None:
    """Nobody waits until that one counts as gone: to take over what was never claimed is in
    vain."""
    ours = Event()
    with connected(rebuilt(desk), setup, desk, is_ours=ours.is_set) as link:
        with database.write() as session:
            inbox.add(session, {"1": by(ANA, "1", actions.CLAIM, short_id)}, holder=DEAD, now=NOON)
        ours.set()
        link.take_turn()
        workspace.wait_until(lambda: workspace.sockets.connections)
        settle(desk)
        assert decided(database, short_id) == [("claim", ANA)]


def test_what_could_not_be_forgotten_is_later(database: Database, clock: Clock) -> None:
    """Or it would be done once more after this process, and answered."""
    away = Away(database.engine)
    kept = Inbox(away, a_presence(database), clock=clock)
    with database.write() as session:
        inbox.add(session, {"1": {}}, holder="test", now=NOON)
    kept.forget("1")
    assert kept._writer.settle(SETTLED_SECONDS)
    away.comes_back()
    assert in_the_inbox(database)
    assert kept.of_the_gone() == []
    kept.finish(SETTLED_SECONDS)
    assert in_the_inbox(database) == []


@pytest.mark.both_engines
def test_who_starts_does_at_once_what_is_left(
    rebuilt: Rebuilt, desk: Desk, setup: Setup, database: Database, short_id: str
) -> None:
    """Before anything else that comes: to take over what was never claimed is in vain."""
    with database.write() as session:
        inbox.add(session, {"1": by(ANA, "1", actions.CLAIM, short_id)}, holder=DEAD, now=NOON)
    served(rebuilt, reborn(desk), setup)
    assert decided(database, short_id) == [("claim", ANA)]


def _long_after(link: Link, clock: Clock) -> None:
    """Who is gone is so for long enough."""
    for seconds in (0, GONE_SECONDS):
        clock.move(seconds=seconds)
        link.recover()


def _there(database: Database, worker: str) -> bool:
    """Whether it is heard of; the server ends a session when it gets to it."""
    with database.read() as session:
        return not a_presence(database, "asks").missing(session, [worker])


def test_whom_there_is_no_room_for_leaves_nothing_behind(
    rebuilt: Rebuilt, desk: Desk, database: Database, short_id: str
) -> None:
    full = replace(desk, work=Crew("full", workers=1, room=0))
    assert answered(rebuilt(full), by(ANA, "1", actions.CLAIM, short_id)) == 200
    settle(full)
    full.inbox.finish(SETTLED_SECONDS)
    assert in_the_inbox(database) == []
