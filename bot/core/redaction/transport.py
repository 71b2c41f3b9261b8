"""What carries authority over a wire: credentials in URLs, headers, cookies and sessions."""

import re

from bot.core.redaction.rule import QUOTE, SAFE, rule

_SCHEMES = (
    r"(?:Bearer|Basic|Digest|Token|ApiKey|Api-Key|Negotiate|NTLM|OAuth|AWS4-HMAC-SHA256|SharedKey"
    r"|SharedAccessSignature|HMAC|Key|JWT|SSWS|GenieKey|Splunk|DSN)"
)
_CRUMB = r"[\w.!\#$%&*+^`|~-]{1,128}=[^\s;\"'\\,]{0,4096}"
_IS = r"\s{0,4}(?:=>|[:=])\s{0,4}"
_SOON = r"[^A-Za-z0-9]{0,12}[:=]"
"""In a sign: quotation marks and white space, then what gives a name its value."""

RULES = (
    rule(
        "secret",
        "user:password@ in a URL (RFC 3986, 3.2.1), also where the password has a slash in it",
        rf"""[A-Za-z][A-Za-z0-9+.-]{{1,30}}://[^\s/@:\"'<>]{{0,256}}:(?P<secret>
            (?!{SAFE}@)[^\s/@\"'][^\s@\"']{{0,255}}(?=@[A-Za-z0-9\[_-])
            |(?!{SAFE}@)[^\s/\"']{{1,256}}(?=@[A-Za-z0-9\[_-]))""",
        sign=r"://[^\s/@:\"'<>]*:\S+@",
        confirms=lambda found: (
            "/" not in found["secret"] or not re.match(r"\d{1,5}/", found["secret"])
        ),
    ),
    rule(
        "token",
        "a token alone in the place of the user, as Git and Sentry have it",
        r"""(?:https?|git|ssh|ftp|rediss?|amqps?|mongodb(?:\+srv)?|postgres(?:ql)?|mysql|nats)
            ://(?P<secret>[A-Za-z0-9_.~%-]{16,256})(?=[:@])(?=:?[^\s/@]{0,64}@)""",
        sign=r"://[A-Za-z0-9_.~%-]{16,}:?[^\s/@]*@",
    ),
    rule(
        "secret",
        "the data source names of Go's database drivers: user:password@tcp(host)",
        rf"""(?<![\w/])[\w.-]{{1,64}}:(?P<secret>(?!{SAFE}@)[^\s@/:\"'(<>]{{3,128}})
            @(?:tcp|unix|udp)?\(""",
        sign=r":[^\s@/:\"'(<>]{3,}@(?:tcp|unix|udp)?\(",
    ),
    rule(
        "secret",
        "user:password@host without a scheme; a port or a path must follow",
        rf"""(?<![\w/:.])[A-Za-z_][\w.-]{{0,63}}[:/](?P<secret>(?!{SAFE}@)[^\s@/:\"'<>,;]{{4,128}})
            @(?:[\w-]{{1,63}}\.){{0,6}}[\w-]{{1,63}}(?::\d{{2,5}}|/\w)""",
        sign=r"[:/][^\s@/:\"'<>,;]{4,}@[^\s/@]*[:/]",
    ),
    rule(
        "auth",
        "Authorization headers (RFC 9110, 11.6), in any notation and with any scheme",
        rf"""(?i)(?:proxy-)?authorization(?:{QUOTE})?{_IS}\[?(?:{QUOTE})?(?:{_SCHEMES}[ :])?
            \s{{0,4}}
            (?P<secret>(?!{SAFE})(?:AWS4-HMAC-SHA256[ ])?[^\s\"'\\,;\]}}]{{3,4096}}
                (?:,[ ]?(?:SignedHeaders|Signature|nonce|response|uri|cnonce|opaque|qop|nc|realm
                    |username)=[^\s,;]{{1,2048}}){{0,12}})""",
        sign=rf"(?i)authorization{_SOON}",
    ),
    rule(
        "auth",
        "the credentials of RFC 6750 and 7617 without their header; a digit or length tells prose",
        rf"""(?i)\b(?:Bearer|Basic)[ ](?:token[ ])?[\"']?(?P<secret>(?!{SAFE})
            (?=[^\s\"']{{0,40}}[0-9=._+/-]|[A-Za-z]{{24}})[A-Za-z0-9._~+/=-]{{8,4096}})""",
        sign=r"(?i)\b(?:Bearer|Basic) (?:token )?[\"']?[A-Za-z0-9._~+/=-]{8}",
    ),
    rule(
        "auth",
        "the parameters of AWS Signature Version 4",
        rf"(?i)\b(?:Signature|Credential)=(?P<secret>(?!{SAFE})[0-9A-Za-z/+=_-]{{16,512}})",
        sign=r"(?i)(?:Signature|Credential)=[0-9A-Za-z/+=_-]{16}",
    ),
    rule(
        "cookie",
        "Cookie and Set-Cookie (RFC 6265): every crumb, but not a cookie's attributes",
        rf"""(?i)\b(?:set-)?cookies?(?:{QUOTE})?{_IS}\[?(?:{QUOTE})?
            (?P<secret>(?!{SAFE}){_CRUMB}(?:;\s{{0,2}}(?!(?:path|domain|expires|max-age|samesite
                |version|priority)=){_CRUMB}){{0,64}})""",
        sign=rf"(?i)cookies?{_SOON}",
    ),
    rule(
        "session",
        "the names that frameworks give a session and its token against forgery",
        rf"""(?i)\b(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|
                (?:\w{{1,20}}[_.-])?sess(?:ion)?(?:[_.-]?(?:id|key|token))?|sessid|sid
                |remember[_-]?(?:me|token)|xsrf[_-]?token|csrf[_-]?(?:middleware)?token|_csrf)
            (?:{QUOTE})?\s{{0,2}}(?:=>|[:=])\s{{0,2}}(?:{QUOTE})?(?P<secret>(?!{SAFE})
                (?=[^\s\"']{{0,48}}\d)[A-Za-z0-9%._:+/=~-]{{8,1024}})""",
        sign=rf"(?i)(?:sess(?:ion)?(?:[_.-]?(?:id|key|token))?|sid|remember[_-]?(?:me|token)|[xc]srf|[xc]srf[_-]?"
        rf"(?:middleware)?token){_SOON}",
    ),
    rule(
        "session",
        "a session named in a sentence: letters and digits tell its id from a word",
        rf"""(?i)\bsession[ ](?:id[ ]|token[ ])?[\"'\#]?(?P<secret>(?!{SAFE})
            (?=[a-z]{{0,30}}\d)(?=\d{{0,30}}[a-z])[0-9a-z_-]{{16,128}})\b""",
        sign=r"(?i)\bsession (?:id |token )?[\"'#]?[0-9a-z_-]{16}",
    ),
)
