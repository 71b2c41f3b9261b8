"""Judge whether signatures behave unusually now, and work out what is usual for those that need
it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from types import MappingProxyType

from sqlmodel import Session

from bot.core.detection import anomaly, back, baseline, environment, finding, release, spread
from bot.core.detection.clientele import Clientele
from bot.core.detection.finding import Finding, Kind
from bot.core.detection.history import History
from bot.core.detection.hours import Hours
from bot.core.detection.subject import Observation, Subject
from bot.core.detection.threshold import Rules
from bot.core.detection.usual import DAYS
from bot.core.event import Severity
from bot.core.hour import DAY, hour_of, start_of
from bot.core.ownership.decision import Decision, Standing
from bot.core.rules import critical
from bot.core.signing import stack
from bot.flows import recall
from bot.flows.remember import Known, Memory
from storage import decisions, deploys, events, samples, sightings, signatures, traffic
from storage.database import Database, in_parts
from storage.signatures import Facts, Said
from storage.tables import Signature

HISTORY_DAYS = 30
"""How far back a judgement looks: twice the baseline, so that a long silence can be seen."""
PART = 1_000
"""So many signatures are judged at a time, so that memory holds no more of them at once: a
fortnight of one that comes every hour takes 20 kB."""
MERGING = (Decision.MERGE, Decision.SPLIT, Decision.UNDO)
"""The decisions that may move sightings from one signature to another."""
RARE = 20
"""With fewer hours of sightings in `HISTORY_DAYS` the rhythm is looked for further back: after so
many, the next gap is thrice the longest once in 1,500 times."""

Judged = dict[int, tuple[Signature, tuple[Finding, ...]]]


@dataclass(frozen=True)
class Turn:
    """What all judgements of one turn have in common.

    Customers first seen before `established` are known to the fleet; `newcomers` are the others, of
    those at hand. For the services of signatures that were resolved in a version, `began` says
    since when each version runs, and `told` when we were told of deploys.
    """

    now: datetime
    rules: Rules
    known: Known
    established: datetime
    newcomers: frozenset[str] = frozenset()
    began: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    told: Mapping[str, Sequence[datetime]] = field(default_factory=dict)

    @cached_property
    def hour(self) -> int:
        """The running hour."""
        return hour_of(self.now)

    @cached_property
    def start(self) -> int:
        """The first of the last 24 hours."""
        return self.hour - DAY + 1

    @cached_property
    def dawn(self) -> datetime:
        """When the last 24 hours began."""
        return start_of(self.start)

    @cached_property
    def is_early(self) -> bool:
        """Whether too little is known to judge: then only what is critical at once is told."""
        return not baseline.can_judge(self.known.since, self.hour)

    def rules_of(self, one: Facts) -> Rules:
        """The thresholds that hold for a signature."""
        return self.rules.of(one.service, one.short_id)


def judged(
    session: Session,
    asked: Collection[int],
    running: Collection[int],
    *,
    now: datetime,
    rules: Rules,
    memory: Memory,
    stood: Mapping[int, Standing] = MappingProxyType({}),
) -> Judged:
    """What is unusual about some signatures, by number. Those that are as usual are left out,
    unless they are `running`: have an open episode.

    A signature in `stood` is judged as if it still stood as given there. If it was resolved again
    since, its last version is taken to be unknown.
    """
    if not asked:
        return {}
    memory.turn_to(hour_of(now), merge=decisions.latest(session, MERGING))
    turn = _turn(memory.known or _known_of_all(session, hour_of(now)), now=now, rules=rules)
    memory.known = None if turn.is_early else turn.known
    found: dict[int, tuple[Finding, ...]] = {}
    for some in in_parts(asked, size=PART):
        found |= _judge(session, _known(session, some, stood, turn=turn), memory, turn=turn)
        memory.limit()
    unusual = [number for number, findings in found.items() if findings or number in running]
    rows = signatures.get(session, unusual)
    criticals = _criticals(session, {n: one for n, one in rows.items() if found[n]})
    told = {
        number: (signature, _worth_telling(criticals.get(number, ""), found[number], turn))
        for number, signature in rows.items()
    }
    return {number: one for number, one in told.items() if one[1] or number in running}


class Criticals:
    """Knows which signatures have words in their text that make them critical at once.

    Each text is read once, except of warnings: what is logged as a warning may be an error next
    time.
    """

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def among(self, database: Database, touched: Collection[int]) -> frozenset[int]:
        """Those of some signatures that are critical at once."""
        unknown = set(touched) - self._known.keys()
        with database.read() as session:
            said = signatures.said(session, unknown)
            criticals = _criticals(session, said)
        for number, signature in said.items():
            if signature.severity >= Severity.ERROR:
                self._known[number] = number in criticals
        return frozenset(number for number in touched if self._known.get(number))


def _known_of_all(session: Session, hour: int) -> Known:
    return Known(
        since=recall.known_since(session, hour),
        watched_since=events.first_arrival(session) or hour,
        silent=recall.silences(session, hour),
    )


def _turn(known: Known, *, now: datetime, rules: Rules) -> Turn:
    established = max(now - timedelta(days=rules.established_days), start_of(known.since + DAY))
    return Turn(now, rules, known, established)


def _known(
    session: Session, numbers: Collection[int], stood: Mapping[int, Standing], *, turn: Turn
) -> dict[int, Facts]:
    facts = _without_strays(session, signatures.facts(session, numbers), turn=turn)
    for number in stood.keys() & facts.keys():
        at, version = stood[number].resolved_at, stood[number].resolved_in
        one = facts[number]
        is_since = one.resolved_at in (None, at)
        facts[number] = one._replace(
            resolved_at=at,
            resolved_in=version,
            last_version=one.last_version if is_since else "",
        )
    return facts


def _without_strays(
    session: Session, known: Mapping[int, Facts], *, turn: Turn
) -> dict[int, Facts]:
    """The same facts. If a signature was first seen before anything that is kept, its next sighting
    counts as the first: one event with a wrong date would make a new error old."""
    begins = min(turn.known.since, turn.hour - recall.LONGEST_MEMORY)
    earliest = start_of(begins)
    strays = [number for number, one in known.items() if one.first_seen < earliest]
    first = sightings.first_hours(session, strays, first=begins, last=turn.hour)
    seen = {n: known[n]._replace(first_seen=start_of(hour)) for n, hour in first.items()}
    return {**known, **seen}


def _judge(
    session: Session, known: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> dict[int, tuple[Finding, ...]]:
    """The findings about each signature, possibly none."""
    observations = _observations(session, known, memory, turn=turn)
    found = {number: _found(observation, turn) for number, observation in observations.items()}
    spiking = _swayed(session, [known[n] for n, those in found.items() if _is_spike(those)])
    measured = _traffic(session, spiking, turn=turn)
    found |= {
        one.id: _found(replace(observations[one.id], traffic=lines), turn)
        for one in spiking
        if (lines := measured[one.service])
    }
    arrived = _in_production(session, known, observations, turn=turn)
    told = {
        number: those if _is_new(those) else (*those, *arrived.get(number, ()))
        for number, those in found.items()
    }
    return {**dict.fromkeys(known, ()), **told}


def _observations(
    session: Session, known: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> dict[int, Observation]:
    """What is needed to judge those signatures of which anything may be unusual, which are few.
    What is usual is worked out for them only."""
    recent = _recent(session, known, turn=turn)
    services = {one.service for one in known.values() if one.resolved_in}
    turn = replace(turn, began=deploys.of(session, services), told=deploys.told(session, services))
    lively = {n: one for n, one in known.items() if not _is_little(one, recent[n], turn)}
    _learn(session, lively, recent, memory, turn=turn)
    wide = {n: one for n, one in lively.items() if _may_spread(one, recent[n], memory, turn)}
    turn = replace(turn, newcomers=_newcomers(session, wide, recent, turn.established))
    _learn_clienteles(session, wide, memory, turn=turn)
    returning = _returning(session, known, recent, turn=turn)
    _learn_rhythms(session, returning, memory, turn=turn)
    seldom = {n for n, one in returning.items() if _is_seldom(one, memory, turn)}
    critical = _critical_among(session, seldom)

    asked = lively.keys() | (returning.keys() - (seldom - critical))
    return {
        n: _observation(one, recent[n], memory, turn, is_critical=n in critical)
        for n, one in known.items()
        if n in asked or _is_recent(one, turn)
    }


def _is_recent(one: Facts, turn: Turn) -> bool:
    """Whether its dates alone may make a signature news: it is resolved, or was first seen at most
    a day ago, anywhere or in production."""
    dates = one.first_seen, one.first_received, one.production_seen, one.production_received
    return one.resolved_at is not None or any(at and at >= turn.dawn for at in dates)


def _in_production(
    session: Session,
    known: Mapping[int, Facts],
    observations: Mapping[int, Observation],
    *,
    turn: Turn,
) -> dict[int, tuple[Finding, ...]]:
    """For signatures that are known elsewhere, the finding that they got to production, unless they
    are as new elsewhere."""
    arrivals = {
        number: environment.arrived(observation, arrival)
        for number, observation in observations.items()
        if (arrival := _promotion(known[number], turn)) and not turn.is_early
    }
    found: dict[int, tuple[Finding, ...]] = {
        number: (finding,) for number, finding in arrivals.items() if finding
    }
    since = signatures.production_since(session) if found else None
    return found if since and since <= turn.established else {}


def _promotion(one: Facts, turn: Turn) -> environment.Arrival | None:
    seen, told = one.production_seen, one.production_received
    if seen is None or told is None or seen <= one.first_seen:
        return None
    return environment.Arrival(seen, _told(seen, told, turn))


def _told(seen: datetime, told: datetime, turn: Turn) -> datetime:
    """When we were told of something first `seen` at a moment; that moment itself, where we were
    not running yet."""
    live = hour_of(seen) >= turn.known.watched_since and told <= turn.now
    return told if live else seen


def _newcomers(
    session: Session, lively: Iterable[int], recent: Mapping[int, History], since: datetime
) -> frozenset[str]:
    """The customers that are new to the fleet, of those hit by signatures that may spread."""
    hit = {customer for number in lively for customer in recent[number].first_hit}
    return sightings.newcomers(session, since, among=hit)


def _observation(
    one: Facts, recent: History, memory: Memory, turn: Turn, *, is_critical: bool
) -> Observation:
    return Observation(
        _subject(one, turn),
        recent,
        turn.hour,
        turn.rules_of(one),
        usual=memory.usual.get(one.id),
        clientele=memory.clientele(one.id),
        rhythm=memory.rhythms.get(one.id),
        is_critical=is_critical,
    )


def _critical_among(session: Session, numbers: Collection[int]) -> set[int]:
    """Those of some signatures whose text makes them critical at once."""
    return {*_criticals(session, signatures.said(session, numbers))}


def _found(observation: Observation, turn: Turn) -> tuple[Finding, ...]:
    found = anomaly.judge(observation)
    return anomaly.first_sight(observation) if turn.is_early and not found else found


def _is_spike(findings: Iterable[Finding]) -> bool:
    return any(one.kind is Kind.SPIKE for one in findings)


def _is_new(findings: Iterable[Finding]) -> bool:
    return any(one.kind is Kind.NEW for one in findings)


def _swayed(session: Session, spiking: Collection[Facts]) -> list[Facts]:
    """Those spiking signatures that a rise of traffic may excuse. What is critical at once it may
    not: an incident makes its services log more."""
    criticals = _critical_among(session, [one.id for one in spiking])
    return [one for one in spiking if one.id not in criticals]


def _traffic(
    session: Session, spiking: Iterable[Facts], *, turn: Turn
) -> dict[str, Mapping[int, int]]:
    """The harmless lines per hour of the services of spiking signatures."""
    first = turn.hour - (DAYS + 1) * DAY
    return {
        service: traffic.hourly(session, service, first=first, last=turn.hour)
        for service in {one.service for one in spiking}
    }


def _recent(session: Session, known: Mapping[int, Facts], *, turn: Turn) -> dict[int, History]:
    rows = recall.seen(session, known, since_hour=turn.start)
    return {number: History(seen, turn.known.since) for number, seen in rows.items()}


def _is_little(one: Facts, recent: History, turn: Turn) -> bool:
    rules = turn.rules_of(one)
    return turn.is_early or anomaly.is_little(recent, hour=turn.hour, rules=rules)


def _is_seldom(one: Facts, memory: Memory, turn: Turn) -> bool:
    return back.is_seldom(memory.rhythms[one.id], turn.rules_of(one))


def _returning(
    session: Session, known: Mapping[int, Facts], recent: Mapping[int, History], *, turn: Turn
) -> dict[int, Facts]:
    """Those signatures that may be back: nothing was seen of them for long enough before."""
    longest = ceil(turn.rules.longest_quiet_days * DAY)
    last = turn.start - 1
    before = sightings.last_hours(session, known, first=last - longest, last=last)
    return {
        number: one
        for number, one in known.items()
        if not back.is_routine(
            recent[number], before.get(number), hour=turn.hour, rules=turn.rules_of(one)
        )
    }


def _learn(
    session: Session,
    lively: Mapping[int, Facts],
    recent: Mapping[int, History],
    memory: Memory,
    *,
    turn: Turn,
) -> None:
    """Work out what is usual for those signatures for which memory does not have it."""
    unknown = {number: one for number, one in lively.items() if number not in memory.usual}
    memory.hours |= _hours(session, unknown, recent, memory, turn=turn)
    for number, one in unknown.items():
        memory.usual[number] = baseline.of(
            memory.hours[number].until(turn.hour - DAY),
            turn.hour,
            known_since=hour_of(_subject(one, turn).begun),
            burst_hours=turn.rules_of(one).burst_hours,
            silent=turn.known.silent,
        )


def _hours(
    session: Session,
    unknown: Mapping[int, Facts],
    recent: Mapping[int, History],
    memory: Memory,
    *,
    turn: Turn,
) -> dict[int, Hours]:
    """The hours in which signatures were seen: those of an hour ago carried on with what is recent,
    or read anew where that does not account for all."""
    since = turn.hour - DAY + 1
    first = since - 1 - DAYS * DAY
    hours = {
        number: carried
        for number, one in unknown.items()
        if (before := memory.hours.get(number))
        and (
            carried := before.carried(
                recent[number].by_hour, since=since, first=first, total=one.total
            )
        )
    }
    rest = unknown.keys() - hours.keys()
    for number, counts in sightings.hourly(session, rest, first=first, last=since - 1).items():
        known = {**counts, **recent[number].by_hour}
        hours[number] = Hours(first, unknown[number].total, known)
    return hours


def _may_spread(one: Facts, recent: History, memory: Memory, turn: Turn) -> bool:
    clientele, rules = memory.clienteles.get(one.id), turn.rules_of(one)
    since = turn.hour - DAY - HISTORY_DAYS * DAY
    return spread.is_possible(recent, clientele, hour=turn.hour, rules=rules, since=since)


def _learn_clienteles(
    session: Session, wide: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> None:
    """Work out whom those signatures hit before that may spread."""
    known = memory.clienteles
    unknown = [n for n in wide if n not in known or known[n].hour != turn.hour]
    last = turn.hour - DAY
    hit = sightings.days_hit(session, unknown, first=last - HISTORY_DAYS * DAY, last=last)
    for number in unknown:
        known_since = hour_of(_subject(wide[number], turn).begun)
        known[number] = Clientele.of(hit[number], known_since, turn.hour)


def _learn_rhythms(
    session: Session, returning: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> None:
    """Work out the rhythms that memory does not have; from further back for what is old and
    rare."""
    unknown = {number: one for number, one in returning.items() if number not in memory.rhythms}
    last = turn.hour - DAY
    first, long_ago = last - HISTORY_DAYS * DAY, last - recall.LONGEST_MEMORY
    hours = sightings.hourly(session, unknown, first=first, last=last)
    rare = [
        number
        for number, one in unknown.items()
        if len(hours[number]) < RARE and hour_of(one.first_seen) < first
    ]
    hours |= sightings.hourly(session, rare, first=long_ago, last=last)
    memory.rhythms |= {
        number: baseline.rhythm(seen, turn.known.silent) for number, seen in hours.items()
    }


def _subject(one: Facts, turn: Turn) -> Subject:
    versions = turn.began.get(one.service, {}) if one.resolved_in else {}
    began = {version: at for version, at in versions.items() if at <= turn.now}
    is_from_later = one.last_version in versions.keys() - began.keys()
    return Subject(
        first_seen=one.first_seen,
        first_told=_told(one.first_seen, one.first_received, turn),
        last_seen=one.last_seen,
        resolved_at=one.resolved_at,
        resolved_in=one.resolved_in,
        last_version="" if is_from_later else one.last_version,
        began=began,
        awaits_release=is_from_later or _is_awaited(one, turn),
        newcomers=turn.newcomers,
    )


def _is_awaited(one: Facts, turn: Turn) -> bool:
    if one.resolved_at is None or not one.resolved_in or one.last_version:
        return False
    told = turn.told.get(one.service, ())
    return release.is_awaited(resolved_at=one.resolved_at, told=told, now=turn.now)


def _worth_telling(what: str, findings: tuple[Finding, ...], turn: Turn) -> tuple[Finding, ...]:
    """The findings worth telling, preceded by a critical one if `what` names something critical at
    once. While too little is known, everything would be new, so that alone is not told."""
    if findings and what:
        findings = finding.critical(what, findings)
    if turn.is_early:
        return tuple(one for one in findings if one.kind is not Kind.NEW)
    return findings


def _criticals(session: Session, told: Mapping[int, Signature | Said]) -> dict[int, str]:
    """By number, what makes a signature critical at once: what it says itself, or else what its
    first event names as a cause. Warnings never are."""
    errors = {number: one for number, one in told.items() if one.severity >= Severity.ERROR}
    found = {number: _says(one) for number, one in errors.items()}
    raised = [number for number, one in errors.items() if one.error_type and not found[number]]
    for some in in_parts(raised, size=PART):
        for number, sample in samples.first(session, some).items():
            found[number] = _caused_by(sample.stack or sample.message)
    return {number: what for number, what in found.items() if what}


def _says(signature: Signature | Said) -> str:
    said = f"{signature.title} {signature.template}"
    return critical(f"{signature.error_type}: {said}" if signature.error_type else said)


def _caused_by(text: str) -> str:
    """What is critical in the causes of an exception, in words; empty for none. Frames and whatever
    else is logged are not read."""
    if not critical(text):
        return ""
    causes = (critical(f"{one.type}: {one.message}") for one in stack.parse(text)[1:])
    return next(filter(None, causes), "")
