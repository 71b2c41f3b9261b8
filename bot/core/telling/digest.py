"""What a digest shows: which signatures, in what order, and the verdict in its first line.

A `Card` is one signature as it stands at the moment of looking; every surface (digest, thread,
`/triage show`, the terminal) shows the same card.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.analysis import Analysis, Author
from bot.core.detection.episode import Why, is_told
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import Mute, State
from bot.core.ownership.trail import Decided, Merged
from bot.core.spending.price import dollars
from bot.core.wording.moment import written
from bot.core.wording.plural import counted, number

CARDS_WITH_CONTROLS = 6
"""Slack takes about 12 kB of blocks a message, and a card with its buttons is about 1.7 kB."""


@dataclass(frozen=True, slots=True)
class Card:
    """One signature as people see it. All text is redacted, none of it is escaped.

    `as_of` is the moment of looking. `last_day` counts the 24 hours before it, `usual_day` is the
    mean of the days before and `daily` the trend they make, oldest first. `customers` are those of
    the last day, most hit first; `known_customers` is how many were ever seen of anything.
    `rerouted_by` and `resolved_by` name the person who decided that, if it still holds;
    `resolved_in` is the release with the fix, `stayed_quiet` what was seen since that confirms it.
    `release` is what was deployed within a day before it was first seen, `released_at` when.
    `version` is that of the rules or the prompt that `analyst` used. `explained_at` is when a model
    gave the analysis, `unexplained` why none did that should have. `note`, the latest of people, is
    set where one signature is looked at or handed over; `sample` and `merged` only where one is
    looked at.
    """

    short_id: str
    service: str
    environment: str
    title: str
    template: str
    state: State
    owner: str
    owner_reason: str
    assignee: str
    claimed_at: datetime | None
    resolved_at: datetime | None
    mute: Mute | None
    whys: tuple[Why, ...]
    first_seen: datetime
    last_seen: datetime
    total: int
    last_day: int
    usual_day: float
    daily: tuple[int, ...]
    customers: tuple[tuple[str, int], ...]
    analysis: Analysis
    analyst: str
    as_of: datetime
    explained_at: datetime | None = None
    unexplained: str = ""
    release: str = ""
    released_at: datetime | None = None
    known_customers: int = 0
    sample: str = ""
    rerouted_by: str = ""
    resolved_by: str = ""
    resolved_in: str = ""
    merged: tuple[Merged, ...] = ()
    stayed_quiet: str = ""
    version: str = ""
    note: Decided | None = None

    @property
    def author(self) -> Author:
        """Who gave the explanation."""
        return Author(self.analyst, self.version, self.analysis.row)

    @property
    def where(self) -> str:
        """Its service as people read it, even if its events name none."""
        return named(self.service)

    @property
    def usually(self) -> str:
        """How often it usually comes: "usually 1,204.5 a day", "none before"."""
        if not self.usual_day:
            return "none before"
        return f"usually {number(self.usual_day)} a day"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """In which ways it is unusual, each once, the most urgent first."""
        present = {why.kind for why in self.whys}
        return tuple(kind for kind in Kind if kind in present)

    @property
    def over_since(self) -> datetime | None:
        """When the last of what was unusual about it ended; None while any of it goes on."""
        ended = [why.ended_at for why in self.whys if why.ended_at]
        return max(ended) if self.whys and len(ended) == len(self.whys) else None

    @property
    def reasons(self) -> tuple[Why, ...]:
        """Why it is unusual, the most urgent first, without what a critical reason repeats."""
        order = list(Kind)
        ranked = sorted(self.whys, key=lambda why: order.index(why.kind))
        critical = [why.reason for why in ranked if why.kind is Kind.CRITICAL]
        return tuple(why for why in ranked if not any(is_told(why.reason, one) for one in critical))

    @property
    def after_deploy(self) -> str:
        """How long after its release it was first seen: "22 min after checkout 4.19.1", or
        "together with checkout 4.19.1"; empty without one."""
        if self.released_at is None:
            return ""
        minutes = int((self.first_seen - self.released_at).total_seconds() // 60)
        if minutes < 1:
            return f"together with {self.release}"
        span = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
        return f"{span} after {self.release}"

    @property
    def unclaimed_day(self) -> int:
        """The day of its unusual behaviour on which nobody has it yet: 2 is the day after it began.

        0 where somebody has it, or it behaves as usual.
        """
        running = [why.opened_at for why in self.whys if not why.ended_at]
        if self.state is not State.OPEN or not running:
            return 0
        return 1 + max(0, (self.as_of - min(running)).days)

    @property
    def busy_day(self) -> float:
        """How often it comes on a day: as usual or in the last 24 hours, whichever is more."""
        return max(self.usual_day, float(self.last_day))

    def share_of(self, hit: int) -> str:
        """The part of the last day's occurrences that `hit` of them are; those without a customer
        count as well."""
        return share(hit, max(self.last_day, sum(count for _, count in self.customers)))

    @property
    def hidden(self) -> int:
        """How many occurrences the current mute has hidden so far."""
        return max(0, self.total - self.mute.total_at_start) if self.mute else 0

    @property
    def busiest_hidden(self) -> int:
        """The highest count of a whole day since it was muted, within the last fortnight; 0 if no
        day is over."""
        days = (self.as_of - self.mute.at).days if self.mute else 0
        return max(self.daily[-days:], default=0) if days else 0


@dataclass(frozen=True, slots=True)
class Footer:
    """The numbers behind a digest: how much there was, what stayed quiet, what mutes hid.

    `events` happened in its window; `arrived` came in during it, whenever they happened.
    `judges_from` is set while too little is known to call anything unusual: until then. `sources`
    gives for each source the time of its newest event, `silent` since when those are silent that
    usually are not, `behind` up to when those were read that are catching up. `silences` lasted a
    day or longer, without any event at all, and ended in the window. `calls` of models cost so many
    micro-dollars.
    """

    events: int = 0
    arrived: int = 0
    signatures: int = 0
    quiet: int = 0
    muted: int = 0
    hidden_events: int = 0
    judges_from: datetime | None = None
    sources: tuple[tuple[str, datetime], ...] = ()
    silent: tuple[tuple[str, datetime], ...] = ()
    behind: tuple[tuple[str, datetime], ...] = ()
    silences: tuple[tuple[datetime, datetime], ...] = ()
    calls: int = 0
    cost: int = 0

    @property
    def asked(self) -> str:
        """ "12 calls of a model, $0.18"; nothing where none was made."""
        if not self.calls:
            return ""
        return f"{counted(self.calls, 'call')} of a model, {dollars(self.cost)}"

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept with the digest."""
        return {
            **asdict(self),
            "judges_from": self.judges_from and self.judges_from.isoformat(),
            "sources": [[source, newest.isoformat()] for source, newest in self.sources],
            "silent": [[source, since.isoformat()] for source, since in self.silent],
            "behind": [[source, until.isoformat()] for source, until in self.behind],
            "silences": [[moment.isoformat() for moment in ends] for ends in self.silences],
        }

    @property
    def older(self) -> int:
        """How many events came in during the window but had happened before it."""
        return max(0, self.arrived - self.events)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Footer":
        """The footer that `as_json` wrote down."""
        judges_from = values.get("judges_from")
        return Footer(
            **{
                **values,
                "judges_from": datetime.fromisoformat(judges_from) if judges_from else None,
                "sources": _moments(values["sources"]),
                "silent": _moments(values.get("silent", ())),
                "behind": _moments(values.get("behind", ())),
                "silences": tuple(
                    (datetime.fromisoformat(start), datetime.fromisoformat(end))
                    for start, end in values.get("silences", ())
                ),
            }
        )


