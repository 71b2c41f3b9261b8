"""The conversations.* methods of the Web API."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from bot.workspace import payloads
from bot.workspace.arguments import Arguments, flag, page, required
from bot.workspace.state import Channel, Json, Message, SlackError
from bot.workspace.workspace import Workspace


def history(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.history: newest first, without replies and ephemeral messages."""
    where = _readable(workspace, arguments)
    found = [
        message
        for message in where.messages.values()
        if not message.only_for and (message.broadcast or not message.is_reply)
    ]
    newest_first = sorted(_between(found, arguments), key=lambda m: m.ts, reverse=True)
    messages, rest = page(newest_first, arguments, default=100)
    return {"messages": _shown(workspace, where, messages, arguments), **_more(rest)}


def replies(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.replies: the parent first, then its replies, oldest first."""
    where = _readable(workspace, arguments)
    asked = where.messages.get(required(arguments, "ts"))
    if asked is None or asked.only_for:
        raise SlackError("thread_not_found")
    parent = where.messages.get(asked.thread_ts, asked)
    below = _between(workspace.state.replies(where, parent.ts), arguments)
    messages, rest = page([parent, *below], arguments, default=100)
    return {"messages": _shown(workspace, where, messages, arguments), **_more(rest)}


def info(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.info."""
    where = _by_id(workspace, arguments)
    return {"channel": payloads.channel(where, workspace.identity)}


def list_(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.list: public channels; direct conversations when `types` asks for them."""
    types = str(arguments.get("types") or "public_channel").split(",")
    if "private_channel" in types and "groups:read" not in workspace.scopes:
        raise SlackError("missing_scope", needed="groups:read")
    wanted = [
        channel
        for channel in workspace.state.channels.values()
        if ("im" if channel.im_with else "public_channel") in types
        and not (channel.archived and flag(arguments, "exclude_archived"))
    ]
    channels, rest = page(wanted, arguments, default=100)
    return {"channels": [payloads.channel(c, workspace.identity) for c in channels], **rest}


def members(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.members: the ids of everybody in it."""
    found, rest = page(sorted(_by_id(workspace, arguments).members), arguments, default=100)
    return {"members": list(found), **rest}


def open_(workspace: Workspace, arguments: Arguments) -> Json:
    """conversations.open: the direct conversation with one person."""
    users = required(arguments, "users").split(",")
    if len(users) != 1:
        raise SlackError("too_many_users")
    someone = workspace.state.people.get(users[0])
    if someone is None:
        raise SlackError("user_not_found")
    if someone.bot:
        raise SlackError("cannot_dm_bot")
    return {"channel": {"id": workspace.state.direct(someone.id).id}}


def _by_id(workspace: Workspace, arguments: Arguments) -> Channel:
    where = workspace.state.channels.get(required(arguments, "channel"))
    if where is None:
        raise SlackError("channel_not_found")
    return where


def _readable(workspace: Workspace, arguments: Arguments) -> Channel:
    where = _by_id(workspace, arguments)
    if workspace.identity.bot_user not in where.members:
        raise SlackError("not_in_channel")
    return where


def _between(messages: Iterable[Message], arguments: Arguments) -> list[Message]:
    """The messages after `oldest` and before `latest`, or at them too when `inclusive`."""
    oldest = _time(arguments, "oldest", Decimal(0))
    latest = _time(arguments, "latest", Decimal("Infinity"))
    ends = flag(arguments, "inclusive")
    return [
        message
        for message in messages
        if oldest < Decimal(message.ts) < latest
        or (ends and Decimal(message.ts) in (oldest, latest))
    ]


def _time(arguments: Arguments, name: str, default: Decimal) -> Decimal:
    try:
        return Decimal(str(arguments.get(name) or default))
    except InvalidOperation as wrong:
        raise SlackError(f"invalid_ts_{name}") from wrong


def _shown(
    workspace: Workspace, where: Channel, messages: Iterable[Message], arguments: Arguments
) -> list[Json]:
    return [
        payloads.threaded(
            message,
            workspace.state,
            where,
            workspace.identity,
            with_metadata=flag(arguments, "include_all_metadata"),
        )
        for message in messages
    ]


def _more(rest: Json) -> Json:
    more = bool(rest["response_metadata"]["next_cursor"])
    return {"has_more": True, **rest} if more else {"has_more": False}
