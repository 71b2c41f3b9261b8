"""Read what people ask to see: cards, digests, queues, receipts and the audit trail."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlmodel import Session

from bot.core import baseline, decision, rules
from bot.core.analysis import Analysis, Case
from bot.core.anomaly import Kind
from bot.core.baseline import DAY, DAYS, History, Sighting, hour_of
from bot.core.decision import Decision, Mute, Standing, State
from bot.core.digest import Card, Digest, Footer, Why
from bot.core.priority import rank
from bot.errors import NotFound
from storage import (
    analyses,
    anomalies,
    decisions,
    deploys,
    digests,
    events,
    merges,
    outbox,
    samples,
    sightings,
    signatures,
    tables,
)
from storage.database import Database
from storage.outbox import Backlog
from storage.tables import Signature

NEWS_FOR = timedelta(days=7)
"""What began longer ago is no news, whenever we came to know of it."""
_NEAR = 0.3
"""How alike an id must be to be offered for another: an `E-` and one more letter in common."""
_MOMENT = timedelta(microseconds=1)
LONGEST_LOOK = 31 * DAY
"""Who looked for so many hours knows what is usual; what lies before changes nothing."""
SILENCE = 7 * DAY
"""Hours without any error, after which older ones are another story: one stray line of an old year
does not mean that somebody watched ever since."""
DEPLOY_WINDOW = timedelta(hours=24)
"""A first sight this soon after a version's is worth naming the version for."""
FOREVER = datetime.max.replace(tzinfo=UTC)
STALE_AFTER = timedelta(hours=1)
"""Numbers older than this are told with their time: beside those of now they would contradict."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One anomaly of a signature with its receipt, as stored."""

    kind: Kind
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    receipt: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of the audit trail."""

    id: int
    kind: str
    by: str
    at: datetime
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """The first of what was found, and how many there are in all."""

    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Handover:
    """Who has what, what nobody has, which mutes end within a day, and what was just mended."""

    claimed: tuple[Card, ...]
    unclaimed: tuple[Card, ...]
    ending: tuple[Card, ...]
    resolved: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How it goes: the last day in numbers, until when each channel's newest digest goes, and the
    messages that did not reach Slack."""

    footer: Footer
    unusual: int
    unclaimed: int
    claimed: int
    muted: int
    digests: tuple[tuple[str, datetime], ...]
    backlog: Backlog


def card(database: Database, short_id: str, *, now: datetime) -> Card:
    """One signature as it stands, with an event of it. Raises NotFound."""
    with database.read() as session:
        signature = by_name(session, short_id)
        return replace(card_of(session, signature, now=now), sample=_sample(session, signature.id))


def cards(
    database: Database, short_ids: Sequence[str], *, since: datetime, until: datetime
) -> tuple[Card, ...]:
    """Some signatures with the counts and episodes of a window, in their state of now."""
    with database.read() as session:
        named = [by_name(session, short_id) for short_id in short_ids]
        chosen = list({signature.id: signature for signature in named}.values())
        return tuple(_told(session, chosen, (), since=since, now=until))


def today(database: Database, *, now: datetime) -> Digest:
    """The last 24 hours so far, as a digest would tell them."""
    with database.read() as session:
        return compose(session, since=now - timedelta(days=1), until=now)


def digest(database: Database, digest_id: int) -> Digest:
    """A digest as it was composed, each card in its state of now. Raises NotFound."""
    with database.read() as session:
        row = digests.get(session, digest_id)
        if row is None:
            raise NotFound(f"There is no digest {digest_id}.")
        return _as_composed(session, row)


def mine(database: Database, user: str, *, now: datetime) -> tuple[Card, ...]:
    """What a person holds, the oldest claim first."""
    with database.read() as session:
        return tuple(cards_of(session, signatures.claimed_by(session, user), now=now))


def unclaimed(database: Database, *, now: datetime) -> tuple[Card, ...]:
    """What behaves unusually and is nobody's, the most urgent first."""
    with database.read() as session:
        return _unclaimed(session, now=now)


