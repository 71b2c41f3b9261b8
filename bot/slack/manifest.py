"""The manifest from which Slack creates the app, with as few scopes as possible."""

import json
from typing import Any
from urllib.parse import quote

from bot.slack import actions
from bot.slack.http import PATH

SCOPES = {
    "app_mentions:read": "answer where it is named, as in “@triage why?” in a thread",
    "chat:write": "post and update what it says",
    "commands": "its slash command",
    "channels:history": "find its own message again when an answer was lost",
    "channels:read": "name channels by their names",
    "files:write": "show the trend of an error as a picture",
    "users:read": "call people by their names where a mention would wake them",
    "usergroups:read": "tell who is in the user groups that [roles] names",
    "groups:history": "find it again in private channels that it was invited to",
    "groups:read": "name private channels that it was invited to",
}
"""Each scope with what it is for. Without one only that is missing; but `chat:write` and `commands`
are needed for anything."""
COMMAND = "/triage"
SHORTCUT = {
    "name": "Triage this message",
    "type": "message",
    "callback_id": actions.POINT,
    "description": "Which error is this, and whose?",
}


def manifest(url: str | None = None, command: str = COMMAND) -> dict[str, Any]:
    """The manifest for Socket Mode, or for HTTP when `url` says where the service is reached."""
    at = f"{url.rstrip('/')}{PATH}" if url else ""
    where = {"url": at} if at else {}
    request_url = {"request_url": at} if at else {}
    slash = {
        "command": command,
        "description": "What is new, spiking or spreading, and whose is it?",
        "usage_hint": "today | show ID | why ID | claim ID | unclaimed | merge ID ID | undo | help",
        "should_escape": False,
        **where,
    }
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Triage",
            "description": "Turns a flood of errors into a short list of who should fix what.",
            "background_color": "#2c2d30",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": False,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "triage", "always_online": True},
            "slash_commands": [slash],
            "shortcuts": [SHORTCUT],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {
                "bot_events": ["app_home_opened", "app_mention"],
                **request_url,
            },
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def link() -> str:
    """The address at which Slack creates the app for Socket Mode, once a person agrees."""
    whole = json.dumps(manifest(), separators=(",", ":"))
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(whole)}"


def text(url: str | None = None, command: str = COMMAND) -> str:
    """The manifest as JSON, which Slack accepts in place of YAML."""
    return json.dumps(manifest(url, command), indent=2) + "\n"
