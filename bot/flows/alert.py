"""Post at once what a channel asks to be alerted of: one message per incident, within its
budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.detection.episode import is_aside
from bot.core.detection.finding import Kind
from bot.core.hour import MOMENT
from bot.core.ownership.decision import State
from bot.core.telling import incident
from bot.core.telling.audience import EVERYTHING, Audience
from bot.core.telling.policy import Policy
from bot.flows import describe, find
from storage import anomalies, decisions, outbox, sightings, signatures
from storage.database import Database
from storage.tables import Anomaly, Message, Signature

ALERT, FOLDED = "alert", "alerts"
"""The kinds of message: about one signature, and about all for which the budget had no room."""
HOUR = timedelta(hours=1)
"""The budget is per hour; an episode that began longer ago waits for the digest."""
COUNTED_FOR = timedelta(days=1)
"""So long a signature that has an alert gets no other: what is new of it is shown on that one."""
AT_ONCE = 30
"""Of a storm so many episodes are told of in one round, so that it is short; the rest in the
next."""
_URGENCY = tuple(Kind)


def alert(database: Database, *, channels: Mapping[str, Policy], now: datetime) -> int:
    """Queue alerts for the episodes that began within the hour; gives back how many were told of.

    Each channel has a budget of alerts per hour. What is beyond it is listed in one more message,
    which grows. An episode whose signature or incident has an alert already is shown on that one,
    unless its signature became critical. What is muted is not told. An alert is also updated
    whenever its signature was seen twice as often as it says.
    """
    with database.read() as session:
        if not (_fresh(session, channels, now) or _grown(session, now)):
            return 0
    with database.write() as session:
        for message, total in _grown(session, now):
            outbox.amend(session, message.id, content={**message.content, "total": total})
        fresh = _fresh(session, channels, now)
        return sum(
            _tell(session, channel, fresh, policy=policy, now=now)
            for channel, policy in channels.items()
        )


def _standing(
    session: Session, kinds: Sequence[str], channel: str = "", *, now: datetime
) -> list[Message]:
    """The alerts of the last day; without those from the future, written by a clock that was set
    back since."""
    wanted = outbox.wanted_since(session, now - COUNTED_FOR, kinds=kinds, channel=channel)
    return [one for one in wanted if one.created_at < now + HOUR]


def _fresh(session: Session, channels: Mapping[str, Policy], now: datetime) -> list[Anomaly]:
    """The episodes of the last hour that some channel is to be told of and that are not muted, the
    most urgent first."""
    began = anomalies.news(session, since=now - HOUR, until=now)
    told = [
        one
        for one in began
        if (one.closed_at is None or is_aside(one))
        and any(policy.tells(Kind(one.kind), now=now) for policy in channels.values())
    ]
    muted = decisions.mutes(session, {episode.signature_id for episode in told})
    loud = [episode for episode in told if episode.signature_id not in muted]
    return sorted(loud, key=lambda one: (_URGENCY.index(Kind(one.kind)), one.id))


def _grown(session: Session, now: datetime) -> list[tuple[Message, int]]:
    """The alerts whose signature was seen twice as often as they say, each with the count of
    now."""
    stand = _standing(session, (ALERT,), now=now)
    seen = signatures.get(session, {message.content["number"] for message in stand})
    totals = [(message, seen[message.content["number"]].total) for message in stand]
    return [(message, total) for message, total in totals if total >= 2 * message.content["total"]]


def _tell(
    session: Session, channel: str, fresh: Sequence[Anomaly], *, policy: Policy, now: datetime
) -> int:
    known = _standing(session, (ALERT, FOLDED), channel, now=now)
    told = {number for message in known for number in message.content["episodes"]}
    untold = [
        episode
        for episode in fresh
        if episode.id not in told and policy.tells(Kind(episode.kind), now=now)
    ]
    untold = _meant(session, untold, policy.audience)[:AT_ONCE]
    lately = [message for message in known if message.created_at > now - HOUR]
    room = max(0, policy.an_hour - sum(message.kind == ALERT for message in lately))
    beyond = []
    for episode in untold:
        if own := _of_its_signature(session, channel, episode, now=now):
            _go_on(session, own, episode)
        elif standing := _of_its_incident(session, channel, episode, now=now):
            _join(session, standing, episode, now=now)
        elif room:
            _post(session, channel, episode, now=now)
            room -= 1
        else:
            beyond.append(episode)
    if beyond:
        folded = next((one for one in lately if one.kind == FOLDED and not one.failed_at), None)
        _fold(session, channel, beyond, into=folded, now=now)
    return len(untold)


def _meant(session: Session, episodes: list[Anomaly], audience: Audience) -> list[Anomaly]:
    """Those episodes that the audience of a channel is to be told of."""
    if audience == EVERYTHING or not episodes:
        return episodes
    rows = signatures.get(session, {episode.signature_id for episode in episodes})
    hit = sightings.customers_of(session, rows)
    return [
        episode
        for episode in episodes
        if not audience.refuses(
            service=rows[episode.signature_id].service,
            owner=rows[episode.signature_id].owner,
            customers=hit[episode.signature_id],
            kinds=[Kind(episode.kind)],
        )
    ]


def _of_its_signature(
    session: Session, channel: str, episode: Anomaly, *, now: datetime
) -> Message | None:
    """The alert on which the episode is shown because it is about the same signature; None where
    there is none, or where this episode made the signature critical, which is worth an alert of its
    own."""
    stand = _standing(session, (ALERT,), channel, now=now)
    for message in stand:
        if message.content["number"] == episode.signature_id and not message.failed_at:
            kinds = {one.kind for one in anomalies.get(session, message.content["episodes"])}
            if episode.kind != Kind.CRITICAL or Kind.CRITICAL in kinds:
                return message
    return None


def _go_on(session: Session, message: Message, episode: Anomaly) -> None:
    """Show the episode on the alert of its signature, and in the details in its thread."""
    told = {**message.content, "episodes": [*message.content["episodes"], episode.id]}
    outbox.annotate(session, message.id, content=told)
    outbox.changed(session, episode.signature_id, since=message.created_at - MOMENT)


@dataclass(frozen=True, slots=True)
class _Place:
    """The alert below which an episode is shown, and why they belong together."""

    message: Message
    because: str


def _of_its_incident(
    session: Session, channel: str, episode: Anomaly, *, now: datetime
) -> _Place | None:
    """The alert of the incident that an episode is part of, if there is one that people still look
    at.

    An alert that could not be sent, or whose signature is muted or resolved, would hide the
    episode.
    """
    stand = _standing(session, (ALERT,), channel, now=now)
    leads = {message.content["number"]: message for message in stand if not message.failed_at}
    rows = signatures.get(session, {episode.signature_id, *leads})
    cards = describe.cards(session, list(rows.values()), now=now)
    mine = rows[episode.signature_id].short_id
    found = next(
        one for one in incident.group(cards) if mine in {card.short_id for card in one.cards}
    )
    heeded = {card.short_id for card in found.cards if card.state in (State.OPEN, State.CLAIMED)}
    of_it = [
        message for number, message in leads.items() if rows[number].short_id in heeded - {mine}
    ]
    return _Place(of_it[0], found.reason) if of_it else None


def _join(session: Session, standing: _Place, episode: Anomaly, *, now: datetime) -> None:
    """Show the episode below the card of the alert, with its details in the thread."""
    message, content = standing.message, standing.message.content
    signature = find.by_number(session, episode.signature_id)
    joined = {
        **content,
        "siblings": list(dict.fromkeys([*content.get("siblings", []), signature.short_id])),
        "because": standing.because,
        "episodes": [*content["episodes"], episode.id],
    }
    outbox.amend(session, message.id, content=joined, shows=[signature.id])
    key = f"alert:{episode.id}:{message.channel}:details"
    _explain(session, key, signature, channel=message.channel, below=message.id, now=now)


def _post(session: Session, channel: str, episode: Anomaly, *, now: datetime) -> None:
    """Queue one message with the card, and its details for the thread."""
    signature = find.by_number(session, episode.signature_id)
    key = f"alert:{episode.id}:{channel}"
    parent = outbox.add(
        session,
        key,
        channel=channel,
        kind=ALERT,
        content={
            "signature": signature.short_id,
            "number": signature.id,
            "episodes": [episode.id],
            "total": signature.total,
        },
        now=now,
        shows=[signature.id],
    )
    _explain(session, f"{key}:details", signature, channel=channel, below=parent, now=now)


def _explain(
    session: Session,
    key: str,
    signature: Signature,
    *,
    channel: str,
    below: int | None,
    now: datetime,
) -> None:
    outbox.add(
        session,
        key,
        channel=channel,
        kind="details",
        content={"signature": signature.short_id},
        now=now,
        thread_of=below,
        shows=[signature.id],
    )


def _fold(
    session: Session,
    channel: str,
    episodes: Sequence[Anomaly],
    *,
    into: Message | None,
    now: datetime,
) -> None:
    """List the episodes for which the budget has no room in one message: `into`, if there is one
    already.

    It also names what was posted one by one within the hour, since all of it together may be a
    storm.
    """
    listed = into.content if into else {"signatures": [], "episodes": []}
    posted = _posted(session, channel, now=now)
    rows = signatures.get(session, posted | {episode.signature_id for episode in episodes})
    names = [rows[episode.signature_id].short_id for episode in episodes]
    content = {
        "posted": sorted(rows[number].short_id for number in posted),
        "signatures": list(dict.fromkeys([*listed["signatures"], *names])),
        "episodes": [*listed["episodes"], *(episode.id for episode in episodes)],
    }
    if into:
        outbox.amend(session, into.id, content=content, shows=rows)
        return
    outbox.add(
        session,
        f"alerts:{episodes[0].id}:{channel}",
        channel=channel,
        kind=FOLDED,
        content=content,
        now=now,
        shows=rows,
    )


def _posted(session: Session, channel: str, *, now: datetime) -> set[int]:
    """The numbers of the signatures that were posted one by one within the hour."""
    stand = [
        message
        for message in _standing(session, (ALERT,), channel, now=now)
        if message.created_at > now - HOUR
    ]
    told = [number for message in stand for number in message.content["episodes"]]
    return {episode.signature_id for episode in anomalies.get(session, told)}
