"""What a workspace holds: people, channels, messages, views; and how each of them may change.

In memory and safe between threads: every change is made under one lock and announced, so that the
page and the tests can wait for it.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from secrets import token_urlsafe
from typing import Any

Json = dict[str, Any]

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5
STACK = 3
PNG = b"\x89PNG\r\n\x1a\n"


class SlackError(Exception):
    """What Slack answers instead of doing it; `details` go into the answer beside `error`."""

    def __init__(self, error: str, **details: Any) -> None:
        """`error` is Slack's own word for it, such as `channel_not_found`."""
        super().__init__(error)
        self.error = error
        self.details = details


def invalid_file(place: int) -> SlackError:
    """That the block at some place shows a file which is not there, or not yet."""
    wrong = f"invalid slack file [json-pointer:/blocks/{place}/slack_file]"
    messages = {"messages": [f"[ERROR] {wrong}"]}
    return SlackError("invalid_blocks", errors=[wrong], response_metadata=messages)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace, or the bot itself; `team` is another workspace of theirs, which a
    channel is shared with."""

    id: str
    handle: str
    name: str
    bot: bool = False
    team: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, mentioned as @handle."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it stands; `only_for` names the person an ephemeral one is shown to."""

    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str = ""
    broadcast: bool = False
    metadata: Json = field(default_factory=dict)
    edited_ts: str = ""
    only_for: str = ""

    @property
    def is_reply(self) -> bool:
        """Whether it sits in a thread below another message."""
        return self.thread_ts not in ("", self.ts)


@dataclass(frozen=True, slots=True)
class File:
    """What an app uploads: first an address for so many bytes, then these, then it is complete."""

    id: str
    name: str
    ticket: str
    length: int
    alt_text: str = ""
    content: bytes = b""
    complete: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in a message."""
        return self.complete and self.content.startswith(PNG)


@dataclass(slots=True)
class Channel:
    """A channel or a direct conversation (`im_with` names the person the bot talks to)."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    im_with: str = ""
    archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a home tab as it stands: `content` is what the app sent, ids filled in."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str
    previous_id: str = ""
    values: Json = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trigger:
    """The right to open one view for a person, for three seconds."""

    user: str
    issued: datetime
    view_id: str = ""
    used: bool = False


@dataclass(frozen=True, slots=True)
class ResponseUrl:
    """The right to answer an interaction five times within half an hour."""

    user: str
    channel: str
    issued: datetime
    message_ts: str = ""
    uses: int = 0


