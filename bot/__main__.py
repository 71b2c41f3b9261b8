"""The command line: each command is a few lines over a flow."""

import gc
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from bot import logs, terminal
from bot.core import explanation, redaction, rules, signature
from bot.core.analysis import Case
from bot.core.owner import Rule, choose
from bot.core.redaction import Redactor, private_key
from bot.errors import SourceError, TriageError
from bot.flows import look
from bot.flows.compare import Comparison, by_kind, compare
from bot.flows.deploy import deploy
from bot.flows.detect import Opened, catch_up
from bot.flows.ingest import Account, ingest, readable
from bot.flows.record import Recorded
from bot.flows.replay import Stop, Tally, recorded, replay, stored
from bot.flows.triage import triage
from bot.flows.watch import Watch
from bot.settings import Settings, check_for_serving, load
from bot.slack.blocks import digest as digests
from bot.sources.files import Reader
from bot.sources.stream import piped_lines
from storage import database as databases
from storage.database import Database
from storage.deploys import Version

app = typer.Typer(
    help="Turn a flood of error logs into a short list of who should fix what.",
    epilog="Start with `triage demo`. To try it on logs of yours: `triage ingest app.log`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
db = typer.Typer(help="Migrate, copy and restore the database.", no_args_is_help=True)
app.add_typer(db, name="db")

FEWER_COLLECTIONS = 50_000
"""Rows by the hundred thousand live for a moment only: at Python's threshold of 700, the search for
cycles among them takes an eighth of the time of a replay."""
SIGNALLED = 128
"""A shell shows this and the number of the signal that ended a program."""


def _moment(given: str) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is no time; examples: 2026-11-18T09:00, 2026-11-18T09:00+01:00"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings file [default: triage.toml, if any].")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--db", help="Database address [default: DATABASE_URL, or sqlite:///triage.db]."),
]
Moment = Annotated[
    datetime | None,
    typer.Option(
        parser=_moment,
        metavar="TIME",
        help="As of this moment: 2026-11-18T09:00, in UTC unless it says otherwise [default: now].",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Service = Annotated[
    str, typer.Option("--service", metavar="NAME", help="Of errors that name no service.")
]
Inputs = Annotated[list[str], typer.Argument(help="Log files, plain or gz/xz/zst; - for stdin.")]


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What holds for every command."""
    if show_version:
        print(f"triage {version('triage-bot')}")
        raise typer.Exit


@app.command(
    "ingest",
    epilog="""\b
Examples:
  triage ingest /var/log/app/*.log.gz
  docker logs -f app 2>&1 | triage ingest -
""",
)
def ingest_command(
    files: Inputs,
    service: Service = "",
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
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
             JavaScript, Go, Ruby, PHP, .NET), unless several programs
             write into one another's

    \b
    Fields of JSON and logfmt go by their usual names, nested ones too, such as
      when   timestamp, time, ts, @timestamp    level  level, severity
      what   message, msg; error.type, err.stack, exception, stack_trace
      where  service, app, service.name; env; version; host
      whom   customer, tenant, org, account

    \b
    An error is a record
      whose level is error or worse; or, where it has none,
      that answers with an HTTP status of 500 or more, crashes, begins with
      "error:" or the like; in a log whose lines have headers but no levels, as
      syslog's, one that says so in words (failed, denied, out of memory, …);
      in text without any header, each line: somebody picked those.
    """
    settings, account = _settings(config, db), Account()
    with _database(settings) as database, _Stop() as stop:
        rules, site_rules = settings.detection.rules, settings.owner_rules
        watch = Watch(database, _now, rules=rules, site_rules=site_rules)
        by = settings.redactor()
        read = [
            _ingest(
                database, name, account, watch=watch, by=by, stop=stop, quiet=json, service=service
            )
            for name in files
            if not stop.signal
        ]
        with suppress(KeyboardInterrupt):
            _judge(database, account, settings, now=_now())
    _tell(account, as_json=json)
    if stop.signal:
        rest = "" if files == ["-"] else " The same command again reads the rest."
        _complain(f"Stopped.{rest}")
        raise typer.Exit(SIGNALLED + stop.signal)
    if not (all(read) and account.was_of_use):
        raise typer.Exit(1)


@app.command(
    "replay",
    epilog="""\b
Examples:
  triage replay last-month.jsonl.xz
  journalctl -o json --since -14d | triage replay - --json
  triage replay --db sqlite:///triage.db --set min_count=20 --set quiet_days=7
""",
)
def replay_command(
    file: Annotated[
        str | None, typer.Argument(help="A log file, plain or gz/xz/zst; - for stdin.")
    ] = None,
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="URL", help="Instead of a file: what this database counted."),
    ] = None,
    otherwise: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A threshold of [detection], set otherwise: shows what that changes. Repeatable.",
        ),
    ] = None,
    service: Service = "",
    config: ConfigFile = None,
    json: AsJson = False,
    groups: Annotated[
        Path | None, typer.Option(help="Write each event's id and signature to this file.")
    ] = None,
) -> None:
    """Show what past events would have set off.

    Two weeks of events tell most: what is usual is learned from them.

    Nothing is kept and nothing posted. Formats, fields and what counts as an error are those of
    `triage ingest --help`; an event arrives when its field `received` says, else when it happened.
    A file should be in the order of time: what stands behind later events is called out late, and
    how many those are is said at the end.

    A database holds counts by the hour, not events: with --db each hour is judged once, as it
    ends. It cannot know the minute, nor what came late: that is in the hour it happened in. What
    is merged counts as it does today, in the severity and release it was last seen in.

    \b
    A line for each alert goes to stdout, with the moment, the kind (new, spike,
    spread, back, critical), the signature, the service and the numbers; with
    --json an object a line: day (UTC), at, kind, signature, id, service,
    reason, receipt. The summary goes to stderr.

    \b
    With --set: how many alerts there are of each kind as set and otherwise, which
    are gone, which appear, and the signatures that are called out no more or
    only then. The same kind of the same signature within a day is the same alert.
    """
    settings = _settings(config, db)
    others = settings.detection.but(otherwise).rules if otherwise else None
    if (file is None) == (db is None):
        raise typer.BadParameter("give a file to replay, or --db URL for what a database counted")
    if db and groups:
        raise typer.BadParameter("--groups needs a file: a database holds no single events")
    tally, rules = Tally(), settings.detection.rules
    with TemporaryDirectory(prefix="triage-") as folder, _throw_away(folder) as database:
        played = (
            _counted(settings, database, tally)
            if file is None
            else _read(file, settings, database, tally, groups=groups, quiet=json, service=service)
        )
        with played as (stops, account):
            if others is None:
                for at, opened in replay(database, stops, rules=rules, tally=tally):
                    print(_as_line(at, opened) if json else terminal.alert(at, opened), flush=True)
            else:
                changes = compare(database, stops, rules=rules, others=others)
    _complain(terminal.played(account, tally))
    if tally.late:
        _complain(terminal.unordered(tally))
    if others is None:
        if tally.recorded.events:
            _complain(terminal.alerts(tally))
    elif json:
        _print_json(_as_object(changes))
    else:
        print(terminal.changes(changes, otherwise or ()), end="")


@app.command("digest", epilog="Example: triage digest --dry-run --now 2026-11-18T09:00Z")
def digest_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it and post nothing.")] = False,
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show the digest of the last 24 hours."""
    if not dry_run:
        raise TriageError(
            "`triage serve` posts digests on schedule; to see one here, add --dry-run."
        )
    with _existing(_settings(config, db)) as database:
        shown = look.today(database, now=now or _now())
    if json:
        rendering = digests.message(shown)
        _print_json({"text": rendering.text, "blocks": rendering.blocks})
    else:
        print(terminal.digest(shown), end="")


@app.command("deploy", epilog="Example: triage deploy checkout 4.19.1 --environment production")
def deploy_command(
    service: Annotated[str, typer.Argument(help="As its errors name it.")],
    version: Annotated[str, typer.Argument(help="As its errors name it, where they do.")],
    environment: Annotated[str, typer.Option(help="[default: all of them]")] = "",
    at: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Tell of a deploy, for new errors to be seen after it.

    The first event of a version tells of it too; the earlier one counts, and saying it twice
    changes nothing. Over HTTP: POST /hooks/deploy.
    """
    now, told = _now(), Version(service.strip(), environment.strip(), version.strip())
    if not (told.service and told.version):
        raise typer.BadParameter("SERVICE and VERSION cannot be empty")
    with _database(_settings(config, db)) as database:
        since = deploy(database, told, at=at or now, now=now)
    print(terminal.clean(f"{told.service} {told.version} since {since:%Y-%m-%d %H:%M} UTC"))


@app.command("serve", epilog="Example: triage serve --config /etc/triage.toml")
def serve_command(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Run the bot: watch, post digests on schedule, answer on Slack. Ctrl-C stops it."""
    from bot import app as wiring  # noqa: PLC0415  (Slack's libraries: only who serves waits)

    settings = _settings(config, db)
    check_for_serving(settings)
    wiring.serve(settings)


@app.command("demo", epilog="Example: triage demo --port 9000")
def demo_command(
    once: Annotated[
        bool, typer.Option("--once", help="Print the digest as text and exit; no browser.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the page; 0 picks a free one.")
    ] = 8765,
) -> None:
    """Try it here: a fleet's errors on a Slack-like page."""
    from bot import demo  # noqa: PLC0415  (as above)

    demo.run(once=once, port=port)


@app.command("doctor", epilog="Example: triage doctor --config /etc/triage.toml")
def doctor_command(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Check settings, database and Slack, and name remedies."""
    from bot import doctor  # noqa: PLC0415  (as above)

    if not doctor.run(lambda: _settings(config, db), print):
        raise typer.Exit(1)


@app.command("manifest", epilog="Example: triage manifest > manifest.json")
def manifest_command(
    url: Annotated[
        str | None, typer.Option(help="Public address of this bot, for HTTP instead of sockets.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Print the manifest to create the Slack app from.

    Paste it at api.slack.com/apps → Create New App → From a manifest. The slash command is that of
    the settings.
    """
    from bot.slack import manifest  # noqa: PLC0415  (as above)

    print(manifest.text(url, _settings(config).slack.command), end="")


@app.command("signatures", epilog="Example: tail -n 500 app.log | triage signatures")
def signatures_command(
    ids: Annotated[bool, typer.Option("--ids", help="One fingerprint a line.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="What was set aside, masked and kept, and why.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Print the signature of each line of stdin, in the same order."""
    redact = _settings(config).redactor()
    for line in _stdin_lines():
        if explain:
            sys.stdout.write(terminal.explanation(explanation.of(line, redact)))
            continue
        signed = signature.of_line(line, redact)
        short_id = signature.short_id(signed.fingerprint)
        if jsonl:
            facts = {"fingerprint": signed.fingerprint, "id": short_id}
            _print_json({**facts, "template": signed.template})
        elif ids:
            sys.stdout.write(f"{signed.fingerprint}\n")
        else:
            sys.stdout.write(terminal.clean(f"{short_id}  {signed.template}") + "\n")


@app.command("redact", epilog="Example: triage redact < app.log > shareable.log")
def redact_command(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"text": …} lines in; {"text": …, "found": […]} out.')
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Hide secrets and personal data in stdin.

    What `[[redaction.rules]]` of the settings name is hidden, too.
    """
    redact = _settings(config).redactor()
    if jsonl:
        for line in _stdin_lines():
            hidden = redact(_object(line, "text")["text"])
            _print_json({"text": hidden.text, "found": list(hidden.found)})
        return
    for block in private_key.kept_whole(_stdin_lines()):
        sys.stdout.write(f"{redact(block).text}\n")


@app.command(
    "analyze",
    epilog="""Example: echo '{"message": "disk full"}' | triage analyze""",
)
def analyze_command(
    _rules: Annotated[
        bool, typer.Option("--rules", help="By the tables of rules: always, so far.")
    ] = True,
    _jsonl: Annotated[bool, typer.Option("--jsonl", help="As JSON lines: always, so far.")] = True,
    config: ConfigFile = None,
) -> None:
    """Say what each message on stdin means and whose it is.

    Takes an object a line: message, and service, error_type, stack and id where they are known.
    `[[owners]]` of the settings decide whose it is.
    """
    site_rules = _settings(config).owner_rules
    for line in _stdin_lines():
        _print_json(_analyzed(_object(line, "message"), site_rules))


@db.command("upgrade", epilog="Example: triage db upgrade --db sqlite:////data/triage.db")
def upgrade_command(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Bring the schema up to this release; a copy is made first."""
    with _database(_settings(config, db)):
        print(f"The database is at schema {databases.head()}.")


@db.command("backup", epilog="Example: triage db backup /backups/triage-monday.db")
def backup_command(
    target: Annotated[Path, typer.Argument(help="The new file to write.")],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Write a consistent copy of the database, also while the bot runs."""
    databases.backup(_settings(config, db).database_url, target)
    print(f"Copied to {target}.")


@db.command("restore", epilog="Example: triage db restore /backups/triage-monday.db")
def restore_command(
    source: Annotated[Path, typer.Argument(help="A copy made by `triage db backup`.")],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Put a copy in the place of the database. Stop the bot first."""
    kept = databases.restore(_settings(config, db).database_url, source)
    print(f"Restored from {source}." + (f" The old database is {kept}." if kept else ""))


def main() -> None:
    """Run a command; what it raises on purpose is shown as a sentence, not as a traceback."""
    gc.set_threshold(FEWER_COLLECTIONS)
    logs.configure(redaction.redact, level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _run()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(SIGNALLED + signal.SIGPIPE)
    except (TriageError, databases.Unusable) as error:
        _complain(str(error))
        sys.exit(1)
    except databases.ERRORS as error:
        if not (isinstance(error, databases.FAILURES) or databases.is_damaged(error)):
            raise
        _complain(databases.in_use(error))
        sys.exit(1)
    except OSError as error:
        _complain(f"{error.filename or 'The system'}: {error.strerror or error}")
        sys.exit(1)


def _run() -> None:
    """The command, and its last words written while a failure to write them can be caught."""
    try:
        app(prog_name="triage")
    finally:
        sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)


def _settings(config: Path | None, db: str | None = None) -> Settings:
    """The settings; from here on what is logged is redacted by the site's rules, too."""
    given = {**os.environ, "DATABASE_URL": db} if db else os.environ
    settings = load(given, config)
    logs.configure(settings.redactor(), level=logging.WARNING)
    return settings


def _database(settings: Settings) -> closing[Database]:
    return closing(databases.open_database(settings.database_url))


def _existing(settings: Settings) -> closing[Database]:
    return closing(databases.open_existing(settings.database_url))


def _throw_away(folder: str) -> closing[Database]:
    return closing(databases.open_database(f"sqlite:///{folder}/replay.db", durable=False))


class _Stop:
    """The first Ctrl-C or SIGTERM ends the reading, as if the input ended there; the next one,
    or one while nothing is read, ends whatever runs. `signal` is which it was, 0 for none."""

    def __init__(self) -> None:
        self.signal = 0
        self.reader: Reader | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:  # as in a job that nohup started
                self._before[number] = signal.signal(number, self._told)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told(self, number: int, _frame: object) -> None:
        is_first, self.signal = not self.signal, number
        if self.reader is None or not is_first:
            raise KeyboardInterrupt
        self.reader.stop()


def _ingest(
    database: Database,
    name: str,
    account: Account,
    *,
    watch: Watch,
    by: Redactor,
    stop: _Stop,
    quiet: bool,
    service: str,
) -> bool:
    """Record one input; whether there was anything to read."""

    def pause() -> None:
        show(terminal.status(account))
        watch.look_if_due()

    try:
        with _reading(name, _now, quiet=quiet, service=service) as (reader, show):
            stop.reader = reader
            ingest(database, reader, account, clock=_now, by=by, on_pause=pause)
    except SourceError as error:
        _complain(str(error))
        return False
    except KeyboardInterrupt:
        return False
    finally:
        stop.reader = None
    if not (reader.lines or stop.signal):
        _complain(terminal.empty(reader.name))
    return reader.lines > 0


@contextmanager
def _reading(
    name: str, clock: Callable[[], datetime], *, quiet: bool, service: str
) -> Iterator[tuple[Reader, Callable[[str], None]]]:
    """A reader of an input, with its progress on a terminal: a bar for a file, for a pipe what it
    is told to show."""
    label = escape(terminal.clean(Path(name).name)) if name != "-" else "stdin"
    is_file = Path(name).is_file()
    bar = (BarColumn(), DownloadColumn(), TimeElapsedColumn()) if is_file else ()
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        *bar,
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as progress:
        task = progress.add_task(label if is_file else f"{label}: nothing came yet")

        def show(status: str) -> None:
            if not is_file:
                progress.update(task, description=f"{label}: {status}")

        source: Path | Literal["-"] = "-" if name == "-" else Path(name)
        reader = Reader(
            source, clock, on_bytes=lambda size: progress.advance(task, size), service=service
        )
        progress.update(task, total=reader.size)
        yield reader, show


def _judge(database: Database, account: Account, settings: Settings, *, now: datetime) -> None:
    """Detect what was unusual in the last day of what was read, and say whose it is."""
    if account.newest is None:
        return
    until = min(account.newest, now)
    touched = account.recorded.signature_ids
    catch_up(database, touched, until=until, rules=settings.detection.rules)
    triage(database, now=now, site_rules=settings.owner_rules)


def _tell(account: Account, *, as_json: bool) -> None:
    _complain_of(account)
    if as_json:
        _print_json(account.as_json())
    elif account.lines:
        print(terminal.summary(account))


def _complain_of(account: Account) -> None:
    for rejected in account.rejected:
        _complain(f"{rejected.source}:{rejected.line}: {rejected.reason}")
    if account.unreadable > len(account.rejected):
        _complain(f"… and {account.unreadable - len(account.rejected):,} more")


Played = Iterator[tuple[Iterable[Stop], Account | None]]


@contextmanager
def _read(
    file: str,
    settings: Settings,
    database: Database,
    tally: Tally,
    *,
    groups: Path | None,
    quiet: bool,
    service: str,
) -> Played:
    """A file's events as they come; whatever of it could not be read is told at the end."""
    account, now = Account(), _now()
    with (
        _reading(file, lambda: now, quiet=quiet, service=service) as (reader, _show),
        _grouping(groups, database) as write,
    ):
        events = readable(reader, account)
        by = settings.redactor()
        yield (
            recorded(database, events, read_at=now, tally=tally, by=by, on_recorded=write),
            account,
        )
    account.lines, account.quiet = reader.lines, reader.quiet
    _complain_of(account)
    if not reader.lines:
        raise SourceError(terminal.empty(reader.name))


@contextmanager
def _counted(settings: Settings, database: Database, tally: Tally) -> Played:
    """What a database counted, hour by hour."""
    with _existing(settings) as source:
        yield stored(source, database, tally=tally), None


@contextmanager
def _grouping(groups: Path | None, database: Database) -> Iterator[Callable[[Recorded], None]]:
    """What writes which signature counts each recorded event, where a file was asked for."""
    if groups is None:
        yield lambda _: None
        return
    names: dict[int, str] = {}
    with groups.open("w", encoding="utf-8") as out:

        def write(recorded: Recorded) -> None:
            names.update(look.fingerprints(database, recorded.signature_ids - names.keys()))
            for event_id, number in recorded.counted.items():
                out.write(json.dumps({"id": event_id, "signature": names[number]}) + "\n")

        yield write


def _as_line(at: datetime, opened: Opened) -> str:
    return json.dumps(_alert(at, opened))


def _alert(at: datetime, opened: Opened) -> dict[str, Any]:
    finding = opened.finding
    return {
        "day": f"{at:%Y-%m-%d}",
        "at": at.isoformat(),
        "kind": finding.kind.value,
        "signature": opened.fingerprint,
        "id": opened.short_id,
        "service": opened.service,
        "reason": finding.reason,
        "receipt": finding.receipt.as_json(),
    }


def _as_object(changes: Comparison) -> dict[str, Any]:
    return {
        "alerts": {"before": by_kind(changes.before), "after": by_kind(changes.after)},
        "gone": [_alert(one.at, one.opened) for one in changes.gone],
        "appeared": [_alert(one.at, one.opened) for one in changes.appeared],
        "hidden": [_named(opened) for opened in changes.hidden],
        "found": [_named(opened) for opened in changes.found],
    }


def _named(opened: Opened) -> dict[str, str]:
    return {"signature": opened.fingerprint, "id": opened.short_id, "service": opened.service}


def _stdin_lines() -> Iterator[str]:
    for line in piped_lines():
        yield line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _object(line: str, field: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise SourceError(f"A line of stdin is not JSON: {error}.") from error
    if not isinstance(value, dict) or not isinstance(value.get(field), str):
        raise SourceError(f'Each line of stdin must be an object with a text "{field}".')
    return value


def _analyzed(given: dict[str, Any], site_rules: Sequence[Rule]) -> dict[str, Any]:
    case = Case(
        service=str(given.get("service", "")),
        title=given["message"],
        template=given["message"],
        error_type=str(given.get("error_type", "")),
        message=given["message"],
        stack=str(given.get("stack", "")),
    )
    analysis = rules.analyse(case)
    return {
        "id": given.get("id"),
        "category": analysis.category.value,
        "owner": choose(case, analysis, rules=site_rules, decided=None).team,
        "severity": analysis.severity.value,
        "confidence": analysis.confidence.value,
        "summary": analysis.summary,
    }


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _complain(sentence: str) -> None:
    print("\n".join(map(terminal.clean, sentence.splitlines())), file=sys.stderr)


if __name__ == "__main__":
    main()
