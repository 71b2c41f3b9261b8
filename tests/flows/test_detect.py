from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.detection.finding import Finding, Kind
from bot.core.detection.threshold import Override, Rules
from bot.core.event import Event, Severity
from bot.core.hour import hour_of
from bot.flows import decide, look
from bot.flows.decide import merge
from bot.flows.detect import Opened, catch_up, detect, detect_among, unjudged
from bot.flows.judge import Criticals, judged
from bot.flows.record import record
from bot.flows.remember import RHYTHMS_KEPT, Memory
from storage import deploys, signatures, traffic
from storage.database import Database
from tests.builders import NOON, an_event, statements
from tests.conftest import Copied

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
RULES = Rules()


def watch(
    database: Database,
    events: Iterable[Event],
    *,
    now: datetime,
    memory: Memory | None = None,
    rules: Rules = RULES,
) -> list[tuple[Kind, str]]:
    """One round of the watch: what arrived is recorded and judged; what began, by service."""
    recorded = record(database, list(events), now=now)
    began = detect(database, recorded.signature_ids, now=now, rules=rules, memory=memory)
    return kinds(began)


def touched(database: Database, now: datetime) -> set[int]:
    return {one.signature_id for one in unjudged(database, now=now)}


def kinds(began: Iterable[Opened]) -> list[tuple[Kind, str]]:
    return [(opened.finding.kind, opened.service) for opened in began]


def background(*, days: int = 20, until: datetime = NOON, service: str = "search") -> list[Event]:
    """Other errors of every hour, so that the fleet is known."""
    return [
        an_event(
            service=service, customer=customer, time=until - hours * HOUR, received=until - HOUR
        )
        for hours in range(1, days * 24)
        for customer in ("acme", "globex", "initech")
    ]


def short_id_of(database: Database, service: str) -> str:
    with database.read() as session:
        names = signatures.short_ids(session)
    return next(name for name in names if look.card(database, name, now=NOON).service == service)


@pytest.fixture
def known(copied: Copied) -> Database:
    """A fleet that was watched for twenty days."""
    return copied("twenty-days", twenty_days)


def twenty_days(database: Database) -> None:
    record(database, background(), now=NOON - HOUR)


def burst(count: int, *, now: datetime = NOON, **facts: str) -> list[Event]:
    return [an_event(time=now, **facts) for _ in range(count)]


def test_a_new_error_opens_one_episode_however_often_it_is_judged(known: Database) -> None:
    assert watch(known, burst(3), now=NOON) == [(Kind.NEW, "checkout")]
    for minutes in range(1, 20):
        later = NOON + minutes * MINUTE
        assert watch(known, burst(3, now=later), now=later) == []
    (episode,) = look.receipts(known, short_id_of(known, "checkout"))
    assert episode.receipt["observed"] == 60, "the episode goes on with its latest numbers"
    assert episode.opened_at == NOON


def take_back(database: Database, case: str, into: str, *, now: datetime) -> None:
    decide.undo(database, by="U1", now=now, short_id=case)


def split_twice(database: Database, case: str, into: str, *, now: datetime) -> None:
    decide.split(database, case, by="U1", now=now)
    decide.undo(database, by="U1", now=now + MINUTE, short_id=case)
    decide.split(database, case, by="U1", now=now + 2 * MINUTE)


@pytest.mark.both_engines
@pytest.mark.parametrize("part", [take_back, split_twice])
def test_what_was_new_as_it_was_merged_is_new_once_it_counts_for_itself_again(
    known: Database, part: Callable[..., None]
) -> None:
    watch(known, burst(3), now=NOON)
    case, other = short_id_of(known, "checkout"), short_id_of(known, "search")
    merge(known, case, into=other, by="U1", now=NOON + 12 * HOUR)
    part(known, case, other, now=NOON + 13 * HOUR)
    (episode,) = look.receipts(known, case)
    assert (episode.opened_at, episode.closed_at) == (NOON, None)
    detect(known, (), now=NOON + 14 * HOUR, rules=RULES)
    (episode,) = look.receipts(known, case)
    assert episode.closed_at is None
    detect(known, (), now=NOON + 31 * HOUR, rules=RULES)
    (episode,) = look.receipts(known, case)
    assert episode.closed_at == NOON + 31 * HOUR


def test_an_episode_that_ended_with_a_merge_is_not_resumed_when_it_is_split_off_days_later(
    known: Database,
) -> None:
    watch(known, burst(3), now=NOON)
    case, other = short_id_of(known, "checkout"), short_id_of(known, "search")
    merge(known, case, into=other, by="U1", now=NOON + HOUR)
    decide.split(known, case, by="U1", now=NOON + 3 * DAY)
    (episode,) = look.receipts(known, case)
    assert episode.closed_at == NOON + HOUR


def test_a_storm_holds_the_lock_for_as_few_statements_as_one_error(known: Database) -> None:
    def asked(count: int) -> int:
        storm = [an_event(service=f"of-{count}-{n}") for n in range(count)]
        touched = record(known, storm, now=NOON).signature_ids
        with statements(known, written=True) as locked:
            assert len(detect(known, touched, now=NOON, rules=RULES)) == count
        return len(locked)

    assert asked(200) == asked(1)


