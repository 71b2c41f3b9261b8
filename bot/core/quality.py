"""How good the routing and the explanations of a week were, by what people made of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.analysis import Category

WORST = 5
"""So many rules and prompts are named, the most often wrong first."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A signature that people acted on: the owner it was given, and to whom it was moved, if it
    was. A reroute is a misroute: whoever moved it knew better."""

    short_id: str
    category: Category
    rule: str
    owner: str
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person thought of an explanation; `source` is the rule or the prompt it came from."""

    short_id: str
    source: str
    helps: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """What people made of what they were shown."""

    since: datetime
    until: datetime
    routed: tuple[Routed, ...]
    opinions: tuple[Opinion, ...]


def lines(week: Week) -> list[str]:
    """The week in plain sentences: how many owners were kept, and what to mend first."""
    moved = [one for one in week.routed if one.moved_to]
    helped = sum(one.helps for one in week.opinions)
    said = [f"{week.since:%Y-%m-%d} to {week.until:%Y-%m-%d}: {_kept(week.routed)}"]
    said += [f"{category}: {_kept(those)}" for category, those in _by_category(week.routed)]
    said += [f"To mend: {fix}" for fix in _fixes(moved)]
    if week.opinions:
        said.append(f"Explanations: {helped} helped, {len(week.opinions) - helped} were wrong")
    return [*said, *(f"To mend: {fix}" for fix in _disliked(week.opinions))]


def _kept(routed: Sequence[Routed]) -> str:
    if not routed:
        return "nobody acted on anything"
    moved = sum(bool(one.moved_to) for one in routed)
    kept = len(routed) - moved
    owners = "1 owner" if kept == 1 else f"{kept} owners"
    return f"{owners} kept, {moved} rerouted ({100 * kept // len(routed)} % right)"


def _by_category(routed: Sequence[Routed]) -> Iterator[tuple[Category, list[Routed]]]:
    for category in Category:
        those = [one for one in routed if one.category is category]
        if those:
            yield category, those


def _fixes(moved: Iterable[Routed]) -> Iterator[str]:
    """The rules that chose a wrong owner most often, and whose the errors were."""
    moves = list(moved)
    counted = Counter((one.rule, one.owner, one.moved_to) for one in moves)
    for (rule, owner, to), count in counted.most_common(WORST):
        ids = [
            one.short_id
            for one in moves
            if (one.rule, one.owner, one.moved_to) == (rule, owner, to)
        ]
        times = "once" if count == 1 else f"{count} times"
        yield f"the rule “{rule}” gave {owner} what was {to}'s, {times}: {_named(ids)}"


def _disliked(opinions: Iterable[Opinion]) -> Iterator[str]:
    """The rules and prompts that explained wrongly most often, with what people said."""
    wrong = [one for one in opinions if not one.helps]
    for source, count in Counter(one.source for one in wrong).most_common(WORST):
        those = [one for one in wrong if one.source == source]
        reasons = "; ".join(dict.fromkeys(one.reason for one in those if one.reason))
        times = "once" if count == 1 else f"{count} times"
        why = f" ({reasons[:200]})" if reasons else ""
        yield f"{source} explained wrongly, {times}{why}: {_named([one.short_id for one in those])}"


def _named(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - WORST} more" if len(ids) > WORST else ""
    return ", ".join(ids[:WORST]) + rest
