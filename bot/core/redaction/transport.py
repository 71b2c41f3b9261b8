"""What carries authority over a wire: credentials in URLs, headers, cookies and sessions."""

import re

from bot.core.redaction.names import says_something
from bot.core.redaction.rule import BEGINS, IS, IS_SIGN, QUOTE, QUOTE_SIGN, SAFE, rule

_SCHEMES = (
    r"(?:Bearer|Basic|Digest|Token|ApiKey|Api-Key|Negotiate|NTLM|OAuth|AWS4-HMAC-SHA256|SharedKey"
    r"|SharedAccessSignature|HMAC|Key|JWT|SSWS|GenieKey|Splunk|DSN)"
)
_ALONE = r"Bearer|Basic|Splunk|SSWS|GenieKey|Api-?Key|Negotiate|NTLM|KakaoAK|FlyV1"
"""Those of them that are no words of prose before what has digits."""
_STARS = re.compile(r"\*{1,64}")
"""What somebody else put in the place of a password: `amqp://guest:**@mq`."""
_NO_USER = r"(?:acct|cid|from|im|mailto|mid|scp|sftp|sips?|ssh|tel|to|ur[iln]|xmpp)"
"""What stands before a user and a host, where it looks like a user before a password."""
_NO_HOST = r"(?:sha\d{3}:|v?\d{1,4}(?:\.\d{1,4}){0,2}/)"
"""What follows the @ of an image or a package: a digest, a version."""
_CRUMB = (
    r"[\w.!\#$%&*+^`|~-]{1,128}="
    r"(?:\\{0,2}\"[^\s;\"'\\,]{1,4096}\\{0,2}\"(?=[\s;\"]|$)|[^\s;\"'\\,]{0,4096})"
)
_OF_A_COOKIE = r"(?:path|domain|expires|max-age|samesite|secure|httponly)="
_HEADS = rf"(?:{IS}|{QUOTE},\s{{0,4}}(?={QUOTE}))\[{{0,2}}(?:[bu]?{QUOTE})?"
"""After a header's name what leads to its value: a sign, or a comma where the two are a pair."""
_HEADS_SIGN = rf"(?:{IS_SIGN}|{QUOTE_SIGN},)"

_PARAMETER = (
    r"(?:Signature|nonce|response|cnonce|opaque|username|oauth_[a-z_]{1,20})"
    r"=(?:\\{0,2}\"[^\"\n\\]{0,2048}\\{0,2}\"|[^\s,;\"]{1,2048})"
)