def owned(database: Database, team: str, *, now: datetime) -> tuple[Card, ...]:
    """What a team has to act on: claimed, or unusual and nobody's; the most urgent first."""
    with database.read() as session:
        held = signatures.in_state(session, State.CLAIMED)
        theirs = [row for row in (*held, *_waiting(session)) if row.owner == team]
        return rank(cards_of(session, theirs, now=now))


def muted(database: Database, *, now: datetime) -> tuple[Card, ...]:
    """What is muted, the end that comes next first."""
    with database.read() as session:
        return _muted(session, now=now)


def search(database: Database, words: str, *, now: datetime, most: int) -> Found:
    """What names the words in its title, template, type, service or id, the latest seen first."""
    with database.read() as session:
        rows, total = signatures.search(session, words, limit=most)
        return Found(tuple(cards_of(session, rows, now=now)), total)


def handover(database: Database, *, now: datetime) -> Handover:
    """What whoever comes next has to know."""
    with database.read() as session:
        held = signatures.in_state(session, State.CLAIMED)
        mended = signatures.resolved(session, since=now - timedelta(days=1), until=now)
        muted = _muted(session, now=now, until=now + timedelta(days=1))
        return Handover(
            claimed=tuple(cards_of(session, held, now=now)),
            unclaimed=_unclaimed(session, now=now),
            ending=muted,
            resolved=tuple(cards_of(session, mended, now=now)),
        )


def status(database: Database, *, now: datetime) -> Status:
    """How it goes: what comes in, what waits, what was sent."""
    since = now - timedelta(days=1)
    with database.read() as session:
        unusual = {episode.signature_id for episode in anomalies.still_open(session)}
        muted = decisions.mutes(session)
        return Status(
            footer=_footer(session, unusual, muted, since=since, until=now),
            unusual=len(unusual),
            unclaimed=len(_waiting(session)),
            claimed=len(signatures.in_state(session, State.CLAIMED)),
            muted=len(muted),
            digests=tuple(digests.latest(session).items()),
            backlog=outbox.backlog(session, failed_since=since),
        )


def backlog(database: Database, *, now: datetime) -> Backlog:
    """The messages that did not reach Slack, and why."""
    with database.read() as session:
        return outbox.backlog(session, failed_since=now - timedelta(days=1))


def receipts(database: Database, short_id: str) -> tuple[Episode, ...]:
    """Why a signature was ever called unusual, the newest first. Raises NotFound."""
    with database.read() as session:
        rows = anomalies.of(session, [by_name(session, short_id).id])
        return tuple(
            Episode(Kind(row.kind), row.reason, row.opened_at, row.closed_at, row.receipt)
            for row in rows
        )


def history(database: Database, short_id: str) -> tuple[Decided, ...]:
    """Every decision on a signature and every merge into it, the newest first. Raises NotFound."""
    with database.read() as session:
        signature = by_name(session, short_id)
        rows = [_decided(row) for row in decisions.of(session, signature.id)]
        for case in merges.cases(session, signature.id):
            made = decisions.of(session, case.id)
            rows += [_decided(row, it=case.short_id) for row in made if row.kind == "merge"]
        return tuple(sorted(rows, key=lambda row: row.id, reverse=True))


def decided(database: Database, decision_id: int) -> Decided:
    """One decision. Raises NotFound."""
    with database.read() as session:
        row = decisions.get(session, decision_id)
        if row is None:
            raise NotFound(f"There is no decision {decision_id}.")
        return _decided(row)


def by_name(session: Session, short_id: str) -> Signature:
    """The signature people mean by an id: that which it is merged into, if it is.

    Raises NotFound with the nearest.
    """
    return merges.root(session, named(session, short_id))


