"""The digest: the verdict first, at most six cards with controls, then what stands behind it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import chain

from bot.core.telling import incident
from bot.core.telling.digest import (
    CARDS_WITH_CONTROLS,
    Card,
    Digest,
    caveat,
    deafness,
    limits,
    verdict,
)
from bot.core.telling.incident import Incident
from bot.slack import text
from bot.slack.blocks import card as cards
from bot.slack.blocks import incident as incidents
from bot.slack.blocks import listing
from bot.slack.blocks.elements import BUDGET, Block, Rendering, context, divider, roomiest, section
from bot.slack.blocks.listing import Section
from bot.slack.limits import size

IN_THREAD = "in the thread"
"""Where the rest of a posted digest stands."""

_EARLIER = "*Unclaimed from earlier days*"
_LISTED = 12
_SIBLING = 60
_FRAME, _LINE, _ROW, _DIVIDER = 1_000, 120, 430, 25
"""Bytes that the verdict and the footer, a line of a list, a row with a button, and a divider
usually take."""
_MOST_REST = 2_900
"""Bytes that the cards leave to all that is not a card; it is cut to that where there is more."""
_WEIGHTS = (116, 106, 99, 95, 93, 91)
"""Of the room of the cards, by rank: what is most urgent is told in most words."""
_SOURCES = 4
_NAMED = 3


def message(
    digest: Digest, *, version: int = 1, rest: str = IN_THREAD, reader: str = ""
) -> Rendering:
    """The digest in the richest form that Slack takes; `rest` says where more of it is, and
    `reader` is the one person who sees it, if only one does."""

    found = incident.group(digest.cards)
    shares = _shares(digest, found)

    @cache
    def bodies(items: int, named: int) -> list[list[Block]]:
        rooms = shares if items == CARDS_WITH_CONTROLS else (0,) * items
        return [
            _body(one, most, version=version, room=named, rest=rest, reader=reader)
            for one, most in zip(found, rooms, strict=False)
        ]

    def build(room: int, items: int) -> list[Block]:
        listed = [card for one in found[items:] for card in one.cards]
        also = [*_also(listed, room, rest=rest), *seen(digest, room=min(room, 80))]
        left = waiting(digest, room=min(room, 80), rest=rest)
        shown = bodies(items, min(room, _SIBLING))
        return _blocks(digest, shown, "\n".join(also), left, version=version)

    return Rendering(said(digest, found, rest=rest), roomiest(build, most=CARDS_WITH_CONTROLS))


def _shares(digest: Digest, found: Sequence[Incident]) -> list[int]:
    """The bytes that each card may take, by rank.

    They depend on how many cards and lines there are, never on what is said or was decided: so a
    decision on one card takes no room from the others.
    """
    items = min(CARDS_WITH_CONTROLS, len(found))
    listed = sum(len(one.cards) for one in found[items:]) + len(digest.seen)
    rest = _FRAME + _LINE * min(listed, _LISTED) + _ROW * min(len(digest.unclaimed), _NAMED)
    room, weights = BUDGET - min(rest, _MOST_REST) - items * _DIVIDER, _WEIGHTS[:items]
    return [room * weight // sum(weights) for weight in weights]


def remainder(digest: Digest) -> Rendering:
    """What the digest has no room for: further cards, and those that still wait."""
    found = incident.group(digest.cards)
    shown = {one.lead.short_id for one in found[:CARDS_WITH_CONTROLS]}
    further = [card for one in found for card in one.cards if card.short_id not in shown]
    beyond = [*further, *digest.unclaimed]
    return listing.message([Section("Also unusual, or still unclaimed", beyond, "Nothing.")])


def said(digest: Digest, found: Sequence[Incident], *, rest: str = IN_THREAD) -> str:
    """The digest as text alone, for phones and notifications: the verdict, then a line a card."""
    left = [f"• {cards.line(card, room=80)}" for card in digest.unclaimed[:_NAMED]]
    above, below = [*opening(digest), ""], [*([_EARLIER, *left] if left else [])]
    below += seen(digest, room=80)
    total = len(above) + sum(_count(one) for one in found) + len(below)
    bullets = (line for one in found for line in _bullets(one))
    closing = "\n".join([*mended(digest), *footer(digest)])
    kept: list[str] = []
    budget = text.MAX_TEXT - text.length(closing) - 40
    for number, line in enumerate(chain(above, bullets, below)):
        budget -= text.length(line) + 1
        if budget < 0:
            kept.append(f"… and {total - number} more, {rest}")
            break
        kept.append(line)
    return "\n".join([*kept, "", closing])


def opening(digest: Digest) -> list[str]:
    """The verdict, and what keeps it from being complete."""
    late = "This digest is late. " if digest.late else ""
    silent = stale(digest)
    incomplete = f"Incomplete: {', '.join(silent)}." if silent else ""
    remark = f"{late}{incomplete}".strip()
    ours = (text.told(one, 600) for one in (caveat(digest), deafness(digest)))
    said = [f"⚠️ {one}" for one in (remark, *ours) if one]
    return [f"*{verdict(digest)}*", *said]


def stale(digest: Digest) -> list[str]:
    """The sources that are silent for longer than usual, since when, and those that are catching
    up."""
    return [
        *(
            f"{text.inline(source, 40)} silent since {text.date(since)}"
            for source, since in digest.footer.silent[:_NAMED]
        ),
        *(
            f"{text.inline(source, 40)} is caught up with, read up to {text.date(until)}"
            for source, until in digest.footer.behind[:_NAMED]
        ),
    ]


def footer(digest: Digest) -> list[str]:
    """How many lines became how many signatures, what mutes hid, and how fresh the data is."""
    behind = digest.footer
    muted = text.plural(behind.muted, "signature")
    events = text.plural(behind.hidden_events, "event") if behind.hidden_events else "nothing"
    hid = f"mutes hid {events} of {muted}" if behind.muted else "mutes hid nothing"
    fresh = _fresh(behind.sources)
    came = f"{text.plural(behind.events, 'event')} → {text.plural(behind.signatures, 'signature')}"
    if behind.older:
        came += f" · {text.plural(behind.older, 'event')} of earlier days came in too"
    window = f"{text.date(digest.since)} – {text.date(digest.until)}"
    asked = f" · {behind.asked}" if behind.asked else ""
    only = text.inline(limits(digest), 600)
    return [*([only] if only else []), f"{came} · {hid} · {fresh}{asked}", window]


def _fresh(sources: Sequence[tuple[str, datetime]]) -> str:
    """The time of each source's newest event, the oldest first."""
    if not sources:
        return "nothing came in yet"
    if len(sources) == 1:
        return f"newest event {text.date(sources[0][1])}"
    oldest_first = sorted(sources, key=lambda one: one[1])
    named = [f"{text.inline(name, 30)} {text.date(at)}" for name, at in oldest_first[:_SOURCES]]
    more = [f"+{len(sources) - _SOURCES}"] if len(sources) > _SOURCES else []
    return f"newest event: {', '.join([*named, *more])}"


