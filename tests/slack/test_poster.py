"""Messages reach Slack once, in order and as they should stand, whatever goes wrong."""

import json
import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.core.detection.threshold import Rules
from bot.core.telling.policy import Policy
from bot.flows import decide, look
from bot.flows.alert import alert
from bot.flows.confirm import confirm
from bot.flows.detect import detect
from bot.flows.record import record
from bot.flows.report import report_now
from bot.slack import limits
from bot.slack.app import web_client
from bot.slack.blocks import elements
from bot.slack.poster import LEASE_SECONDS, LONGEST_WAIT, PATIENCE, Poster
from bot.workspace import Fault, FaultKind, Server, Workspace, serve
from bot.workspace.state import Message as Posted
from bot.workspace.workspace import SCOPES
from storage import copies, outbox
from storage.database import Database, open_database
from storage.tables import Message
from tests.builders import NOON, an_event, statements
from tests.fakes import Clock
from tests.slack.conftest import ANA, CHANNEL, TOMAS, number_of

POST, UPDATE, DELETE = "chat.postMessage", "chat.update", "chat.delete"
LATER = NOON + timedelta(minutes=10)


def want(database: Database, key: str, **facts: object) -> int:
    """Want a card of a signature."""
    short_id = str(facts.pop("short_id"))
    with database.write() as session:
        made = outbox.add(
            session,
            key,
            channel=str(facts.pop("channel", CHANNEL)),
            kind=str(facts.pop("kind", "card")),
            content={"signature": short_id},
            now=facts.pop("now", NOON),  # type: ignore[arg-type]
            **facts,  # type: ignore[arg-type]
        )
    assert made
    return made


def stored(database: Database, message_id: int) -> Message:
    with database.read() as session:
        message = outbox.get(session, message_id)
    assert message
    return message


def shown(message: Posted) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def test_a_digest_is_posted_with_its_details_below(
    poster: Poster, workspace: Workspace, digest_id: int, short_id: str
) -> None:
    poster.drain()
    (parent,) = workspace.messages(CHANNEL)
    assert parent.text.startswith("*1 new")
    key = {"key": f"digest:{digest_id}", "wanted_at": NOON.isoformat()}
    assert parent.metadata["event_payload"] == key
    (details,) = workspace.thread(CHANNEL, parent.ts)
    assert short_id in details.text
    assert "40 since at 2 customers" in details.text


