"""The command line: each command is a few lines over a flow."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from bot import app as wiring
from bot import demo as demonstration
from bot import doctor as checks
from bot import terminal
from bot.core import redaction, rules, signature
from bot.core.analysis import Case
from bot.core.event import Event
from bot.core.owner import choose
from bot.errors import SourceError, TriageError
from bot.flows import look
from bot.flows.detect import Opened, catch_up
from bot.flows.ingest import Account, ingest
from bot.flows.replay import AT_ITS_OWN_TIME, replay
from bot.flows.triage import triage
from bot.settings import Settings, check_for_serving, load
from bot.slack import manifest as app_manifest
from bot.slack.blocks import digest as digests
from bot.sources.files import Reader
from storage import database as databases
from storage.database import Database

app = typer.Typer(
    help="Turn a flood of error logs into a short list of who should fix what.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="Migrate, copy and restore the database.", no_args_is_help=True)
app.add_typer(db, name="db")

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings file [default: triage.toml, if any].")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--db", help="Database address [default: DATABASE_URL, or sqlite:///triage.db]."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
Inputs = Annotated[list[str], typer.Argument(help="Log files, plain or gz/xz/zst; - for stdin.")]


@app.command("ingest")
def ingest_command(
    files: Inputs, db: DatabaseUrl = None, config: ConfigFile = None, json: AsJson = False
) -> None:
    """Record the errors in log files, JSON lines or text. The same file twice adds nothing."""
    now, settings = _now(), _settings(config, db)
    account, failures = Account(), 0
    with _database(settings) as database:
        for name in files:
            try:
                _ingest_one(database, name, account, now=now, quiet=json)
            except SourceError as error:
                failures += 1
                _complain(str(error))
        _judge(database, account, settings, now=now)
    _tell(account, as_json=json)
    if failures or not (account.recorded.events or account.recorded.duplicates):
        raise typer.Exit(1)


@app.command("replay")
def replay_command(
    file: Annotated[str, typer.Argument(help="A log file, plain or gz/xz/zst; - for stdin.")],
    config: ConfigFile = None,
    json: AsJson = False,
    groups: Annotated[
        Path | None, typer.Option(help="Write each event's id and signature to this file.")
    ] = None,
) -> None:
    """Show what would have been called out while these events arrived. Nothing is kept."""
    settings = _settings(config, None)
    with TemporaryDirectory() as folder, _throw_away(Path(folder)) as database:
        reader = _reader(file, received=AT_ITS_OWN_TIME)
        events = _events(reader, groups)
        for at, opened in replay(database, events, rules=settings.detection.rules):
            print(_as_line(at, opened) if json else _as_sentence(at, opened), flush=True)
    if not reader.lines:
        raise SourceError(f"{file} is empty.")


@app.command("digest")
def digest_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it and post nothing.")] = False,
    now: Annotated[
        datetime | None, typer.Option(help="As of this moment, in UTC [default: now].")
    ] = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show the digest of the last 24 hours."""
    if not dry_run:
        raise TriageError(
            "`triage serve` posts digests on schedule; to see one here, add --dry-run."
        )
    at = now.replace(tzinfo=UTC) if now else _now()
    with _database(_settings(config, db)) as database:
        shown = look.today(database, now=at)
    if json:
        rendered = digests.message(shown)
        _print_json({"text": rendered.text, "blocks": rendered.blocks})
    else:
        print(terminal.digest(shown), end="")


@app.command("serve")
def serve_command(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Run the bot: watch, post digests on schedule, answer on Slack. Ctrl-C stops it."""
    settings = _settings(config, db)
    check_for_serving(settings)
    wiring.serve(settings)


@app.command("demo")
def demo_command(
    once: Annotated[
        bool, typer.Option("--once", help="Print the digest as text and exit; no browser.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the page; 0 picks a free one.")] = 8765,
) -> None:
    """Try it: a real fleet's errors, the bot, and a Slack-like page on this machine."""
    demonstration.run(once=once, port=port)


@app.command("doctor")
def doctor_command(config: ConfigFile = None, db: DatabaseUrl = None) -> None:
    """Check settings, database and Slack, and name the remedy for whatever is wrong."""
    if not checks.run(lambda: _settings(config, db), print):
        raise typer.Exit(1)


@app.command("manifest")
def manifest_command(
    url: Annotated[
        str | None, typer.Option(help="Public address of this bot, for HTTP instead of sockets.")
    ] = None,
) -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps → Create New App."""
    print(app_manifest.text(url), end="")


@app.command("signatures")
def signatures_command(
    ids: Annotated[bool, typer.Option("--ids", help="One fingerprint a line.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Print the signature of each line of stdin, in the same order."""
    for line in _stdin_lines():
        signed = signature.of_line(line)
        short_id = signature.short_id(signed.fingerprint)
        if jsonl:
            facts = {"fingerprint": signed.fingerprint, "id": short_id}
            _print_json({**facts, "template": signed.template})
        elif ids:
            sys.stdout.write(f"{signed.fingerprint}\n")
        else:
            sys.stdout.write(f"{short_id}  {signed.template}\n")


@app.command("redact")
def redact_command(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"text": …} lines in; {"text": …, "found": […]} out.')
    ] = False,
) -> None:
    """Hide secrets and personal data in stdin."""
    for line in _stdin_lines():
        if jsonl:
            hidden = redaction.redact(_object(line, "text")["text"])
            _print_json({"text": hidden.text, "found": list(hidden.found)})
        else:
            sys.stdout.write(f"{redaction.redact(line).text}\n")


