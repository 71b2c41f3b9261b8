"""Who may do what: people and user groups, by what they ask for."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What people may be allowed to do: decide on an error, mute, set the switches."""

    DECIDE = "decide"
    MUTE = "mute"
    CONFIGURE = "configure"


@dataclass(frozen=True, slots=True)
class Roles:
    """For each right the ids of those who have it; where none are named, everybody does."""

    decide: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()
    configure: tuple[str, ...] = ()

    def whom(self, right: Right) -> tuple[str, ...]:
        """The ids of those who have a right; empty where everybody has it."""
        return {
            Right.DECIDE: self.decide,
            Right.MUTE: self.mute,
            Right.CONFIGURE: self.configure,
        }[right]

    @property
    def groups(self) -> frozenset[str]:
        """All user groups that have some right."""
        named = (*self.decide, *self.mute, *self.configure)
        return frozenset(name for name in named if name.startswith("S"))


EVERYBODY = Roles()


def refusal(roles: Roles, right: Right, person: str, *, member_of: Collection[str] | None) -> str:
    """Why a person may not use a right; empty if they may.

    `member_of` are the user groups they are in, of those that are named; None if that is not known:
    then only those who are named in person may.
    """
    whom = roles.whom(right)
    if not whom or person in whom:
        return ""
    if member_of is None and roles.groups & set(whom):
        return "Slack did not tell yet who is in the user groups that may. Try again in a minute"
    return "" if set(member_of or ()) & set(whom) else "That is for others here"
