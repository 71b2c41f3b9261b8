"""What people decide about a signature, and how each decision changes its standing.

Every function takes the standing before and gives the standing after; it raises Refused where the
decision does not apply. Nothing here knows who may: that is checked where the click comes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.core.ownership.scope import THIS, Breadth, Scope
from bot.core.wording.plural import counted, number
from bot.errors import Held, Refused, Taken


class State(StrEnum):
    """The states of a signature."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    MUTED = "muted"


class Decision(StrEnum):
    """What can be decided."""

    CLAIM = "claim"
    RELEASE = "release"
    REROUTE = "reroute"
    MUTE = "mute"
    UNMUTE = "unmute"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"
    TOO_LATE = "too late"
    """Somebody claimed what somebody else had claimed by then; recorded only, changes nothing."""
    DENY = "deny"
    """Somebody asked for what they have no right to; recorded only."""
    CONFIRM = "confirm"
    """The program found that a resolution holds; recorded only."""
    NOTE = "note"
    """Somebody wrote down what they know; recorded only."""


PASSIVE = frozenset({Decision.TOO_LATE, Decision.DENY, Decision.CONFIRM, Decision.NOTE})
"""Decisions that are recorded only: they cannot be undone, and do not stand in the way of an
undo."""
PROGRAM = "triage"
"""Who decided, where no person did: a mute that ran out, an error that came back."""


SOON = timedelta(days=1)
"""A mute that ends within this is shown to whoever takes over."""
LONG = timedelta(days=30)
"""After this a mute without an end is asked about: nobody remembers why it is there."""


