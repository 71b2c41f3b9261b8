"""Judge again hours that were over when events of them reached us, or before anybody judged
them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlmodel import Session

from bot.core.detection.baseline import OLD, is_over
from bot.core.detection.episode import AS_OF, CALM, telling
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.threshold import Rules
from bot.core.hour import MOMENT, hour_of, start_of
from bot.core.wording.moment import written
from bot.flows.detect import Opened
from bot.flows.judge import judged
from bot.flows.remember import Memory
from storage import anomalies, signatures, unjudged_hours
from storage.database import Database
from storage.tables import Anomaly, Signature
from storage.unjudged_hours import Unjudged

LONGEST_WINDOW = timedelta(days=1)
"""A finding looks back no further than this from the moment it is of."""


@dataclass(frozen=True, slots=True)
class Belated:
    """A finding about an hour that is over: it would have been made at the moment `at`, but the
    events of the hour reached us at `came`."""

    signature: Signature
    at: datetime
    came: datetime
    finding: Finding

    @property
    def excess(self) -> float:
        """The observed count as a multiple of the threshold."""
        return self.finding.receipt.observed / max(1, self.finding.receipt.fires_from)

    def receipt(self) -> dict[str, Any]:
        """The numbers of the finding, with the moment at which they were true."""
        return {**self.finding.receipt.as_json(), AS_OF: self.at.isoformat()}

    def told(self, now: datetime) -> Finding:
        """The finding, with a reason that says why it is told so late."""
        hour = start_of(hour_of(self.at))
        is_late = is_over(hour_of(self.at), hour_of(self.came))
        why = "but reached us only" if is_late else "but nobody looked until"
        reason = f"happened {written(hour)}, {why} {written(now)}"
        return replace(self.finding, reason=f"{self.finding.reason}; {reason}")


def revisit(
    database: Database, unjudged: Collection[Unjudged], *, now: datetime, rules: Rules
) -> tuple[Opened, ...]:
    """Judge each hour that was over as of its end, with all that is known of it now, and open the
    episodes that would have been opened then. They begin now, since nobody was told before.

    Gives back the episodes that began, and marks everything in `unjudged` as judged. What another
    episode tells already is not told again. A signature first seen so late is new: `detect` tells
    of it when it arrives.
    """
    if not unjudged:
        return ()
    found = list[Belated]()
    if over := [one for one in unjudged if is_over(one.hour, hour_of(now))]:
        with database.read() as session:
            found = belated(session, over, now=now, rules=rules)
    with database.write() as session:
        unjudged_hours.done(session, unjudged)
        unmerged = signatures.facts(session, {one.signature.id for one in found})
        still = [one for one in found if one.signature.id in unmerged]
        return tuple(_open(session, still, now=now))


def belated(
    session: Session, unjudged: Iterable[Unjudged], *, now: datetime, rules: Rules
) -> list[Belated]:
    """The findings about hours that were over, the latest first: one for each outage, about the
    hour in which it stands out most. None about hours that are history by now (see `OLD`)."""
    hours: dict[int, dict[int, datetime]] = defaultdict(dict)
    for one in unjudged:
        if is_over(one.hour, hour_of(now)) and one.hour > hour_of(now) - OLD:
            hours[one.hour][one.signature_id] = one.arrived_at
    found: dict[tuple[int, Kind], list[Belated]] = defaultdict(list)
    for hour, came in sorted(hours.items()):
        for told in _judged(session, came, hour, rules=rules):
            found[told.signature.id, told.finding.kind].append(told)
    outages = chain.from_iterable(_outages(of_kind) for of_kind in found.values())
    return sorted(outages, key=lambda one: one.at, reverse=True)


def _judged(
    session: Session, came: Mapping[int, datetime], hour: int, *, rules: Rules
) -> Iterator[Belated]:
    at = start_of(hour + 1) - MOMENT
    found = judged(session, came.keys(), {}, now=at, rules=rules, memory=Memory())
    for number, (signature, findings) in found.items():
        is_late = is_over(hour, hour_of(came[number]))
        if is_late and signature.first_received > at:
            continue
        for finding in findings:
            if not (is_late and finding.kind is Kind.NEW):
                yield Belated(signature, at, came[number], finding)


def _outages(ascending: Iterable[Belated]) -> Iterator[Belated]:
    """For each run of findings without a calm between them the one that stands out most."""
    most: Belated | None = None
    last: datetime | None = None
    for one in ascending:
        begun = datetime.fromisoformat(one.finding.receipt.since)
        if most and last and begun >= last + CALM:
            yield most
            most = None
        most = max(most or one, one, key=lambda other: other.excess)
        last = one.at
    if most:
        yield most


def _open(session: Session, found: Collection[Belated], *, now: datetime) -> Iterator[Opened]:
    """Begin an episode for each finding that people were not told of, also beside one that runs;
    confirm those that tell of the same and came late, too."""
    before = _episodes(session, found)
    for one in found:
        number, finding = one.signature.id, one.told(now)
        of_kind = before[number, finding.kind]
        teller = telling(of_kind, finding, one.at)
        if teller is None:
            runs = any(episode.closed_at is None for episode in of_kind)
            opened = anomalies.begin(
                session,
                number,
                kind=finding.kind,
                now=now,
                reason=finding.reason,
                receipt=one.receipt(),
                is_aside=runs,
            )
            if opened is not None:
                of_kind += anomalies.get(session, [opened])
                yield Opened.of(one.signature, finding)
        elif teller.closed_at is None and AS_OF in teller.receipt:
            anomalies.confirm(
                session, teller.id, now=now, reason=finding.reason, receipt=one.receipt()
            )


def _episodes(
    session: Session, found: Collection[Belated]
) -> Mapping[tuple[int, str], list[Anomaly]]:
    """The episodes that may already tell of the findings, by signature and kind."""
    episodes: dict[tuple[int, str], list[Anomaly]] = defaultdict(list)
    if found:
        since = min(one.at for one in found) - LONGEST_WINDOW - CALM
        for episode in anomalies.of(session, {one.signature.id for one in found}, since=since):
            episodes[episode.signature_id, episode.kind].append(episode)
    return episodes
