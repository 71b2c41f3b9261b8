"""The review of a week: a paragraph for each section, and a button to end each mute."""

from collections.abc import Iterator

from bot.core.telling import quality
from bot.core.telling.quality import Hidden, Review, Section
from bot.slack import actions, text
from bot.slack.blocks.elements import Block, Rendering, button, context, roomiest, section

_LINE = 400
_MEANING = (
    "_Taken up_: somebody claimed or resolved it. _Kept_: somebody acted on it and left its owner; "
    "a reroute says that the rule was wrong."
)


def message(review: Review) -> Rendering:
    """The review in the richest form that Slack takes; a long one has fewer words in each line."""
    told = quality.parts(review)

    def build(room: int, _: int) -> list[Block]:
        limit = 2 * room + 100
        parts = [block for part in told for block in _blocks(part, limit)]
        return [section(_opening(review)), *parts, context(_MEANING)]

    words = "\n".join([_opening(review), *(line for part in told for line in _lines(part, _LINE))])
    return Rendering(text.cut(words, text.MAX_TEXT), roomiest(build))


def _opening(review: Review) -> str:
    window = f"{text.date(review.week.since)} – {text.date(review.week.until)}"
    late = "\n⚠️ This report is late." if review.late else ""
    return f"*The week* {window}{late}"


def _lines(part: Section, limit: int) -> Iterator[str]:
    yield _sum(part, limit)
    yield from (f"• {text.told(line, limit)}" for line in (*part.below, *map(str, part.hidden)))


def _sum(part: Section, limit: int) -> str:
    return f"*{part.title}*: {text.told(part.said, limit)}"


def _blocks(part: Section, limit: int) -> Iterator[Block]:
    below = (f"• {text.told(line, limit)}" for line in part.below)
    yield section("\n".join([_sum(part, limit), *below]))
    yield from (_muted(one, limit) for one in part.hidden)


def _muted(one: Hidden, limit: int) -> Block:
    words = section(f"• {text.told(str(one), limit)}")
    if one.is_over:
        return words
    return {**words, "accessory": button("End this mute", actions.UNMUTE, value=one.short_id)}
