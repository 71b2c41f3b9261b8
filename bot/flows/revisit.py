"""Judge hours again of which something reached us when they were over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.anomaly import Finding, Kind
from bot.core.baseline import MOMENT, hour_of, start_of
from bot.core.episode import CALM
from bot.core.threshold import Rules
from bot.flows.detect import Memory, Opened, judged
from storage import anomalies, late_hours, signatures
from storage.database import Database
from storage.late_hours import Late
from storage.tables import Anomaly, Signature

AT_ONCE = 2_000
"""So many signatures in so many hours are judged in one round, the oldest hours first."""
IN_WINDOW = timedelta(days=1)
"""So long what happened lies in the windows that are judged: it is not told twice."""
AS_OF = "as_of"
"""In the receipt of what came late: the moment it was counted for."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to say of a signature, and the moment at which it could have been said."""

    signature: Signature
    at: datetime
    finding: Finding

    @property
    def excess(self) -> float:
        """How many times what it fires from it is."""
        return self.finding.receipt.observed / max(1, self.finding.receipt.fires_from)

    def receipt(self) -> dict[str, Any]:
        return {**self.finding.receipt.as_json(), AS_OF: self.at.isoformat()}

    def reason(self, now: datetime) -> str:
        hour = start_of(hour_of(self.at))
        return (
            f"{self.finding.reason}; happened {hour:%d %b %H:%M} UTC, "
            f"but reached us only {now:%d %b %H:%M} UTC"
        )


def revisit(database: Database, *, now: datetime, rules: Rules) -> tuple[Opened, ...]:
    """Judge each such hour as it ended, with all that is known of it now, and open an episode for
    what would have been called out then: it begins now, for nobody could tell before.

    Gives back those that began. What is told of already is not told again, and what is new is news
    by its arrival, wherever it is judged.
    """
    with database.read() as session:
        late = late_hours.oldest(session, limit=AT_ONCE)
        found = _found(session, late, rules=rules)
    if not late:
        return ()
    with database.write() as session:
        late_hours.done(session, late)
        unmerged = signatures.counting(session, {number for number, _ in found})
        still = [told for (number, _), told in found.items() if number in unmerged]
        return tuple(_open(session, still, now=now))


def as_of(episode_receipt: Mapping[str, Any], updated_at: datetime) -> datetime:
    """The moment an episode's numbers are of, which is not that of its update if it came late."""
    moment = episode_receipt.get(AS_OF)
    return datetime.fromisoformat(moment) if moment else updated_at


def _found(
    session: Session, late: Iterable[Late], *, rules: Rules
) -> Mapping[tuple[int, Kind], _Told]:
    """Of each signature and kind what there is to say of the hour in which it stands out most."""
    hours: dict[int, set[int]] = defaultdict(set)
    for one in late:
        hours[one.hour].add(one.signature_id)
    found: dict[tuple[int, Kind], _Told] = {}
    for hour, numbers in hours.items():
        for told in _judged(session, numbers, hour, rules=rules):
            key = told.signature.id, told.finding.kind
            found[key] = max(found.get(key, told), told, key=lambda one: one.excess)
    return found


def _judged(
    session: Session, numbers: Collection[int], hour: int, *, rules: Rules
) -> Iterator[_Told]:
    at = start_of(hour + 1) - MOMENT
    found = judged(session, numbers, {}, now=at, rules=rules, memory=Memory())
    for signature, findings in found.values():
        kinds = {finding.kind for finding in findings}
        if Kind.NEW not in kinds and kinds != {Kind.CRITICAL}:
            yield from (_Told(signature, at, finding) for finding in findings)


def _open(session: Session, found: Collection[_Told], *, now: datetime) -> Iterator[Opened]:
    """Begin what nobody was told of, and confirm what is told of as having come late."""
    before = _episodes(session, found)
    for told in found:
        number, finding = told.signature.id, told.finding
        if any(one.closed_at is None for one in before[number, Kind.NEW]):
            continue
        known = before[number, finding.kind]
        running = next((one for one in known if one.closed_at is None), None)
        reason, receipt = told.reason(now), told.receipt()
        if running and AS_OF in running.receipt:
            anomalies.confirm(session, running.id, now=now, reason=reason, receipt=receipt)
        elif not running and not any(_tells_of(one, told.at) for one in known):
            opened = anomalies.begin(
                session, number, kind=finding.kind, now=now, reason=reason, receipt=receipt
            )
            if opened is not None:
                yield Opened.of(told.signature, replace(finding, reason=reason))


def _episodes(
    session: Session, found: Collection[_Told]
) -> Mapping[tuple[int, str], list[Anomaly]]:
    """The episodes that may tell of it already, by signature and kind."""
    episodes: dict[tuple[int, str], list[Anomaly]] = defaultdict(list)
    if found:
        since = min(told.at for told in found) - IN_WINDOW
        for episode in anomalies.of(session, {told.signature.id for told in found}, since=since):
            episodes[episode.signature_id, episode.kind].append(episode)
    return episodes


def _tells_of(episode: Anomaly, at: datetime) -> bool:
    last = as_of(episode.receipt, episode.updated_at)
    first = last if AS_OF in episode.receipt else episode.opened_at
    return first - CALM <= at <= last + IN_WINDOW
