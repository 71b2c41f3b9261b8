"""Who is on duty by PagerDuty's schedules, asked at intervals, so that no reminder waits for it."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus

import httpx2
from pydantic import AwareDatetime, BaseModel, ValidationError

from bot import wire
from bot.errors import TriageError

CALL_SECONDS = 10
LONGEST_REPLY = 1_000_000
"""Bytes: a hundred times what a schedule with everybody in it takes."""
_ACCEPTED = "application/vnd.pagerduty+json;version=2"
_REMEDIES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it does not take PAGERDUTY_TOKEN: make a new one, read-only will do",
    HTTPStatus.FORBIDDEN: "PAGERDUTY_TOKEN may not read it: make one that may read schedules",
    HTTPStatus.NOT_FOUND: "nothing is there: check url in [pagerduty]",
    HTTPStatus.TOO_MANY_REQUESTS: "it is asked too often now; it is tried again",
}

log = logging.getLogger(__name__)


class Untold(TriageError):
    """PagerDuty did not say who is on duty; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody's time on duty: their id and name at PagerDuty, and until when; None for no end."""

    person: str
    name: str
    until: datetime | None

    def lasts(self, now: datetime) -> bool:
        """Whether the shift is not over."""
        return self.until is None or now < self.until


class _User(BaseModel):
    id: str
    summary: str | None = None


class _OnCall(BaseModel):
    user: _User
    escalation_level: int = 1
    end: AwareDatetime | None = None


class _Reply(BaseModel):
    oncalls: list[_OnCall]


class PagerDuty:
    """The API of one account, with a token that may read."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url.rstrip('/')}/oncalls"
        self._headers = {"authorization": f"Token token={token}", "accept": _ACCEPTED}
        self._line = wire.Line()

    def shift(self, schedule: str) -> Shift | None:
        """Who is on duty in a schedule now, the first that its policies would call; None for
        nobody.

        Raises Untold.
        """
        reply = self._asked(schedule)
        if reply.status != HTTPStatus.OK:
            known = _REMEDIES.get(reply.status, "it is tried again")
            raise Untold(f"it answers {reply.status}: {known}")
        try:
            told = _Reply.model_validate_json(reply.body)
        except ValidationError as error:
            raise Untold("its answer is none of PagerDuty's: check url in [pagerduty]") from error
        first = min(told.oncalls, key=lambda one: one.escalation_level, default=None)
        if first is None:
            return None
        return Shift(first.user.id, first.user.summary or first.user.id, first.end)

    def stop(self) -> None:
        """End the requests under way at once."""
        self._line.stop()

    def _asked(self, schedule: str) -> wire.Reply:
        ask = partial(
            wire.exchange,
            "GET",
            self._url,
            longest=LONGEST_REPLY,
            params={"schedule_ids[]": schedule},
            headers=self._headers,
        )
        try:
            return self._line.run(ask, within_seconds=CALL_SECONDS)
        except (wire.NotBegun, wire.Ended):
            raise Untold("stopped while it was asked") from None
        except TimeoutError:
            raise Untold(f"it does not answer within {CALL_SECONDS} s") from None
        except wire.Overlong:
            raise Untold("its answer is too long") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Untold(f"it cannot be reached ({type(error).__name__})") from error


class Duties:
    """Who is on duty in some schedules, as PagerDuty said last; `people` maps its ids to
    Slack's."""

    def __init__(
        self,
        ask: Callable[[str], Shift | None],
        *,
        schedules: Sequence[str],
        people: Mapping[str, str],
    ) -> None:
        self._ask = ask
        self._schedules = schedules
        self._people = people
        self._shifts: Mapping[str, Shift | None] = {}

    def refresh(self) -> None:
        """Ask about all schedules. Where PagerDuty does not answer, what it said before holds until
        it ends."""
        self._shifts = {**self._shifts, **dict(self._told())}

    def whom(self, schedule: str, now: datetime) -> str:
        """The Slack id of the person to mention; empty where nobody is on duty, or their id is not
        known."""
        shift = self._shifts.get(schedule)
        return self._people.get(shift.person, "") if shift and shift.lasts(now) else ""

    def _told(self) -> Iterator[tuple[str, Shift | None]]:
        for schedule in self._schedules:
            try:
                shift = self._ask(schedule)
            except Untold as why:
                log.warning("Who has duty in PagerDuty's %s is not known: %s", schedule, why)
                continue
            if shift and shift.person not in self._people and shift != self._shifts.get(schedule):
                log.warning("%s", stranger(schedule, shift))
            yield schedule, shift


def stranger(schedule: str, shift: Shift) -> str:
    """What to do about somebody on duty whose Slack id is not known, in words."""
    return (
        f"PagerDuty: {shift.name[:100]} has duty in {schedule}, and nobody is called for it: add "
        f'{shift.person[:40]} = "U0123ABC" to [pagerduty.people]'
    )
