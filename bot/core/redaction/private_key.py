"""Private keys in the blocks their tools write them in, whole, cut off, or with escaped lines."""

import re
from collections.abc import Iterable, Iterator

from bot.core.redaction.rule import rule

_LABEL = r"(?:[A-Z0-9]{1,12}[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?"
_BASE64 = r"[A-Za-z0-9+/=]"
_BREAK = r"(?:\\n|[\r\n])"

RULES = (
    rule(
        "private-key",
        "PEM (RFC 7468), OpenSSH and PGP; to the end of the text where the block is cut off",
        rf"""-----BEGIN[ ]{_LABEL}-----
            (?P<secret>[^-]{{0,20000}}(?:-(?!----)[^-]{{0,2000}}){{0,20}})
            (?:-----END[ ]{_LABEL}-----|\Z|(?=-))""",
        sign="-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
        confirms=lambda found: found["secret"].strip("\\n\r\n ") != "<private-key>",
    ),
    rule(
        "private-key",
        "the lines of such a block whose beginning was cut off",
        rf"""(?P<secret>(?:(?:^|{_BREAK})[ \t]{{0,8}}{_BASE64}{{40,76}}(?={_BREAK})){{2,200}}
            (?:{_BREAK}[ \t]{{0,8}}{_BASE64}{{1,76}})?
            (?={_BREAK}-----END))""",
        sign="-----END",
    ),
    rule(
        "private-key",
        "PuTTY's .ppk files",
        rf"Private-Lines:[ ]\d{{1,3}}(?P<secret>(?:\r?\n{_BASE64}{{1,80}}){{1,200}})",
        sign="Private-Lines: ",
    ),
    rule(
        "private-key",
        "the identities of age",
        r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,60}\b",
        sign="AGE-SECRET-KEY-1",
    ),
)


_BEGINS = re.compile(rf"-----BEGIN {_LABEL}-----(?!.*-----END)|Private-Lines: \d")
_GOES_ON = re.compile(rf"\s*(?:{_BASE64}{{0,80}}|[A-Z][A-Za-z-]{{2,20}}: .{{0,120}})\s*")
_ENDS = re.compile(r"-----END|Private-MAC:")


def kept_whole(lines: Iterable[str]) -> Iterator[str]:
    """The lines, but the beginning of a key and its lines in one piece.

    For who redacts line by line: inside a key no line shows that it is of one.
    """
    held: list[str] = []
    for line in lines:
        ends = _ENDS.search(line)
        if held and not (ends or _GOES_ON.fullmatch(line)):
            yield "\n".join(held)
            held = []
        if not (held or _BEGINS.search(line)):
            yield line
            continue
        held.append(line)
        if ends:
            yield "\n".join(held)
            held = []
    if held:
        yield "\n".join(held)
