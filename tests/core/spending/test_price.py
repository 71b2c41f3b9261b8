"""What a call costs, to the micro-dollar."""

import pytest

from bot.core.asking.prompt import SCHEMA_SIZE, Prompt
from bot.core.spending.outcome import Usage
from bot.core.spending.price import LIST, Price, dollars, prices

KNOWN = prices({})
MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "dollars_in", "dollars_out"),
    [("claude-haiku-5-5", 0.10, 0.50), ("claude-sonnet-5-5", 2, 10), ("claude-opus-5-5", 4, 20)],
)
def test_a_million_tokens_cost_what_the_list_says(
    model: str, dollars_in: float, dollars_out: float
) -> None:
    spent = KNOWN.cost(Usage(input=MILLION), asked=model, model=model)
    assert spent == dollars_in * MILLION
    spent = KNOWN.cost(Usage(output=MILLION), asked=model, model=model)
    assert spent == dollars_out * MILLION


def test_reading_a_cache_costs_a_tenth_and_writing_it_a_quarter_more() -> None:
    model = "claude-sonnet-5-5"
    assert KNOWN.cost(Usage(cache_read=MILLION), asked=model, model=model) == 200_000
    assert KNOWN.cost(Usage(cache_write=MILLION), asked=model, model=model) == 2_500_000


def test_thinking_is_part_of_what_comes_out() -> None:
    both = Usage(output=100, thinking=90), Usage(output=100)
    assert len({KNOWN.cost(one, asked="", model="claude-opus-5-5") for one in both}) == 1


def test_a_part_of_a_micro_dollar_is_a_whole_one() -> None:
    assert KNOWN.cost(Usage(input=1), asked="", model="claude-haiku-5-5") == 1
    assert KNOWN.cost(Usage(), asked="", model="claude-haiku-5-5") == 0


@pytest.mark.parametrize("model", ["claude-haiku-5-5-20260901", "claude-haiku-5-5@20260901"])
def test_the_date_of_a_release_does_not_hide_a_model(model: str) -> None:
    assert KNOWN.of(model) == LIST["claude-haiku-5-5"]


@pytest.mark.parametrize("model", ["", "gpt-9", "claude-haiku-5-5-huge", "claude-haiku-6"])
def test_a_model_that_nobody_knows_costs_as_much_as_the_dearest(model: str) -> None:
    assert KNOWN.of(model) == LIST["claude-opus-5-5"]
    assert prices({"mine": Price(1, 10**9)}).of(model) == Price(1, 10**9)


def test_a_name_that_a_gateway_made_up_costs_what_was_asked_for() -> None:
    spent = KNOWN.cost(Usage(input=MILLION), asked="claude-haiku-5-5", model="fast-model")
    assert spent == 100_000
    spent = KNOWN.cost(Usage(input=MILLION), asked="claude-haiku-5-5", model="claude-opus-5-5")
    assert spent == 4_000_000, "but what answered is what is billed, where it is dearer"


def test_a_name_that_comes_back_makes_nothing_cheaper() -> None:
    usage = Usage(input=MILLION, output=MILLION)
    asked, cheap = "claude-sonnet-5-5", "claude-haiku-5-5"
    assert KNOWN.cost(usage, asked=asked, model=cheap) == KNOWN.cost(usage, asked=asked, model="")
    assert KNOWN.cost(usage, asked="an alias", model=cheap) == 600_000, "it is all we know"


def test_an_estimate_goes_by_whoever_answers_if_that_is_dearer() -> None:
    def most(answers: str) -> int:
        return KNOWN.estimate("claude-sonnet-5-5", tokens=9_000, max_tokens=4_000, answers=answers)

    assert most("claude-opus-5-5") == 2 * most("")
    assert most("claude-haiku-5-5") == most("made-up") == most("")


def test_a_server_of_ones_own_may_cost_nothing_if_that_is_said() -> None:
    own = prices({"qwen3-8b": Price(0, 0)})
    assert own.cost(Usage(input=MILLION), asked="qwen3-8b", model="qwen3-8b") == 0
    assert own.estimate("qwen3-8b", tokens=10_000, max_tokens=4_000) == 0


def test_an_estimate_is_a_quarter_more_than_what_is_sent_and_all_it_may_answer() -> None:
    estimate = KNOWN.estimate("claude-sonnet-5-5", tokens=10_000, max_tokens=4_000)
    assert estimate == 10_000 * 2 * 1.25 + 4_000 * 10


@pytest.mark.parametrize(
    "said", ["connection refused " * 100, "\U00013000" * 2_000, "0x7f\n" * 900]
)
def test_an_estimate_covers_what_the_call_then_costs_whatever_an_error_says(said: str) -> None:
    """No tokenizer makes more than one token of a byte; ours is English, theirs may be anything."""
    prompt = Prompt("analysis", "1", system="s" * 3_000, user=said, nonce="", texts=())
    sent = (3_000 + SCHEMA_SIZE) // 3 + len(said.encode())
    usage = Usage(cache_write=sent, output=prompt.max_tokens)
    for model in (*LIST, "unknown"):
        most = KNOWN.estimate(model, tokens=prompt.most_tokens, max_tokens=prompt.max_tokens)
        assert KNOWN.cost(usage, asked=model, model=model) <= most


@pytest.mark.parametrize(
    ("micros", "said"),
    [
        (0, "$0.00"),
        (1_500_000, "$1.50"),
        (60_000, "$0.06"),
        (600, "$0.0006"),
        (1_234, "$0.0012"),
        (10, "$0.00001"),
        (1_234_567_890, "$1,234.57"),
    ],
)
def test_money_is_said_in_dollars(micros: int, said: str) -> None:
    assert dollars(micros) == said


def test_models_without_a_price_are_told_of_with_the_remedy() -> None:
    known = prices({"mine": Price(1, 1)})
    assert known.gaps(["mine", "claude-haiku-5-5-20261001"]) == ""
    assert known.gaps(["small", "mine", "small"]) == (
        "No price is known for small: counted as the dearest, $4.00 in and $20.00 out per million "
        'tokens. Say what it costs in [llm]: prices = { "small" = [0, 0] }'
    )
