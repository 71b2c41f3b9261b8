"""Sources that we pull errors from: a kind of source, its settings, and what it gives.

A kind is a class, found by its name in KINDS or in the entry points of other packages, group
`triage.sources`. It makes no request itself but calls `ask`, so that requests can be stopped, and
faked in tests.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from importlib.metadata import entry_points
from itertools import islice
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.core.event import Event
from bot.errors import SourceError
from bot.sources.field_names import FieldNames

if TYPE_CHECKING:
    from bot.sources.pushed import Delivery
    from bot.wire import Reply

GROUP = "triage.sources"
KINDS = {
    "cloudwatch": "bot.sources.cloudwatch:CloudWatch",
    "datadog": "bot.sources.datadog:Datadog",
    "file": "bot.sources.tailed:File",
    "loki": "bot.sources.loki_query:Loki",
    "sentry": "bot.sources.sentry_query:Sentry",
}
"""Ours, each loaded only where it is used."""

_TRIED = 20

Cursor = Mapping[str, Any]
"""JSON that says to a source how far it was read, and to nobody else anything."""


class Unavailable(SourceError):
    """The source does not answer now; `retry_after` is how long it asked to wait."""

    def __init__(self, message: str, *, retry_after: timedelta = timedelta()) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Limited(Unavailable):
    """The source answers, but its rate limit is reached; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to a source; a `json` or a `body` makes it a POST."""

    url: str
    params: Mapping[str, str | int] | None = None
    headers: Mapping[str, str] | None = None
    json: Any = None
    body: bytes | None = None


Ask = Callable[[Request], "Reply"]


@dataclass(frozen=True, slots=True)
class Page:
    """What came of one request, and the cursor behind it: both are stored, or neither.

    `reached` is up to when everything was read.
    """

    delivery: "Delivery"
    cursor: Cursor
    reached: datetime


class Source(BaseModel):
    """The settings that all kinds share; a kind adds its own, and implements `pages`.

    A setting that is a SecretStr comes from the environment alone. People are told which of those
    that the kind `needs` are missing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    needs: ClassVar[tuple[str, ...]] = ()

    kind: str
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    every_seconds: Annotated[int, Field(ge=15, le=86_400)] = 60
    lookback_hours: Annotated[float, Field(ge=0, le=14 * 24)] = 24
    service: Annotated[str, Field(max_length=200)] = ""
    fields: FieldNames = FieldNames()

    @property
    def origin(self) -> str:
        """The `source` of its events."""
        return f"{self.kind}/{self.name}"

    @property
    def lookback(self) -> timedelta:
        """How far back it is read at first."""
        return timedelta(hours=self.lookback_hours)

    @classmethod
    def secrets(cls) -> tuple[str, ...]:
        """The names of the settings that are secrets."""
        return tuple(name for name, one in cls.model_fields.items() if one.annotation is SecretStr)

    def variable(self, secret: str) -> str:
        """The environment variable that one of its secrets comes from."""
        return variable(self.name, secret)

    def require_secrets(self) -> None:
        """Raises SourceError, which names the secrets that it needs and that are not set."""
        given = ((one, getattr(self, one).get_secret_value().strip()) for one in self.needs)
        if unset := [self.variable(one) for one, secret in given if not secret]:
            verb = "is" if len(unset) == 1 else "are"
            raise SourceError(
                f"{' and '.join(unset)} {verb} not set in the environment: docs/sources.md says "
                "what belongs there"
            )

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """The pages behind a cursor (None at first), up to a moment; it ends once all is read.

        Events that were given before may come again, under the same names. Raises SourceError, with
        what to do about it; Unavailable where that is to wait.
        """
        raise NotImplementedError

    def first_pages(self, hours: float, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """Some pages of a first look so many hours back, to try the source out: several, since it
        may have several parts. Raises as `pages` does."""
        self.require_secrets()
        recent = self.model_copy(update={"lookback_hours": hours})
        return islice(recent.pages(None, until=until, ask=ask), _TRIED)


def told_by(origin: str, event: Event) -> Event:
    """The event as one of this source, wherever it says it is from."""
    if event.source == origin:
        return event
    return replace(event, source=origin, source_id=f"{event.source}\0{event.source_id}")


def variable(name: str, secret: str) -> str:
    """The environment variable that a secret of a source comes from."""
    return f"TRIAGE_{name}_{secret}".upper().replace("-", "_")


def kind(name: str) -> type[Source]:
    """The kind of source of that name, ours or another package's. Raises ValueError."""
    if name in KINDS:
        return _loaded(KINDS[name])
    others = {one.name: one for one in entry_points(group=GROUP)}
    if name in others:
        return _checked(others[name].load(), name)
    known = sorted({*KINDS, *others})
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    raise ValueError(f"{name[:40]!r} is no kind of source; {hint}")


def _loaded(place: str) -> type[Source]:
    found: type[Source] = resolve_name(place)
    return found


def _checked(found: object, name: str) -> type[Source]:
    if isinstance(found, type) and issubclass(found, Source):
        return found
    raise ValueError(f"the kind {name[:40]!r} comes from a package that does not make a source")
