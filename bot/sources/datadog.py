"""Errors in Datadog's logs, searched for in a span of time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr

from bot.errors import SourceError
from bot.sources import answers, recorded, sanitise
from bot.sources.pulled import Ask, Cursor, Page, Request, Unavailable
from bot.sources.pushed import Delivery
from bot.sources.sifting import Unreadable
from bot.sources.window import Window, Windowed

ERRORS = "status:(error OR critical OR alert OR emergency)"
_QUOTED = 200
_PATH = "/api/v2/logs/events/search"


class Datadog(Windowed):
    """A search in Datadog's logs; `url` is the API of the site, such as that of the EU."""

    needs: ClassVar = ("api_key", "app_key")
    kind: Literal["datadog"] = "datadog"
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = "https://api.datadoghq.com"
    query: Annotated[str, Field(min_length=1, max_length=5_000)] = ERRORS
    indexes: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    limit: Annotated[int, Field(ge=10, le=1_000)] = 1_000
    api_key: SecretStr = SecretStr("")
    app_key: SecretStr = SecretStr("")

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """The logs of the next window, the oldest first."""
        asked = self.window(since, until=until)
        if asked.is_empty:
            return
        try:
            yield from self._pages(asked, ask)
        except Unavailable:
            raise
        except SourceError:  # perhaps that it knows the place in the window no more
            if asked.is_new:
                raise
            yield from self._pages(replace(asked, after=""), ask)

    def _pages(self, asked: Window, ask: Ask) -> Iterator[Page]:
        while True:
            delivery, newest, after = self._page(asked, ask)
            if not after:
                yield Page(delivery, asked.done(), asked.end)
                return
            yield Page(delivery, asked.left_at(after=after), newest or asked.start)
            asked = replace(asked, after=after)

    def _page(self, asked: Window, ask: Ask) -> tuple[Delivery, datetime | None, str]:
        """The logs of a page, the time of the newest, and where the next page begins, if there is
        one."""
        url = self.url.rstrip("/").removesuffix(_PATH) + _PATH
        keys = f"{self.variable('api_key')} and {self.variable('app_key')}"
        answer = answers.read(ask(self._request(url, asked)), url, key=keys)
        try:
            meta = answer.get("meta") or {}
            if meta.get("status") == "timeout":
                raise Unavailable(f"{url} ran out of time: a narrower `query` takes less")
            delivery = self._delivery(answer["data"], asked.end)
            delivery.unreadable += [self._warned(one) for one in meta.get("warnings") or []]
            after = (meta.get("page") or {}).get("after") or ""
        except (AttributeError, KeyError, TypeError):
            raise Unavailable(f"{url} answers with something else than logs: check `url`") from None
        newest = max((one.time for one in delivery.events), default=None)
        return delivery, newest, str(after)

    def _warned(self, warning: Mapping[str, Any]) -> Unreadable:
        """A warning in an answer that something is missing in it, such as an index that does not
        exist."""
        said = sanitise.text(warning.get("title") or warning.get("code"), _QUOTED)
        return Unreadable(self.origin, 0, f"Datadog warns of the search: {said}")

    def _request(self, url: str, asked: Window) -> Request:
        page = {"limit": self.limit, **({"cursor": asked.after} if asked.after else {})}
        chosen = {"query": self.query, "from": _milliseconds(asked.start)}
        indexes = {"indexes": list(self.indexes)} if self.indexes else {}
        return Request(
            url,
            headers={
                "DD-API-KEY": self.api_key.get_secret_value(),
                "DD-APPLICATION-KEY": self.app_key.get_secret_value(),
            },
            json={
                "filter": {**chosen, "to": _milliseconds(asked.end), **indexes},
                "sort": "timestamp",
                "page": page,
            },
        )

    def _delivery(self, logs: list[Any], now: datetime) -> Delivery:
        delivery = Delivery()
        for log in logs:
            record = _record(log["attributes"])
            recorded.put(delivery, record, of=self, name=log["id"], received=now)
        return delivery


def _record(said: Mapping[str, Any]) -> dict[str, Any]:
    """A log as a record: its tags, what its text was parsed into, and, before these, the time,
    status and service that Datadog gave it."""
    around = {name: one for name, one in said.items() if name not in ("attributes", "tags") and one}
    parsed = said.get("attributes")
    inside = parsed if isinstance(parsed, dict) else {}
    kept = {name: one for name, one in inside.items() if name not in around}
    tags = {name: one for name, one in _tags(said.get("tags")).items() if name not in around}
    return {**tags, **kept, **around}


def _tags(said: object) -> dict[str, str]:
    """Tags such as `env:prod` by name; one without a name is left out."""
    pairs = (str(one).partition(":") for one in said) if isinstance(said, list) else ()
    return {name: value for name, _, value in pairs if value}


def _milliseconds(moment: datetime) -> str:
    """A moment in milliseconds since 1970, as the search takes it: no time zone can be misread."""
    return str(int(moment.timestamp() * 1_000))
