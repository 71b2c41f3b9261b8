from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.receipt import VERSION, Receipt
from bot.core.hour import MOMENT
from bot.core.intake.source import Backlog, Pulled
from bot.core.ownership.decision import State
from bot.core.ownership.trail import Decided, Merged
from bot.core.telling.digest import Footer
from bot.flows.detect import Opened
from bot.flows.ingest import Account
from bot.flows.record import Recorded
from bot.flows.recount import Reasons, Recount, as_stored
from bot.terminal import accounts, cards, origins, recounts, replays
from tests.builders import NOON
from tests.slack.builders import a_card, a_digest


def test_a_digest_says_the_verdict_the_window_and_what_stands_behind_it() -> None:
    first, window, *_, last = cards.digest(a_digest(a_card())).splitlines()
    assert first == "1 new · 214 quiet"
    assert window == "2026-11-17 12:00 UTC to 2026-11-18 12:00 UTC"
    assert last.startswith("12,345 events → 220 signatures")


def test_a_card_answers_what_why_how_often_who_and_whose() -> None:
    said = cards.digest(a_digest(a_card()))
    assert "NEW          E-7K2  checkout  ConnectionError: connection refused\n" in said
    assert "  why        new: first seen 2026-11-18 09:00 UTC, 214 since\n" in said
    assert "  seen       214 in 24 h, usually 12 a day  ▁▂▂▂█\n" in said
    assert "  customers  acme 70 %, globex 30 %\n" in said
    assert "  owner      platform (network error), open\n" in said
    assert "  severity   High: Customers cannot pay.\n" in said
    assert "  cause      the gateway is down (by rules, medium confidence)\n" in said
    assert "  first      check the gateway\n" in said


def test_a_card_says_who_holds_it_and_which_release_came_before_it() -> None:
    held = a_card(
        state=State.CLAIMED,
        assignee="Ana",
        claimed_at=NOON,
        release="checkout 4.19.1",
        released_at=NOON - timedelta(hours=3, minutes=6),
    )
    said = cards.digest(a_digest(held))
    assert "(network error), claimed by Ana 2026-11-18 12:00 UTC\n" in said
    assert "  deploy     first seen 6 min after checkout 4.19.1\n" in said


def test_a_card_ends_with_all_that_was_decided_on_it() -> None:
    muted = Decided(2, "mute", "U1", NOON, "the bank is down", "<@U1> muted it")
    undone = Decided(3, "undo", "Ana", NOON, "undid mute", "<@Ana> undid mute: it is open again")
    assert cards.card(a_card(), (undone, muted)).endswith(
        "\n\nDecided, the latest first:\n"
        "  2026-11-18 12:00 UTC  Ana undid mute: it is open again\n"
        "  2026-11-18 12:00 UTC  U1 muted it: the bank is down\n"
    )
    assert "Decided" not in cards.card(a_card())


def test_a_list_is_a_line_each_and_counts_what_it_does_not_name() -> None:
    said = cards.listed([a_card()], empty="None.", further=1_200)
    assert said == (
        "E-7K2  NEW        checkout  ConnectionError: connection refused: 214 in 24 h, usually "
        "12 a day; owner platform, open\n… and 1,200 more\n"
    )
    assert cards.listed([], empty="None.") == "None.\n"


def test_the_cards_of_an_incident_stand_together_below_why_they_are_one() -> None:
    refused = "upstream pricing: connection refused"
    lead, sibling = (
        a_card(short_id=short_id, service=service, template=refused)
        for short_id, service in (("E-2", "gateway"), ("E-3", "web"))
    )
    said = cards.digest(a_digest(lead, a_card(short_id="E-4"), sibling))
    opening = "INCIDENT     E-2 and 1 more: 2 services, 2 customers, since 2026-11-18 09:00 UTC; "
    assert f"\n\n{opening}pricing is in trouble\nNEW          E-2" in said
    assert said.index("  E-3    NEW        web") < said.index("E-4  checkout")