def short_id(database: Database, service: str = "checkout") -> str:
    return next(
        card.short_id for card in look.unclaimed(database, now=NOON) if card.service == service
    )


def test_on_the_first_day_after_install_nothing_is_unusual(database: Database) -> None:
    for hours in range(24):
        now = NOON + hours * HOUR
        assert watch(database, burst(5 * hours + 1, now=now), now=now) == []


OUT_OF_MEMORY = "java.lang.OutOfMemoryError: Java heap space"


def test_on_the_first_day_what_is_critical_is_called_out_at_its_first_sight(
    database: Database,
) -> None:
    assert watch(database, burst(1, service="search"), now=NOON) == []
    later = NOON + 20 * MINUTE
    ends = [*burst(1, now=later, message=OUT_OF_MEMORY), *burst(1, now=later, service="cart")]
    assert watch(database, ends, now=later) == [(Kind.CRITICAL, "checkout")]
    (episode,) = look.receipts(database, short_id_of(database, "checkout"))
    assert episode.reason == (
        "out of memory: first seen 2026-11-18 12:20 UTC, 1 since at 1 customer; "
        "too early to know whether that is usual"
    )


def test_what_is_raised_counts_as_the_program_printed_it(database: Database) -> None:
    goroutines = "panic: boom\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/a.go:3 +0x1d\n"
    watch(database, burst(1, service="search"), now=NOON)
    later = NOON + 20 * MINUTE
    came = burst(1, now=later, error_type="panic", message=goroutines)
    assert watch(database, came, now=later) == [(Kind.CRITICAL, "checkout")]


def test_on_the_first_days_what_is_critical_and_goes_on_is_called_out_once(
    database: Database,
) -> None:
    began = [
        opened
        for hours in range(47)
        for opened in watch(
            database,
            burst(1, now=NOON + hours * HOUR, message=OUT_OF_MEMORY),
            now=NOON + hours * HOUR,
        )
    ]
    assert began == [(Kind.CRITICAL, "checkout")]


def test_on_the_first_day_what_was_critical_all_day_is_no_alarm(database: Database) -> None:
    steady = [
        an_event(time=NOON - n * HOUR, received=NOON, message=OUT_OF_MEMORY) for n in range(8)
    ]
    assert watch(database, steady, now=NOON) == []


def test_a_backfill_ends_the_first_day_at_once(known: Database) -> None:
    assert watch(known, burst(1), now=NOON) == [(Kind.NEW, "checkout")]


def test_a_burst_opens_a_spike(known: Database) -> None:
    assert watch(known, burst(40, service="search"), now=NOON) == [(Kind.SPIKE, "search")]


def test_an_override_holds_for_its_signatures_alone_and_stands_in_the_receipt(
    known: Database,
) -> None:
    record(known, background(service="batch-import"), now=NOON - HOUR)
    high = Override(Rules(min_count=100, override="batch"), service="batch-*")
    rules = Rules(overrides=(high,))
    bursts = [*burst(40, service="search"), *burst(40, service="batch-import")]
    assert watch(known, bursts, now=NOON, rules=rules) == [(Kind.SPIKE, "search")]
    more = burst(80, service="batch-import")
    assert watch(known, more, now=NOON, rules=rules) == [(Kind.SPIKE, "batch-import")]
    (episode,) = look.receipts(known, short_id_of(known, "batch-import"))
    assert (episode.receipt["override"], episode.receipt["fires_from"]) == ("batch", 100)
    (usual,) = look.receipts(known, short_id_of(known, "search"))
    assert usual.receipt["override"] == ""


def test_a_longer_burst_of_an_override_has_a_baseline_as_long(known: Database) -> None:
    slow = [an_event(service="search", time=NOON - n * HOUR, received=NOON) for n in range(6)]
    longer = Override(Rules(burst_hours=6), service="search")
    recorded = [*burst(25, service="search"), *burst(25, service="search", now=NOON - 5 * HOUR)]
    assert watch(known, [*slow, *recorded], now=NOON, rules=Rules(overrides=(longer,))) == [
        (Kind.SPIKE, "search")
    ]
    (episode,) = look.receipts(known, short_id_of(known, "search"))
    assert (episode.receipt["window_hours"], episode.receipt["usual_max"]) == (6, 18)


def test_a_forwarders_backlog_opens_nothing(known: Database) -> None:
    backlog = [
        an_event(service="search", customer=f"c{n % 9}", time=NOON - 30 * HOUR, received=NOON)
        for n in range(900)
    ]
    assert watch(known, backlog, now=NOON) == []


def test_a_new_customer_turns_a_known_error_into_a_spread_unless_it_is_new_to_the_fleet(
    known: Database,
) -> None:
    usual = [an_event(time=NOON - n * HOUR, received=NOON - HOUR) for n in range(1, 400)]
    record(known, usual, now=NOON - HOUR)
    strangers = [an_event(customer="hooli"), an_event(customer="umbrella")]
    assert watch(known, strangers, now=NOON) == []
    others = [an_event(customer="globex"), an_event(customer="initech")]
    assert watch(known, others, now=NOON) == [(Kind.SPREAD, "checkout")]


