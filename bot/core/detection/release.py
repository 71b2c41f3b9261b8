"""Which of two versions came later, and which version an error may come from.

Versions that have no order, such as commits, are told apart by when they began: `began` says when
each version of a service was deployed or first seen, as far as is known.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

SUSPECT_FOR = timedelta(hours=24)
"""A first sight this soon after a version's is worth naming the version for."""

Order = tuple[tuple[int, ...], ...]

_COMMIT = re.compile(r"\bg?(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b")
_VERSION = re.compile(r"(?s)(?<![a-z0-9.])v?(\d{1,9}(?:\.\d{1,9})*)(.*)")
_NUMBERS = re.compile(r"(?s)(\d{1,9}(?:\.\d{1,9})*)(.*)")
_STAGE = re.compile(r"(?<![a-z])(?:dev|snapshot|alpha|beta|preview|pre|rc)(?![a-z])")
_STAGES = {"dev": 0, "snapshot": 0, "alpha": 1, "beta": 2, "pre": 3, "preview": 3, "rc": 3}
_RELEASED = 4
AWAITED_FOR = timedelta(days=7)
"""A release that was not deployed so long after something was resolved in it is not waited for, nor
is one of a service none of whose deploys was told for so long."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=1_000)
def order(version: str) -> Order:
    """A key to compare versions by; empty for one without an order.

    4.19, v4.19.0 and checkout-4.19.0 are the same, 4.19.0-rc1 comes before and 4.19.0-hotfix1 after
    them. A commit's hash has no order, nor has what follows a plus (SemVer 2.0, paragraph 10).
    """
    bare = version.lower().partition("+")[0]
    if _COMMIT.fullmatch(bare):
        return ()
    found = _VERSION.search(bare) or _NUMBERS.search(bare)
    if found is None:
        return ()
    numbers, rest = found[1], _COMMIT.sub("", found[2])
    stage = _STAGE.search(rest)
    reached = _STAGES[stage[0]] if stage else _RELEASED
    return _without_zeros(_numbers(numbers)), (reached,), _numbers(rest)


def newer(one: str, other: str) -> str:
    """The later of two versions by their order; the first where neither is."""
    return max(one, other, key=order)


def newest(versions: Iterable[str], began: Mapping[str, datetime]) -> str:
    """The latest of some versions; the first given where nothing is known of any."""
    return max(versions, key=lambda version: (order(version), began.get(version, _LONG_AGO)))


def mends(
    version: str, fixed_in: str, *, resolved_at: datetime, began: Mapping[str, datetime]
) -> bool:
    """Whether a version has the fix of something that was resolved in `fixed_in`: it is that
    version or a later one.

    Without an order a version is older if it began before `fixed_in` did and before the resolution.
    One that is not known counts as later.
    """
    one, fixed = order(version), order(fixed_in)
    if one and fixed:
        return one >= fixed
    if version not in began or _is_same(version, fixed_in):
        return True
    since = (at for known, at in began.items() if _is_same(known, fixed_in))
    return began[version] >= min([resolved_at, *since])


def mended(
    fixed_in: str, *, resolved_at: datetime, began: Mapping[str, datetime]
) -> tuple[str, datetime] | None:
    """The versions that have the fix, in words, and since when the first of them runs; None while
    none is known to run."""
    later = [
        (at, version)
        for version, at in began.items()
        if mends(version, fixed_in, resolved_at=resolved_at, began=began)
    ]
    if not later:
        return None
    at, version = min(later)
    return (version if len(later) == 1 else f"{version} or later"), at


def is_awaited(*, resolved_at: datetime, told: Iterable[datetime], now: datetime) -> bool:
    """Whether to wait for the deploy of the release with the fix, where events name no version.

    That is where deploys of the service are told to us, and until `AWAITED_FOR` after the
    resolution, by when it would have been deployed.
    """
    is_told = any(resolved_at - AWAITED_FOR <= at <= now for at in told)
    return is_told and now < resolved_at + AWAITED_FOR


def suspect(
    introduced: tuple[str, datetime] | None, first_seen: datetime
) -> tuple[str, datetime] | None:
    """The version that an error may come from, and since when it runs; None if there is none.

    `introduced` is the version that was the newest when the error was first seen. It is no suspect
    if it had run for long by then, or came later.
    """
    is_near = introduced and timedelta() <= first_seen - introduced[1] <= SUSPECT_FOR
    return introduced if is_near else None


def _is_same(one: str, other: str) -> bool:
    """Whether two versions are one, however it is written; a commit's hash may be cut short."""
    hashes = [_COMMIT.fullmatch(bare.lower().partition("+")[0]) for bare in (one, other)]
    if all(hashes):
        short, long = sorted((one.lower().lstrip("g"), other.lower().lstrip("g")), key=len)
        return long.startswith(short)
    return one == other or (order(one) == order(other) != ())


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", text))


def _without_zeros(numbers: tuple[int, ...]) -> tuple[int, ...]:
    last = max((place for place, number in enumerate(numbers, 1) if number), default=0)
    return numbers[:last]
