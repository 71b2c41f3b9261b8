"""What the database holds."""

from collections.abc import Sequence
from datetime import datetime

from bot.core.intake.retention import RowBudget
from bot.core.wording.plural import counted
from bot.flows.survey import Survey
from storage.holdings import HOLDS


def held(found: Survey) -> str:
    """What the database holds, a table a line, and how much of it goes within a day."""
    rows = [
        (
            one.table,
            f"{one.rows:,}",
            "" if one.size is None else _size(one.size),
            _day(one.oldest),
            _day(one.newest),
            f"{found.going.rows[one.table]:,}" if found.going.rows.get(one.table) else "",
        )
        for one in found.held
    ]
    titles = ("table", "rows", "size", "oldest", "newest", "going")
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    first, *lines = (_columns(row, widths) for row in (titles, *rows))
    wide = max(map(len, (first, *lines)))
    held = [
        f"{line.ljust(wide)}  {HOLDS[one.table]}"
        for line, one in zip(lines, found.held, strict=True)
    ]
    free = f", {_size(found.whole.free)} of it free" if found.whole.free else ""
    days = counted(found.going.hours, "sighting")
    becomes = f" {days} of hours become sightings of days." * (found.going.hours > 0)
    return "\n".join(
        [
            f"{_size(found.whole.size)}{free}",
            "",
            first,
            *held,
            "",
            f"going: what [retention] lets go of within a day, at most.{becomes}",
            *(f"{one.setting} {_used(one)}" for one in found.budgets),
        ]
    )


def _used(budget: RowBudget) -> str:
    said = f"= {budget.most:,}, of which {budget.used:.0%} is used"
    return f"{said}: the oldest go sooner" if budget.used > 1 else said


def _columns(row: Sequence[str], widths: Sequence[int]) -> str:
    """The name to the left, numbers and days to the right."""
    name, *rest = row
    padded = [one.rjust(width) for one, width in zip(rest, widths[1:], strict=True)]
    return "  ".join([name.ljust(widths[0]), *padded]).rstrip()


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""
