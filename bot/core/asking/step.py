"""The steps that a model may choose from: sentences of our own, on which a person then decides.

A harmful step can be spelled in endless ways, and a list of allowed ones is never both short and of
use. So a model writes no step: it names the numbers of those it would take.
"""

from bot.core import rules
from bot.core.asking.evidence import Evidence
from bot.core.detection.finding import Kind

_AFTER_DEPLOY = (
    "Read what changed in the release it was first seen after; roll that back if nothing else "
    "explains the error."
)
_NEIGHBOURS = "Look at the other errors of its incident: the earliest may be the cause of the rest."
_ONE_CUSTOMER = "See what sets the customer who is hit apart: data, volume, settings."
_OF_KIND = {
    Kind.NEW: "See what was deployed, configured or migrated just before it was first seen.",
    Kind.SPIKE: "Compare the requests with this hour on other days: more came, or more fail.",
    Kind.SPREAD: "See what the customers who are hit have in common: region, version, settings.",
    Kind.BACK: "Read how it was mended the last time, and what was released since.",
}
OURS = frozenset((*rules.STEPS, _AFTER_DEPLOY, _NEIGHBOURS, _ONE_CUSTOMER, *_OF_KIND.values()))
"""Every step there is."""


def offered(known: Evidence) -> tuple[str, ...]:
    """The steps that fit an error: those of the rules first, then those of what else is known of
    it."""
    return tuple(dict.fromkeys((*known.steps, *_of_situation(known))))


def _of_situation(known: Evidence) -> list[str]:
    card = known.card
    fitting = {
        _AFTER_DEPLOY: bool(card.after_deploy),
        _NEIGHBOURS: bool(known.neighbours),
        _ONE_CUSTOMER: len(card.customers) == 1,
    }
    of_kinds = (_OF_KIND[kind] for kind in card.kinds if kind in _OF_KIND)
    return [*(one for one, fits in fitting.items() if fits), *of_kinds]
