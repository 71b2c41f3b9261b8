"""What people read in a terminal: the same cards as on Slack, as plain text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.core import incident, priority
from bot.core.baseline import hour_of, start_of
from bot.core.decision import Decision
from bot.core.digest import (
    Card,
    Digest,
    Footer,
    analyst,
    cannot_judge,
    caveat,
    deafness,
    named,
    share,
    verdict,
)
from bot.core.episode import Why
from bot.core.event import Event
from bot.core.finding import Kind
from bot.core.incident import Incident
from bot.core.moment import written
from bot.core.plural import counted
from bot.core.receipt import spelled
from bot.core.redaction import Redactor
from bot.core.retention import Budget
from bot.core.source import Asked, Backlog, Source
from bot.core.trail import Decided
from bot.core.trend import sparkline
from bot.core.unseen import clean
from bot.flows.compare import Comparison, by_kind
from bot.flows.detect import Opened
from bot.flows.ingest import Account
from bot.flows.preview import WITH_IT, Preview
from bot.flows.record import Recorded
from bot.flows.recount import Reasons, Recount, Unusual, as_stored
from bot.flows.replay import TICK, Tally
from bot.flows.survey import Survey
from bot.flows.watch import INTERVAL
from bot.sources.pulled import Page
from storage.holdings import HOLDS

_STEPS = 2
_MENTION, _NAME = re.compile("^<@(.+?)>"), r"\1"
_SAID_BY_ITSELF = {Decision.UNDO, Decision.TOO_LATE, Decision.DENY}
"""Their sentence has the reason in it."""
_MERGED = 5
_TRIED = 3


def digest(shown: Digest) -> str:
    """A digest, verdict first."""
    return "\n".join(_digest(shown)) + "\n"


def listed(shown: Sequence[Card], *, empty: str, further: int = 0) -> str:
    """Some signatures, a line each, or what to say where there are none."""
    lines = [_line(one) for one in shown] or [clean(empty)]
    more = [f"… and {further:,} more"] if further > 0 else []
    return "\n".join([*lines, *more]) + "\n"


def _line(shown: Card) -> str:
    kinds = " + ".join(kind.value.upper() for kind in shown.kinds) or "not called out"
    what = f"{shown.short_id:<6} {kinds:<10} {shown.where}  {shown.title}"
    often = f"{shown.last_day:,} in 24 h, {_usual(shown)}"
    return clean(f"{what}: {often}; owner {shown.owner or 'nobody yet'}, {_standing(shown)}")


def card(shown: Card, history: Sequence[Decided] = ()) -> str:
    """One signature as a digest tells it, with what support may say, an event of it, and what was
    decided on it."""
    analysis = shown.analysis
    told = (
        ("means", analysis.explanation or analysis.summary),
        ("customer", analysis.customer_communication),
    )
    lines = [
        *_card(shown),
        f"  priority   {_priority(shown)}",
        *(clean(f"  {name:<9}  {said}") for name, said in told if said),
        f"  in all     {shown.total:,}, {written(shown.first_seen)} to {written(shown.last_seen)}",
        *(clean(f"  {line}") for line in _merged(shown)),
        *(["", "An event of it:"] if shown.sample else []),
        *(clean(f"  {line}") for line in shown.sample.splitlines()),
        *(["", "Decided, the latest first:"] if history else []),
        *(clean(f"  {written(one.at)}  {_decided(one)}") for one in history),
    ]
    return "\n".join(lines) + "\n"


def _decided(one: Decided) -> str:
    reason = f": {one.reason}" if one.reason and one.kind not in _SAID_BY_ITSELF else ""
    return f"{_MENTION.sub(_NAME, one.sentence)}{reason}"


def _priority(shown: Card) -> str:
    found = priority.of(shown)
    return clean(f"{found.score} of {priority.HIGHEST}: {found.sum}")


def _merged(shown: Card) -> Iterator[str]:
    """What it counts for as well, the latest first."""
    for one in shown.merged[:_MERGED]:
        since = f"since {written(one.at)} by {one.by}: {one.reason}"
        yield f"{'merged':<9}  {one.short_id}, {one.total:,} in all, {since}"
    if (rest := len(shown.merged) - _MERGED) > 0:
        yield f"{'':<9}  and {rest:,} more"


def reasons(found: Reasons) -> str:
    """Why a signature is or was unusual, each with its numbers as stored and counted again."""
    shown = found.card
    over = f", over since {written(found.over_since)}" if found.over_since else ""
    usual = "not judged yet" if found.judges_from else f"as usual{over}"
    kinds = ", ".join(one.kind.value for one in found.findings) or usual
    lines = [
        clean(f"{shown.short_id}  {shown.where}  {shown.title}"),
        f"{written(shown.as_of)}: {kinds}; {shown.last_day:,} in 24 h, {_usual(shown)}",
        f"Priority {_priority(shown)}",
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


def status(account: Account) -> str:
    """How far the reading is, in one line."""
    known = account.recorded
    return (
        f"{counted(account.lines, 'line')} → {counted(known.events, 'event')} → "
        f"{counted(len(known.signature_ids), 'signature')} ({known.new_signatures:,} new)"
    )


def summary(account: Account) -> str:
    """What came of reading some inputs, or that there was no error in them."""
    known = account.recorded
    rest = (
        f"{known.duplicates:,} known already, {account.quiet:,} below error, "
        f"{account.unreadable:,} unreadable"
    )
    passed_by = [unsaid(account.unsaid)] if account.unsaid else []
    if account.newest is None and not account.unreadable:
        none = f"{counted(account.lines, 'line')}, none at error or worse: nothing to record"
        return "\n".join((none, *passed_by))
    return "\n".join((status(account), rest, *passed_by))


def last_day(newest: datetime, *, now: datetime) -> str:
    """How to see the day that ends with the newest event: by the end of its hour, which counts as a
    whole, or while that goes on of its minute."""
    end = start_of(hour_of(newest) + 1)
    at = end if end <= now else newest + timedelta(minutes=1)
    return f"The last day of them: triage digest --dry-run --now {at:%Y-%m-%dT%H:%M}Z"


def unsaid(records: int) -> str:
    """That some records of text say no level, so that their words decided."""
    says, tells = ("say", "tell") if records > 1 else ("says", "tells")
    return (
        f"{records:,} of those below error {says} no level and {tells} of no failure: --picked "
        "takes each line for an error"
    )


def nameless(account: Account) -> str:
    """That new events name no service, which they are never given later."""
    known = account.recorded
    return (
        f"{known.nameless:,} of {counted(known.events, 'new event')} named no service, and it "
        "stays blank: --service NAME gives one to those of the next log"
    )


def preview(shown: Preview) -> str:
    """What would be sent to a model about a signature, whether it is, and who stays unnamed."""
    asked = shown.prompt
    size = f"{len(asked.system) + len(asked.user):,} characters"
    names = [f"  {pseudonym} is {name}" for pseudonym, name in asked.names.names.items()]
    return "\n".join(
        (
            f"{shown.short_id}: prompt {asked.id} {asked.version}, {size}. {shown.said}",
            *("--- system ---", asked.system, "--- user ---", asked.user, "--- end ---", WITH_IT),
            *(["Who stays here:", *names] if names else []),
        )
    )


def empty(name: str) -> str:
    """That an input has not a single line, and where the lines may be."""
    if name == "stdin":
        return (
            "stdin is empty: nothing was piped in. Programs often write errors to stderr: "
            "COMMAND 2>&1 | triage ingest -"
        )
    return (
        f"{name} is empty, it has not a single line: was it rotated just now, or does its program "
        "log elsewhere? Of a service: journalctl -u NAME -o json | triage ingest -"
    )


def played(account: Account | None, tally: Tally) -> str:
    """What a replay played, of a file by its account, also where there was nothing in it."""
    known = tally.recorded
    if not known.events:
        return summary(account) if account else "No event is counted in this database."
    read = f"{counted(account.lines, 'line')} → " if account else ""
    return (
        f"{read}{counted(known.events, 'event')} → "
        f"{counted(len(known.signature_ids), 'signature')} on {counted(len(tally.days), 'day')}"
    )


def alerts(tally: Tally) -> str:
    """How many alerts there were of each kind, and how long after what made them so."""
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


def strays(events: int) -> str:
    """That some dates were no time to set a clock by."""
    return (
        f"{counted(events, 'event')} dated more than a month from those beside them: wrong dates, "
        "or strays of an old log. Each counts on its own date; no clock followed"
    )


def ahead(events: int) -> str:
    """That some dates are yet to come, and what became of them."""
    return (
        f"{counted(events, 'event')} dated later than now, so counted as of now: is the clock of "
        "whoever wrote that set, and its time zone?"
    )


def unordered(late: int, known: Recorded) -> str:
    """That so many events stood out of order, and what that does."""
    return (
        f"{late:,} of {known.events + known.duplicates:,} events are older than what stood before "
        "them: each is judged by its own time, but sort the file by time for `triage replay` to "
        "show alerts when they would have come"
    )


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


def _digest(shown: Digest) -> Iterator[str]:
    late = " (late)" if shown.late else ""
    yield f"{verdict(shown)}{late}"
    yield f"{written(shown.since)} to {written(shown.until)}"
    yield from filter(None, (caveat(shown), deafness(shown)))
    for found in incident.group(shown.cards):
        yield ""
        if found.siblings:
            yield clean(f"{'INCIDENT':<12} {_incident(found)}")
        for card in found.cards:
            yield from _card(card)
    if shown.seen:
        yield ""
        yield "Seen so far:"
        yield from map(_seen, shown.seen)
        if shown.also_seen:
            yield f"  … and {shown.also_seen:,} more"
    if shown.unclaimed:
        yield ""
        yield clean(f"Still unclaimed: {', '.join(map(_waiting, shown.unclaimed))}")
    if shown.resolved:
        yield ""
        mended = ", ".join(f"{card.short_id} {card.where} {card.title}" for card in shown.resolved)
        yield clean(f"Resolved since: {mended}")
    yield ""
    yield _footer(shown.footer)


def _incident(found: Incident) -> str:
    """How far it reaches, and why it is one."""
    reach = ", ".join(
        (
            counted(len(found.services), "service"),
            counted(len(found.customers), "customer"),
            f"since {written(found.since)}",
        )
    )
    return f"{found.lead.short_id} and {len(found.siblings)} more: {reach}; {found.reason}"


def _card(card: Card) -> Iterator[str]:
    kinds = " + ".join(kind.value.upper() for kind in card.kinds)
    yield clean(f"{kinds:<12} {card.short_id}  {card.where}  {card.title}")
    for why in card.reasons:
        yield clean(f"  why        {why.kind.value}: {why.reason}{_times(why)}")
        if why.formula:
            yield clean(f"  threshold  above {why.formula}")
    yield f"  seen       {card.last_day:,} in 24 h, {_usual(card)}  {sparkline(card.daily)}"
    if card.after_deploy:
        yield clean(f"  deploy     first seen {card.after_deploy}")
    if card.customers:
        yield clean(f"  customers  {_customers(card)}")
    by = f", by {card.rerouted_by}" if card.rerouted_by else ""
    yield clean(f"  owner      {card.owner} ({card.owner_reason}{by}), {_standing(card)}")
    analysis = card.analysis
    yield clean(f"  severity   {analysis.severity.value}: {analysis.user_impact}")
    yield clean(
        f"  cause      {analysis.likely_cause} "
        f"(by {_analyst(card)}, {analysis.confidence.value} confidence)"
    )
    for number, action in enumerate(analysis.immediate_actions[:_STEPS], 1):
        yield clean(f"  {'first' if number == 1 else 'then':<9}  {action}")


def _waiting(card: Card) -> str:
    """Which it is, and since how many days nobody has it, while it is unusual."""
    days = f" (day {card.unclaimed_day})" if card.unclaimed_day else ""
    return f"{card.short_id} {card.where} {card.title}{days}"


def _seen(card: Card) -> str:
    """What came in before anything could be judged, in a line."""
    parts = [
        f"{card.short_id}  {card.where}  {card.title}: {card.last_day:,} in 24 h",
        *([counted(len(card.customers), "customer")] if card.customers else []),
        f"owner {card.owner or 'nobody yet'}",
    ]
    return clean(f"  {', '.join(parts)}")


def _analyst(card: Card) -> str:
    at = f", {written(card.explained_at)}" if card.explained_at else ""
    return f"{analyst(card)}{at}"


def _times(why: Why) -> str:
    counted = f" (counted {written(why.true_at)})" if why.true_at else ""
    return f"{counted}; over since {written(why.ended_at)}" if why.ended_at else counted


def _usual(card: Card) -> str:
    if card.first_seen > card.as_of:
        return f"first seen later, {written(card.first_seen)}"
    return f"usually {card.usual_day:.1f} a day" if card.usual_day else "none before"


def _standing(card: Card) -> str:
    if card.assignee and card.claimed_at:
        return f"claimed by {card.assignee} {written(card.claimed_at)}"
    day = f", day {card.unclaimed_day}" if card.unclaimed_day > 1 else ""
    return f"{card.state.value}{day}"


def _customers(card: Card) -> str:
    total = sum(count for _, count in card.customers)
    most = [f"{name} {share(count, total)}" for name, count in card.customers[:5]]
    more = [f"+{len(card.customers) - 5} more"] if len(card.customers) > 5 else []
    return ", ".join([*most, *more])


def _footer(footer: Footer) -> str:
    hidden = f" · mutes hid {counted(footer.hidden_events, 'event')}" if footer.muted else ""
    came = f"{counted(footer.events, 'event')} → {counted(footer.signatures, 'signature')}"
    older = (
        f" · {counted(footer.older, 'event')} of earlier days came in too" if footer.older else ""
    )
    return f"{came}{older}{hidden} · {footer.asked or 'explained by rules, no model was asked'}"


def sources(
    found: Sequence[Source],
    asked: Sequence[Asked],
    configured: Mapping[str, str],
    *,
    now: datetime,
) -> str:
    """Where errors came from, a line each, and what is asked for them; `configured` says what each
    lacks here."""
    known = {one.name for one in asked}
    waiting = {name: lacks for name, lacks in configured.items() if name not in known}
    lines = [
        *map(_source, found),
        *(_asked(one, now) for one in asked),
        *(_not_asked(name, lacks) for name, lacks in waiting.items()),
    ]
    return "\n".join(lines) or "Nothing came in within the last 14 days."


def _not_asked(name: str, lacks: str) -> str:
    line = f"{name}  not asked yet: `triage serve` does"
    return f"{line}\n  {lacks}" if lacks else line


def _asked(one: Asked, now: datetime) -> str:
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
    return _minutes(span) if hours < _FEW_HOURS else f"{hours:.0f} h"


_FEW_HOURS = 2


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


def _used(budget: Budget) -> str:
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
    """What is known of errors beside their messages, and what might be it where nothing is."""
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
    lag = round(one.lag.total_seconds())
    counts = (
        f"{one.events:,} errors came in within 24 h  newest {newest}  came {came}  lag {lag:,} s"
    )
    return f"{one.name}  {state}  {counts}\n  {one.hearing.reason}"