def test_what_is_critical_is_posted_with_its_details_and_the_rest_listed(
    poster: Poster, workspace: Workspace, database: Database
) -> None:
    words = "java.lang.OutOfMemoryError: Java heap space"
    events = [an_event(service=service, message=words) for service in ("cart", "login", "mail")]
    touched = record(database, events, now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    alert(database, channels={CHANNEL: Policy(1)}, now=NOON)
    poster.drain()
    card, rest = workspace.messages(CHANNEL)
    assert "🚨 critical" in shown(card)
    assert "out of memory" in shown(card)
    assert len(workspace.thread(CHANNEL, card.ts)) == 1
    assert "*Beyond what is posted one by one*: 2 signatures" in shown(rest)


def test_a_storm_is_told_of_with_how_far_it_reaches(
    poster: Poster, workspace: Workspace, database: Database
) -> None:
    words = "java.lang.OutOfMemoryError: Java heap space"
    services = [f"service-{letter}" for letter in "abcdefghijkl"]
    lately = NOON - timedelta(minutes=1)
    events = [
        an_event(time=lately, service=one, message=words, customer="acme") for one in services
    ]
    touched = record(database, events, now=NOON).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    alert(database, channels={CHANNEL: Policy(2)}, now=NOON)
    poster.drain()
    *_, storm = workspace.messages(CHANNEL)
    assert "*Storm*: 12 errors began in the same minute" in shown(storm)
    assert "Hits acme (12)" in shown(storm)
    assert "… and 4 more" in shown(storm)


def test_nothing_is_left_to_do_after_a_drain(poster: Poster, digest_id: int, clock: Clock) -> None:
    assert poster.drain() > 0
    clock.move(to=LATER)
    assert poster.drain() == 0


@pytest.mark.usefixtures("digest_id")
def test_who_has_nothing_to_send_locks_nothing(poster: Poster, database: Database) -> None:
    assert poster.drain()
    with statements(database, written=True) as asked:
        assert poster.drain() == 0
    assert not asked


def test_a_decision_is_shown_in_place_and_told_in_the_thread(
    poster: Poster, workspace: Workspace, database: Database, digest_id: int, short_id: str
) -> None:
    poster.drain()
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    (parent,) = workspace.messages(CHANNEL)
    assert f"claimed by <@{ANA}>" in json.dumps(parent.blocks)
    told = workspace.thread(CHANNEL, parent.ts)[-1]
    assert told.text == f"*{short_id}*: <@{ANA}> claimed it"


def test_where_a_channel_wants_it_a_decision_is_shown_beside_its_thread_too(
    client: WebClient,
    clock: Clock,
    workspace: Workspace,
    database: Database,
    digest_id: int,
    short_id: str,
) -> None:
    assert digest_id
    poster = Poster(database, client, worker="test", clock=clock, aloud=[CHANNEL])
    poster.drain()
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    (parent,) = workspace.messages(CHANNEL)
    *others, decision = workspace.thread(CHANNEL, parent.ts)
    assert decision.text.endswith("claimed it")
    assert decision.broadcast
    assert not any(reply.broadcast for reply in others)


def test_a_post_wakes_nobody_it_names(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    want(database, "card", short_id=short_id)
    poster.drain()
    (posted,) = workspace.calls.of(POST)
    said = json.dumps(posted.arguments, default=str)
    assert "claimed by Ana Ribeiro " in said
    assert ANA not in said
    (shown,) = workspace.messages(CHANNEL)
    assert f"<@{ANA}>" in shown.text


def test_a_name_is_asked_for_once(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    for key in ("one", "two"):
        want(database, key, short_id=short_id)
    poster.drain()
    assert len(workspace.calls.of("users.info")) == 1


def test_without_the_scope_for_names_it_says_somebody_until_the_update(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    workspace.scopes = SCOPES - {"users:read"}
    decide.claim(database, short_id, by=ANA, now=NOON)
    want(database, "card", short_id=short_id)
    poster.drain()
    (posted,) = workspace.calls.of(POST)
    assert "claimed by somebody " in json.dumps(posted.arguments, default=str)
    assert f"claimed by <@{ANA}>" in shown(workspace.messages(CHANNEL)[0])


def test_while_slack_gives_no_name_the_message_waits(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method="users.info"))
    poster.drain()
    assert not workspace.messages(CHANNEL)
    clock.move(to=LATER)
    poster.drain()
    (posted,) = workspace.calls.of(POST)
    assert "claimed by Ana Ribeiro " in json.dumps(posted.arguments, default=str)


def test_a_thread_names_whoever_has_it(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    want(database, "below", short_id=short_id, kind="details")
    poster.drain()
    (posted,) = workspace.messages(CHANNEL)
    assert f"claimed by <@{ANA}>" in shown(posted)


def test_what_names_nobody_is_not_updated(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "card", short_id=short_id)
    poster.drain()
    assert workspace.calls.of(UPDATE) == []


@pytest.mark.promise(row="R9")
def test_a_throttled_message_waits_as_long_as_asked_and_keeps_its_turn(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    want(database, "first", short_id=short_id)
    want(database, "second", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, method=POST, retry_after=7))
    poster.drain()
    clock.move(to=NOON + timedelta(seconds=6))
    poster.drain()
    assert workspace.messages(CHANNEL) == []
    clock.move(to=NOON + timedelta(seconds=7))
    poster.drain()
    keys = [m.metadata["event_payload"]["key"] for m in workspace.messages(CHANNEL)]
    assert keys == ["first", "second"]


@pytest.mark.promise(row="R9")
def test_after_a_refusal_for_haste_its_channel_rests_and_others_go_on(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    shows = [number_of(database, short_id)]
    for key, channel in (("other", "C000002"), ("a", CHANNEL), ("b", CHANNEL)):
        want(database, key, short_id=short_id, channel=channel, shows=shows)
    poster.drain()
    decide.resolve(database, short_id, by=ANA, now=NOON)
    hasty = Fault(kind=FaultKind.RATE_LIMITED, method=UPDATE, retry_after=7)
    workspace.faults.order(hasty)
    poster.drain()
    resolved = [m for m in workspace.messages(CHANNEL) if "✅" in shown(m)]
    assert resolved == []
    assert "✅" in shown(workspace.messages("C000002")[0])
    assert len(workspace.calls.of(UPDATE)) == 2, "the one refused, and the other channel's"
    clock.move(seconds=7)
    poster.drain()
    assert all("✅" in shown(m) for m in workspace.messages(CHANNEL))


def test_it_goes_by_the_time_it_is_while_it_sends(
    client: WebClient, workspace: Workspace, database: Database, short_id: str
) -> None:
    seconds = count(step=10)
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, method=POST, retry_after=7))
    Poster(
        database, client, worker="test", clock=lambda: NOON + timedelta(seconds=next(seconds))
    ).drain()
    assert len(workspace.messages(CHANNEL)) == 1, "the seven seconds were over meanwhile"


@pytest.mark.promise(row="R16")
def test_told_to_finish_it_sends_the_message_under_way_and_keeps_the_rest(
    client: WebClient, workspace: Workspace, database: Database, short_id: str
) -> None:
    for number in range(9):
        want(database, f"card-{number}", short_id=short_id)

    def clock() -> datetime:
        if workspace.messages(CHANNEL):
            poster.finish()
        return NOON

    poster = Poster(database, client, worker="test", clock=clock)
    assert poster.drain() == 2
    assert poster.drain() == 0
    Poster(database, client, worker="restarted", clock=clock).drain()
    assert len(workspace.messages(CHANNEL)) == 9


def test_it_looks_for_a_lost_message_among_those_since_it_was_wanted(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    clock.move(hours=-9)
    for number in range(250):
        workspace.say(ANA, CHANNEL, f"{number}")
    clock.move(to=NOON)
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.CUT_BEFORE, method=POST))
    poster.drain()
    clock.move(hours=9)
    poster.drain()
    assert len(workspace.calls.of("conversations.history")) == 1
    assert len(workspace.calls.of(POST)) == 2


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("hours", [-25, -1, 1, 25])
def test_a_lost_message_is_found_however_much_our_clock_and_slacks_differ(
    database: Database, short_id: str, clock: Clock, hours: int
) -> None:
    workspace = Workspace(clock=lambda: clock() + timedelta(hours=hours))
    with serve(workspace) as server:
        client = web_client(workspace.bot_token, base_url=server.api_url)
        poster = Poster(database, client, worker="test", clock=clock)
        want(database, "card", short_id=short_id)
        workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER, method=POST))
        poster.drain()
        clock.move(minutes=9)
        poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1
    assert len(workspace.calls.of(POST)) == 1


