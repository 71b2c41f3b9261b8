"""What secrets are called, in any language, and what is said where one could stand."""

import re

from bot.core.redaction import drawn
from bot.core.redaction.rule import BEGINS, WORD

ABROAD = (
    r"(?:passwort|kennwort|geheimnis|zugangscode|mot[ _-]de[ _-]passe|contrase[ñn]a|senha"
    r"|wachtwoord|has[łl]o|heslo|l[öo]senord|adgangskode|passord|salasana|jelsz[óo]|[şs]ifre|parola"
    r"|kata[ _]sandi|m[ậa]t[ _]kh[ẩa]u)"
)
"""What a password is called in other languages that are written in Latin letters."""
ANYWHERE = (
    r"(?:passwords?|passwd|passphrase|passcode|passw|secrets?|token|api[_.-]?keys?"
    r"|(?:access|private|secret|auth|signing|encryption|account|shared[_.-]?access|shared"
    r"|subscription|master|storage|licen[cs]e|session|app|application|service|client|deploy|host|admin"
    r"|aes|cipher|consumer|crypto|fernet|gpg|hmac|ingest(?:ion)?|jwt|kms|pgp|root|rsa|server|ssh|ssl|tls"
    r"|decryption|instrumentation|integration|network|product|recovery|security|wallet|webhook|wep|wpa"
    r"|write)[_.-]?key(?:[_.-]?(?:id|base))?|unseal[ ]key(?:[ ]\d{1,2})?|pass[_-]?key"
    r"|(?:admin|bind|cert|db|ftp|key|ldap|login|mail|mysql|redis|root|smtp|sql|ssh|store|sudo|user"
    r"|vnc|wifi)(?:pass|pwd|pw)"
    r"|authtoken|credentials?|webhook[_.-]?secret|connection[_.-]?string|x-[a-z]{2,16}-key"
    r"|x-honeycomb-team"
    r"|(?:access|activation|device|auth(?:ori[sz]ation)?|backup|confirmation|login|mfa|2fa|one[_.-]?time|otp"
    r"|pairing|recovery|reset|security|sms|verification)[_.-]?codes?"
    r"|(?:secret|security)[ _.-]?answer|maiden[ _.-]?name|code[_.-]?verifier|community[_.-]?string"
    r"|auth[_.-]?(?:user[_.-]?)?hash|snmp[_.-]?community|erlang[_.-]?cookie|(?-i:_PAT)"
    r"|(?:totp|otp|mfa|wallet)[_.-]?seed|mnemonic|seed[_.-]?phrase|secret[ _.-]?id"
    rf"|{ABROAD}|(?:clave|chave)[ _](?:privada|secreta|de[ _]acces?so))"
)
"""Names that mean a secret also as the end of a longer one: `db_password`, `clientSecret`."""
_WHOLE = (
    r"(?:pass|pwd|pw|psk|otp|totp|pin|pincode|puk|mdp|cvv2?|cvc2?|salt|nonce|creds|_?auth|bearer|dsn"
    r"|jwt|key)"
)
"""Names too short for that: `bypass`, `monkey`."""
_HUMP = r"(?-i:(?<=[a-z0-9])(?:Pass|Pwd|Pw|Pin|Otp|Psk))"
"""Such a name as the last word of `userPass`."""
KIND = (
    r"(?:[_.-]?(?:hash(?:ed)?|digest|salt|confirm(?:ation|ed)?|again|repeat|value|string|text"
    r"|plain(?:text)?|raw|data|b(?:ase)?64|enc(?:oded|rypted)?|bytes|old|new|current|prev(?:ious)?|dev"
    r"|test|staging|live|prod(?:uction)?|default|binary|v?\d{1,2}))?"
)
"""What may follow and leaves it a secret; `password_length` and `token_type` are none."""
OTHER_ALPHABETS = (
    r"(?:пароль|ключ|секрет|токен|κωδικός|סיסמה|密码|密碼|口令|密钥|令牌|パスワード|暗証番号|비밀번호"
    r"|암호)"
)
"""Names of secrets in letters that signs do not see."""
NAME = rf"(?:{ANYWHERE}{KIND}|{BEGINS}(?:{_WHOLE}|pw[ds]?_hash)|{_HUMP})"
FULL_SIGN = rf"(?:{ANYWHERE}{KIND}|{_WHOLE}|pw[ds]?_hash)"
NAME_SIGN = (
    r"(?:pass|pw|secret|token|key|cred|auth|cod|otp|pin|psk|salt|nonce|cv[vc]|dsn|jwt|mnemonic|seed"
    r"|answer|verifier|string|hash|community|cookie|senha|kennwort|wachtwoord|contrase|team|puk|mdp|bearer|_pat|maiden.?name|secret.id"
    r"|kh[a?]u|geheimnis|has[l?]o|heslo|senord|adgang|salasana|jelsz|ifre|parola|sandi|privada|secreta|acces?so)"
    rf"(?:{WORD}|[.-]| \d)*"
)
"""The stem of such a name: a sign of all of them would cost more than it saves."""

