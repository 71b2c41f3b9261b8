"""Judge what is recorded by two settings beside each other, and tell what the second would change.

The episodes of neither are written anywhere.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.anomaly import Finding, Kind
from bot.core.episode import is_another, is_over
from bot.core.threshold import Rules
from bot.flows.detect import Memory, Opened, judged
from storage.database import Database
from storage.tables import Signature

SAME = timedelta(days=1)
"""Two episodes of one kind of one signature that are no further apart are the same, called earlier
or later: a day is what a judgement looks at."""


@dataclass(slots=True)
class Episode:
    """An episode that began `at` some moment, and was last confirmed at `updated_at` with this
    receipt."""

    at: datetime
    updated_at: datetime
    opened: Opened
    receipt: dict[str, Any]

    @property
    def kind(self) -> Kind:
        """In which way the signature was unusual."""
        return self.opened.finding.kind


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two settings would have called out, in the order it would have been."""

    before: tuple[Episode, ...]
    after: tuple[Episode, ...]

    @property
    def gone(self) -> tuple[Episode, ...]:
        """What only the first would have called out."""
        return _only(self.before, self.after)

    @property
    def appeared(self) -> tuple[Episode, ...]:
        """What only the second would have called out."""
        return _only(self.after, self.before)

    @property
    def hidden(self) -> tuple[Opened, ...]:
        """The signatures that the second would never have called out, by their first episode."""
        return _other_signatures(self.before, self.after)

    @property
    def found(self) -> tuple[Opened, ...]:
        """The signatures that only the second would have called out, by their first episode."""
        return _other_signatures(self.after, self.before)


def compare(
    database: Database,
    stops: Iterable[tuple[datetime, Collection[int]]],
    *,
    rules: Rules,
    others: Rules,
) -> Comparison:
    """What two settings call out at each stop of a clock, of the signatures seen since the last.

    Whoever stops it records what was seen, once for both.
    """
    before, after = Rehearsal(rules), Rehearsal(others)
    for now, touched in stops:
        before.judge(database, touched, now=now)
        after.judge(database, touched, now=now)
    return Comparison(tuple(before.episodes), tuple(after.episodes))


class Rehearsal:
    """Judges as `detect` does; the episodes it would have opened are kept here, not stored."""

    def __init__(self, rules: Rules) -> None:
        self.episodes: list[Episode] = []
        self._rules, self._memory = rules, Memory()
        self._running: dict[int, list[Episode]] = {}

    def judge(self, database: Database, touched: Collection[int], *, now: datetime) -> None:
        """One round, at a moment that is not before the last one."""
        with database.read() as session:
            found = judged(
                session, touched, self._running, now=now, rules=self._rules, memory=self._memory
            )
        for number, (signature, findings) in found.items():
            going_on = self._go_on(number, signature, findings, now=now)
            self._running[number] = [one for one in going_on if not is_over(one.updated_at, now)]
        self._running = {number: those for number, those in self._running.items() if those}

    def _go_on(
        self, number: int, signature: Signature, findings: Sequence[Finding], *, now: datetime
    ) -> Collection[Episode]:
        known = {episode.kind: episode for episode in self._running.get(number, ())}
        for finding in findings:
            episode = known.get(finding.kind)
            if episode and not is_another(episode.receipt, episode.updated_at, finding):
                episode.updated_at, episode.receipt = now, finding.receipt.as_json()
                continue
            begun = Episode(now, now, Opened.of(signature, finding), finding.receipt.as_json())
            self.episodes.append(begun)
            known[finding.kind] = begun
        return known.values()


def by_kind(episodes: Iterable[Episode]) -> Counter[Kind]:
    """How many episodes there are of each kind."""
    return Counter(episode.kind for episode in episodes)


def _only(some: Sequence[Episode], others: Sequence[Episode]) -> tuple[Episode, ...]:
    counterparts: dict[tuple[int, Kind], list[Episode]] = {}
    for other in others:
        counterparts.setdefault((other.opened.signature_id, other.kind), []).append(other)
    return tuple(
        one
        for one in some
        if not any(
            one.at <= other.updated_at + SAME and other.at <= one.updated_at + SAME
            for other in counterparts.get((one.opened.signature_id, one.kind), ())
        )
    )


def _other_signatures(some: Iterable[Episode], others: Iterable[Episode]) -> tuple[Opened, ...]:
    known = {other.opened.signature_id for other in others}
    first = {one.opened.signature_id: one.opened for one in reversed(tuple(some))}
    return tuple(opened for number, opened in reversed(first.items()) if number not in known)