def test_after_days_in_which_no_source_was_heard_nothing_is_unusual_that_goes_on(
    known: Database,
) -> None:
    rare = [an_event(time=NOON - n * 8 * HOUR, received=NOON - HOUR) for n in range(1, 50)]
    record(known, rare, now=NOON - HOUR)
    back = NOON + 9 * DAY
    returned = [*burst(1, now=back), *burst(3, now=back, service="search")]
    assert watch(known, returned, now=back) == []
    assert watch(known, burst(1, now=back, service="cart"), now=back) == [(Kind.NEW, "cart")]


def test_what_was_quiet_for_days_while_others_were_heard_is_back(known: Database) -> None:
    rare = [an_event(time=NOON - n * 8 * HOUR, received=NOON - HOUR) for n in range(30, 50)]
    record(known, rare, now=NOON - HOUR)
    assert watch(known, burst(1), now=NOON) == [(Kind.BACK, "checkout")]


def test_a_burst_that_comes_with_as_much_more_traffic_is_none(known: Database) -> None:
    def measured(service: str) -> None:
        hours = range(hour_of(NOON) - 20 * 24, hour_of(NOON) + 1)
        lines = dict.fromkeys(hours, 100) | {hour_of(NOON): 300}
        rows = [traffic.Row(service, at, n, b"") for at, n in lines.items()]
        with known.write() as session:
            traffic.put(session, rows)

    def spikes(events: list[Event]) -> list[Finding]:
        numbers = record(known, events, now=later).signature_ids
        with known.read() as session:
            found = judged(session, numbers, {}, now=later, rules=RULES, memory=Memory())
        return [one for _, those in found.values() for one in those if one.kind is Kind.SPIKE]

    later = NOON + 5 * MINUTE
    some = [an_event(service="search", time=NOON + n * MINUTE) for n in range(4) for _ in range(5)]
    measured("cart")
    assert spikes(some), "that is the traffic of another service"
    measured("search")
    assert not spikes(burst(1, service="search"))
    (spike,) = spikes(burst(20, service="search"))
    assert (spike.receipt.traffic, spike.receipt.fires_from) == (2.0, 37)


def test_no_traffic_excuses_what_is_critical(known: Database) -> None:
    """Clients that try again write lines, too."""
    usual = [replace(event, message=OUT_OF_MEMORY) for event in background(service="cart")]
    record(known, usual, now=NOON - HOUR)
    hours = range(hour_of(NOON) - 20 * 24, hour_of(NOON) + 1)
    lines = dict.fromkeys(hours, 100) | {hour_of(NOON): 900}
    with known.write() as session:
        traffic.put(session, [traffic.Row("cart", at, n, b"") for at, n in lines.items()])
    later = NOON + 5 * MINUTE
    again = [
        an_event(service="cart", message=OUT_OF_MEMORY, time=NOON + n % 5 * MINUTE)
        for n in range(25)
    ]
    assert (Kind.CRITICAL, "cart") in watch(known, again, now=later)


def test_an_episode_closes_after_six_calm_hours_though_nothing_arrives(known: Database) -> None:
    watch(known, burst(40, service="search"), now=NOON)

    def closed_at(hours: int) -> datetime | None:
        watch(known, (), now=NOON + hours * HOUR)
        (episode,) = look.receipts(known, short_id_of(known, "search"))
        return episode.closed_at

    last_unusual, calm = Rules().burst_hours - 1, 6
    judged = {hours: closed_at(hours) for hours in range(1, last_unusual + calm + 1)}
    assert judged.pop(last_unusual + calm) == NOON + (last_unusual + calm) * HOUR
    assert set(judged.values()) == {None}


@pytest.mark.parametrize(
    ("bursts", "told"),
    [
        pytest.param({0: 1_000}, [0], id="one, however high"),
        pytest.param({0: 1_000, 9: 900}, [0, 9], id="another after six calm hours"),
        pytest.param({0: 1_000, 5: 1_000}, [0], id="before that it is the same"),
        pytest.param({0: 100, 5: 1_000}, [0, 5], id="unless it is far higher"),
        pytest.param({0: 1_000, 20: 1_000, 27: 1_000, 50: 1_000}, [0, 20, 50], id="day after day"),
    ],
)
def test_each_burst_is_told_of_once(
    known: Database, bursts: dict[int, int], told: list[int]
) -> None:
    began = []
    for hours in range(max(bursts) + 30):
        now = NOON + hours * HOUR
        seen = burst(bursts.get(hours, 0) + 3, now=now, service="search")
        began += [hours for _ in watch(known, seen, now=now)]
    assert began == told


def test_an_episode_of_a_burst_is_over_six_hours_after_the_burst(known: Database) -> None:
    watch(known, burst(1_000, service="search"), now=NOON)
    for hours in range(1, 9):
        now = NOON + hours * HOUR
        watch(known, burst(3, now=now, service="search"), now=now)
    (episode,) = look.receipts(known, short_id_of(known, "search"))
    assert episode.closed_at == NOON + 7 * HOUR


