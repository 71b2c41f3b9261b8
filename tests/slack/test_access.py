"""What Slack grants is asked for until we have it, and an outage is told of now and then."""

import logging
from threading import Event

import pytest

from bot.slack.access import Access, Grant
from tests.fakes import Clock


class Slack:
    """Cannot be reached until it is up; every attempt moves the clock by ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.attempts, self.is_up = clock, 0, False
        self.attempted = Event()

    def ask(self) -> None:
        self.attempts += 1
        self.clock.move(seconds=10)
        if self.attempts == 13:
            self.attempted.set()
        if not self.is_up:
            raise ConnectionRefusedError


def test_an_outage_is_one_line_a_minute_with_a_remedy_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    slack = Slack(clock)
    grant = Grant("SLACK_BOT_TOKEN", lambda: slack.is_up, slack.ask)
    access = Access([grant], clock=clock, watch_seconds=0.001)
    with caplog.at_level(logging.INFO, "bot.slack.access"):
        access.start()
        assert slack.attempted.wait(30)
        access.stop()
    said = [record.getMessage() for record in caplog.records]
    assert access.unwell().startswith("Slack cannot be reached (ConnectionRefusedError): check")
    assert 2 <= len(said) <= slack.attempts / 6 + 1
    assert all(line.startswith(access.unwell()) for line in said)
    assert not any(record.exc_info for record in caplog.records)
