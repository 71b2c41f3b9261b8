"""People point at a message, or name us below one, and are told which error it is about."""

import pytest

from bot.core.ownership.decision import State
from bot.flows import look
from bot.slack import actions
from bot.slack.manifest import SCOPES
from bot.slack.poster import Poster
from bot.workspace import Workspace
from bot.workspace.state import Message as Posted
from bot.workspace.workspace import SCOPES as GRANTED
from storage.database import Database
from tests.builders import NOON
from tests.slack.conftest import ANA, CHANNEL, TOMAS

BOT = "<@U000TRIAGE>"
PASTED = "anybody seen this?\n```ERROR payment failed: connection refused```"


def told(live: Workspace, user: str = ANA) -> Posted:
    """What only that person sees, once they do."""
    live.wait_until(lambda: live.ephemerals(user, CHANNEL))
    return live.ephemerals(user, CHANNEL)[-1]


def point_at(live: Workspace, ts: str) -> str:
    assert live.shortcut(ANA, CHANNEL, ts, actions.POINT).ok
    return told(live).text


def test_the_shortcut_says_which_error_somebody_pasted(live: Workspace, short_id: str) -> None:
    message = live.say(TOMAS, CHANNEL, PASTED)
    assert short_id in point_at(live, message.ts)


@pytest.mark.usefixtures("digest_id")
def test_the_shortcut_on_a_message_of_ours_says_what_that_shows(
    live: Workspace, poster: Poster, short_id: str
) -> None:
    poster.drain()
    assert short_id in point_at(live, live.messages(CHANNEL)[0].ts)


def test_the_shortcut_says_where_nothing_is_known(live: Workspace) -> None:
    message = live.say(TOMAS, CHANNEL, "good morning")
    assert "/triage search WORDS" in point_at(live, message.ts)


def test_a_shortcut_of_an_older_version_is_answered_so(live: Workspace) -> None:
    message = live.say(TOMAS, CHANNEL, PASTED)
    live.shortcut(ANA, CHANNEL, message.ts, "older")
    assert "older version" in told(live).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (BOT, "in 24 h"),
        (f"{BOT} why", "Seeing it once is enough"),
        (f"{BOT} why did that fire?", "Seeing it once is enough"),
        (f"{BOT} whose is this", "in 24 h"),
        (f"{BOT} mine", "You hold no signature."),
        (f"{BOT} mute", "/triage mute"),
    ],
)
def test_in_the_thread_of_a_pasted_error_it_answers_about_that(
    live: Workspace, short_id: str, said: str, words: str
) -> None:
    message = live.say(TOMAS, CHANNEL, PASTED)
    live.say(ANA, CHANNEL, said, thread_ts=message.ts)
    answered = told(live)
    assert words in answered.text
    assert answered.thread_ts == message.ts
    assert short_id in answered.text or "mine" in said


def test_a_claim_in_a_thread_is_one_claim(
    live: Workspace, database: Database, short_id: str
) -> None:
    message = live.say(TOMAS, CHANNEL, PASTED)
    live.say(ANA, CHANNEL, f"{BOT} claim", thread_ts=message.ts)
    assert "claimed" in told(live).text
    assert look.card(database, short_id, now=NOON).state is State.CLAIMED
    assert len(look.history(database, short_id)) == 1


@pytest.mark.usefixtures("digest_id")
def test_in_the_thread_of_a_digest_it_answers_about_what_that_shows(
    live: Workspace, poster: Poster, short_id: str
) -> None:
    poster.drain()
    parent = live.messages(CHANNEL)[0]
    live.say(ANA, CHANNEL, BOT, thread_ts=parent.ts)
    assert short_id in told(live).text


def test_in_no_thread_it_answers_about_what_is_said(live: Workspace, short_id: str) -> None:
    live.say(ANA, CHANNEL, f"{BOT} ERROR payment failed: connection refused")
    assert short_id in told(live).text


@pytest.mark.parametrize(
    ("said", "words"), [(BOT, "Today so far"), (f"{BOT} tody", "Did you mean `/triage today`?")]
)
def test_where_nothing_is_meant_it_helps(live: Workspace, said: str, words: str) -> None:
    live.say(ANA, CHANNEL, said)
    assert words in told(live).text


def test_without_the_scope_to_read_it_says_so(live: Workspace) -> None:
    message = live.say(TOMAS, CHANNEL, PASTED)
    live.scopes = GRANTED - {"channels:history"}
    live.say(ANA, CHANNEL, BOT, thread_ts=message.ts)
    assert "I cannot read the message above: missing_scope" in told(live).text


def test_what_it_listens_to_is_in_the_manifest() -> None:
    assert "app_mentions:read" in SCOPES