def test_what_is_new_is_told_again_once_it_is_far_above_all_it_ever_was(known: Database) -> None:
    assert watch(known, burst(3), now=NOON) == [(Kind.NEW, "checkout")]
    later = NOON + 25 * HOUR
    assert watch(known, burst(3, now=later), now=later) == []
    later += HOUR
    to_all = [one for name in "bcdefgh" for one in burst(9, now=later, customer=name)]
    newcomers = watch(known, to_all, now=later)
    assert newcomers == [(Kind.SPIKE, "checkout")], "customers that are new to the fleet, too"


def test_what_was_resolved_in_a_release_is_back_once_it_is_seen_in_that(known: Database) -> None:
    hours = range(1, 60)
    usual = [an_event(time=NOON - n * HOUR, received=NOON, version="4.19.0") for n in hours]
    record(known, usual, now=NOON)
    decide.resolve(known, short_id_of(known, "checkout"), by="U1", now=NOON, version="4.20.0")
    later = NOON + HOUR
    assert watch(known, burst(3, now=later, version="4.19.0"), now=later) == []
    later = NOON + 2 * HOUR
    fixed = an_event(time=later, version="4.20.0")
    stale = an_event(time=later + MINUTE, version="4.19.0")
    assert watch(known, [fixed, stale], now=later + MINUTE) == [(Kind.BACK, "checkout")], (
        "while a release rolls out, the one before still fails beside it"
    )


def test_the_release_before_does_not_hide_the_newer_one_that_failed_a_moment_ago(
    known: Database,
) -> None:
    record(known, burst(3, version="4.18.0"), now=NOON)
    decide.resolve(known, short_id_of(known, "checkout"), by="U1", now=NOON, version="4.19.0")
    record(known, burst(1, now=NOON + HOUR, version="4.19.0"), now=NOON + HOUR)
    record(known, burst(1, now=NOON + HOUR, version="4.18.0"), now=NOON + HOUR)
    began = detect(known, touched(known, NOON + HOUR), now=NOON + HOUR, rules=RULES)
    assert (Kind.BACK, "checkout") in kinds(began)


def test_the_commit_before_does_not_bring_back_what_another_mends(known: Database) -> None:
    hours = range(1, 60)
    usual = [an_event(time=NOON - n * HOUR, received=NOON, version="a1a2a3a4") for n in hours]
    record(known, usual, now=NOON)
    decide.resolve(known, short_id_of(known, "checkout"), by="U1", now=NOON, version="b1b2b3b4")
    older = [burst(3, now=NOON + n * HOUR, version="a1a2a3a4") for n in range(1, 5)]
    assert watch(known, older[0], now=NOON + HOUR) == []
    fixed = burst(1, now=NOON + 2 * HOUR, version="b1b2b3b4")
    record(known, fixed, now=NOON + 2 * HOUR)
    record(known, older[1], now=NOON + 2 * HOUR)
    now = NOON + 3 * HOUR
    assert watch(known, older[2], now=now) == [(Kind.BACK, "checkout")], (
        "the newest it was seen in is the one that began last, not the one that was seen last"
    )
    (episode,) = look.receipts(known, short_id_of(known, "checkout"))
    assert episode.reason == (
        "resolved in b1b2b3b4 2026-11-18 12:00 UTC, "
        "seen in b1b2b3b4 since 2026-11-18 14:00 UTC at the earliest"
    )
    assert episode.receipt["observed"] == 7


@pytest.mark.parametrize(
    ("told", "after", "is_back"),
    [
        ([("4.18.0", -2 * DAY)], HOUR, False),
        ([("4.18.0", -2 * DAY)], 8 * DAY, True),
        ([("4.18.0", -8 * DAY)], HOUR, True),
        ([("4.18.0", -2 * DAY), ("4.19.0", HOUR)], 2 * HOUR, True),
        ([], HOUR, True),
    ],
)
def test_what_names_no_version_is_back_once_the_release_is_deployed_where_deploys_are_told(
    known: Database, told: list[tuple[str, timedelta]], after: timedelta, is_back: bool
) -> None:
    usual = [an_event(time=NOON - n * HOUR, received=NOON) for n in range(1, 60)]
    record(known, usual, now=NOON)
    with known.write() as session:
        for version, at in told:
            deploys.tell(session, deploys.Version("checkout", "", version), NOON + at)
    decide.resolve(known, short_id_of(known, "checkout"), by="U1", now=NOON, version="4.19.0")
    began = watch(known, burst(1, now=NOON + after), now=NOON + after)
    assert ((Kind.BACK, "checkout") in began) is is_back


@pytest.mark.both_engines
def test_the_commit_that_began_last_is_the_newest_of_what_is_merged(known: Database) -> None:
    record(known, burst(1, version="a1a2a3a4"), now=NOON)
    name = short_id_of(known, "checkout")
    decide.resolve(known, name, by="U1", now=NOON + MINUTE, version="b1b2b3b4")
    later = NOON + HOUR
    record(known, burst(1, now=later, version="a1a2a3a4"), now=later)
    other = [an_event(time=later, version="b1b2b3b4", message="card declined", service="checkout")]
    (number,) = record(known, other, now=later).signature_ids
    with known.read() as session:
        case = signatures.get(session, [number])[number].short_id
    decide.merge(known, case, into=name, by="U1", now=later)
    began = detect(known, touched(known, later), now=later, rules=RULES)
    assert (Kind.BACK, "checkout") in kinds(began)