@dataclass(frozen=True, slots=True)
class Mute:
    """A mute of a signature: until a time, if one is given, and until a tripwire is touched.

    The three tripwires are 0 where not set. `max_events` counts events since the start, when there
    had been `total_at_start`. `max_customers` counts customers since the start; `hit_at_start` has
    how often each had been hit in that hour before. `max_factor` is a multiple of `daily_at_start`,
    a day's count when it was muted. `scope` is all that is muted together, and `wide` the number of
    that mute if it is more than this signature.
    """

    reason: str
    by: str
    at: datetime
    until: datetime | None
    max_events: int = 0
    max_customers: int = 0
    total_at_start: int = 0
    hit_at_start: Mapping[str, int] = field(default_factory=dict)
    max_factor: int = 0
    daily_at_start: float = 0.0
    scope: Scope = THIS
    wide: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of a signature: its state, its owner and why, and who has claimed it.

    `merged_into` is the short id of the signature it is a case of, or "".
    """

    state: State = State.OPEN
    owner: str = ""
    owner_reason: str = ""
    owner_decided: bool = False
    assignee: str = ""
    claimed_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_in: str = ""
    mute: Mute | None = None
    merged_into: str = ""


def claim(standing: Standing, by: str, *, now: datetime, take_over: bool = False) -> Standing:
    """Claim the signature for `by`. Raises Held where `by` has it already, and Taken where somebody
    else does, unless `take_over`."""
    holder, since = standing.assignee, standing.claimed_at
    if holder == by:
        raise Held("You hold it already.")
    if holder and since and not take_over:
        raise Taken("Somebody was faster.", by=holder, at=since)
    return replace(
        standing,
        state=State.CLAIMED,
        assignee=by,
        claimed_at=now,
        mute=None,
        resolved_at=None,
        resolved_in="",
    )


def release(standing: Standing, by: str) -> Standing:
    """Give up the claim of `by`; a mute or a resolution stands. Raises Refused where it is not
    theirs."""
    if standing.assignee and standing.assignee != by and standing.claimed_at:
        raise Taken("It is not yours to release.", by=standing.assignee, at=standing.claimed_at)
    if standing.assignee != by:
        raise Refused("Nobody has it: there is nothing to release.")
    state = State.OPEN if standing.state is State.CLAIMED else standing.state
    return replace(standing, state=state, assignee="", claimed_at=None)


def reroute(standing: Standing, team: str, *, reason: str) -> Standing:
    """Make another team the owner, whatever the rules say. Raises Refused where it is the owner."""
    if standing.owner == team:
        raise Refused(f"It is {team}'s already.")
    return replace(standing, owner=team, owner_reason=reason, owner_decided=True)


def mute(standing: Standing, muting: Mute) -> Standing:
    """Mute the signature. Raises Refused for an end in the past."""
    if muting.until and muting.until <= muting.at:
        raise Refused("The end of a mute must lie in the future.")
    return replace(standing, state=State.MUTED, mute=muting, resolved_at=None, resolved_in="")


def unmute(standing: Standing) -> Standing:
    """End the mute: the signature is claimed again by whoever had it, or open."""
    if standing.state is not State.MUTED:
        raise Refused("It is not muted.")
    return replace(standing, state=_unmuted(standing), mute=None)


def resolve(standing: Standing, *, now: datetime, version: str = "") -> Standing:
    """Mark the signature as fixed, as of now or as of a release; if it is seen again, it is
    back."""
    if standing.state is State.RESOLVED:
        raise Refused("It is resolved already.")
    return replace(standing, state=State.RESOLVED, resolved_at=now, resolved_in=version, mute=None)


def reopen(standing: Standing) -> Standing:
    """Mark the signature as not fixed; whoever had claimed it has it again."""
    if standing.state is not State.RESOLVED:
        raise Refused("It is not resolved.")
    return replace(standing, state=_unmuted(standing), resolved_at=None, resolved_in="")


def merge(standing: Standing, into: str) -> Standing:
    """Merge the signature into another, which then counts for it; its own standing is kept."""
    if standing.merged_into:
        raise Refused(f"It is merged into {standing.merged_into} already.")
    return replace(standing, merged_into=into)


def split(standing: Standing) -> Standing:
    """Make the signature one of its own again, with the standing it had."""
    if not standing.merged_into:
        raise Refused("It is merged into nothing.")
    return replace(standing, merged_into="")


def trip(
    muting: Mute, *, now: datetime, total: int, hit: Mapping[str, int], lately: int = 0
) -> str:
    """Why a mute ends now, or an empty string while it holds.

    `total` is the signature's count so far, `hit` that of each customer since the hour of the mute
    began, `lately` that of the last 24 hours under the mute.
    """
    if muting.until and now >= muting.until:
        return "its time was up"
    if muting.max_events and total - muting.total_at_start > muting.max_events:
        return f"more than {counted(muting.max_events, 'occurrence')} since"
    if muting.max_factor and lately > muting.max_factor * max(1, muting.daily_at_start):
        usual = number(muting.daily_at_start)
        return f"{lately:,} in 24 h, more than {muting.max_factor} × the {usual} it was muted at"
    reached = sum(count > muting.hit_at_start.get(customer, 0) for customer, count in hit.items())
    if muting.max_customers and reached > muting.max_customers:
        return f"it reached {reached} customers"
    return ""


def wants_a_look(at: datetime, until: datetime | None, *, now: datetime) -> bool:
    """Whether people should look at a mute again: it ends soon, or has no end and is old."""
    return until <= now + SOON if until else at <= now - LONG


def as_json(standing: Standing) -> dict[str, Any]:
    """Plain values, to be kept in the audit trail."""
    muting = standing.mute
    return {
        "state": standing.state.value,
        "owner": standing.owner,
        "owner_reason": standing.owner_reason,
        "owner_decided": standing.owner_decided,
        "assignee": standing.assignee,
        "claimed_at": _text(standing.claimed_at),
        "resolved_at": _text(standing.resolved_at),
        "resolved_in": standing.resolved_in,
        "merged_into": standing.merged_into,
        "mute": muting
        and {
            "reason": muting.reason,
            "by": muting.by,
            "at": _text(muting.at),
            "until": _text(muting.until),
            "max_events": muting.max_events,
            "max_customers": muting.max_customers,
            "total_at_start": muting.total_at_start,
            "hit_at_start": dict(muting.hit_at_start),
            "max_factor": muting.max_factor,
            "daily_at_start": muting.daily_at_start,
            "scope": [muting.scope.breadth.value, muting.scope.subject],
            "wide": muting.wide,
        },
    }


def from_json(values: dict[str, Any]) -> Standing:
    """The standing that `as_json` wrote down."""
    muting = values["mute"]
    return Standing(
        **{
            **values,
            "state": State(values["state"]),
            "claimed_at": _moment(values["claimed_at"]),
            "resolved_at": _moment(values["resolved_at"]),
            "mute": muting and _mute(muting),
        }
    )


def _mute(values: dict[str, Any]) -> Mute:
    breadth, subject = values.get("scope") or (Breadth.SIGNATURE, "")
    moments = {"at": _moment(values["at"]), "until": _moment(values["until"])}
    return Mute(**{**values, **moments, "scope": Scope(Breadth(breadth), subject)})


def _unmuted(standing: Standing) -> State:
    return State.CLAIMED if standing.assignee else State.OPEN


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
