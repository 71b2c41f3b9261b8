"""What a replay would have called out, and what other settings would change."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.core.detection.finding import Kind
from bot.core.telling.digest import cannot_judge, named
from bot.core.wording.plural import counted
from bot.core.wording.unseen import clean
from bot.flows.compare import Comparison, by_kind
from bot.flows.detect import Opened
from bot.flows.ingest import Account
from bot.flows.replay import TICK, Tally
from bot.flows.watch import INTERVAL
from bot.terminal.accounts import summary


def played(account: Account | None, tally: Tally) -> str:
    """What a replay played, of a file by its account, even if there was nothing in it."""
    known = tally.recorded
    if not known.events:
        return summary(account) if account else "No event is counted in this database."
    read = f"{counted(account.lines, 'line')} → " if account else ""
    return (
        f"{read}{counted(known.events, 'event')} → "
        f"{counted(len(known.signature_ids), 'signature')} on {counted(len(tally.days), 'day')}"
    )


def alerts(tally: Tally) -> str:
    """How many alerts there were of each kind, and how long after the event that caused them."""
    kinds = ", ".join(f"{tally.alerts[kind]:,} {kind.value}" for kind in Kind if tally.alerts[kind])
    found = f"{counted(tally.alerts.total(), 'alert')}{f': {kinds}' if kinds else ''}"
    if tally.judges_from:
        found += f"\n{cannot_judge(tally.judges_from)} Two weeks of events tell most."
    if not tally.delays:
        return found
    middle, longest = sorted(tally.delays)[len(tally.delays) // 2], max(tally.delays)
    return (
        f"{found}\ncalled out {_minutes(middle)} after the event that was one too many, "
        f"{_minutes(longest)} at most: a replay looks every {_minutes(TICK)}, the bot every "
        f"{INTERVAL.seconds} s"
    )


def _minutes(span: timedelta) -> str:
    return f"{span / timedelta(minutes=1):.0f} min"


def alert(at: datetime, opened: Opened) -> str:
    """One alert of a replay in a line."""
    finding = opened.finding
    return clean(
        f"{at:%Y-%m-%d %H:%M}  {finding.kind.value.upper():<8} {opened.short_id:<6} "
        f"{named(opened.service):<12} {finding.reason}"
    )


def changes(found: Comparison, otherwise: Sequence[str]) -> str:
    """What other settings would change: the alerts by kind beside each other, then by name."""
    before, after = by_kind(found.before), by_kind(found.after)
    if before == after and not (found.gone or found.appeared):
        same = counted(before.total(), "alert")
        return clean(f"{', '.join(otherwise)} changes nothing: {same} either way.") + "\n"
    heads = ("as set", clean(", ".join(otherwise)))
    rows = [(kind.value, before[kind], after[kind]) for kind in Kind]
    lines = [f"{'':<10} {heads[0]:>7}  {heads[1]}"]
    for name, one, other in [*rows, ("alerts", before.total(), after.total())]:
        change = f"{other - one:>+8,}" if other != one else ""
        lines.append(f"{name:<10} {one:>7,}  {other:>7,}{change}")
    for name, episodes in (("Gone", found.gone), ("Appeared", found.appeared)):
        lines += ["", f"{name}: {counted(len(episodes), 'alert')}"]
        lines += [f"  {alert(episode.opened_at, episode.opened)}" for episode in episodes]
    lines += ["", f"Called out no more: {_names(found.hidden)}"]
    lines += [f"Called out only then: {_names(found.found)}"]
    return "\n".join(lines) + "\n"


def _names(found: Iterable[Opened]) -> str:
    return clean(", ".join(f"{one.short_id} {named(one.service)}" for one in found)) or "none"