def test_after_an_outage_of_any_length_it_goes_on(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    message_id = want(database, "card", short_id=short_id)
    with database.write() as session:
        message = outbox.get(session, message_id)
        assert message
        message.attempts = 5000
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=POST))
    poster.drain()
    assert stored(database, message_id).not_before == NOON + LONGEST_WAIT
    clock.move(to=NOON + LONGEST_WAIT)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1


def test_looking_for_a_lost_message_keeps_it_from_others_however_long_it_takes(
    client: WebClient, database: Database, short_id: str, clock: Clock
) -> None:
    want(database, "card", short_id=short_id)
    slow, other = (Poster(database, client, worker=name, clock=clock) for name in ("slow", "other"))
    claimed = slow._lease()
    assert claimed
    for _ in range(3):
        clock.move(seconds=LEASE_SECONDS - 1)
        slow._renew(claimed)
    clock.move(seconds=LEASE_SECONDS - 1)
    assert other._lease() is None


@pytest.mark.promise(row="R23")
def test_the_lease_of_one_that_died_keeps_its_channel_waiting_no_longer_than_it_is_known(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    dead: set[str] = set()
    died = Poster(database, client, worker="died", clock=clock)
    other = Poster(
        database, client, worker="other", clock=clock, gone=lambda _, names: dead & {*names}
    )
    for key in ("first", "second"):
        want(database, key, short_id=short_id)
    message = died._lease()
    assert message
    died._post(message)
    assert other.drain() == 0
    dead.add("died")
    other.drain()
    keys = [one.metadata["event_payload"]["key"] for one in workspace.messages(CHANNEL)]
    assert keys == ["first", "second"], "each once"


@pytest.mark.promise(row="R7")
def test_a_search_ends_where_somebody_else_took_over(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=POST))
    slow, fast = (Poster(database, client, worker=name, clock=clock) for name in ("slow", "fast"))
    slow.drain()
    clock.move(to=LATER)
    claimed = slow._lease()
    assert claimed
    clock.move(minutes=10)
    fast.drain()
    slow._handle(claimed)
    assert len(workspace.calls.of(POST)) == 2, "the one that failed, and the other's"


