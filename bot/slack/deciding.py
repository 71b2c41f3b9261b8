"""A decision by one word or one click: carried out, and answered with Undo."""

from collections.abc import Callable, Mapping

from bot.errors import Held, Taken
from bot.flows import decide as flows
from bot.flows.decide import Outcome
from bot.slack import actions
from bot.slack.asked import Asked
from bot.slack.blocks import answer

AT_ONCE: Mapping[str, Callable[..., Outcome]] = {
    actions.CLAIM: flows.claim,
    actions.RELEASE: flows.release,
    actions.RESOLVE: flows.resolve,
    actions.REOPEN: flows.reopen,
    actions.UNMUTE: flows.unmute,
}
"""What needs no form: a typed `resolve` is as of now."""


def decide(
    asked: Asked, flow: Callable[..., Outcome], short_id: str, *, replace: bool = False
) -> None:
    """Carry out a decision, and answer with what came of it: also that somebody was faster, or that
    the person has the signature already."""
    now = asked.desk.clock()
    try:
        outcome = flow(asked.desk.database, short_id, by=asked.user, now=now, key=asked.key)
    except Taken as taken:
        asked.answer(answer.taken(short_id, by=taken.by, at=taken.at, now=now))
    except Held:
        asked.answer(answer.held(short_id))
    else:
        asked.answer(answer.done(outcome), replace=replace)
