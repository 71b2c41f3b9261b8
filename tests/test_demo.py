import socket

import pytest

from bot import demo
from bot.errors import SettingsError
from bot.flows.record import record
from bot.slack import actions
from storage.database import Database
from tests.builders import an_event
from tests.slack.conftest import ANA, CHANNEL
from tests.slack.people import told

REASON = "Kept with your name"


def test_a_port_that_is_taken_is_said_before_anything_is_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(SettingsError, match="choose another with --port"),
    ):
        demo.run(once=False, port=taken.getsockname()[1])
    assert not capsys.readouterr().err


def test_it_says_that_its_clock_is_another_and_that_it_calls_people_sooner() -> None:
    said = demo._welcome("http://here")
    assert "18 Nov 2026 23:59 UTC" in said
    assert "after 2 and 4 minutes, usually 10 and 20,\n  in the thread of the digest" in said


def test_where_no_bar_is_drawn_each_quarter_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    on_bytes = demo._quarters(1000)
    for _ in range(10):
        on_bytes(100)
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == [
        "25",
        "50",
        "75",
        "100",
    ]


def test_the_on_call_channel_is_told_who_switched_what_and_why(database: Database) -> None:
    record(database, [an_event(time=demo.END)], now=demo.END)
    with demo.posted(database, demo.starting_at(demo.END)) as (workspace, _):
        workspace.command(ANA, demo.ON_CALL, "/triage", "flags")
        shown = told(workspace, ANA, "Change…")
        workspace.click(ANA, demo.ON_CALL, shown.ts, actions.FLAGS)
        workspace.wait_until(lambda: (view := workspace.view(ANA)) and REASON in str(view.content))
        view = workspace.view(ANA)
        assert view
        chosen = {"model/model": "off", f"{actions.REASON}/{actions.REASON}": "costs"}
        assert workspace.submit(ANA, view.id, chosen).ok
        workspace.wait_until(
            lambda: any("switched *model off*" in one.text for one in workspace.messages(CHANNEL))
        )
