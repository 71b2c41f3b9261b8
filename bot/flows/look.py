"""Read what people ask to see: cards, digests, queues, receipts and the audit trail."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.detection.episode import Episode
from bot.core.hour import DAY, MOMENT, hour_of
from bot.core.intake.retention import BEHIND
from bot.core.intake.source import Pulled, Source
from bot.core.ownership import decision, offer
from bot.core.ownership.decision import Decision, State
from bot.core.ownership.offer import Move, Offer, Owned
from bot.core.ownership.owner import site_rule
from bot.core.ownership.scope import Backtest, Scope, Wide
from bot.core.ownership.trail import Decided
from bot.core.telling.chart import Picture
from bot.core.telling.digest import Card, Digest, Footer
from bot.core.telling.priority import rank
from bot.errors import NotFound
from bot.flows import audit, compose, describe, detect, find
from bot.flows.enact import POSTS
from storage import (
    anomalies,
    cleanings,
    decisions,
    digests,
    locks,
    outbox,
    samples,
    sightings,
    signatures,
    tables,
)
from storage import wide_mutes as wide
from storage.database import Database
from storage.outbox import Backlog

_BACK = timedelta(days=14)
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """The first cards that a search found, and how many there are in all."""

    cards: tuple[Card, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Handover:
    """What the next person on duty has to know: what is claimed, what is not, which mutes to look
    at, and what was just resolved."""

    claimed: tuple[Card, ...]
    unclaimed: tuple[Card, ...]
    muted: tuple[Card, ...]
    resolved: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the service.

    It has the last day in numbers, the end of each channel's newest digest, the messages that did
    not reach Slack, and which of several replicas is connected to Slack. `cleaned_by` is set where
    cleaning is far behind the clock, to the moment as of which it cleaned.
    """

    footer: Footer
    unusual: int
    unclaimed: int
    claimed: int
    muted: int
    digests: tuple[tuple[str, datetime], ...]
    backlog: Backlog
    connected: str = ""
    cleaned_by: datetime | None = None


def card(database: Database, short_id: str, *, now: datetime) -> Card:
    """One signature as it stands, with a sample, what is merged into it and the latest note.

    Raises NotFound.
    """
    with database.read() as session:
        signature = find.by_name(session, short_id)
        shown = describe.card(session, signature, now=now)
        sample, merged = _sample(session, signature.id), audit.merged(session, signature)
        (noted,) = _noted(session, [replace(shown, sample=sample, merged=merged)])
        return noted


def cards(
    database: Database, short_ids: Sequence[str], *, since: datetime, until: datetime
) -> tuple[Card, ...]:
    """Some signatures in their present state, with the counts and episodes of a window."""
    with database.read() as session:
        named = [find.by_name(session, short_id) for short_id in short_ids]
        chosen = list({signature.id: signature for signature in named}.values())
        return tuple(compose.window(session, chosen, (), since=since, now=until))


def today(database: Database, *, now: datetime) -> Digest:
    """A digest of the last 24 hours, as of now."""
    with database.read() as session:
        return compose.digest(session, since=now - timedelta(days=1), until=now)


def waiting(database: Database, *, now: datetime) -> int:
    """How many signatures have events that were not judged yet."""
    came = detect.unjudged(database, now=now)
    return len({one.signature_id for one in came if one.hour <= hour_of(now)})


def digest(database: Database, digest_id: int) -> Digest:
    """A stored digest, with each card in its present state. Raises NotFound."""
    with database.read() as session:
        row = digests.get(session, digest_id)
        if row is None:
            raise NotFound(f"There is no digest {digest_id}.")
        return compose.again(session, row)


def mine(database: Database, user: str, *, now: datetime) -> tuple[Card, ...]:
    """What a person has claimed, the oldest claim first."""
    with database.read() as session:
        return tuple(describe.cards(session, signatures.claimed_by(session, user), now=now))


def unclaimed(database: Database, *, now: datetime) -> tuple[Card, ...]:
    """The cards of unclaimed signatures that are unusual, or were lately; the most urgent first."""
    with database.read() as session:
        return compose.unclaimed(session, now=now)


def owned(database: Database, team: str, *, now: datetime) -> tuple[Card, ...]:
    """The cards of a team that it has to act on: claimed, or unusual and unclaimed; the most urgent
    first."""
    with database.read() as session:
        held = signatures.in_state(session, State.CLAIMED)
        claimed = describe.cards(session, [row for row in held if row.owner == team], now=now)
        left = [row for row in compose.waiting(session, now=now) if row.owner == team]
        return rank([*claimed, *compose.cards(session, left, now=now)])


def muted(database: Database, *, now: datetime) -> tuple[Card, ...]:
    """What is muted, in the order in which the mutes end."""
    with database.read() as session:
        return _muted(session, decisions.mutes(session), now=now)