def named(session: Session, short_id: str) -> Signature:
    """The signature of an id, written any way, merged or not. Raises NotFound with the nearest."""
    said = short_id.strip().strip("`*_<>").upper()
    bare = said.removeprefix("E-")
    names = (said,) if said != bare else (f"E-{bare.removeprefix('E')}", f"E-{bare}")
    for name in names:
        if found := signatures.find(session, name):
            return found
    near = get_close_matches(names[0], signatures.short_ids(session), n=3, cutoff=_NEAR)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise NotFound(f"There is no signature {names[0][:40]}.{hint}")


def fingerprints(database: Database, numbers: Collection[int]) -> dict[int, str]:
    """The fingerprints of the signatures with these numbers."""
    with database.read() as session:
        found = signatures.get(session, numbers)
    return {number: signature.fingerprint for number, signature in found.items()}


def by_number(session: Session, signature_id: int) -> Signature:
    """The signature with this number. Raises NotFound."""
    found = signatures.get(session, [signature_id]).get(signature_id)
    if found is None:
        raise NotFound(f"There is no signature number {signature_id}.")
    return found


def cases_of(session: Session, chosen: Iterable[Signature]) -> dict[int, Case]:
    """What an analyst is shown of each signature: its first sample, redacted when it was kept."""
    by_number = {signature.id: signature for signature in chosen}
    shown = samples.first(session, by_number)
    return {number: _case(signature, shown.get(number)) for number, signature in by_number.items()}


def _case(signature: Signature, sample: tables.Sample | None) -> Case:
    return Case(
        service=signature.service,
        title=signature.title,
        template=signature.template,
        error_type=signature.error_type,
        message=sample.message if sample else "",
        stack=sample.stack if sample else "",
    )


def standing(session: Session, signature: Signature) -> Standing:
    """Where a signature stands, with the mute that holds."""
    mute, into = decisions.mute_of(session, signature.id), signature.merged_into
    stands = _standing(signature, mute)
    return (
        stands if into is None else replace(stands, merged_into=by_number(session, into).short_id)
    )


def sentence(made: tables.Decision, *, it: str = "it") -> str:
    """What was decided, with `<@…>` for whoever did: "<@U1> claimed it"; of a merge with `it`."""
    who = "Triage" if made.by == decision.PROGRAM else f"<@{made.by}>"
    after = made.after
    said = {
        "claim": f"{who} claimed it",
        "release": f"{who} released it",
        "reroute": f"{who} rerouted it to {after['owner']}",
        "mute": f"{who} muted it",
        "unmute": f"{who} ended the mute",
        "resolve": f"{who} resolved it",
        "reopen": f"{who} reopened it",
        "too late": f"{who} came too late to {made.reason} it",
        "merge": f"{who} merged {it} into {after.get('merged_into')}",
        "split": f"{who} split it off",
    }
    return said.get(made.kind, f"{who} {made.reason}")


def card_of(session: Session, signature: Signature, *, now: datetime) -> Card:
    """One signature as it stands."""
    return cards_of(session, [signature], now=now)[0]


def cards_of(
    session: Session,
    chosen: Sequence[Signature],
    *,
    now: datetime,
    episodes: Iterable[tables.Anomaly] | None = None,
) -> list[Card]:
    """Some signatures as they stand, in the same order, with a few queries for all of them.

    They tell of `episodes`, or else of those that were not over a day ago.
    """
    ids = [signature.id for signature in chosen]
    if episodes is None:
        episodes = anomalies.of(session, ids, since=now - timedelta(days=1))
    muted = decisions.mutes(session, ids)
    rerouted = [one.id for one in chosen if one.owner_decided]
    rerouted_by = decisions.latest_by(session, rerouted, Decision.REROUTE)
    resolved = [one.id for one in chosen if one.state == State.RESOLVED]
    resolved_by = decisions.latest_by(session, resolved, Decision.RESOLVE)
    explained = _explained(session, chosen)
    introduced = deploys.introduced(session, ids)
    whys = _whys(episodes, until=now)
    histories = _histories(session, ids, now)
    known_customers = sightings.known_customers(session, now) if ids else 0
    return [
        _card(
            signature,
            mute=muted.get(signature.id),
            explained=explained[signature.id],
            introduced=introduced.get(signature.id),
            whys=whys.get(signature.id, ()),
            history=histories[signature.id],
            known_customers=known_customers,
            rerouted_by=rerouted_by.get(signature.id, ""),
            resolved_by=resolved_by.get(signature.id, ""),
            now=now,
        )
        for signature in chosen
    ]


