"""Answers to a command or an interaction: through its response_url, or in the acknowledgement."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.workspace.content import content
from bot.workspace.state import Channel, Message, ResponseUrl, SlackError, State


def answer(state: State, to: ResponseUrl, body: Mapping[str, Any], *, bot_user: str) -> None:
    """Post, replace or delete what the body says: only for the person who asked, unless it says
    `in_channel`. Raises SlackError.
    """
    channel = state.channel(to.channel)
    if body.get("delete_original"):
        _delete(state, channel, to)
        return
    said = content(body)
    blocks = said.blocks or ()
    if body.get("replace_original") and to.message_ts in channel.messages:
        old = channel.messages[to.message_ts]
        state.post(channel, replace(old, text=said.text, blocks=blocks))
        return
    public = body.get("response_type") == "in_channel"
    state.post(
        channel,
        Message(
            state.timestamp(),
            bot_user,
            said.text,
            blocks=blocks,
            thread_ts=str(body.get("thread_ts") or ""),
            only_for="" if public else to.user,
        ),
    )


def _delete(state: State, channel: Channel, to: ResponseUrl) -> None:
    if to.message_ts not in channel.messages:
        raise SlackError("message_not_found")
    state.remove(channel, to.message_ts)
