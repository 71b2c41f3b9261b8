"""Why errors are unusual, and what is found when that is judged again."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.detection.receipt import spelled
from bot.core.telling.digest import cannot_judge
from bot.core.wording.moment import written
from bot.core.wording.unseen import clean
from bot.flows.recount import Reasons, Recount, Unusual, as_stored
from bot.terminal.cards import often, ranked


def reasons(found: Reasons) -> str:
    """Why a signature is or was unusual, each time with its numbers as stored and judged again."""
    shown = found.card
    over = f", over since {written(found.over_since)}" if found.over_since else ""
    usual = "not judged yet" if found.judges_from else f"as usual{over}"
    kinds = ", ".join(one.kind.value for one in found.findings) or usual
    lines = [
        clean(f"{shown.short_id}  {shown.where}  {shown.title}"),
        f"{written(shown.as_of)}: {kinds}; {shown.last_day:,} in 24 h, {often(shown)}",
        f"Priority {ranked(shown)}",
    ]
    told = [[*_reason(one.episode.reason, one.episode.receipt)] for one in found.recounts]
    for finding in found.findings:
        said = [*_reason(finding.reason, as_stored(finding))]
        if said not in told:
            lines += ["", f"{finding.kind.value.upper()} at {written(shown.as_of)}", *said]
            told.append(said)
    for recount in found.recounts:
        lines += ["", *_recount(recount)]
    if not (found.recounts or found.findings):
        lines.append("It was never called unusual.")
        lines += [cannot_judge(found.judges_from)] if found.judges_from else []
    return "\n".join(lines) + "\n"


def unusual(found: Unusual) -> str:
    """The most urgent that are unusual, as `reasons` tells each, and how many more there are."""
    if not found.first:
        early = f" {cannot_judge(found.judges_from)}" if found.judges_from else ""
        return f"Nothing is unusual now.{early} Of one signature: triage why ID\n"
    more = found.total - len(found.first)
    rest = (
        [f"… and {more:,} more are unusual, or were lately. Of one signature: triage why ID\n"]
        if more
        else []
    )
    return "\n".join([*map(reasons, found.first), *rest])


def _recount(recount: Recount) -> Iterator[str]:
    episode, again = recount.episode, recount.found
    ended = f", over {written(episode.closed_at)}" if episode.closed_at else ", not over"
    yield f"{episode.kind.value.upper()}, called out {written(episode.opened_at)}{ended}"
    yield from _reason(episode.reason, episode.receipt)
    at = f"Counted again for {written(recount.at)}"
    if recount.is_same:
        yield f"  {at}: the same."
        return
    yield f"  {at}, with what came, was merged or was set otherwise since:"
    yield from _reason(again.reason, as_stored(again)) if again else ["  as usual"]


def _reason(reason: str, numbers: Mapping[str, Any]) -> Iterator[str]:
    yield clean(f"  {reason}")
    yield clean(f"  {spelled(numbers)} (By detection rules {numbers.get('version', '?')}.)")
