"""`triage replay`."""

import json as notation
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from bot.cli import opened, options
from bot.cli.account import complain_of
from bot.cli.options import AsJson, ConfigFile, Picked, Service, plain, settings
from bot.cli.output import complain, print_json, say
from bot.cli.progress import Way, reading
from bot.core.detection.threshold import Rules
from bot.errors import SettingsError, SourceError
from bot.flows import look
from bot.flows.compare import Comparison, by_kind, compare
from bot.flows.detect import Opened
from bot.flows.ingest import Account, readable
from bot.flows.record import Recorded
from bot.flows.replay import Stop, Tally, recorded, replay, stored
from bot.settings import Settings
from bot.terminal import accounts, replays
from storage.database import Database

app = plain()

File = Annotated[
    str | None,
    typer.Argument(metavar="FILE", help="A log file, plain or gz/xz/zst; - for stdin."),
]
Counted = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Instead of a file: what this database counted."),
]
Otherwise = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Shows what another threshold changes: spike.min_count=20, for some signatures "
        "batch-*:spike.min_count=20 or E-7K2:min_count=20. Repeatable; a wrong name lists them "
        "all.",
    ),
]
Groups = Annotated[
    Path | None,
    typer.Option("--groups", help="Write each event's id and signature to this file."),
]


@app.command(
    "replay",
    epilog="""\b
Examples:
  triage replay last-month.jsonl.xz
  journalctl -o json --since -14d | triage replay - --json
  triage replay --db sqlite:///triage.db --set spike.min_count=20 --set 'batch-*:min_count=50'
""",
)
def play(
    context: typer.Context,
    file: File = None,
    db: Counted = None,
    otherwise: Otherwise = None,
    service: Service = "",
    picked: Picked = False,
    config: ConfigFile = None,
    json: AsJson = False,
    groups: Groups = None,
) -> None:
    """Show what past events would have set off.

    Two weeks of events tell most: what is usual is learned from them.

    Nothing is kept and nothing posted. Formats, fields and what counts as an error are those of
    `triage ingest --help`; an event arrives when its field `received` says, else when it happened.
    A file should be in the order of time: what stands behind later events is called out late, and
    how many those are is said at the end.

    A database holds counts by the hour, not events: with --db each hour is judged once, as it
    ends, and the one that runs as of now. It cannot know the minute, nor what came late: that is in
    the hour it happened in. What is merged counts as it does today, in the severity and release it
    was last seen in.

    \b
    A line for each alert goes to stdout, with the moment, the kind (new, spike,
    spread, back, critical), the signature, the service and the numbers; with
    --json an object a line: day (UTC), at, kind, signature, id, service,
    reason, receipt. The summary goes to stderr.

    \b
    With --set: how many alerts there are of each kind as set and otherwise, which
    are gone, which appear, and the signatures that are called out no more or
    only then. The same kind of the same signature within a day is the same alert;
    what is told once more by one of the two alone is gone, or appears, too.
    """
    chosen = settings(config, db)
    others = _otherwise(chosen, otherwise) if otherwise else None
    if (file is None) == (db is None):
        context.fail("give a file to replay, or --db URL for what a database counted")
    if db and groups:
        context.fail("--groups needs a file: a database holds no single events")
    tally, way = Tally(), Way(service, picked, json, chosen.fields.roles)
    with (
        TemporaryDirectory(prefix="triage-") as folder,
        opened.throw_away(folder) as database,
        (
            _counted(chosen, database, tally)
            if file is None
            else _read(file, chosen, database, tally, groups=groups, way=way)
        ) as (stops, account),
    ):
        changes = _play(
            database, stops, tally, rules=chosen.detection.rules, others=others, json=json
        )
    _tell(account, tally, alerts=changes is None)
    if changes and json:
        print_json(_as_object(changes))
    elif changes:
        sys.stdout.write(replays.changes(changes, otherwise or ()))


def _otherwise(chosen: Settings, given: Sequence[str]) -> Rules:
    try:
        return chosen.detection.but(given).rules
    except SettingsError as error:
        raise SettingsError(f"--set: {error}") from None