def test_a_storm_is_told_by_the_first_of_each_incident_and_a_line_for_the_others() -> None:
    refused = "upstream pricing: connection refused"
    storm = [a_card(short_id=f"E-S{n}", service=f"s{n}", template=refused) for n in range(40)]
    alone = [
        a_card(
            short_id=f"E-A{n}",
            service=f"a{n}",
            template=f"a{n} broke",
            whys=(Why(Kind.NEW, "first seen", NOON - timedelta(days=n + 1)),),
        )
        for n in range(30)
    ]
    said = cards.digest(a_digest(*storm, *alone))
    assert said.count("  cause      ") == 6
    assert "  E-S1   NEW        s1  ConnectionError: connection refused: 214 in 24 h" in said
    assert "… and 27 more; triage unclaimed lists all that nobody has" in said
    assert "\n\nAlso unusual:\n  E-A5" in said
    assert "… and 13 more;" in said
    assert len(said.splitlines()) < 100


def test_a_card_with_two_kinds_gives_a_reason_for_each() -> None:
    whys = Why(Kind.SPIKE, "300 in 24 h", NOON), Why(Kind.SPREAD, "+3 customers", NOON)
    said = cards.digest(a_digest(a_card(whys=whys)))
    assert "SPIKE + SPREAD E-7K2" in said
    assert "why        spike: 300 in 24 h\n" in said
    assert "why        spread: +3 customers\n" in said


def test_a_critical_spike_gives_its_reason_once_with_its_threshold() -> None:
    formula = "2 × the busiest usual (29) + 4 × its swing (10)"
    spike = Why(Kind.SPIKE, "365 in 24 h: fires from 99", NOON, formula=formula)
    critical = replace(spike, kind=Kind.CRITICAL, reason=f"out of memory: {spike.reason}")
    said = cards.digest(a_digest(a_card(whys=(spike, critical))))
    assert "why        critical: out of memory: 365 in 24 h: fires from 99\n" in said
    assert "threshold  above 2 × the busiest usual (29) + 4 × its swing (10)\n" in said
    assert said.count("365 in 24 h") == said.count("threshold") == 1


def test_numbers_of_another_time_say_of_which_and_days_are_counted() -> None:
    nine = NOON - timedelta(hours=3)
    over = Why(Kind.SPIKE, "212 in 24 h", nine, true_at=nine, ended_at=NOON)
    waiting = Why(Kind.NEW, "first seen", NOON - timedelta(days=1))
    said = cards.digest(a_digest(a_card(whys=(over, waiting))))
    assert "212 in 24 h (counted 2026-11-18 09:00 UTC); over since 2026-11-18 12:00 UTC\n" in said
    assert "(network error), open, day 2\n" in said


def test_what_was_mended_is_named_and_one_is_no_plural() -> None:
    footer = Footer(events=1, signatures=1)
    said = cards.digest(a_digest(footer=footer, resolved=(a_card(state=State.RESOLVED),)))
    assert "Resolved since: E-7K2 checkout ConnectionError: connection refused\n" in said
    assert "1 event → 1 signature ·" in said


def test_only_the_five_most_hit_customers_are_named() -> None:
    many = tuple((f"c{number}", 100) for number in range(8))
    assert "c4 12 %, +3 more\n" in cards.digest(a_digest(a_card(customers=many)))


def test_late_unclaimed_and_muted_are_said() -> None:
    footer = Footer(events=10, signatures=3, muted=1, hidden_events=1_234)
    shown = a_digest(late=True, footer=footer, unclaimed=(a_card(),))
    said = cards.digest(shown)
    assert said.startswith("Nothing new · 1 of earlier days · 0 quiet (late)\n")
    assert "Still unclaimed: E-7K2 checkout ConnectionError: connection refused (day 1)\n" in said
    assert "mutes hid 1,234 events" in said
    calm = a_digest(unclaimed=(a_card(whys=()),))
    assert "ConnectionError: connection refused\n" in cards.digest(calm)


def test_what_a_log_says_cannot_steer_the_terminal() -> None:
    nasty = a_card(title="\x1b[2J\x1b]0;owned\x07 \x9b31m", customers=(("ac\rme\n", 1),))
    waiting = (a_card(service="\x1b[31mweb"),)
    said = cards.digest(a_digest(nasty, unclaimed=waiting))
    assert not set(said) & set(map(chr, (*range(10), *range(11, 32), *range(127, 160))))


