import pytest

from bot.core.spending.outcome import Call, Config, Retryable, Unavailable

CALL = Call("small")


@pytest.mark.parametrize(
    ("status", "said"),
    [(429, "model busy"), (529, "model busy"), (500, "model failed, HTTP 500")],
)
def test_only_who_asks_to_come_back_is_busy(status: int, said: str) -> None:
    assert Retryable(CALL, f"HTTP {status}", status).said == said


def test_where_something_else_answers_the_address_is_named() -> None:
    assert Unavailable(CALL, "no connection to the provider").said == "model not available"
    assert Unavailable(CALL, "HTTP 200 (text/html)", 200).said == "no model answers at its address"


@pytest.mark.parametrize(
    ("status", "names"),
    [(401, "TRIAGE_LLM_KEY"), (403, "TRIAGE_LLM_KEY"), (404, "base_url"), (400, "provider")],
)
def test_the_remedy_names_what_is_wrong(status: int, names: str) -> None:
    assert names in Config(CALL, f"HTTP {status}", status).remedy("TRIAGE_LLM_KEY")
