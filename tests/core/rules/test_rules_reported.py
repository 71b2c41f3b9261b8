"""However an error is told of, logged or wrapped, it is the same error of the same owner."""

from typing import Any

import pytest

import prompts
from bot.core.analysis import Analysis, Symptom
from bot.core.ownership.owner import choose
from bot.core.rules import analyse

FORMS = {
    "told": "We are seeing: {}",
    "passed on": "FYI {} thanks",
    "asked about": "Please look into this: {} - please advise",
    "told by the team": "Hi team, since this morning customers report in production: {}",
    "signed": "{}\nThanks, Ana",
    "quoted": '"{}"',
    "quoted once": "'{}'",
    "quoted as code": "`{}`",
    "quoted as a reply": "> {}",
    "quoted in a sentence": 'The log says "{}" again and again.',
    "put in brackets": "({})",
    "logged by Spring": "2026-11-21T10:00:00.123Z ERROR 1 --- [exec-3] c.acme.OrderController : {}",
    "logged by Python": "2026-11-21 10:00:00,123 - orders.worker - ERROR - {}",
    "logged by Python's default": "ERROR:orders.api:{}",
    "logged by Monolog": "[2026-11-21 10:00:00] production.ERROR: {}",
    "logged with a thread": "[worker-3] {}",
    "logged as pairs": 'ts=2026-11-21T10:00:00Z level=error caller=main.go:42 msg="{}"',
    "logged as JSON": '{{"level":"error","msg":"{}","service":"orders"}}',
    "logged by syslog": "Nov 21 10:00:00 web-1 orders[1234]: {}",
    "followed by pairs": "{} order_id=42 region=eu-west-1 duration=12ms",
    "followed by an id": "{} (request id 8f14e45f)",
    "followed by a count": "{} [attempt 1/3]",
    "followed by what is done": "{}. Retrying in 5 s",
    "wrapped by a job": "Job 42 failed: {}",
    "wrapped by a request": "Request GET /orders/42 failed: {}",
    "wrapped in prose": "Unhandled error while processing order 42: {}",
    "wrapped by Java": "java.lang.RuntimeException: Order could not be placed: {}",
    "wrapped by Spring": "Order could not be placed; nested exception is {}",
    "wrapped as a cause": "RuntimeException: Order could not be placed\nCaused by: {}",
    "wrapped by Go": "place order: save: {}",
}
KNOWN = [
    (error, found)
    for error in prompts.evals("errors")
    if (found := analyse(Symptom(error.get("service", ""), *2 * (error["message"],)))).row
    != "default"
]


def judged(error: dict[str, Any], message: str) -> tuple[Analysis, str]:
    symptom = Symptom(error.get("service", ""), message, message, message=message)
    said = analyse(symptom)
    return said, choose(symptom, said).team


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_category_and_owner_stay(form: str) -> None:
    for error, known in KNOWN:
        if known.noise:
            continue
        (alone, owner), (told, whose) = (
            judged(error, message) for message in (error["message"], form.format(error["message"]))
        )
        assert (told.category, whose) == (alone.category, owner), error["id"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_nothing_becomes_noise_or_milder(form: str) -> None:
    """What is noise by itself may cease to be where somebody quotes it: that harms nobody."""
    for error, known in KNOWN:
        told, _ = judged(error, form.format(error["message"]))
        assert known.noise or not told.noise, error["id"]
        assert known.noise or told.severity.rank >= known.severity.rank, error["id"]


def test_what_was_wanted_tells_nothing_of_what_failed() -> None:
    """Words of the application in a wrapper, of the platform in what failed."""
    said, _ = judged({}, "Could not refund the payment of an order: lost the lease of a node")
    assert said.category == "Infrastructure"


def test_who_speaks_tells_where_the_sentence_itself_tells_nothing() -> None:
    said, _ = judged({}, "Kafka: something strange came of it")
    assert said.category == "Infrastructure"


def test_a_name_that_says_only_that_something_failed_gives_way_to_words() -> None:
    said, _ = judged({}, "RuntimeException: the volume of the pod is gone")
    assert said.category == "Infrastructure"
    assert said.severity == "High", "it is no milder for it"
