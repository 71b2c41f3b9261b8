"""The chat.* methods of the Web API."""

from dataclasses import replace
from typing import Any

from bot.workspace import payloads
from bot.workspace.arguments import Arguments, flag, required
from bot.workspace.content import (
    POSTED_TEXT,
    UPDATED_TEXT,
    Content,
    checked_blocks,
    checked_metadata,
    content,
)
from bot.workspace.state import Channel, Json, Message, SlackError
from bot.workspace.workspace import Workspace


def post_message(workspace: Workspace, arguments: Arguments) -> Json:
    """chat.postMessage: in a channel the bot is in, or as a reply in a thread there."""
    where = _writable(workspace, required(arguments, "channel"), public="chat:write.public")
    said = content(arguments)
    thread_ts = _thread(where, str(arguments.get("thread_ts") or ""))
    message = workspace.state.post(
        where,
        Message(
            workspace.state.timestamp(),
            workspace.identity.bot_user,
            said.text[:POSTED_TEXT],
            blocks=said.blocks or (),
            thread_ts=thread_ts,
            broadcast=flag(arguments, "reply_broadcast"),
            metadata=checked_metadata(arguments.get("metadata")),
        ),
    )
    shown = payloads.message(message, workspace.identity)
    return {"channel": where.id, "ts": message.ts, "message": shown}


def update(workspace: Workspace, arguments: Arguments) -> Json:
    """chat.update: the bot's own messages; a new text without blocks takes the old blocks away."""
    where, old = _own(workspace, arguments, "cant_update_message")
    said = _changed(arguments)
    if len(said.text) > UPDATED_TEXT:
        raise SlackError("msg_too_long")
    kept_text = said.text if "text" in arguments else old.text
    blocks = said.blocks if said.blocks is not None else (() if said.text else old.blocks)
    edited = old.edited_ts if blocks else workspace.state.timestamp()
    metadata = old.metadata
    if arguments.get("metadata") is not None:
        metadata = checked_metadata(arguments["metadata"])
    message = workspace.state.post(
        where, replace(old, text=kept_text, blocks=blocks, edited_ts=edited, metadata=metadata)
    )
    shown = payloads.message(message, workspace.identity)
    return {"channel": where.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(workspace: Workspace, arguments: Arguments) -> Json:
    """chat.delete: the bot's own messages."""
    where, old = _own(workspace, arguments, "cant_delete_message")
    workspace.state.remove(where, old.ts)
    return {"channel": where.id, "ts": old.ts}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> Json:
    """chat.postEphemeral: for one person who is in the channel."""
    where = _writable(workspace, required(arguments, "channel"))
    user = required(arguments, "user")
    if user not in where.members:
        raise SlackError("user_not_in_channel")
    said = content(arguments)
    message = workspace.state.post(
        where,
        Message(
            workspace.state.timestamp(),
            workspace.identity.bot_user,
            said.text[:POSTED_TEXT],
            blocks=said.blocks or (),
            thread_ts=_thread(where, str(arguments.get("thread_ts") or "")),
            only_for=user,
        ),
    )
    return {"message_ts": message.ts}


def get_permalink(workspace: Workspace, arguments: Arguments) -> Json:
    """chat.getPermalink: the address of the message on the workspace's own page."""
    where = workspace.state.channel(required(arguments, "channel"))
    message = _visible(workspace, where, required(arguments, "message_ts"))
    link = f"{workspace.url}/archives/{where.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={where.id}"
    return {"channel": where.id, "permalink": link}


def validate_blocks(workspace: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001
    """blocks.validate: nothing but ok, or everything wrong with the blocks."""
    checked_blocks(arguments.get("blocks"))
    return {}


def _changed(arguments: Arguments) -> Content:
    """What chat.update is to write; unlike a new message, metadata alone is enough."""
    if arguments.get("metadata") and not {"text", "blocks"} & arguments.keys():
        return Content("", None)
    return content(arguments)


def _writable(workspace: Workspace, wanted: str, *, public: str = "") -> Channel:
    where = workspace.state.channel(wanted)
    if where.archived:
        raise SlackError("is_archived")
    if workspace.identity.bot_user not in where.members and public not in workspace.scopes:
        raise SlackError("not_in_channel")
    return where


def _thread(where: Channel, thread_ts: str) -> str:
    """The thread's own ts: Slack moves a reply to a reply below the parent of both."""
    if not thread_ts:
        return ""
    parent = where.messages.get(thread_ts)
    if parent is None or parent.only_for:
        raise SlackError("thread_not_found")
    return parent.thread_ts or thread_ts


def _visible(workspace: Workspace, where: Channel, ts: str) -> Message:
    message = workspace.state.message(where, ts)
    if message.only_for:
        raise SlackError("message_not_found")
    return message


def _own(workspace: Workspace, arguments: Arguments, error: str) -> tuple[Channel, Message]:
    where = _by_id(workspace, required(arguments, "channel"))
    message = _visible(workspace, where, required(arguments, "ts"))
    if message.user != workspace.identity.bot_user:
        raise SlackError(error)
    return where, message


def _by_id(workspace: Workspace, wanted: str) -> Channel:
    """chat.update and chat.delete know channels by id only."""
    found: Any = workspace.state.channels.get(wanted)
    if found is None:
        raise SlackError("channel_not_found")
    return _writable(workspace, found.id)
