"""The version of the rules: a name that changes by itself when a table does."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from types import FunctionType, ModuleType
from typing import Any

from bot.core.rules import (
    bystander,
    chain,
    codes,
    criticals,
    guess,
    names,
    numbers,
    operation,
    phrases,
    reading,
    vendors,
    verdicts,
    vocabulary,
)
from bot.core.rules.verdicts import Verdict

_CODE = "r5"
"""Raised by hand when what reads the tables changes."""
_TABLES = (
    *(bystander, chain, codes, criticals, guess, names, numbers, operation, phrases),
    *(reading, vendors, verdicts, vocabulary),
)


@cache
def version() -> str:
    """The name of these rules, stored with each analysis by them: one with another name is out of
    date."""
    written = "\n".join(text_of(_tables_of(module)) for module in _TABLES)
    return f"{_CODE}-{blake2b(written.encode(), digest_size=4).hexdigest()}"


def _tables_of(module: ModuleType) -> dict[str, Any]:
    return {
        name: table
        for name, table in vars(module).items()
        if not (name.startswith("__") or isinstance(table, ModuleType | FunctionType | type))
    }


def text_of(table: object) -> str:
    """A table as text, the same in every process: `repr` cuts patterns and does not order sets."""
    match table:
        case re.Pattern():
            return f"{table.pattern!r} {table.flags}"
        case Verdict():
            return _text_of_verdict(table)
        case Mapping():
            return f"{{{','.join(f'{key!r}:{text_of(one)}' for key, one in table.items())}}}"
        case set() | frozenset():
            return f"{{{','.join(sorted(map(text_of, table)))}}}"
        case tuple() | list():
            return f"({','.join(map(text_of, table))})"
        case FunctionType():
            return table.__qualname__
    return repr(table)


@cache
def _text_of_verdict(verdict: Verdict) -> str:
    return repr(verdict)
