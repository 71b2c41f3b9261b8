"""Opening the forms, and carrying out what people enter in them."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.core.analysis import Author
from bot.core.flag import Flag, position
from bot.core.ownership.scope import THIS, Breadth, Scope
from bot.core.telling.digest import Card
from bot.errors import NotFound, Refused
from bot.flows import decide, find, look
from bot.flows.rate import rate
from bot.flows.switch import latest, standing, switch
from bot.slack import actions, limits, trouble
from bot.slack.actions import Origin
from bot.slack.asked import Asked, Wrong, entered
from bot.slack.blocks import answer, modal
from bot.slack.blocks.elements import Block, Rendering
from bot.slack.desk import Desk

MOST = 1_000_000_000

_TRIPWIRES = (actions.MAX_EVENTS, actions.MAX_CUSTOMERS, actions.MAX_FACTOR)

log = logging.getLogger(__name__)


def _muting(card: Card, origin: Origin, desk: Desk) -> Block:
    offered = list(_scopes(card, desk).values())
    hidden = look.backtests(desk.database, card, offered, now=desk.clock())
    return modal.mute(card, hidden, origin)


def _scopes(card: Card, desk: Desk) -> dict[str, Scope]:
    return modal.scopes(card, look.hit(desk.database, card.short_id))


FORMS: Mapping[str, Callable[[Card, Origin, Desk], Block]] = {
    actions.MUTE: _muting,
    actions.REROUTE: lambda card, origin, desk: modal.reroute(card, desk.teams, origin),
    actions.RESOLVE: lambda card, origin, _: modal.resolve(card, origin),
    actions.WRONG: lambda card, origin, _: modal.wrong(card, origin),
    actions.NOTE: lambda card, origin, _: modal.note(card, origin),
    actions.MERGE: lambda card, origin, _: modal.merge(card, origin),
    actions.SPLIT: lambda card, origin, _: modal.split(card, origin),
}


def open_form(asked: Asked, verb: str, short_id: str, *, read: Author | None = None) -> None:
    """Open the form at once, because Slack's trigger is valid for three seconds, then fill it.
    `read` says whose explanation it is about, if it is about one."""
    if "trigger_id" not in asked.body:
        typed = f"{asked.desk.command} {verb} {short_id}"
        raise Refused(f"That takes a form, which I may open for a command or a click only: {typed}")
    _open(asked, verb, lambda: _filled(asked, verb, short_id, read=read))


def open_flags(asked: Asked) -> None:
    """Open the form that sets the switches."""
    database = asked.desk.database
    origin = Origin("", asked.channel)
    _open(asked, actions.FLAGS, lambda: modal.flags(standing(database), latest(database), origin))


def _open(asked: Asked, verb: str, fill: Callable[[], Block]) -> None:
    try:
        opened: Any = asked.client.views_open(
            trigger_id=asked.body["trigger_id"], view=modal.loading(verb)
        )
    except SlackApiError as refused:
        if trouble.read(refused).kind is trouble.Kind.RACE:
            raise Refused("That took too long on the way; click again.") from refused
        raise
    view = opened["view"]
    _fill(asked, view["id"], view["hash"], fill())


def mute(asked: Asked) -> Rendering:
    """Mute the signature of the form, or all that the chosen scope covers."""
    desk, now = asked.desk, asked.desk.clock()
    reason, end = _entered(asked, actions.REASON), _entered(asked, actions.UNTIL)
    tripwires = {name: _number(_entered(asked, name)) for name in _TRIPWIRES}
    card = look.card(desk.database, asked.origin.short_id, now=now)
    scope = _scopes(card, desk).get(_entered(asked, actions.SCOPE) or Breadth.SIGNATURE)
    errors = {
        actions.REASON: "Say in a few words why it is noise: others will read it."
        if len(reason) < modal.MIN_REASON
        else "",
        actions.UNTIL: "" if end in modal.ENDS else "Choose when it ends.",
        actions.SCOPE: "By now it hits others too: choose again."
        if scope is None and card.short_id == asked.origin.short_id
        else "",
        **{
            name: "A whole number above 0, or nothing." if given is None else ""
            for name, given in tripwires.items()
        },
    }
    if any(errors.values()):
        raise Wrong({name: error for name, error in errors.items() if error})
    outcome = decide.mute(
        desk.database,
        asked.origin.short_id,
        by=asked.user,
        now=now,
        reason=reason[: modal.MAX_REASON],
        until=modal.until(end, now=now),
        scope=scope or THIS,
        key=asked.key,
        which=find.unmerged,
        **{name: given or 0 for name, given in tripwires.items()},
    )
    return answer.done(outcome)


def reroute(asked: Asked) -> Rendering:
    """Reroute the signature to the chosen team."""
    team = _entered(asked, actions.TEAM)
    if team not in asked.desk.teams:
        raise Wrong({actions.TEAM: "Choose one of the teams."})
    outcome = decide.reroute(
        asked.desk.database,
        asked.origin.short_id,
        team=team,
        by=asked.user,
        now=asked.desk.clock(),
        reason=_entered(asked, actions.REASON)[: modal.MAX_REASON],
        key=asked.key,
        channel=asked.desk.team_channels.get(team, ""),
        which=find.unmerged,
    )
    desk, made = asked.desk, outcome.decision_id
    return answer.rerouted(outcome, look.offered(desk.database, made, now=desk.clock()))


def resolve(asked: Asked) -> Rendering:
    """Mark the signature as fixed, now or in a release."""
    released = _entered(asked, actions.WHEN) == modal.RELEASE
    version = _entered(asked, actions.VERSION)[:100] if released else ""
    if released and not version:
        raise Wrong({actions.VERSION: "Which release fixes it?"})
    outcome = decide.resolve(
        asked.desk.database,
        asked.origin.short_id,
        by=asked.user,
        now=asked.desk.clock(),
        version=version,
        key=asked.key,
        which=find.unmerged,
    )
    return answer.done(outcome)


def note(asked: Asked) -> Rendering:
    """Store the note of a form."""
    return noted(asked, asked.origin.short_id, _entered(asked, actions.REASON))


def noted(asked: Asked, short_id: str, words: str) -> Rendering:
    """Store a note on a signature. Raises Wrong for one without words."""
    if len(words) < modal.MIN_REASON:
        raise Wrong({actions.REASON: "Say in a few words what others should know."})
    outcome = decide.note(
        asked.desk.database,
        short_id,
        words=words[: modal.MAX_REASON],
        by=asked.user,
        now=asked.desk.clock(),
        key=asked.key,
    )
    return answer.noted(outcome)


def merge(asked: Asked) -> Rendering:
    """Merge the signature into another one."""
    into = _entered(asked, actions.INTO)
    if not into:
        raise Wrong({actions.INTO: "Which one? Each card has its ID."})
    outcome = decide.merge(
        asked.desk.database,
        asked.origin.short_id,
        into=into,
        by=asked.user,
        now=asked.desk.clock(),
        key=asked.key,
        which=find.unmerged,
    )
    return answer.done(outcome)


def split(asked: Asked) -> Rendering:
    """Split the chosen signature off again."""
    case = _entered(asked, actions.CASE)
    if not case:
        raise Wrong({actions.CASE: "Which one?"})
    outcome = decide.split(
        asked.desk.database,
        case,
        off=asked.origin.short_id,
        by=asked.user,
        now=asked.desk.clock(),
        key=asked.key,
    )
    return answer.done(outcome)


def wrong(asked: Asked) -> Rendering:
    """Store that an explanation is wrong, and why."""
    reason = _entered(asked, actions.REASON)
    if len(reason) < modal.MIN_REASON:
        raise Wrong({actions.REASON: "Say in a few words what is wrong: it is what gets mended."})
    desk = asked.desk
    name = rate(
        desk.database,
        asked.origin.short_id,
        helps=False,
        by=asked.user,
        now=desk.clock(),
        reason=reason,
        read=asked.origin.read,
    )
    return answer.thanks(name, helps=False, command=desk.command)


def flags(asked: Asked) -> Rendering:
    """Set the switches whose position was changed in the form."""
    reason = _entered(asked, actions.REASON)
    chosen = {flag: position(flag, _entered(asked, flag)) for flag in Flag}
    errors = {
        actions.REASON: "Say in a few words why: others will read it."
        if len(reason) < modal.MIN_REASON
        else "",
        **{flag.value: "" if new else "On or off?" for flag, new in chosen.items()},
    }
    if any(errors.values()):
        raise Wrong({name: error for name, error in errors.items() if error})
    desk = asked.desk
    changes = switch(
        desk.database,
        {flag: new for flag, new in chosen.items() if new},
        by=asked.user,
        reason=reason[: modal.MAX_REASON],
        now=desk.clock(),
        seen={flag: asked.origin.seen.get(flag, 0) for flag in Flag},
        channels=desk.terms.channels,
    )
    return answer.switched(changes)


def _filled(asked: Asked, verb: str, short_id: str, *, read: Author | None) -> Block:
    desk = asked.desk
    try:
        card = look.card(desk.database, short_id, now=desk.clock())
    except NotFound as gone:
        return modal.apology(verb, str(gone))
    return FORMS[verb](card, Origin(card.short_id, asked.channel, read=read), desk)


def _fill(asked: Asked, view_id: str, view_hash: str, view: Block) -> None:
    try:
        asked.client.views_update(view_id=view_id, hash=view_hash, view=limits.fitting_view(view))
    except SlackApiError as refused:
        if trouble.read(refused).code not in ("hash_conflict", "not_found"):
            raise
        log.info("The form was closed or changed meanwhile")


def _entered(asked: Asked, name: str) -> str:
    """The value of a field, or an empty string."""
    return entered(asked.body["view"]).get(name, "")


def _number(entered: str) -> int | None:
    """The number in a field; 0 where it is empty, None where it is no number."""
    if not entered:
        return 0
    if not (entered.isascii() and entered.isdecimal() and len(entered) <= len(str(MOST))):
        return None
    return int(entered) if 0 < int(entered) <= MOST else None
