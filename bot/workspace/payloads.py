"""The JSON shapes in which Slack shows people, channels, messages, views and what somebody did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.workspace.state import Channel, Group, Json, Message, Person, State, View


@dataclass(frozen=True, slots=True)
class Identity:
    """Which workspace, app and bot user all payloads speak of."""

    team: str = "T000TRIAGE"
    domain: str = "localhost"
    app: str = "A000TRIAGE"
    bot_id: str = "B000TRIAGE"
    bot_user: str = "U000TRIAGE"


def person(someone: Person, identity: Identity) -> Json:
    """A user object, as `users.info` gives it; the display name is what mentions show."""
    return {
        "id": someone.id,
        "team_id": someone.team or identity.team,
        "is_stranger": bool(someone.team),
        "name": someone.handle,
        "deleted": False,
        "real_name": someone.name,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "is_bot": someone.bot,
        "profile": {"real_name": someone.name, "display_name": someone.name},
    }


def group(some: Group, identity: Identity) -> Json:
    """A user group object, as `usergroups.list` gives it."""
    return {
        "id": some.id,
        "team_id": identity.team,
        "is_usergroup": True,
        "name": some.name,
        "handle": some.handle,
        "date_delete": 0,
        "user_count": len(some.members),
    }


def channel(some: Channel, identity: Identity) -> Json:
    """A conversation object, as `conversations.info` gives it."""
    if some.im_with:
        return {"id": some.id, "is_im": True, "user": some.im_with, "is_archived": some.archived}
    return {
        "id": some.id,
        "name": some.name,
        "name_normalized": some.name,
        "is_channel": True,
        "is_im": False,
        "is_private": False,
        "is_archived": some.archived,
        "is_member": identity.bot_user in some.members,
        "num_members": len(some.members),
    }


def message(some: Message, identity: Identity, *, with_metadata: bool = True) -> Json:
    """A message object, without what its thread adds to it."""
    shown: Json = {"type": "message", "user": some.user, "ts": some.ts, "text": some.text}
    shown["team"] = identity.team
    if some.user == identity.bot_user:
        shown |= {"bot_id": identity.bot_id, "app_id": identity.app}
    if some.blocks:
        shown["blocks"] = list(some.blocks)
    if some.thread_ts:
        shown["thread_ts"] = some.thread_ts
    if some.metadata and with_metadata:
        shown["metadata"] = some.metadata
    if some.edited_ts:
        shown["edited"] = {"user": some.user, "ts": some.edited_ts}
    return shown


def threaded(
    some: Message, state: State, where: Channel, identity: Identity, *, with_metadata: bool
) -> Json:
    """A message object, with the count of its replies where it has any."""
    shown = message(some, identity, with_metadata=with_metadata)
    replies = state.replies(where, some.ts)
    if replies:
        shown |= {
            "thread_ts": some.ts,
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    elif some.is_reply:
        shown["parent_user_id"] = where.messages[some.thread_ts].user
    return shown


def view(some: View, identity: Identity) -> Json:
    """A view object, as `views.open` answers it and as interactions carry it."""
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        **some.content,
        "id": some.id,
        "team_id": identity.team,
        "app_id": identity.app,
        "app_installed_team_id": identity.team,
        "bot_id": identity.bot_id,
        "hash": some.hash,
        "root_view_id": some.root_id,
        "previous_view_id": some.previous_id or None,
        "state": {"values": some.values},
    }


def interaction(kind: str, someone: Person, identity: Identity) -> Json:
    """What every interaction says first: its kind, who did it, in which workspace: of a form that
    of whoever has it, elsewhere that of the app."""
    theirs = someone.team or identity.team
    of_form = kind in ("view_submission", "view_closed")
    return {
        "type": kind,
        "team": {"id": theirs if of_form else identity.team, "domain": identity.domain},
        "user": {
            "id": someone.id,
            "username": someone.handle,
            "name": someone.handle,
            "team_id": theirs,
        },
        "api_app_id": identity.app,
        "token": "",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_container(some: Message, where: Channel) -> Json:
    """Where a click on a message happened."""
    container = {
        "type": "message",
        "message_ts": some.ts,
        "channel_id": where.id,
        "is_ephemeral": bool(some.only_for),
    }
    return {**container, "thread_ts": some.thread_ts} if some.thread_ts else container


def action(block_id: str, element: Mapping[str, Any], value: Json, ts: str) -> Json:
    """One entry of `actions`: the element somebody used and what it says now."""
    kept = ("text", "value", "style", "url", "placeholder", "confirm")
    shown = {key: element[key] for key in kept if key in element}
    return {
        **shown,
        **value,
        "block_id": block_id,
        "action_id": element["action_id"],
        "action_ts": ts,
    }


def event_callback(
    event: Json, event_id: str, at: int, identity: Identity, *, shared_by: str = ""
) -> Json:
    """The body in which the Events API delivers an event; in a channel that another workspace
    shares, `team_id` is that one."""
    return {
        "token": "",
        "team_id": shared_by or identity.team,
        "is_ext_shared_channel": bool(shared_by),
        "api_app_id": identity.app,
        "type": "event_callback",
        "event": event,
        "event_id": event_id,
        "event_time": at,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": identity.team,
                "user_id": identity.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }
