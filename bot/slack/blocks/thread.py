"""What stands below a card: the explanation for each reader, the exact numbers, the evidence."""

from collections.abc import Sequence

from bot.core.analysis import Analysis
from bot.core.detection.episode import Episode, once
from bot.core.detection.receipt import spelled
from bot.core.ownership.decision import PROGRAM, Decision
from bot.core.ownership.trail import Decided
from bot.core.telling import priority as priorities
from bot.core.telling.digest import Card
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks.elements import (
    Block,
    Rendering,
    button,
    context,
    preformatted,
    roomiest,
    section,
)
from bot.slack.blocks.elements import actions as row

MOST_EPISODES = 5
_DECISIONS = 5
_CUSTOMERS = 8
_QUOTES = 3
_MERGED = 5
_UNTOLD = {Decision.TOO_LATE, Decision.DENY}
_STEP = 125
"""A step is read in full or is no help."""


def details(
    card: Card,
    episodes: Sequence[Episode],
    *,
    history: Sequence[Decided] = (),
    trend: Sequence[Block] = (),
    below: Sequence[Block] = (),
) -> Rendering:
    """All that is known of a signature, and what people decided about it.

    `trend` is a chart or a picture; `below` comes last.
    """

    def above(room: int) -> list[str]:
        return [
            f"{cards.headline(card, room=room)}\n{text.code(card.title, room)}",
            explanation(card, room=room),
            exact(card, room=room),
            priority(card),
        ]

    def after(room: int) -> list[str]:
        return [*reasons(episodes, room=room), *filter(None, [decided(history, room=room)])]

    evidence = text.excerpted(card.sample)

    def build(room: int, _: int) -> list[Block]:
        whose = cards.standing(card, room=room), cards.owner(card, room=room)
        first, *others = map(section, above(room))
        told = [*cases(card, room=room), *map(section, after(room))]
        quoted = [preformatted(text.fitted(evidence, room))] if evidence else []
        return [first, *trend, *others, *told, *quoted, context(_whole(card), *whose), *below]

    words = "\n".join(filter(None, [*above(100), merged(card, room=100), *after(100)]))
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build))


def opinions(card: Card, *, version: int = 0) -> Block:
    """Buttons by which people say whether the explanation helps, which the report counts."""
    value = actions.opinion_value(card.short_id, card.author)
    said = [
        button("👍 Explains it", actions.HELPS, value=value),
        button("👎 Wrong…", actions.WRONG, value=value),
    ]
    return row(said, block_id=f"rate:{version}")


def explanation(card: Card, *, room: int) -> str:
    """What the error means: for support, for customers and for whoever fixes it."""
    analysis = card.analysis
    steps = [
        f"{n}. {text.inline(s, max(room, _STEP))}"
        for n, s in enumerate(analysis.immediate_actions[:5], 1)
    ]
    wording = text.inline(analysis.customer_communication, 4 * room)
    lines = [
        text.inline(analysis.explanation or analysis.summary, 4 * room),
        cards.impact(analysis, room=2 * room),
        cards.cause(card, room=2 * room),
        _quotes(analysis, room=room),
        "\n".join(["*Look first at*", *steps]) if steps else "",
        f"*For customers*: {wording}" if wording else "",
    ]
    return "\n".join(line for line in lines if line)


def _quotes(analysis: Analysis, *, room: int) -> str:
    """The quotes that a model's explanation rests on; only those that were found in the events."""
    said = [text.code(quote, room) for quote in analysis.evidence[:_QUOTES]]
    return f"*It goes by* {' · '.join(said)}" if said else ""


def exact(card: Card, *, room: int) -> str:
    """The numbers, not rounded, and as of when they are: a thread is read for days."""
    hit = ", ".join(
        f"{text.inline(name, min(40, room)) or '—'} {number:,}"
        for name, number in card.customers[:_CUSTOMERS]
    )
    rest = len(card.customers) - _CUSTOMERS
    more = f", +{rest:,} more" if rest > 0 else ""
    often = f"*{card.last_day:,}* in 24 h, {card.usually}"
    lines = [
        f"{often}; {card.total:,} in all, as of {text.date(card.as_of)}",
        f"first seen {_first_seen(card)}, last seen {text.date(card.last_seen)}",
        f"customers: {hit}{more}" if hit else "",
    ]
    return "\n".join(line for line in lines if line)