def test_a_newer_release_that_failed_before_it_was_resolved_does_not_bring_it_back(
    known: Database,
) -> None:
    record(known, burst(1, version="4.20.0"), now=NOON)
    name = short_id_of(known, "checkout")
    decide.resolve(known, name, by="U1", now=NOON + MINUTE, version="4.19.1")
    began = watch(known, burst(1, now=NOON + HOUR, version="4.18.0"), now=NOON + HOUR)
    assert (Kind.BACK, "checkout") not in began


def test_what_failed_in_a_newer_release_brings_back_what_it_is_merged_into(
    known: Database,
) -> None:
    record(known, burst(3, version="4.18.0"), now=NOON)
    name = short_id_of(known, "checkout")
    decide.resolve(known, name, by="U1", now=NOON, version="4.19.0")
    later = NOON + HOUR
    record(known, burst(1, now=later, version="4.19.0", service="pay"), now=later)
    record(known, burst(1, now=later, version="4.18.0"), now=later)
    decide.merge(known, short_id_of(known, "pay"), into=name, by="U1", now=later)
    began = detect(known, touched(known, later), now=later, rules=RULES)
    assert (Kind.BACK, "checkout") in kinds(began)


def test_what_was_quiet_for_longer_than_a_month_is_back(database: Database) -> None:
    record(database, background(until=NOON - 50 * DAY), now=NOON - 50 * DAY)
    others = [an_event(service="cart", time=NOON - n * DAY, received=NOON) for n in range(1, 60)]
    record(database, others, now=NOON)
    assert watch(database, burst(1, service="search"), now=NOON) == [(Kind.BACK, "search")]


def test_what_was_seen_a_few_times_in_half_a_year_is_not_back_each_time(known: Database) -> None:
    rarely = [an_event(time=NOON - n * 40 * DAY, received=NOON - HOUR) for n in range(1, 5)]
    record(known, rarely, now=NOON - HOUR)
    assert watch(known, burst(1), now=NOON) == []


def test_a_stray_line_of_an_old_year_does_not_make_everything_new(database: Database) -> None:
    stray = an_event(service="cart", time=NOON - 900 * DAY, received=NOON)
    record(database, [stray], now=NOON)
    assert watch(database, burst(5), now=NOON) == []


@pytest.fixture
def staged(known: Database) -> Database:
    """A fleet in production, one error of which is known in staging for weeks."""
    hours = range(1, 15 * 24, 5)
    staging = [
        an_event(environment="staging", time=NOON - n * HOUR, message=OUT_OF_MEMORY) for n in hours
    ]
    record(known, staging, now=NOON - HOUR)
    return known


def test_an_error_that_is_known_in_staging_is_new_when_it_gets_to_production(
    staged: Database,
) -> None:
    again = burst(1, message=OUT_OF_MEMORY, environment="staging")
    assert watch(staged, again, now=NOON) == []
    later = NOON + 5 * MINUTE
    there = burst(1, now=later, message=OUT_OF_MEMORY, environment="prod-eu")
    began = watch(staged, there, now=later)
    assert began == [(Kind.CRITICAL, "checkout"), (Kind.NEW, "checkout")]
    short_id = short_id_of(staged, "checkout")
    told = look.receipts(staged, short_id)
    assert {episode.reason.removeprefix("out of memory: ") for episode in told} == {
        "first seen in production 2026-11-18 12:05 UTC, elsewhere since 2026-11-03 16:00 UTC"
    }
    assert look.card(staged, short_id, now=later).environment == "prod-eu"
    tomorrow = NOON + 2 * DAY
    again = burst(1, now=tomorrow, message=OUT_OF_MEMORY, environment="prod-eu")
    assert watch(staged, again, now=tomorrow) == []


def test_that_it_got_to_production_is_told_beside_that_it_spikes(staged: Database) -> None:
    there = burst(300, message=OUT_OF_MEMORY, environment="prod-eu")
    assert {kind for kind, _ in watch(staged, there, now=NOON)} >= {Kind.NEW, Kind.SPIKE}


def test_that_it_got_to_production_is_told_at_once_where_it_is_back_elsewhere(
    known: Database,
) -> None:
    hours = range(6 * 24, 19 * 24, 5)
    once = [an_event(environment="staging", time=NOON - n * HOUR) for n in hours]
    record(known, once, now=NOON - HOUR)
    assert watch(known, burst(1, environment="staging"), now=NOON) == [(Kind.BACK, "checkout")]
    began = {}
    for hours in (2, 23, 25):
        later = NOON + hours * HOUR
        began[hours] = watch(known, burst(1, now=later, environment="prod-eu"), now=later)
    assert began == {2: [(Kind.NEW, "checkout")], 23: [], 25: []}


