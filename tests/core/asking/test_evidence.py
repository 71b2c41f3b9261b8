import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.asking import evidence
from bot.core.asking.evidence import Evidence, Exhibit, Neighbour, Sample
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.redaction import redact
from tests.builders import NOON
from tests.slack.builders import a_card


def shown(*samples: Sample, **facts: object) -> Exhibit:
    card = a_card(**{"title": "it broke", "template": "it broke", **facts})
    return evidence.exhibit(Evidence(card, samples), redact)


def everything(exhibit: Exhibit) -> str:
    return "\n".join((*exhibit.facts, *(text for _, text in exhibit.texts)))


def test_customers_are_pseudonyms_wherever_they_are_mentioned() -> None:
    exhibit = shown(Sample("Globex cannot pay", stack="at acme.checkout(pay.py)"))
    said = everything(exhibit).lower()
    assert "acme" not in said
    assert "globex" not in said
    assert exhibit.names.reveal("CUST_2 cannot pay") == "globex cannot pay"


NEIGHBOUR = Neighbour("E-9XY", "payments", "Charge of initech-gmbh declined")


def test_whoever_else_is_known_is_hidden_too_in_whatever_is_shown() -> None:
    known = Evidence(
        a_card(
            customers=(),
            title="transfer to Initech-GmbH",
            environment="initech-gmbh",
            whys=(Why(Kind.SPREAD, "initech-gmbh was never hit before", NOON),),
            release="initech-gmbh 4.19.1",
            released_at=NOON - timedelta(hours=3, minutes=22),
        ),
        (Sample("tenant INITECH-GMBH failed", stack="at initech-gmbh.pay(pay.py)"),),
        neighbours=(NEIGHBOUR,),
        tied_by="both hit initech-gmbh",
        customers=("Initech-GmbH", "umbrella"),
    )
    exhibit = evidence.exhibit(known, redact)
    assert "initech" not in everything(exhibit).lower()
    assert exhibit.names.names == {"CUST_1": "Initech-GmbH"}


def test_a_number_hides_only_where_it_is_a_customer_that_was_hit() -> None:
    known = Evidence(
        a_card(customers=(("17", 150),), last_day=17),
        (
            Sample("tenant 17 got status 502 from 18", customer="17"),
            Sample("and 18", customer="18"),
        ),
        customers=("17", "18", "502", "214"),
    )
    exhibit = evidence.exhibit(known, redact)
    assert ("sample 1", "tenant CUST_1 got status 502 from CUST_2") in exhibit.texts
    assert "seen: 17 times in 24 hours, usually 12.0 a day" in exhibit.facts
    assert "customers hit in 24 hours: 1, most of all CUST_1 150 times" in exhibit.facts


def test_a_name_that_would_be_redacted_is_a_pseudonym_among_those_who_were_hit() -> None:
    facts = shown(customers=(("ops@acme.example", 3),)).facts
    assert "customers hit in 24 hours: 1, most of all CUST_1 3 times" in facts


def test_a_name_is_compared_as_it_is_shown() -> None:
    exhibit = shown(Sample("Caf\u00e9 Nord is down"), customers=(("Cafe\u0301 \u200bNord", 3),))
    assert ("sample 1", "CUST_1 is down") in exhibit.texts


@pytest.mark.parametrize("room", range(8))
def test_no_pseudonym_is_torn_where_a_text_is_cut(room: int) -> None:
    customers = tuple((f"customer-{letter}", 1) for letter in "abcdefghijklm")
    names = " ".join(name for name, _ in customers)
    text = (
        names
        + "x" * (995 - len("CUST_9 " * 9 + "CUST_10 " * 4) - room)
        + "|customer-l "
        + "y" * 3_000
    )
    exhibit = shown(Sample(text), customers=customers)
    head = dict(exhibit.texts)["sample 1"].split("…")[0]
    assert not re.search(r"\|CUST_1$", head.strip())


