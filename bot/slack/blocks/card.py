"""One signature: what it is, how unusual, whom it hits, whose it is, and what one can do."""

from collections.abc import Iterable

from bot.core.analysis import Analysis
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import Mute, State
from bot.core.signing.excerpt import begun
from bot.core.telling.digest import Card, analyst
from bot.core.telling.quality import is_ramp
from bot.core.telling.trend import sparkline
from bot.slack import actions, limits, text
from bot.slack.blocks.elements import (
    Block,
    Rendering,
    button,
    context,
    option,
    roomiest,
    section,
)
from bot.slack.blocks.elements import actions as row

NAMED_CUSTOMERS = 3
TITLE = 150
_FORMS = (
    *((TITLE, spare, spare) for spare in (TITLE, 90, 60, 40)),
    *((TITLE, spare, 40) for spare in (30, 0)),
    *((room, 0, 0) for room in (TITLE, 120, 90, 60, 40, 20)),
)
"""The room for the log's own words, for the rest, and for the cause, the first that fits."""
_WHOLE = 90
"""With less room than this, of an explanation only who gave it is said, and of the trend a week."""
_SOME = 40
"""With less room than this for it, half a sentence or half a week is no help: Details has it."""
_SAID = 60
"""What a person wrote of a decision has this, as long as the log's own words have."""
_ENTRIES = 5
"""Of a menu. A wide mute has one entry more; such a card has no Claim, which leaves room for it."""
_SETTLED = {State.RESOLVED, State.MUTED}
"""Where somebody decided: that comes before how unusual it was."""


def blocks(
    card: Card,
    *,
    version: int,
    room: int = TITLE,
    spare: int | None = None,
    told: int | None = None,
    reader: str = "",
) -> list[Block]:
    """A card: a section, its small print and its controls; `room` is how long the log's own words
    may be.

    `reader` is the one person who sees it, if only one does. `spare` is the room for what Details
    says as well (the trend, the customers, the owner's reason), if that is less; `told` that for
    the cause, if it is another. `version` makes the block ids new with each update, as Slack asks
    for.
    """
    name, less = f"{card.short_id}.{version}", room if spare is None else min(room, spare)
    what = [headline(card, room=room), text.code(card.title, room), figures(card, room=less)]
    return [
        section("\n".join(what), block_id=f"{name}.what"),
        context(
            *small_print(card, room=room, spare=less, told=less if told is None else told),
            block_id=f"{name}.whose",
        ),
        row(controls(card, reader=reader), block_id=f"{name}.do"),
    ]


def within(card: Card, most: int, *, version: int, reader: str = "") -> list[Block]:
    """The richest form of a card that takes at most so many bytes, or its shortest.

    The error's own text, and the numbers by which it was called unusual, are cut last; before them
    the cause, which helps whoever fixes it more than the trend and the owner's reason.
    """
    for room, spare, told in _FORMS:
        made = blocks(card, version=version, room=room, spare=spare, told=told, reader=reader)
        if limits.size(made) <= most:
            break
    return made


def message(card: Card, *, version: int = 1, reader: str = "") -> Rendering:
    """A card as a message of its own."""

    def build(room: int, _: int) -> list[Block]:
        return blocks(card, version=version, room=room, reader=reader)

    return Rendering(line(card), roomiest(build))


def rerouted(
    card: Card, decision: str, *, came_from: str, link: str = "", version: int
) -> Rendering:
    """A card for its new owner, below who sent it and from which channel; `decision` is escaped
    already.

    `link` leads to the message in that channel.
    """
    message_there = f" ({text.link(link, 'the message there')})" if link else ""
    where = f" · from {text.channel(came_from)}{message_there}" if came_from else ""
    words = f"➡️ {decision}{where}"

    def build(room: int, _: int) -> list[Block]:
        return [section(words), *blocks(card, version=version, room=room)]

    return Rendering(f"{words}\n{line(card)}", roomiest(build))


def line(card: Card, *, room: int = TITLE) -> str:
    """A card in one line of text, for phones and notifications."""
    return _joined([*_which(card, room=room), *_how(card, room=room)])


