"""Gather what is known of a signature: the evidence that a model may be shown."""

from datetime import datetime

from sqlmodel import Session

from bot.core import rules
from bot.core.asking.evidence import Evidence, Neighbour, Sample
from bot.core.hour import hour_of, start_of
from bot.core.telling import incident
from bot.core.telling.digest import Card
from bot.flows import describe
from storage import anomalies, samples, sightings, signatures, tables
from storage.tables import Signature

NEAR = 40
"""Of a storm of thousands, so many that began nearest in time may be of the same incident."""


def gather(session: Session, signature: Signature, *, now: datetime) -> Evidence:
    """All that is known of a signature, as it is stored."""
    card, *others = describe.cards(session, [signature, *_near(session, signature)], now=now)
    together = _incident(card, others)
    return Evidence(
        card=card,
        samples=tuple(_sample(row) for row in samples.of(session, signature.id)),
        began=_began(session, signature),
        neighbours=tuple(
            Neighbour(one.short_id, one.service, one.title)
            for one in together.cards
            if one.short_id != card.short_id
        ),
        tied_by=together.reason,
        customers=tuple(sightings.names(session)),
        steps=rules.steps(describe.symptoms(session, [signature])[signature.id]),
    )


def _began(session: Session, signature: Signature) -> datetime | None:
    """The beginning of the hour in which its oldest open episode began."""
    opened = [one.opened_at for one in anomalies.still_open(session, [signature.id])]
    return start_of(hour_of(min(opened))) if opened else None


def _incident(card: Card, others: list[Card]) -> incident.Incident:
    return next(one for one in incident.group([card, *others]) if card in one.cards)


def _near(session: Session, signature: Signature) -> list[Signature]:
    """The other signatures with an open episode that began within an hour of its own, the nearest
    first."""
    unusual = anomalies.still_open(session)
    began = [one.opened_at for one in unusual if one.signature_id == signature.id]
    if not began:
        return []
    apart = {
        other.signature_id: min(abs(other.opened_at - moment) for moment in began)
        for other in unusual
        if other.signature_id != signature.id
    }
    near = sorted((n for n in apart if apart[n] <= incident.CLOSE), key=apart.__getitem__)[:NEAR]
    rows = signatures.get(session, near)
    return [rows[number] for number in near if number in rows]


def _sample(row: tables.Sample) -> Sample:
    return Sample(
        message=row.message,
        stack=row.stack,
        at=row.time,
        customer=row.customer,
        version=row.version,
    )
