"""The address of a site's logs for an error."""

from datetime import UTC, datetime, timedelta
from string import Formatter
from urllib.parse import quote, urlsplit

BEFORE, AFTER = timedelta(hours=1), timedelta(minutes=5)
"""Around when an error was last seen: what led to it, and what came of it."""
FIELDS = ("service", "environment", "from", "to", "from_ms", "to_ms")
"""What an address may leave open: times as in 2026-11-18T12:00:00Z, or in milliseconds."""
LONGEST = 3_000
"""Characters that a button on Slack takes."""


def flaw(address: str) -> str:
    """What is wrong with an address to be filled in; empty if nothing is."""
    if not address.startswith(("https://", "http://")):
        return "begins with https:// or http://"
    if any(one.isspace() for one in address):
        return "has no space in it; one is written %20"
    try:
        host = urlsplit(address).netloc
        parts = [part[1:] for part in Formatter().parse(address)]
    except ValueError:
        parts = [("", "", None)]
    known = {(name, "", None) for name in FIELDS} | {(None, None, None)}
    if set(parts) <= known:
        return "names a host and leaves none of it open" if not host or "{" in host else ""
    allowed = ", ".join(f"{{{name}}}" for name in FIELDS)
    return f"leaves open only {allowed}; any other brace is written %7B or %7D"


def filled(address: str, *, service: str, environment: str, last_seen: datetime) -> str:
    """The address of what was logged around that time; "" where it would be too long.

    Nothing of an event can lead it elsewhere: each value is quoted as one part of a query.
    """
    since, until = (last_seen - BEFORE).astimezone(UTC), (last_seen + AFTER).astimezone(UTC)
    values = {
        "service": service,
        "environment": environment,
        "from": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "from_ms": f"{since.timestamp() * 1000:.0f}",
        "to_ms": f"{until.timestamp() * 1000:.0f}",
    }
    made = address.format(
        **{name: quote(value, safe="", errors="replace") for name, value in values.items()}
    )
    return made if len(made) <= LONGEST else ""
