"""Secrets known by the name that stands before them, in any notation."""

import re

from bot.core.redaction.rule import QUOTE, SAFE, SPACE, after, rule

_ANYWHERE = (
    r"(?:passwords?|passwd|passphrase|passcode|passw|secrets?|token|api[_.-]?keys?"
    r"|(?:access|private|secret|auth|signing|encryption|account|shared[_.-]?access|shared"
    r"|subscription|master|storage|license|session|app|application|service|client|deploy|host)"
    r"[_.-]?key(?:[_.-]?(?:id|base))?|unseal[ ]key(?:[ ]\d{1,2})?"
    r"|authtoken|credentials?|webhook[_.-]?secret|connection[_.-]?string|x-[a-z]{2,16}-key"
    r"|verification[_.-]?code|one[_.-]?time[_.-]?code|mfa[_.-]?code|security[_.-]?code"
    r"|mnemonic|seed[_.-]?phrase|secret_id"
    r"|passwort|kennwort|mot[ _-]de[ _-]passe|contrase[ñÑn]a|senha|wachtwoord)"
)
"""Names that mean a secret also as the end of a longer one: `db_password`, `clientSecret`."""
_WHOLE = r"(?:pass|pwd|pw|psk|otp|totp|pin|pincode|cvv2?|cvc2?|salt|nonce|creds|_?auth|dsn|key)"
"""Names too short for that: `bypass`, `monkey`."""
_NAME = rf"(?:{_ANYWHERE}|(?<![A-Za-z0-9]){_WHOLE})"
_NAME_SIGN = rf"(?:{_ANYWHERE}|{after('A-Za-z0-9')}{_WHOLE})"

_IS = rf"(?:{QUOTE})?\]?(?P<gap>\s{{0,4}}(?:=>|:=|[:=]|%3[DdAa])\s{{0,4}})"
_IS_SIGN = rf"[\\\"'`]{{0,5}}\]?{SPACE}{{0,4}}(?:[:=]|%3[DA])"
_WRAPPER = (
    r"(?:string\(\d{1,6}\)[ ]"
    r"|(?:Secret(?:Str|Bytes|String|Value)?|str|String|bytes|Some|Just|Optional)\()"
)
"""What dumps put around a value: PHP's `string(9) "..."`, Python's `SecretStr('...')`."""
_QUOTED = rf"(?P<quote>{QUOTE})(?!{SAFE})(?P<quoted>(?:(?!(?P=quote)).){{1,8192}}?)(?:(?P=quote)|$)"
_BARE = rf"(?!{SAFE})(?P<bare>[^\s\"'`&,;()\[\]{{}}<>\\][^\s\"'`&,;()\[\]{{}}<>\\]{{0,8191}})"
_BRACED = r"(?:(?<==)\{(?=[^\s{}:=]{1,256}\}))"
"""As connection strings of ODBC and JDBC may have it: password={...}."""
_NO_WORD = r"(?=[^\s\"'`]{0,64}[\d!@#$%^&*_])"
"""In a sentence a secret is told from the next word by a character that words have not."""

_SPOKEN = r"(?:pass(?:word|phrase|code)|secret|api[ ]key|access[ ]key|token|pin|otp)"
_SPOKEN_CODE = rf"(?:{_SPOKEN}|one-time[ ]code|verification[ ]code|code)"
_BECOMES = r"(?:is|was|used[ ]was|used|of|set[ ]to|changed[ ]to|reset[ ]to|to|for[ ]\S{1,64}[ ]is)"

_BY_NAME = r"[ ](?:in[ ]namespace|(?:is[ ])?(?:not[ ]found|forbidden|missing)|already[ ]exists)"
"""What is said of a secret by its name, as Kubernetes does."""