def _moments(named: Iterable[tuple[str, str]]) -> tuple[tuple[str, datetime], ...]:
    return tuple((name, datetime.fromisoformat(moment)) for name, moment in named)


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest: the window it covers, and its cards by rank.

    `unclaimed` are the cards of earlier days that nobody has taken yet, `resolved` those of what
    was fixed in the window, `episodes` the numbers of the episodes it tells of. While too little is
    known to call anything unusual, `seen` is what came in, by rank, and `also_seen` how many more
    there are. `audience` says what its channel is limited to, if so, and `left_out` how many cards
    that left out.
    """

    since: datetime
    until: datetime
    cards: tuple[Card, ...]
    footer: Footer
    late: bool = False
    unclaimed: tuple[Card, ...] = ()
    resolved: tuple[Card, ...] = ()
    episodes: tuple[int, ...] = ()
    seen: tuple[Card, ...] = ()
    also_seen: int = 0
    audience: str = ""
    left_out: int = 0


def figures(card: Card) -> dict[str, Any]:
    """The numbers that a digest shows of a card, as plain values to be stored with it."""
    return {
        "last_day": card.last_day,
        "usual_day": card.usual_day,
        "daily": list(card.daily),
        "customers": [list(one) for one in card.customers],
        "whys": [why.as_json() for why in card.whys],
    }


def with_figures(card: Card, kept: Mapping[str, Any]) -> Card:
    """A card of now with the numbers of a stored digest: those of a window that is over stay,
    whatever was read late or merged since."""
    return replace(
        card,
        last_day=kept["last_day"],
        usual_day=kept["usual_day"],
        daily=tuple(kept["daily"]),
        customers=tuple((name, count) for name, count in kept["customers"]),
        whys=tuple(map(Why.from_json, kept["whys"])),
    )


def named(service: str) -> str:
    """A service as people read it: "(no service)" where an event names none."""
    return service or "(no service)"


def analyst(card: Card) -> str:
    """Who explained a card: "Claude (claude-haiku-5-5)", "rules", "rules: budget of today used up".
    Also what came of asking again, if that gave nothing better."""
    if card.explained_at is None:
        return f"rules: {card.unexplained}" if card.unexplained else "rules"
    maker = "Claude" if card.analyst.startswith("claude-") else "AI"
    since = f"; asked again: {card.unexplained}" if card.unexplained else ""
    return f"{maker} ({card.analyst}{since})"


_SAID = {
    Kind.CRITICAL: "critical",
    Kind.NEW: "new",
    Kind.SPIKE: "spiking",
    Kind.SPREAD: "spreading",
    Kind.BACK: "back",
}


def verdict(digest: Digest) -> str:
    """The first line: "3 new · 1 spiking · 1 of earlier days · 214 quiet".

    Each signature counts once, as the most urgent thing it is. Those of earlier days may not have
    been seen in the window; the others, with what mutes hid, add up to the footer's count.
    """
    counts = Counter(kind for card in digest.cards for kind in card.kinds[:1])
    parts = [f"{counts[kind]} {said}" for kind, said in _SAID.items() if counts[kind]]
    if digest.unclaimed:
        parts = [*(parts or ["Nothing new"]), f"{len(digest.unclaimed)} of earlier days"]
    behind = digest.footer
    if behind.judges_from:
        return " · ".join([*parts, "cannot judge yet", f"{behind.signatures} seen"]).capitalize()
    return " · ".join([*(parts or ["Nothing unusual"]), f"{behind.quiet} quiet"])


def caveat(digest: Digest) -> str:
    """Why nothing can be judged yet and what to do about it; empty if it can."""
    moment = digest.footer.judges_from
    better = "At once, and better: read two weeks of old logs with triage ingest."
    return f"{cannot_judge(moment)} {better}" if moment else ""


def cannot_judge(until: datetime) -> str:
    """Why nothing can be called unusual before a moment."""
    return (
        "What is unusual shows only against a whole day of errors before the last 24 hours: "
        f"from {written(until)} on. Until then only what is critical is called out, when "
        "it is first seen."
    )


def deafness(digest: Digest) -> str:
    """The times, ended in the window, in which nothing at all came, in words; empty if there were
    none."""
    if not digest.footer.silences:
        return ""
    named = ", ".join(
        f"{written(start)} to {written(end)}" for start, end in digest.footer.silences
    )
    return (
        f"Nothing at all came in from {named}, as when nobody listens: that time is no part of "
        "what is usual, and what was not seen in it is not back."
    )


def limits(digest: Digest) -> str:
    """What the digest's channel is limited to and how much that left out, in words; empty without a
    limit."""
    if not digest.audience:
        return ""
    verb = "are" if digest.left_out > 1 else "is"
    return f"Only {digest.audience}; {digest.left_out or 'nothing'} more {verb} unusual."


def share(part: int, whole: int) -> str:
    """A percentage: "61 %", rounded, but never "0 %" for what is not zero."""
    return f"{percent} %" if (percent := round(100 * part / max(1, whole))) or not part else "<1 %"
