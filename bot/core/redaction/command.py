"""Secrets that are told by the command or the protocol they are given to."""

import re

from bot.core.redaction.keyed import NAME, NAME_SIGN, says_something
from bot.core.redaction.rule import SAFE, SPACE, WORD, Rule, rule

_GIVEN = rf"""(?:(?P<quote>[\"'`])(?!{SAFE})(?P<quoted>[^\"'`\n]{{3,512}})(?P=quote)
    |(?!{SAFE})(?P<bare>[^\s\"'`-][^\s\"'`]{{2,511}}))"""


_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.-]|[A-Za-z]:\\")
"""Where a secret lies is none: `--private-key /etc/tls/key.pem`."""


def _is_given(found: re.Match[str]) -> bool:
    return says_something(found["quoted"] or found["bare"])


def _option(why: str, program: str, option: str) -> Rule:
    """What one option of some programs gives them."""
    return rule(
        "secret",
        why,
        rf"(?i)\b{program}\b[^\n]{{0,200}}?\s{option}{_GIVEN}",
        sign=rf"(?i)\b{program}\b[^\n]*{SPACE}-",
    )


COMMANDS = (
    rule(
        "secret",
        "an option of any command that is named for a secret",
        rf"(?i)(?<![\w-])--?[\w.-]{{0,40}}?{NAME}[ ]{{1,4}}{_GIVEN}",
        sign=rf"(?i)-(?:{WORD}|[ .-])*{NAME_SIGN} ",
        confirms=lambda found: _is_given(found) and not _PATH.match(found["bare"] or ""),
    ),
    _option(
        "-pPASSWORD, as MySQL's programs have it",
        r"(?:mysql(?:dump|admin)?|mariadb)",
        "-p",
    ),
    _option(
        "the one-letter options of programs that take a password",
        r"(?:sshpass|ldap[a-z]{3,9}|redis-cli|mosquitto_(?:pub|sub)|7z|zip|unzip)",
        "-(?:p|w|a|P)[ ]?",
    ),
    rule(
        "secret",
        "-p after -u, whatever the program; a number is a port",
        rf"(?<!\S)-u[ ]?[\w.@+-]{{1,64}}[ ]-p[ ]?(?!\d{{1,5}}\b){_GIVEN}",
        sign=r"-u ?[^\n]* -p",
        confirms=_is_given,
    ),
    rule(
        "secret",
        "a user and then a password, for programs that take them by their places",
        rf"""\b(?:htpasswd[ ]-\w{{0,6}}b\w{{0,6}}[ ]\S{{1,256}}[ ]\S{{1,64}}
            |rabbitmqctl[ ](?:add_user|change_password|authenticate_user)[ ]\S{{1,64}}
            |(?:requirepass|masterauth))[ ](?!{SAFE})(?P<secret>[^\s\"']{{3,256}})""",
        sign=r"\b(?:htpasswd|rabbitmqctl|requirepass|masterauth) ",
        confirms=lambda found: says_something(found["secret"]),
    ),
    rule(
        "secret",
        "user/password@ as Oracle's programs and drivers have it",
        rf"""(?:\bjdbc:oracle:(?:thin|oci):|\b(?:sqlplus|sqlldr|expdp|impdp|rman)\b
            [^\n/]{{0,80}}?[ ])
            [\w$\#]{{1,64}}/(?!{SAFE})(?P<secret>[^\s@/]{{1,128}})@""",
        sign=r"(?:oracle:|sqlplus|sqlldr|expdp|impdp|rman)[^\n]*/[^\n]*@",
    ),
    _option("the keys of SNMP version 3", r"snmp[a-z]{3,12}", "-[AX][ ]?"),
    rule(
        "secret",
        "-u user:password of programs that speak HTTP",
        rf"""(?i)\b(?:curl|etcdctl|https?|xh)\b[^\n]{{0,400}}?\s(?:-u|--user)[ =]?(?:
            (?P<quote>[\"'])[^\s:\"']{{1,64}}:(?!{SAFE})(?P<quoted>[^\"'\n]{{1,128}})(?P=quote)
            |[^\s:\"']{{1,64}}:(?!{SAFE})(?P<bare>[^\s\"']{{1,128}}))""",
        sign=rf"(?i)\b(?:curl|etcdctl|https?|xh)\b[^\n]*{SPACE}(?:-u|--user)",
    ),
    rule(
        "secret",
        "the password after the user of a Windows share",
        rf"""(?i)\bnet(?:\.exe)?[ ]use\b[^\n]{{0,200}}?/user:\S{{1,128}}[ ]
            (?!{SAFE})(?P<secret>[^\s/]\S{{2,127}})""",
        sign=r"(?i)\bnet(?:\.exe)? use\b[^\n]*/user:",
    ),
    rule(
        "secret",
        "what a pipe hands to --password-stdin",
        rf"""\becho[ ](?:-n[ ])?[\"']?(?!{SAFE}|\$)(?P<secret>[^\s\"'|]{{3,512}})[\"']?[ ]?\|
            [^\n|]{{0,200}}--password-stdin""",
        sign=r"\becho [^\n]*--password-stdin",
    ),
)

