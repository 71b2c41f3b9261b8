"""JSON records of a source, each with a name that tells it from the others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core.event import Severity
from bot.sources import mapping, sanitise
from bot.sources.mapping import Identity, Quiet, Unfit
from bot.sources.pulled import Source
from bot.sources.pushed import Delivery
from bot.sources.sifting import Unreadable


def put(
    delivery: Delivery, record: Mapping[str, Any], *, of: Source, name: str, received: datetime
) -> None:
    """Add a record to a delivery, as an event of that source under that name, whatever it calls
    itself; its fields are found by the names that the site gave."""
    known = sanitise.word(name)
    identity, roles = Identity(of.origin, lambda _: known), of.fields.roles
    found = mapping.event(record, identity, received=received, minimum=Severity.ERROR, roles=roles)
    if isinstance(found, Quiet):
        delivery.quiet += 1
    elif isinstance(found, Unfit):
        delivery.unreadable.append(Unreadable(of.origin, delivery.records + 1, found.value))
    else:
        service = found.service or of.service
        delivery.events.append(replace(found, source=of.origin, source_id=known, service=service))
