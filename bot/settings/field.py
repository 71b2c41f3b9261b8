"""The kinds of value that several settings have: an id on Slack, a time zone, hours of a day."""

import re
from datetime import time
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.core.ownership.quiet import Quiet


class Strict(BaseModel):
    """A table of the file, in which unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; an example is Europe/Berlin") from error
    return name


def shaped(pattern: str, otherwise: str) -> AfterValidator:
    """A validator for a pattern; its ValueError says `otherwise` of anything else."""
    shape = re.compile(pattern)

    def check(given: str) -> str:
        if not shape.fullmatch(given):
            raise ValueError(f"{given[:40]!r} {otherwise}")
        return given

    return AfterValidator(check)


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
    """Some hours of the day in a time zone; None if none are given."""
    if hours is None:
        return None
    start, end = map(time.fromisoformat, hours.split("-"))
    return Quiet(start, end, ZoneInfo(zone))


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}


TimeZone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
Hours = Annotated[str, AfterValidator(_hours)]

_CHANNEL = r"[CG][A-Z0-9]{2,}"
_NO_CHANNEL = (
    "is no channel id; it looks like C0123ABC and stands at the end of the channel's details on "
    "Slack"
)
ChannelId = Annotated[str, shaped(_CHANNEL, _NO_CHANNEL)]
ChannelIdOrNone = Annotated[str, shaped(rf"|{_CHANNEL}", _NO_CHANNEL)]
PersonId = Annotated[
    str,
    shaped(
        r"[UW][A-Z0-9]{2,20}",
        "is no id of a person; it looks like U0123ABC and is copied from the person's profile on "
        "Slack (⋮ → Copy member ID)",
    ),
]
