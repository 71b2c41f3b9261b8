from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.core.detection.finding import Kind
from bot.core.ownership.team import Team
from bot.core.telling.reminder import ON_CALL, TEAM, Escalation, Step
from bot.flows import decide, look
from bot.flows.record import record
from bot.flows.remind import remind
from bot.flows.triage import triage
from storage import anomalies, outbox, signatures
from storage.database import Database
from tests.builders import NOON, an_event

MINUTE = timedelta(minutes=1)
STEPS = Escalation((Step(10 * MINUTE, ON_CALL), Step(20 * MINUTE, TEAM)))
DEV = Team("dev", group="S0DEV", on_call="U0ANA", channel="C0DEV")
PLATFORM = Team("platform", group="S0PLATFORM")
OUT_OF_MEMORY = "java.lang.OutOfMemoryError: Java heap space"


def critical(database: Database, *services: str) -> dict[str, str]:
    """Critical episodes that begin at noon, one a service; gives back their short ids."""
    events = [an_event(service=service, message=OUT_OF_MEMORY) for service in services]
    numbers = record(database, events, now=NOON).signature_ids
    with database.write() as session:
        for number in numbers:
            anomalies.begin(
                session, number, kind=Kind.CRITICAL, now=NOON, reason="out of memory", receipt={}
            )
    triage(database, now=NOON, site_rules=())
    return {card.service: card.short_id for card in look.unclaimed(database, now=NOON)}


def posted(database: Database, *short_ids: str, channel: str = "C1", minutes: float = 0) -> int:
    """A digest that shows them."""
    with database.write() as session:
        made = outbox.add(
            session,
            f"digest:{channel}:{minutes}",
            channel=channel,
            kind="digest",
            content={},
            now=NOON + minutes * MINUTE,
            shows=signatures.numbers(session, short_ids).values(),
        )
    assert made
    return made


def reminded(
    database: Database, minutes: float, teams: Sequence[Team] = (DEV, PLATFORM)
) -> list[dict[str, Any]]:
    """What the reminders of that minute say."""
    now = NOON + minutes * MINUTE
    remind(database, teams=teams, escalation=STEPS, now=now)
    with database.read() as session:
        found = outbox.wanted_since(session, now - MINUTE / 60, kinds=("reminder",))
        return [{**one.content, "below": one.thread_of} for one in found]


def test_whoever_is_on_call_is_told_below_the_message_then_the_team(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    below = posted(database, name)
    assert reminded(database, 9) == []
    reason = "unclaimed after 10 min"
    told = {"signatures": [name], "whom": ["U0ANA"], "reason": reason, "below": below}
    assert reminded(database, 10) == [told]
    assert reminded(database, 19) == []
    (second,) = reminded(database, 20)
    assert second["whom"] == ["S0DEV"]
    assert reminded(database, 500) == []


@pytest.mark.promise(row="R6")
def test_who_was_called_while_the_clock_was_ahead_is_called_again_once_it_is_right(
    database: Database,
) -> None:
    (name,) = critical(database, "checkout").values()
    ahead = 10 * 60
    posted(database, name, minutes=ahead)
    then = reminded(database, ahead + 10)
    below = posted(database, name)
    assert reminded(database, 9) == then
    assert [one["below"] for one in reminded(database, 10)] == [then[0]["below"], below]


def test_what_nobody_was_shown_waits_for_the_digest(database: Database) -> None:
    critical(database, "checkout")
    assert reminded(database, 60) == []


@pytest.mark.parametrize("verb", ["claim", "mute", "resolve"])
def test_what_somebody_took_or_settled_calls_nobody(database: Database, verb: str) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    facts = {"reason": "known", "until": None} if verb == "mute" else {}
    getattr(decide, verb)(database, name, by="U1", now=NOON, **facts)
    assert reminded(database, 60) == []


def test_whoever_releases_it_starts_the_wait_anew(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    decide.claim(database, name, by="U1", now=NOON)
    decide.release(database, name, by="U1", now=NOON + 30 * MINUTE)
    assert reminded(database, 39) == []
    assert [one["whom"] for one in reminded(database, 40)] == [["U0ANA"]]


def test_several_below_one_message_are_told_of_in_one_reply(database: Database) -> None:
    names = critical(database, "checkout", "cart")
    posted(database, *names.values())
    (one,) = reminded(database, 10)
    assert set(one["signatures"]) == set(names.values())


def test_a_later_digest_neither_restarts_the_wait_nor_is_passed_over(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    later = posted(database, name, minutes=5)
    assert [one["below"] for one in reminded(database, 10)] == [later]


def test_a_reroute_tells_the_new_team_in_its_channel(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    at = NOON + 5 * MINUTE
    decide.reroute(database, name, team="platform", by="U1", now=at, channel="C0PLAT")
    (one,) = reminded(database, 6)
    assert (one["whom"], one["reason"]) == (["S0PLATFORM"], "rerouted to you")
    with database.read() as session:
        below = outbox.get(session, one["below"])
    assert below
    assert (below.channel, below.kind) == ("C0PLAT", "rerouted")


def test_a_reroute_that_is_undone_at_once_wakes_nobody(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    decide.reroute(database, name, team="platform", by="U1", now=NOON)
    decide.undo(database, by="U1", now=NOON + MINUTE / 3)
    assert reminded(database, 5) == []


def test_two_processes_remind_once(database: Database) -> None:
    (name,) = critical(database, "checkout").values()
    posted(database, name)
    assert len(reminded(database, 10)) == 1
    now = NOON + 10 * MINUTE
    again = remind(database, teams=(DEV,), escalation=STEPS, now=now)
    assert again == 0
