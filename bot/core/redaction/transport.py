"""Keys in blocks, credentials in URLs, headers and cookies: what carries authority over a wire."""

import re

from bot.core.redaction.rule import SAFE, rule

_BASE64 = r"[A-Za-z0-9+/=]"

BLOCKS = (
    rule(
        "private-key",
        r"""-----BEGIN[ ](?:[A-Z0-9]{1,12}[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
            (?P<secret>[^-]{0,20000}(?:-(?!----)[^-]{0,2000}){0,20})
            (?:-----END[ ](?:[A-Z0-9]{1,12}[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----|\Z|(?=-))""",
        hints="-----begin",
        confirms=lambda found: found["secret"].strip("\\n\r\n ") != "<private-key>",
    ),
    rule(
        "private-key",
        rf"(?P<secret>(?:(?:^|\\n|[\r\n])[ \t]{{0,8}}{_BASE64}{{40,76}}(?=\\n"
        rf"|[\r\n])){{2,200}}(?:(?:\\n|[\r\n])[ \t]{{0,8}}{_BASE64}{{1,76}}){{0,1}}"
        r"(?=(?:\\n|[\r\n])-----END))",
        hints="-----end",
    ),
    rule(
        "private-key",
        r"Private-Lines:[ ]\d{1,3}(?P<secret>(?:\r?\n[A-Za-z0-9+/=]{1,80}){1,200})",
        hints="private-lines",
    ),
    rule("private-key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,60}\b", hints="age-secret"),
)

_SCHEMES = (
    r"(?:Bearer|Basic|Digest|Token|ApiKey|Api-Key|Negotiate|NTLM|OAuth"
    r"|AWS4-HMAC-SHA256|SharedKey|SharedAccessSignature|HMAC|Key|JWT|SSWS|GenieKey"
    r"|Splunk|DSN)"
)
_CRUMB = r"[\w.!\#$%&*+^`|~-]{1,128}=[^\s;\"'\\,]{0,4096}"
_QUOTE = r"(?:\\{0,4}[\"'])"
RULES = (
    # user:password@ in a URL, or a token alone in its place
    rule(
        "secret",
        rf"[A-Za-z][A-Za-z0-9+.-]{{1,30}}://[^\s/@:\"'<>]{{0,256}}:(?P<secret>"
        rf"(?!{SAFE}@)[^\s/@\"'][^\s@\"']{{0,255}}(?=@[A-Za-z0-9\[_-])"
        rf"|(?!{SAFE}@)[^\s/\"']{{1,256}}(?=@[A-Za-z0-9\[_-]))",
        hints="://",
        confirms=lambda found: (
            "/" not in found["secret"] or not re.match(r"\d{1,5}/", found["secret"])
        ),
    ),
    rule(
        "token",
        (
            r"(?:https?|git|ssh|ftp|redis|rediss|amqps?|mongodb(?:\+srv)?|postgres(?:ql)?"
            r"|mysql|nats)://(?P<secret>[A-Za-z0-9_.~%-]{16,256})(?=[:@])(?=:?[^\s/@]{0,64}@)"
        ),
        hints="://",
    ),
    # the data source names of Go's drivers, and user:password@host without a scheme
    rule(
        "secret",
        (
            rf"(?<![\w/])[\w.-]{{1,64}}:(?P<secret>(?!{SAFE}@)[^\s@/:\"'(<>]{{3,128}})@(?:tcp"
            rf"|unix|udp)?\("
        ),
        hints="@",
    ),
    rule(
        "secret",
        (
            rf"(?<![\w/:.])[A-Za-z_][\w.-]{{0,63}}[:/](?P<secret>"
            rf"(?!{SAFE}@)[^\s@/:\"'<>,;]{{4,128}})@(?:[\w-]{{1,63}}\.){{0,6}}[\w-]{{1,63}}"
            rf"(?::\d{{2,5}}|/\w)"
        ),
        hints="@",
    ),
    # headers
    rule(
        "auth",
        rf"""(?i)(?:proxy-)?authorization{_QUOTE}?\s{{0,4}}(?:=>|[:=])\s{{0,4}}\[?{_QUOTE}?
                (?:{_SCHEMES}[ :])?\s{{0,4}}
            (?P<secret>(?!{SAFE})(?:AWS4-HMAC-SHA256[ ])?[^\s\"'\\,;\]}}]{{3,4096}}
                (?:,[ ]?(?:SignedHeaders|Signature|nonce|response|uri|cnonce|opaque|qop|nc|realm
                    |username)=[^\s,;]{{1,2048}}){{0,12}})""",
        hints="authorization",
    ),
    rule(
        "auth",
        (
            rf"(?i)\b(?:Bearer|Basic)[ ](?:token[ ])?[\"']?(?P<secret>(?!{SAFE})"
            rf"(?=[^\s\"']{{0,40}}[0-9=._+/-]|[A-Za-z]{{24}})[A-Za-z0-9._~+/=-]{{8,4096}})"
        ),
        hints="bearer basic",
    ),
    rule(
        "auth",
        rf"(?i)\b(?:Signature|Credential)=(?P<secret>(?!{SAFE})[0-9A-Za-z/+=_-]{{16,512}})",
        hints="signature= credential=",
    ),
    rule(
        "cookie",
        rf"""(?i)\b(?:set-)?cookies?{_QUOTE}?\s{{0,4}}(?:=>|[:=])\s{{0,4}}\[?{_QUOTE}?
            (?P<secret>(?!{SAFE}){_CRUMB}(?:;\s{{0,2}}(?!(?:path|domain|expires|max-age|samesite
                |version|priority)=){_CRUMB}){{0,64}})""",
        hints="cookie",
    ),
    rule(
        "session",
        rf"""(?i)\b(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|
                (?:\w{{1,20}}[_.-])?sess(?:ion)?(?:[_.-]?(?:id|key|token))?|sessid|sid
                |xsrf[_-]?token|csrf[_-]?(?:middleware)?token|_csrf)
            {_QUOTE}?\s{{0,2}}(?:=>|[:=])\s{{0,2}}{_QUOTE}?(?P<secret>(?!{SAFE})
                (?=[^\s\"']{{0,48}}\d)[A-Za-z0-9%._:+/=~-]{{8,1024}})""",
        hints="sess sid csrf xsrf",
    ),
    rule(
        "session",
        (
            rf"(?i)\bsession[ ](?:id[ ]|token[ ])?[\"'#]?(?P<secret>(?!{SAFE})"
            rf"(?=[a-z]{{0,30}}\d)(?=\d{{0,30}}[a-z])[0-9a-z_-]{{16,128}})\b"
        ),
        hints="session",
    ),
)