def merged(card: Card, *, room: int) -> str:
    """What is merged into it, since when, by whom and why; the latest first."""
    if not card.merged:
        return ""
    lines = [
        f"*{one.short_id}* ({one.total:,} in all) since {text.date(one.at)} by {_who(one.by)}: "
        f"{text.told(one.reason, room)} · {text.code(one.title, room)}"
        for one in card.merged[:_MERGED]
    ]
    rest = len(card.merged) - _MERGED
    more = [f"… and {rest:,} more"] if rest > 0 else []
    counted = text.plural(len(card.merged), "other signature")
    return "\n".join([f"*Counts for {counted}*, merged into it", *lines, *more])


def cases(card: Card, *, room: int) -> list[Block]:
    """The same with a button that splits one off; empty if nothing is merged into it."""
    if not card.merged:
        return []
    words = section(merged(card, room=room))
    return [{**words, "accessory": button("Split…", actions.SPLIT, value=card.short_id)}]


def priority(card: Card) -> str:
    """Its score and what that is made of, in one line."""
    found = priorities.of(card)
    return f"Priority *{found.score}* of {priorities.HIGHEST}: {text.inline(found.sum, 400)}"


def reasons(episodes: Sequence[Episode], *, room: int) -> list[str]:
    """Why it was called unusual, and when."""
    return [reason(episode, room=room) for episode in once(episodes)[:MOST_EPISODES]]


def reason(episode: Episode, *, room: int) -> str:
    """One episode: its kind, from when to when it ran, and its reason.

    Nothing in it is relative to now: a thread is read for days, and no calm hour updates it.
    """
    until = (
        f"over since {text.date(episode.closed_at)}"
        if episode.closed_at
        else f"still so {text.date(episode.updated_at)}"
    )
    return (
        f"{text.KINDS[episode.kind]} · called out {text.date(episode.opened_at)}, {until}\n"
        f"{text.told(episode.reason, 2 * room)}"
    )


def receipts(episodes: Sequence[Episode], *, room: int) -> list[str]:
    """The episodes with their exact numbers, and the count below which each would not have been
    told."""
    return [receipt(episode, room=room) for episode in once(episodes)[:MOST_EPISODES]]


def receipt(episode: Episode, *, room: int) -> str:
    """One episode and its numbers."""
    return f"{reason(episode, room=room)}\n_{text.told(spelled(episode.receipt), 600)}_"


def decided(history: Sequence[Decided], *, room: int) -> str:
    """The latest decisions, the newest first; without attempts that came too late, a crowd of which
    would hide them."""
    made = [one for one in history if one.kind not in _UNTOLD]
    lines = [f"{text.date(one.at)} {said(one, room=room)}" for one in made[:_DECISIONS]]
    return "\n".join(["*Decisions*", *lines]) if lines else ""


def decision(one: Decided, short_id: str) -> Rendering:
    """A decision as one line for the thread."""
    words = f"*{text.inline(short_id, 20)}*: {said(one, room=200)}"
    return Rendering(words, [section(words)])


def said(one: Decided, *, room: int) -> str:
    """Who did what, and the reason they gave."""
    words = text.sentence(one.sentence)
    extra = one.reason if one.kind != "undo" else ""
    return f"{words}: {text.told(extra, room)}" if extra else words


def _who(by: str) -> str:
    return "Triage" if by == PROGRAM else text.person(by)


def _first_seen(card: Card) -> str:
    release = f" ({text.inline(card.after_deploy, 60)})" if card.after_deploy else ""
    return f"{text.date(card.first_seen)}{release}"


def _whole(card: Card) -> str:
    """Where to read an event in full that is too long to be shown."""
    total = sum(bool(line.strip()) for line in card.sample.split("\n"))
    if total <= text.MAX_LINES:
        return ""
    return (
        f"An event of it has {total:,} lines: on a terminal, `triage show {card.short_id}` has all"
    )
