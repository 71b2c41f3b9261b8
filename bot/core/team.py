"""Who acts on an error together, and how they are reached."""

from dataclasses import dataclass

from bot.core.quiet import Quiet


@dataclass(frozen=True, slots=True)
class Team:
    """A team: the channel it looks at, its user group or its members, and when it is left alone.

    `on_call` is whom to ask first: a person, or a user group that holds whoever has duty.
    """

    name: str
    channel: str = ""
    group: str = ""
    members: tuple[str, ...] = ()
    on_call: str = ""
    quiet: Quiet | None = None

    @property
    def everybody(self) -> tuple[str, ...]:
        """Whom a mention of the team names: its user group, or else each member."""
        return (self.group,) if self.group else self.members
