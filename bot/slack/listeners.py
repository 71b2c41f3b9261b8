"""Which click, command, form or event leads where. The catch-alls come last."""

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import App

from bot.slack import actions, clicks, commands, forms
from bot.slack.asked import Asked, Handle, Submit, acknowledged, submitted
from bot.slack.desk import Desk

_ANY = re.compile(".*", re.DOTALL)

CLICKS: Mapping[str, Handle] = {
    actions.CLAIM: clicks.claim,
    actions.TAKE_OVER: clicks.take_over,
    actions.RELEASE: clicks.release,
    actions.DETAILS: clicks.details,
    actions.MORE: clicks.more,
    actions.UNDO: clicks.undo,
    actions.SHARE: clicks.share,
}
SUBMISSIONS: Mapping[str, tuple[Submit, str]] = {
    actions.MUTE: (forms.mute, actions.REASON),
    actions.REROUTE: (forms.reroute, actions.TEAM),
    actions.RESOLVE: (forms.resolve, actions.VERSION),
}

log = logging.getLogger(__name__)


def register(app: App, desk: Desk) -> None:
    """Make the app listen to everything that can come."""
    app.command(desk.command)(acknowledged(desk, commands.command))
    for action_id, handle in CLICKS.items():
        app.action(action_id)(acknowledged(desk, handle))
    for callback_id, (submit, field) in SUBMISSIONS.items():
        app.view(callback_id)(submitted(desk, submit, field=field))
    app.event("app_home_opened")(acknowledged(desk, _home_opened))
    unknown = acknowledged(desk, clicks.unknown)
    app.action(_ANY)(unknown)
    app.command(_ANY)(unknown)
    app.shortcut(_ANY)(unknown)
    app.view(_ANY)(unknown)
    app.event(_ANY)(_ignored)


def _home_opened(asked: Asked) -> None:
    event = asked.body["event"]
    if event.get("tab") == "home":
        asked.acknowledge()
        replace(asked, body={"user": {"id": event["user"]}}).publish_home()


def _ignored(body: dict[str, Any]) -> None:
    log.debug("Nothing listens to the event %s", body.get("event", {}).get("type"))
