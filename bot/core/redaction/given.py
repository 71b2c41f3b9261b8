"""Whether what stands after the name of a secret is one."""

import re

from bot.core.redaction.drawn import is_drawn
from bot.core.redaction.names import NAME, in_arn, is_parsed, says_something

NAMED = re.compile(rf"(?i)[\w.-]{{0,64}}?{NAME}")
"""The name of a secret: what `key=` tells of one."""
_TAIL_OF_NAME = re.compile(r"[\w.-]*\Z")
_CAPITAL = re.compile(r"[A-Za-z][a-z]{0,19}|[A-Z]{2,8}")
_CODE_OF_AN_ERROR = re.compile(r"[A-Z]{2,20}(?:_[A-Z]{2,20}){1,5}")
_STATUS = re.compile(r"[1-5]\d\d [A-Za-z]")
"""What a server answered: `cannot fetch token: 401 Unauthorized`."""
_WORD, _NEXT_WORD = re.compile(r"[a-z]{1,20}"), re.compile(r" (?:[a-z]{2,20}|`\w)")
_BEGINS_AN_ERROR = frozenset((
    "Access", "Account", "Argument", "Attempt", "Authentication", "Authorization", "Bad", "Cannot",
    "Check", "Connection", "Could", "Credentials", "Does", "Error", "Expected", "Failed", "File",
    "Invalid", "Login", "Key", "Must", "No", "Not", "Operation", "Password", "Path", "Permission",
    "Please", "Request", "Secret", "Should", "The", "This", "Token", "Too", "Try", "Unable",
    "Unexpected", "Unknown", "User", "Value", "Wrong", "You", "Your",
))  # fmt: skip
"""Words in front of what went wrong, as `Permission denied` has them."""
_LEVEL = re.compile(
    r"(?i)(?:trace|debug|info|notice|warn(?:ing)?|error|severe|crit(?:ical)?|alert|fatal|panic):"
)
_PROGRAM = re.compile(r"(?i)_?auth|token|key|cred|jwt|bearer|api|access|session|secret|salt|nonce")
"""Names that parts of programs have, too; a password people choose, and it may be a word."""
_PART = re.compile(r"(?:[a-z]{2,12}(?:[_-][a-z]{2,12})?|[A-Z]{2,8}):?")
"""Short: what is drawn by lot is longer."""
_WORKS = re.compile(r"(?<=:) \w|(?<!:)\([^()\n]{0,256}\)(?:: | [a-z])")
"""A part of a program, and on what: `auth: sql(ann,192.0.2.7): Password mismatch`."""


def is_given(found: re.Match[str]) -> bool:
    """Whether `quoted` or `bare`, behind a name and a `gap`, is a secret: not what prose, code or a
    count has there."""
    given = found["quoted"] or found["bare"]
    if found[0][:3].casefold() == "pwd" and _FOLDER.fullmatch(given):
        return False
    if given.isalpha() and found.string.startswith("chpasswd: ", max(0, found.start() - 2)):
        return False
    if found[0][:3].casefold() == "key" and not (
        _IS_KEY.fullmatch(given) and _is_credential(found)
    ):
        return False
    return says_something(given) and not (
        _is_field(found)
        or _is_next_key(found)
        or _is_of_code(found, given)
        or _is_counted(found)
        or _continues_as_prose(found)
        or _is_logger(found)
        or _is_named_alone(found)
        or in_arn(found)
        or is_parsed(found, given)
    )


_FOLDER = re.compile(r"/[^/]{0,64}(?:/[^/]{1,64}){0,32}/?")
"""The shell's working directory."""
_MECHANISM = re.compile(
    r"(?i)simple|kerberos|gssapi|plain|ldap|ntlm|negotiate|saml|oidc|proxy|certificate|trust|peer"
)
"""How somebody is known, which Hadoop and others call auth."""
_HASH = re.compile(r"\{[0-9a-f]{5,8}[ }]")


def _is_of_code(found: re.Match[str], given: str) -> bool:
    """Whether it is a function, `PEM_read()`, an object of Android, `AppWindowToken{df0798e`, the
    PublicKeyToken of an assembly of .NET, or a way to be known."""
    if found.string.startswith("()", found.end()):
        return True
    if found.string.endswith("PublicKey", 0, found.start()):
        return True
    if given.isalpha() and _HASH.match(found.string, found.end()):
        return True
    return found[0][:4].casefold() == "auth" and _MECHANISM.fullmatch(given) is not None


