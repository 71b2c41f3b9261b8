"""What each click does: a few lines from the click to a flow and to the answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bot.errors import Refused
from bot.flows import decide, lift, look, review
from bot.flows.lift import Lifted
from bot.flows.rate import rate
from bot.slack import actions, deciding, forms
from bot.slack.asked import Asked
from bot.slack.blocks import answer
from bot.slack.blocks.elements import Rendering
from bot.slack.commands import describe, explain
from bot.slack.deciding import AT_ONCE
from bot.slack.lists import LISTS, MINE, listed
from bot.slack.rendering import shared, shared_list
from storage import outbox
from storage.signatures import numbers


def claim(asked: Asked) -> None:
    """Claim the signature; whoever is too late is told who was faster."""
    _claim(asked, take_over=False)


def take_over(asked: Asked) -> None:
    """Claim a signature that somebody else holds."""
    _claim(asked, take_over=True)


def release(asked: Asked) -> None:
    """Give up the claim."""
    deciding.decide(asked, decide.release, asked.value)


def read_on(asked: Asked) -> None:
    """Nothing: Slack opened the link itself and only tells us."""


def details(asked: Asked) -> None:
    """Show all that is known of the signature."""
    describe(asked, asked.value)


def more(asked: Asked) -> None:
    """Do what was chosen from the ⋯ menu."""
    verb, short_id = actions.from_menu(asked.value)
    if verb in forms.FORMS:
        forms.open_form(asked, verb, short_id)
    elif verb in AT_ONCE:
        deciding.decide(asked, AT_ONCE[verb], short_id)
    elif verb == actions.END_ALL:
        end_all(asked, short_id)
    elif verb == actions.WHY:
        explain(asked, short_id)
    else:
        unknown(asked)


def helps(asked: Asked) -> None:
    """Store that the explanation helped."""
    desk, (short_id, read) = asked.desk, actions.from_opinion(asked.value)
    name = rate(desk.database, short_id, helps=True, by=asked.user, now=desk.clock(), read=read)
    asked.answer(answer.thanks(name, helps=True, command=desk.command))


def wrong(asked: Asked) -> None:
    """Open the form that asks what is wrong with the explanation."""
    short_id, read = actions.from_opinion(asked.value)
    forms.open_form(asked, actions.WRONG, short_id, read=read)


def note(asked: Asked) -> None:
    """Open the form for a note."""
    forms.open_form(asked, actions.NOTE, asked.value)


def merge(asked: Asked) -> None:
    """Open the form that asks which signature to merge into."""
    forms.open_form(asked, actions.MERGE, asked.value)


def split(asked: Asked) -> None:
    """Open the form that asks which of the merged ones to split off."""
    forms.open_form(asked, actions.SPLIT, asked.value)


def unmute(asked: Asked) -> None:
    """End the mute."""
    deciding.decide(asked, decide.unmute, asked.value)


def end_all(asked: Asked, short_id: str) -> None:
    """End the wide mute of a signature, for all that it covers."""
    desk = asked.desk
    lifted = lift.end_of(desk.database, short_id, by=asked.user, now=desk.clock())
    asked.answer(answer.lifted(lifted))


def end_wide(asked: Asked) -> None:
    """End a wide mute in a list."""
    _of_mute(asked, lift.end, answer.lifted)


def resume_wide(asked: Asked) -> None:
    """Resume a wide mute, for the person who ended it."""
    _of_mute(asked, lift.resume, answer.resumed, replace=True)


def _of_mute(
    asked: Asked,
    flow: Callable[..., Lifted],
    told: Callable[[Lifted], Rendering],
    *,
    replace: bool = False,
) -> None:
    desk, number = asked.desk, actions.number(asked.value)
    if number is None:
        unknown(asked)
        return
    asked.answer(
        told(flow(desk.database, number, by=asked.user, now=desk.clock())), replace=replace
    )


def undo(asked: Asked) -> None:
    """Undo the decision, after the person confirmed it."""
    number = actions.number(asked.value)
    if number is None:
        latest = f"{asked.desk.command} undo"
        raise Refused(f"I do not know which decision that was; {latest} takes your latest back.")
    outcome = decide.undo(
        asked.desk.database,
        by=asked.user,
        now=asked.desk.clock(),
        decision_id=number,
        key=asked.key,
    )
    asked.answer(answer.undone(outcome), replace=True)


def share(asked: Asked) -> None:
    """Post for everybody what only one person saw; the message is kept up to date from then on."""
    if not asked.channel:
        raise Refused(f"There is no channel here. Ask in one: {asked.desk.command} help")
    kind, content, names = _to_share(asked)
    with asked.desk.database.write() as session:
        outbox.add(
            session,
            f"share:{asked.key}",
            channel=asked.channel,
            kind=kind,
            content=content,
            now=asked.desk.clock(),
            shows=numbers(session, names).values(),
        )
    asked.answer(answer.note("I post it here. If nothing comes, invite me: `/invite @triage`"))


def _to_share(asked: Asked) -> tuple[str, dict[str, Any], list[str]]:
    """The kind of the message to share, its content, and the signatures it shows."""
    database, now = asked.desk.database, asked.desk.clock()
    word, _, argument = asked.value.partition(" ")
    if word == actions.TODAY:
        digest = look.today(database, now=now)
        return "shared", shared(digest), [card.short_id for card in digest.cards]
    if word == actions.REPORT:
        return review.REVIEW, {"until": now.isoformat(), "late": False}, []
    if word in LISTS:
        sections = LISTS[word](asked, argument, 0)
        return "list", shared_list(sections), [card.short_id for s in sections for card in s.cards]
    kind, short_id = ("receipts", argument) if word == actions.WHY else ("card", asked.value)
    name = look.card(database, short_id, now=now).short_id
    return kind, {"signature": name}, [name]


def turn(asked: Asked) -> None:
    """Show another page of a list, in its place."""
    first, _, said = asked.value.partition(" ")
    word, _, argument = said.partition(" ")
    start = actions.number(first)
    if start is None or word not in (MINE, *LISTS):
        unknown(asked)
        return
    asked.answer(listed(asked, word, argument, start=start), replace=True)


def unknown(asked: Asked) -> None:
    """Answer a button, menu or form that this release does not have."""
    asked.answer(answer.outdated(command=asked.desk.command))


def _claim(asked: Asked, *, take_over: bool) -> None:
    flow = partial(decide.claim, take_over=take_over)
    deciding.decide(asked, flow, asked.value, replace=take_over)