def _play(
    database: Database,
    stops: Iterable[Stop],
    tally: Tally,
    *,
    rules: Rules,
    others: Rules | None,
    json: bool,
) -> Comparison | None:
    """Show each alert as it comes; or, if other rules are given, give back what they would
    change."""
    if others:
        return compare(database, stops, rules=rules, others=others)
    for at, begun in replay(database, stops, rules=rules, tally=tally):
        _show(at, begun, as_json=json)
    return None


def _tell(account: Account | None, tally: Tally, *, alerts: bool) -> None:
    """Say what was played, what was odd about it, and how many alerts there were, if `alerts`."""
    complain(replays.played(account, tally))
    if tally.order.strays:
        complain(accounts.strays(tally.order.strays))
    if tally.order.late:
        complain(accounts.unordered(tally.order.late, tally.recorded))
    if alerts and tally.recorded.events:
        complain(replays.alerts(tally))


Played = Iterator[tuple[Iterable[Stop], Account | None]]


@contextmanager
def _read(
    file: str,
    chosen: Settings,
    database: Database,
    tally: Tally,
    *,
    groups: Path | None,
    way: Way,
) -> Played:
    """The events of a file as they come; what could not be read is told at the end."""
    account, now = Account(), options.now()
    with (
        reading(file, lambda: now, way=way) as (reader, _show),
        _grouping(groups, database) as write,
    ):
        events = readable(reader, account)
        by = chosen.redactor()
        yield (
            recorded(
                database,
                events,
                read_at=now,
                tally=tally,
                by=by,
                measured=reader.traffic,
                on_recorded=write,
            ),
            account,
        )
    account.lines, account.quiet, account.unsaid = reader.lines, reader.quiet, reader.unsaid
    complain_of(account)
    if not reader.lines:
        raise SourceError(accounts.empty(reader.name))


@contextmanager
def _counted(chosen: Settings, database: Database, tally: Tally) -> Played:
    """What a database counted, hour by hour."""
    with opened.existing(chosen) as source:
        yield stored(source, database, tally=tally, now=options.now()), None


@contextmanager
def _grouping(groups: Path | None, database: Database) -> Iterator[Callable[[Recorded], None]]:
    """A function that writes which signature counts each recorded event, if a file is given."""
    if groups is None:
        yield lambda _: None
        return
    names: dict[int, str] = {}
    with groups.open("w", encoding="utf-8") as out:

        def write(recorded: Recorded) -> None:
            names.update(look.fingerprints(database, recorded.signature_ids - names.keys()))
            for event_id, number in recorded.counted.items():
                out.write(notation.dumps({"id": event_id, "signature": names[number]}) + "\n")

        yield write


def _show(at: datetime, begun: Opened, *, as_json: bool) -> None:
    """Print one alert, flushed at once for whatever reads along."""
    if as_json:
        print_json(_alert(at, begun))
    else:
        say(replays.alert(at, begun))
    sys.stdout.flush()


def _alert(at: datetime, begun: Opened) -> dict[str, Any]:
    finding = begun.finding
    return {
        "day": f"{at:%Y-%m-%d}",
        "at": at.isoformat(),
        "kind": finding.kind.value,
        "signature": begun.fingerprint,
        "id": begun.short_id,
        "service": begun.service,
        "reason": finding.reason,
        "receipt": finding.receipt.as_json(),
    }


def _as_object(changes: Comparison) -> dict[str, Any]:
    return {
        "alerts": {"before": by_kind(changes.before), "after": by_kind(changes.after)},
        "gone": [_alert(one.opened_at, one.opened) for one in changes.gone],
        "appeared": [_alert(one.opened_at, one.opened) for one in changes.appeared],
        "hidden": [_named(begun) for begun in changes.hidden],
        "found": [_named(begun) for begun in changes.found],
    }


def _named(begun: Opened) -> dict[str, str]:
    return {"signature": begun.fingerprint, "id": begun.short_id, "service": begun.service}
