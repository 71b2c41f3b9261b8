"""Keep within what a source allows, by what its answers say of that."""

from collections.abc import Callable
from datetime import datetime

from bot.sources import answers
from bot.sources.pulled import Ask, Limited, Request
from bot.wire import Reply


class Paced:
    """Asks by another function; once an answer says that no request is left, it waits until more
    are."""

    def __init__(self, ask: Ask, clock: Callable[[], datetime]) -> None:
        self._ask = ask
        self._clock = clock
        self._until: datetime | None = None

    def __call__(self, request: Request) -> Reply:
        """What is answered. Raises Limited while nothing may be asked, and what asking raises."""
        now = self._clock()
        if self._until and now < self._until:
            raise Limited(f"{request.url} allows no more for now", retry_after=self._until - now)
        reply = self._ask(request)
        wait = answers.used_up(reply)
        self._until = self._clock() + wait if wait else None
        return reply
