"""Errors in Sentry, by its REST API: the events of some projects in a span of time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, StringConstraints

from bot.core.event import Event
from bot.errors import SourceError
from bot.sources import answers, parts, sanitise, sentry, spelling
from bot.sources.pulled import Ask, Cursor, Page, Request, Unavailable
from bot.sources.pushed import Delivery, Push
from bot.sources.sifting import Unreadable
from bot.sources.window import Window, Windowed

if TYPE_CHECKING:
    from bot.wire import Reply

SLICE = timedelta(hours=6)
"""A page is found by how many events come before it: what is far behind costs Sentry dearly."""
_PAIR = re.compile(r'(\w{1,20})="([^"]{0,200})"')
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]


class Sentry(Windowed):
    """The error events of projects; `url` is that of the organization's region, or of one's own
    server."""

    needs: ClassVar = ("token",)
    kind: Literal["sentry"] = "sentry"
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = "https://sentry.io"
    organization: Slug
    projects: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=50)]
    limit: Annotated[int, Field(ge=1, le=100)] = 100
    token: SecretStr = SecretStr("")

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """The events of each project's next window, the oldest hours first."""
        now = until.replace(microsecond=0)  # what Sentry looks for are whole seconds
        yield from parts.pages(
            self.projects,
            since,
            read=partial(self._project, now=now, ask=ask),
            reached=lambda cursor: self.window(cursor, until=now).reached,
        )

    def _project(
        self, project: str, since: Cursor | None, *, now: datetime, ask: Ask
    ) -> Iterator[Page]:
        asked = self.window(since, until=now)
        for part in asked.slices(SLICE):
            try:
                yield from self._pages(project, part, asked, ask=ask)
            except Unavailable:
                raise
            except SourceError:  # perhaps that it knows the place in the window no more
                if not part.after:
                    raise
                yield from self._pages(project, replace(part, after=""), asked, ask=ask)

    def _pages(self, project: str, part: Window, asked: Window, *, ask: Ask) -> Iterator[Page]:
        """The events of a part of a window. The newest come first, so the part is read once all
        pages are."""
        while True:
            delivery, after = self._page(project, part, ask)
            if not after:
                yield Page(delivery, asked.behind(part.end), part.end)
                return
            yield Page(delivery, asked.left_at(start=part.start, after=after), part.start)
            part = replace(part, after=after)

    def _page(self, project: str, part: Window, ask: Ask) -> tuple[Delivery, str]:
        """The events of a page, and where the next one begins, if there is one."""
        path = f"/api/0/projects/{self.organization}/{project}/events/"
        url = self.url.rstrip("/").removesuffix("/api/0") + path
        reply = ask(self._request(url, part))
        key, place = self.variable("token"), "`url`, `organization` and `projects`"
        given = answers.read(reply, url, key=key, place=place)
        if not isinstance(given, list):
            raise Unavailable(f"{url} answers with something else than events: check {place}")
        delivery = Delivery()
        for number, one in enumerate(given, start=1):
            self._take(delivery, one, project=project, now=part.end, number=number)
        return delivery, "" if _is_before(given, part.start) else _next(reply)

    def _request(self, url: str, part: Window) -> Request:
        params: dict[str, str | int] = {
            "full": "true",
            "start": _without_zone(part.start),
            "end": _without_zone(part.end),
            "per_page": self.limit,
        }
        after = {"cursor": part.after} if part.after else {}
        proof = {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        return Request(url, {**params, **after}, proof)

    def _take(
        self, delivery: Delivery, given: Any, *, project: str, now: datetime, number: int
    ) -> None:
        try:
            found = self._event(given, project, now)
        except (AttributeError, KeyError, TypeError, ValueError):
            reason = "an event that is not as Sentry's API gives them"
            delivery.unreadable.append(Unreadable(self.origin, number, reason))
            return
        if found is None:
            delivery.quiet += 1
        else:
            delivery.events.append(found)

    def _event(self, given: Mapping[str, Any], project: str, now: datetime) -> Event | None:
        name = sanitise.word(given["eventID"])
        push = Push(self.origin, b"", received=now, arrival="", roles=self.fields.roles)
        found = sentry.event(_as_sent(given), b"", push)
        if found is None:
            return None
        service = found.service or self.service or project
        issue = sanitise.word(given.get("groupID"))
        beside = {**found.attributes, **({"sentry.issue": issue} if issue else {})}
        return replace(found, source_id=name, service=service, attributes=beside)


def _as_sent(given: Mapping[str, Any]) -> dict[str, Any]:
    """An event of the API as a client would send it. In the API its parts are `entries`, what
    Sentry made a tag of stands there only, and names are in camel case."""
    entries = {one["type"]: one["data"] for one in given["entries"]}
    tags = {one["key"]: one["value"] for one in given["tags"]}
    raised = (entries.get("exception") or {}).get("values") or []
    return {
        "event_id": given["eventID"],
        "timestamp": given["dateCreated"],
        "level": tags.get("level"),
        "platform": given.get("platform"),
        "logger": tags.get("logger"),
        "environment": tags.get("environment"),
        "release": tags.get("release"),
        "dist": given.get("dist"),
        "server_name": tags.get("server_name"),
        "transaction": tags.get("transaction"),
        "logentry": entries.get("message"),
        "message": "" if raised else given.get("message") or given.get("title"),
        "exception": {"values": [_exception(one) for one in raised]},
        "request": entries.get("request"),
        "contexts": given.get("contexts"),
        "tags": {name: value for name, value in tags.items() if name != "user"},
    }


def _exception(given: Mapping[str, Any]) -> dict[str, Any]:
    frames = (given.get("stacktrace") or {}).get("frames") or []
    return {**given, "stacktrace": {"frames": [_frame(one) for one in frames]}}


def _frame(given: Mapping[str, Any]) -> dict[str, Any]:
    names = {"abs_path": "absPath", "lineno": "lineNo", "in_app": "inApp"}
    return {**given, **{name: given.get(theirs) for name, theirs in names.items()}}


def _is_before(given: list[Any], start: datetime) -> bool:
    """Whether the oldest event of a page lies before the span. Sentry before 25.9 ignores the span
    here, and would go on to the beginning."""
    times = [spelling.time(one.get("dateCreated")) for one in given if isinstance(one, dict)]
    return any(time < start for time in times if time)


def _next(reply: "Reply") -> str:
    """The cursor of the next page. The address given for it is not used: behind a proxy it may be a
    wrong one."""
    for link in reply.headers.get("link", "").split(","):
        said: dict[str, str] = dict(_PAIR.findall(link))
        if said.get("rel") == "next" and said.get("results") == "true":
            return said.get("cursor", "")
    return ""


def _without_zone(moment: datetime) -> str:
    """A moment in UTC without an offset, which older versions of Sentry do not know."""
    return moment.replace(tzinfo=None).isoformat()
