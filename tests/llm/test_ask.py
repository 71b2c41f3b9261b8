"""Asking a model ends within its deadline, in one of eleven ways, whatever the other side does.

Both adapters are held to it, against a server of raw sockets.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest

from bot.core.asking.prompt import Answer, Prompt
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Invalid,
    Ok,
    Outcome,
    Refused,
    Retryable,
    SpendLimit,
    Stopped,
    Timeout,
    TooLarge,
    Truncated,
    Unavailable,
    Usage,
)
from bot.llm.claude import Claude
from bot.llm.openai_compatible import OpenAICompatible
from bot.llm.wire import Exchanged, Line, Reply
from tests.llm import provider as p
from tests.llm.provider import ANSWER, Play, Provider, a_completion, a_message, an_error, says

PROMPT = Prompt(
    id="analysis",
    version="1",
    system="You explain errors.",
    user="<data n1>connection refused</data n1>",
    nonce="n1",
    texts=("connection refused",),
)
DEADLINE = 0.4
"""Seconds, for what never ends."""
SLACK = 2.0
"""Seconds that a machine under load may take beyond it."""
PATIENCE = 20.0
"""Seconds, for what does end, on however slow a machine."""

Ask = Callable[[Provider, float], Outcome[Answer]]


def ask_claude(provider: Provider, seconds: float = PATIENCE) -> Outcome[Answer]:
    model = Claude(key="sk-test", base_url=provider.url)
    return model.ask(PROMPT, Answer, model="claude-haiku-5-5", within_seconds=seconds)


def ask_compatible(provider: Provider, seconds: float = PATIENCE) -> Outcome[Answer]:
    model = OpenAICompatible(key="sk-test", base_url=provider.url)
    return model.ask(PROMPT, Answer, model="qwen3-8b", within_seconds=seconds)


both = pytest.mark.parametrize("ask", [ask_claude, ask_compatible])


def of_claude(play: Play) -> Outcome[Answer]:
    with p.playing(play) as provider:
        ended = ask_claude(provider)
        assert len(provider.requests) == 1, "nothing is tried again by itself"
        return ended


def of_compatible(play: Play) -> Outcome[Answer]:
    with p.playing(play) as provider:
        ended = ask_compatible(provider)
        assert len(provider.requests) == 1, "nothing is tried again by itself"
        return ended


def test_an_answer_of_claude_comes_with_what_it_cost() -> None:
    with p.playing(says(a_message(), request_id="req_7")) as provider:
        ended = ask_claude(provider)
    assert isinstance(ended, Ok)
    assert ended.answer.summary == ANSWER["summary"]
    assert ended.answer.steps == (2, 1)
    assert (ended.call.asked, ended.call.model) == ("claude-haiku-5-5", "claude-haiku-5-5")
    assert ended.call.request_id == "req_7"
    assert ended.call.usage == Usage(1_000, 200, cache_read=30, cache_write=40, thinking=50)
    assert 0 < ended.call.latency_seconds < PATIENCE


def test_an_answer_of_another_server_comes_with_what_it_cost() -> None:
    with p.playing(says(a_completion(), x_request_id="req_7")) as provider:
        ended = ask_compatible(provider)
    assert isinstance(ended, Ok)
    assert ended.answer.summary == ANSWER["summary"]
    assert (ended.call.asked, ended.call.model) == ("qwen3-8b", "qwen3-8b")
    assert ended.call.request_id == "req_7"
    assert ended.call.usage == Usage(700, 200, cache_read=300, thinking=50)


def test_claude_is_asked_once_with_the_schema_and_nothing_else() -> None:
    with p.playing(says(a_message())) as provider:
        ask_claude(provider)
    (request,) = provider.requests
    assert request.path == "/v1/messages"
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.headers["accept-encoding"] == "identity"
    assert "traceparent" not in request.headers
    wanted = request.body["output_config"].pop("format")
    assert request.body == {
        "model": "claude-haiku-5-5",
        "max_tokens": 4_000,
        "system": PROMPT.system,
        "messages": [{"role": "user", "content": PROMPT.user}],
        "output_config": {"effort": "low"},
    }
    assert wanted["type"] == "json_schema"
    assert wanted["schema"]["required"] == list(ANSWER)
    assert wanted["schema"]["additionalProperties"] is False


def test_a_gateway_of_an_older_api_gets_its_version_and_the_key_where_it_looks() -> None:
    with p.playing(says(a_message())) as provider:
        model = Claude(key="sk-test", base_url=provider.url, api_version="2023-06-01")
        model.ask(PROMPT, Answer, model="claude-haiku-5-5", within_seconds=PATIENCE)
    (request,) = provider.requests
    assert request.headers["x-api-key"] == "sk-test"
    assert request.headers["anthropic-version"] == "2023-06-01"


def test_another_server_is_asked_once_with_the_schema_and_nothing_else() -> None:
    with p.playing(says(a_completion())) as provider:
        ask_compatible(provider)
    (request,) = provider.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer sk-test"
    wanted = request.body.pop("response_format")["json_schema"]
    assert request.body == {
        "model": "qwen3-8b",
        "max_tokens": 4_000,
        "messages": [
            {"role": "system", "content": PROMPT.system},
            {"role": "user", "content": PROMPT.user},
        ],
    }
    assert wanted["strict"] is True
    assert wanted["schema"]["required"] == list(ANSWER)
    assert wanted["schema"]["additionalProperties"] is False


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_of_a_server_may_be_given_with_its_version(end: str) -> None:
    with p.playing(says(a_completion())) as provider:
        model = OpenAICompatible(key="", base_url=provider.url + end)
        model.ask(PROMPT, Answer, model="qwen3-8b", within_seconds=PATIENCE)
    (request,) = provider.requests
    assert request.path == "/v1/chat/completions"
    assert "authorization" not in request.headers


A_MODEL = {"id": "x", "type": "model", "display_name": "X", "created_at": "2026-01-01T00:00:00Z"}


def retires(play: Play) -> datetime | None:
    with p.playing(play) as provider:
        model = Claude(key="sk-test", base_url=provider.url)
        return model.retires("claude-sonnet-4-5", within_seconds=DEADLINE if play is p.hangs else 9)


def test_the_end_of_a_model_is_what_its_provider_names() -> None:
    ends = datetime(2026, 11, 30, tzinfo=UTC)
    assert retires(says({**A_MODEL, "retires_at": "2026-11-30T00:00:00Z"})) == ends
    assert retires(says({**A_MODEL, "retires_at": None})) is None


@pytest.mark.parametrize(
    "play",
    [
        says(A_MODEL),
        says({**A_MODEL, "retires_at": "soon"}),
        says({**A_MODEL, "retires_at": "2026-11-30"}),
        says(an_error(), status=404),
        says(b"<html>"),
        p.hangs,
        p.hangs_up,
    ],
)
def test_a_model_of_which_nothing_is_told_does_not_end(play: Play) -> None:
    assert retires(play) is None


@both
def test_our_words_about_a_schema_do_not_leave(ask: Ask) -> None:
    with p.playing(says({})) as provider:
        ask(provider, PATIENCE)
    said = json.dumps(provider.requests[0].body)
    assert "untrusted" not in said
    assert '"title"' not in said


@both
@pytest.mark.parametrize("play", [p.hangs, p.drips, p.drips_headers])
def test_what_never_ends_is_left_at_the_deadline_as_perhaps_billed(ask: Ask, play: Play) -> None:
    with p.playing(play) as provider:
        ask(provider, 0.01)  # what a library loads at its first request takes its time
        began = perf_counter()
        ended = ask(provider, DEADLINE)
        took = perf_counter() - began
    assert isinstance(ended, Timeout)
    assert ended.call.usage is None
    assert ended.call.latency_seconds >= DEADLINE
    assert took < DEADLINE + SLACK


@both
def test_an_endless_answer_is_not_read_to_its_end(ask: Ask) -> None:
    with p.playing(p.floods) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, TooLarge)
    assert ended.call.usage is None


@both
def test_an_endless_error_is_told_by_its_status(ask: Ask) -> None:
    with p.playing(p.floods_with_an_error) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Retryable)
    assert ended.status == 529


@both
def test_a_packed_answer_is_not_unpacked(ask: Ask) -> None:
    with p.playing(says(b"\x1f\x8b" + bytes(100), content_encoding="gzip")) as provider:
        assert isinstance(ask(provider, PATIENCE), Unavailable)


@both
@pytest.mark.parametrize("play", [p.cuts, p.hangs_up])
def test_what_was_cut_off_may_have_been_billed(ask: Ask, play: Play) -> None:
    with p.playing(play) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Unavailable)
    assert ended.call.usage is None


@both
def test_where_nobody_listens_nothing_is_billed(ask: Ask) -> None:
    with p.playing(p.hangs_up) as provider:
        pass
    ended = ask(provider, PATIENCE)
    assert isinstance(ended, Unavailable)
    assert ended.call.usage == NOTHING


@both
@pytest.mark.parametrize(
    "play",
    [
        pytest.param(says(b"<html>hello</html>", kind="text/html"), id="the page of a proxy"),
        pytest.param(says(b'{"id": '), id="broken JSON"),
        pytest.param(says({}), id="an empty object"),
        pytest.param(says(b"[]"), id="a list"),
        pytest.param(says(b""), id="nothing"),
        pytest.param(says(b"\xff\xfe\x00"), id="bytes"),
        pytest.param(says(b"[" * 100_000), id="a deep list"),
        pytest.param(says({"usage": {"input_tokens": -1}}), id="counts below nothing"),
        pytest.param(says(b"", status=302, location="/elsewhere"), id="a redirect"),
        pytest.param(says(b"", status=307, location="http://127.0.0.1:9/"), id="to another host"),
    ],
)
def test_what_is_no_answer_of_a_model_is_as_good_as_none(ask: Ask, play: Play) -> None:
    with p.playing(play) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Unavailable)
    assert len(provider.requests) == 1


@both
@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry_after": "7"}, 7),
        (429, {"retry_after": "0.5"}, 0.5),
        (429, {}, None),
        (429, {"retry_after": "soon"}, None),
        (429, {"retry_after": "-3"}, None),
        (
            503,
            {
                "date": "Sat, 21 Nov 2026 10:00:00 GMT",
                "retry_after": "Sat, 21 Nov 2026 10:00:30 GMT",
            },
            30,
        ),
        (503, {"retry_after": "Sat, 21 Nov 2026 10:00:30 GMT"}, None),
        (529, {}, None),
    ],
)
def test_load_and_limits_of_rate_are_for_later_and_cost_nothing(
    ask: Ask, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    with p.playing(says(an_error(), status=status, **headers)) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Retryable)
    assert (ended.status, ended.retry_after_seconds) == (status, seconds)
    assert ended.call.usage == NOTHING
    assert len(provider.requests) == 1


@both
@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 504, 520, 524])
def test_where_a_gateway_gives_up_the_model_may_have_answered(ask: Ask, status: int) -> None:
    with p.playing(says(an_error(), status=status)) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Retryable)
    assert ended.call.usage is None


@both
def test_an_overload_that_a_proxy_tells_of_may_have_been_billed(ask: Ask) -> None:
    with p.playing(says(b"<html>no server available</html>", status=503)) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Retryable)
    assert ended.call.usage is None


@pytest.mark.parametrize("status", [400, 429, 504, 529])
def test_what_an_error_says_was_billed_is_believed(status: int) -> None:
    ended = of_claude(says(a_message() | an_error(), status=status))
    assert ended.call.usage
    assert ended.call.usage.output == 200
    ended = of_compatible(says(a_completion() | an_error(), status=status))
    assert ended.call.usage
    assert ended.call.usage.output == 200


@pytest.mark.parametrize(
    "usage",
    [{"prompt_tokens": 1_000}, {"prompt_tokens": 0, "completion_tokens": 0}, {}, None],
)
def test_a_server_that_counts_no_answer_has_counted_nothing(usage: object) -> None:
    ended = of_compatible(says(a_completion() | {"usage": usage}))
    assert isinstance(ended, Ok)
    assert ended.call.usage is None


def test_an_answer_of_claude_that_cost_nothing_is_not_believed() -> None:
    ended = of_claude(says(a_message(usage={"input_tokens": 0, "output_tokens": 0})))
    assert isinstance(ended, Ok)
    assert ended.call.usage is None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, an_error(code="enforced_spend_limit_reached")),
        (429, an_error(code="contract_spend_limit_reached")),
        (402, an_error(kind="billing_error")),
        (400, an_error("You have reached your specified API usage limits.")),
    ],
)
def test_each_shape_of_a_spend_limit_is_known(status: int, error: dict[str, Any]) -> None:
    ended = of_claude(says(error, status=status, retry_after="1"))
    assert isinstance(ended, SpendLimit)
    assert ended.until is None


def test_a_spend_limit_may_say_when_it_ends() -> None:
    said = (
        "You have reached your specified API usage limits. "
        "You will regain access on 2026-12-01 at 00:00 UTC."
    )
    ended = of_claude(says(an_error(said), status=400))
    assert isinstance(ended, SpendLimit)
    assert ended.until == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("date", ["2026-13-99", "9999-99-01"])
def test_an_end_that_is_no_date_is_not_believed(date: str) -> None:
    said = f"You have reached your specified API usage limits until on {date} at 00:00 UTC."
    ended = of_claude(says(an_error(said), status=400))
    assert isinstance(ended, SpendLimit)
    assert ended.until is None


@both
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Config), (403, Config), (404, Config), (400, Config), (413, TooLarge)],
)
def test_a_mistake_of_ours_says_which(ask: Ask, status: int, kind: type[Failure]) -> None:
    with p.playing(says(an_error("bad"), status=status)) as provider:
        ended = ask(provider, PATIENCE)
    assert type(ended) is kind
    assert str(status) in ended.why
    assert ended.call.usage == NOTHING


def test_a_prompt_that_is_too_long_is_told_from_other_mistakes() -> None:
    said = an_error("prompt is too long: 220000 tokens > 200000 maximum")
    assert isinstance(of_claude(says(said, status=400)), TooLarge)
    said = {"error": {"code": "context_length_exceeded", "message": "x"}}
    assert isinstance(of_compatible(says(said, status=400)), TooLarge)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("max_tokens", Truncated),
        ("refusal", Refused),
        ("model_context_window_exceeded", TooLarge),
        ("tool_use", Invalid),
        ("pause_turn", Invalid),
        ("a new reason", Invalid),
    ],
)
def test_why_claude_stopped_decides_and_what_it_cost_is_known(
    reason: str, kind: type[Failure]
) -> None:
    ended = of_claude(says(a_message(stop_reason=reason)))
    assert type(ended) is kind
    assert ended.call.usage == Usage(1_000, 200, cache_read=30, cache_write=40, thinking=50)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (a_completion('{"evi', finish="length"), Truncated),
        (a_completion(None, finish="content_filter"), Refused),
        (a_completion(None, refusal="I would rather not."), Refused),
        (a_completion(None, finish="tool_calls"), Invalid),
        (a_completion(None), Invalid),
    ],
)
def test_why_another_model_stopped_decides_and_what_it_cost_is_known(
    reply: dict[str, Any], kind: type[Failure]
) -> None:
    ended = of_compatible(says(reply))
    assert type(ended) is kind
    assert ended.call.usage == Usage(700, 200, cache_read=300, thinking=50)


@pytest.mark.parametrize(
    "answer",
    [
        "I think that the database",
        "{}",
        "```json\n{}\n```",
        {**ANSWER, "category": "Weather"},
        {**ANSWER, "real_application_bug": "false"},
        {**ANSWER, "steps": ["Restart."]},
        {name: value for name, value in ANSWER.items() if name != "summary"},
    ],
)
def test_an_answer_that_does_not_fit_is_no_answer_but_was_paid_for(
    answer: str | dict[str, Any],
) -> None:
    for ended in (
        of_claude(says(a_message(answer))),
        of_compatible(says(a_completion(answer))),
    ):
        assert isinstance(ended, Invalid)
        assert ended.call.usage


def test_prose_is_said_to_be_no_json() -> None:
    ended = of_compatible(says(a_completion("Sure! Here it is")))
    assert isinstance(ended, Invalid)
    assert ended.why == "is not JSON"


def test_what_is_wrong_with_an_answer_is_said_without_quoting_it() -> None:
    ended = of_claude(says(a_message({**ANSWER, "category": "hunter2"})))
    assert isinstance(ended, Invalid)
    assert "category" in ended.why
    assert "hunter2" not in ended.why


def test_a_limit_that_another_server_names_is_known() -> None:
    said = {"error": {"code": "insufficient_quota", "message": "You exceeded your quota."}}
    assert isinstance(of_compatible(says(said, status=429)), SpendLimit)


@pytest.mark.parametrize("error", ["model not found", {"code": 404, "message": None}, None, 7])
def test_an_error_of_another_server_may_have_any_shape(error: object) -> None:
    assert isinstance(of_compatible(says({"error": error}, status=404)), Config)


@pytest.mark.parametrize("kind", [Claude, OpenAICompatible])
def test_a_key_that_cannot_be_sent_is_a_mistake_of_ours(
    kind: type[Claude] | type[OpenAICompatible],
) -> None:
    key = "two\nlines"
    with p.playing(says({})) as provider:
        model = kind(key=key, base_url=provider.url)
        ended = model.ask(PROMPT, Answer, model="m", within_seconds=PATIENCE)
    assert type(ended) in {Config, Unavailable}
    assert ended.call.usage == NOTHING
    assert not provider.requests
    assert key not in repr(ended)


@pytest.mark.parametrize("kind", [Claude, OpenAICompatible])
def test_a_stop_ends_what_is_asked_and_whatever_is_asked_later(
    kind: type[Claude] | type[OpenAICompatible],
) -> None:
    with p.playing(p.hangs) as provider, ThreadPoolExecutor() as pool:
        model = kind(key="sk-test", base_url=provider.url)
        asking = [
            pool.submit(model.ask, PROMPT, Answer, model="m", within_seconds=60) for _ in range(2)
        ]
        while len(provider.requests) < 2:
            wait(asking, timeout=0.01)
        model.stop()
        ended = [one.result(timeout=PATIENCE) for one in asking]
        ended.append(model.ask(PROMPT, Answer, model="m", within_seconds=60))
    assert [type(one) for one in ended] == [Stopped] * 3
    assert [one.call.usage for one in ended] == [None, None, NOTHING], "the third never left"
    assert len(provider.requests) == 2


@pytest.mark.parametrize("name", ["retry_after", "date"])
@both
def test_a_header_that_nobody_can_read_ends_like_any_other(ask: Ask, name: str) -> None:
    headers = {"retry_after": "Mon, 23 Nov 2026 10:00:00 GMT"}
    headers[name] = "Mon, 23 Nov 2026 10:00:00 +99999999999999"
    with p.playing(says(an_error(), status=429, **headers)) as provider:
        ended = ask(provider, PATIENCE)
    assert isinstance(ended, Retryable)
    assert ended.retry_after_seconds is None


def test_whatever_goes_wrong_here_is_an_outcome_that_may_have_been_billed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk() -> Reply:
        return Reply(200, {}, b"")

    def read(_: Exchanged) -> Outcome[str]:
        raise RuntimeError

    ended = Line().ask(talk, read, model="m", within_seconds=PATIENCE)
    assert isinstance(ended, Unavailable)
    assert (ended.why, ended.call) == ("failed here (RuntimeError)", Call("m"))
    assert "RuntimeError" in caplog.text
