"""Messages reach Slack once, in order and as they should stand, whatever goes wrong."""

import json
import logging
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from bot.flows import decide
from bot.slack.app import web_client
from bot.slack.poster import LONGEST_WAIT, PATIENCE, Poster
from bot.workspace import Fault, FaultKind, Server, Workspace
from bot.workspace.workspace import SCOPES
from storage import outbox
from storage.database import Database
from storage.tables import Message
from tests.builders import NOON
from tests.slack.conftest import ANA, CHANNEL, TOMAS, number_of

POST, UPDATE = "chat.postMessage", "chat.update"
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
            now=NOON,
            **facts,  # type: ignore[arg-type]
        )
    assert made
    return made


def stored(database: Database, message_id: int) -> Message:
    with database.read() as session:
        message = outbox.get(session, message_id)
    assert message
    return message


def test_a_digest_is_posted_with_its_details_below(
    poster: Poster, workspace: Workspace, digest_id: int, short_id: str
) -> None:
    poster.drain(NOON)
    (parent,) = workspace.messages(CHANNEL)
    assert parent.text.startswith("*1 new")
    assert parent.metadata["event_payload"] == {"key": f"digest:{digest_id}"}
    (details,) = workspace.thread(CHANNEL, parent.ts)
    assert short_id in details.text
    assert "fires from" in details.text


def test_nothing_is_left_to_do_after_a_drain(poster: Poster, digest_id: int) -> None:
    assert poster.drain(NOON) > 0
    assert poster.drain(LATER) == 0


def test_a_decision_is_shown_in_place_and_told_in_the_thread(
    poster: Poster, workspace: Workspace, database: Database, digest_id: int, short_id: str
) -> None:
    poster.drain(NOON)
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain(NOON)
    (parent,) = workspace.messages(CHANNEL)
    assert f"claimed by <@{ANA}>" in json.dumps(parent.blocks)
    told = workspace.thread(CHANNEL, parent.ts)[-1]
    assert told.text == f"*{short_id}*: <@{ANA}> claimed it"


def test_a_post_wakes_nobody_it_names(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    decide.claim(database, short_id, by=ANA, now=NOON)
    want(database, "card", short_id=short_id)
    poster.drain(NOON)
    (posted,) = workspace.calls.of(POST)
    assert f"<@{ANA}>" not in json.dumps(posted.arguments, default=str)
    (shown,) = workspace.messages(CHANNEL)
    assert f"<@{ANA}>" in shown.text


def test_a_throttled_message_waits_as_long_as_asked_and_keeps_its_turn(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "first", short_id=short_id)
    want(database, "second", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, method=POST, retry_after=7))
    poster.drain(NOON)
    poster.drain(NOON + timedelta(seconds=6))
    assert workspace.messages(CHANNEL) == []
    poster.drain(NOON + timedelta(seconds=7))
    keys = [m.metadata["event_payload"]["key"] for m in workspace.messages(CHANNEL)]
    assert keys == ["first", "second"]


@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER]
)
def test_a_lost_answer_posts_it_once(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, kind: FaultKind
) -> None:
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=kind, method=POST))
    poster.drain(NOON)
    poster.drain(LATER)
    assert len(workspace.messages(CHANNEL)) == 1
    assert poster.drain(LATER) == 0


def test_a_reply_whose_answer_was_lost_is_found_in_its_thread(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    parent = want(database, "card", short_id=short_id)
    poster.drain(NOON)
    want(database, "details", short_id=short_id, kind="details", thread_of=parent)
    workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER, method=POST))
    poster.drain(NOON)
    poster.drain(LATER)
    (message,) = workspace.messages(CHANNEL)
    assert len(workspace.thread(CHANNEL, message.ts)) == 1


def test_a_process_killed_between_post_and_record_posts_it_once(
    poster: Poster, client: WebClient, workspace: Workspace, database: Database, short_id: str
) -> None:
    message_id = want(database, "card", short_id=short_id)
    poster.drain(NOON)
    with database.write() as session:
        message = outbox.get(session, message_id)
        assert message
        message.ts, message.shown, message.attempts = "", 0, 1
    Poster(database, client, worker="another").drain(LATER)
    (only,) = workspace.messages(CHANNEL)
    assert stored(database, message_id).ts == only.ts


def test_the_twin_of_a_worker_that_was_too_slow_is_deleted(
    client: WebClient, workspace: Workspace, database: Database, short_id: str
) -> None:
    message_id = want(database, "card", short_id=short_id)
    slow, fast = (Poster(database, client, worker=name) for name in ("slow", "fast"))
    claimed = slow._claim(NOON)
    assert claimed
    fast.drain(LATER)
    slow._handle(claimed, LATER)
    (only,) = workspace.messages(CHANNEL)
    assert stored(database, message_id).ts == only.ts


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_are_sent_as_text(
    poster: Poster, workspace: Workspace, database: Database, short_id: str, code: str
) -> None:
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.ERROR, method=POST, error=code, times=2))
    poster.drain(NOON)
    (shown,) = workspace.messages(CHANNEL)
    assert shown.blocks == ()
    assert short_id in shown.text


