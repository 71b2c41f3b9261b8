"""One error, from a line in a log to the digest, through what people decide, to the next morning.

Everything is the real thing: the reader, the database, the wired service with its Bolt app and its
poster; only Slack is the local workspace, and the clock moves when it is told to.
"""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime, time, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from pydantic import SecretStr

from bot import metrics
from bot.app import running
from bot.core.ownership.decision import State
from bot.core.telling.digest import Card
from bot.flows import authorize, look
from bot.flows.ingest import Account, ingest
from bot.flows.report import report_now
from bot.flows.watch import Watch
from bot.hooks import deploys as hooks
from bot.receiver import LIVE, READY
from bot.settings import Channel, Http, Settings, Slack
from bot.slack import actions
from bot.sources.field_names import FieldNames
from bot.sources.files import Reader
from bot.sources.loki_query import Loki
from bot.sources.web import WITHIN_SECONDS
from bot.workspace import Message, Workspace, serve
from storage.database import Database
from tests import loki
from tests.builders import NOON
from tests.fakes import Clock

CHANNEL = "C000001"
ANA, TOMAS = "U000ANA", "U000TOMAS"
PAYMENTS, EXPORTS = "payment failed: connection refused", "export failed: template not found"

Serving = Callable[[], AbstractContextManager[Any]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["socket", "http"])
def slack(request: pytest.FixtureRequest, clock: Clock) -> Iterator[tuple[Workspace, Settings]]:
    """A workspace and the settings that connect the service to it, in each of the two ways."""
    over_http, port = request.param == "http", _a_free_port()
    events = f"http://127.0.0.1:{port}/slack/events" if over_http else ""
    workspace = Workspace(clock=clock, request_url=events)
    with serve(workspace) as server:
        reached = Slack(
            mode=request.param,
            api_url=server.api_url,
            bot_token=SecretStr(workspace.bot_token),
            app_token=SecretStr("" if over_http else workspace.app_token),
            signing_secret=SecretStr(workspace.signing_secret if over_http else ""),
        )
        channel = Channel(id=CHANNEL, digest=(time(NOON.hour, 1),))
        yield workspace, Settings(slack=reached, channels=(channel,), http=Http(port=port))


class Story:
    """The people of a workspace, and the database that has to agree with what they see."""

    def __init__(
        self, workspace: Workspace, settings: Settings, database: Database, clock: Clock
    ) -> None:
        self.workspace, self._settings = workspace, settings
        self._database, self._clock = database, clock

    @contextmanager
    def a_day_with(self, file: Path) -> Iterator[Message]:
        """Read a log at noon, and a minute later start the service and see its digest."""
        before = len(self.workspace.messages(CHANNEL))
        ingest(self._database, Reader(file, self._clock), Account(), clock=self._clock)
        rules = self._settings.detection.rules
        Watch(self._database, self._clock, rules=rules, site_rules=()).look()
        self._clock.move(minutes=1)
        with running(self._settings, self._database, clock=self._clock):
            self.sees(lambda: len(self.workspace.messages(CHANNEL)) == before + 1)
            yield self.workspace.messages(CHANNEL)[-1]

    def sees(self, seen: Callable[[], object]) -> None:
        self.workspace.wait_until(seen, seconds=10)

    def card(self, short_id: str) -> Card:
        return look.card(self._database, short_id, now=self._clock())

    def today(self) -> tuple[Card, ...]:
        return look.today(self._database, now=self._clock()).cards

    def trail(self, short_id: str) -> list[tuple[str, str]]:
        """Who decided what, in the order in which they did."""
        return [(one.by, one.kind) for one in reversed(look.history(self._database, short_id))]

    def shows(self, ts: str, short_id: str, *words: str) -> bool:
        """Whether a message says all that on the card of a signature."""
        return all(word in _of_card(self._message(ts), short_id) for word in words)

    def line(self, ts: str, short_id: str) -> str:
        """What the text of a message, which is all that a phone shows, says of a signature."""
        lines = self._message(ts).text.splitlines()
        return next(line for line in lines if short_id in line)

    def told(self, user: str, words: str) -> Message:
        """Wait until only that person is told something."""

        def found() -> list[Message]:
            own = self.workspace.ephemerals(user, CHANNEL)
            return [message for message in own if words in message.text]

        self.sees(found)
        return found()[-1]

    def lines(self, ts: str, short_id: str) -> list[str]:
        """What the thread says was decided, a line a decision."""
        replies = [reply.text for reply in self.workspace.thread(CHANNEL, ts)]
        return [text for text in replies if text.startswith(f"*{short_id}*: ")]

    def form(self, user: str, ts: str, verb: str, short_id: str) -> str:
        """Choose a form from the menu of a card, and wait until it is filled."""
        value = actions.menu_value(verb, short_id)
        menu = _block_of(self._message(ts), short_id)
        assert self.workspace.click(user, CHANNEL, ts, actions.MORE, block_id=menu, value=value).ok
        self.sees(lambda: "submit" in self._open_view(user))
        view = self.workspace.view(user)
        assert view
        return view.id

    def _message(self, ts: str) -> Message:
        return self.workspace.state.channel(CHANNEL).messages[ts]

    def _open_view(self, user: str) -> dict[str, Any]:
        view = self.workspace.view(user)
        return view.content if view else {}


