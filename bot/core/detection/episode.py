"""An episode in which a signature behaved unusually, and what people are told of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from bot.core.detection.finding import Finding, Kind
from bot.core.hour import DAY, hour_of, last_hour

CALM = timedelta(hours=6)
"""An episode is over after so long without a finding; were it shorter, what comes and goes would be
told twice."""
AS_OF = "as_of"
"""The key under which the receipt of what was told late has the moment it was counted for."""
_MOMENTS = ("opened_at", "true_at", "ended_at")


class Span(Protocol):
    """When an episode began, was last confirmed and ended, and its receipt; stored or not."""

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
    """A time in which a signature behaved unusually in one way; `reason` and `receipt` are those of
    `updated_at`, when a judgement last confirmed it."""

    kind: Kind
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    receipt: dict[str, Any]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Why:
    """What a card says of an episode: its kind, the reason in a sentence, and when it opened.

    `true_at` is when the numbers in the sentence were counted, `ended_at` when the episode ended.
    Both are None while the numbers are as fresh as the card's own; else the card must say of when
    they are, or the two would contradict each other. `formula` says how a spike's threshold came
    about.
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
        """The same again, from what `as_json` gave."""
        moments = {name: values[name] for name in _MOMENTS}
        return Why(
            **{
                **values,
                "kind": Kind(values["kind"]),
                **{name: said and datetime.fromisoformat(said) for name, said in moments.items()},
            }
        )


def as_of(receipt: Mapping[str, Any], updated_at: datetime) -> datetime:
    """The moment at which an episode's numbers were counted: of one told late that is earlier than
    `updated_at`."""
    moment = receipt.get(AS_OF)
    return datetime.fromisoformat(moment) if moment else updated_at


def telling(known: Iterable[Known], finding: Finding, at: datetime) -> Known | None:
    """The episode, among those `known` of the same kind, that already tells people of a finding
    about the past moment `at`; None where they should be told.

    An episode tells of it if it lies less than CALM from that moment. But a finding that is more
    than twice as high as an episode which was told in time is told once more.
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
    """Whether an episode was told late while another of its kind ran: it is over from its
    beginning."""
    return AS_OF in one.receipt and one.closed_at == one.opened_at


def is_over(updated_at: datetime, now: datetime) -> bool:
    """Whether an episode that was last confirmed at `updated_at` is over."""
    return now - updated_at >= CALM


def is_another(receipt: Mapping[str, Any], updated_at: datetime, finding: Finding) -> bool:
    """Whether a burst is a new episode although one of its kind is open, which has this receipt and
    was last confirmed at `updated_at`.

    It is if it is more than twice as high as anything in the 24 hours before it, and either began
    after `updated_at` or is part of what was told as a busy day.
    """
    found = finding.receipt
    if found.earlier is None or found.observed <= 2 * found.earlier:
        return False
    return updated_at < datetime.fromisoformat(found.since) or receipt.get("window_hours") == DAY


def once(episodes: Sequence[Episode]) -> list[Episode]:
    """The episodes without those whose reason a critical episode of the same time repeats word for
    word."""
    critical = [one for one in episodes if one.kind is Kind.CRITICAL]

    def told(one: Episode) -> bool:
        return one.kind is not Kind.CRITICAL and any(
            (whole.opened_at, whole.closed_at) == (one.opened_at, one.closed_at)
            and is_told(one.reason, whole.reason)
            for whole in critical
        )

    return [one for one in episodes if not told(one)]


def whys(newest_first: Iterable[Episode], *, until: datetime) -> tuple[Why, ...]:
    """What a card says at a moment of a signature's episodes: of each kind the newest, or one that
    runs rather than a newer one that was told late beside it."""
    told: dict[Kind, Why] = {}
    for episode in sorted(newest_first, key=is_aside):
        if episode.opened_at <= until:
            told.setdefault(episode.kind, _why(episode, until))
    return tuple(told.values())


def is_told(reason: str, by_critical: str) -> bool:
    """Whether the reason of a critical episode holds this one, word for word."""
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
