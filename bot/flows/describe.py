"""Describe signatures: for people as cards, for an analyst as symptoms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from bot.core import rules
from bot.core.analysis import Analysis, Symptom
from bot.core.asking import proof
from bot.core.detection import episode, release
from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.detection.usual import DAYS
from bot.core.hour import DAY, hour_of, last_hour
from bot.core.ownership.decision import Decision, State
from bot.core.ownership.scope import Scope
from bot.core.telling import trend
from bot.core.telling.digest import Card
from bot.core.telling.trend import Trend
from bot.flows import find, recall
from storage import analyses, anomalies, decisions, deploys, samples, sightings, tables
from storage.tables import Signature


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of some signatures besides their rows, each by number."""

    mutes: Mapping[int, tables.Mute]
    scopes: Mapping[int, Scope]
    explained: Mapping[int, "Explained"]
    introduced: Mapping[int, tuple[str, datetime]]
    whys: Mapping[int, tuple[Why, ...]]
    trends: Mapping[int, Trend]
    rerouted_by: Mapping[int, str]
    resolved_by: Mapping[int, str]
    confirmed: Mapping[int, tables.Decision]
    customers: int


@dataclass(frozen=True, slots=True)
class Explained:
    """The analysis that people are shown; who gave it, under which version of prompt or rules, and
    when, if that was a model.

    `checked` says why a model's answer is not shown, or what it said last; `waits` why no model was
    asked that would be.
    """

    analysis: Analysis
    analyst: str = analyses.RULES
    version: str = ""
    at: datetime | None = None
    checked: str = ""
    waits: str = ""


def card(session: Session, signature: Signature, *, now: datetime) -> Card:
    """One signature as it stands."""
    return cards(session, [signature], now=now)[0]


def cards(
    session: Session,
    chosen: Sequence[Signature],
    *,
    now: datetime,
    episodes: Iterable[tables.Anomaly] | None = None,
) -> list[Card]:
    """Some signatures as they stand, in the same order, with a few queries for all of them.

    They tell of `episodes`, or else of those that were not over a day ago.
    """
    if not chosen:
        return []
    if episodes is None:
        ids = [signature.id for signature in chosen]
        episodes = anomalies.of(session, ids, since=now - timedelta(days=1))
    known = _known(session, chosen, episodes, now=now)
    return [_card(signature, known, now=now) for signature in chosen]


def symptoms(session: Session, chosen: Iterable[Signature]) -> dict[int, Symptom]:
    """What an analyst is shown of each signature: its first sample, redacted when it was kept."""
    by_number = {signature.id: signature for signature in chosen}
    shown = samples.first(session, by_number)
    return {number: _case(signature, shown.get(number)) for number, signature in by_number.items()}


def explained(session: Session, chosen: Collection[Signature]) -> dict[int, Explained]:
    """The explanation of each signature: a model's, or that of the rules where no model gave one
    that held."""
    kept = analyses.of(session, [signature.id for signature in chosen])
    said = {number: row for number, row in kept.items() if row.analyst != analyses.RULES}
    kept |= analyses.by(session, analyses.RULES, said)
    shown = {number: _ruled(row) for number, row in kept.items() if row.analyst == analyses.RULES}
    known = symptoms(session, [one for one in chosen if one.id not in shown])
    shown |= {number: Explained(rules.analyse(symptom)) for number, symptom in known.items()}
    return shown | {number: _said(row, shown[number]) for number, row in said.items()}


def _ruled(row: tables.Analysis) -> Explained:
    return Explained(Analysis.from_json(row.content), version=row.version, waits=row.note)


def _said(row: tables.Analysis, ruled: Explained) -> Explained:
    """A model's explanation, under the verdict the rules give now; that of the rules alone where
    none of its quotes was found."""
    if not analyses.is_proven(row):
        return replace(ruled, checked=str(row.content.get("checked", "")))
    analysis = proof.as_of_now(Analysis.from_json(row.content), ruled.analysis)
    return Explained(analysis, row.analyst, row.version, row.at, checked=row.note)


def told(row: tables.Anomaly) -> Episode:
    """An episode, from its row."""
    return Episode(
        Kind(row.kind), row.reason, row.opened_at, row.closed_at, row.receipt, row.updated_at
    )


def _case(signature: Signature, sample: tables.Sample | None) -> Symptom:
    return Symptom(
        service=signature.service,
        title=signature.title,
        template=signature.template,
        error_type=signature.error_type,
        message=sample.message if sample else "",
        stack=sample.stack if sample else "",
    )


