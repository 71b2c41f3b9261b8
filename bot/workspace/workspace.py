"""A workspace as its people see it: what they can do there, and what they then see."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from time import monotonic
from typing import Any

from bot.workspace import payloads
from bot.workspace.blocks import interactive
from bot.workspace.content import checked_view
from bot.workspace.delivery import (
    ACK_SECONDS,
    Ack,
    Envelope,
    Transport,
    deliver,
    deliver_event,
)
from bot.workspace.faults import CallLog, Faults
from bot.workspace.inputs import missing_or_wrong, placed, reported, state_of
from bot.workspace.responses import answer
from bot.workspace.signed_http import SignedHttp
from bot.workspace.socket_mode import SocketMode
from bot.workspace.state import (
    Channel,
    Group,
    Json,
    Message,
    Person,
    ResponseUrl,
    SlackError,
    State,
    View,
)

SLACKBOT = Person("USLACKBOT", "slackbot", "Slackbot", bot=True)

PEOPLE = (
    Person("U000ANA", "ana", "Ana Ribeiro"),
    Person("U000TOMAS", "tomas", "Tomas Novak"),
    Person("U000SOFIA", "sofia", "Sofia Lind"),
    Person("U000LI", "li", "Li Wei"),
)

SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "groups:read",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)

COMMANDS = ("/triage",)
"""Those of the app."""
LOOK_SECONDS = 0.02

_HANDLE = re.compile(r"(?<![\w@<])@([\w.-]*\w)")

EVENTS = frozenset({"app_home_opened", "app_mention", "message.im"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something a person did: `errors` are those shown beside a form's inputs."""

    error: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the app took it."""
        return not self.error and not self.errors


class Workspace:
    """People, channels and one app in them.

    `channels` are names, and everybody including the bot is in all of them; `request_url` chooses
    signed HTTP instead of Socket Mode. The methods of people wait until the app has acknowledged.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        channels: Sequence[str] = ("on-call", "team-dev", "team-platform"),
        people: Sequence[Person] = PEOPLE,
        groups: Sequence[Group] = (),
        bot_token: str = "xoxb-workspace",  # noqa: S107  (a stand-in: nothing real opens with it)
        app_token: str = "xapp-workspace",  # noqa: S107
        signing_secret: str = "workspace",  # noqa: S107
        request_url: str = "",
        shortcuts: Mapping[str, str] | None = None,
        scopes: frozenset[str] = SCOPES,
        events: frozenset[str] = EVENTS,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self.identity = payloads.Identity()
        self.bot_token, self.app_token = bot_token, app_token
        self.signing_secret = signing_secret
        self.shortcuts = dict(shortcuts or {})
        self.scopes, self.events = scopes, events
        self.faults, self.calls = Faults(disconnect=self._disconnect), CallLog()
        self.url = ""
        bot = Person(self.identity.bot_user, "triage", "Triage", bot=True)
        everybody = [*people, bot]
        self.state = State(
            people=[*everybody, SLACKBOT],
            groups=groups,
            channels=[
                Channel(f"C{number:06d}", name, members={someone.id for someone in everybody})
                for number, name in enumerate(channels, start=1)
            ],
            bot_user=bot.id,
            clock=clock,
        )
        self.sockets = SocketMode(self.identity.app, ack_seconds=ack_seconds)
        self.transport: Transport = self.sockets
        if request_url:
            self.transport = SignedHttp(
                request_url, signing_secret, clock=clock, ack_seconds=ack_seconds
            )

    # ── what people do ────────────────────────────────────────────────────────────────────────

    def command(self, user: str, channel: str, command: str, text: str = "") -> Outcome:
        """Type a slash command."""
        where, someone = self.state.channel(channel), self._person(user)
        if command in ("/invite", "/remove"):
            return self._move_bot(where, user, command, text)
        if command not in COMMANDS:
            return self._failed_command(where, user, f"{command} is not a valid command.")
        to = ResponseUrl(user, where.id, self.state.now())
        payload = {
            "token": "",
            "team_id": self.identity.team,
            "team_domain": self.identity.domain,
            "channel_id": where.id,
            "channel_name": where.name or "directmessage",
            "user_id": user,
            "user_name": someone.handle,
            "command": command,
            "text": text,
            "api_app_id": self.identity.app,
            "is_enterprise_install": "false",
            "response_url": self._response_url(to),
            "trigger_id": self.state.issue_trigger(user),
        }
        ack = deliver(self.transport, self.faults, Envelope("slash_commands", payload))
        error = ack.error or self._answered(ack, to)
        if error:
            notice = f"{command} failed with the error “{error}”"
            return self._failed_command(where, user, notice, error=error)
        return Outcome()

    def click(
        self,
        user: str,
        channel: str,
        ts: str,
        action_id: str,
        *,
        block_id: str = "",
        value: Any = None,
        values: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Use a button, menu or picker of a message; `value` is an option's value, a user, a date.

        A confirmation dialog counts as confirmed. Raises LookupError when there is no such element.
        """
        where = self.state.channel(channel)
        message = self._seen(where, ts, user)
        block, element = _found(message.blocks, action_id, block_id)
        entered = placed(message.blocks, values or {})
        to = ResponseUrl(user, where.id, self.state.now(), message_ts=ts)
        payload = {
            **self._interaction("block_actions", user),
            "container": payloads.message_container(message, where),
            "channel": {"id": where.id, "name": where.name or "directmessage"},
            "message": payloads.message(message, self.identity),
            "state": {"values": state_of(message.blocks, entered)},
            "response_url": self._response_url(to),
            "trigger_id": self.state.issue_trigger(user),
            "actions": [self._action(block, element, value)],
        }
        return self._interact(payload)

    def use(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str = "",
        value: Any = None,
        values: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Use a button, menu or picker of a modal or of the home tab."""
        view = self._view_of(user, view_id)
        blocks = view.content["blocks"]
        block, element = _found(blocks, action_id, block_id)
        place = f"{block['block_id']}/{action_id}"
        own = {} if value is None else {place: value}
        state = state_of(blocks, placed(blocks, {**(values or {}), **own}))
        self.state.keep_in_view(view.id, values=state, errors=view.errors)
        payload = {
            **self._interaction("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "view": {**payloads.view(view, self.identity), "state": {"values": state}},
            "trigger_id": self.state.issue_trigger(user, view_id=view.id),
            "actions": [self._action(block, element, value)],
        }
        return self._interact(payload)

    def submit(self, user: str, view_id: str, values: Mapping[str, Any]) -> Outcome:
        """Send a modal off; what is not in `values` keeps what it started with."""
        view = self._view_of(user, view_id)
        blocks = view.content["blocks"]
        state = state_of(blocks, placed(blocks, values))
        wrong = missing_or_wrong(blocks, state)
        self.state.keep_in_view(view.id, values=state, errors=wrong)
        if wrong:
            return Outcome(errors=wrong)
        payload = {
            **self._interaction("view_submission", user),
            "view": {**payloads.view(view, self.identity), "state": {"values": state}},
            "trigger_id": self.state.issue_trigger(user, view_id=view.id),
            "response_urls": [],
        }
        ack = deliver(self.transport, self.faults, Envelope("interactive", payload))
        return self._submitted(view, state, ack)

    def close(self, user: str, view_id: str) -> Outcome:
        """Close a modal without sending it off."""
        view = self._view_of(user, view_id)
        everything = bool(view.content.get("clear_on_close"))
        self.state.close_view(user, everything=everything)
        if not view.content.get("notify_on_close"):
            return Outcome()
        payload = {
            **self._interaction("view_closed", user),
            "view": payloads.view(view, self.identity),
            "is_cleared": everything,
        }
        return self._interact(payload)

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Outcome:
        """Choose a shortcut from the menu of a message."""
        where = self.state.channel(channel)
        message = self._seen(where, ts, user)
        to = ResponseUrl(user, where.id, self.state.now(), message_ts=ts)
        payload = {
            **self._interaction("message_action", user),
            "callback_id": callback_id,
            "channel": {"id": where.id, "name": where.name or "directmessage"},
            "message": payloads.message(message, self.identity),
            "message_ts": ts,
            "action_ts": self.state.timestamp(),
            "response_url": self._response_url(to),
            "trigger_id": self.state.issue_trigger(user),
        }
        return self._interact(payload)

    def say(self, user: str, channel: str, text: str, *, thread_ts: str = "") -> Message:
        """Write a message; the app hears of it if it subscribed to such messages.

        A person who is named as `@handle` is mentioned.
        """
        where, someone = self.state.channel(channel), self._person(user)
        text = _HANDLE.sub(self._mentioned, text)
        message = self.state.post(
            where, Message(self.state.timestamp(), user, text, thread_ts=thread_ts)
        )
        shown = {**payloads.message(message, self.identity), "channel": where.id}
        if someone.team:
            shown["user_team"] = someone.team
        if f"<@{self.identity.bot_user}>" in text and self._bot_is_in(where):
            self._event("app_mention", {**shown, "type": "app_mention"})
        kind, name = ("im", "message.im") if where.im_with else ("channel", "message.channels")
        if self._bot_is_in(where):
            self._event(name, {**shown, "channel_type": kind})
        return message

    def open_home(self, user: str) -> Outcome:
        """Open the app's home tab."""
        self._person(user)
        event: Json = {"type": "app_home_opened", "user": user, "tab": "home"}
        event |= {"channel": self.state.direct(user).id, "event_ts": self.state.timestamp()}
        home = self.home(user)
        if home is not None:
            event["view"] = payloads.view(home, self.identity)
        return self._event("app_home_opened", event)

    def invite_bot(self, channel: str) -> None:
        """Let the bot into a channel."""
        self.state.channel(channel).members.add(self.identity.bot_user)
        self.state.changed()

    def remove_bot(self, channel: str) -> None:
        """Put the bot out of a channel."""
        self.state.channel(channel).members.discard(self.identity.bot_user)
        self.state.changed()

    def share(self, channel: str, person: Person) -> None:
        """Let somebody of another workspace into a channel, which is shared with it from now on."""
        self.state.people[person.id] = person
        self.state.channel(channel).members.add(person.id)
        self.state.changed()

    # ── what people see ───────────────────────────────────────────────────────────────────────

    def messages(self, channel: str) -> list[Message]:
        """The messages of a channel that everybody sees, oldest first, without the replies."""
        where = self.state.channel(channel)
        return [m for m in _in_order(where) if not m.only_for and not m.is_reply]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies below a message, oldest first."""
        return self.state.replies(self.state.channel(channel), ts)

    def ephemerals(self, user: str, channel: str) -> list[Message]:
        """The messages only that person sees there, oldest first."""
        return [m for m in _in_order(self.state.channel(channel)) if m.only_for == user]

    def view(self, user: str) -> View | None:
        """The modal the person has open, the topmost one."""
        return self.state.top_view(user)

    def home(self, user: str) -> View | None:
        """The home tab the app last published for the person."""
        return self.state.homes.get(user)

    def wait_until(self, seen: Callable[[], Any], *, seconds: float = 5.0) -> None:
        """Wait until something is there to be seen. Raises TimeoutError.

        What is waited for may lie outside the workspace: it is looked at every few milliseconds.
        """
        end = monotonic() + seconds
        while not seen():
            if monotonic() > end:
                raise TimeoutError(f"nothing of the kind within {seconds} s")
            with self.state.changes:
                self.state.changes.wait(LOOK_SECONDS)

    # ── how it works ──────────────────────────────────────────────────────────────────────────

    def _disconnect(self) -> None:
        self.transport.disconnect(politely=False)

    def _person(self, user: str) -> Person:
        someone = self.state.people.get(user)
        if someone is None or someone.bot:
            raise SlackError("user_not_found")
        return someone

    def _mentioned(self, handle: re.Match[str]) -> str:
        """As Slack's clients send it; what nobody is called stays as it was typed."""
        called = [one.id for one in self.state.people.values() if one.handle == handle[1]]
        return f"<@{called[0]}>" if called else handle[0]

    def _bot_is_in(self, channel: Channel) -> bool:
        return self.identity.bot_user in channel.members

    def _seen(self, channel: Channel, ts: str, user: str) -> Message:
        message = self.state.message(channel, ts)
        if message.only_for not in ("", user):
            raise SlackError("message_not_found")
        return message

    def _view_of(self, user: str, view_id: str) -> View:
        view = self.state.views.get(view_id)
        home = self.state.homes.get(user)
        if view is None and home is not None and home.id == view_id:
            view = home
        if view is None or view.user != user:
            raise SlackError("not_found")
        return view

    def _interaction(self, kind: str, user: str) -> Json:
        return payloads.interaction(kind, self._person(user), self.identity)

    def _interact(self, payload: Json) -> Outcome:
        ack = deliver(self.transport, self.faults, Envelope("interactive", payload))
        return Outcome(error=ack.error)

    def _action(self, block: Json, element: Json, value: Any) -> Json:
        return payloads.action(
            block["block_id"], element, reported(element, value), self.state.timestamp()
        )

    def _response_url(self, to: ResponseUrl) -> str:
        token = token_urlsafe(16)
        self.state.responses[token] = to
        return f"{self.url}/response/{token}"

    def _move_bot(self, where: Channel, user: str, command: str, text: str) -> Outcome:
        handle = self.state.people[self.identity.bot_user].handle
        if text.strip() not in (f"@{handle}", f"<@{self.identity.bot_user}>"):
            return self._failed_command(where, user, f"Only @{handle} comes and goes here.")
        if command == "/invite":
            self.invite_bot(where.id)
        else:
            self.remove_bot(where.id)
        return Outcome()

    def _answered(self, ack: Ack, to: ResponseUrl) -> str:
        if not ack.payload:
            return ""
        try:
            answer(self.state, to, ack.payload, bot_user=self.identity.bot_user)
        except SlackError as refused:
            return refused.error
        return ""

    def _failed_command(
        self, where: Channel, user: str, notice: str, *, error: str = "invalid_command"
    ) -> Outcome:
        ts = self.state.timestamp()
        self.state.post(where, Message(ts, SLACKBOT.id, notice, only_for=user))
        return Outcome(error=error)

    def _submitted(self, view: View, state: Json, ack: Ack) -> Outcome:
        if ack.error:
            return Outcome(error=ack.error)
        action = ack.payload.get("response_action", "")
        if action == "errors":
            return self._refused(view, state, ack.payload.get("errors") or {})
        if action in ("update", "push"):
            return self._next_view(view, action, ack.payload.get("view"))
        if self.state.top_view(view.user) is not None:
            self.state.close_view(view.user, everything=action == "clear")
        return Outcome()

    def _refused(self, view: View, state: Json, errors: Mapping[str, str]) -> Outcome:
        inputs = {b["block_id"] for b in view.content["blocks"] if b["type"] == "input"}
        if not errors or not errors.keys() <= inputs:
            return Outcome(error="invalid_errors")
        self.state.keep_in_view(view.id, values=state, errors=errors)
        return Outcome(errors=errors)

    def _next_view(self, view: View, action: str, sent: Any) -> Outcome:
        try:
            content = checked_view(sent)
            if action == "update":
                self.state.update_view(self.state.views[view.id], content)
            else:
                self.state.push_view(view.user, content)
        except SlackError as refused:
            return Outcome(error=json.dumps({"error": refused.error, **refused.details}))
        return Outcome()

    def _event(self, subscription: str, event: Json) -> Outcome:
        if subscription not in self.events:
            return Outcome()
        at = int(self.state.now().timestamp())
        payload = payloads.event_callback(
            {"event_ts": event.get("ts", ""), **event},
            self.state.name("Ev"),
            at,
            self.identity,
            shared_by=event.get("user_team", ""),
        )
        ack = deliver_event(self.transport, self.faults, Envelope("events_api", payload))
        return Outcome(error=ack.error)


def _in_order(channel: Channel) -> list[Message]:
    return sorted(channel.messages.values(), key=lambda message: message.ts)


def _found(blocks: Sequence[Json], action_id: str, block_id: str) -> tuple[Json, Json]:
    for block in blocks:
        for element in interactive(block):
            if element["action_id"] == action_id and block_id in ("", block["block_id"]):
                return block, element
    known = [e["action_id"] for block in blocks for e in interactive(block)]
    raise LookupError(f"no element has the action_id {action_id!r}; there are {known}")
