"""What all listeners need, handed to them once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.ownership.role import EVERYBODY, Roles
from bot.core.telling.audience import Audience
from bot.flows.spend import Terms
from bot.flows.vary import Ways
from bot.slack.crew import Crew, Rush
from bot.slack.inbox import Inbox
from bot.slack.pictures import NO_CHARTS, Charts
from storage.database import Database

WORKERS = 8
"""They mostly wait for the database, which takes one writer at a time."""
TELLERS = 24
"""They mostly wait for Slack."""
COMMIT_SECONDS = 2.0
"""A decision waits so long for its commit before it is acknowledged; Slack waits three seconds."""
FINISH_SECONDS = 4
"""So long each crew may finish its work: a stop takes less than ten seconds in all."""


def _in_none(_person: str) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where decisions go, what time it is, the teams one can reroute to, how the question to a
    model is written, why none is asked and what it may cost, how trends are shown, our command, and
    the address of the site's log viewer, to be filled in.

    A decision waits `commit_seconds` for what came of it: what is acknowledged is not lost, and a
    form stays open where that is nothing.
    `work` does what is asked, `tell` whatever has to wait for Slack: so no decision does.
    `team_channels` has the channel of each team that wants to see there what is rerouted to it,
    `members` those of each team that are named one by one, `audiences` what each channel with a
    digest is there for; `roles` say who may do what, `groups_of` in which of their user groups a
    person is. `spooled` says how many errors wait for the database.
    """

    database: Database
    clock: Callable[[], datetime]
    teams: tuple[str, ...]
    ways: Ways
    withheld: Callable[[], str]
    terms: Terms
    inbox: Inbox
    team_channels: Mapping[str, str] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    charts: Charts = NO_CHARTS
    command: str = "/triage"
    logs: str = ""
    roles: Roles = EVERYBODY
    groups_of: Callable[[str], Collection[str] | None] = _in_none
    spooled: Callable[[], int] = int
    commit_seconds: float = COMMIT_SECONDS
    work: Crew = field(default_factory=lambda: Crew("slack-work", workers=WORKERS))
    tell: Crew = field(default_factory=lambda: Crew("slack-tell", workers=TELLERS))
    rush: Rush = field(default_factory=Rush)

    def teams_of(self, user: str) -> tuple[str, ...]:
        """The teams that a person is named in."""
        return tuple(team for team in self.teams if user in self.members.get(team, ()))

    def finish(self) -> None:
        """Take nothing more; what was taken is done, and answered."""
        self.work.finish(FINISH_SECONDS)
        self.tell.finish(FINISH_SECONDS)
        self.inbox.finish(FINISH_SECONDS)
