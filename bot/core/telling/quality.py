"""How good a week was: what was posted and taken up, whose owners were kept, what mutes hid."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.detection.finding import Kind
from bot.core.signing.excerpt import TITLE, begun
from bot.core.spending import arm
from bot.core.spending.arm import Arm, Unseen
from bot.core.spending.price import dollars
from bot.core.wording.moment import written
from bot.core.wording.plural import counted, number, times

WORST = 5
"""So many rules, prompts and mutes are named, the worst first."""
MOVED = 3
"""So many signatures that rose are named, and so many that fell."""
_HOW_TO_RATE = "Details of a card ask whether its explanation helps"
_RAMP = 2.0
_FEW = 10
"""From so many events a day, if that is a multiple of what was usual, a mute may hide something
else than what was muted."""


def is_ramp(busiest: int, usual: float) -> bool:
    """Whether a day's count is so far above the usual one that a mute may be hiding something else
    by now."""
    return busiest >= _FEW and busiest >= _RAMP * usual


@dataclass(frozen=True, slots=True)
class Routed:
    """A signature that people acted on: its category, the owner it was given and by which rule
    (`source`), and `moved_to`, the owner it ended up with, if that is another. A reroute counts as
    a wrong choice: whoever moved it knew better."""

    short_id: str
    category: str
    source: str
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
class Called:
    """How many episodes of a kind were posted, and how many of these somebody took up: claimed or
    resolved the signature, or had claimed it before."""

    kind: Kind
    posted: int
    claimed: int


@dataclass(frozen=True, slots=True)
class Hidden:
    """What one mute hid in a week: how many events, and how many on the `busiest` day.

    `usual` is the daily mean of the week before the mute, or of as much of it as the signature was
    known. All text is redacted, none is escaped.
    """

    short_id: str
    title: str
    reason: str
    events: int
    busiest: int
    usual: float
    is_over: bool = False

    def __str__(self) -> str:
        over = "; the mute is over" if self.is_over else ""
        return (
            f"{self.short_id} {begun(self.title, TITLE)}: {counted(self.events, 'event')}, "
            f"{self.busiest:,} on its busiest day, {self._before}{over}; "
            f"muted as “{begun(self.reason, 120)}”"
        )

    @property
    def _before(self) -> str:
        """What was usual before the mute, and how far the busiest day is above it, in words."""
        if not self.usual:
            return "none in the week before it was muted"
        ramp = self.busiest / self.usual
        times = f": {ramp:,.0f} times as many" if is_ramp(self.busiest, self.usual) else ""
        return f"{number(self.usual)} a day before it was muted{times}"


@dataclass(frozen=True, slots=True)
class Moved:
    """A signature that was seen far more or far less often than in the week before. All text is
    redacted, none is escaped."""

    short_id: str
    title: str
    events: int
    before: int

    def __str__(self) -> str:
        way = "More" if self.events > self.before else "Less"
        return (
            f"{way} often: {self.short_id} {begun(self.title, TITLE)}: {self.events:,}, "
            f"the week before {self.before:,}"
        )


def movers(week: Mapping[int, int], before: Mapping[int, int]) -> list[int]:
    """The numbers of the signatures whose counts moved most between two weeks: first those that
    rose, at least to double, then those that fell, at least to half."""
    by = {
        number: week.get(number, 0) - before.get(number, 0)
        for number in week.keys() | before.keys()
    }
    far = [
        number
        for number, step in by.items()
        if abs(step) >= _FEW and abs(step) >= min(week.get(number, 0), before.get(number, 0))
    ]
    rose = sorted((one for one in far if by[one] > 0), key=lambda one: (-by[one], one))
    fell = sorted((one for one in far if by[one] < 0), key=lambda one: (by[one], one))
    return [*rose[:MOVED], *fell[:MOVED]]


@dataclass(frozen=True, slots=True)
class Week:
    """What came in during a week, what was made of it, and what it cost.

    `begun` counts the episodes that began in it, posted or not. `hidden` are the mutes that hid
    anything, the most first; `calls` of models cost so many micro-dollars.
    """

    since: datetime
    until: datetime
    routed: tuple[Routed, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    events: int = 0
    signatures: int = 0
    begun: int = 0
    called: tuple[Called, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    calls: int = 0
    cost: int = 0
    arms: tuple[Arm, ...] = ()
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A week and the one before, if anything was seen in that; whether the review is late; and what
    moved most from one week to the other, if all of both is known."""

    week: Week
    before: Week | None = None
    late: bool = False
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a review: its sum in a sentence, then what that is made of."""

    title: str
    said: str
    below: tuple[str, ...] = ()
    hidden: tuple[Hidden, ...] = ()


def parts(review: Review) -> tuple[Section, ...]:
    """The sections of a review, in plain words, each sum beside that of the week before."""
    week, before = review.week, review.before
    moved = [one for one in week.routed if one.moved_to]
    owners = _kept_by(week.routed, lambda one: one.owner or "nobody yet")
    categories = _kept_by(week.routed, lambda one: f"taken for {one.category}")
    return (
        Section("What came in", _beside(_came, review), tuple(map(str, review.moved))),
        Section(
            "Posted",
            _beside(_taken, review),
            tuple(_by_kind(week.called, before.called if before else ())),
        ),
        Section(
            "Owners",
            _beside(lambda one: _kept(one.routed), review),
            (*owners, *categories, *_mend(_fixes(moved))),
        ),
        Section(
            "Explanations",
            _beside(lambda one: _liked(one.opinions), review),
            tuple(_mend(_disliked(week.opinions))) if week.opinions else (_HOW_TO_RATE,),
        ),
        Section("Mutes", _beside(lambda one: _hid(one.hidden), review), hidden=week.hidden[:WORST]),
        Section("Models", _beside(_spent, review), tuple(arm.lines(week.arms, week.unseen))),
    )


def lines(review: Review) -> list[str]:
    """The same as lines of text; what a sum is made of is indented."""
    week = review.week
    said = [f"The week from {written(week.since)} to {written(week.until)}"]
    for part in parts(review):
        below = (*part.below, *map(str, part.hidden))
        said += [f"{part.title}: {part.said}", *(f"  {line}" for line in below)]
    return said


def _beside(said: Callable[[Week], str], review: Review) -> str:
    return f"{said(review.week)}{_was(said(review.before)) if review.before else ''}"


def _was(said: str) -> str:
    return f"; the week before: {said}"


def _mend(fixes: Iterable[str]) -> Iterator[str]:
    return (f"To mend: {fix}" for fix in fixes)


def _came(week: Week) -> str:
    return f"{counted(week.events, 'event')} of {counted(week.signatures, 'signature')}"


def _taken(week: Week) -> str:
    posted = sum(one.posted for one in week.called)
    claimed = sum(one.claimed for one in week.called)
    if not posted:
        return f"none of {counted(week.begun, 'alert')}" if week.begun else "nothing unusual"
    share = _percent(claimed, posted)
    return f"{counted(posted, 'alert')}, {claimed:,} of them taken up ({share})"


def _by_kind(called: Iterable[Called], before: Iterable[Called]) -> Iterator[str]:
    """For each kind its precision: how many of the episodes that were posted somebody took up."""
    earlier = {one.kind: one for one in before}
    for one in called:
        was = earlier.get(one.kind)
        yield f"{one.kind}: {_share(one)}{_was(_share(was)) if was else ''}"


def _share(one: Called) -> str:
    return f"{one.claimed:,} of {one.posted:,} taken up ({_percent(one.claimed, one.posted)})"


def _kept(routed: Sequence[Routed]) -> str:
    if not routed:
        return "nobody acted on anything"
    moved = sum(bool(one.moved_to) for one in routed)
    kept = len(routed) - moved
    return f"{kept:,} kept, {moved:,} rerouted ({_percent(kept, len(routed))} right)"


def _kept_by(routed: Sequence[Routed], name: Callable[[Routed], str]) -> Iterator[str]:
    """For each name, such as that of an owner, how many owners stayed as chosen; the most frequent
    name first."""
    for shared, _ in Counter(map(name, routed)).most_common():
        yield f"{shared}: {_kept([one for one in routed if name(one) == shared])}"


def _fixes(moved: Iterable[Routed]) -> Iterator[str]:
    """The rules that chose a wrong owner most often, and who the right ones were."""
    named: dict[tuple[str, str, str], list[str]] = {}
    for one in moved:
        named.setdefault((one.source, one.owner, one.moved_to), []).append(one.short_id)
    most = sorted(named.items(), key=lambda item: -len(item[1]))[:WORST]
    for (source, owner, to), ids in most:
        yield f"{source} gave {owner} what was {to}'s, {times(len(ids))}: {_named(ids)}"


def _liked(opinions: Sequence[Opinion]) -> str:
    if not opinions:
        return "none was rated"
    helped = sum(one.helps for one in opinions)
    return f"{helped:,} helped, {len(opinions) - helped:,} wrong"


def _disliked(opinions: Iterable[Opinion]) -> Iterator[str]:
    """The rules and prompts that explained wrongly most often, with what people said."""
    wrong = [one for one in opinions if not one.helps]
    for source, count in Counter(one.source for one in wrong).most_common(WORST):
        those = [one for one in wrong if one.source == source]
        reasons = "; ".join(dict.fromkeys(one.reason for one in those if one.reason))
        why = f" ({reasons[:200]})" if reasons else ""
        ids = list(dict.fromkeys(one.short_id for one in those))
        yield f"{source} explained wrongly, {times(count)}{why}: {_named(ids)}"


def _hid(hidden: Sequence[Hidden]) -> str:
    if not hidden:
        return "hid nothing"
    names = {one.short_id for one in hidden}
    events = sum(one.events for one in hidden)
    return f"hid {counted(events, 'event')} of {counted(len(names), 'signature')}"


def _spent(week: Week) -> str:
    return (
        f"{counted(week.calls, 'call')}, {dollars(week.cost)}" if week.calls else "none was asked"
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // max(1, whole)} %"


def _named(ids: Sequence[str]) -> str:
    rest = f" and {len(ids) - WORST} more" if len(ids) > WORST else ""
    return ", ".join(ids[:WORST]) + rest
