"""What a JSON value must look like, as rules that name every problem and where it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Rule = Callable[[Any, str], Iterator["Problem"]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a payload, and the JSON pointer to it."""

    message: str
    pointer: str

    def __str__(self) -> str:
        """The wording in which Slack reports a problem."""
        return f"{self.message} [json-pointer:{self.pointer}]"


def string(*, maximum: int, minimum: int = 1) -> Rule:
    """A string of `minimum` to `maximum` characters."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must provide a string", pointer)
        elif len(value) < minimum:
            yield Problem(f"must be more than {minimum - 1} characters", pointer)
        elif len(value) > maximum:
            yield Problem(f"must be less than {maximum + 1} characters", pointer)

    return check


def boolean(value: Any, pointer: str) -> Iterator[Problem]:
    """Exactly true or false."""
    if not isinstance(value, bool):
        yield Problem("must provide a boolean", pointer)


def integer(*, minimum: int = 0, maximum: int | None = None) -> Rule:
    """A whole number within the bounds."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem("must provide an integer", pointer)
        elif value < minimum or (maximum is not None and value > maximum):
            yield Problem(f"must be between {minimum} and {maximum}", pointer)

    return check


def one_of(*allowed: Any) -> Rule:
    """One of the listed values."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem(f"must be one of {', '.join(map(str, allowed))}", pointer)

    return check


def array(rule: Rule, *, maximum: int, minimum: int = 1) -> Rule:
    """A list of `minimum` to `maximum` values that each keep to the rule."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must provide an array", pointer)
            return
        if len(value) < minimum:
            yield Problem(f"no fewer than {minimum} items allowed", pointer)
        if len(value) > maximum:
            yield Problem(f"no more than {maximum} items allowed", pointer)
        for index, item in enumerate(value):
            yield from rule(item, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with the required fields, perhaps the optional ones, and no others."""
    known = {**(optional or {}), **required}

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                yield Problem(f"missing required field: {name}", pointer)
        for name, field in value.items():
            if name in known:
                yield from known[name](field, f"{pointer}/{name}")
            else:
                yield Problem(f"invalid additional property: {name}", pointer)

    return check


def tagged(rules: Mapping[str, Rule]) -> Rule:
    """An object whose `type` chooses the rule it must keep to."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        rule = rules.get(kind) if isinstance(kind, str) else None
        if rule is None:
            yield Problem(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            yield from rule(value, pointer)

    return check


def anything(value: Any, pointer: str) -> Iterator[Problem]:  # noqa: ARG001  (it is a Rule)
    """Any value at all."""
    yield from ()


def both(*rules: Rule) -> Rule:
    """Every one of the rules."""

    def check(value: Any, pointer: str) -> Iterator[Problem]:
        for rule in rules:
            yield from rule(value, pointer)

    return check


def plain_text(maximum: int) -> Rule:
    """A plain-text object."""
    return record(
        {"type": one_of("plain_text"), "text": string(maximum=maximum)}, {"emoji": boolean}
    )


def any_text(maximum: int) -> Rule:
    """A plain-text or a mrkdwn object."""
    mrkdwn = record(
        {"type": one_of("mrkdwn"), "text": string(maximum=maximum)}, {"verbatim": boolean}
    )
    return tagged({"plain_text": plain_text(maximum), "mrkdwn": mrkdwn})
