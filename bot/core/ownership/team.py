"""Who acts on an error together, and how they are reached."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.ownership import rota
from bot.core.ownership.quiet import Quiet
from bot.core.ownership.rota import Rota


@dataclass(frozen=True, slots=True)
class Team:
    """A team: the channel it looks at, its user group or its members, and when it is left alone.

    `on_call` is whom to ask first: a person, or a user group that holds whoever has duty; in its
    place a `rota` of people who take turns.
    """

    name: str
    channel: str = ""
    group: str = ""
    members: tuple[str, ...] = ()
    on_call: str = ""
    quiet: Quiet | None = None
    rota: Rota | None = None

    def on_duty(self, now: datetime) -> tuple[str, ...]:
        """Whom to ask first at a moment; empty where the settings do not say."""
        whom = rota.whose_turn(self.rota, now) if self.rota else self.on_call
        return (whom,) if whom else ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """Whom a mention of the team names: its user group, or else each member."""
        return (self.group,) if self.group else self.members
