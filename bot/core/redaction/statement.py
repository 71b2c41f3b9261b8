"""Secrets that statements of SQL set, and that databases tell of by their columns."""

import re
from collections.abc import Callable
from functools import cache

from bot.core import linear
from bot.core.redaction.names import FULL_SIGN, NAME
from bot.core.redaction.rule import KEY_OF_ROW, KEY_OF_ROW_SIGN, QUOTE, SAFE, SPACE, rule, unseen

_PLACEHOLDERS = re.compile(
    r"(?i)(?:[\s,]|[$:]\d{1,3}|%s|%\(\w{1,64}\)s|\?|[:@]\w{1,64}|null|default|now\(\)|\)\s?,\s?\(){1,8192}"
)
"""Of the values of a statement those that are none."""
_COLUMN = re.compile(rf"(?i){NAME}(?![\w])")
_FARTHEST = 2_000
"""Characters from a statement to what was given for its parameters."""


@cache
def _sets() -> Callable[[bytes, int], int]:
    sets = rf"{FULL_SIGN}[\"`\]]?{SPACE}?={SPACE}?[$%?:@]"
    return linear.where(unseen(rf"(?i){sets}|\binsert{SPACE}[^()]+\([^()]*{FULL_SIGN}"))


def _is_of_secret(found: re.Match[str]) -> bool:
    """Whether the statement before it sets a secret or asks for one."""
    before = found.string[max(0, found.start() - _FARTHEST) : found.start()]
    return _sets()(linear.seen(before), 0) >= 0


_STATEMENT = re.compile(
    r"(?i)\b(?:select|insert|update|delete|merge|call|execute|values|alter|create)\b"
)
_CHOSEN = re.compile(r"(?=[^A-Za-z\n]*[A-Za-z])[^\n]*?[\d!#$%^&*][^\n]*")
_ID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\d-]{10}[T ][\d:.+Z-]{5,24}")


def _is_of_no_statement(found: re.Match[str]) -> bool:
    """Whether it could be a password, in a list of parameters before which no statement stands."""
    if not _CHOSEN.fullmatch(found["secret"]) or _ID.fullmatch(found["secret"]):
        return False
    before = found.string[max(0, found.start() - _FARTHEST) : found.start()]
    statement, listed, _ = before.rpartition("parameters: ")
    return bool(listed) and _STATEMENT.search(statement) is None


RULES = (
    rule(
        "secret",
        "the rows of an INSERT into a column for a secret: which value is which, only SQL can tell",
        rf"""(?i)\b(?:insert|replace)\s(?:\w{{1,20}}\s){{0,3}}into\s[^()]{{1,128}}\([^()]{{0,2000}}?
            {NAME}(?:{QUOTE})?\s{{0,4}}(?:,[^()]{{0,2000}})?\)\s{{0,4}}values\s{{0,4}}\((?!{SAFE}\))
            (?P<secret>(?:[^()]|\([^()]{{0,512}}\)|\)\s?,\s?\(){{1,8192}})\)""",
        sign=rf"(?i)\bvalues{SPACE}{{0,4}}\(",
        confirms=lambda found: not _PLACEHOLDERS.fullmatch(found["secret"]),
    ),
    rule(
        "secret",
        "a row that PostgreSQL refused: which column a value is of, only the table can tell",
        rf"\bFailing[ ]row[ ]contains[ ]\((?!{SAFE}\))(?P<secret>[^\n]{{1,4096}})\)",
        sign=r"\bFailing row contains \(",
    ),
    rule(
        "secret",
        "the values of a key in a column for a secret, as PostgreSQL has it: (token)=(...)",
        KEY_OF_ROW,
        sign=KEY_OF_ROW_SIGN,
        confirms=lambda found: _COLUMN.search(found["columns"]) is not None,
    ),
    rule(
        "secret",
        "what was given for the parameters of a statement that sets a secret or asks for one",
        rf"""(?i)\bparameters:[ ](?!{SAFE})
            (?P<secret>(?:\$\d{{1,3}}[ ]=[ ]|[(\[])[^\n]{{3,4096}})""",
        sign=r"(?i)\bparameters: [$(\[]",
        confirms=_is_of_secret,
    ),
    rule(
        "secret",
        "the same of a statement that is not told: what could be a password",
        rf"""\$\d{{1,3}}[ ]=[ ]'(?!{SAFE})(?P<secret>(?:[^'\n]|''){{1,4096}})'""",
        sign=r"\$\d+ = '",
        confirms=_is_of_no_statement,
    ),
)
