"""A known exception whose functions a release renamed: when an unknown one is taken for it.

A wrong yes hides a new error in an old one, which costs more than two names for one error. So it
takes the same types and message, a release in which the known one was never seen, and calls in
common; the fewer of them, the more the message has to say. What was taken for one error parts
again once both fail in one release. docs/decisions/0006 has the reasons.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FEW_WORDS, SOME_WORDS, MANY_WORDS = 1, 3, 5
"""How much a message must say where two calls are in common, one, or a module only."""
OWN_WORDS = 12
"""A message this long tells what it is about, a statement say; those of runtimes are shorter."""
LATELY = timedelta(days=1)
"""Where only a module is in common, the known one has to be alive: one ends as the other begins."""


@dataclass(frozen=True, slots=True)
class Kin:
    """What an exception is known again by: `digest` of its service, types and masked message,
    the in-app functions (`places`, the innermost first), and how many words its message has."""

    digest: str
    places: tuple[str, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Elder:
    """A known exception of the same digest, and the versions it was seen in.

    `whole` names what it counts for: two of one are no choice to be made.
    """

    fingerprint: str
    whole: str
    places: tuple[str, ...]
    versions: frozenset[str]
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An unknown exception, the versions it was seen in, and when."""

    kin: Kin
    service: str
    versions: frozenset[str]
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """Which known one it is, and why."""

    fingerprint: str
    reason: str


def choose(newcomer: Newcomer, known: Iterable[Elder]) -> Match | None:
    """The one known exception that the newcomer is, if it is clear."""
    likely = [one for one in known if _may_be(newcomer, one)]
    likely.sort(key=lambda one: _in_common(newcomer, one), reverse=True)
    if not likely or _is_tie(newcomer, likely):
        return None
    return Match(likely[0].fingerprint, _reason(newcomer))


def is_certain(one: Kin, places: Iterable[str]) -> bool:
    """Whether it is one error even where both fail in one version: it says what it is about."""
    return len({*one.places} & {*places}) >= 2 and one.words >= OWN_WORDS


def words(wording: str) -> int:
    """How many words of a masked text are no variables."""
    return len(_WORD.findall(wording))


_WORD = re.compile(r"[^\W\d_]{2,}")


def _reason(newcomer: Newcomer) -> str:
    where = f" in {newcomer.service} {min(newcomer.versions)}" if newcomer.versions else ""
    return f"the same exception and message, raised by other functions{where}"


def _may_be(newcomer: Newcomer, known: Elder) -> bool:
    if is_certain(newcomer.kin, known.places):
        return True
    if not (newcomer.versions and known.versions) or newcomer.versions & known.versions:
        return False
    said = newcomer.kin.words
    shared, same_module = _in_common(newcomer, known)
    if shared >= 2:
        return said >= FEW_WORDS
    if shared:
        return said >= SOME_WORDS
    alive = abs(newcomer.first_seen - known.last_seen) <= LATELY
    return bool(same_module) and alive and said >= MANY_WORDS


def _in_common(newcomer: Newcomer, known: Elder) -> tuple[int, int]:
    """How many calls are in both, and how many modules."""
    ours, theirs = newcomer.kin.places, known.places
    return len({*ours} & {*theirs}), len({*map(_module, ours)} & {*map(_module, theirs)})


def _module(place: str) -> str:
    return place.partition(".")[0]


def _is_tie(newcomer: Newcomer, likely: Sequence[Elder]) -> bool:
    shared, _ = _in_common(newcomer, likely[0])
    others = (one for one in likely if one.whole != likely[0].whole)
    return any(_in_common(newcomer, one)[0] == shared for one in others)
