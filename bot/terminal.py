"""What people read in a terminal: the same cards as on Slack, as plain text."""

from collections.abc import Iterator

from bot.core.digest import Card, Digest, Footer, verdict
from bot.flows.ingest import Account

BARS = "▁▂▃▄▅▆▇█"
_STEERING = (*range(32), *range(127, 160))
_HIDING = (0xFEFF, *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A))
_UNSAFE = dict.fromkeys((*_STEERING, *_HIDING), "\N{REPLACEMENT CHARACTER}")
"""What comes out of a log could move the cursor, run backwards or not be seen: it is shown as dead.
"""


def digest(shown: Digest) -> str:
    """A digest, verdict first."""
    return "\n".join(_digest(shown)) + "\n"


def summary(account: Account) -> str:
    """What came of reading some files, and how to see it."""
    counts = account.as_json()
    read = (
        f"{counts['lines']:,} lines → {counts['events']:,} events → "
        f"{counts['signatures']:,} signatures ({counts['new_signatures']:,} new)"
    )
    rest = (
        f"{counts['duplicates']:,} known already, {counts['not_errors']:,} below error, "
        f"{counts['unreadable']:,} unreadable"
    )
    said = [read, rest]
    if account.newest:
        at = f"{account.newest:%Y-%m-%dT%H:%M}Z"
        said.append(f"The last day of them: triage digest --dry-run --now {at}")
    return "\n".join(said)


def sparkline(counts: tuple[int, ...]) -> str:
    """One bar a day, scaled to the highest."""
    top = max(counts, default=0)
    return "".join(BARS[count * (len(BARS) - 1) // top if top else 0] for count in counts)


def _digest(shown: Digest) -> Iterator[str]:
    late = " (late)" if shown.late else ""
    yield f"{verdict(shown)}{late}"
    yield f"{shown.since:%d %b %H:%M} to {shown.until:%d %b %H:%M} UTC"
    for card in shown.cards:
        yield ""
        yield from _card(card)
    if shown.unclaimed:
        yield ""
        waiting = ", ".join(f"{card.short_id} {card.service}" for card in shown.unclaimed)
        yield clean(f"Still unclaimed: {waiting}")
    yield ""
    yield _footer(shown.footer)


def _card(card: Card) -> Iterator[str]:
    kinds = " + ".join(kind.value.upper() for kind in card.kinds)
    yield clean(f"{kinds:<12} {card.short_id}  {card.service}  {card.title}")
    for why in card.whys:
        yield clean(f"  why        {why.kind.value}: {why.reason}")
    yield f"  seen       {card.last_day:,} in 24 h, usually {card.usual_day:.1f}  {_trend(card)}"
    if card.after_deploy:
        yield clean(f"  deploy     first seen {card.after_deploy}")
    if card.customers:
        yield clean(f"  customers  {_customers(card)}")
    held = f", claimed by {card.assignee}" if card.assignee else f", {card.state.value}"
    yield clean(f"  owner      {card.owner} ({card.owner_reason}){held}")
    analysis = card.analysis
    yield clean(
        f"  cause      {analysis.likely_cause} "
        f"[{card.analyst}, {analysis.confidence.value} confidence, {analysis.severity.value}]"
    )


def _trend(card: Card) -> str:
    return sparkline(card.daily)


def _customers(card: Card) -> str:
    total = sum(count for _, count in card.customers)
    named = [f"{name} {count * 100 // total} %" for name, count in card.customers[:5]]
    more = [f"+{len(card.customers) - 5} more"] if len(card.customers) > 5 else []
    return ", ".join([*named, *more])


def _footer(footer: Footer) -> str:
    hidden = f" · mutes hid {footer.hidden_events:,} events" if footer.muted else ""
    return (
        f"{footer.events:,} events → {footer.signatures} signatures{hidden} · rules only, 0 calls"
    )


def clean(line: str) -> str:
    """A line that a terminal shows as it is: what could steer it is dead."""
    return line.translate(_UNSAFE)
