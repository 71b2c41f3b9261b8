"""Record events: sign them, add them to the sightings of their signatures, keep a few as
samples."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.core.detection import baseline, release
from bot.core.detection.environment import is_production
from bot.core.event import Event
from bot.core.hour import hour_of, minute_of
from bot.core.intake import recent
from bot.core.intake.recent import Place
from bot.core.redaction import Redactor, redact
from bot.core.signing import signature
from bot.flows.recognise import Lineage, Recognised, Signed, lineages, merge_due, recognise
from storage import deploys, merges, samples, sightings, signatures, unjudged_hours
from storage import events as arrivals
from storage.database import Database

KEPT = 8_000
"""A sample keeps so many characters of the message, from its beginning, and of the stack, from its
end; they are cut only after everything was redacted."""

Along = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of recording one batch or several.

    `nameless` counts events without a service. `counted` has, for each event of one batch, its
    source_id and the number of its signature; it is empty for several batches.
    """

    events: int = 0
    nameless: int = 0
    duplicates: int = 0
    new_signatures: int = 0
    signature_ids: frozenset[int] = frozenset()
    counted: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            events=self.events + other.events,
            nameless=self.nameless + other.nameless,
            duplicates=self.duplicates + other.duplicates,
            new_signatures=self.new_signatures + other.new_signatures,
            signature_ids=self.signature_ids | other.signature_ids,
        )


def record(
    database: Database,
    events: Sequence[Event | Signed],
    *,
    now: datetime,
    by: Redactor = redact,
    along: Sequence[Along] = (),
) -> Recorded:
    """Count each event that was not counted before, in one transaction; after that it is durable.

    The functions `along` are called in the same transaction. An event is known again by its source
    and source_id, so recording a batch twice changes nothing. Its time of arrival is `now`, by our
    own clock, since arrivals decide what is judged. What is stored was redacted `by` our rules and
    the site's.
    """
    signed = {_key(one.event): one for one in (sign(each, now=now, by=by) for each in events)}
    evidence = _evidence(database, signed.values(), by)
    with database.write() as session:
        admitted = arrivals.admit(session, list(signed), received_hour=hour_of(now))
        fresh = [one for key, one in signed.items() if key in admitted]
        recognised = recognise(session, fresh, now=now, by=by)
        _keep_samples(session, _count(session, fresh, recognised.lineages, now=now), evidence)
        unjudged_hours.add(session, _unjudged(session, fresh, recognised, now=now), now=now)
        for write in along:
            write(session)
    counted = {one.event.source_id: recognised.root(one) for one in fresh}
    return Recorded(
        events=len(fresh),
        nameless=sum(not one.event.service for one in fresh),
        duplicates=len(events) - len(fresh),
        new_signatures=recognised.created,
        signature_ids=frozenset(counted.values()),
        counted=counted,
    )


def sign(event: Event | Signed, *, now: datetime, by: Redactor = redact) -> Signed:
    """The event with its signature, unless it is signed already. An event from the future counts as
    of now: an hour that is yet to begin would not be judged."""
    if isinstance(event, Signed):
        return event
    came = event if event.time <= now else replace(event, time=now)
    signed = signature.of(came, by)
    return Signed(came, signed, came.customer or signed.customer)


def merge_rest(database: Database, *, now: datetime) -> int:
    """Carry out some of the merges that batches left for later; gives back how many."""
    with database.read() as session:
        if not merges.anything_due(session):
            return 0
    with database.write() as session:
        return merge_due(session, now=now)


def _key(event: Event) -> bytes:
    identity = f"{event.source}\0{event.source_id}".encode("utf-8", "surrogatepass")
    return blake2b(identity, digest_size=16).digest()