def wide_mutes(database: Database) -> tuple[Wide, ...]:
    """The mutes of more than one signature that hold, the oldest first."""
    with database.read() as session:
        return tuple(_wide(session, row) for row in wide.holding(session))


def _wide(session: Session, row: tables.WideMute) -> Wide:
    muted = signatures.get(session, wide.muted(session, row.id))
    return Wide(
        number=row.id,
        scope=find.scope_of(row),
        by=row.by,
        at=row.at,
        until=row.until,
        reason=row.reason,
        muted=tuple(one.short_id for one in muted.values()),
    )


def backtests(
    database: Database, card: Card, scopes: Collection[Scope], *, now: datetime
) -> dict[Scope, Backtest]:
    """What a mute of each scope, begun on a card, would have hidden in the last two weeks."""
    since = now - _BACK
    with database.read() as session:
        posts = _posts(session, since)
        claims = Counter(
            one.signature_id
            for one in decisions.between(session, since, now, kinds=[Decision.CLAIM])
        )
        rows = signatures.get(session, posts)
        hit = sightings.customers_of(session, posts)
    found = {}
    for scope in scopes:
        covered = [
            number
            for number, row in rows.items()
            if row.short_id == card.short_id or scope.covers(row.service, hit[number])
        ]
        shown = set().union(*(posts[number] for number in covered))
        found[scope] = Backtest(len(shown), sum(claims[n] for n in covered), len(covered))
    return found


def _posts(session: Session, since: datetime) -> dict[int, set[int]]:
    """The digests and alerts that showed each signature since a moment, by their numbers."""
    posts: dict[int, set[int]] = defaultdict(set)
    for number, message in outbox.placed_since(session, since, kinds=POSTS):
        posts[number].add(message)
    return posts


def offered(database: Database, decision_id: int, *, now: datetime) -> Offer | None:
    """The rule of ownership that this reroute suggests together with an equal one before it; None
    if they suggest none."""
    since = now - _BACK
    with database.read() as session:
        made = decisions.between(session, since, now + MOMENT, kinds=[Decision.REROUTE])
        latest = [one for one in made if one.id == decision_id]
        busy = sightings.busy(session, first=hour_of(since), last=hour_of(now))
        rows = signatures.get(session, {*busy, *(one.signature_id for one in made)})
    if not latest:
        return None
    owned = [Owned(row.service, row.owner, row.owner_decided) for row in rows.values()]
    moves = [_move(one, rows[one.signature_id]) for one in made]
    return offer.of(_move(latest[0], rows[latest[0].signature_id]), moves, owned)


def _move(made: tables.Decision, signature: tables.Signature) -> Move:
    before, after = decision.from_json(made.before), decision.from_json(made.after)
    by_rule = bool(site_rule(before.owner_reason))
    return Move(signature.short_id, signature.service, before.owner, after.owner, by_rule)


def search(database: Database, words: str, *, now: datetime, most: int) -> Found:
    """The signatures that have the words in their title, template, type, service or id, or that hit
    the customer of that name within a day; the latest seen first."""
    last = hour_of(now)
    with database.read() as session:
        rows, total = signatures.search(session, words, first=last - DAY + 1, last=last, limit=most)
        return Found(tuple(describe.cards(session, rows, now=now)), total)


def nothing(words: str) -> str:
    """What to tell people where a search finds nothing."""
    return f"Nothing names “{words}”, and no customer of that name was hit within 24 h."


def handover(database: Database, *, now: datetime) -> Handover:
    """What the next person on duty has to know."""
    with database.read() as session:
        held = signatures.in_state(session, State.CLAIMED)
        mended = signatures.resolved(session, since=now - timedelta(days=1), until=now)
        muted = {
            number: mute
            for number, mute in decisions.mutes(session).items()
            if decision.wants_a_look(mute.at, mute.until, now=now)
        }
        return Handover(
            claimed=_noted(session, describe.cards(session, held, now=now)),
            unclaimed=_noted(session, compose.unclaimed(session, now=now)),
            muted=_noted(session, _muted(session, muted, now=now)),
            resolved=_noted(session, describe.cards(session, mended, now=now)),
        )


def status(database: Database, *, now: datetime) -> Status:
    """The state of the service: what comes in, what waits, what was sent."""
    since = now - timedelta(days=1)
    with database.read() as session:
        unusual = compose.unusual(session, now=now)
        muted = decisions.mutes(session)
        return Status(
            footer=compose.footer(session, unusual, muted, since=since, until=now),
            unusual=len(unusual),
            unclaimed=len(compose.waiting(session, now=now)),
            claimed=len(signatures.in_state(session, State.CLAIMED)),
            muted=len(muted),
            digests=tuple(digests.latest(session, now=now).items()),
            backlog=outbox.backlog(session, failed_since=since),
            connected=locks.holder(session, locks.SOCKET_MODE),
            cleaned_by=_behind(cleanings.last(session), now=now),
        )


