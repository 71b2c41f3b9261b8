"""What is wrong with settings, said by the name each was set by."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

_PLAINER = {
    "missing": "is missing",
    "model_type": "must be a table: [name] and lines below it",
    "dict_type": "must be a table: [name] and lines below it",
    "tuple_type": "must be a list",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be of the form {pattern}",
    "string_too_long": "must be {max_length} letters or fewer",
    "too_long": "must be {max_length} of them or fewer",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "time_type": 'must be a time of day in quotes; an example is "09:00"',
}
_CHOICES = {"literal_error", "enum"}
_OF_A_KEY = "[key]"
"""How pydantic says that it is not the value which is wrong, but the name before it."""
Place = tuple[int | str, ...]
"""The keys, and the numbers from 0 on, that lead to a value."""


def explain(
    problems: Iterable[ErrorDetails],
    model: type[BaseModel],
    *,
    variables: Mapping[Place, str] | None = None,
    within: Place = (),
) -> str:
    """All that is wrong with what a model was given, each by the name it was set by: a variable of
    the environment, or its place in the file, `within` that of the model; what it was set to only
    for a time.

    Empty where nothing is.
    """
    named = variables or {}
    lines = []
    for problem in problems:
        said = plain(problem, model)
        name = named.get(problem["loc"]) or where((*within, *problem["loc"]))
        lines.append(f"  {name}: {said}" if name else f"  {said}")
    return "\n".join(["Wrong settings:", *lines]) if lines else ""


def _whole(bounds: Mapping[str, Any]) -> dict[str, Any]:
    """The same, 10.0 written as 10."""
    return {
        name: int(one) if isinstance(one, float) and one.is_integer() else one
        for name, one in bounds.items()
    }


def plain(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong with what a model was given, in our words."""
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"there is no such setting; {_nearest(problem['loc'], model)}"
    if kind == "time_parsing":
        return f"{str(problem['input'])[:40]!r} is no time of day; an example is 09:00"
    if kind in _PLAINER:
        said = _PLAINER[kind].format(**_whole(problem.get("ctx", {})))
        return f"{said}{_near_value(problem)}" if kind in _CHOICES else said
    return problem["msg"].removeprefix("Value error, ")


def _near_value(problem: ErrorDetails) -> str:
    """What somebody may have meant by a value that is none of those that may be."""
    some = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    near = get_close_matches(str(problem["input"])[:40], some, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _nearest(place: Place, model: type[BaseModel]) -> str:
    """What somebody who misspelled the last part of a place may have meant."""
    for part in place[:-1]:
        if isinstance(part, str):
            annotation = model.model_fields[part].annotation
            model = next(
                one
                for one in (annotation, *get_args(annotation))
                if isinstance(one, type) and issubclass(one, BaseModel)
            )
    open_to_all = [
        name for name, field in model.model_fields.items() if field.annotation is not SecretStr
    ]
    near = get_close_matches(str(place[-1]), open_to_all, n=1)
    return f"did you mean {near[0]}?" if near else "docs/configuration.md names all there are"


def where(place: Place) -> str:
    """The place in the file, counted as people count: `channels[1].timezone` is of the first."""
    parts = place[:-1] if place[-1:] == (_OF_A_KEY,) else place
    said = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
    return said.removeprefix(".")
