"""Find what a model has to explain now: what is unusual, is shown to people, and has no explanation
that is still good."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlmodel import Session

from bot.core.asking import freshness
from bot.core.asking.freshness import Kept, Mark, Wanted
from bot.core.detection import release
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.spending.budget import Feature, Room
from bot.core.spending.routing import Need, Tier, choose
from storage import analyses, anomalies, calls, decisions, deploys, sightings, signatures
from storage.tables import Signature

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A signature that is unusual, and in which ways; its `kept` explanation, and when one was
    `tried` last.

    `customers` (how many it ever hit) and `release` (which it may come from) take long to find out;
    `in_full` adds them where they matter.
    """

    signature: Signature
    kinds: Collection[Kind]
    kept: Kept | None = None
    tried: datetime = _NEVER
    customers: int = 0
    release: str = ""

    @property
    def id(self) -> int:
        """The number of the signature."""
        return self.signature.id

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the signature."""
        return self.signature.fingerprint

    @property
    def team(self) -> str:
        """The team that owns the signature."""
        return self.signature.owner

    @property
    def need(self) -> Need:
        """What decides which class of model it deserves."""
        return Need(
            new=Kind.NEW in self.kinds,
            critical=Kind.CRITICAL in self.kinds,
            spreading=Kind.SPREAD in self.kinds,
        )

    @property
    def mark(self) -> Mark:
        """A short mark of the evidence that an analysis of now would rest on."""
        return freshness.mark(
            events=self.signature.total,
            customers=self.customers,
            release=self.release,
            kinds=self.kinds,
        )

    @property
    def tier(self) -> Tier:
        """The class of model it deserves, even where there is only money for the cheap one.

        An explanation is stored under this class, so that it is not asked for anew once there is
        more money.
        """
        return choose(self.need, Room.OPEN).tier or Tier.CHEAP

    @property
    def rank(self) -> tuple[bool, ...]:
        """A key to order candidates by: what matters more is greater."""
        return self.need.critical, self.need.new, self.need.spreading, self.kept is None


def wanted(
    session: Session, *, prompt: Callable[[str], str], but: Collection[int], now: datetime
) -> list[Candidate]:
    """What is to be explained, without the signatures in `but`: what matters most first, and of
    equals what was not tried for longest. `prompt` gives the name of the prompt for a
    fingerprint."""
    kinds = {number: those for number, those in unusual(session).items() if number not in but}
    candidates = _where_due(session, _awake(session, _shown(session, kinds), now=now), now=now)
    due = [one for one in candidates if _is_due(one, prompt=prompt(one.fingerprint), now=now)]
    longest_first = sorted(due, key=lambda one: (one.tried, one.id))
    return sorted(longest_first, key=lambda one: one.rank, reverse=True)


def is_wanted(session: Session, candidate: Candidate, *, prompt: str, now: datetime) -> bool:
    """Whether a candidate is still to be explained: nobody explained it meanwhile, or tried to."""
    current = replace(candidate, kept=_kept(session, [candidate.id]).get(candidate.id))
    return _is_due(current, prompt=prompt, now=now) and bool(_awake(session, [current], now=now))


def candidate(session: Session, signature: Signature) -> Candidate | None:
    """One signature as a candidate; None where it is as usual, or is not shown to people."""
    kinds = unusual(session).get(signature.id)
    return next(iter(_shown(session, {signature.id: kinds})), None) if kinds else None


def in_full(session: Session, candidates: Collection[Candidate]) -> list[Candidate]:
    """The same candidates, with `customers` and `release`."""
    numbers = [one.id for one in candidates]
    hit = sightings.how_many_hit(session, numbers)
    introduced = deploys.introduced(session, numbers)
    return [
        replace(one, customers=hit[one.id], release=_suspect(one, introduced.get(one.id)))
        for one in candidates
    ]


def _suspect(candidate: Candidate, introduced: tuple[str, datetime] | None) -> str:
    suspect = release.suspect(introduced, candidate.signature.first_seen)
    return suspect[0] if suspect else ""


def unusual(session: Session) -> dict[int, set[Kind]]:
    """The signatures that are unusual now, by number, and in which ways."""
    kinds: dict[int, set[Kind]] = {}
    for episode in anomalies.still_open(session):
        kinds.setdefault(episode.signature_id, set()).add(Kind(episode.kind))
    return kinds


def _is_due(candidate: Candidate, *, prompt: str, now: datetime) -> bool:
    wished = Wanted(candidate.mark, prompt, candidate.tier)
    return freshness.judge(candidate.kept, wished, now=now).ask


def _shown(session: Session, kinds: Mapping[int, set[Kind]]) -> list[Candidate]:
    """Those of the signatures that people are shown, as candidates: neither muted, resolved nor
    merged."""
    muted = decisions.mutes(session, kinds)
    rows = signatures.get(session, kinds.keys() - muted.keys())
    shown = {
        number: row
        for number, row in rows.items()
        if row.state in (State.OPEN, State.CLAIMED) and row.merged_into is None and row.owner
    }
    kept = _kept(session, shown)
    return [Candidate(row, kinds[number], kept.get(number)) for number, row in shown.items()]


def _awake(
    session: Session, candidates: Collection[Candidate], *, now: datetime
) -> list[Candidate]:
    """Those that do not rest after their last call, each with the time of that call."""
    last = calls.latest(session, [one.id for one in candidates], feature=Feature.ANALYSIS)
    return [
        replace(one, tried=last[one.id].at) if one.id in last else one
        for one in candidates
        if one.id not in last or freshness.rests_until(last[one.id].outcome, last[one.id].at) <= now
    ]


def _where_due(
    session: Session, candidates: Collection[Candidate], *, now: datetime
) -> list[Candidate]:
    """The same candidates. Those whose explanation is so old that its evidence has to be compared
    are in full."""
    old = [one for one in candidates if one.kept and now - one.kept.at >= freshness.RECENT]
    known = {one.id: one for one in in_full(session, old)}
    return [known.get(one.id, one) for one in candidates]


def _kept(session: Session, numbers: Collection[int]) -> dict[int, Kept]:
    return {
        number: Kept(
            at=row.asked_at,
            mark=Mark.from_text(row.evidence),
            prompt=row.asked_with,
            tier=Tier(row.tier),
            proven=analyses.is_proven(row),
        )
        for number, row in analyses.of(session, numbers).items()
        if row.analyst != analyses.RULES and row.asked_at
    }
