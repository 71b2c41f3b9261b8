"""The kinds of value that several settings have: an id on Slack, a time zone, hours of a day."""

import re
from datetime import time
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.core.quiet import Quiet


class Strict(BaseModel):
    """A table of the file: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; an example is Europe/Berlin") from error
    return name


def channel_id(given: str) -> str:
    """The same; ValueError for what is no id of a channel on Slack."""
    if not re.fullmatch(r"[CG][A-Z0-9]{2,}", given):
        raise ValueError(
            f"{given[:40]!r} is no channel id; it looks like C0123ABC and stands at the end of the "
            "channel's details on Slack"
        )
    return given


def _address(given: str) -> str:
    if not given.startswith(("https://", "http://")):
        raise ValueError("an address begins with https:// or http://")
    return given


def _hours(given: str) -> str:
    said = given.replace(" ", "")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", said):
        raise ValueError(f"{given[:40]!r} are no hours of a day; an example is 22:00-07:00")
    start, _, end = said.partition("-")
    if start == end:
        raise ValueError("quiet hours end at another time than they begin")
    return said


def quiet(hours: str | None, zone: str) -> Quiet | None:
    """Some hours of the day, if any are given, in a time zone."""
    if hours is None:
        return None
    start, end = map(time.fromisoformat, hours.split("-"))
    return Quiet(start, end, ZoneInfo(zone))


def _person_id(given: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,20}", given):
        raise ValueError(
            f"{given[:40]!r} is no id of a person; it looks like U0123ABC and is copied from the "
            "person's profile on Slack (⋮ → Copy member ID)"
        )
    return given


def anybody(given: str) -> str:
    """The same; ValueError for what is no id of a person or of a user group on Slack."""
    if given and not re.fullmatch(r"[SUW][A-Z0-9]{2,20}", given):
        raise ValueError(
            f"{given[:40]!r} is neither a person (U0123ABC) nor a user group (S0123ABC)"
        )
    return given


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


TimeZone = Annotated[str, AfterValidator(_zone)]
ChannelId = Annotated[str, AfterValidator(channel_id)]
Address = Annotated[str, AfterValidator(_address)]
Hours = Annotated[str, AfterValidator(_hours)]
PersonId = Annotated[str, AfterValidator(_person_id)]