RULES = (
    rule(
        "secret",
        "user:password@ in a URL (RFC 3986, 3.2.1), also where the password has a slash or an @",
        rf"""[A-Za-z][A-Za-z0-9+.-]{{1,30}}://[^\s/@:\"'<>]{{0,256}}:(?P<secret>
            (?!{SAFE}@)[^\s/@\"'<>?,][^\s@\"'<>?,]{{0,127}}@(?![\w.-]{{1,253}}:\d)
                (?:(?!//)[^\s\"'<>?,]){{1,127}}(?=@[\w.-]{{1,253}}:\d{{2,5}}(?!\w))
            |(?!{SAFE}@)[^\s/@\"'<>?,;|][^\s/\"'<>?,;|]{{0,255}}(?=@[A-Za-z0-9\[_-])
            |(?!{SAFE}@)[^\s/@\"'][^\s@\"']{{0,255}}(?=@[A-Za-z0-9\[_-])
            |(?!{SAFE}@)[^\s/\"']{{1,256}}(?=@[A-Za-z0-9\[_-]))""",
        sign=r"://[^\s/@:\"'<>]*:\S+@",
        confirms=lambda found: (
            not _STARS.fullmatch(found["secret"])
            and ("/" not in found["secret"] or not re.match(r"\d{1,5}/", found["secret"]))
        ),
    ),
    rule(
        "secret",
        "the same of an address that is encoded, as another has it for a parameter",
        rf"""(?i)%(?:25)?3A(?:%(?:25)?2F){{2}}(?:[\w.~+-]|%(?:25)?40){{0,64}}%(?:25)?3A(?!{SAFE})
            (?P<secret>(?:[\w.~!*+-]|%(?!(?:25)?(?:2F|3A|40))){{1,128}})(?=%(?:25)?40[a-z0-9])""",
        sign=r"(?i)%(?:25)?3A%(?:25)?2F%(?:25)?2F",
    ),
    rule(
        "token",
        "the keys of weather services in a query, which OpenWeatherMap calls appid",
        r"[?&]appid=(?P<secret>[0-9a-f]{32})(?![\w-])",
        sign=r"[?&]appid=[0-9a-f]{32}",
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
        "user:password@host without a scheme; a port or a path must follow a name",
        rf"""(?<![\w/:.])(?!(?i:{_NO_USER}):)[A-Za-z_][\w.-]{{0,63}}[:/](?P<secret>(?!{SAFE}@)[^\s@/:\"'<>,;]{{4,128}})
            @(?!{_NO_HOST})(?:(?:[\w-]{{1,63}}\.){{0,6}}[\w-]{{1,63}}(?::\d{{2,5}}|/\w)|(?:\d{{1,3}}\.){{3}}\d)""",
        sign=r"[:/][^\s@/:\"'<>,;]{4,}@[^\s/@]*[:/.]",
    ),
    rule(
        "auth",
        "Authorization headers (RFC 9110, 11.6), in any notation and with any scheme",
        rf"""(?i)(?:proxy[-_])?authorization{_HEADS}(?:{_SCHEMES}(?:[ :+\r\n]|%20))?+
            \s{{0,4}}(?!AWS4-HMAC-SHA256[ ])
            (?P<secret>(?!{SAFE})(?:{_PARAMETER}|[^\s\"'\\,;\]}}]{{3,4096}})
                (?:,[ ]?{_PARAMETER}){{0,12}})""",
        sign=rf"(?i)authorization{_HEADS_SIGN}",
        confirms=lambda found: (
            says_something(found["secret"]) and not re.fullmatch(r"[a-z]{2,20}", found["secret"])
        ),
    ),
    rule(
        "auth",
        "the credentials of RFC 6750 and 7617 without their header; a digit or length tells prose",
        rf"""(?i)\b(?:{_ALONE})[ ](?:token[ ])?[\"']?(?P<secret>(?!{SAFE}|[a-z_]{{2,24}}=[^\s=])
            (?=[^\s\"']{{0,40}}[0-9=._+/-]|[A-Za-z]{{24}})[A-Za-z0-9._~+/=-]{{8,4096}})""",
        sign=rf"(?i)\b(?:{_ALONE}) (?:token )?[\"']?[A-Za-z0-9._~+/=-]{{8}}",
    ),
    rule(
        "auth",
        "the parameters of AWS Signature Version 4",
        rf"(?i)\b(?:Signature|Credential)=(?P<secret>(?!{SAFE})[0-9A-Za-z%/+=_~-]{{16,512}})",
        sign=r"(?i)(?:Signature|Credential)=[0-9A-Za-z%/+=_~-]{16}",
    ),
    rule(
        "auth",
        "the answer of Digest (RFC 7616), and what the client drew for it",
        r"""(?<![\w.-])(?:response|cnonce)=\\{0,2}\"?(?P<secret>[0-9A-Fa-f]{32,64})(?!\w)""",
        sign=r"(?:response|cnonce)=[\\\"]*[0-9A-Fa-f]{32}",
    ),
    rule(
        "cookie",
        "Set-Cookie (RFC 6265): the crumb, but not its attributes, nor one that is taken back",
        rf"""(?i){BEGINS}set[-_]cookie{_HEADS}
            (?P<secret>(?!{SAFE}|[^\s=]{{1,128}}=(?:deleted)?(?:[\s;,]|[\"'](?![^\s;\"'\\,])|$)){_CRUMB})""",
        sign=rf"(?i)set[-_]cookie{_HEADS_SIGN}",
    ),
    rule(
        "cookie",
        "Cookie: every crumb",
        rf"""(?i){BEGINS}(?<!set[-_])cookies?{_HEADS}(?:{_OF_A_COOKIE}[^\s;\"'\\,]{{0,256}};\s{{0,2}}){{0,6}}
            (?P<secret>(?!{SAFE}|{_OF_A_COOKIE})
                {_CRUMB}(?:;\s{{0,2}}(?!(?:path|domain|expires|max-age|samesite
                |version|priority)=){_CRUMB}){{0,64}})""",
        sign=rf"(?i)cookies?{_HEADS_SIGN}",
    ),
    rule(
        "session",
        "the names that frameworks give a session and its token against forgery",
        rf"""(?i){BEGINS}(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|
                (?:\w{{1,20}}[_.-])?sess(?:ion)?(?:[_.-]?(?:id|key|token))?|sessid|sid
                |remember[_-]?(?:me|token)|[xc]srf(?:[_-]?(?:middleware)?token)?
                |\.ASPXAUTH|\.AspNet(?:Core)?\.[\w.]{{1,48}}|wordpress_(?:logged_in|sec)_\w{{1,64}}
                |cf_clearance|CFTOKEN|rack\.session|koa[.:]sess(?:\.sig)?|_oauth2_proxy(?:_csrf)?
                |S?SESS[0-9a-f]{{32}}|sb-[\w-]{{1,40}}-auth-token)
            {_HEADS}(?P<secret>(?!{SAFE})
                (?=[^\s\"']{{0,48}}\d)[A-Za-z0-9%._:+/=~!-]{{8,1024}})""",
        sign=r"(?i)(?:sess(?:ion)?(?:[_.-]?(?:id|key|token))?|sid|remember[_-]?(?:me|token)|[xc]srf"
        r"|[xc]srf[_-]?(?:middleware)?token|\.ASPXAUTH|\.AspNet(?:Core)?\.[^\s=:]+|clearance|CFTOKEN"
        rf"|wordpress_[^\s=:]+|sess\.sig|_proxy(?:_csrf)?|SESS[0-9a-f]{{32}}|-auth-token){_HEADS_SIGN}",
    ),
    rule(
        "cookie",
        "a line of a jar of cookies (Netscape's format, and curl's), and Python's for a host",
        r"""(?:(?:TRUE|FALSE)\t/[^\t\n]{0,256}\t(?:TRUE|FALSE)\t\d{1,12}\t[^\t\n]{1,128}\t
            |<Cookie[ ][\w.-]{1,64}=)(?!<)(?P<secret>[^\s<>]{1,4096})""",
        sign=r"(?:TRUE|FALSE)\t\d+\t|<Cookie ",
    ),
    rule(
        "cookie",
        "a cookie as an object that is printed: Apache's client, servlets, Netty, Selenium",
        r"""(?i)(?:\[name:[ ][\w.-]{1,64}\]\[value:[ ]
            |\bcookie[\[({][^\n]{0,80}?\bname[=:]\s?[\"']?[\w.-]{1,64}[\"']?,\s?value[=:]\s?[\"']?)
            (?!<)(?P<secret>[^\s\"',;\[\](){}<>]{4,4096})""",
        sign=r"(?i)\]\[value: |cookie[\[({][^\n]*name[=:]",
    ),
    rule(
        "auth",
        "what a browser hands over where it has no header for it: a protocol of a web socket",
        r"""(?i)sec-websocket-protocol:[ ](?:[\w.-]{1,40},[ ]?){1,3}
            (?P<secret>(?=[^\s,]{0,48}\d)[^\s,]{12,4096})""",
        sign=r"(?i)sec-websocket-protocol: ",
    ),
    rule(
        "session",
        "a session named in a sentence: letters and digits tell its id from a word",
        rf"""(?i)\bsession[ ](?:id[ ]|token[ ])?[\"'\#]?(?!0x|{SAFE})
            (?P<secret>(?=[a-z]{{0,30}}\d)(?=\d{{0,30}}[a-z])[0-9a-z_-]{{16,128}}
            |(?<=token[ ])(?=[a-z]{{0,64}}[\d/+])[0-9a-z_/+=-]{{32,4096}})(?![\w/+])""",
        sign=r"(?i)\bsession (?:id |token )?[\"'#]?[0-9a-z_/+=-]{16}",
    ),
)