def _count(
    session: Session, fresh: Sequence[Signed], lineages: Mapping[str, Lineage], *, now: datetime
) -> Mapping[int, Sequence[Signed]]:
    """Count all events; gives back those of each signature."""
    by_signature: dict[int, list[Signed]] = defaultdict(list)
    cells: Counter[tuple[int, int, str]] = Counter()
    minutes: dict[tuple[int, int, str], int] = defaultdict(int)
    for one in fresh:
        for number in lineages[one.signature.fingerprint]:
            by_signature[number].append(one)
            cell = number, hour_of(one.event.time), one.customer
            cells[cell] += 1
            minutes[cell] |= minute_of(one.event.time)
    deploys.seen(session, _versions(fresh))
    newest = _newest(session, by_signature)
    signatures.saw(
        session,
        [_seen(number, ones, newest[number], now=now) for number, ones in by_signature.items()],
    )
    sightings.add(session, [sightings.Row(*cell, n, minutes[cell]) for cell, n in cells.items()])
    sightings.meet(session, _customers(fresh))
    arrivals.arrived(session, _arrivals(fresh, now=now))
    return by_signature


def _unjudged(
    session: Session, fresh: Iterable[Signed], recognised: Recognised, *, now: datetime
) -> set[tuple[int, int]]:
    """As of which hours signatures are to be judged: each for the running hour, and for each hour
    that is over in which an event of it happened.

    Hours before we were running are history, and so are those older than `baseline.OLD`.
    """
    hour = hour_of(now)
    came = {(recognised.root(one), hour_of(one.event.time)) for one in fresh}
    over = {(root, at) for root, at in came if baseline.is_over(at, hour)}
    watched = arrivals.first_arrival(session) if over else None
    since = max(hour - baseline.OLD + 1, hour if watched is None else watched)
    return {(root, at) for root, at in over if at >= since} | {(root, hour) for root, _ in came}


def _newest(session: Session, by_signature: Mapping[int, Sequence[Signed]]) -> Mapping[int, str]:
    """The newest version that each signature was seen in, now or before. When versions began is
    looked up only where several of them have no order."""
    last = signatures.last_versions(session, list(by_signature))
    seen: dict[int, list[str]] = {}
    unordered, services = set[str](), set[str]()
    for number, ones in by_signature.items():
        latest = sorted(ones, key=lambda one: one.event.time, reverse=True)
        seen[number] = [*dict.fromkeys([*(one.event.version for one in latest), last[number]])]
        commits = {version for version in seen[number] if version and not release.order(version)}
        if len(commits) > 1:
            unordered |= commits
            services |= {one.event.service for one in ones}
    began = deploys.began(session, services, unordered)
    return {number: release.newest(versions, began) for number, versions in seen.items()}


def _seen(number: int, ones: Sequence[Signed], version: str, *, now: datetime) -> signatures.Seen:
    live = [one.event for one in ones if is_production(one.event.environment)]
    return signatures.Seen(
        signature_id=number,
        occurrences=len(ones),
        first_seen=min(one.event.time for one in ones),
        last_seen=max(one.event.time for one in ones),
        first_received=now,
        severity=max(int(one.event.severity) for one in ones),
        version=version,
        production=live[0].environment if live else "",
        production_seen=min((event.time for event in live), default=None),
    )


def _customers(fresh: Iterable[Signed]) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for one in fresh:
        if one.customer:
            first[one.customer] = min(one.event.time, first.get(one.customer, one.event.time))
    return first


def _versions(fresh: Iterable[Signed]) -> dict[deploys.Version, datetime]:
    first: dict[deploys.Version, datetime] = {}
    for one in fresh:
        event = one.event
        if event.service and event.version:
            version = deploys.Version(event.service, event.environment, event.version)
            first[version] = min(event.time, first.get(version, event.time))
    return first


def _arrivals(fresh: Iterable[Signed], *, now: datetime) -> list[arrivals.Arrival]:
    times: dict[str, list[datetime]] = defaultdict(list)
    for one in fresh:
        times[one.event.source].append(one.event.time)
    return [
        arrivals.Arrival(hour_of(now), source, len(of), newest=max(of), received=now)
        for source, of in times.items()
    ]


class Texts(NamedTuple):
    """What is stored of an event: redacted, then cut."""

    message: str
    stack: str


Evidence = Mapping[tuple[str, str], Texts]
"""By source and source_id."""


