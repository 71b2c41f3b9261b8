"""Errors in Grafana Loki, found by a query over a span of time."""

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from bot.sources import answers
from bot.sources.lines import Lines
from bot.sources.pulled import Ask, Cursor, Page, Request, Unavailable
from bot.sources.pushed import Delivery
from bot.sources.window import Window, Windowed

_NANOSECONDS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATH = "/loki/api/v1/query_range"
_KEPT_APART = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
"""Else what a line says of itself comes as labels: each line would be a stream of its own."""


class Loki(Windowed):
    """A query of Grafana Loki; `tenant` is its X-Scope-OrgID."""

    kind: Literal["loki"] = "loki"
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    query: Annotated[str, Field(min_length=2, max_length=5_000)]
    tenant: Annotated[str, Field(max_length=150)] = ""
    user: Annotated[str, Field(max_length=200)] = ""
    limit: Annotated[int, Field(ge=10, le=50_000)] = 2_000
    token: SecretStr = SecretStr("")

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """The lines of the next window, the oldest first."""
        asked = self.window(since, until=until)
        if not asked.is_empty:
            yield from _Reading(self, asked, ask).pages()

    def entries(self, ask: Ask, start: int, end: int) -> list["_Entry"]:
        """Up to `limit` lines from `start` to before `end`, in nanoseconds since 1970."""
        params: dict[str, str | int] = {
            "query": self.query,
            "start": start,
            "end": end,
            "limit": self.limit,
        }
        url = self.url.rstrip("/").removesuffix(_PATH) + _PATH
        request = Request(url, {**params, "direction": "forward"}, self._headers())
        answer = answers.read(ask(request), url, key=self.variable("token"))
        return sorted(_entries(answer, url), key=lambda one: one.at)

    def _headers(self) -> dict[str, str]:
        token = self.token.get_secret_value()
        basic = base64.b64encode(f"{self.user}:{token}".encode()).decode()
        proof = {"Authorization": f"Basic {basic}" if self.user else f"Bearer {token}"}
        tenant = {"X-Scope-OrgID": self.tenant} if self.tenant else {}
        return {**_KEPT_APART, **tenant, **(proof if token else {})}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line with its time in nanoseconds, the labels of its stream, and its structured
    metadata."""

    at: int
    labels: Mapping[str, Any]
    line: str
    beside: Mapping[str, Any]

    @property
    def time(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.at // _NANOSECONDS)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other lines of the same nanosecond."""
        return str(sorted(self.labels.items())), self.line

    @property
    def value(self) -> list[Any]:
        """The line as it would be pushed in a stream."""
        return [str(self.at), self.line, dict(self.beside)]


def _entries(answer: Any, url: str) -> Iterator[_Entry]:
    try:
        for stream in answer["data"]["result"]:
            for value in stream["values"]:
                beside = value[2].get("structuredMetadata", {}) if len(value) > 2 else {}
                yield _Entry(int(value[0]), stream["stream"], str(value[1]), beside)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise Unavailable(
            f"{url} answers with something else than lines: check `url`, and that `query` selects "
            'lines, as {app="shop"} |= "error" does'
        ) from None


class _Reading:
    """One pass over a window."""

    def __init__(self, source: Loki, asked: Window, ask: Ask) -> None:
        self._source = source
        self._window = asked
        self._ask = ask
        self._lines = Lines(source, asked)

    def pages(self) -> Iterator[Page]:
        place, end = map(_nanosecond, self._lines.span)
        seen = Counter[tuple[str, str]]()
        while True:
            found = self._source.entries(self._ask, place, end)
            is_last = len(found) < self._source.limit
            delivery = self._sifted(_fresh(found, place, seen))
            if is_last:
                self._lines.add(delivery, self._lines.sifter.flushed())
                yield self._page(delivery, self._window.done(), self._window.end)
                return
            place, seen = self._next(found, place, delivery)
            reached = found[-1].time
            cursor = self._window.left_at(start=self._lines.resumed(reached))
            yield self._page(delivery, cursor, reached)

    def _next(
        self, found: list[_Entry], place: int, delivery: Delivery
    ) -> tuple[int, Counter[tuple[str, str]]]:
        """Where the next page begins, and which lines of that nanosecond were read already."""
        last = found[-1].at
        if last == place == found[0].at:
            reason = f"more than {self._source.limit} lines of one nanosecond: set a higher `limit`"
            delivery.unreadable.append(self._lines.sifter.unreadable(reason))
            return last + 1, Counter()
        return last, Counter(one.key for one in found if one.at == last)

    def _sifted(self, entries: Iterator[_Entry]) -> Delivery:
        delivery = Delivery()
        for entry in entries:
            self._lines.at(entry.at, entry.time)
            self._lines.add(delivery, self._lines.sifter.loki(dict(entry.labels), [entry.value]))
        return delivery

    def _page(self, delivery: Delivery, cursor: Cursor, reached: datetime) -> Page:
        delivery.traffic = self._lines.sifter.traffic()
        return Page(delivery, cursor, min(reached, self._window.end))


def _fresh(found: list[_Entry], place: int, seen: Counter[tuple[str, str]]) -> Iterator[_Entry]:
    """The entries without those of the first nanosecond that were on the page before."""
    left = Counter(seen)
    for one in found:
        if one.at == place and left[one.key] > 0:
            left[one.key] -= 1
        else:
            yield one


def _nanosecond(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * _NANOSECONDS
