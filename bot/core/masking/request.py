"""HTTP requests in a text: who asked for what is data, how tells errors apart.

But for a request that is only beside the reason, during which something else broke.
"""

import re

from bot.core.masking.pair import NAME

_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT"
_ASKED = r" [^\s\"]{1,300} HTTP/<num>(?=[\s\"'\\\])]|$)"
_VERSION = "HTTP/<num>"
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # beside the reason: `request: "GET /cart HTTP/1.1"`
        (
            rf"(\b[Rr]equest(?:[_ ]line)?[\"']?[:=] ?[\"'\[]?)(?:{_METHODS}|<value>){_ASKED}",
            r"\1<url>",
        ),
        # what the text is about
        (rf"\b({_METHODS}){_ASKED}", rf"\1 <path> {_VERSION}"),
        # the formats "common" and "combined" around it: who, how much, from where and with what
        (rf"(<ip>|<host>) (?:-|{NAME}) (?:-|{NAME}) \[(?=<time>)", r"\1 - - ["),
        (r"( HTTP/<num>\" \S{1,5} )(?:<num>|-)(?: \"[^\"]{0,500}\"){0,2}", r"\1<num>"),
    )
)


def mask(masked: str) -> str:
    """The text of the first stage with what was asked of a server left out."""
    if _VERSION in masked:
        for pattern, replacement in _RULES:
            masked = pattern.sub(replacement, masked)
    return masked
