"""App Home: my queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.digest import Card, Digest, verdict
from bot.flows.switch import Standing
from bot.slack import actions, text
from bot.slack.blocks import answer
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import Block, button, context, divider, header, section
from storage.outbox import Backlog

_WITH_CONTROLS = 10
MOST_TRENDS = 2
"""As many charts as Slack draws on a page."""
NO_TRENDS: Mapping[str, Sequence[Block]] = {}


def view(
    mine: Sequence[Card],
    unclaimed: Sequence[Card],
    today: Digest,
    *,
    now: datetime,
    backlog: Backlog | None = None,
    notice: Sequence[Block] = (),
    flags: Sequence[Standing] = (),
    trends: Mapping[str, Sequence[Block]] = NO_TRENDS,
) -> Block:
    """What I hold, what waits, and the counts of today; `notice` says what just happened.

    `trends` are what there is to look at, by the short id of the card it stands below.
    What keeps messages from a channel is said here too: there it cannot be said.
    """
    own = {card.short_id for card in mine}
    waiting = [card for card in unclaimed if card.short_id not in own]
    return {
        "type": "home",
        "blocks": [
            *notice,
            section(f"Today so far: *{verdict(today)}*"),
            *([section(answer.delivery(backlog))] if backlog and backlog.reasons else []),
            *_queue("Claimed by me", mine, "Nothing: you hold no signature.", now, trends),
            *_queue("Unclaimed", waiting, "Nothing unusual waits for anybody.", now, trends),
            *([_switches(flags)] if flags else []),
            context(f"as of {text.date(now)}"),
        ],
    }


def _switches(flags: Sequence[Standing]) -> Block:
    """How the switches stand, and the way to the form that sets them."""
    stand = " · ".join(f"{one.flag} {'on' if one.on else '*off*'}" for one in flags)
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
        (*cards.blocks(card, version=version), *trends.get(card.short_id, ()))
        for card in chosen[:_WITH_CONTROLS]
    ]
    rest = len(chosen) - _WITH_CONTROLS
    return [
        header(f"{title} · {len(chosen)}"),
        *(block for body in bodies for block in (*body, divider())),
        *([context(f"… and {rest} more")] if rest > 0 else []),
    ]