_STATE = frozenset((
    "a", "absent", "accepted", "an", "and", "are", "at", "bad", "basic", "be", "bearer", "blank",
    "body", "by", "can", "cannot", "changed", "cookie", "correct", "could", "denied", "digest",
    "disabled", "does", "empty", "enabled", "env", "environment", "error", "expected", "expired",
    "failed", "failure", "false", "file", "for", "found", "from", "given", "has", "have", "header",
    "hidden", "ignored", "in", "incorrect", "invalid", "is", "it", "length", "malformed", "masked",
    "match", "matches", "mismatch", "mismatched", "missing", "must", "n/a", "na", "never", "nil",
    "no", "none", "not", "nul", "null", "of", "off", "ok", "on", "optional", "or", "present",
    "provided", "query", "redacted", "refused", "rejected", "required", "reset", "revoked", "set",
    "should", "string", "the", "to", "too", "true", "type", "undefined", "unknown", "unset",
    "unused", "updated", "used", "valid", "validation", "vault", "was", "were", "will", "with",
    "without", "wrong", "yes",
))  # fmt: skip
"""Words that say what is the matter with a secret, not what it is."""
_TYPE = re.compile(
    r"(?:str|string|int|integer|bool|boolean|object|number|bytes|any|array|list|dict)\??\]?$",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"[*•x.#<>\[\]()-]{1,64}$"
    r"|\[?(?:REDACTED|FILTERED|HIDDEN|MASKED|SECRET|REMOVED|SCRUBBED)\]?$"
    r"|\$\{?\w{1,64}\}?$|\{\{.{1,80}\}\}$|%\(?\w{1,32}\)?s?$|:\w{1,32}$",
    re.IGNORECASE,
)
"""What somebody else put in the place of a secret: stars, a variable, a field of a template."""
_REFERENCES = (
    *("<", "os.environ", "process.env", "env.", "vault:", "secretsmanager:", "arn:", "ref+"),
)
_NAMED = re.compile(rf"(?i)[\w.-]{{0,64}}?{_ANYWHERE}")
"""The name of a secret: what `key=` tells of one."""
_WORD, _NEXT_WORD = re.compile(r"[a-z]{1,20}"), re.compile(r" [a-z]{2,20}")


def _is_value(found: re.Match[str]) -> bool:
    return says_something(found["secret"])


def _is_given(found: re.Match[str]) -> bool:
    given = found["quoted"] or found["bare"]
    return (
        says_something(given)
        and not _continues_as_prose(found)
        and not (found[0][:3].casefold() == "key" and _NAMED.fullmatch(given))
    )


def says_something(secret: str) -> bool:
    """Whether it is no word of prose, no type, mark or reference where a secret could stand."""
    secret = secret.strip("\"'`.,;:!?)]}")
    return not (
        not secret
        or secret.casefold() in _STATE
        or _TYPE.match(secret)
        or _MARK.fullmatch(secret)
        or secret.startswith(_REFERENCES)
    )


def _continues_as_prose(found: re.Match[str]) -> bool:
    """After `name: ` a lower-case word followed by another is a sentence."""
    if found["bare"] is None or "=" in found["gap"] or not found["gap"].endswith(" "):
        return False
    return (
        _WORD.fullmatch(found["bare"]) is not None
        and _NEXT_WORD.match(found.string, found.end()) is not None
    )


