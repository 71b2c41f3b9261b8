"""App Home: a person's queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.ownership.scope import Wide
from bot.core.telling.digest import Card, Digest, verdict
from bot.flows.switch import Setting
from bot.slack import actions, text
from bot.slack.blocks import answer, listing
from bot.slack.blocks import card as cards
from bot.slack.blocks import digest as digests
from bot.slack.blocks.elements import Block, button, context, divider, header, section
from storage.outbox import Backlog

_WITH_CONTROLS = 5
"""A card takes up to five of the hundred blocks of a page, and there are three queues."""
_LISTED = 5
_CALM = "Nothing unusual waits for anybody."
MOST_TRENDS = 2
"""As many charts as Slack draws on a page."""
NO_TRENDS: Mapping[str, Sequence[Block]] = {}


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a person: what they have claimed, what nobody has (their `teams` own some of
    it), the mutes to look at again, since they end soon or are old, and the mutes of more than one
    signature."""

    mine: Sequence[Card]
    unclaimed: Sequence[Card]
    teams: Sequence[str] = ()
    mutes: Sequence[Card] = ()
    wide: Sequence[Wide] = ()


def view(
    queue: Queue,
    today: Digest,
    *,
    now: datetime,
    backlog: Backlog | None = None,
    digests_until: Sequence[tuple[str, datetime]] = (),
    notice: Sequence[Block] = (),
    flags: Sequence[Setting] = (),
    trends: Mapping[str, Sequence[Block]] = NO_TRENDS,
) -> Block:
    """A person's queue, and today's counts; `notice` says what just happened.

    `trends` are charts or pictures, by the short id of the card below which they are shown. What
    keeps messages from reaching a channel is told here too, since it cannot be told there.
    """
    own = {card.short_id for card in queue.mine}
    waiting = [card for card in queue.unclaimed if card.short_id not in own]
    ours = [card for card in waiting if card.owner in queue.teams]
    others = [card for card in waiting if card.owner not in queue.teams]
    team = " or ".join(queue.teams)
    return {
        "type": "home",
        "blocks": [
            *notice,
            section(f"Today so far: *{verdict(today)}*"),
            *([section(answer.delivery(backlog))] if backlog and backlog.reasons else []),
            *_queue("Claimed by me", queue.mine, "Nothing: you hold no signature.", now, trends),
            *(_queue(f"Waiting for {team}", ours, _CALM, now, trends) if team else []),
            *_queue("Unclaimed", others, _CALM, now, trends),
            *listing.wide(queue.wide, room=80),
            *_mutes(queue.mutes),
            *([_switches(flags)] if flags else []),
            context(*digests.footer(today)[:1], _posted(digests_until), f"as of {text.date(now)}"),
        ],
    }


def _mutes(muted: Sequence[Card]) -> list[Block]:
    if not muted:
        return []
    rows = [listing.muted(card, room=80) for card in muted[:_LISTED]]
    rest = len(muted) - len(rows)
    return [
        header(f"Mutes that end soon, or have stood for long · {len(muted)}"),
        *rows,
        *([context(f"… and {rest} more")] if rest > 0 else []),
    ]


def _posted(until: Sequence[tuple[str, datetime]]) -> str:
    """When each channel got its newest digest."""
    said = [f"{text.channel(name)} {text.aged(at)}" for name, at in until[:_LISTED]]
    return f"newest digest: {', '.join(said)}" if said else ""


def _switches(flags: Sequence[Setting]) -> Block:
    """How the switches stand, and a button for the form that sets them."""
    stand = " · ".join(
        f"{one.flag} {one.position if one.position.on else '*off*'}" for one in flags
    )
    change = button("Change…", actions.FLAGS, value=actions.FLAGS)
    return {**section(f"*Switches*: {stand}"), "accessory": change}


def _queue(
    title: str,
    chosen: Sequence[Card],
    empty: str,
    now: datetime,
    trends: Mapping[str, Sequence[Block]],
) -> list[Block]:
    if not chosen:
        return [header(f"{title} · 0"), section(empty)]
    version = int(now.timestamp())
    bodies = [
        (
            *cards.blocks(card, version=version, reader=card.assignee),
            *trends.get(card.short_id, ()),
        )
        for card in chosen[:_WITH_CONTROLS]
    ]
    rest = len(chosen) - _WITH_CONTROLS
    return [
        header(f"{title} · {len(chosen)}"),
        *(block for body in bodies for block in (*body, divider())),
        *([context(f"… and {rest} more")] if rest > 0 else []),
    ]
