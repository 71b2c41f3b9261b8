"""What a person gets to read who asked, decided, or came too late; only they see it."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.digest import Card, Digest, verdict
from bot.flows.decide import Outcome
from bot.flows.look import Episode
from bot.slack import actions, text
from bot.slack.blocks import card as cards
from bot.slack.blocks import digest as digests
from bot.slack.blocks import thread
from bot.slack.blocks.elements import Rendering, button, context, section
from bot.slack.blocks.elements import actions as row

COMMANDS = {
    "today": "the last 24 hours so far, with a button to share it",
    "show ID": "one signature, with its buttons",
    "why ID": "the numbers behind it, and from which count on it fires",
    "mine": "what you have claimed",
    "unclaimed": "what waits for somebody",
    "undo": "take your latest decision back",
    "help": "this",
}


def helping(digest: Digest, *, remark: str = "") -> Rendering:
    """What one can ask, below the counts of today."""
    usage = [f"`/triage {words}` {does}" for words, does in COMMANDS.items()]
    opening = [remark] if remark else []
    lines = [*opening, f"Today so far: *{verdict(digest)}*", *usage]
    return Rendering("\n".join(lines), [section("\n".join(lines))])


def today(digest: Digest) -> Rendering:
    """The digest of now, with a button that shares it with the channel."""
    shown = digests.message(digest)
    share = row([button("Share", actions.SHARE, value=actions.TODAY)], block_id="share")
    return Rendering(shown.text, [*shown.blocks, share])


def show(card: Card) -> Rendering:
    """One signature with its controls, and a button that shares it."""
    shown = cards.message(card)
    share = row([button("Share", actions.SHARE, value=card.short_id)], block_id="share")
    return Rendering(shown.text, [*shown.blocks, share])


def why(card: Card, episodes: Sequence[Episode]) -> Rendering:
    """The receipts of a signature."""
    found = thread.receipts(episodes, room=100) or ["It was never called unusual."]
    parts = [f"{cards.headline(card)}\n{text.code(card.title, 150)}", *found]
    rule = f"rule {text.inline(card.analysis.rule, 60)}" if card.analysis.rule else ""
    small = context(
        cards.owner(card, room=200), cards.cause(card.analysis, card.analyst, room=200), rule
    )
    return Rendering(
        text.clip("\n".join(parts), text.MAX_TEXT), [*(section(part) for part in parts), small]
    )


def done(outcome: Outcome) -> Rendering:
    """What was just decided, with Undo."""
    words = _decided(outcome)
    undo = button("Undo", actions.UNDO, value=str(outcome.decision_id))
    return Rendering(words, [section(words), row([undo], block_id="undo")])


def undone(outcome: Outcome) -> Rendering:
    """What was just taken back."""
    return note(_decided(outcome))


def taken(short_id: str, *, by: str, at: datetime, now: datetime) -> Rendering:
    """Somebody was faster; one may still take over."""
    ago = text.span((now - at).total_seconds())
    name = text.inline(short_id, 20)
    words = f"*{name}*: claimed by {text.person(by)} {ago} ago. Take over?"
    over = button("Take over", actions.TAKE_OVER, value=name)
    return Rendering(words, [section(words), row([over], block_id="taken")])


def note(words: str) -> Rendering:
    """A plain sentence; it must be escaped already."""
    return Rendering(words, [section(words)])


def refusal(message: str) -> Rendering:
    """What one of our own errors says to people."""
    return note(f"⚠️ {text.inline(message, 600)}")


def failure(error_id: str) -> Rendering:
    """Something broke; the id finds it in the log."""
    return note(
        f"⚠️ Something went wrong here (error `{error_id}`). Nothing was changed, or it was changed "
        "once: `/triage mine` shows. Try again; if it stays, give the error id to whoever runs me."
    )


def outdated() -> Rendering:
    """The catch-all's answer."""
    return note(
        "That came from an older version of me, and I do not know it any more. "
        "`/triage today` shows what is current."
    )


def _decided(outcome: Outcome) -> str:
    return f"*{outcome.card.short_id}*: {text.sentence(outcome.sentence)}."