@pytest.mark.promise(row="R9")
@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER]
)
def test_a_lost_answer_posts_it_once(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    short_id: str,
    kind: FaultKind,
    clock: Clock,
) -> None:
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=kind, method=POST))
    poster.drain()
    clock.move(to=LATER)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1
    assert poster.drain() == 0


def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    parent = want(database, "card", short_id=short_id)
    poster.drain()
    want(database, "details", short_id=short_id, kind="details", thread_of=parent)
    workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER, method=POST))
    poster.drain()
    clock.move(to=LATER)
    poster.drain()
    (message,) = workspace.messages(CHANNEL)
    assert len(workspace.thread(CHANNEL, message.ts)) == 1


def test_a_process_killed_between_post_and_record_posts_it_once(
    poster: Poster,
    client: WebClient,
    workspace: Workspace,
    database: Database,
    short_id: str,
    clock: Clock,
) -> None:
    message_id = want(database, "card", short_id=short_id)
    poster.drain()
    with database.write() as session:
        message = outbox.get(session, message_id)
        assert message
        message.ts, message.shown, message.attempts = "", 0, 1
    clock.move(to=LATER)
    Poster(database, client, worker="another", clock=clock).drain()
    (only,) = workspace.messages(CHANNEL)
    assert stored(database, message_id).ts == only.ts


class Paused(WebClient):
    """A client whose process is paused when all is ready to be posted: then `meanwhile` happens."""

    def __init__(self, client: WebClient, meanwhile: Callable[[], None]) -> None:
        super().__init__(client.token, base_url=client.base_url, retry_handlers=[])
        self._meanwhile = meanwhile

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        if api_method == POST:
            self._meanwhile()
        return super().api_call(api_method, **arguments)


@pytest.mark.promise(row="R7")
def test_the_twin_of_a_worker_that_was_too_slow_is_deleted(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    message_id = want(database, "card", short_id=short_id)
    fast = Poster(database, client, worker="fast", clock=clock)

    def meanwhile() -> None:
        clock.move(to=LATER)
        assert fast.drain()

    Poster(database, Paused(client, meanwhile), worker="slow", clock=clock).drain()
    (only,) = workspace.messages(CHANNEL)
    assert stored(database, message_id).ts == only.ts
    assert len(workspace.calls.of("chat.delete")) == 1


@pytest.mark.promise(row="R7")
def test_the_twin_of_one_that_died_before_it_could_delete_it_goes_too(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    message_id = want(database, "card", short_id=short_id)
    fast = Poster(database, client, worker="fast", clock=clock)

    def meanwhile() -> None:
        clock.move(to=LATER)
        assert fast.drain()

    class Killed(BaseException):
        """The process is no more."""

    class PausedAndKilled(Paused):
        """One whose process is killed once it has posted."""

        def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
            answer = super().api_call(api_method, **arguments)
            if api_method == POST:
                raise Killed
            return answer

    with pytest.raises(Killed):
        Poster(database, PausedAndKilled(client, meanwhile), worker="slow", clock=clock).drain()
    assert len(workspace.messages(CHANNEL)) == 2
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=DELETE))
    known = []
    for _ in range(4):
        clock.move(seconds=LEASE_SECONDS)
        another = Poster(database, client, worker="another", clock=clock)
        known.append(another.look_for_twins())
    assert known == [0, 1, 0, 0], "Slack was away the first time"
    (only,) = workspace.messages(CHANNEL)
    assert stored(database, message_id).ts == only.ts