@pytest.mark.parametrize("there", ["qa", "pre-production", "non-prod", ""])
def test_no_other_environment_makes_it_new(staged: Database, there: str) -> None:
    assert watch(staged, burst(1, message=OUT_OF_MEMORY, environment=there), now=NOON) == []


def test_what_came_without_an_environment_may_have_been_in_production(known: Database) -> None:
    hours = range(1, 15 * 24, 5)
    nameless = [an_event(environment="", time=NOON - n * HOUR) for n in hours]
    record(known, nameless, now=NOON - HOUR)
    assert watch(known, burst(1), now=NOON) == []


def test_where_production_is_new_itself_nothing_is_for_getting_there(database: Database) -> None:
    hours = range(1, 15 * 24, 5)
    staging = [an_event(environment="staging", time=NOON - n * HOUR) for n in hours]
    record(database, staging, now=NOON - HOUR)
    assert watch(database, burst(1), now=NOON) == []


LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def test_one_event_stamped_years_ago_hides_no_error_that_is_new(known: Database) -> None:
    assert watch(known, burst(1, now=LONG_AGO, message=OUT_OF_MEMORY), now=NOON) == []
    later = NOON + 9 * MINUTE
    began = watch(known, burst(8, now=later, message=OUT_OF_MEMORY), now=later)
    assert began == [(Kind.CRITICAL, "checkout"), (Kind.NEW, "checkout")]
    (episode, _) = look.receipts(known, short_id_of(known, "checkout"))
    assert "first seen 2026-11-18 12:00 UTC, 8 since" in episode.reason


def test_one_event_stamped_years_ago_makes_nothing_new_that_is_known(known: Database) -> None:
    assert watch(known, burst(1, now=LONG_AGO, service="search"), now=NOON) == []
    assert watch(known, burst(1, service="search"), now=NOON) == []


def test_what_was_seen_once_in_old_logs_is_not_new_when_it_comes_again(known: Database) -> None:
    record(known, burst(1, now=NOON - 80 * DAY), now=NOON - HOUR)
    assert watch(known, burst(1), now=NOON) == []


def test_a_new_error_that_comes_days_late_is_news_when_it_comes(database: Database) -> None:
    record(database, background(until=NOON - 9 * DAY), now=NOON - 9 * DAY)
    record(database, background(days=9), now=NOON - HOUR)
    late = [an_event(time=NOON - 3 * DAY, received=NOON)]
    assert watch(database, late, now=NOON) == [(Kind.NEW, "checkout")]
    (episode,) = look.receipts(database, short_id_of(database, "checkout"))
    assert (
        episode.reason == "happened 2026-11-15 12:00 UTC, but reached us only 2026-11-18 12:00 UTC"
    )


def test_what_goes_on_after_an_event_that_came_days_late_is_no_spike(database: Database) -> None:
    record(database, background(until=NOON - 9 * DAY), now=NOON - 9 * DAY)
    record(database, background(days=9), now=NOON - HOUR)
    record(database, [an_event(time=NOON - 5 * DAY)], now=NOON)
    for hours in range(26):
        later = NOON + hours * HOUR
        began = watch(database, burst(20, now=later), now=later)
        assert began == [(Kind.NEW, "checkout")] * (hours == 0), f"{hours} h later"


def test_what_was_read_from_old_logs_is_no_news(known: Database) -> None:
    old = [an_event(time=NOON - 3 * DAY, received=NOON)]
    assert watch(known, old, now=NOON) == []


def test_a_log_that_is_read_day_by_day_tells_of_what_was_new_in_it(known: Database) -> None:
    tomorrow = NOON + DAY
    fresh = burst(3, now=tomorrow - 5 * HOUR)
    recorded = record(known, fresh, now=tomorrow)
    began = catch_up(known, recorded.signature_ids, until=tomorrow - 4 * HOUR, rules=RULES)
    assert kinds(began) == [(Kind.NEW, "checkout")]


def test_customers_of_the_first_day_are_known_though_the_database_is_young(
    database: Database,
) -> None:
    record(database, background(days=6), now=NOON - HOUR)
    alone = [an_event(time=NOON - n * HOUR, received=NOON - HOUR) for n in range(1, 120)]
    record(database, alone, now=NOON - HOUR)
    others = [*burst(8, customer="globex"), *burst(8, customer="initech")]
    assert (Kind.SPREAD, "checkout") in watch(database, others, now=NOON)


def test_what_was_a_warning_is_critical_from_when_it_is_an_error(known: Database) -> None:
    criticals = Criticals()

    def logged_as(severity: Severity) -> frozenset[int]:
        event = an_event(message=OUT_OF_MEMORY, severity=severity)
        return criticals.among(known, record(known, [event], now=NOON).signature_ids)

    assert not logged_as(Severity.WARNING)
    assert len(logged_as(Severity.ERROR)) == 1


def test_an_out_of_memory_is_critical_when_it_is_new(known: Database) -> None:
    began = watch(known, burst(1, message=OUT_OF_MEMORY), now=NOON)
    assert began == [(Kind.CRITICAL, "checkout"), (Kind.NEW, "checkout")]


