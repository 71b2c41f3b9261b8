"""What people read in a terminal: the same cards as on Slack, as plain text."""

from collections.abc import Iterator

from bot.core.digest import Card, Digest, Footer, verdict

BARS = "▁▂▃▄▅▆▇█"
_UNSAFE = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160))}
"""Control characters out of a log could move the cursor, or worse: they are shown as dead."""


def digest(shown: Digest) -> str:
    """A digest, verdict first."""
    return "\n".join(_digest(shown)) + "\n"


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
        yield "Still unclaimed: " + ", ".join(f"{c.short_id} {c.service}" for c in shown.unclaimed)
    yield ""
    yield _footer(shown.footer)


def _card(card: Card) -> Iterator[str]:
    kinds = " + ".join(kind.value.upper() for kind in card.kinds)
    yield _clean(f"{kinds:<12} {card.short_id}  {card.service}  {card.title}")
    for why in card.whys:
        yield _clean(f"  why        {why.kind.value}: {why.reason}")
    yield f"  seen       {card.last_day:,} in 24 h, usually {card.usual_day:.1f}  {_trend(card)}"
    if card.after_deploy:
        yield _clean(f"  deploy     first seen {card.after_deploy}")
    if card.customers:
        yield _clean(f"  customers  {_customers(card)}")
    held = f", claimed by {card.assignee}" if card.assignee else f", {card.state.value}"
    yield _clean(f"  owner      {card.owner} ({card.owner_reason}){held}")
    analysis = card.analysis
    yield _clean(
        f"  cause      {analysis.likely_cause} "
        f"[{card.analyst}, {analysis.confidence.value} confidence, {analysis.severity.value}]"
    )


def _trend(card: Card) -> str:
    return sparkline(card.daily)


def _customers(card: Card) -> str:
    total = sum(count for _, count in card.customers)
    named = [f"{name} {count * 100 // total} %" for name, count in card.customers[:5]]
    more = [f"+{len(card.customers) - 5} more"] if len(card.customers) > 5 else []  # noqa: PLR2004
    return ", ".join([*named, *more])


def _footer(footer: Footer) -> str:
    hidden = f" · mutes hid {footer.hidden_events:,} events" if footer.muted else ""
    return f"{footer.events:,} events → {footer.signatures} signatures{hidden} · rules only, 0 calls"


def _clean(line: str) -> str:
    return line.translate(_UNSAFE)
