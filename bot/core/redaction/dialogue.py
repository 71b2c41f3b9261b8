"""Secrets that are told by the protocol they are given to."""

from bot.core.redaction.drawn import is_drawn
from bot.core.redaction.rule import CLOSES, NO_WORD, OPENS, QUOTED, SAFE, SPACE, rule

RULES = (
    rule(
        "auth",
        "SMTP, IMAP and POP: AUTH and its initial response in Base64 (RFC 4954)",
        rf"""\bAUTH(?:ENTICATE)?[ ](?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM)[ ](?!{SAFE})
            (?P<secret>(?=[A-Z0-9+/]{{0,64}}[a-z])(?=[a-z0-9+/]{{0,64}}[A-Z])
                [A-Za-z0-9+/]{{7,2048}}={{0,2}})""",
        sign=r"\bAUTH(?:ENTICATE)? [A-Z0-9-]+ [A-Za-z0-9+/]{7}",
    ),
    rule(
        "auth",
        "SMTP: the answer to a server that asks for the password, in Base64",
        rf"""\b334[ ]UGFzc3dvcmQ6(?:[^\w\n]{{0,8}}|[^\n]{{0,40}}\n|\\r\\n)
            (?:[^\n]{{0,24}}\b334\b[^\n]{{0,40}}\n)?(?:[^\n]{{0,40}}?[>:])??[ ]?[bu]?[\"']?
            (?!{SAFE})
            (?P<secret>[A-Za-z0-9+/]{{4,512}}={{0,2}})(?=[\r\n\\\"']|$)""",
        sign=r"\b334 UGFzc3dvcmQ6",
    ),
    rule(
        "auth",
        "FTP and POP: PASS, said by a client, where a server asked for it or the protocol is named",
        rf"""(?:(?:>|C:|[Cc]ommand:|(?i:ftps?|pop3?s?):)[ \t]{{1,3}}
            |(?:\bUSER[ ]\S{{1,128}}|\b331[ -][^\n]{{1,120}}|\+OK[^\n]{{0,120}})
                (?:\r|\\r)?(?:\n|\\n))PASS[ ](?!{SAFE})(?P<secret>[^\s\\]{{3,256}})""",
        sign=r"PASS ",
    ),
    rule(
        "auth",
        "IMAP: a tag, LOGIN, a user and a password in quotation marks",
        rf"""\b[A-Za-z0-9.]{{1,12}}[ ]LOGIN[ ]\"?[^\s\"]{{1,128}}\"?[ ]
            (?=\"){OPENS}(?!{SAFE})(?P<secret>{QUOTED}{{1,256}}+){CLOSES}""",
        sign=r" LOGIN ",
    ),
    rule(
        "auth",
        "Redis: AUTH and the default user, and what MONITOR shows of it",
        rf"""(?:\bAUTH[ ]default[ ]|\"(?i:auth)\"[ ](?:\"[^\"\n]{{1,128}}\"[ ])?\")(?!{SAFE})
            (?P<secret>[^\s\"]{{3,512}})""",
        sign=r"\bAUTH default |\"(?i:auth)\" \"",
    ),
    rule(
        "auth",
        "Redis: the password of a user, after >",
        rf"""(?i)\bacl\"?[ ]\"?setuser\b[^\n>]{{0,200}}?[ ]\"?>(?!{SAFE})
            (?P<secret>[^\s\"]{{3,512}})""",
        sign=r"(?i)\bacl\"? \"?setuser\b",
    ),
    rule(
        "auth",
        "the same in a line that speaks of Redis: AUTH ..., and the user's name before it",
        rf"""(?:(?:(?i:redis|valkey|keydb|dragonfly|:6379)[^\n]{{0,80}}?\b|>[ ]?)AUTH[ ]
            |\bAUTH[ ](?=[^\n]{{0,200}}(?:WRONGPASS|NOAUTH|\bno[ ]password[ ]is[ ]set
                |without[ ]any[ ]password))
            |(?:\b|(?<=\\n))AUTH(?:\r?\n|\\r\\n)\$\d{{1,4}}(?:\r?\n|\\r\\n))
            (?:(?:<auth>|[\w.-]{{1,64}})[ ])??
            (?!{SAFE}|[A-Z]{{3,12}}-|XOAUTH2\b|\w{{1,40}}=\w)
            (?P<secret>{NO_WORD}[^\s\"'`<>,;:\\]{{5,512}})""",
        sign=r"AUTH(?: |\\r|\r|\n)",
    ),
    rule(
        "auth",
        "the same as clients in JavaScript print it: command AUTH, and what it was given",
        rf"""(?i)\b(?:command|name)\\{{0,2}}[\"']?:\s?\\{{0,2}}[\"']auth\\{{0,2}}[\"'],\s{{0,8}}
            \\{{0,2}}[\"']?args\\{{0,2}}[\"']?:\s?\[\s{{0,8}}
            (?P<secret>(?!{SAFE})\\{{0,2}}[\"'][^\]\n]{{1,512}})""",
        sign=rf"(?i)[\"']auth\\*[\"'],{SPACE}*\\*[\"']?args",
    ),
    rule(
        "auth",
        "what an identity provider hands back: SAML's messages and OAuth's assertions",
        rf"""\b(?:SAMLResponse|SAMLRequest|SAMLart|(?:client_)?assertion|wresult)[=:][ ]?[\"']?
            (?!{SAFE})(?P<secret>[A-Za-z0-9%+/=_.-]{{16,8192}})""",
        sign=r"(?:SAMLRe|SAMLart|assertion|wresult)[a-z]*[=:]",
    ),
    rule(
        "token",
        "links that are good once: to log in, to confirm, to set a password",
        rf"""(?i)/(?:magic(?:-?link)?|reset(?:-password)?|password[_-]?resets?|verify(?:-email)?|confirm
            |activate|invite|invitation|unsubscribe|one-?time)/(?:[a-z0-9_-]{{1,12}}/)?(?!{SAFE})
            (?P<secret>(?=[a-z_-]{{0,64}}\d)(?=[\d_-]{{0,64}}[a-z])[a-z0-9_-]{{16,256}})""",
        sign=r"(?i)/(?:magic|reset|password[_-]?reset|verify|confirm|activate|invit|unsubscribe|one-?time)",
    ),
    rule(
        "token",
        "the same as a parameter, whatever its name: drawn by lot",
        rf"""(?i)/(?:magic(?:-?link)?|reset(?:-password)?|password[_-]?resets?|verify(?:-email)?|confirm|activate
            |invite|invitation|unsubscribe|one-?time|join|login)/?\?(?:[\w-]{{1,24}}=[^&\s]{{0,80}}&){{0,3}}?
            [a-z]{{1,12}}=(?!{SAFE})(?P<secret>(?=[^\s&]{{0,48}}\d)[a-z0-9_-]{{16,256}})(?![\w.%-])""",
        sign=r"(?i)/(?:magic|reset|password[_-]?reset|verify|confirm|activate|invit|unsubscribe|one-?time|join"
        r"|login)[^\s?]*\?",
        confirms=lambda found: is_drawn(found["secret"], named=True),
    ),
    rule(
        "token",
        "links that whoever has them may use: to join, to share",
        rf"""/(?:join|share|shared|claim|guest|public|i|s|t)/(?!{SAFE})
            (?P<secret>(?=[A-Za-z_-]{{0,48}}\d)[A-Za-z0-9_-]{{16,256}})(?![\w./-])""",
        sign=r"/(?:join|share|shared|claim|guest|public|i|s|t)/[A-Za-z0-9_-]",
        confirms=lambda found: is_drawn(found["secret"], named=True),
    ),
    rule(
        "token",
        "the same in a query, and the codes of OAuth: drawn by lot, with small and capital letters",
        rf"""(?:[?&]|^|(?<=\s))(?:code|state|ticket|invite|invitation|magic|confirmation|activation
            |verify|unsubscribe)=(?!{SAFE})(?P<secret>(?=[^\s&]{{0,64}}\d)(?=[^\sa-z&]{{0,64}}[a-z])
            (?=[^\sA-Z&]{{0,64}}[A-Z])[\w./%~+-]{{14,2048}})""",
        sign=r"(?:code|state|ticket|invite|invitation|magic|confirmation|activation|verify|unsubscribe)=",
    ),
)
