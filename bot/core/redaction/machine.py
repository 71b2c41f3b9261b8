"""How a machine is reached, which says whose it is: hardware and internet addresses."""

import re

from bot.core.redaction.rule import after, rule

_HEX2, _HEX4 = r"[0-9A-Fa-f]{2}", r"[0-9A-Fa-f]{1,4}"
_DOTTED = r"(?:\d{1,3}\.){3}\d{1,3}"
_NO_VERSION = r"(?<![\w.:/-]\d)(?<!version[ =]\d)(?<!Version[ =]\d)(?<!release[ ]\d)"
"""Of what stands before the first digit, which is looked for first."""
_NOBODY = frozenset(
    (
        *("0.0.0.0", "127.0.0.1", "255.255.255.255", "255.255.255.0", "255.255.0.0"),  # noqa: S104
        *("1.1.1.1", "8.8.8.8", "8.8.4.4"),
    )
)
"""The addresses of nobody: any, this one, masks of networks, the great public resolvers."""


def _is_v4(found: re.Match[str]) -> bool:
    parts = found["secret"].split(".")
    return (
        all(int(part) < 256 and (part == "0" or part[0] != "0") for part in parts)
        and found["secret"] not in _NOBODY
    )


def _is_v6(found: re.Match[str]) -> bool:
    """RFC 4291, 2.2: eight groups, or fewer with one `::`. Not a time such as 12:30:45, nor a word
    as in `::add`."""
    text = found["secret"]
    groups = [group for group in text.split(":") if group]
    return (
        text not in ("::", "::1")
        and not (text.startswith("::") and text[2:].isalpha())
        and (text.count(":") == 7 or (text.count("::") == 1 and bool(groups)))
        and any(len(group) > 2 or "::" in text for group in groups)
    )


RULES = (
    rule(
        "mac",
        "EUI-48 as IEEE 802 writes it, and with colons",
        rf"(?<![\w:-])(?:{_HEX2}[:-]){{5}}{_HEX2}(?![\w:-])",
        sign=after(r"\w:-") + rf"(?:{_HEX2}[:-]){{5}}{_HEX2}",
    ),
    rule(
        "mac",
        "EUI-48 as Cisco's devices write it",
        r"(?<![\w.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?![\w.])",
        sign=after(r"\w.") + r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}",
    ),
    rule(
        "ip",
        "IPv4, unless it stands where versions do",
        rf"(?P<secret>\d{_NO_VERSION}\d{{0,2}}(?:\.\d{{1,3}}){{3}})(?![\w-]|\.\d)",
        sign=after(r"\w.:/-") + rf"{_DOTTED}",
        confirms=_is_v4,
    ),
    rule(
        "ip",
        "IPv4 as the host of a URL",
        rf"(?<=//)(?P<secret>{_DOTTED})(?![\w-]|\.\d)",
        sign=rf"//{_DOTTED}",
        confirms=_is_v4,
    ),
    rule(
        "ip",
        "IPv6 in full (RFC 4291)",
        rf"(?<![\w:.])(?P<secret>(?:{_HEX4}:){{7}}{_HEX4})(?:%\w{{1,15}})?(?![\w:])",
        sign=after(r"\w:.") + rf"(?:{_HEX4}:){{7}}{_HEX4}",
        confirms=_is_v6,
    ),
    rule(
        "ip",
        "IPv6 with its zeros left out",
        rf"""(?<![\w:.])(?P<secret>(?:{_HEX4}(?::{_HEX4}){{0,6}})?::(?:{_HEX4}(?::{_HEX4}){{0,6}})?)
            (?:%\w{{1,15}})?(?![\w:])""",
        sign=after(r"\w:.") + r"[0-9A-Fa-f:]*::",
        confirms=_is_v6,
    ),
)
