"""An outage of Slack: nothing is lost, doubled or reordered, and nobody is hammered meanwhile."""

from datetime import timedelta

import pytest

from bot.slack.poster import LONGEST_WAIT, Poster
from bot.workspace import Fault, FaultKind, Workspace
from bot.workspace.state import Message
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock
from tests.promises import Figures
from tests.slack.test_poster import POST, want

HOUR = timedelta(hours=1)
CHANNELS = ("C000001", "C000002")
TURN_SECONDS = 20
EACH_TURN = 10
"""Turns between two messages in a channel."""
MOST_TRIES = 30
"""In a channel and an hour: soon at first, and then every five minutes."""


@pytest.mark.promise(row="R9")
@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_BEFORE])
def test_an_hour_without_slack_loses_nothing_and_keeps_the_order_of_each_channel(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    short_id: str,
    clock: Clock,
    kind: FaultKind,
    figures: Figures,
) -> None:
    lost_answers = Fault(kind=FaultKind.CUT_AFTER, method=POST, times=len(CHANNELS))
    workspace.faults.order(lost_answers, Fault(kind=kind, times=1_000_000))
    keys: dict[str, list[str]] = {channel: [] for channel in CHANNELS}
    turn = 0
    while clock() < NOON + HOUR:
        if turn % EACH_TURN == 0:
            for channel in CHANNELS:
                keys[channel].append(f"{channel}-{turn}")
                want(database, keys[channel][-1], short_id=short_id, channel=channel)
        poster.drain()
        clock.move(seconds=TURN_SECONDS)
        turn += 1
    tries = len(workspace.calls.of())
    assert all(len(workspace.messages(channel)) == 1 for channel in CHANNELS), "their answers lost"
    workspace.faults.clear()
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, method=POST, retry_after=30))
    drained = timedelta()
    while clock() < NOON + HOUR + 2 * LONGEST_WAIT:
        drained = clock() - NOON - HOUR if poster.drain() else drained
        clock.move(seconds=TURN_SECONDS)
    posted = {channel: [_key(m) for m in workspace.messages(channel)] for channel in CHANNELS}
    figures(
        f"{sum(map(len, keys.values()))} messages, {tries} tries in the hour, "
        f"the last posted {drained.seconds} s after it"
    )
    assert posted == keys
    assert drained <= LONGEST_WAIT + timedelta(seconds=60)
    assert tries <= MOST_TRIES * len(CHANNELS)


def _key(message: Message) -> str:
    return str(message.metadata["event_payload"]["key"])