def _known(
    session: Session,
    chosen: Sequence[Signature],
    episodes: Iterable[tables.Anomaly],
    *,
    now: datetime,
) -> _Known:
    ids = [signature.id for signature in chosen]
    rerouted = [one.id for one in chosen if one.owner_decided]
    resolved = [one.id for one in chosen if one.state == State.RESOLVED]
    mutes = decisions.mutes(session, ids)
    return _Known(
        mutes=mutes,
        scopes=find.scopes_of(session, mutes.values()),
        explained=explained(session, chosen),
        introduced=deploys.introduced(session, ids),
        whys=_whys(episodes, until=now),
        trends=_trends(session, ids, now),
        rerouted_by=_by(session, rerouted, Decision.REROUTE),
        resolved_by=_by(session, resolved, Decision.RESOLVE),
        confirmed=decisions.newest_of(session, resolved, Decision.CONFIRM),
        customers=sightings.known_customers(session, now),
    )


def _by(session: Session, ids: Collection[int], kind: Decision) -> dict[int, str]:
    return {number: made.by for number, made in decisions.newest_of(session, ids, kind).items()}


def _whys(episodes: Iterable[tables.Anomaly], *, until: datetime) -> dict[int, tuple[Why, ...]]:
    ordered = sorted(
        episodes, key=lambda one: (one.signature_id, one.opened_at, one.id), reverse=True
    )
    return {
        number: episode.whys(map(told, newest_first), until=until)
        for number, newest_first in groupby(ordered, key=lambda one: one.signature_id)
    }


def _trends(session: Session, ids: Collection[int], now: datetime) -> dict[int, Trend]:
    hour = last_hour(now)
    first = hour_of(now) - (DAYS + 1) * DAY
    since = max(first, recall.known_since(session, hour_of(now)))
    by_hour = sightings.hourly(session, ids, first=first, last=hour)
    hit = sightings.hit_between(session, ids, first=hour - DAY + 1, last=hour)
    return {
        number: trend.of(by_hour[number], hit[number], hour=hour, known_since=since)
        for number in ids
    }


def _card(signature: Signature, known: _Known, *, now: datetime) -> Card:
    number = signature.id
    card, explained = _bare_card(signature, known, now=now), known.explained[number]
    running = any(not why.ended_at for why in card.whys)
    release_name, released_at = _release(signature, known.introduced.get(number))
    return replace(
        card,
        explained_at=explained.at,
        unexplained=_unexplained(explained) or (explained.waits if running else ""),
        release=release_name,
        released_at=released_at,
        known_customers=known.customers,
        rerouted_by=known.rerouted_by.get(number, ""),
        resolved_by=known.resolved_by.get(number, ""),
        resolved_in=signature.resolved_in,
        stayed_quiet=_stayed_quiet(signature, known.confirmed.get(number)),
        version=explained.version,
    )


def _unexplained(explained: Explained) -> str:
    """Why a model's answer is not shown, or not its latest."""
    why = explained.checked
    if not why or explained.at:
        return why
    return (
        f"a model found {why}"
        if why == proof.NOT_ENOUGH
        else f"a model's answer was dropped, {why}"
    )


def _bare_card(signature: Signature, known: _Known, *, now: datetime) -> Card:
    """A card with what every card tells: its state, its counts and its explanation."""
    stands = find.standing_of(signature, known.mutes.get(signature.id), known.scopes)
    lately, explained = known.trends[signature.id], known.explained[signature.id]
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
        whys=known.whys.get(signature.id, ()),
        first_seen=signature.first_seen,
        last_seen=signature.last_seen,
        total=signature.total,
        last_day=lately.last_day,
        usual_day=lately.usual_day,
        daily=lately.daily,
        customers=lately.customers,
        analysis=explained.analysis,
        analyst=explained.analyst,
        as_of=now,
    )


def _stayed_quiet(signature: Signature, confirmed: tables.Decision | None) -> str:
    """What was confirmed about the current resolution; empty for an earlier one."""
    resolved_at = signature.resolved_at
    holds = confirmed and resolved_at and confirmed.at >= resolved_at
    return confirmed.reason if confirmed and holds else ""


def _release(
    signature: Signature, introduced: tuple[str, datetime] | None
) -> tuple[str, datetime | None]:
    """The release that began shortly before the signature was first seen, as "checkout 4.19.1", and
    when."""
    suspect = release.suspect(introduced, signature.first_seen)
    return (f"{signature.service} {suspect[0]}", suspect[1]) if suspect else ("", None)