DIALOGUES = (
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
        rf"""\b334[ ]UGFzc3dvcmQ6[^\w]{{0,8}}(?:[^\n]{{0,40}}\n)?[^\n>:]{{0,40}}?[>:]?[ ]
            (?!{SAFE})(?P<secret>[A-Za-z0-9+/]{{4,512}}={{0,2}})(?![\w<])""",
        sign=r"\b334 UGFzc3dvcmQ6",
    ),
    rule(
        "auth",
        "FTP and POP: PASS, said by a client",
        rf"(?:>|C:)[ ]{{1,3}}PASS[ ](?!{SAFE})(?P<secret>\S{{3,256}})",
        sign=r"(?:>|C:) {1,3}PASS ",
    ),
    rule(
        "auth",
        "IMAP: a tag, LOGIN, a user and a password in quotation marks",
        rf"""\b[A-Za-z0-9.]{{1,12}}[ ]LOGIN[ ]\"?[^\s\"]{{1,128}}\"?[ ]
            \"(?!{SAFE})(?P<secret>[^\"\n]{{1,256}})\"""",
        sign=r" LOGIN [^\n]* \"",
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
        "what an identity provider hands back: SAML's messages and OAuth's assertions",
        rf"""\b(?:SAMLResponse|SAMLRequest|SAMLart|(?:client_)?assertion|wresult)[=:][ ]?[\"']?
            (?!{SAFE})(?P<secret>[A-Za-z0-9%+/=_.-]{{16,8192}})""",
        sign=r"(?:SAMLRe|SAMLart|assertion|wresult)[a-z]*[=:]",
    ),
    rule(
        "token",
        "links that are good once: to log in, to confirm, to set a password",
        rf"""(?i)/(?:magic(?:-?link)?|reset(?:-password)?|password-?reset|verify(?:-email)?|confirm
            |activate|invite|invitation|unsubscribe|one-?time)/(?!{SAFE})
            (?P<secret>(?=[a-z_-]{{0,64}}\d)(?=[\d_-]{{0,64}}[a-z])[a-z0-9_-]{{16,256}})""",
        sign=r"(?i)/[a-z-]{4,}/[a-z0-9_-]{16}",
    ),
    rule(
        "token",
        "the same in a query, and the codes of OAuth: drawn by lot, with small and capital letters",
        rf"""(?:[?&]|^|(?<=\s))(?:code|ticket|invite|invitation|magic|confirmation|activation
            |verify|unsubscribe)=(?!{SAFE})(?P<secret>(?=[^\s&]{{0,64}}\d)(?=[^\sa-z&]{{0,64}}[a-z])
            (?=[^\sA-Z&]{{0,64}}[A-Z])[\w./%~+-]{{14,2048}})""",
        sign=r"(?:code|ticket|invite|invitation|magic|confirmation|activation|verify|unsubscribe)=",
    ),
)
