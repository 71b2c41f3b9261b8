"""Ask a model behind `/v1/chat/completions`: llama.cpp, Ollama, vLLM, LM Studio and their kind."""

from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from bot.core.asking.prompt import Prompt
from bot.core.spending.outcome import Call, Invalid, Outcome, Refused, Truncated, Usage
from bot.llm import reading, wire
from bot.llm.reading import MOST_TOKENS, Complaint
from bot.wire import Reply

T = TypeVar("T")


class _InputDetails(BaseModel):
    cached_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)


class _OutputDetails(BaseModel):
    reasoning_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0, le=MOST_TOKENS)
    completion_tokens: int = Field(ge=0, le=MOST_TOKENS)
    prompt_tokens_details: _InputDetails | None = None
    completion_tokens_details: _OutputDetails | None = None


class _Billed(BaseModel):
    model: str = Field(default="", max_length=200)
    usage: _Usage


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Failure(BaseModel):
    error: Any


class OpenAICompatible:
    """Models over the chat completions that many servers offer.

    Asked without a library of its own: servers differ in more than a library knows, and the client
    that comes with Anthropic's has proxies, certificates and cancelling.
    """

    def __init__(self, *, key: str, base_url: str) -> None:
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        bare = base_url.rstrip("/").removesuffix("/chat/completions").removesuffix("/v1")
        self._url = f"{bare}/v1/chat/completions"
        self._line = wire.Line()

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        """One request, and how it ended, within so many seconds."""
        body = _body(prompt, schema, model)
        talk = partial(wire.exchange, self._url, json=body, headers=self._headers)
        reading = partial(read, schema=schema, asked=model)
        return self._line.ask(talk, reading, model=model, within_seconds=within_seconds)

    def retires(self, model: str, *, within_seconds: float) -> datetime | None:
        """None: these servers tell nothing of it."""

    def stop(self) -> None:
        """End the requests under way at once."""
        self._line.stop()


def _body(prompt: Prompt, schema: type[object], model: str) -> dict[str, Any]:
    wanted = {"name": prompt.id, "strict": True, "schema": reading.schema_of(schema)}
    return {
        "model": model,
        "max_tokens": prompt.max_tokens,
        "messages": [
            {"role": "system", "content": prompt.system},
            {"role": "user", "content": prompt.user},
        ],
        "response_format": {"type": "json_schema", "json_schema": wanted},
    }


def read(exchanged: wire.Exchanged, *, schema: type[T], asked: str) -> Outcome[T]:
    """The outcome of an exchange: first what it cost, then why it stopped, then what it says."""
    reply = exchanged.reply
    if not isinstance(reply, Reply):
        return exchanged.ended(reply)
    call = _call(reply, exchanged.timed(Call(asked)))
    if not 200 <= reply.status < 300:
        return reading.failed(reply, _complaint(reply.body), call)
    completion = reading.parsed(_Completion, reply.body)
    if completion is None:
        return reading.no_answer(reply, call)
    return _answer(completion.choices[0], schema, call)


def _call(reply: Reply, call: Call) -> Call:
    billed = reading.parsed(_Billed, reply.body)
    return Call(
        asked=call.asked,
        model=billed.model if billed else "",
        request_id=reply.headers.get("x-request-id", "")[:100],
        usage=reading.counted(_usage(billed.usage)) if billed else None,
        latency_seconds=call.latency_seconds,
    )


def _usage(said: _Usage) -> Usage:
    """Tokens by our count: in this API, what was read from a cache is part of the input."""
    into, out = said.prompt_tokens_details, said.completion_tokens_details
    cached = min(said.prompt_tokens, (into.cached_tokens or 0) if into else 0)
    return Usage(
        input=said.prompt_tokens - cached,
        output=said.completion_tokens,
        cache_read=cached,
        thinking=(out.reasoning_tokens or 0) if out else 0,
    )


def _answer(choice: _Choice, schema: type[T], call: Call) -> Outcome[T]:
    if choice.message.refusal:
        return Refused(call, "the model refused")
    match choice.finish_reason:
        case "stop":
            return reading.answered(call, choice.message.content or "", schema)
        case "length":
            return Truncated(call, "cut off at its length")
        case "content_filter":
            return Refused(call, "a filter of the provider refused")
        case other:
            return Invalid(call, f"stopped for another reason ({other[:40]})")


def _complaint(body: bytes) -> Complaint | None:
    """Servers say an error as a text or as an object, whose code may be a number."""
    failure = reading.parsed(_Failure, body)
    if failure is None:
        return None
    if not isinstance(failure.error, dict):
        return Complaint(message=str(failure.error)[:500])
    code, message = failure.error.get("code"), failure.error.get("message")
    return Complaint(
        code=code if isinstance(code, str) else "",
        message=message if isinstance(message, str) else "",
    )
