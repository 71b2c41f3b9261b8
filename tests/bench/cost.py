"""What a fleet costs a month, by the rules that decide what is asked: a simulation without chance.

    python -m tests.bench.cost

600 signatures are active, known for two months, and 40 new ones come every day. A fifth of the
active ones, each of them in three ways in turn, and all new ones for a day, behave unusually, which
is looked at every hour; the busiest is seen 2,000 times a day and the others less and less often.
Each hour in which an error behaves unusually is one in which a call is in question: what is kept is
a hit if none is made. Releases come as often as is said, and at each look the newest is known.
"""

import argparse
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from bot.core.asking import freshness
from bot.core.asking.freshness import Kept, Wanted
from bot.core.detection import release
from bot.core.detection.finding import Kind
from bot.core.spending.budget import Room
from bot.core.spending.outcome import Usage
from bot.core.spending.price import prices
from bot.core.spending.routing import Need, Tier, choose
from tests.builders import NOON

ACTIVE, NEW_A_DAY, DAYS = 600, 40, 30
UNUSUAL_EVERY = 5
KNOWN_DAYS = 60
ONE_OF = 4
"""One in four is played: of all, hits are about the same, and cost four times as much."""
IN_TURN = (Kind.SPIKE, Kind.BACK, Kind.SPREAD)
USAGE = Usage(input=4_000, output=900)
"""As much as the prompt and an answer with a little thinking come to."""
MODELS = {Tier.CHEAP: "claude-haiku-5-5", Tier.STRONG: "claude-sonnet-5-5"}
DOLLAR = 1_000_000


@dataclass(frozen=True)
class Error:
    """One that behaves unusually at an hour, in some ways, seen so often since its first sight."""

    name: str
    since: int
    kinds: tuple[Kind, ...]
    events: int

    @property
    def need(self) -> Need:
        return Need(new=Kind.NEW in self.kinds, spreading=Kind.SPREAD in self.kinds)


class Fleet:
    """Asks as the rules say, and counts; a release comes every so many hours."""

    def __init__(self, *, release_hours: int) -> None:
        self._release_hours = release_hours
        self._kept: dict[str, Kept] = {}
        self.forget_counts()

    @property
    def hits(self) -> float:
        """The share of what is in question that is answered from what is kept."""
        return 1 - self.asked / self.in_question

    def forget_counts(self) -> None:
        """Count anew, knowing what was explained."""
        self.asked = self.micros = self.in_question = 0

    def look(self, error: Error, hour: int) -> None:
        """What is unusual at an hour is explained, or was."""
        self.in_question += 1
        tier = choose(error.need, Room.OPEN).tier
        assert tier
        seen = freshness.mark(
            events=error.events,
            customers=1 + error.events // 200,
            release=self._release_of(error, hour),
            kinds=error.kinds,
        )
        kept = self._kept.get(error.name)
        if freshness.judge(kept, Wanted(seen, "1", tier), now=at(hour)).ask:
            self.asked += 1
            model = MODELS[tier]
            self.micros += prices({}).cost(USAGE, asked=model, model=model)
            known = kept.mark.joined(seen) if kept else seen
            best = Tier.STRONG if kept and kept.tier is Tier.STRONG else tier
            self._kept[error.name] = Kept(at(hour), known, "1", best)

    def _release_of(self, error: Error, hour: int) -> str:
        """The newest release of an hour, if the error may come from it."""
        number = hour // self._release_hours
        newest = f"4.{number}", at(number * self._release_hours)
        return newest[0] if release.suspect(newest, at(error.since)) else ""


@cache
def at(hour: int) -> datetime:
    return NOON + timedelta(hours=hour)


def run(fleet: Fleet, days: range) -> Fleet:
    """The same fleet after some days."""
    for hour in (24 * day + hour for day in days for hour in range(24)):
        day = hour // 24
        for rank in range(ONE_OF // 2, ACTIVE, ONE_OF):
            if (rank + day) % UNUSUAL_EVERY == 0:
                often = 2_000 * (24 * KNOWN_DAYS + hour) // (24 * (1 + rank))
                kind = IN_TURN[(rank + day) // UNUSUAL_EVERY % len(IN_TURN)]
                fleet.look(Error(f"old {rank}", -24 * KNOWN_DAYS, (kind,), often), hour)
        for number in range(ONE_OF // 2, NEW_A_DAY, ONE_OF):
            often = 1 + 100 * (hour % 24) // (1 + number)
            kinds = (Kind.NEW, Kind.SPIKE) if often >= 10 else (Kind.NEW,)
            fleet.look(Error(f"new {day} {number}", 24 * day, kinds, often), hour)
    return fleet


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    fleet = Fleet(release_hours=6)
    for month, days in (("first", range(DAYS)), ("second", range(DAYS, 2 * DAYS))):
        run(fleet, days)
        dollars = ONE_OF * fleet.micros / DOLLAR
        print(f"{month:8} ${dollars:.2f} a month   {100 * fleet.hits:.2f} % from what is kept")
        fleet.forget_counts()


if __name__ == "__main__":
    main()
