"""Judge what arrived lately, and open, confirm and close the episodes that follow from it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from sqlmodel import Session

from bot.core import anomaly, baseline, environment
from bot.core.anomaly import Case, Finding, Kind, Subject
from bot.core.baseline import (
    DAY,
    DAYS,
    MOMENT,
    Baseline,
    Clientele,
    History,
    Rhythm,
    Silences,
    hour_of,
    start_of,
)
from bot.core.decision import Decision, Standing
from bot.core.episode import CALM, is_another, is_over
from bot.core.event import Severity
from bot.core.hours import Hours
from bot.core.rules import critical
from bot.core.threshold import Rules
from bot.flows import recall
from storage import anomalies, decisions, events, sightings, signatures, traffic, unjudged_hours
from storage.anomalies import Beginning
from storage.database import Database, in_parts
from storage.signatures import Facts, Said
from storage.tables import Anomaly, Signature
from storage.unjudged_hours import Unjudged

HISTORY_DAYS = 30
"""How far back a judgement looks: twice the baseline, so that a long silence can be seen."""
PART = 1_000
"""How many signatures are judged at a time: what they need is in memory only so long, 20 kB for a
fortnight of what comes every hour."""
MERGING = (Decision.MERGE, Decision.SPLIT, Decision.UNDO)
"""The decisions that may move sightings from one signature to another."""
BASELINES_KEPT = 10_000
"""At about 5 kB each."""
HOURS_KEPT = 1_000
"""At about 30 kB each; of what is beyond they are read in each hour."""
RHYTHMS_KEPT = 200_000
"""At about 200 bytes each."""
RARE = 20
"""Hours with sightings below which the rhythm is not known from `HISTORY_DAYS`: after as many, the
next gap is thrice the longest once in 1,500 times."""
AT_ONCE = 2_000
"""So many signatures as of hours that are over are judged in one round: each hour learns anew what
was usual before it, and what comes now must not wait for that."""
HEARTBEAT = timedelta(hours=1)
"""An open episode that nothing confirmed for so long is judged though nothing arrives."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An episode that began."""

    signature_id: int
    short_id: str
    service: str
    fingerprint: str
    finding: Finding

    @classmethod
    def of(cls, signature: Signature, finding: Finding) -> Self:
        """An episode of a signature."""
        return cls(
            signature.id,
            signature.short_id,
            signature.service,
            signature.fingerprint,
            finding,
        )


Judged = dict[int, tuple[Signature, tuple[Finding, ...]]]


class Known(NamedTuple):
    """Of the time before an hour: since which hour we know what happened, and since which we were
    there when it did; and in which hours nothing at all came."""

    since: int
    watched_since: int
    silent: Silences


@dataclass(frozen=True)
class Turn:
    """What all judgements of one turn go by.

    A customer that is known for longer than since `established` is not new to the fleet, and
    `newcomers` are, of those at hand.
    """

    now: datetime
    rules: Rules
    known: Known
    established: datetime
    newcomers: frozenset[str] = frozenset()

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
        """Whether too little is known to judge by: then only what is critical is told."""
        return not baseline.can_judge(self.known.since, self.hour)

    def rules_of(self, one: Facts) -> Rules:
        """The thresholds that hold for a signature."""
        return self.rules.of(one.service, one.short_id)


class Memory:
    """What was usual for each signature, as of one hour: worked out once and used all the hour; and
    when the open episodes were judged of which nothing arrives.

    An event that comes late and changes a closed hour is part of the baseline from the next
    hour on. Clienteles of earlier hours are kept: whom they hit is no newcomer now. A merge or a
    split changes what was usual, so all is forgotten. `known` is what is known of all, once it is
    enough to judge by: until then a history may be read from files. It may be dropped at any time.
    """

    def __init__(self) -> None:
        self._of = 0, 0
        self.usual: dict[int, Baseline] = {}
        self.hours: dict[int, Hours] = {}
        self.clienteles: dict[int, Clientele] = {}
        self.rhythms: dict[int, Rhythm | None] = {}
        self.known: Known | None = None
        self._judged: dict[int, datetime] = {}

    def due(self, waiting: Mapping[int, datetime], now: datetime) -> set[int]:
        """Of some signatures, with when an open episode was confirmed last, those to be judged now:
        windows move by whole hours, so once in each, and when the episode may be over."""
        return {
            number
            for number, confirmed in waiting.items()
            if not self._is_judged(number, confirmed, now)
        }

    def _is_judged(self, number: int, confirmed: datetime, now: datetime) -> bool:
        at = self._judged.get(number)
        if at is None or hour_of(at) != hour_of(now):
            return False
        return is_over(confirmed, at) or not is_over(confirmed, now)

    def was_judged(self, waiting: Collection[int], due: Collection[int], now: datetime) -> None:
        """Of those that wait these were judged now; the others of which we know wait no longer."""
        before = {number: self._judged[number] for number in waiting if number in self._judged}
        self._judged = {**before, **dict.fromkeys(due, now)}

    def turn_to(self, hour: int, *, merge: int) -> None:
        """From here on it is asked about windows that end with this hour.

        `merge` is the number of the latest decision that merged or split anything.
        """
        if merge != self._of[1]:
            self.hours, self.clienteles = {}, {}
        if (hour, merge) != self._of:
            self._of = hour, merge
            self.known = None
            self.usual, self.rhythms = {}, {}

    def clientele(self, number: int) -> Clientele | None:
        """Whom a signature hit before, if that was worked out this hour."""
        clientele = self.clienteles.get(number)
        return clientele if clientele and clientele.hour == self._of[0] else None

    def limit(self) -> None:
        """Forget what was learned last where it is too much to keep: the rest is of use in the next
        look, too."""
        _shorten(self.usual, BASELINES_KEPT)
        _shorten(self.hours, HOURS_KEPT)
        _shorten(self.clienteles, BASELINES_KEPT)
        _shorten(self.rhythms, RHYTHMS_KEPT)


