"""What the page shows, put together for its templates."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.workspace import emoji, mrkdwn
from bot.workspace.inputs import initial
from bot.workspace.state import Channel, Json, Message, SlackError, View
from bot.workspace.workspace import COMMANDS, Workspace


@dataclass(frozen=True, slots=True)
class Where:
    """Who looks, and at what: a channel and perhaps a thread of it, or the home tab."""

    user: str
    channel: str = ""
    thread: str = ""
    home: bool = False

    @classmethod
    def of(cls, workspace: Workspace, query: Mapping[str, str]) -> "Where":
        """The place an address names, or the nearest one there is."""
        people = [p.id for p in workspace.state.people.values() if not p.bot]
        user = query.get("as", "")
        user = user if user in people else people[0]
        if query.get("tab") == "home":
            return cls(user, home=True)
        channel = _channel(workspace, user, query.get("channel", ""))
        thread = query.get("thread", "")
        return cls(user, channel.id, thread if thread in channel.messages else "")

    def link(self, **change: Any) -> str:
        """The address of this place with something about it changed."""
        place = {"as": self.user, "channel": self.channel, "thread": self.thread, **change}
        return "/?" + urlencode({name: value for name, value in place.items() if value})


def draw(workspace: Workspace, where: Where, token: str) -> str:
    """The whole page as HTML."""
    with workspace.state.lock:
        return _environment().get_template("page.html").render(**_page(workspace, where, token))


def _channel(workspace: Workspace, user: str, wanted: str) -> Channel:
    try:
        found = workspace.state.channel(wanted) if wanted else None
    except SlackError:
        found = None
    if found is not None and user in found.members:
        return found
    return next(c for c in workspace.state.channels.values() if user in c.members)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.workspace"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clock=_clock, day=_day, iso=_iso, initials=_initials, hue=_hue, utc_minute=_utc_minute
    )
    environment.globals.update(emoji=emoji.shown, safe_link=mrkdwn.safe_link, initial=initial)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment


def _page(workspace: Workspace, where: Where, token: str) -> Json:
    state = workspace.state
    names = _names(workspace)
    mine = [c for c in state.channels.values() if where.user in c.members]
    channel = state.channels.get(where.channel)
    return {
        "where": where,
        "token": token,
        "version": state.version,
        "people": state.people,
        "me": state.people[where.user],
        "bot": state.people[workspace.identity.bot_user],
        "channels": [c for c in mine if not c.im_with],
        "direct": next((c for c in mine if c.im_with), None),
        "channel": channel,
        "bot_present": channel is not None and workspace.identity.bot_user in channel.members,
        "messages": _channel_messages(channel, where.user) if channel else [],
        "parent": channel.messages[where.thread] if channel and where.thread else None,
        "replies": _replies(channel, where.user, where.thread) if channel and where.thread else [],
        "reply_counts": _reply_counts(channel) if channel else {},
        "home": workspace.home(where.user),
        "view": state.top_view(where.user),
        "stack": len(state.stacks.get(where.user, [])),
        "commands": COMMANDS,
        "shortcuts": workspace.shortcuts,
        "mrkdwn": partial(mrkdwn.html, names=names),
        "names": names,
        "slack_date": partial(mrkdwn.date, now=names.now),
        "with_emoji": _with_emoji,
        "entered": _entered,
        "chart_lines": _chart_lines,
        "as_json": partial(json.dumps, ensure_ascii=False),
    }


def _names(workspace: Workspace) -> mrkdwn.Names:
    state = workspace.state
    return mrkdwn.Names(
        people={p.id: p.name for p in state.people.values()},
        groups={g.id: g.handle for g in state.groups.values()},
        channels={c.id: c.name for c in state.channels.values()},
        now=state.now(),
    )


def _seen_by(channel: Channel, user: str) -> list[Message]:
    seen = [m for m in channel.messages.values() if m.only_for in ("", user)]
    return sorted(seen, key=lambda message: message.ts)


def _channel_messages(channel: Channel, user: str) -> list[Message]:
    return [m for m in _seen_by(channel, user) if m.broadcast or not m.is_reply]


def _replies(channel: Channel, user: str, thread: str) -> list[Message]:
    return [m for m in _seen_by(channel, user) if m.is_reply and m.thread_ts == thread]


def _reply_counts(channel: Channel) -> dict[str, int]:
    counts: dict[str, int] = {}
    for message in channel.messages.values():
        if message.is_reply and not message.only_for:
            counts[message.thread_ts] = counts.get(message.thread_ts, 0) + 1
    return counts


def _entered(view: View | None, block_id: str, element: Json) -> Any:
    """What stands in an element: what the person last sent, else what it starts with."""
    kept = view.values.get(block_id, {}).get(element["action_id"]) if view else None
    if not kept:
        return initial(element)
    value = next((v for name, v in kept.items() if name != "type"), None)
    if isinstance(value, list):
        return [v["value"] if isinstance(v, dict) else v for v in value]
    return value["value"] if isinstance(value, dict) else value


def _chart_lines(chart: Json) -> list[str]:
    """The points of each line of a chart, on a field of 100 by 40."""
    values = [[point["value"] for point in series["data"]] for series in chart["series"]]
    highest = max((value for line in values for value in line), default=0) or 1
    return [
        " ".join(
            f"{100 * place / max(1, len(line) - 1):.1f},{40 - 40 * value / highest:.1f}"
            for place, value in enumerate(line)
        )
        for line in values
    ]


def _with_emoji(text: Json) -> str:
    """A plain-text object as characters; its short codes stay as they are when it says so."""
    return text["text"] if text.get("emoji") is False else emoji.replaced(text["text"])


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _clock(ts: str) -> str:
    return f"{_moment(ts):%H:%M}"


def _day(ts: str) -> str:
    return f"{_moment(ts):%A}, {_moment(ts).day} {_moment(ts):%B}"


def _iso(ts: str) -> str:
    return _moment(ts).isoformat(timespec="seconds")


def _utc_minute(timestamp: Any) -> str:
    return f"{datetime.fromtimestamp(int(timestamp), UTC):%Y-%m-%dT%H:%M}" if timestamp else ""


def _initials(name: str) -> str:
    words: Sequence[str] = name.split()
    return "".join(word[0] for word in words[:2]).upper()


def _hue(name: str) -> int:
    return sum(map(ord, name)) % 8