def test_a_message_waits_a_day_for_an_invitation_and_says_so(
    poster: Poster,
    workspace: Workspace,
    database: Database,
    short_id: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    workspace.remove_bot(CHANNEL)
    message_id = want(database, "card", short_id=short_id)
    with caplog.at_level(logging.WARNING):
        poster.drain(NOON)
    assert "/invite @triage" in poster.unhealthy[CHANNEL]
    assert "/invite @triage" in caplog.text
    assert stored(database, message_id).failed_at is None
    poster.drain(NOON + PATIENCE)
    assert stored(database, message_id).failed_at == NOON + PATIENCE


def test_one_broken_channel_stops_no_other(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    workspace.remove_bot(CHANNEL)
    parent = want(database, "lost", short_id=short_id)
    want(database, "below", short_id=short_id, thread_of=parent)
    want(database, "elsewhere", short_id=short_id, channel="C000002")
    poster.drain(NOON)
    assert len(workspace.messages("C000002")) == 1
    workspace.invite_bot(CHANNEL)
    want(database, "next", short_id=short_id)
    poster.drain(NOON + LONGEST_WAIT)
    assert len(workspace.messages(CHANNEL)) == 2, "the one that waited, and the next"
    assert CHANNEL not in poster.unhealthy


def test_a_refused_token_stops_everything_and_loses_nothing(
    server: Server, workspace: Workspace, database: Database, client: WebClient, short_id: str
) -> None:
    want(database, "card", short_id=short_id)
    refused = Poster(database, web_client("xoxb-wrong", base_url=server.api_url), worker="test")
    assert refused.drain(NOON) == 1
    assert refused.drain(LATER) == 0
    assert "SLACK_BOT_TOKEN" in refused.stopped
    Poster(database, client, worker="test").drain(LATER)
    assert len(workspace.messages(CHANNEL)) == 1


def test_a_deleted_message_is_not_posted_again(
    poster: Poster,
    client: WebClient,
    workspace: Workspace,
    database: Database,
    digest_id: int,
    short_id: str,
) -> None:
    poster.drain(NOON)
    client.chat_delete(channel=CHANNEL, ts=workspace.messages(CHANNEL)[0].ts)
    decide.claim(database, short_id, by=TOMAS, now=NOON)
    poster.drain(NOON)
    assert workspace.messages(CHANNEL) == []


def test_a_message_that_can_no_longer_be_edited_is_posted_anew(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "card", short_id=short_id, shows=[number_of(database, short_id)])
    poster.drain(NOON)
    decide.resolve(database, short_id, by=ANA, now=NOON)
    workspace.faults.order(Fault(kind=FaultKind.ERROR, method=UPDATE, error="edit_window_closed"))
    poster.drain(NOON)
    old, new = workspace.messages(CHANNEL)
    assert "resolved" not in json.dumps(old.blocks)
    assert "resolved" in json.dumps(new.blocks)


def test_a_channel_named_by_its_name_is_updated_too(
    poster: Poster, workspace: Workspace, client: WebClient, database: Database, short_id: str
) -> None:
    shows = [number_of(database, short_id)]
    want(database, "card", short_id=short_id, channel="#on-call", shows=shows)
    poster.drain(NOON)
    decide.resolve(database, short_id, by=ANA, now=NOON)
    Poster(database, client, worker="restarted").drain(NOON)
    assert "✅ resolved" in json.dumps(workspace.messages(CHANNEL)[0].blocks, ensure_ascii=False)


def test_without_the_scope_to_look_it_posts_again_rather_than_not_at_all(
    server: Server, workspace: Workspace, client: WebClient, database: Database, short_id: str
) -> None:
    workspace.scopes = SCOPES - {"channels:history"}
    want(database, "card", short_id=short_id)
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=POST))
    poster = Poster(database, client, worker="test")
    poster.drain(NOON)
    poster.drain(LATER)
    assert len(workspace.messages(CHANNEL)) == 1
    assert not poster.stopped


def test_what_is_of_a_later_release_is_given_up_and_stops_nothing(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "unknown", short_id=short_id, kind="hologram")
    want(database, "gone", short_id="E-ZZZ")
    want(database, "card", short_id=short_id)
    poster.drain(NOON)
    assert len(workspace.messages(CHANNEL)) == 1


def test_messages_unfurl_nothing(
    poster: Poster, workspace: Workspace, database: Database, short_id: str
) -> None:
    want(database, "card", short_id=short_id)
    poster.drain(NOON)
    (call,) = workspace.calls.of(POST)
    assert call.arguments["unfurl_links"] is False
    assert call.arguments["unfurl_media"] is False