def _shorten(learned: dict[int, Any], most: int) -> None:
    while len(learned) > most:
        learned.popitem()


def detect(
    database: Database,
    touched: Collection[int],
    *,
    now: datetime,
    rules: Rules,
    memory: Memory | None = None,
) -> tuple[Opened, ...]:
    """Judge the signatures of which anything arrived, and the open episodes now and then.

    Gives back the episodes that began; one that is open already is confirmed, not begun again,
    and one that was as usual for six hours is closed. They are judged on a snapshot: what was
    merged meanwhile is left alone, and what was confirmed goes on.
    """
    memory = memory or Memory()
    with database.read() as session:
        runs = anomalies.confirmed(session, now)
        waiting = {number: at for number, at in runs.items() if at <= now - HEARTBEAT}
        due = memory.due(waiting, now)
        asked = {*touched, *due}
        running = _running(session, asked & runs.keys(), now)
        found = judged(session, asked, running, now=now, rules=rules, memory=memory)
    opened = _kept(database, found, running, now=now)
    memory.was_judged(waiting, due, now)
    return opened


def detect_among(
    database: Database, asked: Collection[int], *, now: datetime, rules: Rules, memory: Memory
) -> tuple[Opened, ...]:
    """The same for these signatures and no others."""
    if not asked:
        return ()
    with database.read() as session:
        running = _running(session, asked, now)
        found = judged(session, asked, running, now=now, rules=rules, memory=memory)
    return _kept(database, found, running, now=now)


