"""What the wiring says before it starts."""

from datetime import time

from bot.app import plan
from bot.settings import Channel, Settings, Slack
from tests.builders import NOON


def test_it_says_what_it_is_going_to_do() -> None:
    channels = (
        Channel(id="C0123ABC", digest=(time(9),), timezone="Europe/Berlin"),
        Channel(id="C0456DEF", digest=(), alerts_per_hour=0),
    )
    assert list(plan(Settings(channels=channels), now=NOON))[:3] == [
        "Slack: over Socket Mode",
        "Channel C0123ABC: next digest 2026-11-19 09:00 Europe/Berlin, at most 6 alerts an hour",
        "Channel C0456DEF: no digest, no alerts",
    ]
    (reached, *_) = plan(Settings(slack=Slack(mode="http")), now=NOON)
    assert reached == "Slack: called at /slack/events"
