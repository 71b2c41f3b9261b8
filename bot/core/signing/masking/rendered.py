"""Values as languages write them out: objects, members of enumerations, bytes, and nothing."""

import re

from bot.core.signing.masking import rule
from bot.core.signing.masking.pair import means

_ESCAPED = r"(?:[^'\\]|\\.)"
_RULES = rule.table(
    # Java's objects by class and hash, and what is in them
    (
        "@<hex>",
        r"@<hex>(?:[{\[](?:[^{}\[\]]|\[[^{}\[\]]{0,200}\]){0,400}[}\]]){1,4}",
        "@<hex>",
    ),
    # Python's members of enumerations: the first stage saw where `key=<Kind.NAME: 1>` begins
    ("=<value> ", r"=<value> (?:<num>|<hex>|'[^'<>]{0,64}')>", "=<value>"),
    # its bytes, unless they are a text
    ("=<value>'", rf"=<value>'{_ESCAPED}{{0,400}}'", "=<value>"),
    ("b'|B'", rf"(?<![\w<>])[bB]'(?=[^'\\]{{0,400}}\\){_ESCAPED}{{0,400}}'", "<value>"),
    # parts of a number of a transaction
    (
        ">:",
        r"(?:<(?:num|id|hex)>:-?){3,8}(?:<(?:num|id|hex)>|[\w\ue000-\ue009]{1,16})(?![\w:])",
        "<id>",
    ),
    # the end of a path whose last part is very long
    ("<path>-", r"<path>-[\w.+-]{1,250}", "<path>"),
    # several paths, or one with commas in it, as those of cgroups have
    ("<path>,", r"<path>(?:,<path>){1,64}", "<path>"),
    # the root is a path where one may stand
    ("/", r"/(?:(?<=: /)|(?<=\bto /))(?=$|, )", "<path>"),
)
_TABLE = re.compile(
    r"(?<![\w=!<>.-])([A-Za-z_][\w.]{0,63})=\{((?:[^{}]|\{[^{}]{0,300}\}){0,300})\}(?=$|[\s,;)\]}])"
)
_SAYS = re.compile(r"(?i)err|reason|cause|mess|msg|exception|fail|fault|code|stat|detail|desc|type")
_EMPTY_PAIR = re.compile(
    r"(?<![\w=!<>.-])([A-Za-z_][\w.]{0,63})=(?=[,;)\]}]| [A-Za-z_][\w.]{0,63}=)"
)


def mask(masked: str) -> str:
    """The text of the first stage with such values left out; one that is empty is a value."""
    masked = rule.apply(_RULES, masked)
    return _TABLE.sub(_mask_table, masked) if "={" in masked else masked


def _mask_table(found: re.Match[str]) -> str:
    """A table is one whatever it has, and if it has nothing, unless it may say what happened."""
    key, fields = found.groups()
    return found[0] if means(key) or _SAYS.search(fields) else f"{key}=<value>"


def mask_empty(masked: str) -> str:
    """Where another pair follows, `user=` has a value: nobody. An empty `error=` is no error."""
    return _EMPTY_PAIR.sub(_mask_empty, masked) if "=" in masked else masked


def _mask_empty(found: re.Match[str]) -> str:
    return found[0] if means(found[1]) else f"{found[1]}=<value>"
