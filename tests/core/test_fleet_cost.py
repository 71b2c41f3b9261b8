"""What a fleet costs a month, by the rules that decide what is asked: a simulation without chance.

600 signatures are active, known for two months, and 40 new ones come every day. A fifth of the
active ones, and all new ones for a day, behave unusually, which is looked at every hour; the
busiest is seen 2,000 times a day and the others less and less often. An hour in which an error
behaves unusually is one in which a call is in question: what is kept is a hit if none is made.
"""

from datetime import timedelta

from bot.core import freshness
from bot.core.budget import Room
from bot.core.freshness import Kept, Wanted
from bot.core.outcome import Usage
from bot.core.price import prices
from bot.core.routing import Need, Tier, choose
from tests.builders import NOON

ACTIVE, NEW_A_DAY, DAYS = 600, 40, 30
UNUSUAL_EVERY = 5
KNOWN_DAYS = 60
USAGE = Usage(input=4_000, output=900)
"""As much as the prompt and an answer with a little thinking come to."""
MODELS = {Tier.CHEAP: "claude-haiku-5-5", Tier.STRONG: "claude-sonnet-5-5"}
DOLLAR = 1_000_000


class Fleet:
    """Asks as the rules say, and counts."""

    def __init__(self) -> None:
        self.asked = self.micros = self.in_question = 0
        self._kept: dict[str, Kept] = {}

    def look(self, name: str, hour: int, *, need: Need, kind: str, events: int) -> None:
        """What is unusual at an hour is explained, or was."""
        self.in_question += 1
        tier = choose(need, Room.OPEN).tier
        assert tier
        customers = 1 + events // 200
        seen = freshness.mark(events=events, customers=customers, version="", kinds=[kind])
        now = NOON + timedelta(hours=hour)
        kept = self._kept.get(name)
        if freshness.judge(kept, Wanted(seen, "1", tier), now=now).ask:
            self.asked += 1
            model = MODELS[tier]
            self.micros += prices({}).cost(USAGE, asked=model, model=model)
            known = kept.mark.joined(seen) if kept else seen
            self._kept[name] = Kept(now, known, "1", tier)


def a_month() -> Fleet:
    fleet = Fleet()
    for hour in range(24 * DAYS):
        for rank in range(ACTIVE):
            if (rank + hour // 24) % UNUSUAL_EVERY == 0:
                often = 2_000 * (24 * KNOWN_DAYS + hour) // (24 * (1 + rank))
                fleet.look(f"old {rank}", hour, need=Need(), kind="spike", events=often)
        for number in range(NEW_A_DAY):
            often = 1 + 100 * (hour % 24) // (1 + number)
            name = f"new {hour // 24} {number}"
            fleet.look(name, hour, need=Need(new=True), kind="new", events=often)
    return fleet


def test_a_medium_fleet_costs_less_than_its_bar_and_hardly_asks_twice() -> None:
    fleet = a_month()
    assert fleet.micros < 110 * DOLLAR
    assert 1 - fleet.asked / fleet.in_question > 0.97
