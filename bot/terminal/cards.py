"""What a digest and its cards say: the same as on Slack, as plain text."""

import re
from collections.abc import Iterator, Sequence

from bot.core.detection.episode import Why
from bot.core.ownership.decision import Decision
from bot.core.ownership.trail import Decided
from bot.core.telling import incident, priority
from bot.core.telling.digest import (
    CARDS_WITH_CONTROLS,
    Card,
    Digest,
    Footer,
    analyst,
    caveat,
    deafness,
    verdict,
)
from bot.core.telling.incident import Incident
from bot.core.telling.trend import sparkline
from bot.core.wording.moment import written
from bot.core.wording.plural import counted
from bot.core.wording.unseen import clean

_STEPS = 2
_MENTION, _NAME = re.compile("^<@(.+?)>"), r"\1"
_SAID_BY_ITSELF = {Decision.UNDO, Decision.TOO_LATE, Decision.DENY}
"""Their sentence has the reason in it."""
_MERGED = 5
_BRIEFLY = 12


def digest(shown: Digest) -> str:
    """A digest, verdict first."""
    return "\n".join(_digest(shown)) + "\n"


def listed(shown: Sequence[Card], *, empty: str, further: int = 0) -> str:
    """Some signatures, a line each, or what to say where there are none."""
    lines = [_line(one) for one in shown] or [clean(empty)]
    more = [f"… and {further:,} more"] if further > 0 else []
    return "\n".join([*lines, *more]) + "\n"


def card(shown: Card, history: Sequence[Decided] = ()) -> str:
    """One signature as a digest tells it, with what support may say, an event of it, and what was
    decided on it."""
    analysis = shown.analysis
    told = (
        ("means", analysis.explanation or analysis.summary),
        ("customer", analysis.customer_communication),
    )
    lines = [
        *_card(shown),
        f"  priority   {ranked(shown)}",
        *(clean(f"  {name:<9}  {said}") for name, said in told if said),
        f"  in all     {shown.total:,}, {written(shown.first_seen)} to {written(shown.last_seen)}",
        *(clean(f"  {line}") for line in _merged(shown)),
        *(["", "An event of it:"] if shown.sample else []),
        *(clean(f"  {line}") for line in shown.sample.splitlines()),
        *(["", "Decided, the latest first:"] if history else []),
        *(clean(f"  {written(one.at)}  {_decided(one)}") for one in history),
    ]
    return "\n".join(lines) + "\n"


def _line(shown: Card) -> str:
    kinds = " + ".join(kind.value.upper() for kind in shown.kinds) or "not called out"
    what = f"{shown.short_id:<6} {kinds:<10} {shown.where}  {shown.title}"
    counts = f"{shown.last_day:,} in 24 h, {often(shown)}"
    return clean(f"{what}: {counts}; owner {shown.owner or 'nobody yet'}, {_standing(shown)}")


def _decided(one: Decided) -> str:
    reason = f": {one.reason}" if one.reason and one.kind not in _SAID_BY_ITSELF else ""
    return f"{_MENTION.sub(_NAME, one.sentence)}{reason}"


def ranked(shown: Card) -> str:
    """A card's priority, and the parts it is made of."""
    found = priority.of(shown)
    return clean(f"{found.score} of {priority.HIGHEST}: {found.sum}")


def _merged(shown: Card) -> Iterator[str]:
    """What is merged into a signature, the latest first."""
    for one in shown.merged[:_MERGED]:
        since = f"since {written(one.at)} by {one.by}: {one.reason}"
        yield f"{'merged':<9}  {one.short_id}, {one.total:,} in all, {since}"
    if (rest := len(shown.merged) - _MERGED) > 0:
        yield f"{'':<9}  and {rest:,} more"


def _digest(shown: Digest) -> Iterator[str]:
    late = " (late)" if shown.late else ""
    yield f"{verdict(shown)}{late}"
    yield f"{written(shown.since)} to {written(shown.until)}"
    yield from filter(None, (caveat(shown), deafness(shown)))
    found = incident.group(shown.cards)
    for one in found[:CARDS_WITH_CONTROLS]:
        yield ""
        if one.siblings:
            yield clean(f"{'INCIDENT':<12} {_incident(one)}")
        yield from _card(one.lead)
        yield from _briefly(one.siblings)
    if further := [card for one in found[CARDS_WITH_CONTROLS:] for card in one.cards]:
        yield ""
        yield "Also unusual:"
        yield from _briefly(further)
    if shown.seen:
        yield ""
        yield "Seen so far:"
        yield from map(_seen, shown.seen)
        if shown.also_seen:
            yield f"  … and {shown.also_seen:,} more"
    if shown.unclaimed:
        yield ""
        yield clean(f"Still unclaimed: {', '.join(map(_waiting, shown.unclaimed))}")
    if shown.resolved:
        yield ""
        mended = ", ".join(f"{card.short_id} {card.where} {card.title}" for card in shown.resolved)
        yield clean(f"Resolved since: {mended}")
    yield ""
    yield _footer(shown.footer)