_STATE = frozenset((
    "a", "absent", "accepted", "an", "and", "are", "at", "bad", "basic", "be", "bearer",
    "blank", "body", "by", "cached", "can", "cannot", "changed", "closed", "connected",
    "cookie", "correct", "could", "created", "deleted", "denied", "digest", "disabled",
    "disconnected", "does", "edit", "empty", "enabled", "env", "environment", "error", "expected",
    "expired", "failed", "failure", "false", "file", "for", "found", "from", "given", "has",
    "have", "header", "hidden", "ignored", "in", "include", "incorrect", "invalid", "is",
    "issued", "it", "length", "loaded", "locked", "malformed", "masked", "match", "matches",
    "mismatch", "mismatched", "missing", "mounted", "must", "n/a", "na", "never", "nil", "no",
    "none", "not", "nul", "null", "of", "off", "ok", "omit", "on", "optional", "or", "passed",
    "present", "provided", "query", "ready", "redacted", "refreshed", "refused", "rejected",
    "removed", "renewed", "required", "reset", "revoked", "rotated", "same-origin", "set",
    "should", "started", "starting", "stopped", "stored", "string", "succeeded", "successful",
    "the", "timeout", "to", "too", "true", "type", "undefined", "unknown", "unset", "unused",
    "updated", "used", "valid", "validation", "vault", "verified", "via", "was", "were", "will",
    "with", "without", "wrong", "yes",
))  # fmt: skip
"""Words that say what is the matter with a secret, not what it is."""
_TYPE = re.compile(
    r"(?:str|string|int|integer|bool|boolean|object|number|bytes|any|array|list|dict)\??\]?$",
    re.IGNORECASE,
)
_ERROR = re.compile(r"(?:\w{1,64}[.:\\]{1,2}){0,8}[A-Z][A-Za-z\d]{2,60}(?:Exception|Error)")
"""A type of what went wrong, where a secret was asked for."""
_JAVA = re.compile(r"(?:[a-z]\w{0,63}\.){1,8}[A-Z][\w$]{0,63}@[0-9a-f]{1,8}")
"""An object of Java that does not say what is in it: `android.os.BinderProxy@5bd8ca6`."""
_MARK = re.compile(
    r"[*•x.#<>\[\]()-]{1,64}$|\[[A-Za-z_ -]{1,40}\]?$|[|>][+-]?\d?$"
    r"|(?:\w{1,64}:)?(?:private|protected)$"
    r"|\[?(?:REDACTED|FILTERED|HIDDEN|MASKED|SECRET|REMOVED|SCRUBBED)\]?$"
    r"|\$\w{1,64}$|%[+#]?\w{1,32}$|:\w{1,32}$",
    re.IGNORECASE,
)
"""What somebody else put in the place of a secret: stars, a variable."""
_PARAMETER = re.compile(r":[A-Za-z_]\w{0,63}")
"""Of a statement of SQL; and a symbol of Ruby."""
_PHRASE = re.compile(
    r"(?i)(?:bad|empty|expired|failed|incorrect|invalid|missing|must|not|required|unknown|unset"
    r"|wrong)(?: [a-z]{1,20}){1,12}"
)
"""What is the matter with a secret, said in several words."""
_REFERENCES = (
    *("<", "os.environ", "process.env", "env.", "vault:", "secretsmanager:", "arn:", "ref+"),
    *("op://", "ssm:", "/run/secrets/", "/var/run/secrets/", "@Microsoft.KeyVault"),
)
TEMPLATE = (
    r"(?=[$\#%@{_])(?:\$?\{\{[^{}\n]{1,128}\}\}|[$\#%@]\{[^{}\n]{1,256}\}|\$\([^()\n]{1,128}\)|%\(\w{1,64}\)[sdr]?"
    r"|%[A-Za-z]\w{1,63}%|__[A-Z][A-Z0-9_]{1,60}__|@[A-Z][A-Z0-9_]{1,60}@)"
)
"""Where a template or a shell puts something in: `${X}`, `{{ x }}`, `$(x)`, `%(x)s`, `%X%`."""
_TEMPLATE = re.compile(rf"{TEMPLATE}|!(?:Ref|Sub|GetAtt|ImportValue|FindInMap|Join|vault|env)")
"""The same, and the tags of YAML."""
_BEGIN_TEMPLATES = frozenset("$#@%{_!")
_FALLBACK = re.compile(
    r"\$\{(?!(?:env|sys|file|vault|ssm|secrets?|param|self|kms|ref):)[\w.]{1,64}(?::?[-=]|:(?![?+]))"
    r"(?P<value>[^{}]{1,256})\}"
)
"""What stands in a template for a variable that is not set, as it is: `${X:-hunter2}`."""
_DEFAULT = re.compile(r"(?:default\W{1,3}|\|\||\?\?|\bor\b|\([^,()]{1,64},)\s?[\"']")
"""The same in an expression: `{{ x | default('hunter2') }}`, `#{ENV.fetch('X', 'hunter2')}`."""


