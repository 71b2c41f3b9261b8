"""What is wrong with settings, each called by the name it was set by."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

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
    "too_short": "must not be empty",
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
    file: Path | None = None,
) -> str:
    """All that is wrong with the values a model was given; empty if nothing is.

    Each is called by what it was set by: a variable of the environment, or its place in the `file`,
    if there is one; `within` is the place of the model.
    """
    named = variables or {}
    lines, is_of_file = [], False
    for problem in problems:
        said = plain(problem, model)
        variable = named.get(problem["loc"])
        is_of_file = is_of_file or not variable
        name = variable or where((*within, *problem["loc"]))
        lines.append(f"  {name}: {said}" if name else f"  {said}")
    head = f"Wrong settings in {file}:" if file and is_of_file else "Wrong settings:"
    return "\n".join([head, *lines]) if lines else ""


def _whole(bounds: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with 10.0 written as 10."""
    return {
        name: int(one) if isinstance(one, float) and one.is_integer() else one
        for name, one in bounds.items()
    }


def plain(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong with what a model was given, in our words."""
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"there is no such setting; {_nearest(problem, model)}"
    if kind == "time_parsing":
        return f"{str(problem['input'])[:40]!r} is no time of day; an example is 09:00"
    if kind == "tuple_type" and isinstance(problem["input"], dict):
        return f"must be a list: write [[{where(problem['loc'])}]] above each of them"
    if kind == "string_pattern_mismatch" and "https?://" in problem["ctx"]["pattern"]:
        return "must begin with http:// or https://"
    if kind in _PLAINER:
        said = _PLAINER[kind].format(**_whole(problem.get("ctx", {})))
        return f"{said}{_near_value(problem)}" if kind in _CHOICES else said
    return problem["msg"].removeprefix("Value error, ")


def _near_value(problem: ErrorDetails) -> str:
    """Which allowed value may have been meant by one that is not, in words."""
    some = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    near = get_close_matches(str(problem["input"])[:40], some, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _nearest(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """Which setting may have been meant by an unknown one, or where it belongs, in words."""
    *tables, name = problem["loc"]
    table = model
    for part in tables:
        if isinstance(part, str):
            table = next(_tables(table.model_fields[part].annotation))
    if near := get_close_matches(str(name), _settable(table), n=1):
        return f"did you mean {near[0]}?"
    given = problem["input"]
    names = [str(name), *(given if isinstance(given, dict) else ())]
    found = [(one, " or ".join(places)) for one in names if (places := [*_belongs(one, model)])]
    if len(found) != 1:
        return "docs/configuration.md names all there are"
    return "{} belongs in {}".format(*found[0])


def _belongs(name: str, model: type[BaseModel]) -> Iterator[str]:
    """The tables of a model that have a setting of that name, as they are called in the file."""
    for title, field in model.model_fields.items():
        is_list = get_origin(field.annotation) is tuple
        if any(name in _settable(table) for table in _tables(field.annotation)):
            yield f"[[{title}]]" if is_list else f"[{title}]"


def _settable(table: type[BaseModel]) -> list[str]:
    """The names that a table may have in the file: all but secrets."""
    return [name for name, one in table.model_fields.items() if one.annotation is not SecretStr]


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables in a setting's type: the type itself, or those in a list of it."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


def where(place: Place) -> str:
    """A place in the file as people count: `channels[1].timezone` is of the first channel."""
    parts = place[:-1] if place[-1:] == (_OF_A_KEY,) else place
    said = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts)
    return said.removeprefix(".")
