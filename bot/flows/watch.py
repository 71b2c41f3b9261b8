"""Work on what arrived, round by round: merge, judge, explain, choose owners, and end what is
over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.detection.threshold import Rules
from bot.core.ownership.owner import Rule
from bot.core.telling.policy import Policy
from bot.flows.alert import alert
from bot.flows.cover import cover
from bot.flows.detect import detect, detect_among, unjudged
from bot.flows.judge import Criticals
from bot.flows.record import merge_rest
from bot.flows.remember import Memory
from bot.flows.revisit import revisit
from bot.flows.settle import settle
from bot.flows.triage import renew, triage
from storage.database import Database

INTERVAL = timedelta(seconds=30)
"""Short enough that a burst is called out within a minute of its arrival."""
ALARM_INTERVAL = timedelta(seconds=3)
"""Short enough that what is critical is posted within ten seconds of its arrival."""


class Watch:
    """Judges what arrived and was not judged yet, whichever replica recorded it, however long
    ago."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        rules: Rules,
        site_rules: Sequence[Rule],
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._site_rules = site_rules
        self._memory = Memory()
        self._looked = clock()
        self._alarmed: frozenset[tuple[int, int, datetime]] = frozenset()
        self._criticals, self._criticals_memory = Criticals(), Memory()

    def look(self) -> None:
        """Run one round."""
        self._looked = now = self._clock()
        merge_rest(self._database, now=now)
        came = unjudged(self._database, now=now)
        touched = {one.signature_id for one in came}
        detect(self._database, touched, now=now, rules=self._rules, memory=self._memory)
        revisit(self._database, came, now=now, rules=self._rules)
        triage(self._database, now=now, site_rules=self._site_rules)
        renew(self._database, now=now)
        settle(self._database, now=now)
        cover(self._database, now=now)

    def alarm(self, channels: Mapping[str, Policy]) -> None:
        """Run one quick round over what is critical at once only, then post the alerts.

        It may run at the same time as `look`.
        """
        now = self._clock()
        came = frozenset(unjudged(self._database, now=now))
        touched = {one.signature_id for one in came - self._alarmed}
        if found := self._criticals.among(self._database, touched):
            memory = self._criticals_memory
            detect_among(self._database, found, now=now, rules=self._rules, memory=memory)
            triage(self._database, now=now, site_rules=self._site_rules, among=found)
        alert(self._database, channels=channels, now=now)
        self._alarmed = came

    def look_if_due(self) -> None:
        """Run one round, if an interval has passed since the last one, or since the start."""
        if self._clock() - self._looked >= INTERVAL:
            self.look()
