"""Secrets that are told by the command or the protocol they are given to."""

import re

from bot.core.redaction.names import FULL_SIGN, NAME, NAME_SIGN, TEMPLATE, says_something
from bot.core.redaction.rule import CLOSES, NO_WORD, OPENS, QUOTED, SAFE, WORD, Rule, rule

_GIVEN = rf"""(?:{OPENS}(?!{SAFE})(?P<quoted>{QUOTED}{{3,512}}+){CLOSES}
    |(?!{SAFE})(?P<bare>(?:{TEMPLATE}|[^\s\"'`-][^\s\"'`]{{2}})[^\s\"'`]{{0,509}}))"""


_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.-]|[A-Za-z]:\\")
"""Where a secret lies is none: `--private-key /etc/tls/key.pem`."""


def _is_given(found: re.Match[str]) -> bool:
    return says_something(found["quoted"] or found["bare"])


def _option(why: str, program: str, option: str) -> Rule:
    """What one option of some programs gives them, in a line or in a list of texts."""
    given = option.replace("[ ]", "(?:[ ]|[\"'],[ ])")
    return rule(
        "secret",
        why,
        rf"(?i)\b{program}\b[^\n]{{0,200}}?\s[\"']?{given}{_GIVEN}",
        sign=rf"(?i)\b{program}\b",
        starts=rf"(?i)\b{program}\b",
        confirms=_is_given,
    )


