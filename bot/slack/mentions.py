"""Messages that people point at: with the shortcut, or by mentioning us below them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import Refused
from bot.flows import look
from bot.flows.identify import identify
from bot.slack import commands, trouble
from bot.slack.asked import Asked
from bot.slack.blocks import answer
from bot.slack.blocks.listing import Section

_MENTIONS = re.compile(r"<@[A-Z0-9]+(?:\|[^<>]*)?>")
_COMMAND = 3
"""A command has at most so many words; what is longer may be a pasted error."""
_TITLE = "Named or quoted in that message"


def point(asked: Asked) -> None:
    """Answer the shortcut on a message: which errors it is about."""
    message = asked.body["message"]
    shown = look.shown_on(asked.desk.database, asked.channel, str(asked.body["message_ts"]))
    found = shown if shown is not None else _said_in(asked, _words(message))
    _tell(asked, found)


def mention(asked: Asked) -> None:
    """Answer a mention: in a thread about its message, elsewhere about the words of the mention."""
    if asked.event.get("bot_id"):
        return
    words = _MENTIONS.sub(" ", str(asked.event.get("text") or "")).strip()
    about = _thread(asked)
    one = about[0] if len(about) == 1 else ""
    if not words:
        _tell(asked, about) if about else commands.obey(asked, "help")
    elif len(words.split()) > _COMMAND and (pasted := _said_in(asked, words)):
        _tell(asked, pasted)
    elif commands.knows(words, command=asked.desk.command):
        commands.obey(asked, words, about=one)
    elif about:
        _tell(asked, about)
    else:
        commands.obey(asked, words)


def _thread(asked: Asked) -> tuple[str, ...]:
    """The short ids that the message of a thread is about: if it is ours those it shows, else those
    its words name."""
    if not asked.thread:
        return ()
    shown = look.shown_on(asked.desk.database, asked.channel, asked.thread)
    return shown if shown is not None else _said_in(asked, _parent(asked))


def _parent(asked: Asked) -> str:
    """The words of a thread's first message. Raises Refused where we may not read it."""
    try:
        answered: Any = asked.client.conversations_replies(
            channel=asked.channel, ts=asked.thread, limit=1
        )
    except SlackApiError as refused:
        remedy = trouble.read(refused).remedy
        raise Refused(f"I cannot read the message above: {remedy}") from refused
    return _words(answered["messages"][0])


def _words(message: Mapping[str, Any]) -> str:
    """All text of a message, the attachments of other programs included."""
    attached = message.get("attachments") or ()
    parts = (one.get(name) for one in attached for name in ("title", "text", "fallback"))
    return "\n".join(str(part) for part in (message.get("text"), *parts) if part)


def _said_in(asked: Asked, words: str) -> tuple[str, ...]:
    found = identify(asked.desk.database, words, now=asked.desk.clock())
    return tuple(card.short_id for card in found)


def _tell(asked: Asked, found: Sequence[str]) -> None:
    if len(found) == 1:
        commands.describe(asked, found[0])
        return
    if not found:
        asked.answer(answer.unidentified(command=asked.desk.command))
        return
    now = asked.desk.clock()
    cards = [look.card(asked.desk.database, name, now=now) for name in found]
    asked.answer(answer.found([Section(_TITLE, cards, "Nothing.")]))