def test_counts_deploy_and_neighbours_are_facts() -> None:
    card = a_card(release="checkout 4.19.1", released_at=NOON - timedelta(hours=3, minutes=22))
    neighbours = (Neighbour("E-9XY", "payments", "refused"),)
    facts = evidence.exhibit(
        Evidence(card, neighbours=neighbours, tied_by="same release"), redact
    ).facts
    assert "seen: 214 times in 24 hours, usually 12.0 a day" in facts
    assert "customers hit in 24 hours: 2, most of all CUST_1 150 times, CUST_2 64 times" in facts
    assert "deploy: first seen 22 min after checkout 4.19.1" in facts
    assert "same incident, because same release:" in facts
    assert "neighbour E-9XY of payments: refused" in facts


def test_at_most_three_samples_are_shown_and_none_twice() -> None:
    exhibit = shown(*(Sample(message) for message in ("a 1", "a 1", "a 2", "a 3", "a 4")))
    said = [text for label, text in exhibit.texts if label.startswith("sample")]
    assert said == ["a 1", "a 2", "a 4"]


def test_a_spike_is_shown_by_its_newest_event_one_of_its_beginning_and_another_customers() -> None:
    old = [Sample(f"old {n}", at=NOON - timedelta(days=14 - n), customer="acme") for n in range(3)]
    began = NOON - timedelta(hours=3)
    spike = [
        Sample("began", at=began + timedelta(minutes=2), customer="acme"),
        Sample("of somebody else", at=NOON - timedelta(hours=2), customer="globex"),
        Sample("goes on", at=NOON - timedelta(hours=1), customer="acme"),
        Sample("newest", at=NOON, customer="acme"),
    ]
    exhibit = evidence.exhibit(Evidence(a_card(), (*old, *spike), began=began), redact)
    said = [text for label, text in exhibit.texts if label.startswith("sample")]
    assert said == ["began", "of somebody else", "newest"]


def test_what_is_always_said_in_the_same_words_is_shown_with_its_newest_date() -> None:
    same = [Sample("disk full", at=NOON - timedelta(days=ago)) for ago in (14, 3, 0)]
    (label,) = [one for one, _ in shown(*same).texts if one.startswith("sample")]
    assert label == f"sample 1, {NOON:%Y-%m-%d %H:%M} UTC"


def test_a_secret_hidden_by_an_invisible_character_is_redacted() -> None:
    exhibit = shown(
        Sample("login with AKIA\u200bIOSFODNN7EXAMPLE and password=hun\u2060ter2 failed")
    )
    said = everything(exhibit)
    assert "AKIA" not in said
    assert "hunter2" not in said


def test_a_secret_where_a_text_is_cut_is_redacted_whole() -> None:
    long = "x " * 995 + "AKIAIOSFODNN7EXAMPLE " + "y " * 2000
    assert "AKIA" not in everything(shown(Sample(long)))


def test_both_ends_of_a_long_text_are_kept() -> None:
    texts = dict(shown(Sample("m", stack="first line\n" + "x\n" * 9_000 + "last line")).texts)
    assert texts["stack of sample 1"].startswith("first line")
    assert texts["stack of sample 1"].endswith("last line")
    assert len(texts["stack of sample 1"]) <= 3_000


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_a_fact_is_one_line_whatever_the_log_says(message: str, title: str, service: str) -> None:
    exhibit = shown(Sample(message), title=title, service=service)
    assert all("\n" not in fact for fact in exhibit.facts)
    assert all("\n" not in label for label, _ in exhibit.texts)


def test_what_was_seen_once_is_counted_in_words() -> None:
    facts = shown(last_day=1, total=1, usual_day=0.0, customers=(("acme", 1),)).facts
    assert "seen: once in 24 hours, usually none" in facts
    assert "seen in all: once" in facts
    assert "customers hit in 24 hours: 1, most of all CUST_1 once" in facts