def _kept(
    database: Database, found: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> tuple[Opened, ...]:
    """The episodes that begin; those that go on or are over are so in the database from now on."""
    if not found:
        return ()
    with database.write() as session:
        unmerged = signatures.facts(session, found)
        still = {number: one for number, one in found.items() if number in unmerged}
        opened = _open(session, still, running, now=now)
        _close(session, still, running, now=now)
    return tuple(opened)


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
    """What is unusual about some signatures; what is as usual and not `running` is left out.

    Those that `stood` otherwise than they do are taken to stand so.
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
    told = {
        number: (signature, _worth_telling(signature, found[number], turn))
        for number, signature in signatures.get(session, unusual).items()
    }
    return {number: one for number, one in told.items() if one[1] or number in running}


def _running(session: Session, numbers: Collection[int], now: datetime) -> dict[int, list[Anomaly]]:
    running: dict[int, list[Anomaly]] = defaultdict(list)
    for episode in anomalies.running(session, numbers, now):
        running[episode.signature_id].append(episode)
    return running


def catch_up(
    database: Database, touched: Collection[int], *, until: datetime, rules: Rules
) -> tuple[Opened, ...]:
    """Judge each hour of the day that ends with `until`, as it ends: for what was read from a file.

    Such events tell of hours that nobody was there to judge. Earlier in an hour some of what it
    counts had not happened yet.
    """
    last = hour_of(until)
    ends = [start_of(hour + 1) - MOMENT for hour in range(last - DAY + 1, last)]
    return tuple(
        opened
        for now in (*ends, until)
        for opened in detect(database, touched, now=now, rules=rules)
    )


class Criticals:
    """Knows which signatures have what is critical at once in their text; each is read once, save
    warnings: what is logged as one may be an error next."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def among(self, database: Database, touched: Collection[int]) -> frozenset[int]:
        """Those of some signatures."""
        unknown = set(touched) - self._known.keys()
        with database.read() as session:
            for number, signature in signatures.said(session, unknown).items():
                if signature.severity >= Severity.ERROR:
                    self._known[number] = bool(_critical(signature))
        return frozenset(number for number in touched if self._known.get(number))


def unjudged(database: Database, *, now: datetime) -> tuple[Unjudged, ...]:
    """What came and was not judged: all that asks for this hour and the one before, and of what
    asks for earlier ones as much as is judged in one round, the oldest first."""
    last = hour_of(now) - 1
    with database.read() as session:
        late = unjudged_hours.oldest(session, before=last, limit=AT_ONCE)
        return (*late, *unjudged_hours.since(session, last))


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
        at, release = stood[number].resolved_at, stood[number].resolved_in
        facts[number] = facts[number]._replace(resolved_at=at, resolved_in=release)
    return facts


def _without_strays(
    session: Session, known: Mapping[int, Facts], *, turn: Turn
) -> dict[int, Facts]:
    """The same; what was first seen longer ago than anybody remembers is so when it is next.

    One event with a wrong date would make an error old that is new.
    """
    begins = min(turn.known.since, turn.hour - recall.LONGEST_MEMORY)
    earliest = start_of(begins)
    strays = [number for number, one in known.items() if one.first_seen < earliest]
    first = sightings.first_hours(session, strays, first=begins, last=turn.hour)
    seen = {n: known[n]._replace(first_seen=start_of(hour)) for n, hour in first.items()}
    return {**known, **seen}


def _judge(
    session: Session, known: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> dict[int, tuple[Finding, ...]]:
    """What there is to say of each."""
    cases = _cases(session, known, memory, turn=turn)
    found = {number: _found(case, turn) for number, case in cases.items()}
    spiking = _swayed(session, [known[n] for n, those in found.items() if _is_spike(those)])
    measured = _traffic(session, spiking, turn=turn)
    found |= {
        one.id: _found(replace(cases[one.id], traffic=lines), turn)
        for one in spiking
        if (lines := measured[one.service])
    }
    arrived = _in_production(session, known, cases, turn=turn)
    told = {
        number: those if _is_new(those) else (*those, *arrived.get(number, ()))
        for number, those in found.items()
    }
    return {**dict.fromkeys(known, ()), **told}


def _cases(
    session: Session, known: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> dict[int, Case]:
    """Those of which anything may be unusual, as most are not; what is usual is worked out only for
    what needs it."""
    recent = _recent(session, known, turn=turn)
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
        n: _case(one, recent[n], memory, turn, is_critical=n in critical)
        for n, one in known.items()
        if n in asked or _is_recent(one, turn)
    }


def _is_recent(one: Facts, turn: Turn) -> bool:
    """Whether its dates alone may make it news: it is resolved, or came a day ago at most, or got
    to production then."""
    dates = one.first_seen, one.first_received, one.production_seen, one.production_received
    return one.resolved_at is not None or any(at and at >= turn.dawn for at in dates)


def _in_production(
    session: Session, known: Mapping[int, Facts], cases: Mapping[int, Case], *, turn: Turn
) -> dict[int, tuple[Finding, ...]]:
    """Of what is known elsewhere that it got into production, unless that is as new itself."""
    arrivals = {
        number: environment.arrived(case, arrival)
        for number, case in cases.items()
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
    """When we were told of what was first seen, if we were there to be told, else when that was."""
    live = hour_of(seen) >= turn.known.watched_since and told <= turn.now
    return told if live else seen


def _newcomers(
    session: Session, lively: Iterable[int], recent: Mapping[int, History], since: datetime
) -> frozenset[str]:
    """Who is new to the fleet, of those who were hit by what may spread."""
    hit = {customer for number in lively for customer in recent[number].first_hit}
    return sightings.newcomers(session, since, among=hit)


def _case(one: Facts, recent: History, memory: Memory, turn: Turn, *, is_critical: bool) -> Case:
    return Case(
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
    """Those whose text is critical."""
    texts = signatures.said(session, numbers)
    return {number for number, signature in texts.items() if _critical(signature)}


def _found(case: Case, turn: Turn) -> tuple[Finding, ...]:
    found = anomaly.judge(case)
    return anomaly.first_sight(case) if turn.is_early and not found else found


def _is_spike(findings: Iterable[Finding]) -> bool:
    return any(one.kind is Kind.SPIKE for one in findings)


def _is_new(findings: Iterable[Finding]) -> bool:
    return any(one.kind is Kind.NEW for one in findings)


def _swayed(session: Session, spiking: Collection[Facts]) -> list[Facts]:
    """Those that traffic may excuse: not what is critical at once, for an incident makes lines of
    its own."""
    texts = signatures.said(session, [one.id for one in spiking])
    return [one for one in spiking if not _critical(texts[one.id])]


def _traffic(
    session: Session, spiking: Iterable[Facts], *, turn: Turn
) -> dict[str, Mapping[int, int]]:
    """The harmless lines of the services of what spikes, per hour."""
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
    return anomaly.is_seldom(memory.rhythms[one.id], turn.rules_of(one))


def _returning(
    session: Session, known: Mapping[int, Facts], recent: Mapping[int, History], *, turn: Turn
) -> dict[int, Facts]:
    """Those that may be back: of which nothing was seen for long enough before."""
    longest = ceil(turn.rules.longest_quiet_days * DAY)
    last = turn.start - 1
    before = sightings.last_hours(session, known, first=last - longest, last=last)
    return {
        number: one
        for number, one in known.items()
        if not anomaly.is_routine(
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
    """Work out what is usual for the signatures of which that is not known yet."""
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
    """When they were seen: as it was an hour ago with what is recent, or read anew where that is
    not all."""
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
    return anomaly.may_spread(recent, clientele, hour=turn.hour, rules=rules, since=since)


def _learn_clienteles(
    session: Session, wide: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> None:
    """Work out whom they hit before, of those that may spread."""
    known = memory.clienteles
    unknown = [n for n in wide if n not in known or known[n].hour != turn.hour]
    last = turn.hour - DAY
    hit = sightings.days_hit(session, unknown, first=last - HISTORY_DAYS * DAY, last=last)
    for number in unknown:
        known_since = hour_of(_subject(wide[number], turn).begun)
        known[number] = baseline.clientele(hit[number], known_since, turn.hour)


def _learn_rhythms(
    session: Session, returning: Mapping[int, Facts], memory: Memory, *, turn: Turn
) -> None:
    """Work out the rhythms that are not known yet, from further back for what is old and rare."""
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
    return Subject(
        first_seen=one.first_seen,
        first_told=_told(one.first_seen, one.first_received, turn),
        last_seen=one.last_seen,
        resolved_at=one.resolved_at,
        resolved_in=one.resolved_in,
        last_version=one.last_version,
        newcomers=turn.newcomers,
    )


def _worth_telling(
    signature: Signature, findings: tuple[Finding, ...], turn: Turn
) -> tuple[Finding, ...]:
    """The findings, led by one that says why it is critical at once, if it is; what is merely new
    is not told while everything would be."""
    if findings and (what := _critical(signature)):
        findings = anomaly.critical(what, findings)
    if turn.is_early:
        return tuple(one for one in findings if one.kind is not Kind.NEW)
    return findings


def _critical(signature: Signature | Said) -> str:
    """What is critical at once about it, if anything: a warning of that is not."""
    if signature.severity < Severity.ERROR:
        return ""
    return critical(f"{signature.error_type} {signature.title} {signature.template}")


def _open(
    session: Session, judged: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> list[Opened]:
    """Confirm what is open and begin the rest at once: a storm may not hold the lock for long."""
    soon = anomalies.news(session, since=now, until=now + CALM)
    later = {(episode.signature_id, episode.kind) for episode in soon}
    fresh: list[Opened] = []
    for number, (signature, findings) in judged.items():
        known = {episode.kind: episode for episode in running.get(number, ())}
        for finding in findings:
            episode = known.get(finding.kind)
            if episode and not is_another(episode.receipt, episode.updated_at, finding):
                _confirm(session, episode.id, finding, now=now)
            elif (number, finding.kind) not in later:
                if episode:
                    anomalies.end(session, [episode.id], now=now, calm_since=now)
                fresh.append(Opened.of(signature, finding))
    begun = anomalies.begin_all(session, map(_beginning, fresh), now=now)
    return [one for one in fresh if (one.signature_id, one.finding.kind) in begun]


def _confirm(session: Session, episode: int, finding: Finding, *, now: datetime) -> None:
    numbers = finding.receipt.as_json()
    anomalies.confirm(session, episode, now=now, reason=finding.reason, receipt=numbers)


def _beginning(opened: Opened) -> Beginning:
    finding = opened.finding
    return Beginning(opened.signature_id, finding.kind, finding.reason, finding.receipt.as_json())


def _close(
    session: Session, judged: Judged, running: Mapping[int, list[Anomaly]], *, now: datetime
) -> None:
    over = [
        episode.id
        for number, (_, findings) in judged.items()
        for episode in running.get(number, ())
        if episode.kind not in {finding.kind for finding in findings}
        and is_over(episode.updated_at, now)
    ]
    anomalies.end(session, over, now=now, calm_since=now - CALM)
