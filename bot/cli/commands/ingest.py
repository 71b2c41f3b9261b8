"""`triage ingest`."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import interrupt, opened, options
from bot.cli.account import complain_of, keeping
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Picked, Service, plain, settings
from bot.cli.output import complain, print_json, say
from bot.cli.progress import Way, reading
from bot.core.redaction import Redactor
from bot.errors import SourceError
from bot.flows.detect import catch_up, unjudged
from bot.flows.ingest import Account, ingest
from bot.flows.revisit import revisit
from bot.flows.triage import triage
from bot.flows.watch import Watch
from bot.settings import Settings
from bot.terminal import accounts
from storage.database import Database

app = plain()
Rejected = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write what cannot be read to this file, with the reason: JSON lines."
    ),
]
Inputs = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Log files, plain or gz/xz/zst; - for stdin."),
]


@app.command(
    "ingest",
    epilog="""\b
Examples:
  triage ingest /var/log/app/*.log.gz
  docker logs -f app 2>&1 | triage ingest -
""",
)
def read(
    files: Inputs,
    service: Service = "",
    picked: Picked = False,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
    rejected: Rejected = None,
) -> None:
    """Record the errors in log files, or in what is piped in. The same file twice adds nothing.

    A pipe may be endless: what comes is recorded within about a second and judged every half
    minute; Ctrl-C ends it. What a log would have called out shows `triage replay`.

    \b
    Formats, told by their content; packed with gz, xz or zst as well:
      JSON   an object a line, an array, objects over several lines; Docker's
             json-file, OpenTelemetry's file exporter
      text   with or without times and levels; syslog, logfmt, access logs;
             errors that span lines are put together again (Python, Java,
             JavaScript, Go, Ruby, PHP, .NET, Rust), unless several programs
             write into one another's

    \b
    Fields of JSON and logfmt go by their usual names, nested ones too, such as
      when   timestamp, time, ts, @timestamp    level  level, severity
      what   message, msg; error.type, err.stack, exception, stack_trace;
             an error that has none of them: method, path and status, or words
      where  service, app, service.name; env; version; host
      whom   customer, tenant, org, account

    \b
    An error is a record
      whose level is error or worse, or info or warning where it says that we
      answered a request with 500 or more, and who asked;
      of text, that has none but answers with an HTTP status of 500 or more,
      crashes, or says so in words (failed, denied, out of memory, …);
      of JSON, that has none, unless it answers with a lower status, or its
      service said levels before and its words tell of no failure.
      Other text without a level is no error, unless it was picked:
      grep declined app.log | triage ingest --picked -
    """
    _refuse_overwriting(rejected, files)
    chosen = settings(config, db)
    way = Way(service, picked, json, chosen.fields.roles)
    came = _record(files, chosen, rejected, way=way)
    _tell(came.account, as_json=json, kept_in=rejected)
    if came.signal:
        rest = "" if files == ["-"] else " The same command again reads the rest."
        complain(f"{interrupt.LAST_WORD}{rest}")
        raise typer.Exit(interrupt.SIGNALLED + came.signal)
    if not (came.all_read and came.account.was_of_use):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of some inputs, whether each was read to its end, and the signal that ended it."""

    account: Account
    all_read: bool
    signal: int


def _refuse_overwriting(rejected: Path | None, files: Sequence[str]) -> None:
    if rejected and any(rejected.resolve() == Path(name).resolve() for name in files):
        raise typer.BadParameter(f"--rejected {rejected} would overwrite what is to be read")


def _record(files: Sequence[str], chosen: Settings, rejected: Path | None, *, way: Way) -> _Came:
    """Record the inputs, one after the other, and judge their last day."""
    with opened.database(chosen) as database, keeping(rejected) as keep, _stopping() as stop:
        account = Account(on_rejected=keep)
        rules, site_rules = chosen.detection.rules, chosen.owner_rules
        watch = Watch(database, options.now, rules=rules, site_rules=site_rules)
        by = chosen.redactor()
        read = [
            _ingest(database, name, account, watch=watch, by=by, stop=stop, way=way)
            for name in files
            if not stop.signal
        ]
        with suppress(interrupt.Stopped):
            _judge(database, account, chosen, now=options.now())
    return _Came(account, all(read), stop.signal)


class _Stop:
    """What Ctrl-C and SIGTERM do: the first ends the reading, as if the input ended there; a second
    one, or one while nothing is read, ends the program. `signal` is the number of the first, 0 for
    none."""

    end_reading: Callable[[], None] | None = None

    signal = 0

    def told(self, number: int, _frame: object) -> None:
        is_first, self.signal = not self.signal, number
        if self.end_reading is None or not is_first:
            raise interrupt.Stopped
        self.end_reading()


@contextmanager
def _stopping() -> Iterator[_Stop]:
    stop = _Stop()
    with interrupt.handling(stop.told, signal.SIGINT, signal.SIGTERM):
        yield stop


def _ingest(
    database: Database,
    name: str,
    account: Account,
    *,
    watch: Watch,
    by: Redactor,
    stop: _Stop,
    way: Way,
) -> bool:
    """Record one input; whether it held anything, and all of it could be read."""

    def pause() -> None:
        show(accounts.status(account))
        watch.look_if_due()

    try:
        with reading(name, options.now, way=way) as (reader, show):
            stop.end_reading = reader.stop
            ingest(database, reader, account, clock=options.now, by=by, on_pause=pause)
    except SourceError as error:
        complain(str(error))
        return False
    except interrupt.Stopped:
        return False
    finally:
        stop.end_reading = None
    if not (reader.lines or stop.signal):
        complain(accounts.empty(reader.name))
    return reader.lines > 0 and reader.is_whole


def _judge(database: Database, account: Account, settings: Settings, *, now: datetime) -> None:
    """Detect what was unusual in the last day of what was read, and choose owners."""
    if account.newest is None:
        return
    until = min(account.newest, now)
    touched, rules = account.recorded.signature_ids, settings.detection.rules
    came = [one for one in unjudged(database, now=now) if one.signature_id in touched]
    catch_up(database, touched, until=until, rules=rules)
    revisit(database, came, now=now, rules=rules)
    triage(database, now=now, site_rules=settings.owner_rules)


def _tell(account: Account, *, as_json: bool, kept_in: Path | None) -> None:
    complain_of(account, kept_in=kept_in)
    if as_json:
        print_json(account.as_json())
    elif account.lines:
        say(accounts.summary(account))
        if account.newest:
            say(accounts.last_day(account.newest, now=options.now()))
    if account.ahead:
        complain(accounts.ahead(account.ahead))
    if account.strays:
        complain(accounts.strays(account.strays))
    if account.late:
        complain(accounts.unordered(account.late, account.recorded))
    if account.recorded.nameless:
        complain(accounts.nameless(account))