CAUSED = """java.util.concurrent.ExecutionException: task 17 failed
\tat com.acme.{}.run(Pool.java:17)
Caused by: {}
\tat com.acme.Cart.load(Cart.java:99)
\t... 2 more"""


@pytest.mark.parametrize(
    ("place", "cause", "is_critical"),
    [
        ("Pool", "java.lang.OutOfMemoryError: Java heap space", True),
        ("Pool", "java.io.IOException: No space left on device", True),
        ("Pool", "java.io.IOException: Connection reset by peer", False),
        ("OutOfMemoryError", "java.io.IOException: Connection reset by peer", False),
    ],
)
def test_what_an_exception_came_of_may_be_critical(
    known: Database, place: str, cause: str, is_critical: bool
) -> None:
    failed = "java.util.concurrent.ExecutionException"
    seen = an_event(error_type=failed, stack=CAUSED.format(place, cause), time=NOON, received=NOON)
    told = [Kind.CRITICAL, Kind.NEW] if is_critical else [Kind.NEW]
    assert [kind for kind, _ in watch(known, [seen], now=NOON)] == told


def test_what_is_critical_and_was_seen_once_is_critical_again_when_it_is_back(
    known: Database,
) -> None:
    for service, message in (("checkout", OUT_OF_MEMORY), ("mail", "connection refused")):
        once = an_event(
            service=service, message=message, time=NOON - 10 * DAY, received=NOON - HOUR
        )
        record(known, [once], now=NOON - HOUR)
    again = [
        *burst(1, message=OUT_OF_MEMORY),
        *burst(1, service="mail", message="connection refused"),
    ]
    assert watch(known, again, now=NOON) == [(Kind.CRITICAL, "checkout"), (Kind.BACK, "checkout")]


def test_a_warning_of_it_is_not_critical(known: Database) -> None:
    warned = burst(1, message=OUT_OF_MEMORY, severity=Severity.WARNING)
    assert watch(known, warned, now=NOON) == [(Kind.NEW, "checkout")]


def test_a_steady_error_that_happens_to_say_out_of_memory_is_no_alarm(known: Database) -> None:
    steady = [
        an_event(time=NOON - n * HOUR, received=NOON - HOUR, message=OUT_OF_MEMORY)
        for n in range(1, 400)
    ]
    record(known, steady, now=NOON - HOUR)
    assert watch(known, burst(1, message=OUT_OF_MEMORY), now=NOON) == []


@pytest.mark.parametrize("said", ["joined chat room 5", "a skilled worker left", "order 15032"])
def test_a_word_that_only_contains_one_is_not_critical(known: Database, said: str) -> None:
    assert watch(known, burst(1, message=said), now=NOON) == [(Kind.NEW, "checkout")]


def test_what_is_new_and_only_stamped_ahead_is_found_though_nothing_follows(
    known: Database,
) -> None:
    fast = [an_event(time=NOON + 50 * MINUTE, received=NOON + 20 * MINUTE)]
    assert watch(known, fast, now=NOON + 20 * MINUTE) == [(Kind.NEW, "checkout")]


def test_one_stamped_in_the_next_hour_is_found_too(known: Database) -> None:
    fast = [an_event(time=NOON + 70 * MINUTE, received=NOON + 50 * MINUTE)]
    assert watch(known, fast, now=NOON + 50 * MINUTE) == [(Kind.NEW, "checkout")]