def compose(
    session: Session, *, since: datetime, until: datetime, after: int | None = None
) -> Digest:
    """What a digest of a window says.

    `after` is the newest episode that was known at the digest before it: what was stored since is
    news too, even when it is of an earlier time, as that of a log that was read late.
    """
    muted = decisions.mutes(session)
    news = anomalies.news(session, since=since, until=until, after=after, oldest=until - NEWS_FOR)
    shown = list(dict.fromkeys(episode.signature_id for episode in news))
    rows = _counting(session, shown)
    loud = [rows[number] for number in shown if number in rows and number not in muted]
    cards = rank(_told(session, loud, news, since=since, now=until))
    mended = signatures.resolved(session, since=since, until=until)
    return Digest(
        since=since,
        until=until,
        cards=cards,
        footer=_footer(session, shown, muted, since=since, until=until),
        unclaimed=_unclaimed(session, now=until, besides=shown),
        resolved=tuple(
            cards_of(session, [row for row in mended if row.id not in shown], now=until)
        ),
        episodes=tuple(episode.id for episode in news),
    )


def _told(
    session: Session,
    chosen: Sequence[Signature],
    news: Collection[tables.Anomaly],
    *,
    since: datetime,
    now: datetime,
) -> list[Card]:
    """The cards of a window: they tell of its news, and of whatever else was not over before it."""
    going_on = anomalies.of(session, [signature.id for signature in chosen], since=since)
    return cards_of(session, chosen, now=now, episodes=[*news, *going_on])


def _counting(session: Session, numbers: Collection[int]) -> dict[int, Signature]:
    """Those of some signatures that count for themselves: what is merged since is shown nowhere."""
    found = signatures.get(session, numbers)
    return {number: one for number, one in found.items() if one.merged_into is None}


def _as_composed(session: Session, row: tables.Digest) -> Digest:
    content = row.content
    mended = content.get("resolved", [])
    rows = _counting(session, [*content["cards"], *content["unclaimed"], *mended])
    shown = [rows[number] for number in content["cards"] if number in rows]
    waiting = [rows[number] for number in content["unclaimed"] if number in rows]
    news = anomalies.get(session, content["episodes"])
    return Digest(
        since=row.since,
        until=row.until,
        cards=tuple(_told(session, shown, news, since=row.since, now=row.until)),
        footer=Footer.from_json(content["footer"]),
        late=row.late,
        unclaimed=tuple(cards_of(session, waiting, now=row.until)),
        resolved=tuple(
            _still_resolved(session, [rows[n] for n in mended if n in rows], now=row.until)
        ),
        episodes=tuple(content["episodes"]),
    )


def _still_resolved(session: Session, rows: Sequence[Signature], *, now: datetime) -> list[Card]:
    return cards_of(session, [row for row in rows if row.state == State.RESOLVED], now=now)


def _unclaimed(
    session: Session, *, now: datetime, besides: Collection[int] = ()
) -> tuple[Card, ...]:
    return rank(cards_of(session, _waiting(session, besides=besides), now=now))


def _waiting(session: Session, *, besides: Collection[int] = ()) -> list[Signature]:
    """What behaves unusually and is nobody's."""
    numbers = {episode.signature_id for episode in anomalies.still_open(session)}
    rows = signatures.get(session, numbers - set(besides)).values()
    return [row for row in rows if row.state == State.OPEN]


