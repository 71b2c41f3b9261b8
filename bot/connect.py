"""Help somebody to their first errors: choose where they come from, and see that they arrive."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from pydantic import ValidationError

from bot.app import Role, running
from bot.core.wording.plural import counted
from bot.dialogue import Dialogue, number
from bot.errors import SettingsError, SourceError, TriageError
from bot.flows import authorize, look
from bot.flows.authorize import Made
from bot.settings import Settings
from bot.settings.explained import plain, where
from bot.sources import pulled
from bot.sources.web import Web
from bot.terminal import origins
from storage.database import Database, open_database

LOOKED_BACK_HOURS = 24.0
SECONDS = 15.0
"""For a source to answer: somebody waits for it."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Connected:
    """What is to be added to triage.toml, and which secrets to the environment."""

    table: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


def connect(dialogue: Dialogue, settings: Settings, *, clock: Clock) -> Connected:
    """Ask where errors come from, and try that out. Raises TriageError."""
    dialogue.say(_WAYS)
    chosen = dialogue.answer("Which of them", f"{_NONE}", number(_NONE))
    if lines := _PUSHED.get(chosen):
        _push(dialogue, settings, lines, clock=clock)
    elif chosen == _FILE:
        return _pull(dialogue, "file", clock=clock)
    elif chosen == _ASKED:
        kinds = [one for one in _SETTINGS if one != "file"]
        kind = dialogue.answer(f"Which ({', '.join(kinds)})", kinds[0], partial(_one_of, kinds))
        return _pull(dialogue, kind, clock=clock)
    return Connected()


def _push(dialogue: Dialogue, settings: Settings, lines: str, *, clock: Clock) -> None:
    """Make a key, say how to send with it, and wait for what is sent."""
    with closing(open_database(settings.database_url)) as database:
        made = dialogue.answer(
            "A name for what sends, the service of errors that name none",
            "app",
            partial(_made, database, clock=clock),
        )
        with _listening(dialogue, settings, database, clock=clock) as address:
            dialogue.say(lines.format(key=made.text, dsn=made.dsn(address), address=address))
            _await(dialogue, database, made.project, clock=clock)


def _made(database: Database, project: str, *, clock: Clock) -> Made:
    try:
        return authorize.make(database, project, now=clock())
    except TriageError as error:
        raise ValueError(str(error)) from error


@contextmanager
def _listening(
    dialogue: Dialogue, settings: Settings, database: Database, *, clock: Clock
) -> Iterator[str]:
    """The address where errors are taken: by the service that listens there already, or by one
    started for now."""
    http, port = settings.http, settings.http.port
    with ExitStack() as until_the_end:
        try:
            ours = running(settings, database, clock=clock, roles=[Role.RECEIVER])
            port = until_the_end.enter_context(ours).port
        except SettingsError as error:
            dialogue.say(f"{error} Unless it is `triage serve`, which takes them as well.")
        yield f"http://{http.host}:{port}"


def _await(dialogue: Dialogue, database: Database, project: str, *, clock: Clock) -> None:
    """Wait until an error came in, or until the person goes on without."""
    question = "Let it send an error now, then press Enter (s: go on without): "
    while not dialogue.ask(question).strip().lower().startswith("s"):
        heard = look.sources(database, now=clock())
        came = [one for one in heard if one.name.partition("/")[2] == project]
        if came:
            errors = counted(sum(one.events for one in came), "error")
            dialogue.say(f"It works: {errors} came in, from {came[0].name}.")
            return
        dialogue.say("Nothing came in yet. Does it reach that address, with that key?")


def _pull(dialogue: Dialogue, kind: str, *, clock: Clock) -> Connected:
    """Ask for the settings of a source until it answers with them."""
    while True:
        given = {name: _read(dialogue, name, *asked) for name, asked in _SETTINGS[kind].items()}
        table = {"kind": kind, "name": kind, **given}
        secrets = {
            one: dialogue.ask_secret(f"{pulled.variable(kind, one)} (Enter for none): ").strip()
            for one in pulled.kind(kind).secrets()
        }
        try:
            dialogue.say(_tried({**table, **secrets}, clock=clock))
        except (SourceError, ValueError) as error:
            dialogue.say(str(error))
            if dialogue.agrees("Try again?"):
                continue
            return Connected()
        rows = "".join(
            f"{name} = {json.dumps(one, ensure_ascii=False)}\n" for name, one in table.items()
        )  # TOML knows the escapes of JSON, but no pairs of them for one character
        kept = {pulled.variable(kind, name): one for name, one in secrets.items() if one}
        return Connected(f"\n[[sources]]\n{rows}", kept)


def _read(dialogue: Dialogue, name: str, question: str, usual: str) -> str | list[str]:
    said = dialogue.answer(question, usual, str)
    return [one.strip() for one in said.split(",")] if name in _LISTS else said


def _tried(given: Mapping[str, object], *, clock: Clock) -> str:
    """What came of reading from a source, in words. Raises SourceError, and ValueError for wrong
    settings."""
    model = pulled.kind(str(given["kind"]))
    try:
        source = model.model_validate(given)
    except ValidationError as error:
        said = [f"{where(one['loc'])}: {plain(one, model)}" for one in error.errors()]
        raise ValueError("; ".join(said)) from None
    web = Web(within_seconds=SECONDS)
    pages = list(source.first_pages(LOOKED_BACK_HOURS, until=clock(), ask=web.ask))
    return origins.tried(source.origin, pages, by=Settings().redactor())


def _one_of(known: list[str], said: str) -> str:
    if said in known:
        return said
    raise ValueError(f"Type one of {', '.join(known)}.")


_WAYS = """
Where do errors come from? The shortest ways first; the README has more.
  1  an application that reports to Sentry, or could: only its DSN changes
  2  OpenTelemetry: an application's exporter, or a collector
  3  whatever can post JSON or text: a log forwarder, curl
  4  a log file on this machine, followed while it is written to
  5  Loki, Datadog, Sentry or CloudWatch, which are asked every minute
  6  none for now"""
_PUSHED = {
    1: "\nSet this DSN there, as in SENTRY_DSN, with the address that it reaches this machine by:"
    "\n  {dsn}\n",
    2: "\nSet there:"
    "\n  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT={address}/v1/logs"
    '\n  OTEL_EXPORTER_OTLP_LOGS_HEADERS="Authorization=Bearer {key}"\n',
    3: "\nAs in:"
    "\n  curl -fsS {address}/ingest -H 'Authorization: Bearer {key}' \\"
    '\n    -d \'{{"level": "error", "message": "disk full", "service": "checkout"}}\'\n',
}
_FILE, _ASKED, _NONE = 4, 5, 6
_SETTINGS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "file": {"path": ("Path of the file", "")},
    "loki": {
        "url": ("Address of Loki", "http://127.0.0.1:3100"),
        "query": ("Which lines, in LogQL", '{service_name=~".+"} |~ "(?i)error|exception|fatal"'),
    },
    "datadog": {"url": ("The API of your site", "https://api.datadoghq.com")},
    "sentry": {
        "url": ("Address of your organization's region", "https://sentry.io"),
        "organization": ("Slug of the organization", ""),
        "projects": ("Slugs of projects, with a comma between", ""),
    },
    "cloudwatch": {
        "region": ("Region", "eu-central-1"),
        "log_groups": ("Log groups, with a comma between", ""),
    },
}
"""What has to be asked of each kind: the question, and the usual answer."""
_LISTS = frozenset({"projects", "log_groups"})
