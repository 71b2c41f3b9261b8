"""What a request was answered with, as those who log requests write it: servers, proxies, clients.

The texts have zeros for all digits, or are templates. Since version 2 of the rules.
"""

import re

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
"""Of HTTP, where nothing but the method says that it is a request."""

NO_COUNT = r"(?![\w.:%/-]|[ ](?:[mµu]?s|[kM]?B|of|[a-z]{3,40}s)\b)"
"""What follows a status, and not how much of something there was: `404 rows`, `404 of 500`."""
_TARGET = r"[\"'`]?(?:/|\w{2,8}://|<(?:path|url|text)>)"
_ASKED_FOR = rf"\b(?:{METHODS})[ ]{{1,8}}(?:[|-][ ])?{_TARGET}\S{{0,300}}"
_TOOK = r"\(?(?:<num>|[0.]{1,16}[ ]?(?:[mnµu]?s|[hm][0.]{1,9}m?s))\)?"
_BETWEEN = rf"""(?:returned|answered|responded|failed|resulted|took|and|with|status|code|->|=>|[|-]
    |\{{\}}|{_TOOK}|from[ ]\S{{1,80}}|HTTP/(?:0(?:\.0)?|<num>)["']?
    |[\w.-]{{1,80}}/[\w.+-]{{1,80}}(?:;\S{{1,80}})?[ ](?:-|<num>|0{{1,12}}))"""
"""What loggers put between a request and the answer: how long it took, who asked, with what."""
_BEFORE = (
    r"(?:[|-]|<(?:ip|host|id)>|(?:0{1,3}\.){3}0{1,3}|[0A-Fa-f:]{2,39}|[\w:.-]{1,80}(?=[ ]?\|))"
)
"""What they put between an answer and the request, where the answer comes first."""
_SERVER = r"""(?i:\b(?:upstream|server|backend|api|gateway|endpoint|origin|proxy|service|webhook
    |host|request|remote))(?:[ ]<(?:host|ip|url|path)>|[ ][\w.:/-]{1,200})?"""
"""Of whom it is said that they returned a number which is a status, and no count."""
_REASONS = (
    "OK|Created|Accepted|Non-Authoritative Information|No Content|Reset Content|Partial Content"
    "|Multi-Status|Multiple Choices|Moved Permanently|Found|See Other|Not Modified"
    "|Temporary Redirect|Permanent Redirect|Internal Server Error|Not Implemented|Bad Gateway"
    "|Service Unavailable|Service Temporarily Unavailable|Gateway Time-?out"
    "|HTTP Version Not Supported|Insufficient Storage"
)
_ANY_CASE = f"(?:{_REASONS}|{_REASONS.upper().replace(' ', '_')})"
REASON = re.compile(rf"(?: Server Error:)? (?:\((?:{_REASONS})\)|{_ANY_CASE}(?![\w-]))")
"""Of RFC 9110, but those of 4xx, which tell nothing that the number does not."""
PATTERN = re.compile(
    rf"""
    (?:\b|(?<=_)|(?=S)) (?:  # nowhere else does any of these begin
    {_ASKED_FOR}[ ]{{1,8}}(?:{_BETWEEN}[ :]{{1,8}}){{0,6}}\[?(?P<replied>000)\b{NO_COUNT}
  | {_ASKED_FOR}[ ](?:\S{{1,500}}[ ]){{2,12}}?(?P<told>000)
      (?=[ ](?:0{{1,3}}|<num>)[ ](?:0{{1,10}}|<num>)[ ](?:0|<num>))
  | (?<![\w.:/+-])(?P<ahead>000)\]?:?[ ]{{1,8}}(?:(?:{_BEFORE}|{_TOOK})[ ]?[|]?[ ]{{1,8}}){{0,6}}
      {_ASKED_FOR}
  | \b(?:Sent|Chunked|Completed)[ ](?P<sent>000)(?=[ ]in[ ](?:0|<num>))
  | \bfinished[ ]in[ ]{_TOOK}[ ](?P<finished>000)\b{NO_COUNT}
  | \b(?:responded|replied|answered|failed[ ]with)(?:[ ]with)?(?:[ ]an?)?[ ]
      (?P<said>000)\b{NO_COUNT}
  | {_SERVER}[ ]{{1,2}}(?:has[ ])?(?:returned|returns|sent|gave)(?:[ ]an?)?[ ]
      (?P<returned>000)\b{NO_COUNT}
  | \b(?:an?|got|received)[ ](?P<given>000)
      (?=[ ](?:response|error|status|answer|reply)\b(?![ ][a-z]{{3,40}}s\b))
  | (?:(?<=[a-z])(?=S)|(?<=_)|\b)(?i:status(?:[_-]?code)?)["']?[ ]?(?:[:=]|=>)[ ]?["']?
      (?P<keyed>000)\b(?![.:]0)
  | \bresp=(?P<resp>000)\b(?![.:]0)
  | (?<![\w.:/+-])(?P<reasoned>000)(?={REASON.pattern.replace(" ", "[ ]")})
    )""",
    re.VERBOSE,
)
"""Each of its groups is a status of HTTP; one takes part."""
HINT = (
    r"resp=<|(?i:status|code)[\"']? => <|(?:Sent|Chunked|Completed) <num> in <|finished in <"
    r"|(?:responded|replied)(?: with)? <"
    rf"|<num> {_ANY_CASE}"
)
"""What a text without digits has in it, if it may have an answer that stands without a request."""
REQUEST = re.compile(rf"\b(?:{METHODS}) (?:[|-] )?{_TARGET}")
"""What such a text has in it, if it may have an answer beside a request."""