def seen(digest: Digest, *, room: int) -> list[str]:
    """What came in while nothing can be judged yet, a line each, and how many more there are."""
    if not digest.seen:
        return []
    named = [f"• {cards.line(card, room=room)}" for card in digest.seen]
    more = [f"… and {digest.also_seen:,} more"] if digest.also_seen else []
    return ["*Seen so far*", *named, *more]


def waiting(digest: Digest, *, room: int, rest: str = IN_THREAD) -> list[Block]:
    """The cards of earlier days that nobody had claimed when the digest was composed, each with
    Details."""
    if not digest.unclaimed:
        return []
    rows = [listing.row(card, room=room) for card in digest.unclaimed[:_NAMED]]
    more = len(digest.unclaimed) - len(rows)
    return [
        section(_EARLIER),
        *rows,
        *([context(f"… and {more} more, {rest}")] if more else []),
    ]


def mended(digest: Digest) -> list[str]:
    """What was resolved in the window, by name."""
    if not digest.resolved:
        return []
    named = [f"{card.short_id} {text.code(card.title, 40)}" for card in digest.resolved[:_NAMED]]
    return [f"✅ Resolved since: {', '.join([*named, *_unnamed(digest.resolved)])}"]


def _unnamed(cards: tuple[Card, ...]) -> list[str]:
    return [f"+{len(cards) - _NAMED}"] if len(cards) > _NAMED else []


def _bullets(found: Incident) -> Iterator[str]:
    if not found.siblings:
        yield f"• {cards.line(found.lead, room=80)}"
        return
    yield f"• {incidents.blast(found, room=80)}"
    yield from (f"    ◦ {cards.line(card, room=80)}" for card in found.cards)


def _count(found: Incident) -> int:
    """How many lines `_bullets` gives."""
    return 1 + len(found.cards) if found.siblings else 1


def _body(
    found: Incident, most: int, *, version: int, room: int, rest: str, reader: str
) -> list[Block]:
    """The leading card of an incident and the names of its siblings, in at most `most` bytes."""
    if not found.siblings:
        return cards.within(found.lead, most, version=version, reader=reader)
    below = "\n".join([*incidents.named(found, room=room), f"Buttons of each: {rest}"])
    named = section(below, block_id=f"{found.lead.short_id}.{version}.incident")
    left = most - size([named])
    return [*cards.within(found.lead, left, version=version, reader=reader), named]


def _blocks(
    digest: Digest, bodies: Sequence[list[Block]], also: str, left: list[Block], *, version: int
) -> list[Block]:
    return [
        section("\n".join(opening(digest)), block_id=f"verdict.{version}"),
        *(block for body in bodies for block in (divider(), *body)),
        *([divider()] if bodies else []),
        *([section(also, block_id=f"rest.{version}")] if also else []),
        *left,
        context(*mended(digest), *footer(digest), block_id=f"footer.{version}"),
    ]


def _also(listed: Sequence[Card], room: int, *, rest: str) -> list[str]:
    if not listed:
        return []
    named = [cards.name(card, room=min(room, 60)) for card in listed[:_LISTED]]
    unnamed = len(listed) - len(named)
    more = [f"… and {unnamed} more, {rest}"] if unnamed else []
    return ["*Also unusual*", *named, *more]
