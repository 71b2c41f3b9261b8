"""Private keys in the blocks their tools write them in, whole, cut off, or with escaped lines."""

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
