"""Keys and their values: which values say what happened, and stay."""

import re
from functools import lru_cache

from bot.core.signing.answer import METHODS

PLACEHOLDERS = (
    "bool", "customer", "date", "email", "file", "hex", "host", "id", "ip", "mac", "name", "num",
    "path", "property", "text", "time", "url", "user", "uuid", "value",
)  # fmt: skip

ANY = r"<(?:" + "|".join(PLACEHOLDERS) + r"|\*)>"
NAME = rf"(?:[\w.@+$-]{{1,64}}|{ANY})"
"""Of whoever has an account."""

_MEANS = re.compile(
    r"(?i)(?:code|reason|error|err|errno|exception|cause|msg|message|event|status|level"
    r"|severity|type|kind|detail|state|phase|signal|errors|reasons|causes|exceptions|failures|"
    r"result|failure|fault|description|desc|hresult|ntstatus)$"
)
_SPEAKS = re.compile(
    r"(?i)(?:error|err|msg|message|event|exception|reason|cause|detail|description|desc)$"
)
_METHODS = frozenset(METHODS.split("|"))
_ASKS = re.compile(r"(?i)(?:method|verb)$")
_CODE = re.compile(
    r"-?(?:[A-Z]{1,8}[_-]?)?[\ue000-\ue009]{1,5}|\ue005xx|\ue000[xX][\ue000-\ue009A-Fa-f]{8}"
)
CONSTANT = re.compile(r"[A-Z]{2,32}(?:_[A-Z]{1,32}){1,8}")
_DIGIT = re.compile(r"\d")


def mask_pair(found: re.Match[str]) -> str:
    """The match of a key, an equals sign and a value, with the value masked if it may vary."""
    key, value = found.groups()
    if keeps_value(key, value):
        return found[0]
    return f"{key}={value if re.fullmatch(ANY, value) else '<value>'}"


def keeps_value(key: str, value: str) -> bool:
    """Whether the value says what happened; so do the constants of an enumeration, codes, such as
    what a request was answered with, and what was to be done with what it asked for."""
    if CONSTANT.fullmatch(value.rpartition(".")[2]) or _CODE.fullmatch(value):
        return True
    if value.strip("\"'") in _METHODS and _ASKS.search(key):
        return True
    if not means(key):
        return False
    return _SPEAKS.search(key) is not None or not _DIGIT.search(value)


@lru_cache(maxsize=5_000)
def means(key: str) -> bool:
    """Whether a key's value says what happened: `reason`, `error_code`."""
    return _MEANS.search(key) is not None