RULES = (
    rule(
        "secret",
        "the name and the value of a variable apart, as manifests and task definitions have them",
        rf"""(?i)\b(?:name|key)[\"']?\s{{0,2}}[:=]\s{{0,2}}[\"']?[\w.-]{{0,64}}?{_ANYWHERE}[\w-]{{0,20}}[\"']?
            \s{{0,2}},?\s{{0,40}}[\"']?value[\"']?\s{{0,2}}[:=]\s{{0,2}}[\"']?
            (?!{SAFE})(?P<secret>[^\s\"',}}]{{3,8192}})""",
        sign=rf"(?i){_ANYWHERE}(?:[^:=]|\n)*value[\"']?{SPACE}{{0,2}}[:=]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "name=value, name: value, {'name': 'value'}, [name] => value, name%3Dvalue",
        rf"(?i:{_NAME}){_IS}(?:(?:\s{{0,20}}{_WRAPPER})?[\[(]?[brfu]?{_QUOTED}|{_BRACED}?{_BARE})",
        sign=rf"(?i){_NAME_SIGN}{_IS_SIGN}",
        starts=rf"(?i)(?:{_ANYWHERE}|{_WHOLE}){_IS_SIGN}",
        confirms=_is_given,
    ),
    rule(
        "secret",
        "the same as an element of XML",
        rf"""(?i:<[\w:.-]{{0,40}}?{_NAME}(?:\s[^<>]{{0,80}})?>)(?!{SAFE})
            (?P<secret>[^<>]{{1,1024}})</""",
        sign=r"[^<>]</",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "what replaces another secret, as plans of changes show it: password: ... => ...",
        rf"""(?i){_NAME}{_IS}[\"']?<secret>[\"']?[ ]{{1,4}}(?:=>|->)[ ]{{1,4}}
            (?P<quote>[\"'])(?!{SAFE})(?P<secret>[^\"'\n]{{1,8192}})(?P=quote)""",
        sign=r"(?i)<secret>[\"']? +(?:=>|->)",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "the machines of a .netrc file",
        rf"""\bmachine\s\S{{1,255}}\s{{1,8}}login\s\S{{1,128}}\s{{1,8}}
            (?:account\s\S{{1,128}}\s{{1,8}})?password\s(?!{SAFE})(?P<secret>\S{{1,256}})""",
        sign=rf"\bmachine{SPACE}(?:.|\n)*password{SPACE}",
    ),
    rule(
        "secret",
        "the third argument of what connects or logs in, as PHP's traces show it",
        rf"""(?:PDO->__construct|mysqli?_p?connect|mysqli->(?:__construct|(?:real_)?connect)|ldap_bind
            |ftp_login|imap_open)\((?:[^,()\n]{{1,256}},[ ]?){{2}}
            '(?!{SAFE})(?P<secret>[^'\n]{{1,256}})'""",
        sign=r"(?:PDO->__construct|mysqli?_p?connect|mysqli->|ldap_bind|ftp_login|imap_open)",
    ),
    rule(
        "secret",
        "a code that is good once: verification code 123456",
        r"""(?i)\b(?:(?:2fa|mfa|otp|totp|two-factor|one-time|verification|security|login|sign-?in
            |confirmation|authentication)[ ](?:pass)?code|pin)[ :#]{1,3}(?P<secret>\d{4,8})\b""",
        sign=r"(?i)(?:code|pin)[ :#]{1,3}\d{4}",
    ),
    rule(
        "secret",
        "the same as a message to its owner has it: 123456 is your code",
        r"""\b(?P<secret>(?:[A-Z]-)?\d{4,8})[ ]is[ ]your[ ]
            (?:[\w-]{1,20}[ ]){0,3}(?:pass)?code\b""",
        sign=r"\d is your ",
    ),
    rule(
        "secret",
        "the statements of SQL that set a password",
        rf"""(?i)\b(?:identified[ ]by|(?:with[ ]|encrypted[ ])?password)[ ](?:password[ ])?'
            (?!{SAFE})(?P<secret>[^'\n]{{1,256}})'""",
        sign=r"(?i)\b(?:identified by|password) (?:password )?'",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: the password is ...",
        rf"""(?i)\b{_SPOKEN_CODE}[ ]{_BECOMES}[ :]{{1,2}}[\"'`]?(?!{SAFE})
            (?P<secret>{_NO_WORD}[^\s\"'`<>]{{4,256}})""",
        sign=rf"(?i)\b{_SPOKEN_CODE} (?:is|was|used|of|set|changed|reset|to|for)[ :]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: password '...', where quotation marks stand for the verb",
        rf"""(?i)\b(?:{_SPOKEN}|secret[ ]key)[ ][\"'`](?!{SAFE})
            (?P<secret>[^\s\"'`<>]{{4,256}})[\"'`](?!{_BY_NAME})""",
        sign=rf"(?i)\b(?:{_SPOKEN}|secret key) [\"'`]",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: tried password ..., invalid token ...",
        rf"""(?i)\b(?:with|using|bad|wrong|tried|invalid)[ ](?:pass(?:word|phrase)|token|api[ ]key
            |secret)[ ]:?[ ]?[\"'`]?(?!{SAFE})(?P<secret>{_NO_WORD}[^\s\"'`<>():]{{5,256}})""",
        sign=r"(?i)\b(?:with|using|bad|wrong|tried|invalid) (?:pass|token|api key|secret)",
        confirms=_is_value,
    ),
    rule(
        "secret",
        "a sentence: encryption key 0x...",
        r"""(?i)\b(?:encryption|signing|private|master|secret|session)[ ]key[ ](?:0x)?
            (?P<secret>[0-9a-f]{32,256})\b""",
        sign=r"(?i) key (?:0x)?[0-9a-f]{32}",
    ),
    rule(
        "secret",
        "hashes of passwords: bcrypt, Argon2, crypt(3), Django's PBKDF2",
        r"""\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id?|d)\$[A-Za-z0-9$=,+/]{20,200}
            |\$[156]\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{20,90}
            |pbkdf2_sha\d{1,3}\$\d{1,8}\$[^\s$]{4,64}\$[^\s$]{20,100}""",
        sign=r"\$2[abxy]\$|\$argon2|\$[156]\$|pbkdf2_sha",
    ),
)
