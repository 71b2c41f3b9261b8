"""What a sender's key looks like, and whether a given key is the one that was made."""

import hmac
from hashlib import sha256
from typing import NamedTuple

MARK = "triage_"
"""What scanners for leaked secrets, and people, tell it by. Only letters, digits and _: a key is
part of an address that Sentry's clients read."""
SECRET_BYTES = 32
_PREFIX_LENGTH = len(MARK) + 8


class Stored(NamedTuple):
    """What is stored of a key: never the key itself."""

    project: str
    prefix: str
    digest: str


def text(secret: str) -> str:
    """The key made of some random hexadecimal digits."""
    return MARK + secret


def prefix(given: str) -> str:
    """The part of a key that may be shown."""
    return given[:_PREFIX_LENGTH]


def digest(given: str) -> str:
    """The digest that is stored of a key. It has so many random bits that a plain hash gives
    nothing away."""
    return sha256(given.encode("utf-8", "surrogatepass")).hexdigest()


def is_same(given: str, kept: str) -> bool:
    """Whether a key has the stored digest, compared in constant time."""
    return hmac.compare_digest(digest(given), kept)