def _is_field(found: re.Match[str]) -> bool:
    """Whether a template puts it in, by its name in braces: password={password}."""
    given, string = found["bare"], found.string
    return (
        given is not None
        and string[found.start("bare") - 1] == "{"
        and string.startswith("}", found.end())
        and NAMED.fullmatch(given) is not None
    )


_KEY = re.compile(r"[A-Za-z][\w.-]{0,63}:")


def _is_next_key(found: re.Match[str]) -> bool:
    """Whether the name has no value, and the next line begins with a name, as in YAML."""
    return (
        found["bare"] is not None
        and "\n" in found["gap"]
        and _KEY.fullmatch(found["bare"]) is not None
    )


_CODE = re.compile(r"(?i)(?:pin(?:code)?|t?otp|nonce)\b")
_NO_CODE = re.compile(r"(?:GPIO|P?[A-K])?_?\d{1,3}(?:\.\d{1,3}){0,3}")
"""A pin of a chip, a count, the version of OTP: of a PIN the shortest has four (ISO 9564)."""
_PASSED = re.compile(r"(?i)pass\b")
_FAILED = re.compile(r"(?i)\b(?:fail|skip|err|warn)[a-z]{0,6}[\"']?\s?[=:]\s?\d")
_NEAR = 80


def _is_counted(found: re.Match[str]) -> bool:
    """Whether it is a number of something: of bytes, as Kubernetes describes a secret; who passed
    stands beside who failed."""
    given = found["quoted"] or found["bare"]
    if not given[-1].isdecimal():
        return False
    if given.isdecimal() and found.string.startswith(" bytes", found.end()):
        return True
    if _CODE.match(found[0]):
        return _NO_CODE.fullmatch(given) is not None
    if not _PASSED.match(found[0]) or not given.isdecimal():
        return False
    near = found.string[max(0, found.start() - _NEAR) : found.end() + _NEAR]
    return len(given) < 3 or _FAILED.search(near) is not None


_IS_KEY = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[^\s:/|]{8,8192}")
"""Not what is merely called key: of a cache, a partition, a setting; nor the name of a secret."""
_OF_NOBODY = re.compile(
    r"(?i)(?:cache|dedup(?:lication)?|foreign|group|idempotency|index|lock|lookup|message|object|partition"
    r"|primary|public|range|row|shard|sort|unique)[ _.-]?\Z"
)


_DRAWN_WITHIN = 128


def _is_credential(found: re.Match[str]) -> bool:
    """Not the key of a thing: idempotency_key=... But Azure calls keys that were drawn primary."""
    whose = _OF_NOBODY.search(found.string, max(0, found.start() - 16), found.start())
    is_azures = whose is not None and whose[0][:7].casefold() == "primary"
    given = (found["quoted"] or found["bare"])[:_DRAWN_WITHIN].rstrip("=")
    return whose is None or (is_azures and is_drawn(given, named=True))


def _continues_as_prose(found: re.Match[str]) -> bool:
    """After `name: ` a lower-case word followed by another is a sentence, and so is an error."""
    if found["bare"] is None or "=" in found["gap"] or not found["gap"].endswith(" "):
        return False
    if _PROGRAM.match(found[0]) is not None:
        if _STATUS.match(found.string, found.start("bare")):
            return True
        if _CODE_OF_AN_ERROR.fullmatch(found["bare"]):
            return True
        begins = _CAPITAL.fullmatch(found["bare"]) is not None
    else:
        begins = _WORD.fullmatch(found["bare"]) is not None or found["bare"] in _BEGINS_AN_ERROR
    return begins and _NEXT_WORD.match(found.string, found.end()) is not None


def _is_named_alone(found: re.Match[str]) -> bool:
    """Whether the mark after the sign ends a quotation that began before the name, "token=", and no
    value follows at once, as where a shell's marks nest: "token="4711"".
    """
    quote = found["quote"]
    if (
        quote is None
        or len(quote) > 1
        or found["quoted"][0].isalnum()
        or not found[0][: found.start("quote") - found.start()].endswith("=")
    ):
        return False
    name = _TAIL_OF_NAME.search(found.string, max(0, found.start() - 64), found.start())
    return name is not None and found.string[name.start() - 1 : name.start()] == quote


def _is_logger(found: re.Match[str]) -> bool:
    """Whether the name is that of a part of a program: a level follows, or a part of the part."""
    bare = found["bare"]
    if bare is None or not found["gap"].endswith(": "):
        return False
    return _LEVEL.fullmatch(bare) is not None or (
        _PROGRAM.match(found[0]) is not None
        and _PART.fullmatch(bare) is not None
        and _WORKS.match(found.string, found.end()) is not None
    )
