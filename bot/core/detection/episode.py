"""An episode in which a signature behaved unusually, and what people are told of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from bot.core.detection.finding import Finding, Kind
from bot.core.hour import DAY, hour_of, last_hour

CALM = timedelta(hours=6)
"""As usual for so long, and an episode is over: shorter, and what comes and goes is told twice."""
AS_OF = "as_of"
"""In the receipt of what was told late: the moment it was counted for."""
_MOMENTS = ("opened_at", "true_at", "ended_at")


class Span(Protocol):
    """An episode, stored or not, as far as it says what it tells of."""

    @property
    def opened_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def receipt(self) -> Mapping[str, Any]: ...


Known = TypeVar("Known", bound=Span)


@dataclass(frozen=True, slots=True)
class Episode:
    """One anomaly with its receipt; its reason and numbers are those of `updated_at`."""

    kind: Kind
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    receipt: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """What a card says of an episode: the kind, its sentence, and when it opened.

    `true_at` is when the numbers of the sentence were counted, `ended_at` when the episode was
    over; both empty while the sentence is of the hour that the card counts to: beside a card's
    numbers those of another hour would contradict. `formula` is what a spike had
    to be above, and how that came about.
    """

    kind: Kind
    reason: str
    opened_at: datetime
    true_at: datetime | None = None
    ended_at: datetime | None = None
    formula: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept with a digest."""
        moments = {name: getattr(self, name) for name in _MOMENTS}
        return {
            "kind": self.kind.value,
            "reason": self.reason,
            "formula": self.formula,
            **{name: moment and moment.isoformat() for name, moment in moments.items()},
        }

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Why":
        """The why that `as_json` wrote down."""
        moments = {name: values[name] for name in _MOMENTS}
        return Why(
            **{
                **values,
                "kind": Kind(values["kind"]),
                **{name: said and datetime.fromisoformat(said) for name, said in moments.items()},
            }
        )


def as_of(receipt: Mapping[str, Any], updated_at: datetime) -> datetime:
    """The moment an episode's numbers are of, which is not that of its update if it came late."""
    moment = receipt.get(AS_OF)
    return datetime.fromisoformat(moment) if moment else updated_at


def telling(known: Iterable[Known], finding: Finding, at: datetime) -> Known | None:
    """Which of the episodes of its kind tells already of what is found as of a moment in the past.

    That is one that would have gone on: it was not calm between the two for as long as makes an
    episode over, whichever came first. Twice as much as was called out as it happened is worth
    another look; what comes late comes in parts.
    """
    begun = datetime.fromisoformat(finding.receipt.since)
    for one in known:
        last = as_of(one.receipt, one.updated_at)
        first = min(last, _begun(one))
        as_high = AS_OF in one.receipt or finding.receipt.observed <= 2 * one.receipt["observed"]
        if begun < last + CALM and first < at + CALM and as_high:
            return one
    return None


def _begun(one: Span) -> datetime:
    late = AS_OF in one.receipt
    return datetime.fromisoformat(one.receipt["since"]) if late else one.opened_at


def is_aside(one: Span) -> bool:
    """Whether it was over when it was told: a late one, while another of its kind ran."""
    return AS_OF in one.receipt and one.closed_at == one.opened_at


def is_over(updated_at: datetime, now: datetime) -> bool:
    """Whether an episode that was last confirmed at `updated_at` is over."""
    return now - updated_at >= CALM


def is_another(receipt: Mapping[str, Any], updated_at: datetime, finding: Finding) -> bool:
    """Whether a burst is one of its own, though an episode of its kind is not over, which was last
    confirmed at `updated_at` with this receipt.

    It began after that, or amid a busy day, and is twice as high as any of the 24 hours before: as
    high as that and again as much is worth another look.
    """
    found = finding.receipt
    if found.earlier is None or found.observed <= 2 * found.earlier:
        return False
    return updated_at < datetime.fromisoformat(found.since) or receipt.get("window_hours") == DAY


def once(episodes: Sequence[Episode]) -> list[Episode]:
    """The episodes without those that a critical one tells of already, word for word."""
    critical = [one for one in episodes if one.kind is Kind.CRITICAL]

    def told(one: Episode) -> bool:
        return one.kind is not Kind.CRITICAL and any(
            (whole.opened_at, whole.closed_at) == (one.opened_at, one.closed_at)
            and is_told(one.reason, whole.reason)
            for whole in critical
        )

    return [one for one in episodes if not told(one)]


def whys(newest_first: Iterable[Episode], *, until: datetime) -> tuple[Why, ...]:
    """What a card says of a signature's episodes at a moment: of each kind the newest, and what
    runs before what was told beside it."""
    told: dict[Kind, Why] = {}
    for episode in sorted(newest_first, key=is_aside):
        if episode.opened_at <= until:
            told.setdefault(episode.kind, _why(episode, until))
    return tuple(told.values())


def is_told(reason: str, by_critical: str) -> bool:
    """Whether the reason of a critical episode has this one in it, word for word."""
    return by_critical.endswith(f": {reason}")


def _why(episode: Episode, until: datetime) -> Why:
    ended = episode.closed_at if episode.closed_at and episode.closed_at <= until else None
    other_hour = hour_of(episode.updated_at) != last_hour(until)
    return Why(
        episode.kind,
        episode.reason,
        episode.opened_at,
        true_at=episode.updated_at if ended or other_hour else None,
        ended_at=ended,
        formula=str(episode.receipt.get("formula", "")),
    )
