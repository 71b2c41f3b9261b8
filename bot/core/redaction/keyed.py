"""Secrets known by the name that stands before them, in any notation."""

import re

from bot.core.redaction.rule import SAFE, rule

_NAME = r"""(?:
    password s? | passwd | passphrase | passcode | passw | secret s? | token |
        api[_.-]?keys? | (?:access|private|secret|auth|signing|encryption
      | account|shared[_.-]?access|shared|subscription|master|storage|license|session|app
          |application|service|client|deploy|host)[_.-]?key(?:[_.-]?id)?
  | authtoken | credential s? | webhook[_.-]?secret | connection[_.-]?string |
      x-[a-z]{2,16}-key | verification[_.-]?code | one[_.-]?time[_.-]?code
  | mfa[_.-]?code | security[_.-]?code | mnemonic | seed[_.-]?phrase
  | (?<![A-Za-z0-9])(?:pass|pwd|pw|otp|totp|pin|pincode|cvv2?|cvc2?|salt|nonce|creds
      |_?auth|dsn|key)
)"""
_ANCHOR = (
    r"(?:pass|pwd|pw|secret|token|api[_.-]?key|(?:access|private|auth|signing|encryption"
    r"|account|shared|subscription|master|storage|license"
    r"|session|app|application|service|client|deploy|host)[_.-]?(?:access[_.-]?)?key"
    r"|auth|credential|creds|webhook|connection|x-|verif|one|mfa|security"
    r"|mnemonic|seed|(?<![a-z0-9])(?:otp|totp|pin|cvv|cvc|salt|nonce|dsn|key))"
)
_QUOTE = r"\\{0,4}[\"'`]"
_SEPARATOR = rf"(?:{_QUOTE})?\]?(?P<gap>\s{{0,4}}(?:=>|:=|[:=]|%3[DdAa])\s{{0,4}})"
_QUOTED = (
    rf"(?P<quote>{_QUOTE})(?!{SAFE})(?P<quoted>(?:(?!(?P=quote)).){{1,2048}}?)(?:(?P=quote)|$)"
)

# Words that say what is the matter with a secret, not what it is.
_STATE = frozenset(
    [
        "absent",
        "accepted",
        "bad",
        "blank",
        "cannot",
        "changed",
        "correct",
        "denied",
        "disabled",
        "does",
        "empty",
        "enabled",
        "error",
        "expected",
        "expired",
        "failed",
        "failure",
        "false",
        "found",
        "from",
        "given",
        "has",
        "have",
        "hidden",
        "ignored",
        "in",
        "incorrect",
        "invalid",
        "is",
        "it",
        "length",
        "malformed",
        "masked",
        "match",
        "matches",
        "mismatch",
        "mismatched",
        "missing",
        "must",
        "never",
        "nil",
        "no",
        "none",
        "not",
        "null",
        "nul",
        "ok",
        "on",
        "off",
        "optional",
        "present",
        "provided",
        "redacted",
        "refused",
        "rejected",
        "required",
        "reset",
        "revoked",
        "set",
        "should",
        "string",
        "the",
        "too",
        "true",
        "type",
        "undefined",
        "unknown",
        "unset",
        "unused",
        "updated",
        "used",
        "valid",
        "validation",
        "was",
        "were",
        "wrong",
        "yes",
        "with",
        "without",
        "will",
        "for",
        "and",
        "or",
        "of",
        "to",
        "at",
        "by",
        "are",
        "be",
        "can",
        "could",
        "n/a",
        "na",
        "a",
        "an",
        "bearer",
        "basic",
        "digest",
        "header",
        "cookie",
        "query",
        "body",
        "env",
        "environment",
        "vault",
        "file",
    ]
)
_TYPE_WORD = re.compile(
    r"(?:str|string|int|integer|bool|boolean|object|number|bytes|any|array|list|dict)\??\]?$",
    re.IGNORECASE,
)
_MARK = re.compile(
    (
        r"[*•x.#<>\[\]()-]{1,64}$|\[?(?:REDACTED|FILTERED|HIDDEN|MASKED|SECRET|REMOVED"
        r"|SCRUBBED)\]?$|\$\{?\w{1,64}\}?$|\{\{.{1,80}\}\}$|%\(?\w{1,32}\)?s?$|:\w{1,32}$"
    ),
    re.IGNORECASE,
)


def _is_value(found: re.Match[str]) -> bool:
    return _says_something(found["secret"])


def _is_given(found: re.Match[str]) -> bool:
    return _says_something(found["quoted"] or found["bare"]) and not _continues_as_prose(found)


def _says_something(secret: str) -> bool:
    """Not a word of prose, a type, a mark or a reference where a secret could have stood."""
    secret = secret.strip("\"'`.,;:!?)]}")
    if (
        not secret
        or secret.casefold() in _STATE
        or _TYPE_WORD.match(secret)
        or _MARK.fullmatch(secret)
    ):
        return False
    return not secret.startswith(
        ("<", "os.environ", "process.env", "env.", "vault:", "secretsmanager:", "arn:", "ref+")
    )


