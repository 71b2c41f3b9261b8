"""Look again and again at what arrived: merge, judge it, choose owners, end what is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.owner import Rule
from bot.core.policy import Policy
from bot.core.threshold import Rules
from bot.flows.alert import alert
from bot.flows.cover import cover
from bot.flows.detect import Criticals, Memory, arrived_since, detect
from bot.flows.record import merge_rest
from bot.flows.revisit import revisit
from bot.flows.settle import settle
from bot.flows.triage import renew, triage
from storage.database import Database

INTERVAL = timedelta(seconds=30)
"""A burst is called within a minute of its arrival."""
ALARM_INTERVAL = timedelta(seconds=3)
"""What is critical at once is posted within ten seconds of its arrival."""
FIRST_LOOK_BACK = timedelta(days=1)
"""After a start, whatever arrived within this is judged again: nothing is lost by a restart."""
OVERLAP = timedelta(minutes=1)
"""What arrived before a look may be committed after it: so each look begins a little earlier."""


class Watch:
    """Judges what arrived since it last looked."""

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
        self._since = self._alarmed = self._looked - FIRST_LOOK_BACK
        self._criticals, self._criticals_memory = Criticals(), Memory()

    def look(self) -> None:
        """One round."""
        self._looked = now = self._clock()
        merge_rest(self._database, now=now)
        touched = arrived_since(self._database, self._since)
        detect(self._database, touched, now=now, rules=self._rules, memory=self._memory)
        revisit(self._database, now=now, rules=self._rules)
        triage(self._database, now=now, site_rules=self._site_rules)
        renew(self._database, now=now)
        settle(self._database, now=now)
        cover(self._database, now=now)
        self._since = now - OVERLAP

    def alarm(self, channels: Mapping[str, Policy]) -> None:
        """One quick round, over nothing but what is critical at once; then each channel is told
        what it wants to know at once. It may run beside `look`."""
        now = self._clock()
        touched = arrived_since(self._database, self._alarmed)
        if found := self._criticals.among(self._database, touched):
            memory = self._criticals_memory
            detect(self._database, found, now=now, rules=self._rules, memory=memory)
            triage(self._database, now=now, site_rules=self._site_rules, among=found)
        alert(self._database, channels=channels, now=now)
        self._alarmed = now - OVERLAP

    def look_if_due(self) -> None:
        """One round, if the last one, or the start, is an interval ago."""
        if self._clock() - self._looked >= INTERVAL:
            self.look()