RULES = (
    rule(
        "secret",
        "an option of any command that is named for a secret; in a list, after a comma",
        rf"(?i)(?<![\w-])--?[\w.-]{{0,40}}?{NAME}(?:[ ]{{1,4}}|,[ ](?={NO_WORD})){_GIVEN}",
        sign=rf"(?i)-(?:{WORD}|[.-])*(?: {WORD}*){{0,2}}{NAME_SIGN},? ",
        starts=rf"(?i)--?(?:{WORD}|[.-]){{0,41}}{FULL_SIGN},? {{1,4}}[^\s<-]",
        confirms=lambda found: _is_given(found) and not _PATH.match(found["bare"] or ""),
    ),
    _option(
        "-pPASSWORD, as MySQL's programs have it",
        r"(?:mysql(?:dump|admin)?|mariadb)",
        "-p",
    ),
    _option(
        "the one-letter options of programs that take a password",
        r"(?:sshpass|ldap[a-z]{3,9}|redis-cli|mosquitto_(?:pub|sub)|7z|zip|unzip|rar|beeline|sqlcmd|bcp"
        r"|osql|isql|ipmitool|rdesktop|smbmap|evil-winrm|pscp|plink|cypher-shell)",
        "-(?:p|w|a|P|pw|hp)[ ]?",
    ),
    _option("the keys and passwords of OpenSSL", r"openssl", "-[kK][ ]"),
    _option(
        "what is put into Azure's and Amazon's stores of secrets",
        r"(?:keyvault[ ]secret[ ]set|ssm[ ]put-parameter)",
        "--value[ ]",
    ),
    _option("the passphrase of a new key", r"ssh-keygen", "-[NP][ ]"),
    rule(
        "secret",
        "what Vault's command is given to log in and to unseal",
        rf"""\bvault[ ](?:login|operator[ ]unseal|unwrap|token[ ]\w{{1,12}})[ ]
            (?:-\S{{1,64}}[ ]){{0,4}}(?!{SAFE})
            (?P<secret>(?=[^\s\d]{{0,48}}\d)[A-Za-z0-9_+/=.-]{{16,512}})""",
        sign=r"\bvault (?:login|operator|unwrap|token) ",
    ),
    _option("the communities of SNMP", r"snmp[a-z]{3,12}", "-c[ ]"),
    _option("the tokens of providers' tools", r"(?:codecov|doctl|flyctl|ngrok|railway)", "-t[ ]"),
    rule(
        "secret",
        "the tokens that tools log in with, by their place",
        rf"""\b(?:snyk[ ](?:config[ ]set[ ]api=|auth[ ])|ngrok[ ](?:config[ ]add-)?authtoken[ ])
            (?!{SAFE}|-)(?P<secret>(?=[^\s\d]{{0,48}}\d)[\w-]{{16,512}})""",
        sign=r"\b(?:snyk (?:config set api=|auth )|ngrok (?:config add-)?authtoken )",
    ),
    rule(
        "secret",
        'what the kernel\'s audit writes of a command\'s arguments: a1="-u" a2="user:..."',
        rf"""(?i)\ba\d{{1,3}}=\"(?:(?:-u|--user)\"[ ]a\d{{1,3}}=\"[^\s:\"]{{1,64}}:
            |--?[\w.-]{{0,40}}?{NAME}\"[ ]a\d{{1,3}}=\")
            (?!{SAFE})(?P<secret>[^\"\n]{{1,256}})\" """,
        sign=rf"(?i)\ba\d+=\"--?(?:u|(?:{WORD}|[. -])*(?:user|{NAME_SIGN}))\" a\d+=\"",
    ),
    rule(
        "secret",
        "user%password and user,password, as Samba's and lftp's options have them",
        rf"""\b(?:(?:smbclient|rpcclient|winexe|smbget)\b[^\n]{{0,200}}?\s-U[ ]?[^\s%]{{1,64}}%
            |lftp\b[^\n]{{0,100}}?\s-u[ ]?[^\s,]{{1,64}},)
            (?!{SAFE})(?P<secret>[^\s\"'<>]{{3,256}})""",
        sign=r"\b(?:smbclient|rpcclient|winexe|smbget|lftp)\b",
    ),
    rule(
        "secret",
        "the options of Windows: /p:... and /rp ...",
        rf"""(?i)(?<=\s)/(?:p(?=:)|r?p(?=[ ])|pass(?=[ ]))[: ](?!{SAFE}|/)
            (?P<secret>{NO_WORD}[^\s\"'<>]{{3,256}})""",
        sign=r"(?i)/(?:p:|r?p |pass )",
    ),
    rule(
        "secret",
        "a text made a secret of, in PowerShell",
        rf"""(?i)\bConvertTo-SecureString[ ](?:-String[ ])?{OPENS}(?!{SAFE}|\$)
            (?P<secret>{QUOTED}{{3,512}}+){CLOSES}""",
        sign=r"(?i)\bConvertTo-SecureString ",
    ),
    rule(
        "secret",
        "what routers and switches are told: password 7 ..., key 7 ..., community ...",
        rf"""(?i)(?:\b(?:password|secret|key|key-string)[ ](?:[056789]|ascii-text|encrypted)[ ]\"?
            |\b(?:isakmp|tacacs-server|radius-server)[ ](?:host[ ]\S{{1,64}}[ ])?key[ ]
            |\bsnmp-server[ ]community[ ]
            |\bpre-shared-key[ ](?:(?:local|remote|address[ ]\S{{1,64}}|key)[ ]){{0,3}})
            (?!{SAFE}|[0567][ ])(?P<secret>(?=[^\s\d]{{0,63}}[\d$])[^\s\"]{{4,256}})""",
        sign=r"(?i)\b(?:(?:password|secret|key|key-string) (?:\d|ascii|encr)|isakmp |tacacs-server "
        r"|radius-server |snmp-server community |pre-shared-key )",
        confirms=lambda found: says_something(found["secret"]),
    ),
    rule(
        "secret",
        "-p after -u, whatever the program; a number is a port",
        rf"(?<!\S)-u[ ]?[\w.@+-]{{1,64}}[ ]-p[ ]?(?!\d{{1,5}}\b){_GIVEN}",
        sign=r"-u[^\n]|\s-p",
        confirms=_is_given,
    ),
    rule(
        "secret",
        "a user and then a password, for programs that take them by their places",
        rf"""\b(?:htpasswd[ ]-\w{{0,6}}b\w{{0,6}}[ ]\S{{1,256}}[ ]\S{{1,64}}
            |rabbitmqctl[ ](?:add_user|change_password|authenticate_user)[ ]\S{{1,64}}
            |addauth[ ]digest[ ][^\s:]{{1,64}}(?=:)|(?:auth|priv)Passphrase
            |(?:requirepass|masterauth|set-initial-password)|wpa_passphrase[ ]\S{{1,64}}
            |mysqladmin[ ](?:-\S{{1,32}}[ ](?:[\w.]{{1,32}}[ ])?){{0,4}}password
            |nmcli[ ][^\n]{{0,120}}?[\w.-]{{0,40}}(?:psk|wep-key\d|password))[ :]
            (?!{SAFE})(?P<secret>[^\s\"']{{3,256}})""",
        sign=r"\b(?:htpasswd|rabbitmqctl|requirepass|masterauth|set-initial-password|wpa_passphrase|addauth"
        r"|(?:auth|priv)Passphrase"
        r"|mysqladmin|nmcli)[ :]",
        confirms=lambda found: says_something(found["secret"]),
    ),
    rule(
        "secret",
        "user/password@ as Oracle's programs and drivers have it",
        rf"""(?:\bjdbc:oracle:(?:thin|oci):|\b(?:sqlplus|sqlldr|expdp|impdp|rman)\b
            [^\n/]{{0,80}}?[ ])
            [\w$\#]{{1,64}}/(?!{SAFE})(?P<secret>[^\s@/]{{1,128}})@""",
        sign=r"oracle:(?:thin|oci):|\b(?:sqlplus|sqlldr|expdp|impdp|rman)\b",
    ),
    _option("the keys of SNMP version 3", r"snmp[a-z]{3,12}", "-[AX][ ]?"),
    rule(
        "secret",
        "-u user:password of programs that speak HTTP",
        rf"""(?i)\b(?:curl|etcdctl|https?|xh)\b[^\n]{{0,200}}?\s
            (?:-[uaU]|--(?:proxy-)?user|--auth)[ =]?
            (?:{OPENS}[^\s:\"']{{1,64}}:(?!{SAFE})(?P<quoted>{QUOTED}{{1,128}}+){CLOSES}
            |[^\s:\"']{{1,64}}:(?!{SAFE})(?P<bare>[^\s\"']{{1,128}}))""",
        sign=r"(?i)[\s\x0b\x1c-\x1f?]-(?:[ua]|-(?:proxy-)?user|-auth)",
    ),
    rule(
        "secret",
        "the password of a share or an account of Windows, before its user or after",
        rf"""(?i)\bnet(?:\.exe)?[ ](?:use\b[^\n]{{0,200}}?(?:/user:\S{{1,128}}
                |[ ]\\\\[^\s\\]{{1,64}}\\\S{{1,128}}(?=[ ]\S{{3,128}}[ ]/user:))
            |user[ ](?:[^\s/]{{1,64}}(?=[ ]\S{{3,127}}[ ]/)))[ ]
            (?!{SAFE})(?P<secret>[^\s/]\S{{2,127}})""",
        sign=r"(?i)\bnet(?:\.exe)? use",
    ),
    rule(
        "secret",
        "what a pipe hands to a command that reads a password",
        rf"""\b(?:echo|printf)[ ](?:-\w[ ])?[\"']?(?:[\w.-]{{1,32}}:(?=[^|\n]{{1,256}}\bchpasswd))?
            (?!{SAFE}|\$)(?P<secret>[^\s\"'|]{{3,512}})[\"']?[ ]?\|
            [^\n|]{{0,200}}(?:--password-stdin|--passphrase-fd|\bsudo[ ]-S|\bchpasswd|\bcryptsetup
            |\bkinit)""",
        sign=r"--password-stdin|\bsudo -S|\bchpasswd|--passphrase-fd|\bcryptsetup|\bkinit",
    ),
)
