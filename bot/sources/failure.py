"""The exception behind a JSON record, by the fields and shapes in which loggers write it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.event import Frame
from bot.core.signing import raised, stack
from bot.sources import sanitise, traces
from bot.sources.fields import Fields

MESSAGE_CHARACTERS = 64_000
STACK_CHARACTERS = 256_000


@dataclass(frozen=True, slots=True)
class Failure:
    """What a record says about the exception behind it; "" where it does not.

    `stack` is text; `chain` has (type, message) of what was raised, the outermost first, then its
    causes or members; `frames` are those of the record itself, the innermost first.
    """

    type: str = ""
    message: str = ""
    stack: str = ""
    chain: tuple[tuple[str, str], ...] = ()
    frames: tuple[Frame, ...] = ()


def of(found: Fields) -> Failure:
    """What the fields of a record say about it, in whatever of the shapes that loggers know."""
    given_type = sanitise.word(found.get("error_type")) or _sqlstate(found.get("state_code"))
    given_message = sanitise.text(found.get("error_message"), MESSAGE_CHARACTERS)
    given_stack = found.get("stack") or _loguru_stack(found) or _told_stack(found)
    if isinstance(given_stack, list):
        errors = [one for one in given_stack[:100] if isinstance(one, dict) and "exc_type" in one]
        if errors:
            return _structured(errors, given_type, given_message)
        given_stack = _lines(given_stack)
    text = _stack(sanitise.plain(given_stack))
    if not given_type and text.startswith(name := sanitise.word(found.get("name"))):
        given_type = name
    if text and not given_type and (outermost := raised.outermost(text)):
        given_type = sanitise.word(outermost[0])
        given_message = given_message or sanitise.text(outermost[1], MESSAGE_CHARACTERS)
    text = traces.whole(text, given_type, given_message)
    members = _members(found.get("members"))
    chain = ((given_type, given_message), *members) if members else ()
    return Failure(given_type, given_message, text, chain)


def _stack(given: str) -> str:
    """As it is kept; nothing for one of blanks."""
    text = sanitise.ends(given, STACK_CHARACTERS).strip("\n")
    return text if text.strip() else ""


def _loguru_stack(found: Fields) -> str:
    """Loguru's JSON has the traceback in `text` only, below the formatted line."""
    text = found.rest.get("text")
    if not isinstance(text, str) or "record.message" not in found.roles.get("message", ()):
        return ""
    return text.partition("\n")[2]


def _told_stack(found: Fields) -> str:
    """The stack that stands in a message, as Google wants it there, or in GELF's longer one."""
    for told in (found.get("message"), found.rest.get("full_message")):
        if isinstance(told, str) and stack.may_be_in(told):
            text = sanitise.ends(told, STACK_CHARACTERS)
            if raised.outermost(text):
                return text
    return ""


def _sqlstate(value: object) -> str:
    code = sanitise.word(value)
    return f"SQLSTATE {code}" if code and code != "00000" else ""


def _lines(given: list[Any]) -> str:
    """A list of lines or frames as text, an item a line; Elasticsearch's are not indented."""
    items = map(sanitise.plain, given[:1_000])
    return "\n".join(f"\t{item}" if item.startswith("at ") else item for item in items)


def _structured(raised: list[dict[str, Any]], given_type: str, given_message: str) -> Failure:
    """A traceback as structlog writes it: the exception last raised first, then its causes."""
    members = [item for error in raised for item in _group(error.get("exceptions"))]
    chain = tuple((sanitise.word(e.get("exc_type")), _value(e)) for e in [*raised, *members][:100])
    return Failure(
        given_type or chain[0][0],
        given_message or chain[0][1],
        sanitise.ends("\n\n".join(_python_text(e) for e in reversed(raised)), STACK_CHARACTERS),
        chain if len(chain) > 1 else (),
        _telling_frames(raised),
    )


def _telling_frames(raised: list[dict[str, Any]]) -> tuple[Frame, ...]:
    """The frames, innermost first, of the outermost exception that passed our own code."""
    stacks = [stack.collapse(reversed(_python_frames(error))) for error in raised]
    return next((frames for frames in stacks if any(map(stack.in_app, frames))), stacks[0])


def _group(exceptions: object) -> list[dict[str, Any]]:
    """The exceptions inside a group, each given as its own chain."""
    chains = exceptions if isinstance(exceptions, list) else []
    firsts = [chain[0] if isinstance(chain, list) and chain else chain for chain in chains]
    return [error for error in firsts if isinstance(error, dict)]


def _value(error: Mapping[str, Any]) -> str:
    return sanitise.text(error.get("exc_value"), MESSAGE_CHARACTERS)


def _python_frames(error: Mapping[str, Any]) -> tuple[Frame, ...]:
    given = error.get("frames")
    frames = [f for f in given if isinstance(f, dict)] if isinstance(given, list) else []
    return tuple(
        Frame(
            sanitise.word(f.get("filename"), 500),
            sanitise.word(f.get("name")),
            _line(f.get("lineno")),
        )
        for f in frames[:1_000]
    )


def _python_text(error: Mapping[str, Any]) -> str:
    """The same exception as Python itself prints it."""
    calls = [f'  File "{f.module}", line {f.line}, in {f.function}' for f in _python_frames(error)]
    last = f"{sanitise.word(error.get('exc_type'))}: {_value(error)}"
    return "\n".join(["Traceback (most recent call last):", *calls, last])


def _line(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _members(value: object) -> tuple[tuple[str, str], ...]:
    """What a group such as Node's AggregateError holds, where the logger wrote it out."""
    errors = [e for e in value[:100] if isinstance(e, dict)] if isinstance(value, list) else []
    return tuple(
        (
            sanitise.word(e.get("type") or e.get("name")),
            sanitise.text(e.get("message"), MESSAGE_CHARACTERS),
        )
        for e in errors
    )
