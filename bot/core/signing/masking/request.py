"""HTTP requests in a text: who asked for what is data, how tells errors apart.

But for a request that is only beside the reason, during which something else broke.
"""

import re

from bot.core.signing.answer import METHODS
from bot.core.signing.masking import rule
from bot.core.signing.masking.pair import NAME

_METHOD = "[A-Z][A-Z-]{2,19}"
"""Any: WebDAV has a dozen of its own, and a server logs also those that nobody knows."""
_VERSION = "HTTP/<num>"
_QUOTED = r"(?:[^\"\\]|\\.)"
_ASKED = r" [^\s\"]{1,300} HTTP/<num>(?=[\s\"'\\\])]|$)"
_REQUEST = r"(\b[Rr]equest(?:[_ ]line)?[\"']?[:=] ?"
_USER = r"(?:[^\s\"\[\]]{1,64}(?: [^\s\"\[\]]{1,64}){0,2}|\"[^\"]{0,64}\")"
_WHEN = r"\[<time>(?: <num>)?\]"
_WHY = r"[A-Z]{2,5}(?:,[A-Z]{2,5}){0,7}(?: [a-z_]{3,80}(?:\{[\w ,:-]{1,80}\})?)?"
"""Envoy's flags, and what Istio adds to them."""
_ANSWER = r" \S{1,5} (?:<num>|-)"
_TARGET = rf"{_METHOD} (?:<url>|<text>)"
_METHOD_SIGNS = METHODS.replace("|", " |") + " "
_RULES = rule.table(
    # beside the reason: `request: "GET /cart HTTP/1.1"`
    (
        "equest",
        rf"{_REQUEST}\")(?:{_QUOTED}{{1,500}} HTTP/<num>|{_METHOD} /?(?:<path>)?)\"",
        r'\1<url>"',
    ),
    (_VERSION, rf"{_REQUEST}[\"'\[]?)(?:{_METHOD}|<value>){_ASKED}", r"\1<url>"),
    # what the text is about; quotation marks say where a target with blanks ends
    (
        _VERSION,
        rf"(?<!\\)\"({_METHOD}) {_QUOTED}{{1,500}} HTTP/<num>\"",
        rf'"\1 <path> {_VERSION}"',
    ),
    (_VERSION, rf"\b({_METHOD}){_ASKED}", rf"\1 <path> {_VERSION}"),
    # as `sources.access` puts it
    (
        " was answered with HTTP ",
        rf"^({_METHOD}) .{{1,4000}} (?=was answered with HTTP )",
        r"\1 <path> ",
    ),
    (
        _METHOD_SIGNS,
        rf"\b({METHODS}) ((?:[|-]|<host>) )?([\"'`]?)/(?=$|[\s\"'`:,])",
        r"\1 \2\3<path>",
    ),
    # what a path or an address in a text does not have, but what was asked for may
    (
        " <path>| <url>",
        (
            rf"\b({METHODS}) (<path>|<url>)(?![:,;.)\]]{{1,4}}(?:\s|$))"
            r"(?:\([^\s()]{0,100}\)|\[[^\s\[\]]{0,100}\]|[^\s\"':()\[\]]){1,300}(?<![,;.])"
        ),
        r"\1 \2",
    ),
    # the formats "common" and "combined" around it: who, how much, from where and with what
    (
        '] "',
        (
            rf"(?<!\S)(?:(?:<ip>|<host>) {NAME} {_USER} (?={_WHEN} \")"
            rf"|\S{{1,255}} - {_USER} (?={_WHEN} \"{_QUOTED}{{0,500}}\"{_ANSWER}(?!\S)))"
        ),
        "<ip> - - ",
    ),
    # some leave the protocol's name out, some all of it
    (
        '"',
        rf"\"({METHODS}) (?:<path>|<url>|/)[^\s\"]{{0,300}}(?: <num>)?\"(?={_ANSWER}(?!\S))",
        r'"\1 <path>"',
    ),
    # how much of which kind came in or went out, as ASP.NET Core says it
    ("Request starting HTTP/", rf"\b(Request starting {_VERSION} {_TARGET}) .{{1,200}}$", r"\1"),
    (
        "Request finished HTTP/",
        (
            rf"\b(Request finished {_VERSION} {_TARGET})(?: (?!- ).{{1,120}}?)?( - \S{{3,5}})"
            r" (?:<num>|null|-) .{1,200}$"
        ),
        r"\1\2",
    ),
    # a request that is none
    (
        '] "',
        (
            r"(?<=\] )(?:(?<=<time>\] )|(?<=<time> <num>\] ))"
            rf"\"(?!{_METHOD} <path>(?: HTTP/|\")){_QUOTED}{{0,500}}\"(?={_ANSWER}(?: \"|$))"
        ),
        '"<value>"',
    ),
    # a load balancer has the answer before the request
    (
        'HTTP/<num>" "',
        (
            rf"(<num> \"{_METHOD} <path> HTTP/<num>\") \"{_QUOTED}{{0,500}}\""
            rf"(?: (?:\"{_QUOTED}{{0,500}}\"|[^\s\"]{{1,500}})){{0,23}}"
        ),
        r"\1",
    ),
    (
        '" ',
        (
            rf"((?: HTTP/<num>|\] \"<value>)\" \S{{1,5}}(?: {_WHY})? )(?:<num>|-)"
            rf"(?: (?:\"{_QUOTED}{{0,500}}\"|<num>|-)(?!\S)){{0,24}}"
        ),
        r"\1<num>",
    ),
)


_METHOD_PAIR = re.compile(rf"(?i:(?<=method)|(?<=verb))(=\"?|\": ?\")(?:{METHODS})\b")
_STATUS_PAIR = re.compile(
    r"(?i:status\w{0,8}|resp)\"?[=:] ?\"?(?:<num>|<value>|[4\ue004][\d\ue000-\ue009]|[5\ue005]xx)"
)
_REASON_PAIR = re.compile(
    r"(?i)\b(?:error|err|reason|msg|message|exception|cause)\"?[=:] ?\"?[^\s\"]"
)
_ROOT = re.compile(r"(?<![^\s\":|])/(?![^\s\"])")
_IS_ASKED = re.compile(rf"\b(?:{METHODS}) (?:[|-] )?[\"'`]?<(?:path|url)>")


def mask(masked: str) -> str:
    """The text of the first stage with what was asked of a server left out."""
    masked = rule.apply(_RULES, masked)
    if "/" in masked and _IS_ASKED.search(masked):
        masked = _ROOT.sub("<path>", masked)
    if not _METHOD_PAIR.search(masked):
        return masked
    is_about_it = _STATUS_PAIR.search(masked) and not _REASON_PAIR.search(masked)
    return masked if is_about_it else without_methods(masked)


def without_methods(masked: str) -> str:
    """The text without methods of HTTP that are values of keys: beside a reason, and in version 1,
    they are data as all values are."""
    return _METHOD_PAIR.sub(r"\1<value>", masked)