def test_one_error_from_a_line_in_a_log_to_the_next_days_digest(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock, tmp_path: Path
) -> None:
    workspace, settings = slack
    story = Story(workspace, settings, database, clock)

    with story.a_day_with(_a_log(tmp_path, PAYMENTS, clock())) as digest:
        error = next(card for card in story.today() if card.title.startswith("payment failed"))
        name, ts = error.short_id, digest.ts
        assert digest.text.startswith("*1 new · 1 quiet*")
        halves = ("acme 50\N{NO-BREAK SPACE}%", "globex 50\N{NO-BREAK SPACE}%")
        assert story.shows(ts, name, "🆕 new", "⚪ open", *halves, PAYMENTS)
        assert (error.state, error.owner, error.last_day) == (State.OPEN, "platform", 40)
        story.sees(lambda: workspace.thread(CHANNEL, ts))
        (details,) = workspace.thread(CHANNEL, ts)
        assert "*40* in 24 h" in details.text
        assert "first seen" in details.text

        assert workspace.command(TOMAS, CHANNEL, "/triage", f"show {name}").ok
        shown = story.told(TOMAS, name)
        do = _block_of(digest, name)
        assert workspace.click(ANA, CHANNEL, ts, actions.CLAIM, block_id=do).ok
        story.sees(lambda: story.shows(ts, name, "🙋 claimed", f"claimed by <@{ANA}>"))
        assert f"claimed by <@{ANA}>" in story.line(ts, name)
        story.told(ANA, "claimed it")
        assert (story.card(name).state, story.card(name).assignee) == (State.CLAIMED, ANA)

        clock.move(seconds=4)
        assert workspace.click(TOMAS, CHANNEL, shown.ts, actions.CLAIM).ok
        late = story.told(TOMAS, f"claimed by <@{ANA}> 4 s ago. Take over?")
        assert story.card(name).assignee == ANA
        assert workspace.click(TOMAS, CHANNEL, late.ts, actions.TAKE_OVER).ok
        story.sees(lambda: story.shows(ts, name, f"claimed by <@{TOMAS}>"))
        assert story.card(name).assignee == TOMAS

        form = story.form(TOMAS, ts, actions.REROUTE, name)
        given = {f"{actions.TEAM}/{actions.TEAM}": "dev"}
        assert workspace.submit(TOMAS, form, given).ok
        story.sees(lambda: story.shows(ts, name, "Owner: *dev*"))
        assert "owner dev" in story.line(ts, name)
        assert (story.card(name).owner, story.card(name).assignee) == ("dev", TOMAS)

        form = story.form(TOMAS, ts, actions.MUTE, name)
        reason = f"{actions.REASON}/{actions.REASON}"
        refused = workspace.submit(TOMAS, form, {reason: "no"})
        assert "at least 3 characters" in refused.errors[actions.REASON]
        assert story.card(name).state is State.CLAIMED
        assert workspace.submit(TOMAS, form, {reason: "the bank is down until Friday"}).ok
        story.sees(lambda: story.shows(ts, name, "🔕 muted", "the bank is down until Friday"))
        muting = story.told(TOMAS, "muted it")
        held = story.card(name).mute
        assert held
        assert (held.by, held.until) == (TOMAS, clock() + timedelta(days=7))

    clock.move(days=1, minutes=-1)
    with story.a_day_with(_a_log(tmp_path, PAYMENTS, clock(), EXPORTS)) as next_digest:
        assert name not in next_digest.text
        assert "1 new" in next_digest.text
        assert "mutes hid 40 events of 1 signature" in next_digest.text
        assert story.card(name).last_day == 40

        assert workspace.click(TOMAS, CHANNEL, muting.ts, actions.UNDO).ok
        story.told(TOMAS, "undid mute")
        story.sees(lambda: story.shows(ts, name, "🙋 claimed", f"claimed by <@{TOMAS}>"))
        assert (story.card(name).state, story.card(name).mute) == (State.CLAIMED, None)

        later = ("claim", "reroute", "mute", "undo")
        decided = [(ANA, "claim"), *((TOMAS, kind) for kind in later)]
        assert story.trail(name) == [decided[0], (TOMAS, "too late"), *decided[1:]]
        story.sees(
            lambda: [_who(line) for line in story.lines(ts, name)] == [w for w, _ in decided]
        )
        assert [message.ts for message in workspace.messages(CHANNEL)] == [ts, next_digest.ts]


