"""Where errors come from, and what came of asking there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.detection.reason import duration
from bot.core.event import Event
from bot.core.intake.source import Backlog, Pulled, Source
from bot.core.redaction import Redactor
from bot.core.wording.moment import written
from bot.core.wording.plural import counted
from bot.sources.pulled import Page

_TRIED = 3


def sources(
    found: Sequence[Source],
    pulled: Sequence[Pulled],
    configured: Mapping[str, str],
    *,
    now: datetime,
) -> str:
    """Where errors came from, a line each; then the sources we pull from. `configured` says what
    each of these lacks here."""
    known = {one.name for one in pulled}
    waiting = {name: lacks for name, lacks in configured.items() if name not in known}
    lines = [
        *map(_source, found),
        *(_pulled(one, now) for one in pulled),
        *(_not_asked(name, lacks) for name, lacks in waiting.items()),
    ]
    return "\n".join(lines) or "Nothing came in within the last 14 days."


def _not_asked(name: str, lacks: str) -> str:
    line = f"{name}  not asked yet: `triage serve` does"
    return f"{line}\n  {lacks}" if lacks else line


def _pulled(one: Pulled, now: datetime) -> str:
    up_to = f"read up to {written(one.reached)}" if one.reached else "not read yet"
    if one.backlog and one.reached:
        up_to += f"  catching up: {_progress(one.backlog, one.reached, now)}"
    if one.is_limited:
        until = f", limited until {one.again:%H:%M} UTC" if one.again else ""
        return f"{one.name}  waiting{until}  {up_to}\n  {one.trouble}"
    if not one.failures:
        return f"{one.name}  asked  {up_to}"
    again = f"; again at {one.again:%H:%M:%S}" if one.again else ""
    times = counted(one.failures, "time")
    return f"{one.name}  FAILS  {up_to}  {times} in a row{again}\n  {one.trouble}"


def _progress(backlog: Backlog, reached: datetime, now: datetime) -> str:
    read, left = backlog.read(reached, now=now), backlog.left(reached, now=now)
    share = f"{int(100 * read)} % of what came since {backlog.begin:%Y-%m-%d %H:%M}"
    return f"{share}, about {_span(left)} left" if left else share


def _span(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{span / timedelta(minutes=1):.0f} min" if hours < _FEW_HOURS else f"{hours:.0f} h"


_FEW_HOURS = 2


def tried(origin: str, pages: Sequence[Page], *, by: Redactor) -> str:
    """What the first pages of a source came to."""
    events = [one for page in pages for one in page.delivery.events]
    unreadable = [one for page in pages for one in page.delivery.unreadable]
    read = "its first page" if len(pages) < 2 else f"its first {counted(len(pages), 'page')}"
    said = [f"{origin} answers: {counted(len(events), 'error')} on {read}."]
    if unreadable:
        broken = counted(len(unreadable), "record")
        said.append(f"{broken} cannot be read, such as: {unreadable[0].reason}")
    if not events:
        said.append("That may be as it is: --hours 24 looks further back, and the query decides.")
        return "\n".join(said)
    newest = sorted(events, key=lambda one: one.time)[-_TRIED:]
    return "\n".join([*said, *_found(events, by), *(_glimpse(one, by) for one in newest)])


def _found(events: Sequence[Event], by: Redactor) -> Iterator[str]:
    """What the events say beside their messages, and, where they say none of it, which fields may
    hold it."""
    for name in _KNOWN:
        values = [value for one in events if (value := getattr(one, name))]
        if values:
            shown = ", ".join(by(value).text[:60] for value in list(dict.fromkeys(values))[:_SHOWN])
            yield f"  {name:<12}{len(values):>7,} of {len(events):,}  {shown}"
    missing = [name for name in _KNOWN if not any(getattr(one, name) for one in events)]
    others = dict.fromkeys(by(name).text for one in events for name in one.attributes)
    if missing:
        yield f"  None names its {', '.join(missing)}: [fields] says what holds it."
        yield f"  They say besides: {', '.join([*others][:_OTHERS]) or 'nothing'}."


_KNOWN = ("service", "environment", "customer", "version", "host", "error_type", "trace_id")
_SHOWN = 3
_OTHERS = 30


def _glimpse(one: Event, by: Redactor) -> str:
    begun = by(one.message.partition("\n")[0]).text[:100]
    return f"  {one.time:%Y-%m-%d %H:%M:%S}  {one.service or '(no service)'}  {begun}"


def _source(one: Source) -> str:
    state = "SILENT" if one.hearing.is_silent else "heard"
    newest, came = f"{one.newest:%Y-%m-%d %H:%M}", written(one.received)
    seconds = round(one.lag.total_seconds())
    lag = duration(seconds // 3600) if seconds >= 7200 else f"{seconds:,} s"
    errors = counted(one.events, "error")
    counts = f"{errors} came in within 24 h  newest {newest}  came {came}  lag {lag}"
    return f"{one.name}  {state}  {counts}\n  {one.hearing.reason}"
