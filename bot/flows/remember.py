"""What was usual for each signature, remembered from one judgement to the next."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.core.detection.clientele import Clientele
from bot.core.detection.episode import is_over
from bot.core.detection.history import Silences
from bot.core.hour import hour_of

if TYPE_CHECKING:
    from bot.core.detection.baseline import Baseline, Rhythm
    from bot.core.detection.hours import Hours

BASELINES_KEPT = 10_000
"""At about 5 kB each."""
HOURS_KEPT = 1_000
"""At about 30 kB each; for more signatures the hours are read again every hour."""
RHYTHMS_KEPT = 200_000
"""At about 200 bytes each."""


class Known(NamedTuple):
    """What is known of the time before an hour: `since` which hour we know what happened, since
    which we were running (`watched_since`), and in which hours no event came at all."""

    since: int
    watched_since: int
    silent: Silences


class Memory:
    """What is usual for each signature, worked out once an hour; and when each open episode without
    new events was judged last.

    It is a cache, and may be dropped at any time. A late event that changes an hour which is over
    is part of the baseline from the next hour on. Clienteles of earlier hours are kept, since a
    customer they name is no newcomer now either. A merge or a split changes what was usual, so all
    is forgotten. `known` is kept once it is enough to judge by; until then files may add to it.
    """

    def __init__(self) -> None:
        self._of = 0, 0
        self.usual: dict[int, Baseline] = {}
        self.hours: dict[int, Hours] = {}
        self.clienteles: dict[int, Clientele] = {}
        self.rhythms: dict[int, Rhythm | None] = {}
        self.known: Known | None = None
        self._judged: dict[int, datetime] = {}

    def due(self, waiting: Mapping[int, datetime], now: datetime) -> set[int]:
        """Which signatures of those in `waiting` (number → when its open episode was confirmed
        last) are to be judged now: once in each hour, since windows move by whole hours, and when
        the episode may be over."""
        return {
            number
            for number, confirmed in waiting.items()
            if not self._is_judged(number, confirmed, now)
        }

    def _is_judged(self, number: int, confirmed: datetime, now: datetime) -> bool:
        at = self._judged.get(number)
        if at is None or hour_of(at) != hour_of(now):
            return False
        return is_over(confirmed, at) or not is_over(confirmed, now)

    def was_judged(self, waiting: Collection[int], due: Collection[int], now: datetime) -> None:
        """Note that of those `waiting` the ones that were `due` are judged now; forget all
        others."""
        before = {number: self._judged[number] for number in waiting if number in self._judged}
        self._judged = {**before, **dict.fromkeys(due, now)}

    def turn_to(self, hour: int, *, merge: int) -> None:
        """Drop what does not hold for windows that end with this hour.

        `merge` is the number of the latest decision that merged or split anything.
        """
        if merge != self._of[1]:
            self.hours, self.clienteles = {}, {}
        if (hour, merge) != self._of:
            self._of = hour, merge
            self.known = None
            self.usual, self.rhythms = {}, {}

    def clientele(self, number: int) -> Clientele | None:
        """Whom a signature hit before, if that was worked out this hour; else None."""
        clientele = self.clienteles.get(number)
        return clientele if clientele and clientele.hour == self._of[0] else None

    def limit(self) -> None:
        """Forget what was learned last where there is too much: the rest is of use in the next
        round."""
        _shorten(self.usual, BASELINES_KEPT)
        _shorten(self.hours, HOURS_KEPT)
        _shorten(self.clienteles, BASELINES_KEPT)
        _shorten(self.rhythms, RHYTHMS_KEPT)


def _shorten(learned: dict[int, Any], most: int) -> None:
    while len(learned) > most:
        learned.popitem()