def _evidence(database: Database, signed: Iterable[Signed], by: Redactor) -> Evidence:
    """The texts of the samples to keep, redacted before the database is locked, since a hostile
    stack takes seconds.

    They are of the first few events of each fingerprint or, if its signature has its first samples
    already, of those that become recent ones.
    """
    candidates: dict[str, list[Signed]] = defaultdict(list)
    for one in signed:
        candidates[one.signature.fingerprint].append(one)
    with database.read() as session:
        rest = _rest(session, candidates)
    wanted = (
        one
        for fingerprint, some in candidates.items()
        for one in rest.get(fingerprint, some[: samples.PER_SIGNATURE])
    )
    return {
        _identity(one.event): Texts(
            by(one.event.error_message or one.event.message).text[:KEPT],
            by(one.event.stack).text[-KEPT:],
        )
        for one in wanted
    }


def _identity(event: Event) -> tuple[str, str]:
    return event.source, event.source_id


def _rest(
    session: Session, candidates: Mapping[str, Sequence[Signed]]
) -> dict[str, Sequence[Signed]]:
    """The events to keep as recent samples, of fingerprints whose whole lineage has its first
    ones."""
    known = lineages(session, signatures.met_before(session, candidates))
    ones = [one for name in known for one in candidates[name]]
    kept = _places(session, {number for lineage in known.values() for number in lineage}, ones)
    return {
        name: _recent(of_lineage, candidates[name])
        for name, lineage in known.items()
        if _are_full(of_lineage := [kept[number] for number in lineage])
    }


def _places(
    session: Session, numbers: Collection[int], ones: Sequence[Signed]
) -> Mapping[int, Sequence[samples.Place]]:
    """The samples of some signatures, as far as they matter for some events."""
    if not ones:
        return {}
    since = recent.matters_since(min(one.event.time for one in ones))
    return samples.places(session, numbers, since=since)


def _are_full(kept: Iterable[Sequence[samples.Place]]) -> bool:
    """Whether all have their first samples."""
    return all(len(places) >= samples.PER_SIGNATURE for places in kept)


def _recent(kept: Sequence[Sequence[samples.Place]], ones: Sequence[Signed]) -> list[Signed]:
    """The events of the newest hour that some signature keeps as a recent sample."""
    latest = _latest(ones)
    return list(
        {
            _identity(one.event): one for places in kept for _, one in _placed(places, latest)
        }.values()
    )


def _latest(ones: Sequence[Signed]) -> list[Signed]:
    """The last event of each customer in the newest hour."""
    hour = hour_of(max(one.event.time for one in ones))
    by_customer = {one.customer: one for one in ones if hour_of(one.event.time) == hour}
    return list(by_customer.values())


def _placed(kept: Sequence[samples.Place], ones: Sequence[Signed]) -> Iterator[tuple[int, Signed]]:
    """The events that are kept as recent samples, each with the sample's number."""
    arrived = {(one.event.time, one.customer): one for one in ones}
    for place in recent.choose([Place(*one) for one in kept], arrived):
        yield place.number, arrived[place.at, place.customer]


def _keep_samples(
    session: Session, by_signature: Mapping[int, Sequence[Signed]], evidence: Evidence
) -> None:
    usable_of = {
        number: usable
        for number, ones in by_signature.items()
        if (usable := [one for one in ones if _identity(one.event) in evidence])
    }
    kept = _places(session, usable_of, [one for ones in usable_of.values() for one in ones])
    first, renewed = list[dict[str, Any]](), list[dict[str, Any]]()
    for number, usable in usable_of.items():
        if not _are_full([kept[number]]):
            places = range(len(kept[number]) + 1, samples.PER_SIGNATURE + 1)
            first += [
                _sample(number, place, one=one, evidence=evidence)
                for place, one in zip(places, usable, strict=False)
            ]
        else:
            renewed += [
                _sample(number, place, one=one, evidence=evidence)
                for place, one in _placed(kept[number], usable)
            ]
    samples.keep(session, first)
    samples.renew(session, renewed)


def _sample(number: int, place: int, *, one: Signed, evidence: Evidence) -> dict[str, Any]:
    event = one.event
    redacted = evidence[_identity(event)]
    return {
        "signature_id": number,
        "number": place,
        "time": event.time,
        "customer": one.customer,
        "version": event.version,
        "host": event.host,
        "message": redacted.message,
        "stack": redacted.stack,
        "trace_id": event.trace_id,
    }