def test_the_summary_counts() -> None:
    recorded = Recorded(events=1_200, duplicates=3, new_signatures=1, signature_ids=frozenset({1}))
    account = Account(lines=1_300, quiet=90, unreadable=7, recorded=recorded)
    assert accounts.summary(account) == (
        "1,300 lines → 1,200 events → 1 signature (1 new)\n"
        "3 known already, 90 below error, 7 unreadable"
    )


@pytest.mark.parametrize(
    ("newest", "now", "at"),
    [
        (NOON - timedelta(minutes=40), NOON, "12:00"),
        (NOON - MOMENT, NOON, "12:00"),
        (NOON, NOON, "12:01"),
        (NOON + timedelta(seconds=59), NOON + timedelta(minutes=40), "12:01"),
        (NOON, NOON + timedelta(minutes=60), "13:00"),
    ],
)
def test_the_last_day_is_seen_by_the_end_of_its_hour_as_soon_as_that_is_over(
    newest: datetime, now: datetime, at: str
) -> None:
    said = accounts.last_day(newest, now=now)
    assert said == f"The last day of them: triage digest --dry-run --now 2026-11-18T{at}Z"


def test_before_it_was_first_seen_that_is_said() -> None:
    early = a_card(whys=(), last_day=0, usual_day=0, first_seen=NOON + timedelta(hours=1))
    assert "0 in 24 h, first seen later, 2026-11-18 13:00 UTC" in cards.card(early)
    assert "0 in 24 h, first seen later, 2026-11-18 13:00 UTC" in cards.listed([early], empty="")


def test_the_summary_of_nothing_points_nowhere() -> None:
    assert "digest" not in accounts.summary(Account(lines=5, quiet=5))


def test_a_terminal_says_too_that_it_cannot_judge_yet() -> None:
    shown = cards.digest(a_digest(footer=Footer(signatures=3, judges_from=NOON)))
    assert shown.startswith("Cannot judge yet · 3 seen\n")
    assert "triage ingest" in shown


def test_while_nothing_can_be_judged_a_terminal_names_what_came_in() -> None:
    early = Footer(signatures=2, judges_from=NOON)
    seen = (a_card(whys=()), a_card(short_id="E-8", customers=(), owner="", last_day=1))
    assert (
        "\n\nSeen so far:\n"
        "  E-7K2  checkout  ConnectionError: connection refused: 214 in 24 h, 2 customers, "
        "owner platform\n"
        "  E-8  checkout  ConnectionError: connection refused: 1 in 24 h, owner nobody yet\n\n"
    ) in cards.digest(a_digest(footer=early, seen=seen))
    more = cards.digest(a_digest(footer=early, seen=seen, also_seen=1_200))
    assert "owner nobody yet\n  … and 1,200 more\n\n" in more


def test_a_card_says_what_is_merged_into_it() -> None:
    merged = tuple(Merged(f"E-AB{n}", 31, NOON, "triage", "one error", "Boom") for n in range(2, 9))
    said = cards.card(a_card(merged=merged))
    assert (
        "  merged     E-AB2, 31 in all, since 2026-11-18 12:00 UTC by triage: one error\n" in said
    )
    assert "             and 2 more\n" in said


def test_the_frames_of_an_event_are_indented_as_they_were() -> None:
    said = cards.card(a_card(sample="panic: boom\nmain.main()\n\t/srv/main.go:7 +0x1d"))
    assert said.endswith("\n  panic: boom\n  main.main()\n   /srv/main.go:7 +0x1d\n")


def test_where_no_service_is_named_its_column_says_so() -> None:
    nowhere = a_card(service="")
    said = cards.digest(a_digest(nowhere, unclaimed=(nowhere,), resolved=(nowhere,)))
    assert "NEW          E-7K2  (no service)  ConnectionError" in said
    assert said.count("E-7K2 (no service) ConnectionError") == 2
    assert "E-7K2  (no service)" in recounts.reasons(Reasons(nowhere, (), ()))
    begun = Opened(1, "E-7K2", "", "fingerprint", a_spike(40))
    assert "E-7K2  (no service) 40 in 24 h" in replays.alert(NOON, begun)


