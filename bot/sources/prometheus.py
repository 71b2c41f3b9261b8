"""Alerts that Prometheus' Alertmanager sends to a webhook: each is one error while it fires."""

from collections.abc import Mapping
from typing import Any

from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.sources import fields, mapping, sanitise, spelling
from bot.sources.failure import MESSAGE_CHARACTERS
from bot.sources.fields import Fields
from bot.sources.mapping import ATTRIBUTE_CHARACTERS
from bot.sources.pushed import MOST_RECORDS, Delivery, Push, TooMany
from bot.sources.sifting import Unreadable

LONGEST = 4 << 20
_NAME = "alertname"
_NEVER = "none"
"""Of the one that always fires, to show that alerts come through."""
_URGENT = frozenset({"page", "urgent", "high", "disaster", "sev1", "p1"})
"""What sites call an alert that somebody has to look at, beside the usual names."""


def parse(push: Push) -> Delivery:
    """The firing alerts; one that is resolved, or only warns, is no error.

    An alert is known by its labels and the time it fires since, so that its repetition, hours
    later, adds nothing. Raises SourceError if the body is no notification.
    """
    alerts = _alerts(push.body)
    if len(alerts) > MOST_RECORDS:
        raise TooMany(f"More than {MOST_RECORDS} alerts: group them.")
    delivery = Delivery()
    for number, alert in enumerate(alerts, start=1):
        if not isinstance(alert, dict) or not isinstance(alert.get("labels"), dict):
            delivery.unreadable.append(Unreadable(push.origin, number, "an alert without labels"))
            continue
        event = _event(alert, push)
        if alert.get("status") == "resolved" or event.severity < Severity.ERROR:
            delivery.quiet += 1
        else:
            delivery.events.append(event)
    return delivery


def _alerts(body: bytes) -> list[Any]:
    if len(body) > LONGEST:
        raise TooMany("A notification longer than 4 MiB: group the alerts.")
    try:
        value = sanitise.loads(body)
    except ValueError as error:
        raise SourceError(str(error)) from None
    alerts = value.get("alerts") if isinstance(value, dict) else None
    if not isinstance(alerts, list):
        raise SourceError("No notification of Alertmanager's: it has no alerts.")
    return alerts


def _event(alert: Mapping[str, Any], push: Push) -> Event:
    labels, notes = alert["labels"], alert.get("annotations")
    found = fields.sort({"labels": labels}, push.roles)
    name = sanitise.word(labels.get(_NAME)) or "alert"
    said = _said(notes if isinstance(notes, dict) else {})
    started = sanitise.word(alert.get("startsAt"))
    time = spelling.time(alert.get("startsAt"))
    return Event(
        source=push.origin,
        source_id=f"{sanitise.word(alert.get('fingerprint')) or _labelled(labels)}@{started}",
        time=time or push.received,
        received=push.received,
        message=f"{name}: {said}" if said else name,
        severity=_severity(labels),
        service=sanitise.word(found.get("service") or labels.get("job")) or push.project,
        environment=sanitise.word(found.get("environment")),
        customer=sanitise.word(found.get("customer")) or push.customer,
        version=sanitise.word(found.get("version")),
        host=sanitise.word(found.get("host") or labels.get("instance")),
        error_type=name,
        error_message=said,
        url=sanitise.text(alert.get("generatorURL"), ATTRIBUTE_CHARACTERS),
        attributes=mapping.attributes(_beside(found)),
    )


def _severity(labels: Mapping[str, Any]) -> Severity:
    """The severity that a label names; without one it counts as an error."""
    said = sanitise.word(labels.get("severity")).lower()
    if said == _NEVER:
        return Severity.INFO
    return Severity.ERROR if said in _URGENT else spelling.severity(said) or Severity.ERROR


def _said(notes: Mapping[str, Any]) -> str:
    first = next(
        (notes[name] for name in ("summary", "message", "description") if name in notes), ""
    )
    return sanitise.text(first, MESSAGE_CHARACTERS)


def _labelled(labels: Mapping[str, Any]) -> str:
    return sanitise.text(dict(sorted(labels.items())), 2_000)


def _beside(found: Fields) -> Mapping[str, Any]:
    """The labels besides those for the alert's name and its service."""
    return {name: value for name, value in found.rest.items() if name != _NAME}