class State:
    """Everything in one workspace."""

    def __init__(
        self,
        *,
        people: Iterable[Person],
        groups: Iterable[Group],
        channels: Iterable[Channel],
        bot_user: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.people = {person.id: person for person in people}
        self.groups = {group.id: group for group in groups}
        self.channels = {channel.id: channel for channel in channels}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.responses: dict[str, ResponseUrl] = {}
        self.files: dict[str, File] = {}
        self.version = 0
        self.lock = threading.RLock()
        self.changes = threading.Condition(self.lock)
        self._bot_user = bot_user
        self._clock = clock
        self._numbers = count(1)
        self._last_microsecond = 0

    def now(self) -> datetime:
        """What the clock says."""
        return self._clock()

    def changed(self) -> None:
        """Announce a change to whoever waits for one."""
        with self.changes:
            self.version += 1
            self.changes.notify_all()

    def name(self, prefix: str) -> str:
        """An id nobody else has, such as V000012."""
        return f"{prefix}{next(self._numbers):06d}"

    def timestamp(self) -> str:
        """The `ts` of something that happens now: later than every one before it."""
        with self.lock:
            now = round(self.now().timestamp() * 1_000_000)
            self._last_microsecond = max(now, self._last_microsecond + 1)
            return f"{self._last_microsecond // 1_000_000}.{self._last_microsecond % 1_000_000:06d}"

    # ── channels and messages ─────────────────────────────────────────────────────────────────

    def channel(self, wanted: str) -> Channel:
        """The channel of that id or #name, or the direct conversation with that person.

        Raises SlackError.
        """
        with self.lock:
            if wanted in self.people and not self.people[wanted].bot:
                return self.direct(wanted)
            for channel in self.channels.values():
                if wanted == channel.id or wanted.removeprefix("#") == channel.name:
                    return channel
        raise SlackError("channel_not_found")

    def direct(self, user: str) -> Channel:
        """The conversation between the bot and that person, opened when there is none."""
        with self.lock:
            for channel in self.channels.values():
                if channel.im_with == user:
                    return channel
            members = {user, self._bot_user}
            channel = Channel(self.name("D"), "", members=members, im_with=user)
            self.channels[channel.id] = channel
            self.changed()
            return channel

    def post(self, channel: Channel, message: Message) -> Message:
        """Add a message; its blocks get the ids the sender left out."""
        with self.lock:
            named = replace(message, blocks=tuple(self.with_ids(message.blocks)))
            channel.messages[named.ts] = named
            self.changed()
            return named

    def message(self, channel: Channel, ts: str) -> Message:
        """That message. Raises SlackError."""
        found = channel.messages.get(ts)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def remove(self, channel: Channel, ts: str) -> None:
        """Take a message away, with nothing left in its place."""
        with self.lock:
            del channel.messages[ts]
            self.changed()

    def replies(self, channel: Channel, ts: str) -> list[Message]:
        """The replies below a message that everybody sees, oldest first."""
        with self.lock:
            return [
                message
                for message in sorted(channel.messages.values(), key=lambda m: m.ts)
                if message.thread_ts == ts and message.is_reply and not message.only_for
            ]

    def with_ids(self, blocks: Iterable[Json]) -> list[Json]:
        """The blocks, named throughout: Slack adds the ids an app leaves out.

        Raises SlackError for a picture that is not there yet.
        """
        return [self._with_ids(block, place) for place, block in enumerate(blocks)]

    def _with_ids(self, block: Json, place: int) -> Json:
        file = self.files.get(block.get("slack_file", {}).get("id", ""))
        if "slack_file" in block and not (file and file.is_picture):
            raise invalid_file(place)
        named = {**block, "block_id": block.get("block_id") or self.name("b")}
        for part in ("accessory", "element"):
            if part in named:
                named[part] = self._with_action_id(named[part])
        if named.get("type") == "actions":
            named["elements"] = [self._with_action_id(element) for element in named["elements"]]
        return named

    def _with_action_id(self, element: Json) -> Json:
        if element.get("type") == "image":
            return element
        return {**element, "action_id": element.get("action_id") or self.name("a")}

    # ── triggers and response urls ────────────────────────────────────────────────────────────

    def issue_trigger(self, user: str, *, view_id: str = "") -> str:
        """A trigger_id for something that person just did."""
        with self.lock:
            name = self.name("trigger.")
            self.triggers[name] = Trigger(user, self.now(), view_id=view_id)
            return name

    def use_trigger(self, name: str) -> Trigger:
        """What the trigger_id is good for. Raises SlackError when it is unknown, old or used."""
        with self.lock:
            trigger = self.triggers.get(name)
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.used:
                raise SlackError("exchanged_trigger_id")
            if self.now() - trigger.issued > TRIGGER_LIFE:
                raise SlackError("expired_trigger_id")
            self.triggers[name] = replace(trigger, used=True)
            return trigger

    def use_response(self, token: str) -> ResponseUrl:
        """What the response_url is good for. Raises SlackError when that is nothing."""
        with self.lock:
            response = self.responses.get(token)
            if response is None or self.now() - response.issued > RESPONSE_LIFE:
                raise SlackError("expired_url")
            if response.uses >= RESPONSE_USES:
                raise SlackError("used_url")
            self.responses[token] = replace(response, uses=response.uses + 1)
            return response

    # ── files ─────────────────────────────────────────────────────────────────────────────────

    def expect_file(self, name: str, *, length: int, alt_text: str) -> File:
        """A place for a file of so many bytes."""
        with self.lock:
            number = f"{next(self._numbers):08d}"
            file = File(f"F{number}", name, token_urlsafe(16), length, alt_text)
            self.files[file.id] = file
            return file

    def upload(self, ticket: str, content: bytes) -> None:
        """The bytes of the file that was promised. Raises SlackError for any others."""
        with self.lock:
            file = next((one for one in self.files.values() if one.ticket == ticket), None)
            if file is None or file.content or len(content) != file.length:
                raise SlackError("invalid_upload")
            self.files[file.id] = replace(file, content=content)

    def complete_file(self, file_id: str) -> File:
        """The file, from now on to be shown. Raises SlackError for one that is not there whole."""
        with self.lock:
            file = self.files.get(file_id)
            if file is None or not file.content or file.complete:
                raise SlackError("file_not_found")
            self.files[file_id] = replace(file, complete=True)
            self.changed()
            return self.files[file_id]

    # ── views ─────────────────────────────────────────────────────────────────────────────────

    def open_view(self, user: str, content: Json) -> View:
        """Show a person a modal, in place of any they had open."""
        with self.lock:
            for open_id in self.stacks.get(user, []):
                del self.views[open_id]
            self.stacks[user] = []
            return self._show(user, content)

    def push_view(self, user: str, content: Json) -> View:
        """Show a person a modal above the one they have open. Raises SlackError above three."""
        with self.lock:
            if len(self.stacks.get(user, [])) >= STACK:
                raise SlackError("push_limit_reached")
            return self._show(user, content)

    def _show(self, user: str, content: Json) -> View:
        stack = self.stacks.setdefault(user, [])
        identifier = self.name("V")
        view = View(
            identifier,
            user,
            self._with_view_ids(content),
            self._hash(),
            root_id=stack[0] if stack else identifier,
            previous_id=stack[-1] if stack else "",
        )
        stack.append(identifier)
        self.views[identifier] = view
        self.changed()
        return view

    def update_view(self, view: View, content: Json) -> View:
        """Show other content in a view that is open."""
        with self.lock:
            updated = replace(
                view, content=self._with_view_ids(content), hash=self._hash(), errors={}
            )
            self.views[view.id] = updated
            self.changed()
            return updated

    def keep_in_view(self, view_id: str, *, values: Json, errors: Mapping[str, str]) -> None:
        """Remember what a person filled in, and what was wrong with it."""
        with self.lock:
            if view_id in self.views:
                self.views[view_id] = replace(self.views[view_id], values=values, errors=errors)
                self.changed()

    def close_view(self, user: str, *, everything: bool = False) -> list[View]:
        """Close the topmost modal of a person, or all of them; gives what was closed."""
        with self.lock:
            stack = self.stacks.get(user, [])
            closing = list(reversed(stack)) if everything else stack[-1:]
            closed = [self.views.pop(view_id) for view_id in closing]
            self.stacks[user] = [view_id for view_id in stack if view_id not in closing]
            self.changed()
            return closed

    def top_view(self, user: str) -> View | None:
        """The modal a person sees, if any."""
        with self.lock:
            stack = self.stacks.get(user, [])
            return self.views[stack[-1]] if stack else None

    def publish_home(self, user: str, content: Json) -> View:
        """Show a person that home tab."""
        with self.lock:
            identifier = self.homes[user].id if user in self.homes else self.name("V")
            home = View(
                identifier, user, self._with_view_ids(content), self._hash(), root_id=identifier
            )
            self.homes[user] = home
            self.changed()
            return home

    def _with_view_ids(self, content: Json) -> Json:
        return {**content, "blocks": self.with_ids(content["blocks"])}

    def _hash(self) -> str:
        return f"{self.timestamp()}.{self.name('h')}"
