"""Ask a model of Anthropic's: the only importer of its library."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import anthropic
import httpx2
from pydantic import AwareDatetime, BaseModel, Field

from bot.core.asking.prompt import Prompt
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Invalid,
    Ok,
    Outcome,
    Refused,
    TooLarge,
    Truncated,
    Usage,
)
from bot.llm import reading, wire
from bot.llm.reading import MOST_TOKENS, Complaint
from bot.wire import Reply

T = TypeVar("T")


class _OutputDetails(BaseModel):
    thinking_tokens: int = Field(default=0, ge=0, le=MOST_TOKENS)


class _Usage(BaseModel):
    input_tokens: int = Field(ge=0, le=MOST_TOKENS)
    output_tokens: int = Field(ge=0, le=MOST_TOKENS)
    cache_read_input_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)
    cache_creation_input_tokens: int | None = Field(default=None, ge=0, le=MOST_TOKENS)
    output_tokens_details: _OutputDetails | None = None


class _Billed(BaseModel):
    """The part of a reply that says what it costs, read by itself: whatever else is wrong with the
    reply, this was spent."""

    model: str = Field(max_length=200)
    usage: _Usage


class _Block(BaseModel):
    type: str
    text: str = ""


class _Message(_Billed):
    content: list[_Block]
    stop_reason: str


class _Error(BaseModel):
    message: str = ""
    details: Any = None


class _Known(BaseModel):
    """The part of what is told of a model that says when it ends."""

    retires_at: AwareDatetime | None = None


class _Failure(BaseModel):
    error: _Error


_Send = Callable[[anthropic.AsyncAnthropic], Awaitable[Reply]]


class Claude:
    """Models over Anthropic's Messages API.

    The library's own retries and timeout are off: it obeys any `Retry-After`, and asks again where
    the account's limit is reached.
    """

    def __init__(self, *, key: str, base_url: str, api_version: str = "") -> None:
        self._key = key
        self._base_url = base_url
        self._headers = _of_old(key, api_version) if api_version else None
        self._line = wire.Line()

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        """One request, and how it ended, within so many seconds."""
        send = partial(_send, prompt=prompt, schema=schema, model=model)
        talk = partial(self._exchange, send)
        reading = partial(read, schema=schema, asked=model)
        return self._line.ask(talk, reading, model=model, within_seconds=within_seconds)

    def retires(self, model: str, *, within_seconds: float) -> datetime | None:
        """The day that the provider names, if it answers."""
        talk = partial(self._exchange, partial(_look_up, model=model))
        ended = self._line.ask(talk, _end, model=model, within_seconds=within_seconds)
        return ended.answer if isinstance(ended, Ok) else None

    def stop(self) -> None:
        """End the requests under way at once."""
        self._line.stop()

    async def _exchange(self, send: _Send) -> Reply:
        async with anthropic.AsyncAnthropic(
            api_key=self._key,
            base_url=self._base_url,
            default_headers=self._headers,
            max_retries=0,
            timeout=httpx2.Timeout(None),
            open_telemetry=False,
            http_client=wire.client(),
        ) as client:
            try:
                return await send(client)
            except anthropic.APIStatusError as error:
                return _reply(error.response, error.response.content)
            except anthropic.APIConnectionError as error:
                raise error.__cause__ or error from None


def _of_old(key: str, api_version: str) -> dict[str, str]:
    """The headers for gateways that only know an older version of the API."""
    return {"x-api-key": key, "anthropic-version": api_version}


async def _send(
    client: anthropic.AsyncAnthropic, *, prompt: Prompt, schema: type[object], model: str
) -> Reply:
    wanted = anthropic.transform_schema(reading.schema_of(schema))
    async with client.messages.with_streaming_response.create(
        model=model,
        max_tokens=prompt.max_tokens,
        system=prompt.system,
        messages=[{"role": "user", "content": prompt.user}],
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": wanted}},
    ) as response:
        return _reply(response.http_response, await response.read())


async def _look_up(client: anthropic.AsyncAnthropic, *, model: str) -> Reply:
    async with client.models.with_streaming_response.retrieve(model) as response:
        return _reply(response.http_response, await response.read())


def _end(exchanged: wire.Exchanged) -> Outcome[datetime | None]:
    reply = exchanged.reply
    if not isinstance(reply, Reply):
        return reply
    known = reading.parsed(_Known, reply.body)
    return Ok(Call("", usage=NOTHING), known.retires_at if known else None)


def _reply(response: httpx2.Response, body: bytes) -> Reply:
    return Reply(response.status_code, dict(response.headers), body)


def read(exchanged: wire.Exchanged, *, schema: type[T], asked: str) -> Outcome[T]:
    """The outcome of an exchange: first what it cost, then why it stopped, then what it says."""
    reply = exchanged.reply
    if not isinstance(reply, Reply):
        return exchanged.ended(reply)
    call = _call(reply, exchanged.timed(Call(asked)))
    if not 200 <= reply.status < 300:
        return reading.failed(reply, _complaint(reply.body), call)
    message = reading.parsed(_Message, reply.body)
    return _answer(message, schema, call) if message else reading.no_answer(reply, call)


def _call(reply: Reply, call: Call) -> Call:
    billed = reading.parsed(_Billed, reply.body)
    return Call(
        asked=call.asked,
        model=billed.model if billed else "",
        request_id=reply.headers.get("request-id", "")[:100],
        usage=reading.counted(_usage(billed.usage)) if billed else None,
        latency_seconds=call.latency_seconds,
    )


def _usage(said: _Usage) -> Usage:
    return Usage(
        input=said.input_tokens,
        output=said.output_tokens,
        cache_read=said.cache_read_input_tokens or 0,
        cache_write=said.cache_creation_input_tokens or 0,
        thinking=said.output_tokens_details.thinking_tokens if said.output_tokens_details else 0,
    )


def _answer(message: _Message, schema: type[T], call: Call) -> Outcome[T]:
    match message.stop_reason:
        case "end_turn" | "stop_sequence":
            text = "".join(block.text for block in message.content if block.type == "text")
            return reading.answered(call, text, schema)
        case "max_tokens":
            return Truncated(call, "cut off at its length")
        case "refusal":
            return Refused(call, "the model refused")
        case "model_context_window_exceeded":
            return TooLarge(call, "the request is too long (model_context_window_exceeded)")
        case other:
            return Invalid(call, f"stopped for another reason ({other[:40]})")


def _complaint(body: bytes) -> Complaint | None:
    failure = reading.parsed(_Failure, body)
    if failure is None:
        return None
    details = failure.error.details
    code = details.get("error_code") if isinstance(details, dict) else None
    return Complaint(code=code if isinstance(code, str) else "", message=failure.error.message)
