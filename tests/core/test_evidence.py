from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core import evidence
from bot.core.evidence import Evidence, Exhibit, Neighbour, Sample
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


def test_a_customer_of_long_ago_is_hidden_too() -> None:
    known = Evidence(
        a_card(customers=()), (Sample("tenant initech failed"),), customers=("Initech",)
    )
    assert "initech" not in everything(evidence.exhibit(known, redact)).lower()


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
    assert [text for label, text in exhibit.texts if label.startswith("sample")] == [
        "a 1",
        "a 2",
        "a 3",
    ]


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
