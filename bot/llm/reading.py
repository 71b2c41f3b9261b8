"""Read what came back from a model: whatever it is, it becomes one of the outcomes."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Invalid,
    Ok,
    Outcome,
    Retryable,
    SpendLimit,
    TooLarge,
    Unavailable,
    Usage,
)
from bot.wire import Reply

T = TypeVar("T")
Body = TypeVar("Body", bound=BaseModel)

MOST_TOKENS = 10_000_000
"""More than any model takes: a count beyond it is no count."""
_RETRYABLE = {408, 409, 425, 429}
_TURNED_AWAY = {400, 401, 402, 403, 404, 413, 422, 429, 529}
"""Who says so has done nothing yet. What else a gateway says, the model behind it may have answered
meanwhile, and billed."""
_LIMIT_REACHED = re.compile(r"(?i)reached your specified .{0,20}usage limits?")
_UNTIL = re.compile(r"on (\d{4}-\d\d-\d\d) at (\d\d:\d\d) UTC")
_TOO_LONG = re.compile(r"(?i)prompt is too long|context.{1,10}(?:length|window|size)")


class Complaint(BaseModel):
    """The error in a reply: its code, if it has one, and its words."""

    code: str = ""
    message: str = ""


def parsed(kind: type[Body], body: bytes) -> Body | None:
    """The body as `kind`, or None where it is anything else."""
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        return None


def schema_of(kind: type[object]) -> dict[str, Any]:
    """The JSON schema of a dataclass, without our words about it: a prompt says its own."""
    schema: dict[str, Any] = _bare(TypeAdapter(kind).json_schema())
    return schema


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: {key: _bare(one) for key, one in value.items()}
        if name in {"properties", "$defs"}
        else _bare(value)
        for name, value in schema.items()
        if name not in {"title", "description"}
    }
    return kept | ({"additionalProperties": False} if kept.get("type") == "object" else {})


def answered(call: Call, text: str, schema: type[T]) -> Outcome[T]:
    """The answer in a text, if it is one: a provider promises the schema, and we check it."""
    try:
        return Ok(call, TypeAdapter(schema).validate_json(text, strict=True))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        if any(one["type"] == "json_invalid" for one in found):
            return Invalid(call, "is not JSON")
        said = "; ".join(f"{'.'.join(map(str, one['loc']))[:60]}: {one['type']}" for one in found)
        return Invalid(call, f"does not fit its schema ({said})"[:300])


def failed(reply: Reply, complaint: Complaint | None, call: Call) -> Failure:
    """The failure that a provider's error means, by its code first, then its status.

    Its words are read only where nothing else tells a limit or an overlong request from a mistake.
    """
    if call.usage is None and _is_free(reply.status, complaint):
        call = replace(call, usage=NOTHING)
    said = complaint or Complaint()
    what = f"HTTP {reply.status}" + (f" {said.code[:60]}" if said.code else "")
    if _is_spend_limit(reply.status, said):
        return SpendLimit(call, what, until=_until(said.message))
    if reply.status == 413 or (reply.status == 400 and _is_too_long(said)):
        return TooLarge(call, f"the request is too long ({what})")
    if reply.status in _RETRYABLE or reply.status >= 500:
        return Retryable(call, what, reply.status, _retry_after(reply))
    if 400 <= reply.status < 500:
        return Config(call, what, reply.status)
    return Unavailable(call, f"{what}: not how a model answers", reply.status)


def counted(usage: Usage) -> Usage | None:
    """The usage; None if it counts no answer, since servers leave a count they do not keep at
    zero."""
    return usage if usage.output else None


def _is_free(status: int, complaint: Complaint | None) -> bool:
    """Whether a failed request surely cost nothing: the provider itself says that it takes no more.
    A gateway that says so may have begun one."""
    return status in _TURNED_AWAY or (status == 503 and complaint is not None)


def no_answer(reply: Reply, call: Call) -> Unavailable:
    """The failure of a reply with status 200 that is no answer: from a proxy, or a broken
    server."""
    kind = reply.headers.get("content-type", "").partition(";")[0][:60] or "no content type"
    what = f"HTTP {reply.status} with something else than an answer ({kind})"
    return Unavailable(call, what, reply.status)


def _is_spend_limit(status: int, said: Complaint) -> bool:
    return (
        status == 402
        or said.code.endswith("spend_limit_reached")
        or said.code in {"insufficient_quota", "billing_hard_limit_reached"}
        or (status in {400, 429} and bool(_LIMIT_REACHED.search(said.message[:500])))
    )


def _is_too_long(said: Complaint) -> bool:
    return said.code == "context_length_exceeded" or bool(_TOO_LONG.search(said.message[:500]))


def _until(message: str) -> datetime | None:
    found = _UNTIL.search(message[:500])
    try:
        return (
            datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC) if found else None
        )
    except ValueError:
        return None


def _retry_after(reply: Reply) -> float | None:
    """How many seconds to wait, never negative; a date counts from the date of the reply itself."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", said):
        return float(said)
    try:
        until = parsedate_to_datetime(said)
        sent = parsedate_to_datetime(reply.headers.get("date", ""))
        return max(0.0, (until - sent).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
