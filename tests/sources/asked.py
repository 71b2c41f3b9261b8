"""A source asked over real HTTP, and what it gave."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core.event import Event
from bot.sources.pulled import Cursor, Page, Source
from bot.sources.web import Web
from tests.builders import NOON

LATER = NOON + timedelta(hours=1)


def pages(of: Source, since: Cursor | None = None, *, until: datetime = LATER) -> list[Page]:
    return list(of.pages(since, until=until, ask=Web().ask))


def events(found: Iterable[Page]) -> list[Event]:
    return [one for page in found for one in page.delivery.events]
