"""Whether what we built is what Slack takes, and says nothing that Slack would act on."""

import re
from collections.abc import Iterator
from typing import Any

from bot.slack import limits
from bot.slack.blocks.elements import Block, Rendering
from bot.workspace import blocks as slack

OUR_OWN = re.compile(
    r"<!date\^\d+\^\{date_short_pretty\} \{time\}(?: \(\{ago\}\))?\|[^<>|]*>|<@U0ASSIGNEE>"
    r"|<#C012AB3CD>|<https://example\.slack\.com/archives/[^<>|]*\|the message there>"
)
ALIVE = re.compile(r"<[!@#]|<[a-z]+:|@(?:here|channel|everyone)\b|[\ud800-\udfff]")


def accepted(shown: Rendering) -> bool:
    """Whether both our own check and Slack's stand-in take it."""
    ours = limits.check({"text": shown.text, "blocks": shown.blocks})
    theirs = slack.problems(shown.blocks, slack.Surface.MESSAGE)
    assert (ours, theirs, slack.too_long(shown.blocks)) == ([], [], False)
    return True


def accepted_view(view: Block) -> bool:
    assert (limits.check(view), slack.view_problems(view)) == ([], [])
    return True


def mrkdwn_of(node: Any) -> Iterator[str]:
    """All text that Slack would read as mrkdwn."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"]
            yield node["text"]
        for value in node.values():
            yield from mrkdwn_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from mrkdwn_of(value)


def alive(shown: Rendering) -> bool:
    words = [shown.text, *mrkdwn_of(shown.blocks)]
    return any(ALIVE.search(OUR_OWN.sub("", one)) for one in words)
