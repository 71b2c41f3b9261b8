"""The audit trail as people read it."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.ownership.decision import PROGRAM, Decision, Standing, State


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of the audit trail."""

    id: int
    kind: str
    by: str
    at: datetime
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A signature that is merged into another: how often it was seen itself, who merged it when and
    why, and its title."""

    short_id: str
    total: int
    at: datetime
    by: str
    reason: str
    title: str


def sentence(kind: str, by: str, *, reason: str, after: Standing, it: str = "it") -> str:
    """What was decided, with `<@…>` for whoever did: "<@U1> claimed it"; of a merge with `it`."""
    said = {
        Decision.CLAIM: "claimed it",
        Decision.RELEASE: "released it",
        Decision.REROUTE: f"rerouted it to {after.owner}",
        Decision.MUTE: f"muted {_muted(after)}",
        Decision.UNMUTE: "ended the mute",
        Decision.RESOLVE: f"resolved it{_in(after.resolved_in)}",
        Decision.REOPEN: "reopened it",
        Decision.TOO_LATE: f"came too late to {reason} it",
        Decision.DENY: f"wanted to {reason}, and may not",
        Decision.CONFIRM: "saw no more of it since it was resolved",
        Decision.NOTE: "noted",
        Decision.MERGE: f"merged {it} into {after.merged_into}",
        Decision.SPLIT: "split it off",
        Decision.UNDO: f"{reason}: {_stands(reason.removeprefix('undid '), after, it)}",
    }
    return f"{'Triage' if by == PROGRAM else f'<@{by}>'} {said[Decision(kind)]}"


def _in(release: str) -> str:
    return f" in {release}" if release else ""


def _muted(after: Standing) -> str:
    return f"it and {after.mute.scope}" if after.mute and after.mute.scope.is_wide else "it"


_AGAIN = {
    State.OPEN: "it is open again",
    State.CLAIMED: "whoever had it has it again",
    State.MUTED: "it is muted again",
    State.RESOLVED: "it is resolved again",
}


def _stands(undone: str, after: Standing, it: str) -> str:
    """How a signature stands after an undo, in words, as far as the undone decision had changed
    that."""
    if undone == Decision.REROUTE:
        return f"it is {after.owner}'s again" if after.owner else "it is nobody's again"
    if undone in {Decision.MERGE, Decision.SPLIT}:
        return f"{it} counts for {after.merged_into or 'itself'} again"
    return _AGAIN[after.state]
