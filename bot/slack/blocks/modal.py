"""The forms with which people decide, and what these show while they load."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.ownership.scope import THIS, Backtest, Breadth, Scope
from bot.core.telling.digest import Card
from bot.flows.switch import Change, Setting
from bot.slack import actions, text
from bot.slack.actions import Origin
from bot.slack.blocks import card as cards
from bot.slack.blocks import switches
from bot.slack.blocks.elements import Block, context, entry, option, plain, section

TITLES = {
    actions.MUTE: "Mute",
    actions.REROUTE: "Reroute",
    actions.RESOLVE: "Resolve",
    actions.WRONG: "Wrong explanation",
    actions.FLAGS: "Switches",
    actions.NOTE: "Note",
    actions.MERGE: "Merge",
    actions.SPLIT: "Split",
}

WEEK = "7d"
FOREVER = "forever"
ENDS = {
    "1h": ("1 hour", timedelta(hours=1)),
    "1d": ("1 day", timedelta(days=1)),
    WEEK: ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
    FOREVER: ("until I end it; I am asked every 30 days", None),
}
NOW, RELEASE = "now", "release"
_POSITIONS = "on", "off"
_SHARES = "1 %", "5 %", "10 %", "25 %", "50 %", "100 %"
MIN_REASON, MAX_REASON = 3, 500
_WORDS = {"type": "plain_text_input", "min_length": MIN_REASON, "max_length": MAX_REASON}
"""Slack itself says that they are too few, together with whatever else is wrong with a form."""
_NAMED = 90
"""Characters of an error's title above the fields of a form."""
_LONGEST_CUSTOMER = 50
"""Characters: an option has 75, and so has its value."""
_ENDS_ITSELF = "Ends sooner if it hits customers that never had it, or turns critical."
_WIDER = "“Every error” mutes the others as they begin to be unusual. Digests count what is hidden."


def until(choice: str, *, now: datetime) -> datetime | None:
    """The end of a mute by the choice in its form; None for no end. Raises KeyError for another
    choice."""
    after = ENDS[choice][1]
    return now + after if after else None


def loading(verb: str) -> Block:
    """What is opened at once, because Slack's trigger is valid for three seconds."""
    return _modal(verb, [section("One moment…")], Origin(""), submit="")


def apology(verb: str, message: str) -> Block:
    """What is shown in place of a form that cannot be filled."""
    return _modal(verb, [section(f"⚠️ {text.told(message, 600)}")], Origin(""), submit="")


def scopes(card: Card, hit: Collection[str]) -> dict[str, Scope]:
    """What a mute begun on a card may cover, by the value of the option.

    `hit` are the customers that ever had the error. To mute all of one customer's errors is offered
    only where it hit no other, since the mute must cover the error it is begun on.
    """
    wide = [
        *([Scope(Breadth.SERVICE, card.service)] if card.service else []),
        *(Scope(Breadth.CUSTOMER, name) for name in hit if text.length(name) <= _LONGEST_CUSTOMER),
    ]
    covering = [scope for scope in wide if scope.covers(card.service, hit)]
    return {_value(scope): scope for scope in (THIS, *covering)}


def _value(scope: Scope) -> str:
    """The value of the option for a scope; a service is always that of the card."""
    named = scope.breadth is Breadth.CUSTOMER
    return f"{scope.breadth}:{scope.subject}" if named else scope.breadth.value


def mute(card: Card, backtests: Mapping[Scope, Backtest], origin: Origin) -> Block:
    """The form for a mute: the reason, the end, what it covers, and what ends it earlier.

    `backtests` has what may be covered, the signature alone first.
    """
    ends = [option(label, value) for value, (label, _) in ENDS.items()]
    default = option(ENDS[WEEK][0], WEEK)
    reason = {**_WORDS, "multiline": True}
    end = {"type": "static_select", "options": ends, "initial_option": default}
    covers = [
        option(_covers(scope), _value(scope), below=f"Last 14 days: {backtest}")
        for scope, backtest in backtests.items()
    ]
    what = {"type": "radio_buttons", "options": covers, "initial_option": covers[0]}
    return _modal(
        actions.MUTE,
        [
            _about(card),
            entry(
                actions.REASON,
                "Why is it noise?",
                reason,
                hint="Whoever finds it muted reads this.",
            ),
            entry(actions.UNTIL, "Until", end, hint=_ENDS_ITSELF),
            entry(actions.SCOPE, "What to mute", what, hint=_WIDER),
            _tripwire(actions.MAX_EVENTS, "this many occurrences from now on"),
            _tripwire(actions.MAX_FACTOR, f"this many × its {max(1, card.busy_day):,.0f} a day"),
            _tripwire(actions.MAX_CUSTOMERS, "this many customers from now on"),
        ],
        origin,
        submit="Mute",
    )


def _covers(scope: Scope) -> str:
    words = str(scope)
    return f"{words[:1].upper()}{words[1:]}"


def _tripwire(name: str, above: str) -> Block:
    return entry(name, f"End sooner above {above}", _number(), optional=True)


