"""Whatever a provider does, an error is explained by the rules within the deadline, which say why.

The wired analyst asks by Anthropic's own library; only the provider is a stand-in, of raw sockets.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from bot import asking
from bot.core.spending.breaker import OPEN_FOR
from bot.flows.analyse import REST, Analyst
from bot.settings import Llm, Settings
from storage.database import Database
from tests.builders import a_presence
from tests.fakes import Clock
from tests.flows.asking import explained, ledger, shown, unusual
from tests.llm import provider as p
from tests.llm.provider import Play, Provider, a_message, an_error, playing, says

NEVER_ENDS, ENDS = 1.0, 4.0
"""Seconds: a deadline that is reached, and one that is not; too short for a second try."""


@contextmanager
def asked(
    database: Database, *plays: Play, seconds: float = ENDS, clock: Clock | None = None
) -> Iterator[tuple[Analyst, Provider]]:
    with playing(*plays) as provider:
        llm = Llm(
            base_url=provider.url,
            anthropic_key=SecretStr("sk-ant-test"),
            deadline_seconds=seconds,
            canary=False,
        )
        analyst = asking.analyst(
            Settings(llm=llm), database, a_presence(database), clock=clock or Clock()
        )
        assert analyst
        yield analyst, provider


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """The library takes its time when it is first asked."""
    __import__("bot.llm.claude")


@pytest.mark.promise(row="R10")
@pytest.mark.parametrize("play", [p.hangs, p.drips, p.drips_headers])
def test_what_never_ends_is_left_at_the_deadline(database: Database, play: Play) -> None:
    number = unusual(database)
    with asked(database, play, seconds=NEVER_ENDS) as (analyst, _):
        assert analyst.round() == 0
    assert told(database, number) == ("timeout", "model too slow", PERHAPS_BILLED)


FREE, BILLED, PERHAPS_BILLED = "free", "billed", "perhaps billed"
LIMIT = "You have reached your specified API usage limits."
FAULTS = {
    "cut": (p.cuts, "unavailable", "model not available", PERHAPS_BILLED),
    "ten megabytes": (p.floods, "too_large", "request or answer too long", PERHAPS_BILLED),
    "ten megabytes of 529": (p.floods_with_an_error, "retryable", "model busy", FREE),
    "HTML": (
        says(b"<html>", kind="text/html"),
        "unavailable",
        "no model answers at its address",
        PERHAPS_BILLED,
    ),
    "HTML of a gateway": (
        says(b"<html>", status=502, kind="text/html"),
        "retryable",
        "model failed, HTTP 502",
        PERHAPS_BILLED,
    ),
    "broken JSON": (
        says(b'{"id": '),
        "unavailable",
        "no model answers at its address",
        PERHAPS_BILLED,
    ),
    "429 that says when": (
        says(an_error(), status=429, retry_after="3600"),
        "retryable",
        "model busy",
        FREE,
    ),
    "429": (says(an_error(), status=429), "retryable", "model busy", FREE),
    "529": (says(an_error(), status=529), "retryable", "model busy", FREE),
    "spend limit of 429": (
        says(an_error(code="enforced_spend_limit_reached"), status=429, retry_after="1"),
        "spend_limit",
        "spend limit at the provider reached",
        FREE,
    ),
    "spend limit of 402": (
        says(an_error(kind="billing_error"), status=402),
        "spend_limit",
        "spend limit at the provider reached",
        FREE,
    ),
    "spend limit of 400": (
        says(an_error(LIMIT), status=400),
        "spend_limit",
        "spend limit at the provider reached",
        FREE,
    ),
    "refusal": (says(a_message(stop_reason="refusal")), "refused", "model refused", BILLED),
    "truncation": (
        says(a_message(stop_reason="max_tokens")),
        "truncated",
        "model cut off",
        BILLED,
    ),
    "prose": (says(a_message("no JSON")), "invalid", "model made no sense", BILLED),
    "refused key": (says(an_error(), status=401), "config", "model not usable", FREE),
}


@pytest.mark.promise(row="R10")
@pytest.mark.parametrize(("play", "outcome", "said", "bill"), FAULTS.values(), ids=FAULTS)
def test_what_goes_wrong_is_told_on_the_card_and_in_the_ledger(
    database: Database, play: Play, outcome: str, said: str, bill: str
) -> None:
    number = unusual(database)
    with asked(database, play) as (analyst, provider):
        assert analyst.round() == 0
        assert len(provider.requests) == 1, "nothing is asked again that does not fit the deadline"
    assert told(database, number) == (outcome, said, bill)


def told(database: Database, number: int) -> tuple[str, str, str]:
    """How the one call ended, what the card says beside the rules, and what it cost."""
    (call,) = ledger(database)
    card = shown(database, number)
    assert card.analyst == "rules"
    bill = PERHAPS_BILLED if call.cost is None else (BILLED if call.cost else FREE)
    return call.outcome, card.unexplained, bill


@pytest.mark.promise(row="R10")
def test_after_five_overloads_no_call_leaves_for_a_while_and_then_exactly_one(
    database: Database,
) -> None:
    clock, overload = Clock(), says(an_error(), status=529)
    for word in ("alpha", "beta", "gamma", "delta", "epsilon"):
        unusual(database, service=word)
    with asked(database, overload, clock=clock) as (analyst, provider):
        analyst.round()
        assert len(provider.requests) == 5
        late = unusual(database, service="zeta")
        clock.move(seconds=OPEN_FOR.total_seconds() - 1)
        analyst.round()
        assert len(provider.requests) == 5
        assert explained(database, late).note == "model down: HTTP 529"
        clock.move(seconds=REST.total_seconds())
        analyst.round()
        assert len(provider.requests) == 6