def _behind(cleaned_by: datetime | None, *, now: datetime) -> datetime | None:
    is_behind = cleaned_by is not None and now - cleaned_by > BEHIND
    return cleaned_by if is_behind else None


def connected(database: Database) -> str:
    """The replica that is connected to Slack; empty where none is, or on SQLite."""
    with database.read() as session:
        return locks.holder(session, locks.SOCKET_MODE)


def sources(database: Database, *, now: datetime) -> tuple[Source, ...]:
    """Where errors came from lately, by name: how many, how fresh, and who is silent."""
    with database.read() as session:
        return tuple(compose.sources(session, hour_of(now)))


def pulled(database: Database) -> tuple[Pulled, ...]:
    """The sources that were ever pulled from, by name."""
    with database.read() as session:
        return compose.pulled(session)


def sources_as_json(database: Database, *, now: datetime) -> list[dict[str, Any]]:
    """The sources as other programs read them: those that push, and those that are pulled from."""
    pulls = {one.name: {"pull": one.as_json(now=now)} for one in pulled(database)}
    heard = {one.name: one.as_json() for one in sources(database, now=now)}
    empty = {"errors_24h": 0, "silent": False}
    return [
        {"source": name, **heard.get(name, empty), **pulls.get(name, {})}
        for name in sorted({*pulls, *heard})
    ]


def posted_until(database: Database, *, now: datetime) -> tuple[tuple[str, datetime], ...]:
    """The end of the window of each channel's newest digest."""
    with database.read() as session:
        return tuple(digests.latest(session, now=now).items())


def backlog(database: Database, *, now: datetime) -> Backlog:
    """The messages that did not reach Slack, and why."""
    with database.read() as session:
        return outbox.backlog(session, failed_since=now - timedelta(days=1))


def picture(database: Database, short_id: str) -> Picture | None:
    """The latest picture of a signature's trend that was uploaded to Slack, if any. Raises
    NotFound."""
    with database.read() as session:
        number = find.by_name(session, short_id).id
        shown = outbox.contents(session, number, kind="details")
    kept = next((one["picture"] for one in shown if one.get("picture")), None)
    return Picture(**kept) if kept else None


def hit(database: Database, short_id: str) -> Collection[str]:
    """The named customers that a signature ever hit. Raises NotFound."""
    with database.read() as session:
        number = find.by_name(session, short_id).id
        return sightings.customers_of(session, [number])[number]


def shown_on(database: Database, channel: str, ts: str) -> tuple[str, ...] | None:
    """The short ids of the signatures that a message shows: of one about a single signature that
    one, else all. None where it is not one of our messages."""
    with database.read() as session:
        message = outbox.standing(session, channel, ts)
        if message is None:
            return None
        if lead := message.content.get("signature"):
            return (str(lead),)
        rows = signatures.get(session, outbox.shown_on(session, message.id))
        return tuple(row.short_id for row in rows.values())


def receipts(database: Database, short_id: str) -> tuple[Episode, ...]:
    """Why a signature was ever called unusual, the newest first. Raises NotFound."""
    with database.read() as session:
        rows = anomalies.of(session, [find.by_name(session, short_id).id])
        return tuple(describe.told(row) for row in rows)


def history(database: Database, short_id: str) -> tuple[Decided, ...]:
    """Every decision on a signature and every merge into it, the newest first. Raises NotFound."""
    with database.read() as session:
        return audit.trail(session, find.by_name(session, short_id))


def decided(database: Database, decision_id: int) -> Decided:
    """One decision. Raises NotFound."""
    with database.read() as session:
        row = decisions.get(session, decision_id)
        if row is None:
            raise NotFound(f"There is no decision {decision_id}.")
        return audit.line(row)


def fingerprints(database: Database, numbers: Collection[int]) -> dict[int, str]:
    """The fingerprints of the signatures with these numbers."""
    with database.read() as session:
        found = signatures.get(session, numbers)
    return {number: signature.fingerprint for number, signature in found.items()}


def _muted(session: Session, held: Mapping[int, tables.Mute], *, now: datetime) -> tuple[Card, ...]:
    """The cards of what is muted, in the order in which the mutes end."""
    rows = signatures.get(session, held)
    ordered = sorted(rows.values(), key=lambda row: (held[row.id].until or FOREVER, row.id))
    return tuple(describe.cards(session, ordered, now=now))


def _noted(session: Session, shown: Sequence[Card]) -> tuple[Card, ...]:
    """The same cards, each with the latest note on it."""
    numbers = signatures.numbers(session, [one.short_id for one in shown])
    made = decisions.newest_of(session, numbers.values(), Decision.NOTE)
    notes = {number: audit.line(row) for number, row in made.items()}
    return tuple(replace(one, note=notes.get(numbers[one.short_id])) for one in shown)


def _sample(session: Session, signature_id: int) -> str:
    kept = samples.of(session, signature_id)
    return (kept[-1].stack or kept[-1].message) if kept else ""