def reroute(card: Card, teams: Sequence[str], origin: Origin) -> Block:
    """The form for a reroute, with no team chosen: to leave the owner as it is would be no
    reroute."""
    select = {
        "type": "static_select",
        "options": [option(team, team) for team in teams[:100]],
        "placeholder": plain("Choose a team"),
    }
    reason = {"type": "plain_text_input", "max_length": MAX_REASON}
    effect = "The team you choose keeps it: no rule moves it again."
    return _modal(
        actions.REROUTE,
        [
            _about(card),
            context(f"{cards.owner(card, room=200)}. {effect}"),
            entry(actions.TEAM, "New owner", select),
            entry(
                actions.REASON,
                "Why is it theirs?",
                reason,
                hint="They read this on the card.",
                optional=True,
            ),
        ],
        origin,
        submit="Reroute",
    )


def resolve(card: Card, origin: Origin) -> Block:
    """The form for a resolution: whether it is fixed now or in a release."""
    when = {
        "type": "static_select",
        "options": [option("now", NOW), option("in a release", RELEASE)],
        "initial_option": option("now", NOW),
    }
    version = {
        "type": "plain_text_input",
        "max_length": 100,
        "placeholder": plain("4.19.2"),
    }
    return _modal(
        actions.RESOLVE,
        [
            _about(card),
            context("When it is seen again, it is reopened and says so."),
            entry(actions.WHEN, "Fixed", when),
            entry(actions.VERSION, "Release", version, optional=True),
        ],
        origin,
        submit="Resolve",
    )


def wrong(card: Card, origin: Origin) -> Block:
    """The form that asks what is wrong with the explanation."""
    reason = {**_WORDS, "multiline": True}
    said = cards.cause(card, room=200)
    return _modal(
        actions.WRONG,
        [
            _about(card),
            context(said),
            entry(
                actions.REASON,
                "What is wrong about it?",
                reason,
                hint="The weekly report names it. Is only the owner wrong? Then reroute it.",
            ),
        ],
        origin,
        submit="Send",
    )


def note(card: Card, origin: Origin) -> Block:
    """The form for a note."""
    words = {**_WORDS, "multiline": True}
    effect = "Kept with your name, and told in its thread. Nothing else changes."
    return _modal(
        actions.NOTE,
        [
            _about(card),
            context(effect),
            entry(
                actions.REASON,
                "What should others know?",
                words,
                hint="Whoever takes it next reads this in Details.",
            ),
        ],
        origin,
        submit="Keep",
    )


def merge(card: Card, origin: Origin) -> Block:
    """The form that asks which signature is the same error."""
    into = {"type": "plain_text_input", "max_length": 40, "placeholder": plain("E-7K2")}
    effect = "It counts for the other one from now on, with all it counted before."
    return _modal(
        actions.MERGE,
        [
            _about(card),
            context(f"{effect} Undo, or a split later, makes them two again."),
            entry(actions.INTO, "Into which error?", into, hint="The ID that stands on its card."),
        ],
        origin,
        submit="Merge",
    )


def split(card: Card, origin: Origin) -> Block:
    """The form that asks which of the merged signatures is to be one of its own again."""
    if not card.merged:
        return apology(actions.SPLIT, f"Nothing is merged into {card.short_id} any more.")
    cases = [
        option(f"{one.short_id} · {one.title}", one.short_id, below=f"{one.total:,} in all")
        for one in card.merged[:100]
    ]
    select: Block = {"type": "static_select", "options": cases}
    chosen = {"initial_option": cases[0]} if len(cases) == 1 else {}
    effect = (
        "It counts for itself from now on, with all it counted before, and stands where it stood "
        f"before it was merged. {card.short_id} counts it no more."
    )
    return _modal(
        actions.SPLIT,
        [
            _about(card),
            context(f"{effect} Undo makes them one again."),
            entry(actions.CASE, "Which error is another one?", {**select, **chosen}),
        ],
        origin,
        submit="Split",
    )


def flags(stand: Sequence[Setting], changes: Sequence[Change], origin: Origin) -> Block:
    """The form for the switches: how each is to stand, and why."""
    lately = [switches.change(one) for one in changes]
    return _modal(
        actions.FLAGS,
        [
            section(
                "What you set holds at once, for every replica, and the first channel is told."
            ),
            *(_switch(one) for one in stand),
            entry(actions.REASON, "Why?", _WORDS, hint="Kept with your name and the time."),
            *([context("*Lately*", *lately)] if lately else []),
        ],
        Origin("", origin.channel, {one.flag: one.number for one in stand}),
        submit="Set",
    )


def _switch(one: Setting) -> Block:
    words = [*_POSITIONS, *(_SHARES if one.flag.has_share else ())]
    stands = str(one.position)
    select = {
        "type": "static_select",
        "options": [option(word, word) for word in dict.fromkeys((*words, stands))],
        "initial_option": option(stands, stands),
    }
    return entry(one.flag, one.flag, select, hint=one.flag.says)


def _about(card: Card) -> Block:
    """The signature that a form is about, in short: a form is read on a phone, and its fields come
    next."""
    return section(f"{cards.headline(card, room=_NAMED)}\n{text.code(card.title, _NAMED)}")


def _number() -> Block:
    return {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": "1000000000",
    }


def _modal(verb: str, blocks: list[Block], origin: Origin, *, submit: str) -> Block:
    made = {
        "type": "modal",
        "callback_id": verb,
        "title": plain(TITLES[verb]),
        "close": plain("Cancel"),
        "private_metadata": actions.metadata(origin),
        "blocks": blocks,
    }
    return {**made, "submit": plain(submit)} if submit else made