def _muted(session: Session, *, now: datetime, until: datetime | None = None) -> tuple[Card, ...]:
    """What is muted, or what a mute that ends by `until` hides; the end that comes next first."""
    held = decisions.mutes(session)
    chosen = [n for n, row in held.items() if not until or (row.until and row.until <= until)]
    rows = signatures.get(session, chosen)
    ordered = sorted(rows.values(), key=lambda row: (held[row.id].until or FOREVER, row.id))
    return tuple(cards_of(session, ordered, now=now))


def _footer(
    session: Session,
    shown: Collection[int],
    muted: Mapping[int, tables.Mute],
    *,
    since: datetime,
    until: datetime,
) -> Footer:
    """What stands behind a window, in whole hours: each hour is of one digest."""
    first, last = hour_of(since - _MOMENT) + 1, hour_of(until - _MOMENT)
    busy = sightings.busy(session, first=first, last=last)
    mutes = muted.keys() & busy.keys()
    return Footer(
        events=sum(busy.values()),
        arrived=events.count(session, first=first, last=last),
        signatures=len(busy),
        quiet=len(busy.keys() - set(shown) - mutes),
        muted=len(mutes),
        hidden_events=_hidden(session, {number: muted[number] for number in mutes}, busy),
        judges_from=_judges_from(session, until),
        sources=events.freshness(session),
    )


def _hidden(session: Session, muted: Mapping[int, tables.Mute], busy: Mapping[int, int]) -> int:
    """What mutes hid of the events of a window: none of those that came before the mute."""
    rows = signatures.get(session, muted)
    since = {number: row.total - muted[number].total_at_start for number, row in rows.items()}
    return sum(max(0, min(busy[number], count)) for number, count in since.items())


def _judges_from(session: Session, now: datetime) -> datetime | None:
    """From when on anything can be called unusual; None when that is so already."""
    first = baseline.judges_from(known_since(session, hour_of(now)))
    return baseline.start_of(first) if hour_of(now) < first else None


def _card(
    signature: Signature,
    *,
    mute: tables.Mute | None,
    explained: tuple[str, Analysis],
    introduced: tuple[str, datetime] | None,
    whys: tuple[Why, ...],
    history: History,
    known_customers: int,
    rerouted_by: str,
    resolved_by: str,
    now: datetime,
) -> Card:
    stands = _standing(signature, mute)
    hour = hour_of(now - _MOMENT)
    start = hour - DAY + 1
    usual = baseline.usual_day(history, start)
    hit = history.customers(start, hour)
    last_day = history.count(start, hour)
    analyst, analysis = explained
    release, released_at = _release(signature, introduced)
    return Card(
        short_id=signature.short_id,
        service=signature.service,
        environment=signature.environment,
        title=signature.title,
        template=signature.template,
        state=stands.state,
        owner=stands.owner,
        owner_reason=stands.owner_reason,
        assignee=stands.assignee,
        claimed_at=stands.claimed_at,
        resolved_at=stands.resolved_at,
        mute=stands.mute,
        whys=whys,
        first_seen=signature.first_seen,
        last_seen=signature.last_seen,
        total=signature.total,
        last_day=last_day,
        usual_day=usual.mean,
        daily=(*_padded(usual.peaks), last_day),
        customers=tuple(hit.items()),
        analysis=analysis,
        analyst=analyst,
        as_of=now,
        release=release,
        released_at=released_at,
        known_customers=known_customers,
        rerouted_by=rerouted_by,
        resolved_by=resolved_by,
    )


def _padded(peaks: Sequence[int]) -> tuple[int, ...]:
    """The days before, the oldest first, always a fortnight of them."""
    return (0,) * (DAYS - len(peaks)) + tuple(reversed(peaks))


def _explained(session: Session, chosen: Collection[Signature]) -> dict[int, tuple[str, Analysis]]:
    """For each signature who explains it, and how: the rules, where nobody did so far."""
    kept = analyses.of(session, [signature.id for signature in chosen])
    unexplained = cases_of(session, [one for one in chosen if one.id not in kept])
    return {
        **{number: (row.analyst, Analysis.from_json(row.content)) for number, row in kept.items()},
        **{number: ("rules", rules.analyse(case)) for number, case in unexplained.items()},
    }