def _briefly(shown: Sequence[Card]) -> Iterator[str]:
    """A line for each card, and how many more there are: a storm of hundreds is not read at
    length."""
    yield from (f"  {_line(card)}" for card in shown[:_BRIEFLY])
    if (rest := len(shown) - _BRIEFLY) > 0:
        yield f"  … and {rest:,} more; triage unclaimed lists all that nobody has"


def _incident(found: Incident) -> str:
    """How far it reaches, and why it is one."""
    reach = ", ".join(
        (
            counted(len(found.services), "service"),
            counted(len(found.customers), "customer"),
            f"since {written(found.since)}",
        )
    )
    return f"{found.lead.short_id} and {len(found.siblings)} more: {reach}; {found.reason}"


def _card(card: Card) -> Iterator[str]:
    kinds = " + ".join(kind.value.upper() for kind in card.kinds)
    yield clean(f"{kinds:<12} {card.short_id}  {card.where}  {card.title}")
    for why in card.reasons:
        yield clean(f"  why        {why.kind.value}: {why.reason}{_times(why)}")
        if why.formula:
            yield clean(f"  threshold  above {why.formula}")
    yield f"  seen       {card.last_day:,} in 24 h, {often(card)}  {sparkline(card.daily)}"
    if card.after_deploy:
        yield clean(f"  deploy     first seen {card.after_deploy}")
    if card.customers:
        yield clean(f"  customers  {_customers(card)}")
    by = f", by {card.rerouted_by}" if card.rerouted_by else ""
    yield clean(f"  owner      {card.owner} ({card.owner_reason}{by}), {_standing(card)}")
    analysis = card.analysis
    yield clean(f"  severity   {analysis.severity.value}: {analysis.user_impact}")
    yield clean(
        f"  cause      {analysis.likely_cause} "
        f"(by {_analyst(card)}, {analysis.confidence.value} confidence)"
    )
    for number, action in enumerate(analysis.immediate_actions[:_STEPS], 1):
        yield clean(f"  {'first' if number == 1 else 'then':<9}  {action}")


def _waiting(card: Card) -> str:
    """A card's title, and for how many days nobody has taken it, while it is unusual."""
    days = f" (day {card.unclaimed_day})" if card.unclaimed_day else ""
    return f"{card.short_id} {card.where} {card.title}{days}"


def _seen(card: Card) -> str:
    """What came in before anything could be judged, in a line."""
    parts = [
        f"{card.short_id}  {card.where}  {card.title}: {card.last_day:,} in 24 h",
        *([counted(len(card.customers), "customer")] if card.customers else []),
        f"owner {card.owner or 'nobody yet'}",
    ]
    return clean(f"  {', '.join(parts)}")


def _analyst(card: Card) -> str:
    at = f", {written(card.explained_at)}" if card.explained_at else ""
    return f"{analyst(card)}{at}"


def _times(why: Why) -> str:
    counted = f" (counted {written(why.true_at)})" if why.true_at else ""
    return f"{counted}; over since {written(why.ended_at)}" if why.ended_at else counted


def often(card: Card) -> str:
    """How often it came on the days before."""
    if card.first_seen > card.as_of:
        return f"first seen later, {written(card.first_seen)}"
    return card.usually


def _standing(card: Card) -> str:
    if card.assignee and card.claimed_at:
        return f"claimed by {card.assignee} {written(card.claimed_at)}"
    day = f", day {card.unclaimed_day}" if card.unclaimed_day > 1 else ""
    return f"{card.state.value}{day}"


def _customers(card: Card) -> str:
    most = [f"{name} {card.share_of(count)}" for name, count in card.customers[:5]]
    more = [f"+{len(card.customers) - 5} more"] if len(card.customers) > 5 else []
    return ", ".join([*most, *more])


def _footer(footer: Footer) -> str:
    hidden = f" · mutes hid {counted(footer.hidden_events, 'event')}" if footer.muted else ""
    came = f"{counted(footer.events, 'event')} → {counted(footer.signatures, 'signature')}"
    older = (
        f" · {counted(footer.older, 'event')} of earlier days came in too" if footer.older else ""
    )
    return f"{came}{older}{hidden} · {footer.asked or 'explained by rules, no model was asked'}"