def lines(card: Card, *, room: int) -> str:
    """A card in a list: its headline, and below that how often, whom it hits and whose it is."""
    return "\n".join([_joined(_which(card, room=room)), _joined(_how(card, room=room))])


def _which(card: Card, *, room: int) -> list[str]:
    return [
        f"*{card.short_id}* {_lead(card)}".rstrip(),
        text.inline(card.where, min(30, room)),
        text.code(card.title, room),
    ]


def _how(card: Card, *, room: int) -> list[str]:
    return [
        f"{text.count(card.last_day)} in 24 h, {usual(card)}",
        customers(card, room=room // 4),
        f"owner {text.inline(card.owner, min(40, room)) or 'nobody yet'}",
        f"over since {text.date(card.over_since)}" if card.over_since else "",
        standing(card, room=room),
        note(card, room=room),
    ]


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def name(card: Card, *, room: int) -> str:
    """A card's title in a few words, and whether somebody has it."""
    taken = text.STATES[card.state] if card.state is State.CLAIMED else ""
    which, *rest = _which(card, room=room)
    return _joined([which, taken, *rest])


def headline(card: Card, *, room: int = TITLE) -> str:
    """State and kinds in emoji and words, the short id, and where it happens.

    What is settled leads with its state.
    """
    where = " / ".join(
        text.inline(part, min(60, room)) for part in (card.where, card.environment) if part
    )
    state = text.STATES[card.state]
    how = [state, kinds(card)] if card.state in _SETTLED else [kinds(card), state]
    parts = [*how, f"*{card.short_id}*"]
    return _joined([*parts, where])


def _lead(card: Card) -> str:
    """The beginning of a line: its kinds, or its state if it is settled."""
    return text.STATES[card.state] if card.state in _SETTLED else kinds(card)


def kinds(card: Card) -> str:
    """The kinds in which it is unusual, in emoji and words."""
    return ", ".join(text.KINDS[kind] for kind in card.kinds)


def figures(card: Card, *, room: int) -> str:
    """Counts against usual, the trend, and the customers by name."""
    days = 15 if room >= _WHOLE else 7
    trend = f" {sparkline(card.daily[-days:])}" if room >= _SOME else ""
    counts = f"*{text.count(card.last_day)}* in 24 h, {usual(card)}{trend}"
    return _joined([counts, customers(card, room=room // 4)])


def usual(card: Card) -> str:
    """How much of it is usual on a day."""
    if not card.usual_day:
        return "none before"
    return f"usually {text.count(card.usual_day)} a day"


def customers(card: Card, *, room: int) -> str:
    """The customers it hits, with their shares: "3 customers: acme 61 %, globex 24 %, +1"."""
    if not card.customers:
        return ""
    if not room:
        return text.plural(len(card.customers), "customer")
    named = [
        f"{text.inline(name, max(12, room)) or '—'} {text.unbroken(card.share_of(number))}"
        for name, number in card.customers[:NAMED_CUSTOMERS]
    ]
    rest = len(card.customers) - len(named)
    more = [f"+{text.count(rest)}"] if rest else []
    return f"{text.plural(len(card.customers), 'customer')}: {', '.join([*named, *more])}"


def small_print(card: Card, *, room: int, spare: int, told: int) -> list[str]:
    """Who has it, why it is here, how bad it is, the likely cause, and whose it is."""
    return [
        standing(card, room=min(room, max(spare, _SAID))),
        note(card, room=min(room, max(spare, _SAID))),
        why(card, room=room, spare=spare),
        deploy(card, room=max(spare, 20)),
        impact(card.analysis, room=spare),
        cause(card, room=told),
        owner(card, room=max(spare, 20)),
    ]


def why(card: Card, *, room: int, spare: int = TITLE) -> str:
    """The reason of its most urgent episode, and the customers of a spread by name."""
    if not card.whys:
        return f"first seen {text.date(card.first_seen)}, last seen {text.date(card.last_seen)}"
    urgent, *less = card.reasons
    spreads = [one for one in less if one.kind is Kind.SPREAD]
    told = [_told(one, room=max(spare, 20), is_dated=True) for one in spreads]
    return "\n".join([_told(urgent, room=room, is_dated=spare >= _SOME), *told])


def deploy(card: Card, *, room: int) -> str:
    """The release that came shortly before it was first seen, if any."""
    release = text.inline(card.after_deploy, min(60, room))
    return f"first seen {release}" if release else ""


def impact(analysis: Analysis, *, room: int) -> str:
    """How severe it is, and for whom."""
    said = text.inline(begun(analysis.user_impact, room), room) if room >= _SOME else ""
    return f"*{analysis.severity.value} severity*{f': {said}' if said else ''}"


def owner(card: Card, *, room: int) -> str:
    """The owner, the reason, and who chose it if a person did."""
    if not card.owner:
        return "Owner: nobody yet"
    said = text.told(card.owner_reason, room // 2) if room >= _SOME else ""
    by = f"by {text.person(card.rerouted_by)}" if card.rerouted_by else ""
    why = ", ".join(part for part in (said, by) if part)
    return f"Owner: *{text.inline(card.owner, min(40, room))}*{f' ({why})' if why else ''}"


def standing(card: Card, *, room: int = TITLE) -> str:
    """Who has claimed it, since when it is fixed or muted, or for how many days nobody has taken
    it."""
    if card.state is State.MUTED and card.mute:
        hid = f"hid {text.count(card.hidden) if card.hidden else 'nothing'} since"
        hid += f" {text.date(card.mute.at)}"
        return f"{muted(card.mute, room=room)}; {hid}{_ramp(card.busiest_hidden, card.mute)}"
    if card.state is State.RESOLVED and card.resolved_at:
        by = f" by {text.person(card.resolved_by)}" if card.resolved_by else ""
        release = f" in {text.inline(card.resolved_in, 60)}" if card.resolved_in else ""
        quiet = f"; {text.told(card.stayed_quiet, 200)}" if card.stayed_quiet else ""
        return f"resolved{release}{by} {text.aged(card.resolved_at)}{quiet}"
    if card.assignee and card.claimed_at:
        who = text.person(card.assignee)
        return f"claimed by {who} {text.aged(card.claimed_at)}"
    return f"*day {card.unclaimed_day}, unclaimed*" if card.unclaimed_day > 1 else ""


def note(card: Card, *, room: int) -> str:
    """The last note on it, for the next person on duty."""
    if not card.note:
        return ""
    by, at = text.person(card.note.by), text.date(card.note.at)
    return f"📝 {by} noted {at}: {text.inline(card.note.reason, room)}"


def _ramp(busiest: int, mute: Mute) -> str:
    """How far the hidden count rose above what was usual, if it rose far."""
    if not is_ramp(busiest, mute.daily_at_start):
        return ""
    then = text.count(mute.daily_at_start)
    return f", *up to {text.count(busiest)} a day*, {then} when it was muted"


def muted(mute: Mute, *, room: int) -> str:
    """What the mute covers, by whom, why, until when, and what ends it early."""
    until = f"until {text.date(mute.until)}" if mute.until else "until somebody ends it"
    trips = [
        text.plural(mute.max_events, "occurrence") if mute.max_events else "",
        text.plural(mute.max_customers, "customer") if mute.max_customers else "",
        f"{mute.max_factor} × {text.count(max(1, mute.daily_at_start))} a day"
        if mute.max_factor
        else "",
    ]
    early = " or ".join(trip for trip in trips if trip)
    who = text.person(mute.by)
    ends = f", or above {early}" if early else ""
    what = text.inline(str(mute.scope), min(90, room))
    return f"muted, {what}, by {who} {until}{ends}: {text.inline(mute.reason, min(120, room))}"


def cause(card: Card, *, room: int) -> str:
    """The likely cause, labelled with who says so and how sure they are; "" without room."""
    if room < _SOME:
        return ""
    short = f"_Likely cause (by {text.inline(analyst(card), 40)})_"
    by = provenance(card) if room >= _WHOLE else short
    return f"{by}: {text.inline(begun(card.analysis.likely_cause, room), room)}"


def provenance(card: Card) -> str:
    """Where an explanation comes from: "Likely cause (by rules, medium confidence)", "Likely cause
    (by Claude (claude-haiku-5-5), 3 min ago, high confidence, 2 of 3 quotes verified)"."""
    analysis, by = card.analysis, text.inline(analyst(card), 80)
    ago = text.ago(card.explained_at) if card.explained_at else ""
    checked = text.inline(analysis.checked, 40) if card.explained_at else ""
    sure = f"{analysis.confidence.value} confidence"
    if card.unexplained and not card.explained_at:
        return f"_Likely cause (by {by}; the rules' confidence is {analysis.confidence.value})_"
    return f"_Likely cause (by {', '.join(one for one in (by, ago, sure, checked) if one)})_"


def controls(card: Card, *, reader: str = "") -> list[Block]:
    """Claim, Take over or Release, Details, and the rest in the menu.

    A message in a channel is the same for all who see it, also for whoever holds the card, so its
    button names both actions. If there is one `reader`, it is the action that one most likely
    wants.
    """
    first = _first(card, reader=reader)
    there = {one["action_id"] for one in first}
    entries = [(label, verb) for label, verb in _menu(card) if verb not in there]
    details = button("Details", actions.DETAILS, value=card.short_id)
    return [*first, details, _more(card, entries)]


def steps(card: Card, *, reader: str, logs: str = "") -> list[Block]:
    """The controls below the details, for the one `reader` who sees them: who takes it, where its
    logs are, if `logs` says so, what to leave to others, and the rest in the menu."""
    read = {**button("Open in logs", actions.LOGS, value=card.short_id), "url": logs}
    wanted = [entry for entry in _menu(card) if entry[1] != actions.RELEASE]
    entries = [*wanted, ("Merge…", actions.MERGE)]
    return [
        *_first(card, reader=reader),
        *([read] if logs else []),
        button("Note…", actions.NOTE, value=card.short_id),
        *(button(label, verb, value=card.short_id) for label, verb in entries[_ENTRIES:]),
        _more(card, entries[:_ENTRIES]),
    ]


def _more(card: Card, entries: Iterable[tuple[str, str]]) -> Block:
    return {
        "type": "overflow",
        "action_id": actions.MORE,
        "options": [
            option(label, actions.menu_value(verb, card.short_id)) for label, verb in entries
        ],
    }


def _first(card: Card, *, reader: str) -> list[Block]:
    if card.state is State.CLAIMED and card.assignee == reader:
        return [button("Release", actions.RELEASE, value=card.short_id)]
    if card.state is State.CLAIMED:
        label = "Take over…" if reader else "Take over / release…"
        return [button(label, actions.CLAIM, value=card.short_id)]
    if card.state is State.OPEN:
        return [button("Claim", actions.CLAIM, value=card.short_id, primary=True)]
    return []


def _menu(card: Card) -> list[tuple[str, str]]:
    muting = ("End mute", actions.UNMUTE) if card.mute else ("Mute…", actions.MUTE)
    is_wide = card.mute and card.mute.scope.is_wide
    wide = [(f"End mute of {card.mute.scope}", actions.END_ALL)] if card.mute and is_wide else []
    mended = card.state is State.RESOLVED
    ending = ("Reopen", actions.REOPEN) if mended else ("Resolve…", actions.RESOLVE)
    held = [("Release", actions.RELEASE)] if card.state is State.CLAIMED else []
    return [*held, ("Reroute…", actions.REROUTE), muting, *wide, ending, ("Why?", actions.WHY)]


def _told(why: Why, *, room: int, is_dated: bool) -> str:
    """An episode's reason, and when its numbers were counted, if they are not those of now.

    For an ended episode the time is said only if `is_dated`.
    """
    said = f"{text.KINDS[why.kind].split()[-1]}: {text.told(why.reason, room)}"
    at = why.true_at if is_dated or not why.ended_at else None
    counted = f" (counted {text.date(at)})" if at else ""
    over = f"; over since {text.date(why.ended_at)}" if why.ended_at else ""
    return f"{said}{counted}{over}"