def _release(
    signature: Signature, introduced: tuple[str, datetime] | None
) -> tuple[str, datetime | None]:
    """The release that began shortly before the signature, and when: "checkout 4.19.1"."""
    if introduced is None or signature.first_seen - introduced[1] > DEPLOY_WINDOW:
        return "", None
    return f"{signature.service} {introduced[0]}", introduced[1]


def _sample(session: Session, signature_id: int) -> str:
    kept = samples.of(session, signature_id)
    return (kept[-1].stack or kept[-1].message) if kept else ""


def _standing(signature: Signature, mute: tables.Mute | None) -> Standing:
    return Standing(
        state=State(signature.state),
        owner=signature.owner,
        owner_reason=signature.owner_reason,
        owner_decided=signature.owner_decided,
        assignee=signature.assignee,
        claimed_at=signature.claimed_at,
        resolved_at=signature.resolved_at,
        resolved_in=signature.resolved_in,
        mute=_mute(mute) if mute else None,
    )


def _mute(row: tables.Mute) -> Mute:
    return Mute(
        reason=row.reason,
        by=row.by,
        at=row.at,
        until=row.until,
        max_events=row.max_events,
        max_customers=row.max_customers,
        total_at_start=row.total_at_start,
        hit_at_start=row.hit_at_start,
    )


def _whys(episodes: Iterable[tables.Anomaly], *, until: datetime) -> dict[int, tuple[Why, ...]]:
    """Of each signature its episodes of each kind, the newest of a kind, the newest first."""
    whys: dict[int, tuple[Why, ...]] = {}
    for episode in sorted(episodes, key=lambda one: (one.opened_at, one.id), reverse=True):
        why = _why(episode, until=until)
        known = whys.get(episode.signature_id, ())
        if why.opened_at <= until and why.kind not in {one.kind for one in known}:
            whys[episode.signature_id] = (*known, why)
    return whys


def _why(episode: tables.Anomaly, *, until: datetime) -> Why:
    """An episode as it stood at a moment: its numbers are those of its last update."""
    ended = episode.closed_at if episode.closed_at and episode.closed_at <= until else None
    stale = until - episode.updated_at > STALE_AFTER
    return Why(
        Kind(episode.kind),
        episode.reason,
        episode.opened_at,
        true_at=episode.updated_at if ended or stale else None,
        ended_at=ended,
    )


def _histories(session: Session, ids: Collection[int], now: datetime) -> dict[int, History]:
    first = hour_of(now) - (DAYS + 1) * DAY
    since = max(first, known_since(session, hour_of(now)))
    rows = by_signature(session, ids, since_hour=first)
    return {number: History(seen, since) for number, seen in rows.items()}


def known_since(session: Session, hour: int) -> int:
    """The first hour from which on somebody looked, as seen from an hour.

    That is since the first event reached us, and before that as far back as what was read from
    files goes without a silent week.
    """
    since = min(hour, events.first_arrival(session) or hour)
    while since > hour - LONGEST_LOOK:
        earlier = sightings.first_hour(session, since=since - SILENCE, before=since)
        if earlier is None:
            break
        since = earlier
    return since


def by_signature(
    session: Session, ids: Collection[int], *, since_hour: int
) -> dict[int, Sequence[Sighting]]:
    """The sightings of each of some signatures since an hour; none is an empty list."""
    rows: dict[int, Sequence[Sighting]] = {number: [] for number in ids}
    found: Any = sightings.of(session, ids, since_hour=since_hour)
    for number, seen in groupby(found, key=itemgetter(0)):
        rows[number] = list(seen)
    return rows


def _decided(row: tables.Decision, *, it: str = "it") -> Decided:
    return Decided(row.id, row.kind, row.by, row.at, row.reason, sentence(row, it=it))
