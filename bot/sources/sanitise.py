"""What may not come in: NUL, lone surrogates, NaN, numbers without end, nesting without end."""

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

DEPTH = 100
MOST_VALUES = 2_000_000
"""Of one text: a value of three bytes takes up to two hundred of memory."""
OBJECT = re.compile(rb'\{\s*"')
"""How a JSON object begins, in whatever style it was written."""
_BEFORE_VALUES = (b"{", b"[", b",")
_TOO_DEEP = f"JSON nested deeper than {DEPTH}"
_SURROGATES_TO_REPLACEMENT = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def loads(line: bytes) -> Any:
    """The JSON value in `line`, with everything in it fit to store.

    Invalid UTF-8 and lone surrogates become U+FFFD, NaN and Infinity become null, integers that no
    database holds become text: the error around them is worth more than they are. Raises
    ValueError, which never quotes the line, where it is not JSON, nests deeper than DEPTH or holds
    more than MOST_VALUES.
    """
    if len(line) > MOST_VALUES and sum(map(line.count, _BEFORE_VALUES)) > MOST_VALUES:
        raise ValueError(f"JSON of more than {MOST_VALUES:,} values")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return _without_surrogates(
            _shallow(line, _loads_leniently(line.decode("utf-8", "replace")))
        )
    return _shallow(line, value)


def _shallow(line: bytes, value: Any) -> Any:
    if line.count(b"{") + line.count(b"[") > DEPTH and _is_too_deep(value):
        raise ValueError(_TOO_DEEP)
    return value


def _loads_leniently(text: str) -> Any:
    try:
        return json.loads(
            text, strict=False, parse_constant=lambda _: None, parse_float=_float, parse_int=_int
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON at column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None


def _float(digits: str) -> float | str:
    number = float(digits)
    return digits if abs(number) == float("inf") else number


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) < 20 else digits


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(_SURROGATES_TO_REPLACEMENT)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def _is_too_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEPTH + 1):
        level = [item for parent in level for item in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    items = value.values() if isinstance(value, dict) else value
    return [item for item in items if isinstance(item, dict | list)]


_STEERS = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")


def uncoloured(value: str) -> str:
    """A text without what steers a terminal: colours, which hide the words beside them."""
    return _STEERS.sub("", value) if "\x1b" in value else value


def text(value: object, limit: int) -> str:
    """`value` without NUL (PostgreSQL refuses it) and colours, at most `limit` characters long."""
    value = uncoloured(plain(value))
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    return value if len(value) <= limit else value[: limit - 1] + "…"


def ends(value: str, limit: int) -> str:
    """As `text`, but a value that is too long keeps its beginning and its end.

    For stacks: the first frames and the last ones say more than those between.
    """
    if len(value) <= limit:
        return text(value, limit)
    half = limit // 2 - 10
    return text(f"{value[:half]}\n    …\n{value[-half:]}", limit)


def word(value: object, limit: int = 200) -> str:
    """`value` as one short printable line: a name, an id, a version; nothing for null."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = plain(value)
    if value.isprintable():
        return value.strip() if len(value) <= limit else text(value.strip(), limit)
    printable = "".join(c if c.isprintable() else " " for c in value[:4_000])
    return text(" ".join(printable.split()), limit)


def plain(value: object) -> str:
    """Any JSON value as text: a string as it is, a list or object as compact JSON, nothing
    for null."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping | list):
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