@pytest.mark.promise(row="R7")
def test_a_twin_that_its_own_poster_could_not_delete_goes_later(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    want(database, "card", short_id=short_id)
    fast = Poster(database, client, worker="fast", clock=clock)

    def meanwhile() -> None:
        clock.move(to=LATER)
        assert fast.drain()
        clock.move(seconds=LEASE_SECONDS)
        assert fast.look_for_twins()
        workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=DELETE))

    Poster(database, Paused(client, meanwhile), worker="slow", clock=clock).drain()
    assert len(workspace.messages(CHANNEL)) == 2
    clock.move(seconds=LEASE_SECONDS)
    assert fast.look_for_twins()
    assert len(workspace.messages(CHANNEL)) == 1


def test_where_a_channel_may_not_be_read_no_twin_is_looked_for_for_ever(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    poster = Poster(database, client, worker="test", clock=clock)
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.CUT_BEFORE, method=POST))
    poster.drain()
    clock.move(to=LATER)
    poster.drain()
    clock.move(seconds=LEASE_SECONDS)
    missing = Fault(kind=FaultKind.ERROR, method="conversations.history", error="missing_scope")
    workspace.faults.order(missing)
    assert [poster.look_for_twins() for _ in range(2)] == [1, 0]


def test_as_long_as_nothing_is_behind_the_database_is_asked_one_thing(
    poster: Poster, database: Database, short_id: str
) -> None:
    want(database, "card", short_id=short_id)
    poster.drain()
    with statements(database) as asked:
        poster.drain()
    assert len(asked) == 1


@pytest.mark.sqlite
@pytest.mark.promise(row="R18")
def test_what_was_sent_since_a_copy_is_not_sent_again_and_not_taken_for_what_comes_after(
    poster: Poster,
    client: WebClient,
    workspace: Workspace,
    database: Database,
    short_id: str,
    clock: Clock,
    tmp_path: Path,
) -> None:
    """A copy gives its numbers once more, and with them its keys."""
    url, copy = str(database.engine.url), tmp_path / "copy.db"
    want(database, "card:1", short_id=short_id)
    copies.backup(url, copy)
    want(database, "card:2", short_id=short_id)
    poster.drain()
    sent = workspace.messages(CHANNEL)
    database.close()
    copies.restore(url, copy)
    clock.move(to=LATER)
    with closing(open_database(url)) as restored:
        after = Poster(restored, client, worker="after", clock=clock)
        number = want(restored, "card:2", short_id=short_id, now=LATER)
        workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER, method=POST))
        for _ in range(3):
            after.drain()
            clock.move(seconds=LEASE_SECONDS)
            after.look_for_twins()
        *old, new = workspace.messages(CHANNEL)
        assert [one.ts for one in old] == [one.ts for one in sent]
        assert stored(restored, number).ts == new.ts


@pytest.mark.promise(row="R7")
def test_who_was_paused_before_that_posts_nothing(
    client: WebClient, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    want(database, "card", short_id=short_id)
    slow, fast = (Poster(database, client, worker=name, clock=clock) for name in ("slow", "fast"))
    claimed = slow._lease()
    assert claimed
    clock.move(to=LATER)
    fast.drain()
    slow._handle(claimed)
    assert len(workspace.calls.of(POST)) == 1


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_are_sent_as_text(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, code: str
) -> None:
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.ERROR, method=POST, error=code, times=2))
    poster.drain()
    (shown,) = workspace.messages(CHANNEL)
    assert shown.blocks == ()
    assert short_id in shown.text


