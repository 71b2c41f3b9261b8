"""Who is affected, where the text says it."""

import re
from functools import lru_cache

_NAMED = re.compile(
    r"(?i)(?<![a-z])(?!(?<=\.)org:)(?:tenant|customer|org(?:ani[sz]ation)?|account|workspace)(?:[_.-]?(?:id|name|key|slug))?"
    r"[\"']{0,2}\s{0,2}(?:[=:]\s{0,2}[\"']?|[\"']|\s(?=[\w.-]{0,40}[\d-]))([A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9])"
)
_PROSE = frozenset(
    (
        "not",
        "has",
        "is",
        "was",
        "none",
        "null",
        "unknown",
        "missing",
        "invalid",
        "undefined",
        "true",
        "false",
    )
)


def find(text: str) -> str:
    """The customer a text names ("tenant=acme", "customer 'acme'"), or ""."""
    found = _NAMED.search(text)
    return found[1] if found and found[1].lower() not in _PROSE and "<" not in found[0] else ""


def hide(text: str, name: str) -> str:
    """The text with every mention of the customer replaced by a placeholder."""
    if len(name) < 2 or name.casefold() not in text.casefold():
        return text
    return _mention(name).sub("<customer>", text)


@lru_cache(maxsize=2_000)
def _mention(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])")
