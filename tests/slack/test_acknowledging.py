"""All that Slack delivers is acknowledged in time, whatever then comes of it."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from slack_bolt import App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookResponse

from bot.core.ownership.decision import State
from bot.slack import actions, rights
from bot.slack.asked import Asked
from bot.slack.blocks.elements import Rendering, preformatted, section
from bot.slack.crew import Crew
from bot.slack.desk import Desk
from bot.workspace import Fault, FaultKind, Server, Workspace
from storage.database import Database
from tests.slack.conftest import (
    ANA,
    CHANNEL,
    SETTLED_SECONDS,
    TOMAS,
    Direct,
    answered,
    clicked,
    in_the_inbox,
    settle,
    under_way,
)
from tests.slack.people import at_home, opened, state, told

A_FORM = {"type": "modal", "id": "V1", "callback_id": "x"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (clicked("old_button", value="x"), "older version"),
        (clicked(actions.CLAIM, value="E-ZZZZ"), "There is no signature E-ZZZZ"),
        (clicked(actions.CLAIM, value="'; DROP TABLE signatures; --"), "There is no signature"),
        (clicked(actions.CLAIM), "There is no signature"),
        (clicked(actions.UNDO, value="²"), "which decision that was"),
        (clicked(actions.UNDO, value="999999"), "to undo"),
        (clicked(actions.MORE, selected_option={"value": "drop E-7K2"}), "older version"),
        ({**clicked(actions.SHARE, value="today"), "channel": None}, "There is no channel here"),
        ({"type": "view_submission", "user": {"id": ANA}, "view": A_FORM}, "older version"),
        ({"type": "shortcut", "callback_id": "x", "user": {"id": ANA}}, "older version"),
        ({"command": "/other", "user_id": ANA, "text": ""}, "older version"),
    ],
)
def test_what_is_odd_is_acknowledged_explained_and_no_error(
    app: App,
    desk: Desk,
    workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
    body: dict[str, Any],
    words: str,
) -> None:
    with caplog.at_level(logging.ERROR):
        assert answered(app, body) == 200
        settle(desk)
    home = workspace.home(ANA)
    assert home
    assert words in json.dumps(home.content, ensure_ascii=False)
    assert caplog.records == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"command": "/triage", "text": "today"}, "Work was given up: slack-tell"),
        (clicked(actions.MORE, value="mute"), "while handling block_actions"),
    ],
    ids=["from nobody", "with a trigger that Slack does not know"],
)
def test_what_slack_would_never_send_is_acknowledged_and_logged(
    app: App, desk: Desk, caplog: pytest.LogCaptureFixture, body: dict[str, Any], what: str
) -> None:
    with caplog.at_level(logging.ERROR):
        assert answered(app, body) == 200
        settle(desk)
    assert what in caplog.text


def test_a_decision_is_acknowledged_once_it_is_on_the_disk_and_kept_without_its_message(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    busy = replace(desk, work=Crew("busy", workers=1), commit_seconds=3_600.0)
    click = {**clicked(actions.CLAIM, value=short_id), "token": "t", "message": {"text": "secret"}}
    with under_way(busy.work):
        assert answered(rebuilt(busy), click) == 200
        assert state(database, short_id) is State.OPEN
        (kept,) = in_the_inbox(database)
        assert not kept.body.keys() & {"token", "message"}
    settle(busy)
    busy.inbox.finish(SETTLED_SECONDS)
    assert state(database, short_id) is State.CLAIMED
    assert in_the_inbox(database) == []


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (clicked(actions.CLAIM, value="E-7K2"), True),
        (clicked(actions.SHARE, value="today"), True),
        (clicked(actions.HELPS, value="E-7K2"), True),
        (clicked(actions.DETAILS, value="E-7K2"), False),
        (clicked(actions.MERGE, value="E-7K2"), False),
        (clicked(actions.MORE, value=actions.menu_value(actions.MUTE, "E-7K2")), False),
        ({"command": "/triage", "text": "claim E-7K2"}, True),
        ({"command": "/triage", "text": "today"}, False),
        ({"event": {"type": "app_mention", "text": "<@U0BOT> *Claim* E-7K2"}}, True),
        ({"event": {"type": "app_mention", "text": "<@U0BOT>"}}, False),
        ({"event": {"type": "app_mention", "text": "<@U0BOT> FATAL: claim of 12 failed"}}, False),
        ({"event": {"type": "app_home_opened"}}, False),
    ],
)
def test_what_changes_something_is_kept_and_no_pasted_error(
    body: dict[str, Any], changes: bool
) -> None:
    assert rights.changes(body) is changes


def test_what_only_asks_is_acknowledged_before_anything_is_looked_up(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    never = rebuilt(replace(desk, commit_seconds=3_600.0))
    with database.write():
        details = clicked(actions.DETAILS, value=short_id)
        assert answered(never, details) == 200
    settle(desk)


def test_a_decision_that_takes_longer_than_slack_waits_is_acknowledged_and_still_made(
    rebuilt: Callable[[Desk], App], desk: Desk, database: Database, short_id: str
) -> None:
    hasty = rebuilt(replace(desk, commit_seconds=0.0))
    with database.write():
        assert answered(hasty, clicked(actions.CLAIM, value=short_id)) == 200
        assert not desk.work.settle(0)
    settle(desk)
    assert state(database, short_id) is State.CLAIMED


def test_a_form_that_takes_too_long_closes_and_is_answered_later(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    view = opened(live, card, actions.RESOLVE, short_id, actions.VERSION)
    live.transport = Direct(rebuilt(replace(desk, commit_seconds=0.0)), desk, waits=False)
    with database.write():
        assert live.submit(ANA, view, {}).ok
        assert live.view(ANA) is None
    told(live, ANA, "resolved it")
    assert state(database, short_id) is State.RESOLVED


def test_what_was_entered_in_a_form_that_closed_in_vain_comes_back_with_the_reason(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    view = opened(live, card, actions.MUTE, short_id, actions.REASON)
    live.transport = Direct(rebuilt(replace(desk, commit_seconds=0.0)), desk, waits=False)
    with database.write():
        assert live.submit(ANA, view, {f"{actions.REASON}/{actions.REASON}": "  x"}).ok
    answer = told(live, ANA, "Not done")
    assert "Say in a few words why it is noise" in answer.text
    assert "You entered:" in answer.text
    assert state(database, short_id) is State.OPEN


def test_whom_there_is_no_room_for_is_told_and_nothing_is_done(
    rebuilt: Callable[[Desk], App],
    desk: Desk,
    live: Workspace,
    database: Database,
    card: str,
    short_id: str,
) -> None:
    full = replace(desk, work=Crew("full", workers=1, room=0))
    live.transport = Direct(rebuilt(full), desk)
    assert live.click(ANA, CHANNEL, card, actions.CLAIM).ok
    assert live.command(TOMAS, CHANNEL, "/triage", f"claim {short_id}").ok
    for person in (ANA, TOMAS):
        told(live, person, "this was not done. Try again in a minute")
    assert state(database, short_id) is State.OPEN


def test_what_is_asked_after_the_end_is_not_acknowledged_so_that_slack_says_so(
    app: App, desk: Desk, short_id: str
) -> None:
    desk.finish()
    assert answered(app, clicked(actions.CLAIM, value=short_id)) == 404


def test_an_app_home_that_fails_names_an_error_id_at_the_next_attempt(
    live: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Fault(kind=FaultKind.ERROR, method="views.publish", error="internal_error")
    live.faults.order(refused)
    with caplog.at_level(logging.ERROR):
        live.open_home(ANA)
        live.wait_until(lambda: "error `" in at_home(live, ANA))
    assert at_home(live, ANA).split("error `")[1][:8] in caplog.text
    assert "KeyError" not in caplog.text


def test_an_answer_whose_address_is_worn_out_is_given_in_app_home(
    live: Workspace, app: App, server: Server, short_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    body = {**clicked(actions.DETAILS, value=short_id), "response_url": f"{server.url}/response/x"}
    with caplog.at_level(logging.WARNING):
        answered(app, body)
        live.wait_until(lambda: "first seen" in at_home(live, ANA))
    assert [record.getMessage() for record in caplog.records] == [
        "An answer was refused: expired_url"
    ]


@pytest.mark.parametrize(
    ("body", "forms"),
    [
        ('{"ok":false,"error":"invalid_blocks"}', [2, 1, 0]),
        ("invalid_blocks", [2, 1, 0]),
        ('{"ok":false,"error":"used_url"}', [2]),
        ("<html>", [2]),
    ],
)
def test_an_answer_that_is_refused_is_said_in_a_plainer_form(
    desk: Desk, client: WebClient, workspace: Workspace, body: str, forms: list[int]
) -> None:
    sent: list[int] = []

    def respond(_: str, *, blocks: list[Any], **__: Any) -> WebhookResponse:
        sent.append(len(blocks))
        done = 200 if not blocks else 400
        return WebhookResponse(url="", status_code=done, body=body, headers={})

    click = {"user": {"id": ANA}, "response_url": "u"}
    asked = Asked(desk, click, client, cast("Respond", respond), BoltContext())
    asked.answer(Rendering("words", [section("words"), preformatted("a line")]))
    settle(desk)
    assert sent == forms
    assert (workspace.home(ANA) is None) == (0 in forms)


def test_a_broken_listener_names_an_error_id_that_the_log_has(
    live: Workspace, card: str, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.engine.dispose()
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sightings RENAME TO hidden")
    with caplog.at_level(logging.ERROR):
        live.click(ANA, CHANNEL, card, actions.DETAILS)
        message = told(live, ANA, "error `")
    assert message.text.split("error `")[1][:8] in caplog.text
