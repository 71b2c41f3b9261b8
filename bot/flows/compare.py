"""Judge the same events by two settings, and tell what the second would change.

No episode is written to the database.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.detection.episode import AS_OF, is_another, is_over, telling
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.threshold import Rules
from bot.flows.detect import HEARTBEAT, Opened, unjudged
from bot.flows.judge import judged
from bot.flows.remember import Memory
from bot.flows.revisit import Belated, belated
from storage import unjudged_hours
from storage.database import Database
from storage.tables import Signature
from storage.unjudged_hours import Unjudged

SAME = timedelta(days=1)
"""Two episodes of the same kind and signature that are no further apart count as one, called out
earlier or later: a judgement looks at a day."""


@dataclass(slots=True)
class Episode:
    """An episode that would have been opened; its receipt is that of `updated_at`."""

    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    opened: Opened
    receipt: dict[str, Any]

    @property
    def kind(self) -> Kind:
        """In which way the signature behaved unusually."""
        return self.opened.finding.kind


@dataclass(frozen=True, slots=True)
class Comparison:
    """The episodes that two settings would have opened, each in the order of time."""

    before: tuple[Episode, ...]
    after: tuple[Episode, ...]

    @property
    def gone(self) -> tuple[Episode, ...]:
        """Episodes that only the first setting would have opened."""
        same = _same(self.before, self.after)
        return tuple(one for place, one in enumerate(self.before) if place not in same)

    @property
    def appeared(self) -> tuple[Episode, ...]:
        """Episodes that only the second setting would have opened."""
        same = set(_same(self.before, self.after).values())
        return tuple(one for place, one in enumerate(self.after) if place not in same)

    @property
    def hidden(self) -> tuple[Opened, ...]:
        """Signatures of which only the first would have opened any episode: the first of each."""
        return _other_signatures(self.before, self.after)

    @property
    def found(self) -> tuple[Opened, ...]:
        """Signatures of which only the second would have opened any episode: the first of each."""
        return _other_signatures(self.after, self.before)


def compare(
    database: Database,
    stops: Iterable[tuple[datetime, Collection[int]]],
    *,
    rules: Rules,
    others: Rules,
) -> Comparison:
    """What two settings call out, judging at each of `stops`.

    A stop is a moment, with the signatures that were seen since the one before. Whoever yields it
    has recorded what was seen until then.
    """
    before, after = Rehearsal(rules), Rehearsal(others)
    for now, touched in stops:
        came = unjudged(database, now=now)
        for rehearsal in (before, after):
            rehearsal.judge(database, touched, now=now)
            rehearsal.revisit(database, came, now=now)
        with database.write() as session:
            unjudged_hours.done(session, came)
    return Comparison(tuple(before.episodes), tuple(after.episodes))


class Rehearsal:
    """Judges as `detect` and `revisit` do, but keeps the episodes in memory instead of the
    database."""

    def __init__(self, rules: Rules) -> None:
        self.episodes: list[Episode] = []
        self._rules, self._memory = rules, Memory()
        self._running: dict[int, list[Episode]] = {}
        self._of: dict[tuple[int, Kind], list[Episode]] = defaultdict(list)

    def judge(self, database: Database, touched: Collection[int], *, now: datetime) -> None:
        """One round of judging; `now` must not be before that of the last round."""
        waiting = self._waiting(now)
        due = self._memory.due(waiting, now)
        with database.read() as session:
            found = judged(
                session,
                {*touched, *due},
                self._running,
                now=now,
                rules=self._rules,
                memory=self._memory,
            )
        self._memory.was_judged(waiting, due, now)
        for number, (signature, findings) in found.items():
            going_on = self._go_on(number, signature, findings, now=now)
            self._running[number] = [one for one in going_on if _goes_on(one, now)]
        self._running = {number: those for number, those in self._running.items() if those}

    def _waiting(self, now: datetime) -> dict[int, datetime]:
        confirmed = {n: min(one.updated_at for one in ones) for n, ones in self._running.items()}
        return {number: at for number, at in confirmed.items() if now - at >= HEARTBEAT}

    def revisit(self, database: Database, came: Collection[Unjudged], *, now: datetime) -> None:
        """Judge again, in the same round, hours that were over when events of them came."""
        with database.read() as session:
            found = belated(session, came, now=now, rules=self._rules)
        for one in found:
            running = {of.kind: of for of in self._running.get(one.signature.id, ())}
            self._tell_late(one, running.get(one.finding.kind), now=now)

    def _tell_late(self, one: Belated, runs: Episode | None, *, now: datetime) -> None:
        finding = one.told(now)
        teller = telling(self._of[one.signature.id, finding.kind], finding, one.at)
        if teller is None:
            episode = self._begin(one.signature, finding, now=now)
            episode.receipt = one.receipt()
            episode.closed_at = now if runs else None
            if not runs:
                self._running.setdefault(one.signature.id, []).append(episode)
        elif teller is runs and AS_OF in teller.receipt:
            teller.updated_at, teller.receipt = now, one.receipt()

    def _go_on(
        self, number: int, signature: Signature, findings: Sequence[Finding], *, now: datetime
    ) -> Collection[Episode]:
        known = {episode.kind: episode for episode in self._running.get(number, ())}
        for finding in findings:
            episode = known.get(finding.kind)
            if episode and not is_another(episode.receipt, episode.updated_at, finding):
                episode.updated_at, episode.receipt = now, finding.receipt.as_json()
                continue
            if episode:
                episode.closed_at = now
            known[finding.kind] = self._begin(signature, finding, now=now)
        return known.values()

    def _begin(self, signature: Signature, finding: Finding, *, now: datetime) -> Episode:
        numbers = finding.receipt.as_json()
        begun = Episode(now, now, None, Opened.of(signature, finding), numbers)
        self.episodes.append(begun)
        self._of[signature.id, finding.kind].append(begun)
        return begun


def _goes_on(episode: Episode, now: datetime) -> bool:
    if is_over(episode.updated_at, now):
        episode.closed_at = now
    return episode.closed_at is None


def by_kind(episodes: Iterable[Episode]) -> Counter[Kind]:
    """How many episodes there are of each kind."""
    return Counter(episode.kind for episode in episodes)


def _same(before: Sequence[Episode], after: Sequence[Episode]) -> dict[int, int]:
    """The episodes that both lists have, as the place in `before` → the place in `after`.

    Each is matched with at most one other, so that what is gone and what appeared add up to the
    difference in number.
    """
    left: dict[tuple[int, Kind], list[int]] = defaultdict(list)
    for place, other in enumerate(after):
        left[other.opened.signature_id, other.kind].append(place)
    same = dict[int, int]()
    for place, one in enumerate(before):
        others = left[one.opened.signature_id, one.kind]
        found = next((other for other in others if _are_near(one, after[other])), None)
        if found is not None:
            others.remove(found)
            same[place] = found
    return same


def _are_near(one: Episode, other: Episode) -> bool:
    return one.opened_at <= other.updated_at + SAME and other.opened_at <= one.updated_at + SAME


def _other_signatures(some: Iterable[Episode], others: Iterable[Episode]) -> tuple[Opened, ...]:
    known = {other.opened.signature_id for other in others}
    first = {one.opened.signature_id: one.opened for one in reversed(tuple(some))}
    return tuple(opened for number, opened in reversed(first.items()) if number not in known)