def _a_log(folder: Path, message: str, now: datetime, *more: str) -> Path:
    """A usual error every three hours since three days, and fresh ones within the last minutes."""
    usual = [
        _line(now - timedelta(hours=hours), "search timed out", "search", "initech")
        for hours in range(2, 72, 3)
    ]
    fresh = [
        _line(now - timedelta(minutes=minutes + 1), words, "checkout", customer)
        for words in (message, *more)
        for minutes in range(20)
        for customer in ("acme", "globex")
    ]
    file = folder / f"{now:%d}.jsonl"
    file.write_text("".join(usual + fresh), encoding="utf-8")
    return file


def _line(at: datetime, message: str, service: str, customer: str) -> str:
    said = {"message": message, "service": service, "customer": customer, "level": "error"}
    return json.dumps({"timestamp": at.isoformat(), **said}) + "\n"


def _of_card(message: Message, short_id: str) -> str:
    own = [b for b in message.blocks if str(b.get("block_id", "")).startswith(f"{short_id}.")]
    return json.dumps(own, ensure_ascii=False)


def _block_of(message: Message, short_id: str) -> str:
    """The row of controls of a card."""
    return next(
        str(block["block_id"])
        for block in message.blocks
        if block["type"] == "actions" and block["block_id"].startswith(f"{short_id}.")
    )


def _who(line: str) -> str:
    """Whom a line of the thread mentions."""
    found = re.search(r"<@(\w+)>", line)
    return found[1] if found else ""


def _a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_the_running_bot_is_told_of_a_deploy(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock
) -> None:
    _, settings = slack
    http = settings.http.model_copy(update={"api_key": SecretStr("k" * 32)})
    with running(settings.model_copy(update={"http": http}), database, clock=clock) as service:
        body = b'{"service": "checkout", "version": "4.19.1"}'
        with closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
            connection.request("POST", hooks.PATH, body, {"Authorization": f"Bearer {'k' * 32}"})
            assert connection.getresponse().status == 200


def test_errors_are_sent_to_the_running_bot_and_its_health_tells_how_fresh_they_are(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock
) -> None:
    _, settings = slack
    named = settings.model_copy(update={"fields": FieldNames(message=("meldung",))})
    key = authorize.make(database, "checkout", now=clock()).text
    headers = {"Authorization": f"Bearer {key}"}
    with (
        running(named, database, clock=clock) as service,
        closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection,
    ):
        connection.request("POST", "/ingest", b'[{"meldung": "database down"}]', headers)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["accepted"]) == (200, 1)
        connection.request("GET", LIVE)
        (source,) = json.loads(connection.getresponse().read())["sources"]
        connection.request("GET", metrics.PATH)
        told = connection.getresponse().read().decode()
    assert (source["source"], source["received"]) == ("http/checkout", NOON.isoformat())
    assert 'triage_source_errors{source="http/checkout"} 1.0' in told
    assert 'triage_job_success_timestamp_seconds{job="watch"}' in told


def a_loki(url: str) -> Loki:
    return Loki(name="prod", url=url, query='{app="checkout"}')


def test_the_running_bot_asks_a_source_and_its_health_tells_how_far_it_was_read(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock
) -> None:
    workspace, settings = slack
    with loki.listening() as server:
        server.lines = [loki.Line(NOON - timedelta(minutes=5), "level=error msg=broken key=3 n=1")]
        settings = settings.model_copy(update={"sources": (a_loki(server.url),)})
        with (
            running(settings, database, clock=clock) as service,
            closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection,
        ):
            workspace.wait_until(lambda: any(one.succeeded for one in look.pulled(database)))
            connection.request("GET", LIVE)
            (source,) = json.loads(connection.getresponse().read())["sources"]
    assert (source["source"], source["errors_24h"]) == ("loki/prod", 1)
    assert source["pull"]["read_up_to"] == (NOON - timedelta(seconds=30)).isoformat()


def test_the_bot_stops_while_a_source_does_not_answer(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock
) -> None:
    _, settings = slack
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        settings = settings.model_copy(update={"sources": (a_loki(address),)})
        with running(settings, database, clock=clock):
            asked, _ = mute.accept()
            began = monotonic()
        assert monotonic() - began < WITHIN_SECONDS / 2
        asked.close()
    (left,) = look.pulled(database)
    assert (left.failures, left.trouble) == (0, "")


def test_a_channel_that_takes_nothing_makes_the_bot_neither_unready_nor_unwell(
    slack: tuple[Workspace, Settings], database: Database, clock: Clock
) -> None:
    workspace, settings = slack
    workspace.remove_bot(CHANNEL)
    with running(settings, database, clock=clock) as service:
        assert report_now(database, channel=CHANNEL, now=clock())
        workspace.wait_until(lambda: CHANNEL in look.status(database, now=clock()).backlog.reasons)
        with closing(HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
            for path in (LIVE, READY):
                connection.request("GET", path)
                answer = connection.getresponse()
                said = json.loads(answer.read())
                assert (answer.status, said["ok"], said["wrong"]) == (200, True, {})