def says_something(secret: str) -> bool:
    """Whether it is no word of prose, no type, mark or reference where a secret could stand."""
    if is_template(secret) or _PARAMETER.fullmatch(secret):
        return False
    secret = secret.strip("\"'`.,;:!?)]}")
    return not (
        not secret
        or secret.casefold() in _STATE
        or _TYPE.match(secret)
        or _ERROR.fullmatch(secret)
        or _JAVA.fullmatch(secret)
        or _MARK.fullmatch(secret)
        or secret.startswith(_REFERENCES)
        or _PHRASE.fullmatch(secret)
        or _SENTENCE.fullmatch(secret)
    )


def is_template(text: str) -> bool:
    """Whether it is put in by a template, with no secret in case that there is none."""
    if text[:1] not in _BEGIN_TEMPLATES:
        return False
    text = text.rstrip("\"'`.,;:!?")
    fallback = _FALLBACK.fullmatch(text)
    if fallback is not None:
        return not says_something(fallback["value"])
    return _TEMPLATE.fullmatch(text) is not None and _DEFAULT.search(text) is None


_SENTENCE = re.compile(
    r"(?:A|An|At|Ensure|Enter|Field|Invalid|Is|It|Must|Passwords?|Please|Should|String|The|This|Value|Your)"
    r" [^\n]{0,200}\b(?:at least|at most|blank|characters?|common|confirm\w*|empty|fields?"
    r"|incorrect|(?:in)?valid|match\w*|must|numeric|required|should|similar|too|weak)\b[^\n]{0,200}"
)
"""What a validator says of a field, where its value could stand."""


def is_value(found: re.Match[str]) -> bool:
    """Whether what is found in the place of a secret is one, and not said of it."""
    return says_something(found["secret"])


_ARN = re.compile(r"\barn:[\w:/*-]{1,160}$")


def in_arn(found: re.Match[str]) -> bool:
    """Whether it stands in the name of a resource of Amazon's: `arn:aws:...:secret:db-AbCdEf`."""
    before = found.string[max(0, found.start() - 200) : found.start()]
    return "arn:" in before and _ARN.search(before) is not None


def is_store(found: re.Match[str]) -> bool:
    """Whether it is the name of a store of Azure's, which is that of a host: AccountName=...."""
    return found.string.startswith(";AccountKey=", found.end())


_PARSER = re.compile(r"(?i)\b(?:unexpected|expected|starting|illegal|unrecogni[sz]ed) $")


def is_parsed(found: re.Match[str], given: str) -> bool:
    """Whether it is a token of a language, `unexpected token "4711"`; those of people are drawn by
    lot, or stand after an equals sign."""
    is_token = found[0][:5].casefold() == "token" and found[0][5:6] != "="
    if not is_token or drawn.is_drawn(given, named=True):
        return False
    return _PARSER.search(found.string[max(0, found.start() - 16) : found.start()]) is not None