def test_what_is_posted_is_held_against_our_own_limits_before(
    poster: Poster, workspace: Workspace, database: Database
) -> None:
    words = "\N{FIRE}" * 1_000
    with database.write() as session:
        outbox.add(
            session, "long", channel=CHANNEL, kind="notice", content={"text": words}, now=NOON
        )
    poster.drain()
    (sent,) = workspace.calls.of(POST)
    assert limits.size([elements.section(words)]) > limits.MESSAGE_BYTES
    assert limits.check(sent.arguments) == []
    assert sent.arguments["blocks"]


def test_the_log_names_a_message_that_is_not_sent_in_words_and_what_happens_next(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    short_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    want(database, "alert:5", short_id=short_id, kind="alert")
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=POST))
    with caplog.at_level(logging.INFO, logger="bot.slack.poster"):
        poster.drain()
    assert caplog.messages[-1] == (
        f"An alert for {CHANNEL} (alert:5) is not sent: http_500: Slack was not reached, or did "
        "not say whether it arrived. Tried again in 2 s"
    )


def test_a_message_waits_a_day_for_an_invitation_and_says_so(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    short_id: str,
    caplog: pytest.LogCaptureFixture,
    clock: Clock,
) -> None:
    workspace.remove_bot(CHANNEL)
    message_id = want(database, "card", short_id=short_id)
    with caplog.at_level(logging.WARNING):
        poster.drain()
    assert "/invite @triage" in caplog.text
    behind = look.backlog(database, now=NOON)
    assert behind.reasons == {CHANNEL: "not_in_channel: invite me there: /invite @triage"}
    assert stored(database, message_id).failed_at is None
    clock.move(to=NOON + PATIENCE)
    poster.drain()
    assert stored(database, message_id).failed_at == NOON + PATIENCE


def test_one_broken_channel_stops_no_other(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, clock: Clock
) -> None:
    workspace.remove_bot(CHANNEL)
    parent = want(database, "lost", short_id=short_id)
    want(database, "below", short_id=short_id, thread_of=parent)
    want(database, "elsewhere", short_id=short_id, channel="C000002")
    poster.drain()
    assert len(workspace.messages("C000002")) == 1
    workspace.invite_bot(CHANNEL)
    want(database, "next", short_id=short_id)
    clock.move(to=NOON + LONGEST_WAIT)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 2, "the one that waited, and the next"
    assert look.backlog(database, now=clock()).reasons == {}


def test_a_refused_token_stops_everything_and_loses_nothing(
    server: Server,
    workspace: Workspace,
    database: Database,
    client: WebClient,
    short_id: str,
    clock: Clock,
) -> None:
    want(database, "card", short_id=short_id)
    refused = Poster(
        database, web_client("xoxb-wrong", base_url=server.api_url), worker="test", clock=clock
    )
    assert refused.drain() == 1
    clock.move(to=LATER)
    assert refused.drain() == 0
    assert "SLACK_BOT_TOKEN" in refused.stopped
    Poster(database, client, worker="test", clock=clock).drain()
    assert len(workspace.messages(CHANNEL)) == 1


def test_a_deleted_message_is_not_posted_again(
    poster: Poster,
    client: WebClient,
    workspace: Workspace,
    database: Database,
    digest_id: int,
    short_id: str,
) -> None:
    poster.drain()
    deleted = workspace.messages(CHANNEL)[0].ts
    client.chat_delete(channel=CHANNEL, ts=deleted)
    decide.claim(database, short_id, by=TOMAS, now=NOON)
    poster.drain()
    assert workspace.messages(CHANNEL) == []
    decide.resolve(database, short_id, by=TOMAS, now=NOON)
    poster.drain()
    tried = [call.arguments["ts"] for call in workspace.calls.of(UPDATE)]
    assert tried.count(deleted) == 1


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message"])
def test_a_card_that_can_no_longer_be_edited_stays_and_its_thread_says_what_changed(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, code: str
) -> None:
    want(database, "card", short_id=short_id, shows=[number_of(database, short_id)])
    poster.drain()
    decide.resolve(database, short_id, by=ANA, now=NOON)
    workspace.faults.order(Fault(kind=FaultKind.ERROR, method=UPDATE, error=code))
    poster.drain()
    (card,) = workspace.messages(CHANNEL)
    assert "resolved" in workspace.thread(CHANNEL, card.ts)[-1].text
    assert look.backlog(database, now=NOON).reasons == {}