def a_spike(observed: int) -> Finding:
    numbers = {"observed": observed, "usual": 5, "usual_max": 9, "fires_from": 20, "days": 14}
    receipt = Receipt(**numbers, window_hours=24, unit="occurrences", since="")
    return Finding(Kind.SPIKE, f"{observed} in 24 h", receipt)


def recounted(stored: Finding, found: Finding | None) -> Recount:
    """An episode of an hour ago, counted again."""
    since, counted = NOON - timedelta(hours=2), NOON - timedelta(hours=1)
    return Recount(
        Episode(stored.kind, stored.reason, since, None, as_stored(stored), counted), found
    )


NUMBERS = f"Below 20 occurrences in 24 h it would not have fired. (By detection rules {VERSION}.)"


def test_what_is_counted_again_and_is_the_same_is_said_once() -> None:
    spike = a_spike(40)
    said = recounts.reasons(Reasons(a_card(), (spike,), (recounted(spike, spike),)))
    assert said.partition("\n\n")[2].splitlines() == [
        "SPIKE, called out 2026-11-18 10:00 UTC, not over",
        "  40 in 24 h",
        f"  {NUMBERS}",
        "  Counted again for 2026-11-18 11:00 UTC: the same.",
    ]


def test_what_reads_the_same_is_said_once_though_its_window_has_grown() -> None:
    receipt = Receipt(80, 0, 0, fires_from=1, window_hours=2, days=14, unit="occurrences", since="")
    new = Finding(Kind.NEW, "first seen 05:50 UTC, 80 since", receipt)
    now = replace(new, receipt=replace(receipt, window_hours=3))
    said = recounts.reasons(Reasons(a_card(), (now,), (recounted(new, new),)))
    assert said.count("first seen 05:50 UTC") == 1


def test_where_it_is_something_else_both_are_shown() -> None:
    said = recounts.reasons(Reasons(a_card(), (), (recounted(a_spike(40), a_spike(44)),)))
    assert "2026-11-18 12:00 UTC: as usual; 214 in 24 h" in said
    assert said.index("  40 in 24 h\n") < said.index("or was set otherwise since:")
    assert said.endswith(f"  44 in 24 h\n  {NUMBERS}\n")
    said = recounts.reasons(Reasons(a_card(), (), (recounted(a_spike(40), None),)))
    assert said.endswith("set otherwise since:\n  as usual\n")


def test_what_is_unusual_at_the_moment_asked_about_comes_first() -> None:
    said = recounts.reasons(
        Reasons(a_card(), (a_spike(60),), (recounted(a_spike(40), a_spike(40)),))
    )
    first, then = (
        said.index("SPIKE at 2026-11-18 12:00 UTC\n  60 in 24 h"),
        said.index("SPIKE, called"),
    )
    assert first < then


def test_what_never_was_unusual_is_said_to_be_so() -> None:
    said = recounts.reasons(Reasons(a_card(), (), ()))
    assert said.endswith("It was never called unusual.\n")


@pytest.mark.parametrize(
    ("reached", "said"),
    [
        (12, "50 % of what came since 2026-11-17 12:00, about 30 min left"),
        (2, "8 % of what came since 2026-11-17 12:00, about 6 h left"),
        (0, "0 % of what came since 2026-11-17 12:00"),
    ],
)
def test_a_source_that_is_behind_says_how_far_it_has_caught_up(reached: int, said: str) -> None:
    """For half an hour, with a day."""
    begin = NOON - timedelta(days=1)
    backlog = Backlog(NOON - timedelta(minutes=30), begin)
    one = Pulled("loki/prod", begin + timedelta(hours=reached), backlog=backlog)
    line = origins.sources([], [one], {}, now=NOON)
    assert line.endswith(f"UTC  catching up: {said}")


def test_a_source_that_keeps_to_a_limit_waits_and_does_not_fail() -> None:
    again = NOON + timedelta(minutes=29)
    one = Pulled("datadog/dd", NOON, trouble="it allows no more for now", again=again)
    assert origins.sources([], [one], {}, now=NOON) == (
        "datadog/dd  waiting, limited until 12:29 UTC  read up to 2026-11-18 12:00 UTC\n"
        "  it allows no more for now"
    )
