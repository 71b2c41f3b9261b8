"""Everything the listeners need, handed to them once."""

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
    """Everything the listeners need.

    `teams` are those one can reroute to. `ways`, `withheld` and `terms` say how the question to a
    model is written, why none is asked now, and what it may cost; `charts` how trends are shown,
    `command` what our slash command is called, `logs` the address of the site's log viewer. A
    decision waits `commit_seconds` for its outcome: until then a form stays open. What is
    acknowledged is not lost. `work` carries out requests, `tell` whatever has to wait for Slack, so
    that no decision does. `team_channels` has the channels in which teams want to see what is
    rerouted to them, `members` the people of each team that are named one by one, `audiences` what
    each channel with a digest is limited to. `roles` say who may do what, `groups_of` in which of
    the named user groups a person is. `spooled` says how many errors wait for the database.
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
        """Take nothing more; what was taken is carried out, and answered."""
        self.work.finish(FINISH_SECONDS)
        self.tell.finish(FINISH_SECONDS)
        self.inbox.finish(FINISH_SECONDS)