def test_the_digest_of_today_that_can_no_longer_be_edited_is_posted_anew_once(
    poster: Poster, workspace: Workspace, database: Database, digest_id: int, short_id: str
) -> None:
    poster.drain()
    refused = Fault(kind=FaultKind.ERROR, method=UPDATE, error="edit_window_closed", times=9)
    workspace.faults.order(refused)
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    old, new = workspace.messages(CHANNEL)
    assert ("🙋 claimed" in shown(old), "🙋 claimed" in shown(new)) == (False, True)
    decide.resolve(database, short_id, by=ANA, now=NOON)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 2
    assert "resolved" in workspace.thread(CHANNEL, new.ts)[-1].text


def test_the_digest_of_yesterday_does_not_come_up_again(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    digest_id: int,
    short_id: str,
    clock: Clock,
) -> None:
    poster.drain()
    clock.move(hours=24)
    decide.claim(database, short_id, by=ANA, now=clock())
    refused = Fault(kind=FaultKind.ERROR, method=UPDATE, error="edit_window_closed")
    workspace.faults.order(refused)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1


def test_a_digest_that_a_later_one_followed_does_not_come_up_again(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    digest_id: int,
    short_id: str,
    clock: Clock,
) -> None:
    poster.drain()
    clock.move(hours=1)
    report_now(database, channel=CHANNEL, now=clock())
    poster.drain()
    decide.claim(database, short_id, by=ANA, now=NOON)
    refused = Fault(kind=FaultKind.ERROR, method=UPDATE, error="edit_window_closed", times=9)
    workspace.faults.order(refused)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 3, "two, and the newer one anew"


def test_without_the_scope_to_look_it_posts_again_rather_than_not_at_all(
    server: Server,
    workspace: Workspace,
    client: WebClient,
    database: Database,
    short_id: str,
    clock: Clock,
) -> None:
    workspace.scopes = SCOPES - {"channels:history"}
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=POST))
    poster = Poster(database, client, worker="test", clock=clock)
    poster.drain()
    clock.move(to=LATER)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1
    assert not poster.stopped


def test_what_is_of_a_later_release_is_given_up_and_stops_nothing(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "unknown", short_id=short_id, kind="hologram")
    want(database, "gone", short_id="E-ZZZ")
    want(database, "card", short_id=short_id)
    poster.drain()
    assert len(workspace.messages(CHANNEL)) == 1


def test_messages_unfurl_nothing(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "card", short_id=short_id)
    poster.drain()
    (call,) = workspace.calls.of(POST)
    assert call.arguments["unfurl_links"] is False
    assert call.arguments["unfurl_media"] is False


def test_what_stayed_quiet_is_said_in_the_thread_and_on_the_card(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    clock: Clock,
    digest_id: int,
    short_id: str,
) -> None:
    assert digest_id
    poster.drain()
    decide.resolve(database, short_id, by=ANA, now=NOON)
    later = [NOON + timedelta(hours=hour) for hour in range(1, 26)]
    record(database, [an_event(service="search", time=hour) for hour in later], now=later[-1])
    assert confirm(database, now=later[-1]) == 1
    clock.move(to=later[-1])
    poster.drain()
    (parent,) = workspace.messages(CHANNEL)
    line = workspace.thread(CHANNEL, parent.ts)[-1].text
    said = "quiet for 24 h, expected about 38"
    assert line == f"*{short_id}*: Triage saw no more of it since it was resolved: {said}"
    assert f"; {said}" in shown(parent)
