"""What others write between the look of a flow and its own write."""

from functools import partial

from bot.core.detection.threshold import Rules
from bot.flows import decide, find
from bot.flows.detect import detect
from bot.flows.record import record
from storage import anomalies, signatures
from storage.database import Database
from tests.builders import NOON, an_event
from tests.flows.builders import HOUR, Interrupted


def two_of_a_fleet(database: Database) -> tuple[str, str]:
    """Two errors of ten days, every hour; their ids."""
    events = [
        an_event(service=service, time=NOON - hours * HOUR, received=NOON)
        for service in ("cart", "checkout")
        for hours in range(24 * 10)
    ]
    numbers = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        found = signatures.get(session, numbers).values()
    first, second = sorted(row.short_id for row in found)
    return first, second


def test_what_is_merged_while_it_is_judged_has_no_episode_of_its_own(database: Database) -> None:
    case, into = two_of_a_fleet(database)
    burst = [an_event(service=name) for name in ("cart", "checkout") for _ in range(100)]
    touched = record(database, burst, now=NOON).signature_ids
    merge = partial(decide.merge, database, case, into=into, by="U1", now=NOON)
    detect(Interrupted(database.engine, merge), touched, now=NOON, rules=Rules())
    with database.read() as session:
        (episode,) = anomalies.still_open(session, touched)
        assert episode.signature_id == find.by_name(session, into).id


def test_an_episode_that_is_confirmed_while_its_end_is_judged_goes_on(database: Database) -> None:
    two_of_a_fleet(database)
    later, much_later = NOON + 10 * HOUR, NOON + 40 * HOUR
    events = [an_event(service="cart", time=later) for _ in range(100)]
    touched = record(database, events, now=later).signature_ids
    detect(database, touched, now=later, rules=Rules())

    def again() -> None:
        with database.write() as session:
            (episode,) = anomalies.still_open(session)
            anomalies.confirm(session, episode.id, now=much_later, reason="again", receipt={})

    detect(Interrupted(database.engine, again), touched, now=much_later, rules=Rules())
    with database.read() as session:
        (episode,) = anomalies.still_open(session)
        assert (episode.opened_at, episode.updated_at) == (later, much_later)


def test_an_episode_that_somebody_ended_meanwhile_ends_once(database: Database) -> None:
    two_of_a_fleet(database)
    touched = record(
        database, [an_event(service="cart") for _ in range(100)], now=NOON
    ).signature_ids
    detect(database, touched, now=NOON, rules=Rules())
    calm = NOON + 40 * HOUR
    end = partial(detect, database, touched, now=calm - HOUR, rules=Rules())
    detect(Interrupted(database.engine, end), touched, now=calm, rules=Rules())
    with database.read() as session:
        (episode,) = anomalies.of(session, touched)
        assert episode.closed_at == calm - HOUR