def _continues_as_prose(found: re.Match[str]) -> bool:
    """After `name: ` a lower-case word followed by another is a sentence."""
    if found["bare"] is None or "=" in found["gap"] or not found["gap"].endswith(" "):
        return False
    return (
        _WORD.fullmatch(found["bare"]) is not None
        and _NEXT_WORD.match(found.string, found.end()) is not None
    )


_WORD, _NEXT_WORD = re.compile(r"[a-z]{1,20}"), re.compile(r" [a-z]{2,20}")
_BARE = rf"(?!{SAFE})(?P<bare>[^\s\"'`&,;()\[\]{{}}<>\\][^\s\"'`&,;()\[\]{{}}<>\\]{{0,1023}})"
_CLI = (
    r"(?:pass(?:word|wd|phrase)?|pwd|token|secret|api-?key|access-?key|secret-?key|auth"
    r"|auth-token|client-secret|private-key|credentials?|registry-token)"
)

RULES = (
    rule(
        "secret",
        rf"(?i:{_NAME}){_SEPARATOR}(?:[\[(]?[brfu]?{_QUOTED}|{_BARE})",
        anchor=_ANCHOR,
        confirms=_is_given,
    ),
    rule(
        "secret",
        (
            rf"(?i:<(?:\w{{1,20}}:)?(?P<tag>{_NAME})(?:\s[^<>]{{0,80}})?>)(?!{SAFE})"
            rf"(?P<secret>[^<>]{{1,1024}})</"
        ),
        hints="</",
        confirms=_is_value,
    ),
    rule(
        "secret",
        (
            rf"(?<![\w-])--?(?:[a-z0-9]{{1,20}}-){{0,3}}{_CLI}[ ]{{1,4}}(?P<q>{_QUOTE})?"
            rf"(?!{SAFE})(?P<secret>(?!-)[^\s\"'`]{{3,512}})"
        ),
        hints=(" -",),
        confirms=_is_value,
    ),
    rule(
        "secret",
        (
            rf"(?i)\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]{{0,200}}?\s-p(?!{SAFE})"
            rf"(?P<secret>[^\s\"']{{3,128}})"
        ),
        hints="mysql mariadb",
    ),
    rule(
        "secret",
        (
            rf"(?i)\b(?:sshpass|ldapsearch|ldapadd|redis-cli|mosquitto_pub|7z|zip"
            rf"|unzip)\b[^\n]{{0,200}}?\s-(?:p|w|a|P)[ ]?(?!{SAFE})"
            rf"(?P<secret>[^\s\"'-][^\s\"']{{2,127}})"
        ),
        hints="sshpass ldap redis-cli mosquitto 7z zip",
    ),
    rule(
        "secret",
        (
            rf"(?i)\bcurl\b[^\n]{{0,400}}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{{1,64}}:"
            rf"(?!{SAFE})(?P<secret>[^\s\"']{{1,128}})"
        ),
        hints="curl",
    ),
    rule(
        "secret",
        (
            rf"(?i)\b(?:identified[ ]by|(?:with[ ]|encrypted[ ])?password)[ ](?:password[ ])?'"
            rf"(?!{SAFE})(?P<secret>[^'\n]{{1,256}})'"
        ),
        hints="identified password",
        confirms=_is_value,
    ),
    rule(
        "secret",
        rf"(?i)\b(?:pass(?:word|phrase|code)|secret|api[ ]key|access[ ]key|token|pin|otp"
        rf"|one-time[ ]code|verification[ ]code|code)[ ](?:is|was|used[ ]was|used|of"
        rf"|set[ ]to|changed[ ]to|reset[ ]to|to|for[ ]\S{{1,64}}[ ]is)[ :]{{1,2}}"
        rf"[\"'`]?(?!{SAFE})(?P<secret>(?=[^\s\"'`]{{0,64}}[\d!@#$%^&*_])[^\s\"'`<>]{{4,256}})",
        anchor=r"pass|secret|api key|access key|token|pin|otp|one-|verif|code",
        confirms=_is_value,
    ),
    rule(
        "secret",
        (
            rf"(?i)\b(?:pass(?:word|phrase|code)|api[ ]key|access[ ]key|secret(?:[ ]key)?"
            rf"|token)[ ](?:[\"'`](?!{SAFE})(?P<secret>[^\s\"'`<>]{{4,256}})[\"'`])"
        ),
        anchor=r"pass|api key|access key|secret|token",
        confirms=_is_value,
    ),
    rule(
        "secret",
        (
            rf"(?i)\b(?:with|using|bad|wrong|tried|invalid)[ ](?:pass(?:word|phrase)|token"
            rf"|api[ ]key|secret)[ ]:?[ ]?[\"'`]?(?!{SAFE})(?P<secret>"
            rf"(?=[^\s\"'`]{{0,64}}[\d!@#$%^&*_])[^\s\"'`<>():]{{5,256}})"
        ),
        anchor=r"with|using|bad|wrong|tried|invalid",
        confirms=_is_value,
    ),
    rule(
        "secret",
        (
            r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id?|d)\$[A-Za-z0-9$=,+/]{20,200}"
            r"|\$[156]\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{20,90}"
            r"|pbkdf2_sha\d{1,3}\$\d{1,8}\$[^\s$]{4,64}\$[^\s$]{20,100}"
        ),
        hints="$",
    ),
)