@app.command("analyze")
def analyze_command(
    by_rules: Annotated[
        bool, typer.Option("--rules", help="By the tables of rules: the only analyst so far.")
    ] = False,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='{"id", "message", …} lines in, JSON lines out.')
    ] = False,
) -> None:
    """Say what each message on stdin means and whose it is."""
    if not (by_rules and jsonl):
        raise TriageError("Only `triage analyze --rules --jsonl` is there so far.")
    for line in _stdin_lines():
        _print_json(_analyzed(_object(line, "message")))


@db.command("upgrade")
def upgrade_command(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Bring the schema up to this release; a copy is made first."""
    with _database(_settings(config, db)):
        print(f"The database is at schema {databases.head()}.")


@db.command("backup")
def backup_command(
    target: Annotated[Path, typer.Argument(help="The new file to write.")],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Write a consistent copy of the database, also while the bot runs."""
    databases.backup(_settings(config, db).database_url, target)
    print(f"Copied to {target}.")


@db.command("restore")
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
    try:
        app()
    except (TriageError, databases.Unusable) as error:
        _complain(str(error))
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)


def _now() -> datetime:
    return datetime.now(UTC)


def _settings(config: Path | None, db: str | None) -> Settings:
    given = {**environ, "DATABASE_URL": db} if db else environ
    return load(given, config)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = databases.open_database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _throw_away(folder: Path) -> Iterator[Database]:
    database = databases.open_database(f"sqlite:///{folder / 'replay.db'}", durable=False)
    try:
        yield database
    finally:
        database.close()


def _reader(name: str, *, received: datetime, bar: Any = None) -> Reader:
    path = "-" if name == "-" else Path(name)
    return Reader(path, received=received, on_bytes=bar)  # type: ignore[arg-type]


def _ingest_one(
    database: Database, name: str, account: Account, *, now: datetime, quiet: bool
) -> None:
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(Path(name).name)
        reader = _reader(name, received=now, bar=lambda n: progress.advance(task, n))
        progress.update(task, total=reader.size)
        ingest(database, reader, account, now=now)


def _judge(database: Database, account: Account, settings: Settings, *, now: datetime) -> None:
    """Detect what was unusual in the last day of what was read, and say whose it is."""
    if account.newest is None:
        return
    until = min(account.newest, now)
    touched = account.recorded.signature_ids
    catch_up(database, touched, until=until, rules=settings.detection.rules)
    triage(database, now=now, site_rules=settings.owner_rules)


def _tell(account: Account, *, as_json: bool) -> None:
    for rejected in account.rejected:
        _complain(f"{rejected.source}:{rejected.line}: {rejected.reason}")
    if account.unreadable > len(account.rejected):
        _complain(f"… and {account.unreadable - len(account.rejected)} more")
    summary = account.as_json()
    if as_json:
        _print_json(summary)
        return
    print(
        f"{summary['lines']:,} lines → {summary['events']:,} events → "
        f"{summary['signatures']:,} signatures ({summary['new_signatures']:,} new); "
        f"{summary['duplicates']:,} known already, {summary['not_errors']:,} below error, "
        f"{summary['unreadable']:,} unreadable"
    )


def _events(reader: Reader, groups: Path | None) -> Iterator[Event]:
    """The events of a reader; the signature of each goes to `groups` on the way, if given."""
    with groups.open("w", encoding="utf-8") if groups else _nowhere() as out:
        for outcome in reader:
            if not isinstance(outcome, Event):
                _complain(f"{outcome.source}:{outcome.line}: {outcome.reason}")
                continue
            if out:
                fingerprint = signature.of(outcome).fingerprint
                out.write(json.dumps({"id": outcome.source_id, "signature": fingerprint}) + "\n")
            yield outcome


@contextmanager
def _nowhere() -> Iterator[None]:
    yield None


def _as_line(at: datetime, opened: Opened) -> str:
    finding = opened.finding
    return json.dumps(
        {
            "day": f"{at:%Y-%m-%d}",
            "at": at.isoformat(),
            "kind": finding.kind.value,
            "signature": opened.fingerprint,
            "id": opened.short_id,
            "service": opened.service,
            "reason": finding.reason,
            "receipt": finding.receipt.as_json(),
        }
    )


def _as_sentence(at: datetime, opened: Opened) -> str:
    finding = opened.finding
    return (
        f"{at:%Y-%m-%d %H:%M}  {finding.kind.value.upper():<8} {opened.short_id:<6} "
        f"{opened.service:<12} {finding.reason}"
    )


def _stdin_lines() -> Iterator[str]:
    stream = open(sys.stdin.fileno(), encoding="utf-8", errors="replace", newline="\n")  # noqa: PTH123, SIM115
    for line in stream:
        yield line.removesuffix("\n").removesuffix("\r")


def _object(line: str, field: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise SourceError(f"A line of stdin is not JSON: {error}.") from error
    if not isinstance(value, dict) or not isinstance(value.get(field), str):
        raise SourceError(f'Each line of stdin must be an object with a text "{field}".')
    return value


def _analyzed(given: dict[str, Any]) -> dict[str, Any]:
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
        "owner": choose(case, analysis, rules=(), decided=None).team,
        "severity": analysis.severity.value,
        "confidence": analysis.confidence.value,
        "summary": analysis.summary,
    }


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _complain(sentence: str) -> None:
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
