"""What comes back from Slack is under the control of whoever sends it, and what stands in a log is
under the control of whoever causes an error: neither decides, breaks or fetches anything."""

import logging
from datetime import timedelta
from itertools import product, starmap
from socket import create_server
from typing import Any

import pytest
from slack_bolt import App

from bot.core.detection.threshold import Rules
from bot.flows import look
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.slack import actions
from bot.slack.desk import Desk
from bot.slack.poster import Poster
from bot.workspace import Workspace
from storage.database import Database
from tests.builders import NOON, an_event
from tests.slack.conftest import ANA, CHANNEL, answered, clicked, settle

EVERY = (
    *(actions.CLAIM, actions.TAKE_OVER, actions.RELEASE, actions.DETAILS, actions.MORE),
    *(
        actions.UNDO,
        actions.SHARE,
        actions.HELPS,
        actions.WRONG,
        actions.NOTE,
        actions.MERGE,
        actions.SPLIT,
        actions.UNMUTE,
    ),
    *(actions.END_ALL, actions.END_WIDE, actions.FIRST, actions.NEXT, actions.WHY, actions.FLAGS),
)
METADATA = (
    *("", "[]", "[" * 2_900, '{"id": {"a": 1}}', '{"id": "\\ud800"}'),
    '{"id": "x", "channel": "../C1", "seen": 3, "read": [1]}',
)
FORMS = [
    actions.MUTE,
    actions.REROUTE,
    actions.RESOLVE,
    actions.WRONG,
    actions.FLAGS,
    actions.MERGE,
    actions.SPLIT,
]
NO_TRIGGER = "invalid_trigger_id"
"""Slack's answer to a form that is opened for a click of ours."""
FORGED = (
    "9" * 400,
    "E-0000' OR '1'='1",
    "mute ID' --",
    "resolve\x00",
    "\ud800",
    "<!channel> ${7*7} {{ 7*7 }}",
    "ID|x|y|z|ID",
    "0 search " + "(a+)+$" * 30,
)


def test_forged_values_and_forms_decide_nothing_and_break_nothing(
    app: App, desk: Desk, database: Database, short_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    clicks = [
        clicked(action, value=value.replace("ID", short_id), action_ts=f"{number}.5")
        for action in EVERY
        for number, value in enumerate(FORGED)
    ]
    with caplog.at_level(logging.ERROR):
        for number, body in enumerate((*clicks, *starmap(submitted, product(FORMS, METADATA)))):
            assert answered(app, body) == 200
            if number % len(FORGED) == 0:
                settle(desk)
        settle(desk)
    assert not look.history(database, short_id)
    told = [one for one in caplog.records if NO_TRIGGER not in str(one.exc_info)]
    assert [one.getMessage() for one in told] == []


def submitted(form: str, metadata: str) -> dict[str, Any]:
    """A form that is sent as nobody filled it in."""
    values = {
        "reason": {"reason": {"value": "x"}},
        "team": {"team": {"value": "\x00"}},
        "until": {"until": {"selected_option": {"value": "9" * 30}}},
        "max_events": {"max_events": {"value": "-1"}},
    }
    view = {"id": f"V{metadata}", "callback_id": form, "private_metadata": metadata}
    return {
        "type": "view_submission",
        "user": {"id": ANA, "team_id": "T1"},
        "team": {"id": "T1"},
        "view": {**view, "type": "modal", "state": {"values": values}},
    }


def test_no_address_in_a_log_is_ever_asked(
    live: Workspace, poster: Poster, database: Database
) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.png"
        event = an_event(
            time=NOON - timedelta(minutes=1),
            message=f"OutOfMemoryError: see {url} <{url}|here> ![x]({url}) file:///etc/passwd",
            service=url,
            customer=url,
            version=url,
            stack=f'  File "{url}", line 1, in f\n',
        )
        touched = record(database, [event], now=NOON).signature_ids
        detect(database, touched, now=NOON, rules=Rules())
        triage(database, now=NOON, site_rules=())
        report_now(database, channel=CHANNEL, now=NOON)
        poster.drain()
        poster.illustrate()
        (name,) = [
            card.short_id for card in look.unclaimed(database, now=NOON) if card.service == url
        ]
        for words in ("today", f"show {name}", f"why {name}", f"prompt {name}"):
            assert live.command(ANA, CHANNEL, "/triage", words).ok
        live.wait_until(lambda: len(live.ephemerals(ANA, CHANNEL)) >= 4)
        with pytest.raises(BlockingIOError):
            server.accept()
