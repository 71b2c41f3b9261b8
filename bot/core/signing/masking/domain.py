"""Whether what has dots in it names a host, or is what code calls so: a field, a setting …"""

import re

GENERIC = (
    "com|org|net|edu|gov|mil|int|io|dev|app|cloud|local|internal|lan|corp|intranet|localdomain|arpa"
    "|consul|example|test|svc"
)
_COUNTRY = (
    "a[cdefgilmoqrstuwxz]|b[abdefghijmnorstvwyz]|c[acdfghiklmnoruvwxyz]|d[ejkmoz]|e[cegrstu]"
    "|f[ijkmor]|g[abdefghilmnpqrstuwy]|h[kmnrtu]|i[delmnoqrst]|j[emop]|k[eghimnprwyz]"
    "|l[abcikrstuvy]|m[acdeghklmnopqrstuvwxyz]|n[acefgilopruz]|om|p[aefghklmnrstwy]|qa|r[eosuw]"
    "|s[abcdeghijklmnorstuvxyz]|t[cdfghjklmnortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
)
"""As IANA delegates them: `user.ip` is no host."""
_WORD = "as|by|do|id|in|is|my|no|so|to"
"""Of countries, too, but names in code end so: `user.id`, `created.by`."""
_LABEL = r"[A-Za-z][A-Za-z-]{0,63}\."
_TOP_LEVEL = re.compile(rf".*\.(?:{GENERIC}|{_COUNTRY})")
_HOST = re.compile(
    rf"(?!(?:com|org|javax?|jakarta|androidx?)\.(?:{_LABEL}){{1,12}}[a-z]+$)"
    rf"(?:{_LABEL}){{1,12}}(?:{GENERIC}|(?!(?:{_WORD})$)(?:{_COUNTRY}))"
    rf"|(?:www\.(?:{_LABEL}){{1,12}}|(?:{_LABEL}){{1,12}}(?:ac|com?|edu|gov?|net|or|org|web)\.)"
    rf"(?:{_WORD})"
)
"""`org.apache.hadoop.io` is a package. A host that ends in a word has `www` or a second level."""
SOURCE = re.compile(r"[\w-]+\.(?:py|js|ts|go|rs|rb|cs|cc|hs|kt|vb|sh|so)")
"""`main.go` is a file."""


def is_host(name: str) -> bool:
    """Whether a name without digits is one of a host."""
    return _HOST.fullmatch(name) is not None and not SOURCE.fullmatch(name)


def has_top_level(name: str) -> bool:
    """Whether it ends as a name of a host may."""
    return _TOP_LEVEL.fullmatch(name) is not None
