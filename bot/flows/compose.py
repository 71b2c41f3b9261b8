"""Compose digests: a new one of a window of time, or an earlier one with its cards as they stand
now."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from bot.core.detection.finding import Kind
from bot.core.hour import DAY, last_hour, start_of
from bot.core.intake import source
from bot.core.intake.source import MEMORY_HOURS, Backlog, Pulled, Source
from bot.core.ownership.decision import State
from bot.core.telling import digest as digests
from bot.core.telling.audience import EVERYTHING, Audience
from bot.core.telling.digest import Card, Digest, Footer
from bot.core.telling.priority import rank
from bot.flows import describe, recall
from storage import anomalies, calls, decisions, events, pulls, sightings, signatures, tables
from storage.tables import Signature

NEWS_FOR = timedelta(days=7)
"""An episode that began longer ago is no news, even where we come to know of it now."""
LINGERS = timedelta(days=1)
"""An unclaimed error is listed so long after its episode is over."""
WAITS = NEWS_FOR
"""So long one that was critical is listed."""
_SEEN, _RANKED = 5, 50
"""While nothing can be judged yet, so many signatures are named: the most urgent of so many that
came in most often."""


def digest(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    after: int | None = None,
    audience: Audience = EVERYTHING,
) -> Digest:
    """The digest of a window, for an audience that may want only some errors.

    `after` is the newest episode that was stored at the digest before. What was stored since is
    news, even where it began before the window: a log may be read late.
    """
    muted = decisions.mutes(session)
    loud, left, news = listed(session, since=since, until=until, after=after, muted=muted)
    shown = list(dict.fromkeys(episode.signature_id for episode in news))
    mended = signatures.resolved(session, since=since, until=until)
    others = [row for row in mended if row.id not in shown]
    named = [*shown, *(row.id for row in left)]
    behind = footer(session, named, muted, since=since, until=until)
    told = {*shown, *muted, *(row.id for row in (*mended, *left))}
    found = window(session, loud, news, since=since, now=until)
    theirs = _for(audience, found)
    came = _seen(session, since=since, until=until, besides=told) if behind.judges_from else _NONE
    return Digest(
        since=since,
        until=until,
        cards=rank(theirs),
        footer=behind,
        unclaimed=tuple(_for(audience, cards(session, left, now=until))),
        resolved=tuple(_for(audience, describe.cards(session, others, now=until))),
        episodes=tuple(episode.id for episode in news),
        seen=came.named,
        also_seen=came.further,
        audience=str(audience),
        left_out=len(found) - len(theirs),
    )


def listed(
    session: Session,
    *,
    since: datetime,
    until: datetime,
    muted: Collection[int],
    after: int | None = None,
) -> tuple[list[Signature], list[Signature], list[tables.Anomaly]]:
    """What a digest of a window lists: the signatures that are news, those from before that still
    wait, and the episodes that are the news. `muted` ones are left out; `after` is as for
    `digest`."""
    news = anomalies.news(session, since=since, until=until, after=after, oldest=until - NEWS_FOR)
    shown = list(dict.fromkeys(episode.signature_id for episode in news))
    rows = signatures.counting(session, shown)
    loud = [rows[number] for number in shown if number in rows and number not in muted]
    return loud, waiting(session, now=until, besides=shown), news


def _for(audience: Audience, cards: Iterable[Card]) -> list[Card]:
    return [
        card
        for card in cards
        if not audience.refuses(
            service=card.service,
            owner=card.owner,
            customers=[name for name, _ in card.customers],
            kinds=card.kinds,
        )
    ]


def again(session: Session, row: tables.Digest) -> Digest:
    """A stored digest, with each card in its present state."""
    content, until = row.content, row.until
    mended, came = content.get("resolved", []), content.get("seen", [])
    rows = signatures.counting(session, [*content["cards"], *content["unclaimed"], *mended, *came])
    shown = [rows[number] for number in content["cards"] if number in rows]
    left = [rows[number] for number in content["unclaimed"] if number in rows]
    resolved = [rows[number] for number in mended if number in rows]
    seen = [rows[number] for number in came if number in rows]
    still_resolved = [row for row in resolved if row.state == State.RESOLVED]
    return Digest(
        since=row.since,
        until=until,
        cards=tuple(_as_told(session, row, shown)),
        footer=Footer.from_json(content["footer"]),
        late=row.late,
        unclaimed=cards(session, left, now=until),
        resolved=tuple(describe.cards(session, still_resolved, now=until)),
        episodes=tuple(content["episodes"]),
        seen=tuple(describe.cards(session, seen, now=until)),
        also_seen=content.get("also_seen", 0),
        audience=content.get("audience", ""),
        left_out=content.get("left_out", 0),
    )


def _as_told(session: Session, row: tables.Digest, shown: Sequence[Signature]) -> Iterator[Card]:
    """The cards of a stored digest, with the numbers that were stored with it; where none were,
    with those of now."""
    kept = row.content.get("figures", {})
    news = anomalies.get(session, row.content["episodes"])
    found = window(session, shown, news, since=row.since, now=row.until)
    for signature, card in zip(shown, found, strict=True):
        figures = kept.get(str(signature.id))
        yield digests.with_figures(card, figures) if figures else card


def window(
    session: Session,
    chosen: Sequence[Signature],
    news: Collection[tables.Anomaly],
    *,
    since: datetime,
    now: datetime,
) -> list[Card]:
    """The cards of a window. Each tells of the news, and of older episodes that went on into the
    window."""
    going_on = anomalies.of(session, [signature.id for signature in chosen], since=since)
    return describe.cards(session, chosen, now=now, episodes=[*news, *going_on])


def unclaimed(session: Session, *, now: datetime) -> tuple[Card, ...]:
    """The cards of unclaimed signatures that are unusual, or were lately; the most urgent first."""
    return cards(session, waiting(session, now=now), now=now)


def cards(session: Session, left: Sequence[Signature], *, now: datetime) -> tuple[Card, ...]:
    """The cards of signatures that wait for somebody, each with the episodes it waits for; the most
    urgent first."""
    told = anomalies.of(session, [row.id for row in left], ended_since=now - WAITS)
    return rank(
        describe.cards(session, left, now=now, episodes=[one for one in told if _waits(one, now)])
    )


def waiting(session: Session, *, now: datetime, besides: Collection[int] = ()) -> list[Signature]:
    """The unclaimed signatures that are unusual, or were lately; without `besides` and those whose
    episodes began after `now`.

    What ended still needs a look: whoever is on duty at night hands it on in the morning.
    """
    over = anomalies.over_since(session, now - WAITS)
    lately = {one.signature_id for one in over if _waits(one, now)}
    asked = (unusual(session, now=now) | lately) - set(besides)
    return [row for row in signatures.get(session, asked).values() if row.state == State.OPEN]


def _waits(episode: tables.Anomaly, now: datetime) -> bool:
    """Whether an unclaimed signature waits because of this episode: it goes on, or ended only
    lately."""
    lately = now - (WAITS if episode.kind == Kind.CRITICAL else LINGERS)
    is_there = episode.closed_at is None or episode.closed_at > lately
    return is_there and episode.opened_at <= now


def unusual(session: Session, *, now: datetime) -> set[int]:
    """The numbers of the signatures with an open episode that began by `now`."""
    return {one.signature_id for one in anomalies.still_open(session) if one.opened_at <= now}


class _Seen(NamedTuple):
    """What came in while nothing can be judged: the cards that are shown, and how many signatures
    more."""

    named: tuple[Card, ...]
    further: int


_NONE = _Seen((), 0)


def _seen(session: Session, *, since: datetime, until: datetime, besides: Collection[int]) -> _Seen:
    """The signatures that came in most often in a window, the most urgent first."""
    busy = sightings.busy(session, first=last_hour(since) + 1, last=last_hour(until))
    came = busy.keys() - besides
    biggest = sorted(came, key=lambda number: (-busy[number], number))[:_RANKED]
    rows = signatures.get(session, biggest)
    ranked = rank(describe.cards(session, [rows[number] for number in biggest], now=until))
    return _Seen(ranked[:_SEEN], max(0, len(came) - _SEEN))


def footer(
    session: Session,
    shown: Collection[int],
    muted: Mapping[int, tables.Mute],
    *,
    since: datetime,
    until: datetime,
) -> Footer:
    """The counts behind a digest. They are over whole hours, so that each hour belongs to one
    digest."""
    first, last = last_hour(since) + 1, last_hour(until)
    seen, number = sightings.amount(session, first=first, last=last)
    told = sightings.counts(session, {*shown, *muted}, first=first, last=last)
    mutes = muted.keys() & told.keys()
    heard, polled = sources(session, last), pulled(session)
    silent = _silent(heard, polled, until=until)
    return Footer(
        events=seen,
        arrived=events.count(session, first=first, last=last),
        signatures=number,
        quiet=number - len(told),
        muted=len(mutes),
        hidden_events=_hidden(session, {one: muted[one] for one in mutes}, told),
        judges_from=recall.judges_from(session, until),
        sources=tuple((one.name, one.newest) for one in heard) or events.freshness(session),
        silent=tuple(sorted(silent.items())),
        behind=tuple(
            (one.name, read)
            for one in polled
            if one.name not in silent and (read := one.behind_since(until))
        ),
        silences=_silences(session, since=since, until=until),
        **calls.between(session, since=since, until=until)._asdict(),
    )


def sources(session: Session, hour: int) -> list[Source]:
    """The sources that errors came from lately, as of an hour, by name."""
    came = events.came(session, first=hour - MEMORY_HOURS + 1, last=hour)
    return [_source(one, hour) for one in came]


def pulled(session: Session) -> tuple[Pulled, ...]:
    """The sources that were ever pulled from, by name."""
    return tuple(_pulled(row) for _, row in sorted(pulls.every(session).items()))


def _pulled(row: tables.Pull) -> Pulled:
    return Pulled(
        row.name,
        row.reached,
        row.succeeded_at,
        row.failures,
        row.trouble,
        row.not_before,
        Backlog.of(row.behind_since, row.behind_from),
    )


def _silent(
    heard: Iterable[Source], pulled: Iterable[Pulled], *, until: datetime
) -> dict[str, datetime]:
    """Since when each source is silent that usually is not, or each that we pull from cannot be
    read."""
    unread = {one.name: since for one in pulled if (since := one.unread_since(until))}
    mute = {one.name: one.received for one in heard if one.hearing.is_silent}
    return {**mute, **unread}


def _source(came: events.Came, hour: int) -> Source:
    day = zip(came.hours, came.events, strict=True)
    return Source(
        came.source,
        events=sum(count for at, count in day if at > hour - DAY),
        newest=came.newest,
        received=came.received or start_of(came.hours[-1]),
        hearing=source.judge(came.hours, hour),
    )


def _silences(
    session: Session, *, since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The times without any event from any source that ended in a window; one that goes on is told
    per source."""
    hour = last_hour(until)
    ends = [
        (start_of(gap.start), start_of(gap.stop))
        for gap in recall.silences(session, hour)
        if gap.stop < hour
    ]
    return tuple((start, end) for start, end in ends if end >= since)


def _hidden(session: Session, muted: Mapping[int, tables.Mute], busy: Mapping[int, int]) -> int:
    """How many events of a window mutes hid, without those that came before the mute."""
    rows = signatures.get(session, muted)
    since = {number: row.total - muted[number].total_at_start for number, row in rows.items()}
    return sum(max(0, min(busy[number], count)) for number, count in since.items())
