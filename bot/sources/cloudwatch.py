"""Errors in Amazon's CloudWatch Logs, asked for by FilterLogEvents for a span of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bot.core.event import Event
from bot.errors import SourceError
from bot.sources import parts, serverless
from bot.sources.lines import Lines
from bot.sources.pulled import Ask, Cursor, Page
from bot.sources.pushed import Delivery
from bot.sources.sifting import Unreadable
from bot.sources.window import Window, Windowed
from bot.sources.wrapping import Wrapped

if TYPE_CHECKING:
    from bot.sources.aws import Logs

SLICE = timedelta(hours=1)
"""A backlog is read in pieces of this length: no answer tells how far it was looked through."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ARN = "arn:"
Group = Annotated[
    str,
    StringConstraints(
        pattern=r"^(arn:[A-Za-z0-9:-]+:log-group:)?[A-Za-z0-9_./#-]+$", max_length=700
    ),
]


class CloudWatch(Windowed):
    """The lines of log groups. boto3 finds the credentials, as the AWS CLI does; `url` is that of
    an endpoint of one's own."""

    kind: Literal["cloudwatch"] = "cloudwatch"
    log_groups: Annotated[tuple[Group, ...], Field(min_length=1, max_length=50)]
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,40}$")] = ""
    profile: Annotated[str, Field(max_length=100)] = ""
    streams: Annotated[str, Field(pattern=r"^[^:*]*$", max_length=512)] = ""
    pattern: Annotated[str, Field(max_length=1_024)] = ""
    limit: Annotated[int, Field(ge=10, le=10_000)] = 10_000
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """The lines of each log group's next window, hour by hour."""
        logs = self._connected(ask)
        yield from parts.pages(
            self.log_groups,
            since,
            read=partial(self._group, now=until, logs=logs),
            reached=lambda cursor: self.window(cursor, until=until).reached,
        )

    def _connected(self, ask: Ask) -> "Logs":
        try:
            connect = resolve_name("bot.sources.aws:Logs")
        except ModuleNotFoundError as error:
            if error.name not in {"boto3", "botocore"}:
                raise
            raise SourceError(
                "CloudWatch is asked by boto3, which is not installed: "
                "pip install '.[aws]' where Triage was cloned"
            ) from None
        logs: Logs = connect(region=self.region, profile=self.profile, url=self.url, ask=ask)
        return logs

    def _group(
        self, group: str, since: Cursor | None, *, now: datetime, logs: "Logs"
    ) -> Iterator[Page]:
        asked = self.window(since, until=now)
        for part in asked.slices(SLICE):
            yield from self._pages(group, part, asked, logs=logs)

    def _pages(self, group: str, part: Window, asked: Window, *, logs: "Logs") -> Iterator[Page]:
        """The lines of a part of a window, the oldest first. A page may be empty and not the last.

        If left in the middle it goes on by time, not by Amazon's token, which is valid for a day
        only and knows nothing of a record that is still open.
        """
        lines, start, token = Lines(self, part), part.start, ""
        while True:
            found = logs.filter_events(**self._asked(group, lines, token))
            delivery, token = (
                self._sifted(found["events"], lines, group),
                found.get("nextToken", ""),
            )
            if not token:
                lines.add(delivery, lines.sifter.flushed())
                delivery.traffic = lines.sifter.traffic()
                yield Page(delivery, asked.behind(part.end), part.end)
                return
            if found["events"]:
                start = max(start, lines.resumed(_moment(found["events"][-1])))
            delivery.traffic = lines.sifter.traffic()
            yield Page(delivery, asked.left_at(start=start), start)

    def _asked(self, group: str, lines: Lines, token: str) -> dict[str, Any]:
        """An answer of Amazon's, whose end is the last millisecond that counts. Lines of all
        streams come by their time; stand-ins for CloudWatch do that only with `interleaved`."""
        start, end = lines.span
        named = "logGroupIdentifier" if group.startswith(_ARN) else "logGroupName"
        given = {
            "filterPattern": self.pattern,
            "logStreamNamePrefix": self.streams,
            "nextToken": token,
        }
        return {
            named: group,
            "startTime": _milliseconds(start),
            "endTime": _milliseconds(end) - 1,
            "limit": self.limit,
            "interleaved": True,
            **{name: one for name, one in given.items() if one},
        }

    def _sifted(self, found: list[dict[str, Any]], lines: Lines, group: str) -> Delivery:
        delivery = Delivery()
        for one in found:
            moment = _moment(one)
            lines.at(int(one["eventId"]), moment)
            lines.add(delivery, self._read(one, moment, lines, group))
        return delivery

    def _read(
        self, one: dict[str, Any], moment: datetime, lines: Lines, group: str
    ) -> Iterator[Event | Unreadable]:
        stream = one["logStreamName"]
        facts = {"aws.log.group": group, "aws.log.stream": stream}
        service = self.service or group.rstrip("/").rpartition("/")[2]
        for line in serverless.lines(one["message"], moment):
            wrapped = Wrapped(line, writer=stream, service=service, time=moment, facts=facts)
            yield from lines.sifter.text(wrapped)


def _moment(found: dict[str, Any]) -> datetime:
    return _EPOCH + int(found["timestamp"]) * _MILLISECOND


def _milliseconds(moment: datetime) -> int:
    return -((_EPOCH - moment) // _MILLISECOND)
