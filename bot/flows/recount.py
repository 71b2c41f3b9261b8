"""Judge a moment again, from stored sightings: why a signature is or was unusual."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.core.detection.episode import AS_OF, Episode, as_of, once
from bot.core.detection.finding import Finding
from bot.core.detection.threshold import Rules
from bot.core.ownership import decision
from bot.core.ownership.decision import Standing
from bot.core.telling.digest import Card
from bot.core.telling.priority import rank
from bot.flows import compose, describe, find, recall
from bot.flows.judge import judged
from bot.flows.remember import Memory
from storage import anomalies, decisions, signatures
from storage.database import Database
from storage.tables import Signature


@dataclass(frozen=True, slots=True)
class Recount:
    """An episode as stored, and what is found when the moment of its numbers is judged again.

    The two differ where events of that time came later, where signatures were merged or split
    since, or where thresholds were changed. `found` is None where nothing unusual is found any
    more.
    """

    episode: Episode
    found: Finding | None

    @property
    def at(self) -> datetime:
        """The moment whose numbers both are."""
        return as_of(self.episode.receipt, self.episode.updated_at)

    @property
    def is_same(self) -> bool:
        """Whether both have the same reason and receipt. An episode that was told late says so at
        the end of its reason; that does not count."""
        if self.found is None:
            return False
        stored = {name: value for name, value in self.episode.receipt.items() if name != AS_OF}
        said, again = self.episode.reason, self.found.reason
        is_late = AS_OF in self.episode.receipt
        is_said = said == again or (is_late and said.startswith(f"{again}; "))
        return is_said and as_stored(self.found) == stored

    @property
    def again(self) -> str:
        """What is found this time, in words."""
        if self.is_same:
            return "the same"
        return self.found.reason if self.found else "as usual"


@dataclass(frozen=True, slots=True)
class Reasons:
    """A signature at a moment, what is unusual about it then, and the episodes that had begun by
    then, the newest first. `judges_from` is set where nothing can be called unusual before that."""

    card: Card
    findings: tuple[Finding, ...]
    recounts: tuple[Recount, ...]
    judges_from: datetime | None = None

    @property
    def over_since(self) -> datetime | None:
        """When its last episode was over, by that moment; None while one runs."""
        ends = [one.episode.closed_at for one in self.recounts]
        over = [end for end in ends if end and end <= self.card.as_of]
        return max(over) if over and len(over) == len(ends) else None


@dataclass(frozen=True, slots=True)
class Unusual:
    """The most urgent of the signatures that a digest of a moment would list; `total` is how many
    it would, `judges_from` as in `Reasons`."""

    first: tuple[Reasons, ...]
    total: int
    judges_from: datetime | None = None


MOST_URGENT = 3
"""So many are explained where no signature is named."""


def why(
    database: Database, short_id: str, *, now: datetime, rules: Rules, newest: int | None = None
) -> Reasons:
    """Why a signature was called unusual, each time judged again: every time, or the `newest` few.

    Raises NotFound.
    """
    with database.read() as session:
        signature = find.by_name(session, short_id)
        return _why(session, signature, now=now, rules=rules, newest=newest)


def most_urgent(database: Database, *, now: datetime, rules: Rules) -> Unusual:
    """The same for the most urgent signatures that a digest of a moment would list; of each kind
    the newest time."""
    with database.read() as session:
        running = signatures.get(session, anomalies.confirmed(session, now))
        going_on = [row for row in running.values() if row.merged_into is None]
        muted, since = decisions.mutes(session), now - timedelta(days=1)
        loud, left, news = compose.listed(session, since=since, until=now, muted=muted)
        rows = {row.short_id: row for row in (*going_on, *left, *loud)}
        others = [row for row in rows.values() if row not in loud]
        ranked = rank(
            [
                *compose.window(session, loud, news, since=since, now=now),
                *compose.cards(session, others, now=now),
            ]
        )
        return Unusual(
            tuple(
                _why(session, rows[card.short_id], now=now, rules=rules, newest=len(card.kinds))
                for card in ranked[:MOST_URGENT]
            ),
            len(ranked),
            recall.judges_from(session, now),
        )


def _why(
    session: Session, signature: Signature, *, now: datetime, rules: Rules, newest: int | None
) -> Reasons:
    rows = anomalies.of(session, [signature.id])
    told = once([one for one in map(describe.told, rows) if one.opened_at <= now])[:newest]
    moments = {now, *(as_of(one.receipt, one.updated_at) for one in told)}
    found = {at: _judged(session, signature, now=at, rules=rules) for at in moments}
    return Reasons(
        card=describe.card(session, signature, now=now),
        findings=found[now],
        recounts=tuple(_recount(one, found[as_of(one.receipt, one.updated_at)]) for one in told),
        judges_from=recall.judges_from(session, now),
    )


def _judged(
    session: Session, signature: Signature, *, now: datetime, rules: Rules
) -> tuple[Finding, ...]:
    found = judged(
        session,
        [signature.id],
        {},
        now=now,
        rules=rules,
        memory=Memory(),
        stood=_stood(session, signature, now),
    )
    return found[signature.id][1] if signature.id in found else ()


def _stood(session: Session, signature: Signature, at: datetime) -> dict[int, Standing]:
    """How a signature stood just before the decisions of a moment: a finding may be the reason for
    one, as when something resolved is reopened."""
    later = [made for made in decisions.of(session, signature.id) if made.at >= at]
    return {signature.id: decision.from_json(later[-1].before)} if later else {}


def _recount(episode: Episode, findings: tuple[Finding, ...]) -> Recount:
    return Recount(episode, next((one for one in findings if one.kind == episode.kind), None))


def as_stored(finding: Finding) -> dict[str, Any]:
    """A receipt as it comes back from storage."""
    stored: dict[str, Any] = json.loads(json.dumps(finding.receipt.as_json()))
    return stored
