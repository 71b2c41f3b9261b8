"""Review a week, and have the review posted once: late after a downtime, never twice.

Only the window is stored. What the review says is read anew whenever it is shown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.analysis import Analysis
from bot.core.detection.finding import Kind
from bot.core.hour import DAY, hour_of, last_hour
from bot.core.ownership.decision import PROGRAM, Decision, State
from bot.core.ownership.owner import site_rule
from bot.core.telling import quality
from bot.core.telling import slot as slots
from bot.core.telling.quality import Called, Hidden, Moved, Review, Routed, Week
from bot.core.telling.slot import Schedule
from bot.flows import weigh
from bot.flows.enact import POSTS
from storage import (
    analyses,
    anomalies,
    calls,
    decisions,
    digests,
    opinions,
    outbox,
    sightings,
    signatures,
    tables,
)
from storage.database import Database

REVIEW = "review"
"""The kind of message that reviews a week."""
WEEK = timedelta(days=7)
_ACTED = (Decision.CLAIM, Decision.RESOLVE, Decision.MUTE, Decision.REROUTE)
_TAKEN_UP = (Decision.CLAIM, Decision.RESOLVE)


def post(database: Database, *, channel: str, schedule: Schedule, now: datetime) -> int | None:
    """Queue the review of the newest week that is due, unless that was done; gives back the id of
    its message.

    A channel gets one review per calendar week, also where its schedule is changed, and after a
    downtime only the newest. Its first is never late: weeks before it was set up do not count.
    """
    due, coming = slots.last_due(schedule, now), slots.next_due(schedule, now)
    if due is None or coming is None:
        return None
    late = slots.is_late(due, now)
    year, number, _ = due.due_at.astimezone(schedule.zone).isocalendar()
    key = f"{REVIEW}:{channel}:{year}-W{number:02}"
    with database.read() as session:
        last = outbox.last(session, channel=channel, kind=REVIEW)
        if late if last is None else last.key == key or due.due_at <= _until(last) < coming.due_at:
            return None
        hidden = _hidden(session, since=due.due_at - WEEK, until=due.due_at)
        shows = signatures.numbers(session, [one.short_id for one in hidden]).values()
    with database.write() as session:
        return outbox.add(
            session,
            key,
            channel=channel,
            kind=REVIEW,
            content={"until": due.due_at.isoformat(), "late": late},
            now=now,
            shows=shows,
        )


def of(database: Database, *, until: datetime, late: bool = False) -> Review:
    """The seven days up to a moment, compared with the seven before, in whole hours as in
    digests."""
    with database.read() as session:
        now = _seen(session, until - WEEK, until)
        then = _seen(session, until - 2 * WEEK, until - WEEK)
        week = _week(session, until - WEEK, until, seen=now)
        before = _week(session, until - 2 * WEEK, until - WEEK, seen=then) if then else None
        moved = _moved(session, now, then) if _is_known_since(session, until - 2 * WEEK) else ()
    return Review(week, before, late=late, moved=moved)


def _seen(session: Session, since: datetime, until: datetime) -> dict[int, int]:
    """How often each signature was seen."""
    return sightings.busy(session, first=last_hour(since) + 1, last=last_hour(until))


def _is_known_since(session: Session, moment: datetime) -> bool:
    """Whether anything was seen in the day after a moment; if not, the week that began then is not
    all known."""
    first = last_hour(moment) + 1
    return sightings.first_hour(session, since=first, before=first + DAY) is not None


def _moved(session: Session, now: Mapping[int, int], then: Mapping[int, int]) -> tuple[Moved, ...]:
    numbers = quality.movers(now, then)
    rows = signatures.get(session, numbers)
    return tuple(
        Moved(rows[one].short_id, rows[one].title, now.get(one, 0), then.get(one, 0))
        for one in numbers
    )


def _until(message: tables.Message) -> datetime:
    return datetime.fromisoformat(message.content["until"])


def _week(session: Session, since: datetime, until: datetime, *, seen: Mapping[int, int]) -> Week:
    acted = [
        one for one in decisions.between(session, since, until, kinds=_ACTED) if one.by != PROGRAM
    ]
    thought = opinions.between(session, since, until)
    names = _names(session, (*acted, *thought))
    spent = calls.between(session, since=since, until=until)
    return Week(
        since=since,
        until=until,
        routed=tuple(_routed(session, acted, names)),
        opinions=tuple(
            quality.Opinion(names[one.signature_id], _source(one), one.helps, one.reason)
            for one in thought
        ),
        events=sum(seen.values()),
        signatures=len(seen),
        begun=len(anomalies.news(session, since=since, until=until)),
        called=tuple(_called(session, acted, since=since, until=until)),
        hidden=tuple(_hidden(session, since=since, until=until)),
        calls=spent.calls,
        cost=spent.cost,
        arms=weigh.arms(session, since=since, until=until),
        unseen=weigh.unseen(session, since=since, until=until),
    )


def _names(session: Session, rows: Iterable[tables.Decision | tables.Opinion]) -> Mapping[int, str]:
    numbers = {row.signature_id for row in rows}
    return {n: row.short_id for n, row in signatures.get(session, numbers).items()}


def _routed(
    session: Session, acted: Sequence[tables.Decision], names: Mapping[int, str]
) -> Iterator[Routed]:
    """Each signature that people acted on, once: the owner that a rule had given it, and the owner
    it had in the end. Left out are those whose owner a person had chosen before."""
    first: dict[int, tables.Decision] = {}
    for one in sorted(acted, key=lambda one: (one.kind != Decision.REROUTE, one.id)):
        first.setdefault(one.signature_id, one)
    moves = sorted((one for one in acted if one.kind == Decision.REROUTE), key=lambda one: one.id)
    last = {one.signature_id: str(one.after.get("owner", "")) for one in moves}
    explained = analyses.by(session, analyses.RULES, first.keys())
    for number, one in first.items():
        if number in explained and not one.before.get("owner_decided"):
            said = Analysis.from_json(explained[number].content)
            owner = str(one.before.get("owner", ""))
            ended = last.get(number, owner)
            yield Routed(
                short_id=names[number],
                category=said.category,
                source=_chosen_by(one, said),
                owner=owner,
                moved_to=ended if ended != owner else "",
            )


def _chosen_by(decision: tables.Decision, by_rules: Analysis) -> str:
    """The rule that had chosen the owner before a decision, in words."""
    own = site_rule(str(decision.before.get("owner_reason", "")))
    return f"the site's own rule “{own}”" if own else f"the rule “{by_rules.row}”"


def _source(opinion: tables.Opinion) -> str:
    if opinion.analyst == analyses.RULES:
        return f"the rule “{opinion.rule}”"
    return f"the prompt {opinion.version} with {opinion.analyst}"


def _called(
    session: Session, acted: Iterable[tables.Decision], *, since: datetime, until: datetime
) -> Iterator[Called]:
    """By kind, how many episodes were first posted in a week, and how many people took up."""
    known = _posted(session, since - WEEK, since)
    episodes = anomalies.get(session, _posted(session, since, until) - known)
    rows = signatures.get(session, {one.signature_id for one in episodes})
    taken = [one for one in episodes if _is_taken_up(one, rows[one.signature_id], acted)]
    posted, claimed = Counter(one.kind for one in episodes), Counter(one.kind for one in taken)
    yield from (Called(kind, posted[kind], claimed[kind]) for kind in Kind if posted[kind])


def _is_taken_up(
    episode: tables.Anomaly, signature: tables.Signature, acted: Iterable[tables.Decision]
) -> bool:
    held = signature.state == State.CLAIMED and signature.claimed_at
    return bool(held and held <= episode.opened_at) or any(
        one.signature_id == episode.signature_id
        and one.kind in _TAKEN_UP
        and one.at >= episode.opened_at
        for one in acted
    )


def _posted(session: Session, since: datetime, until: datetime) -> set[int]:
    """The numbers of the episodes that digests and alerts showed, without those that a mute hid."""
    sent = [
        message
        for message in outbox.wanted_since(session, since, kinds=POSTS)
        if message.created_at <= until and not message.failed_at
    ]
    told = {number for one in sent for number in one.content.get("episodes", ())}
    for one in sent:
        digest = digests.get(session, one.content["digest"]) if "digest" in one.content else None
        told |= _shown(session, digest) if digest else set()
    return told


def _shown(session: Session, digest: tables.Digest) -> set[int]:
    cards = set(digest.content["cards"])
    episodes = anomalies.get(session, digest.content["episodes"])
    return {one.id for one in episodes if one.signature_id in cards}


def _hidden(session: Session, *, since: datetime, until: datetime) -> list[Hidden]:
    """What each mute that was in force in a week hid of it, the most first; without those that hid
    nothing."""
    mutes = decisions.muted_between(session, since, until)
    rows = signatures.get(session, {mute.signature_id for mute in mutes})
    first, last = last_hour(since) + 1, last_hour(until)
    hourly = sightings.hourly(session, rows, first=first, last=last)
    each = [
        _hidden_by(session, mute, rows[mute.signature_id], hourly[mute.signature_id], last=last)
        for mute in mutes
    ]
    return sorted((one for one in each if one.events), key=lambda one: one.events, reverse=True)


def _hidden_by(
    session: Session,
    mute: tables.Mute,
    signature: tables.Signature,
    hours: Mapping[int, int],
    *,
    last: int,
) -> Hidden:
    muted = _under(mute, hours)
    since_then = max(0, signature.total - mute.total_at_start)
    events = min(sum(muted.values()), since_then)
    return Hidden(
        short_id=signature.short_id,
        title=signature.title,
        reason=mute.reason,
        events=events,
        busiest=min(events, _busiest(muted, last)),
        usual=_usual(session, mute, known_since=signature.first_seen),
        is_over=mute.ended_at is not None,
    )


def _under(mute: tables.Mute, hours: Mapping[int, int]) -> dict[int, int]:
    """The counts of those hours in which a mute was in force, its first and last included."""
    begins = hour_of(mute.at)
    ends = hour_of(mute.ended_at) if mute.ended_at else max(hours, default=begins)
    return {hour: count for hour, count in hours.items() if begins <= hour <= ends}


def _busiest(hours: Mapping[int, int], last: int) -> int:
    """The highest count of a day; days are counted back from the hour `last`."""
    days: Counter[int] = Counter()
    for hour, count in hours.items():
        days[(last - hour) // DAY] += count
    return max(days.values(), default=0)


def _usual(session: Session, mute: tables.Mute, *, known_since: datetime) -> float:
    """The daily mean of the week before a mute, or of as much of that as the signature was
    known."""
    start, number = hour_of(mute.at), mute.signature_id
    before = sightings.hourly(session, [number], first=start - 7 * DAY, last=start - 1)
    days = min(7, max(1, (mute.at - known_since).days))
    return sum(before[number].values()) / days
