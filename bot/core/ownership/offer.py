"""A rule of ownership that people's reroutes suggest, and what it would have changed."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.ownership.owner import Rule
from bot.core.wording.plural import counted

EQUAL = 2
"""So many errors of a service that were rerouted from one team to another suggest a rule: a single
one may be an exception."""


@dataclass(frozen=True, slots=True)
class Move:
    """A reroute of an error of a service from the team `owner` to another; `by_rule` if a rule of
    the site had chosen the first."""

    short_id: str
    service: str
    owner: str
    team: str
    by_rule: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """An error that was seen lately, its owner, and whether a person chose that."""

    service: str
    owner: str
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule, and what it would have done with the errors `seen` lately: `changed` would have had
    another owner. `otherwise` have an owner that a person chose, which it would not have
    changed."""

    rule: Rule
    changed: int
    seen: int
    otherwise: int

    @property
    def effect(self) -> str:
        """In words, what the rule would have changed in the last two weeks."""
        errors = counted(self.seen, "error")
        what = f"would have given {self.changed:,} of {errors} to {self.rule.team} by itself"
        against = f"; people gave {self.otherwise:,} of them to others" if self.otherwise else ""
        return f"Over the last 14 days it {what}{against}"

    @property
    def toml(self) -> str:
        """The rule as it is written in the settings."""
        team, service = _quoted(self.rule.team), _quoted(self.rule.service)
        return f"[[owners]]\nteam = {team}\nservice = {service}"


def of(latest: Move, moves: Iterable[Move], owned: Iterable[Owned]) -> Offer | None:
    """The rule that the latest move suggests, if another move was equal; None if there is none.

    Also None where a rule of the site chose the owner: that one comes first, and is what to mend.
    """
    equal = {one.short_id for one in (*moves, latest) if _kind(one) == _kind(latest)}
    if not latest.service or latest.by_rule or len(equal) < EQUAL:
        return None
    own = [one for one in owned if one.service.casefold() == latest.service.casefold()]
    return Offer(
        Rule(latest.team, service=latest.service),
        changed=sum(not one.is_decided and one.owner != latest.team for one in own) + len(equal),
        seen=len(own),
        otherwise=sum(one.is_decided and one.owner != latest.team for one in own),
    )


def _kind(move: Move) -> tuple[str, str, str]:
    return move.service.casefold(), move.owner, move.team


def _quoted(words: str) -> str:
    """Words as a basic string of TOML."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(one for one in escaped if one.isprintable())}"'
