"""The numbers behind an anomaly, and what a stored receipt says in words, the same everywhere."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from bot.core.wording.plural import number

VERSION = "d10"
"""The version of the rules of detection. Each receipt has it, so that an old one can be
understood."""
CUSTOMERS_KEPT = 50
"""So many customers are stored, the most hit first: a receipt is written anew in each look, and
anybody may make up names."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The numbers behind an anomaly.

    `observed` was counted, in `unit`, in a window of `window_hours`; `usual` is the mean and
    `usual_max` the highest of windows of that length over `days` of baseline. It fires from
    `fires_from` on: one fewer would not have. `since` is when the window began. `minutes` is in how
    many different minutes it came, `traffic` how many times the usual peak the service's harmless
    lines reached; None where not known. `override` names the site's override that the thresholds
    are from, if any, and `formula` says how a spike's threshold came about. `earlier` is the
    highest of windows of that length earlier in the last 24 hours; None where the window is all of
    these.
    """

    observed: float
    usual: float
    usual_max: float
    fires_from: float
    window_hours: float
    days: int
    unit: str
    since: str
    customers: Mapping[str, int] = field(default_factory=dict)
    new_customers: tuple[str, ...] = ()
    minutes: int | None = None
    traffic: float | None = None
    override: str = ""
    formula: str = ""
    earlier: int | None = None
    version: str = VERSION

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be stored as they are; of many customers the most hit, and how many."""
        kept = replace(
            self,
            customers=dict(islice(self.customers.items(), CUSTOMERS_KEPT)),
            new_customers=self.new_customers[:CUSTOMERS_KEPT],
        )
        return {
            **asdict(kept),
            "customers_in_all": len(self.customers),
            "new_customers_in_all": len(self.new_customers),
        }


def spelled(numbers: Mapping[str, Any]) -> str:
    """Below which count it would not have fired, and how that threshold came about, in words.

    It holds for the receipt's window alone: what is too little in 2 hours may be a spike of 24.
    What was counted and what is usual stands in the reason. A receipt that earlier rules wrote may
    lack some of the numbers.
    """
    least, unit = numbers.get("fires_from"), numbers.get("unit", "")
    if least == 1:
        return "Seeing it once is enough."
    count = number(least) if isinstance(least, int | float) else "?"
    if unit == "occurrences" and (hours := numbers.get("window_hours")):
        unit = f"{unit} in {hours} h"
    formula, override = numbers.get("formula"), numbers.get("override")
    above = f": above {formula}" if formula else ""
    thresholds = f" (with your thresholds for {override})" if override else ""
    return f"Below {f'{count} {unit}'.strip()} it would not have fired{above}{thresholds}."
