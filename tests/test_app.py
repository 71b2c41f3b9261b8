"""What the wiring says before it starts."""

from datetime import time

from bot.app import plan
from bot.settings import Channel, Settings, Slack
from tests.builders import NOON


def test_it_says_what_it_is_going_to_do() -> None:
    channels = (
        Channel(id="C0123ABC", digest=(time(9),), timezone="Europe/Berlin"),
        Channel(id="C0456DEF", digest=(), alerts_per_hour=0, report="off"),
    )
    slack, first, second, *_ = plan(Settings(channels=channels), now=NOON)
    assert slack == "Slack: over Socket Mode"
    assert first == (
        "Channel C0123ABC: next digest 2026-11-19 09:00 Europe/Berlin, at most 6 alerts an hour, "
        "next weekly report 2026-11-23 09:30"
    )
    assert second == "Channel C0456DEF: no digest, no alerts, no weekly report"
    (reached, *_) = plan(Settings(slack=Slack(mode="http")), now=NOON)
    assert reached == "Slack: called at /slack/events"
