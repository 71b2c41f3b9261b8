"""The switches that people may set while the bot runs, and who set them last."""

from collections.abc import Sequence

from bot.flows.switch import Change, Setting
from bot.slack import text
from bot.slack.blocks.elements import Block, Rendering, context, section


def message(stand: Sequence[Setting], changes: Sequence[Change], *, trial: str = "") -> Rendering:
    """Each as it stands, what is on trial, then what was set last."""
    lines = [*map(_line, stand), *([text.inline(trial, 300)] if trial else [])]
    lately = ["*Lately*", *map(change, changes)] if changes else []
    blocks: list[Block] = [section("\n".join(lines)), *([context(*lately)] if lately else [])]
    return Rendering("\n".join([*lines, *lately]), blocks)


def change(one: Change) -> str:
    """ "Ana switched model off (it was on), 3 min ago: costs"."""
    why = f": {text.inline(one.reason, 200)}" if one.reason else ""
    return (
        f"{text.person(one.by)} switched *{text.inline(one.flag, 40)} {one.now}* (it was "
        f"{one.was}), {text.date(one.at)}{why}"
    )


def _line(one: Setting) -> str:
    sign = "🟢" if one.position.on else "⛔"
    return f"{sign} *{one.flag} {one.position}*: {one.flag.says}"
