from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

import prompts
from bot.asking import ways
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Prompt
from bot.core.detection.finding import Kind
from bot.core.redaction import redact
from bot.core.spending.routing import Tier
from bot.errors import NotFound
from bot.flows import find, gather
from bot.flows.deploy import deploy
from bot.flows.preview import preview
from bot.flows.record import record
from bot.flows.vary import Ways
from bot.llm import question
from bot.settings import Settings
from storage import anomalies, calls, signatures, tables
from storage.database import Database
from storage.deploys import Version
from tests.builders import NOON, an_event

MINUTE = timedelta(minutes=1)


def write(known: Evidence) -> Prompt:
    return question.write(prompts.library(), known, nonce="3f9c0a7be1d24c58", redact=redact)


WAYS = Ways(replace(ways(Settings()).usual, write=write))


def gathered(database: Database, short_id: str) -> Evidence:
    with database.read() as session:
        return gather.gather(session, find.by_name(session, short_id), now=NOON)


def open_new(database: Database, number: int) -> None:
    with database.write() as session:
        anomalies.begin(
            session, number, kind=Kind.NEW, now=NOON, reason="first seen now", receipt={}
        )


def test_the_samples_customers_and_deploy_of_a_signature_are_gathered(
    database: Database,
) -> None:
    deploy(database, Version("checkout", "production", "4.19.1"), at=NOON - 22 * MINUTE, now=NOON)
    events = [
        an_event(message=f"payment {n} failed: connection refused", customer=customer)
        for n, customer in enumerate(("acme", "globex", "initech", "hooli"))
    ]
    (number,) = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        known = gather.gather(session, find.by_number(session, number), now=NOON)
    assert [sample.message for sample in known.samples] == [event.message for event in events[:3]]
    assert set(known.customers) == {"acme", "globex", "initech", "hooli"}
    assert known.card.after_deploy == "22 min after checkout 4.19.1"


def test_the_other_signatures_of_its_incident_are_gathered(database: Database) -> None:
    deploy(database, Version("checkout", "production", "4.19.1"), at=NOON - 2 * MINUTE, now=NOON)
    events = [
        an_event(message=message, version="4.19.1")
        for message in ("cart is empty", "KeyError: 'sku'", "no price for a basket")
    ]
    for number in record(database, events, now=NOON).signature_ids:
        open_new(database, number)
    with database.read() as session:
        first = find.by_number(session, 1).short_id
    known = gathered(database, first)
    assert known.tied_by == "new right after checkout 4.19.1"
    assert len(known.neighbours) == 2


def test_a_customer_that_another_error_named_is_not_shown(database: Database) -> None:
    record(database, [an_event(service="billing", customer="initech-gmbh")], now=NOON)
    events = [an_event(message="Charge of initech-gmbh declined", customer="acme")]
    (number,) = record(database, events, now=NOON).signature_ids
    with database.read() as session:
        named = find.by_number(session, number).short_id
    asked = preview(database, named, ways=WAYS, withheld="", now=NOON).prompt
    assert "Charge of CUST_1 declined" in asked.shown
    assert "initech" not in asked.user


def test_a_preview_is_what_a_call_would_send_and_says_why_it_is_not(
    database: Database, short_id: str
) -> None:
    shown = preview(database, short_id.lower(), ways=WAYS, withheld="no model", now=NOON)
    assert (shown.short_id, shown.withheld) == (short_id, "no model")
    assert shown.prompt == write(gathered(database, short_id))
    assert "payment failed: connection refused" in shown.prompt.shown


def test_a_preview_says_when_it_was_sent_last_and_to_whom(
    database: Database, short_id: str
) -> None:
    before = preview(database, short_id, ways=WAYS, withheld="", now=NOON)
    assert before.said == "It is sent as it stands, once it behaves unusually."
    with database.write() as session:
        number = find.by_name(session, short_id).id
        asked = {"feature": "analysis", "provider": "own", "tier": "cheap", "asked": "small"}
        asked |= {"team": "dev", "prompt": "analysis 1", "outcome": "ok", "signature_id": number}
        session.add(tables.Call(at=NOON, reserved=1, **asked))
    shown = preview(database, short_id, ways=WAYS, withheld="the flag model is off", now=NOON)
    assert shown.said == (
        "Nothing is sent now: the flag model is off. Last sent to small on 2026-11-18 12:00 UTC, "
        "which was answered; sent again only when it is due, as it stands then."
    )


def test_a_preview_says_that_there_is_no_money_for_what_is_called_out(
    database: Database, short_id: str
) -> None:
    terms = WAYS.usual.terms
    poor = replace(WAYS.usual, terms=replace(terms, caps=replace(terms.caps, month=10)))
    shown = partial(preview, database, short_id, ways=Ways(poor), withheld="", now=NOON)
    assert shown().withheld == ""
    with database.write() as session:
        number = find.by_name(session, short_id).id
        signatures.assign(session, [signatures.Assignment(number, "dev", "it is theirs")])
    open_new(database, number)
    assert shown().said == "Nothing is sent now: budget of this month used up."
    affordable = preview(database, short_id, ways=WAYS, withheld="", now=NOON)
    assert affordable.said == (
        "It behaves unusually: the running bot sends it with its next round, as it stands then."
    )
    with database.read() as session:
        assert calls.latest(session, [number], feature="analysis") == {}


def test_a_preview_says_by_what_else_it_is_asked_to_be_compared(
    database: Database, short_id: str
) -> None:
    models = dict.fromkeys(Tier, "claude-opus-5-5")
    trial = replace(WAYS.usual, terms=replace(WAYS.usual.terms, models=models))
    said = "To be compared, it is asked by analysis 2 with claude-opus-5-5, too."
    compared = replace(WAYS, trial=trial, shadow_share=1.0)
    assert preview(database, short_id, ways=compared, withheld="", now=NOON).said.endswith(said)
    newer = replace(compared, trial=replace(trial, prompt="analysis 3"))
    shown = preview(database, short_id, ways=newer, withheld="", now=NOON).said
    assert shown.endswith(f"too: `triage prompt {short_id} --version 3` shows how.")
    apart = replace(compared, shadow_share=0.0)
    assert "compared" not in preview(database, short_id, ways=apart, withheld="", now=NOON).said


def test_nobody_is_shown_the_prompt_of_what_there_is_not(database: Database) -> None:
    with pytest.raises(NotFound):
        preview(database, "E-999", ways=WAYS, withheld="", now=NOON)
