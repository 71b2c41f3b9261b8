"""Who has duty by PagerDuty is called, for as long as that is known."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.pagerduty import LONGEST_REPLY, Duties, PagerDuty, Shift, Untold
from bot.settings import PagerDuty as Given
from bot.settings import Settings, Team, load
from tests.builders import NOON

SCHEDULE, ANA_THERE, ANA = "PI7DH85", "PT23IWX", "U000ANA"
TOKEN = "y_NbAkKc66ryYTWUXYEu"


@dataclass
class Account:
    """A stand-in for PagerDuty on this machine: what it answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def tells(self, *oncalls: dict[str, Any]) -> None:
        self.body = json.dumps({"oncalls": oncalls, "more": False, "limit": 25}).encode()


def duty(person: str, *, level: int = 1, end: datetime | None = None) -> dict[str, Any]:
    """An entry as the API gives it."""
    return {
        "escalation_policy": {"id": "PEYSGVF", "type": "escalation_policy_reference"},
        "escalation_level": level,
        "schedule": {"id": SCHEDULE, "type": "schedule_reference", "summary": "Primary"},
        "user": {"id": person, "type": "user_reference", "summary": "Ana Lopes"},
        "start": "2026-11-16T09:00:00Z",
        "end": end.isoformat() if end else None,
    }


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    account.tells()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            account.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            self.send_response(account.status)
            self.send_header("Content-Length", str(len(account.body)))
            self.end_headers()
            self.wfile.write(account.body)

        def log_message(self, *_: object) -> None:
            """Not on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    account.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield account
    server.shutdown()
    thread.join()
    server.server_close()


def asked(account: Account) -> PagerDuty:
    return PagerDuty(account.url, TOKEN)


def test_the_one_who_is_called_first_has_duty(account: Account) -> None:
    until = NOON + timedelta(days=1)
    account.tells(duty("PSECOND", level=2), duty(ANA_THERE, end=until))
    assert asked(account).shift(SCHEDULE) == Shift(ANA_THERE, "Ana Lopes", until)
    ((path, headers),) = account.asked
    assert urlsplit(path).path == "/oncalls"
    assert parse_qs(urlsplit(path).query) == {"schedule_ids[]": [SCHEDULE]}
    assert headers["authorization"] == f"Token token={TOKEN}"
    assert headers["accept"] == "application/vnd.pagerduty+json;version=2"


def test_a_schedule_may_be_nobodys(account: Account) -> None:
    assert asked(account).shift(SCHEDULE) is None


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b"", "does not take PAGERDUTY_TOKEN"),
        (403, b"", "may not read it"),
        (500, b"<html>", "it answers 500: it is tried again"),
        (302, b"", "it answers 302"),
        (200, b"<html>", "none of PagerDuty's"),
        (200, b'{"oncalls": [{"user": {}}]}', "none of PagerDuty's"),
        (200, b"[" * (LONGEST_REPLY + 1), "too long"),
    ],
)
def test_what_it_does_not_say_is_told_with_the_remedy(
    account: Account, status: int, body: bytes, why: str
) -> None:
    account.status, account.body = status, body
    with pytest.raises(Untold, match=why):
        asked(account).shift(SCHEDULE)


def test_an_account_that_cannot_be_reached_is_no_crash() -> None:
    with pytest.raises(Untold, match="cannot be reached"):
        PagerDuty("http://127.0.0.1:9", TOKEN).shift(SCHEDULE)


def test_who_has_duty_is_not_asked_for_after_a_stop(account: Account) -> None:
    pagerduty = asked(account)
    pagerduty.stop()
    with pytest.raises(Untold, match="stopped"):
        pagerduty.shift(SCHEDULE)
    assert account.asked == []


def duties(account: Account, pagerduty: PagerDuty) -> Duties:
    assert account.url
    return Duties(pagerduty.shift, schedules=[SCHEDULE], people={ANA_THERE: ANA})


def test_what_was_told_holds_until_the_duty_ends_while_nothing_is_told(account: Account) -> None:
    end = NOON + timedelta(hours=1)
    account.tells(duty(ANA_THERE, end=end))
    pagerduty = asked(account)
    found = duties(account, pagerduty)
    assert found.whom(SCHEDULE, NOON) == ""
    found.refresh()
    account.status = 503
    found.refresh()
    assert found.whom(SCHEDULE, NOON) == ANA
    assert found.whom(SCHEDULE, end) == ""


def test_a_duty_that_passed_to_nobody_calls_nobody(account: Account) -> None:
    account.tells(duty(ANA_THERE))
    pagerduty = asked(account)
    found = duties(account, pagerduty)
    found.refresh()
    assert found.whom(SCHEDULE, NOON + timedelta(days=99)) == ANA
    account.tells()
    found.refresh()
    assert found.whom(SCHEDULE, NOON) == ""


def test_whom_slack_does_not_know_is_named_once(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    account.tells(duty("PSTRANGER"))
    pagerduty = asked(account)
    found = duties(account, pagerduty)
    found.refresh()
    found.refresh()
    assert found.whom(SCHEDULE, NOON) == ""
    (said,) = (record.getMessage() for record in caplog.records if record.name == "bot.pagerduty")
    assert "Ana Lopes has duty in PI7DH85" in said
    assert 'add PSTRANGER = "U0123ABC" to [pagerduty.people]' in said


def given(account: Account, *, token: str = TOKEN) -> Settings:
    return Settings(
        teams=(Team(name="dev", pagerduty=SCHEDULE), Team(name="platform", on_call="U000TOMAS")),
        pagerduty=Given(url=account.url, token=SecretStr(token), people={ANA_THERE: ANA}),
    )


def test_reminders_call_whoever_has_duty_in_the_schedule_of_a_team(account: Account) -> None:
    dev, platform = given(account).reached({SCHEDULE: ANA}.__getitem__)
    assert dev.on_duty(NOON) == (ANA,)
    assert platform.on_duty(NOON) == ("U000TOMAS",)


@pytest.mark.parametrize(
    ("oncalls", "line"),
    [
        ([duty(ANA_THERE)], "ok    PagerDuty: schedule PI7DH85 of dev: Ana Lopes has duty"),
        ([], "note  PagerDuty: schedule PI7DH85 of dev: nobody has duty now"),
        ([duty("PSTRANGER")], "FAIL  PagerDuty: Ana Lopes has duty in PI7DH85, and nobody is"),
    ],
)
def test_the_doctor_says_who_has_duty(
    account: Account, oncalls: list[dict[str, Any]], line: str
) -> None:
    account.tells(*oncalls)
    said: list[str] = []
    doctor.run(lambda: given(account), said.append, clock=lambda: NOON)
    assert [one for one in said if one.startswith(line)]


def test_without_a_token_the_doctor_says_where_it_is_made(account: Account) -> None:
    said: list[str] = []
    assert not doctor.run(lambda: given(account, token=""), said.append, clock=lambda: NOON)
    assert [one for one in said if "PAGERDUTY_TOKEN is not set" in one]
    assert account.asked == []


def test_the_token_comes_from_the_environment() -> None:
    found = load({"PAGERDUTY_TOKEN": TOKEN})
    assert found.pagerduty.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(found)