def test_what_is_remembered_changes_no_judgement(database: Database, other: Database) -> None:
    others = [f"customer {n}" for n in range(12)]
    said = []
    for name, at, memory in (("forgetful", database, None), ("remembers", other, Memory())):
        before = [an_event(service="other", customer=name, time=NOON - 12 * DAY) for name in others]
        record(at, [*background(), *background(service="pay"), *before], now=NOON - HOUR)
        rounds = []
        for minutes in range(0, 300, 20):
            now = NOON + minutes * MINUTE
            hit = an_event(service="pay", customer=others[max(0, minutes - 60) // 20], time=now)
            events = [*burst(minutes // 9, now=now, service="search"), *burst(1, now=now), hit]
            rounds.append(watch(at, events, now=now, memory=memory))
        said.append(rounds)
    assert said[0] == said[1]
    assert {kind for rounds in said for found in rounds for kind, _ in found} == {
        Kind.NEW,
        Kind.SPIKE,
        Kind.SPREAD,
    }


def test_what_is_too_much_to_remember_pushes_out_nothing_that_was_learned() -> None:
    memory = Memory()
    memory.rhythms = dict.fromkeys(range(RHYTHMS_KEPT + 7))
    memory.limit()
    assert list(memory.rhythms) == list(range(RHYTHMS_KEPT))


@pytest.mark.parametrize(
    ("judged_at", "now", "due"),
    [
        (None, NOON, True),
        (NOON, NOON + MINUTE, False),
        (NOON, NOON + 59 * MINUTE, False),
        (NOON + 59 * MINUTE, NOON + HOUR, True),
        (NOON + 4 * HOUR, NOON + 4 * HOUR + 29 * MINUTE, False),
        (NOON + 4 * HOUR, NOON + 4 * HOUR + 30 * MINUTE, True),
        (NOON + 4 * HOUR + 30 * MINUTE, NOON + 4 * HOUR + 31 * MINUTE, False),
    ],
)
def test_an_open_episode_without_events_is_judged_each_hour_and_when_it_may_be_over(
    judged_at: datetime | None, now: datetime, due: bool
) -> None:
    memory, waiting = Memory(), {1: NOON - 90 * MINUTE}
    if judged_at:
        memory.was_judged(waiting, [1], judged_at)
    assert (memory.due(waiting, now) == {1}) == due


def test_what_is_calm_costs_a_look_one_question_and_an_alarm_none(known: Database) -> None:
    memory = Memory()
    watch(known, burst(60, service="search"), now=NOON, memory=memory)
    calm = NOON + 3 * HOUR
    watch(known, [], now=calm, memory=memory)
    with statements(known) as asked:
        assert detect(known, [], now=calm + MINUTE, rules=RULES, memory=memory) == ()
        assert len(asked) == 1
        assert detect_among(known, [], now=calm + MINUTE, rules=RULES, memory=memory) == ()
    assert len(asked) == 1


def test_a_late_event_that_changes_a_closed_hour_is_usual_from_the_next_hour_on(
    known: Database,
) -> None:
    memory = Memory()

    def found(now: datetime, memory: Memory) -> set[Kind]:
        asked = touched(known, NOON)
        with known.read() as session:
            of = judged(session, asked, {}, now=now, rules=RULES, memory=memory)
        return {finding.kind for _, findings in of.values() for finding in findings}

    record(known, burst(35, service="search"), now=NOON)
    assert found(NOON, memory) == {Kind.SPIKE}
    days = range(1, 14)
    late = [
        an_event(service="search", time=NOON - day * DAY, received=NOON) for day in 60 * [*days]
    ]
    record(known, late, now=NOON)
    assert found(NOON + MINUTE, memory) == {Kind.SPIKE}
    assert found(NOON + HOUR, memory) == set()


def test_what_was_merged_into_it_belongs_to_what_is_usual_at_once(known: Database) -> None:
    few = [an_event(time=NOON - n * HOUR, received=NOON - HOUR) for n in range(1, 400)]
    many = [
        an_event(message="payment refused by the bank", time=event.time, received=NOON - HOUR)
        for event in few
        for _ in range(15)
    ]
    record(known, [*few, *many], now=NOON - HOUR)
    memory = Memory()
    watch(known, burst(1), now=NOON, memory=memory)
    found = look.search(known, "checkout", now=NOON, most=9).cards
    small, large = sorted(found, key=lambda card: card.total)
    merge(known, large.short_id, into=small.short_id, by="U1", now=NOON)
    assert watch(known, burst(1), now=NOON, memory=memory) == []


def test_what_came_is_to_be_judged_as_of_when_it_came_and_as_of_when_it_happened(
    known: Database,
) -> None:
    later = NOON + 9 * HOUR
    (number,) = record(known, [an_event(time=NOON)], now=later).signature_ids
    hours = [one.hour for one in unjudged(known, now=later) if one.signature_id == number]
    assert hours == [hour_of(NOON), hour_of(later)]


def test_a_file_that_is_read_later_tells_of_the_hour_that_was_unusual(known: Database) -> None:
    yesterday = NOON - 20 * HOUR
    recorded = record(known, burst(60, now=yesterday, service="search"), now=NOON)
    began = catch_up(known, recorded.signature_ids, until=NOON, rules=RULES)
    assert kinds(began) == [(Kind.SPIKE, "search")]


def test_a_file_that_is_read_beside_a_pipe_doubles_no_episode(known: Database) -> None:
    now = NOON + 4 * HOUR
    assert watch(known, burst(60, now=now, service="search"), now=now) == [(Kind.SPIKE, "search")]
    recorded = record(known, burst(60, now=NOON + 2 * HOUR, service="search"), now=now)
    assert catch_up(known, recorded.signature_ids, until=now, rules=RULES) == ()
    assert len(look.receipts(known, short_id_of(known, "search"))) == 1


def test_nothing_in_a_file_is_called_out_before_it_was_first_seen(known: Database) -> None:
    first = NOON - 3 * HOUR + 25 * MINUTE
    recorded = record(known, [an_event(time=first)], now=NOON)
    (began,) = catch_up(known, recorded.signature_ids, until=NOON + 7 * MINUTE, rules=RULES)
    (episode,) = look.receipts(known, began.short_id)
    assert first < episode.opened_at < NOON - 2 * HOUR


def test_catching_up_twice_begins_nothing_twice(known: Database) -> None:
    yesterday = NOON - 20 * HOUR
    recorded = record(known, burst(60, now=yesterday, service="search"), now=NOON)
    catch_up(known, recorded.signature_ids, until=NOON, rules=RULES)
    assert catch_up(known, recorded.signature_ids, until=NOON, rules=RULES) == ()


def test_judging_nothing_is_fine(database: Database) -> None:
    assert detect(database, (), now=NOON, rules=RULES) == ()
    assert detect(database, (7, 8), now=NOON, rules=RULES) == ()
