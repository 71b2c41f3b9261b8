"""Which click, command, form or event goes to which function.

There is one listener for each kind of payload, which looks up what to do. If a listener does not
acknowledge, Bolt goes on to the next that matches, so a catch-all would answer in addition.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.slack import actions, clicks, commands, forms, mentions
from bot.slack.asked import Asked, Handle, Submit, acknowledged, submitted
from bot.slack.desk import Desk

_ANY = re.compile(".*", re.DOTALL)

CLICKS: Mapping[str, Handle] = {
    actions.CLAIM: clicks.claim,
    actions.TAKE_OVER: clicks.take_over,
    actions.RELEASE: clicks.release,
    actions.DETAILS: clicks.details,
    actions.LOGS: clicks.read_on,
    actions.MORE: clicks.more,
    actions.HELPS: clicks.helps,
    actions.WRONG: clicks.wrong,
    actions.UNMUTE: clicks.unmute,
    actions.END_WIDE: clicks.end_wide,
    actions.RESUME_WIDE: clicks.resume_wide,
    actions.UNDO: clicks.undo,
    actions.SHARE: clicks.share,
    actions.FIRST: clicks.turn,
    actions.NEXT: clicks.turn,
    actions.NOTE: clicks.note,
    actions.MERGE: clicks.merge,
    actions.SPLIT: clicks.split,
    actions.FLAGS: forms.open_flags,
}
SUBMISSIONS: Mapping[str, tuple[Submit, str]] = {
    actions.MUTE: (forms.mute, actions.REASON),
    actions.REROUTE: (forms.reroute, actions.TEAM),
    actions.RESOLVE: (forms.resolve, actions.VERSION),
    actions.WRONG: (forms.wrong, actions.REASON),
    actions.NOTE: (forms.note, actions.REASON),
    actions.MERGE: (forms.merge, actions.INTO),
    actions.SPLIT: (forms.split, actions.CASE),
    actions.FLAGS: (forms.flags, actions.REASON),
}

log = logging.getLogger(__name__)


def register(app: App, desk: Desk) -> None:
    """Add all listeners to the app. Bolt tries one after the other, so those for clicks, which come
    in bursts, are first."""
    app.action(_ANY)(acknowledged(desk, _clicked))
    app.command(_ANY)(acknowledged(desk, _commanded))
    app.shortcut(_ANY)(acknowledged(desk, _chosen))
    app.view(_ANY)(_form(desk))
    app.event("app_home_opened")(acknowledged(desk, _home_opened))
    app.event("app_mention")(acknowledged(desk, mentions.mention))
    app.event(_ANY)(_ignored)


def _commanded(asked: Asked) -> None:
    ours = asked.body["command"] == asked.desk.command
    (commands.command if ours else clicks.unknown)(asked)


def _clicked(asked: Asked) -> None:
    action_id = asked.action.get("action_id") if "actions" in asked.body else ""
    CLICKS.get(str(action_id), clicks.unknown)(asked)


def _chosen(asked: Asked) -> None:
    ours = asked.body.get("callback_id") == actions.POINT
    (mentions.point if ours else clicks.unknown)(asked)


def _form(desk: Desk) -> Callable[..., None]:
    unknown = acknowledged(desk, clicks.unknown)
    known = {
        callback_id: submitted(desk, submit, field=field)
        for callback_id, (submit, field) in SUBMISSIONS.items()
    }

    def listener(
        ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, context: BoltContext
    ) -> None:
        known.get(body["view"]["callback_id"], unknown)(ack, body, client, respond, context)

    return listener


def _home_opened(asked: Asked) -> None:
    if asked.body["event"].get("tab") == "home":
        asked.publish_home()


def _ignored(body: dict[str, Any]) -> None:
    log.debug("Nothing listens to the event %s", body.get("event", {}).get("type"))
