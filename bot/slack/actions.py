"""The names by which Slack tells us what was clicked, typed or submitted; each in one place.

A button's value is an opaque short id (or a decision's number), and everything else is read from
the database: whoever sends a request controls what is in it. Only whose explanation somebody rated
comes along, since another may be stored by then; it is merely counted.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field

from bot.core.analysis import Author
from bot.slack.text import clean

CLAIM = "claim"
TAKE_OVER = "take_over"
RELEASE = "release"
DETAILS = "details"
LOGS = "logs"
MORE = "more"
UNDO = "undo"
SHARE = "share"

FIRST, NEXT = "first", "next"
"""Other pages of a list."""

HELPS = "helps"
WRONG = "wrong"

REROUTE = "reroute"
MUTE = "mute"
UNMUTE = "unmute"
RESOLVE = "resolve"
REOPEN = "reopen"
END_ALL = "end_all"
END_WIDE = "end_the_mute"
RESUME_WIDE = "resume_the_mute"
BY_MUTE = (END_WIDE, RESUME_WIDE)
"""Buttons that carry the number of a mute instead of a short id."""

WHY = "why"
NOTE = "note"
MERGE = "merge"
SPLIT = "split"
FLAGS = "flags"
IN_MENU = (RELEASE, REROUTE, MUTE, UNMUTE, END_ALL, RESOLVE, REOPEN, WHY, MERGE)

POINT = "triage_message"
"""The shortcut on a message."""

TODAY, REPORT = "today", "report"
"""What Share shares when it is not a short id."""

TEAM = "team"
REASON = "reason"
UNTIL = "until"
MAX_EVENTS = "max_events"
MAX_CUSTOMERS = "max_customers"
MAX_FACTOR = "max_factor"
SCOPE = "scope"
WHEN = "when"
VERSION = "version"
INTO = "into"
CASE = "case"

_LONGEST_NUMBER = 18
"""Of more digits no database has a number."""
_LONGEST_NAME = 200
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a modal was opened: on which signature, and in which channel to answer, if any.

    `seen` has the number of each flag's setting that was shown; `read` says whose explanation was.
    """

    short_id: str
    channel: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)
    read: Author | None = None


def number(value: str) -> int | None:
    """The number that a button sends back; None for anything that is not one of ours."""
    is_one = value.isascii() and value.isdecimal() and len(value) <= _LONGEST_NUMBER
    return int(value) if is_one else None


def menu_value(verb: str, short_id: str) -> str:
    """The value of an entry of the ⋯ menu."""
    return f"{verb} {short_id}"


def from_menu(value: str) -> tuple[str, str]:
    """The verb and the short id of a menu entry; an unknown verb comes back empty."""
    verb, _, short_id = value.partition(" ")
    return (verb if verb in IN_MENU else "", short_id[:40])


def opinion_value(short_id: str, read: Author) -> str:
    """The value of a button by which people rate an explanation."""
    return f"{short_id}|{_author_text(read)}"


def from_opinion(value: str) -> tuple[str, Author | None]:
    """The short id, and whose explanation was rated, if the value says so: older ones are the short
    id alone."""
    short_id, _, read = value.partition("|")
    return short_id[:40], _author(read)


def _author_text(author: Author) -> str:
    return "|".join(part.replace("|", "/")[:_LONGEST_NAME] for part in astuple(author))


def _author(text: str) -> Author | None:
    parts = text.split("|")
    is_one = len(parts) == 3 and all(map(str.isprintable, parts)) and parts[0]
    return Author(*(part[:_LONGEST_NAME] for part in parts)) if is_one else None


def metadata(origin: Origin) -> str:
    """The origin as text that a modal carries along."""
    seen = {"seen": dict(origin.seen)} if origin.seen else {}
    read = {"read": _author_text(origin.read)} if origin.read else {}
    return json.dumps({"id": origin.short_id, "channel": origin.channel, **seen, **read})


def from_metadata(text: str) -> Origin:
    """The origin that `metadata` wrote; what cannot be read of it is left out."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):  # the latter of what is nested by the thousand
        return Origin("")
    known = values if isinstance(values, dict) else {}
    channel = str(known.get("channel", ""))
    seen = known.get("seen")
    return Origin(
        short_id=clean(str(known.get("id", "")))[:40],
        channel=channel if _CHANNEL.fullmatch(channel) else "",
        seen={name: number for name, number in seen.items() if isinstance(number, int)}
        if isinstance(seen, dict)
        else {},
        read=_author(str(known.get("read", ""))),
    )
