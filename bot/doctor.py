"""Check what has to be right before the bot can work, and name the remedy for what is not."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from errno import EADDRINUSE
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from shutil import disk_usage

from pydantic import SecretStr

from bot import asking, receiver
from bot.app import wall_clock
from bot.core.spending.outcome import Config, Failure, Retryable
from bot.core.wording.plural import counted
from bot.errors import Awaited, SettingsError, SourceError, TriageError
from bot.flows import look
from bot.flows.spend import Denied
from bot.pagerduty import PagerDuty, Untold, stranger
from bot.settings import Http, Llm, Settings, unready
from bot.slack import checks
from bot.slack.blocks import digest as digests
from bot.slack.blocks.elements import Block
from bot.slack.checks import Finding, Subject
from bot.slack.pictures import Charts
from bot.sources.pulled import Limited, Source
from bot.sources.web import Web
from storage.database import Database, awaits_migration, open_database
from storage.failures import Unusable
from storage.files import emptied, has_any, sqlite_file
from storage.spool import place, waiting

SOURCE_SECONDS = 15.0
"""For a source to answer: somebody waits for it."""
ADDRESS_SECONDS = 3.0
"""For whoever listens on this machine already."""
LEAST_ROOM = 4_200_000
"""Bytes that SQLite writes beside the file before it moves them into it."""
_LONGEST_ANSWER = 100_000


def run(
    load: Callable[[], Settings],
    say: Callable[[str], None],
    *,
    clock: Callable[[], datetime] = wall_clock,
) -> bool:
    """Print a line for each check; False where one failed that is not optional."""
    passed = True
    for ok, sentence in _findings(load, clock):
        say(f"{_MARKS[ok]}  {sentence}")
        passed = passed and ok is not False
    return passed


def _findings(load: Callable[[], Settings], clock: Callable[[], datetime]) -> Iterator[Finding]:
    try:
        settings = load()
    except TriageError as error:
        yield from ((False, one) for one in re.split(r"\n(?=\S)", str(error)))
        yield None, _UNCHECKED
        return
    yield True, "settings: all of them can be read"
    yield (found := _database(settings.database_url))
    is_readable = found[0] is not False
    yield from _room(settings.database_url)
    yield from _spool(settings) if is_readable else ()
    yield from _address(settings.http.host, settings.http.port)
    yield from _grpc(settings.http)
    yield from _models(settings, clock, has_ledger=is_readable)
    yield from _duties(settings, now=clock())
    yield from _sources(settings.asked, now=clock())
    yield from ((False, line) for line in unready(settings))
    if is_readable and settings.slack.mode == "socket":
        yield from _replicas(settings.database_url)
    if not settings.slack.posts:
        yield True, 'Slack: mode = "off" under [slack], so nothing is posted'
        return
    messages = _messages(settings, now=clock()) if is_readable else {}
    yield from checks.findings(_subject(settings, messages))


def _subject(settings: Settings, messages: Mapping[str, Sequence[Block]]) -> Subject:
    slack, teams = settings.slack, settings.teams
    named = settings.named
    return Subject(
        base_url=slack.api_url,
        bot_token=_of_kind(slack.bot_token, "xoxb-"),
        app_token=_of_kind(slack.app_token, "xapp-") if slack.mode == "socket" else "",
        channels={one.channel: f"of {one.name}" for one in teams if one.channel}
        | {channel.id: "digests" for channel in settings.channels},
        people={one: where for one, where in named.items() if not one.startswith("S")},
        groups={one: where for one, where in named.items() if one.startswith("S")},
        needless=frozenset() if slack.charts == "picture" else frozenset({"files:write"}),
        messages=messages,
    )


def _replicas(url: str) -> Iterator[Finding]:
    """Which replica is connected to Slack, where there may be several."""
    with _in_use(url) as database:
        if database is None or not database.is_shared:
            return
        if name := look.connected(database):
            yield True, f"replicas: {name} is connected to Slack, as one at a time is"
        else:
            yield None, "replicas: none is connected to Slack now"


def _of_kind(token: SecretStr, prefix: str) -> str:
    """A token; "" if it is of another kind, which need not be tried."""
    secret = token.get_secret_value()
    return secret if secret.startswith(prefix) else ""


def _messages(settings: Settings, *, now: datetime) -> dict[str, list[Block]]:
    """The first messages that would be sent: a digest of now, if there is anything in it."""
    charts = Charts(settings.slack.charts, settings.detection.rules)
    with _in_use(settings.database_url) as database:
        if database is None:
            return {}
        found = look.today(database, now=now)
        told = {"a digest as of now": digests.message(found).blocks}
        if charts.mode == "native" and found.cards:
            name = found.cards[0].short_id
            told['a chart (charts = "native")'] = charts.blocks(database, name, now=now)
        return told


def _duties(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """Who is on duty in each of PagerDuty's schedules."""
    token, people = settings.pagerduty.token.get_secret_value(), settings.pagerduty.people
    if not token:
        return
    pagerduty = PagerDuty(settings.pagerduty.url, token)
    for schedule, team in settings.schedules.items():
        named = f"PagerDuty: schedule {schedule} of {team}"
        try:
            shift = pagerduty.shift(schedule)
        except Untold as why:
            yield False, f"{named}: {why}"
            continue
        if shift is None or not shift.lasts(now):
            yield None, f"{named}: nobody has duty now, or no escalation policy uses it"
        elif shift.person in people:
            yield True, f"{named}: {shift.name[:100]} has duty"
        else:
            yield False, stranger(schedule, shift)


def _sources(sources: Sequence[Source], *, now: datetime) -> Iterator[Finding]:
    """Whether each source we pull from answers: with the first pages of its last hour."""
    web = Web(within_seconds=SOURCE_SECONDS)
    for source in sources:
        try:
            pages = list(source.first_pages(1, until=now, ask=web.ask))
        except Limited as limited:
            yield None, f"source {source.origin}: {limited}"
            continue
        except Awaited as error:
            yield None, f"source {source.origin}: {error}"
            continue
        except SourceError as error:
            yield False, f"source {source.origin}: {error}"
            continue
        found = sum(len(page.delivery.events) for page in pages)
        yield True, f"source {source.origin}: {counted(found, 'error')} on its first pages"


_MARKS = {True: "ok  ", None: "note", False: "FAIL"}
_UNCHECKED = (
    "Nothing else was checked: database, models and Slack are, once the settings can be read."
)


def _models(
    settings: Settings, clock: Callable[[], datetime], *, has_ledger: bool
) -> Iterator[Finding]:
    if settings.llm.unfinished:
        return
    if not settings.llm.is_on:
        yield True, "model: none is set up, the rules explain every error"
    elif not has_ledger:
        yield False, "model: none is tried, what it costs cannot be written down"
    else:
        with _in_use(settings.database_url) as database:
            yield from _tried(settings, database, clock)


def _tried(
    settings: Settings, database: Database | None, clock: Callable[[], datetime]
) -> Iterator[Finding]:
    if database and (reason := asking.switched_off(database)):
        yield True, f"model: none is tried, {reason}"
        return
    answers = False
    for name, ended in asking.probed(settings, database, clock=clock):
        answers = answers or ended is None
        yield _model(name, ended, llm=settings.llm)
    for said in asking.retiring(settings, now=clock()).values() if answers else ():
        yield None, f"model: {said}"
    if gaps := settings.llm.known_prices.gaps(settings.llm.names):
        yield None, f"model: {gaps}"


def _model(name: str, ended: Failure | Denied | None, *, llm: Llm) -> Finding:
    if ended is None:
        return True, f"model: {name} answers, and keeps to a schema"
    if isinstance(ended, Denied):
        return None, f"model: {name} is not tried, {ended.reason}"
    return False, f"model: {name} at {llm.address}: {ended.why}. {remedy(ended, llm.key_name)}"


def remedy(ended: Failure, key: str) -> str:
    """What to do about a model that did not answer."""
    match ended:
        case Config():
            return ended.remedy(key)
        case Retryable(retry_after_seconds=float(seconds)):
            return f"Try again in {seconds:g} s; until then the rules explain every error."
        case _:
            return _REMEDIES[ended.name]


@contextmanager
def _in_use(url: str) -> Iterator[Database | None]:
    """The database, if there is one of this release. Looking creates no file and changes no
    schema."""
    file = sqlite_file(url)
    if (file and not has_any(file)) or awaits_migration(url):
        yield None
        return
    with closing(open_database(url)) as database:
        yield database


_AGAIN = "Try again later; until then the rules explain every error."
_REMEDIES = {
    "spend_limit": "Raise the limit at the provider, or wait for its reset.",
    "invalid": "Its server does not enforce a schema: take one that does, or another model.",
    "refused": "Take another model in [llm].",
    "truncated": "Take a model in [llm] that thinks less.",
    "too_large": "Check base_url in [llm]: something else answers there.",
    "unavailable": "Check base_url in [llm], and that this machine reaches it.",
    "timeout": "Give it longer by deadline_seconds in [llm], or take a faster one.",
    "stopped": _AGAIN,
    "retryable": _AGAIN,
}


_OLDER = (
    "of an older release: `triage db upgrade`, or the next start of `triage serve`, brings it up "
    "to date, a SQLite file with a copy beside it; what is in it is not looked at until then"
)


def _database(url: str) -> Finding:
    try:
        file = sqlite_file(url)
        if file and not file.exists() and file.parent.is_dir():
            return _free_place(file)
        if file and file.is_file() and not has_any(file):
            return None, f"database: {emptied(file)}"
        if awaits_migration(url):
            return None, f"database: {_OLDER}"
        with closing(open_database(url)):
            return True, "database: opened, its schema is current"
    except Unusable as error:
        return False, f"database: {error}"


def _room(url: str) -> Iterator[Finding]:
    """Whether the disk of a SQLite file has room."""
    try:
        file = sqlite_file(url)
        room = disk_usage(file.parent).free if file else LEAST_ROOM
    except (Unusable, OSError):
        return  # which is told of the database
    if room < LEAST_ROOM:
        free = f"{room / 1e6:.1f} MB are free beside the database"
        yield False, f"disk: {free}, too little to write to it: make room there"


def _address(host: str, port: int) -> Iterator[Finding]:
    """Whether `triage serve` can listen there, or does."""
    try:
        receiver.try_to_listen(host, port)
    except SettingsError as error:
        is_taken = getattr(error.__cause__, "errno", 0) == EADDRINUSE
        if is_taken and _answers(host, port):
            yield True, f"http: `triage serve` answers at {host}:{port}"
        else:
            yield False, f"http: {error}"
    else:
        yield True, f"http: {host}:{port} is free to listen on"


def _grpc(http: Http) -> Iterator[Finding]:
    """Whether `triage serve` can take OTLP over gRPC, if a port for that is set."""
    if http.grpc_port is None:
        return
    if find_spec("grpc") is None:
        remedy = "run pip install '.[grpc]' where Triage was cloned, or unset it"
        yield False, f"grpc: http.grpc_port needs the extra `grpc`: {remedy}"
        return
    where = f"{http.host}:{http.grpc_port}"
    try:
        receiver.try_to_listen(http.host, http.grpc_port)
    except SettingsError:
        if _answers(http.host, http.port):
            yield True, f"grpc: {where} is in use, as `triage serve` runs"
        else:
            yield False, f"grpc: cannot listen on {where}: set another http.grpc_port"
    else:
        yield True, f"grpc: {where} is free to listen on"


def _answers(host: str, port: int) -> bool:
    """Whether what listens at an address is a Triage."""
    try:
        with closing(HTTPConnection(host, port, timeout=ADDRESS_SECONDS)) as connection:
            connection.request("GET", receiver.READY)
            said = json.loads(connection.getresponse().read(_LONGEST_ANSWER))
    except (OSError, HTTPException, ValueError):
        return False
    return isinstance(said, dict) and {"ok", "wrong"} <= said.keys()


def _spool(settings: Settings) -> Iterator[Finding]:
    """Whether the spool can be used, and whether any errors wait in it."""
    http = settings.http
    try:
        file = place(settings.database_url, named=http.spool_file) if http.spool_mb else None
    except Unusable:
        return  # which is told of the database
    if file is None:
        yield None, _NO_SPOOL
    elif not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        yield False, f"spool: {file.absolute()} may not be written to; give it to this user"
    elif file.exists() and (events := waiting(file)):
        yield (
            None,
            f"spool: {counted(events, 'error')} in {file} wait until `triage serve` can write",
        )
    else:
        yield True, f"spool: {settings.http.spool_mb} MB at {file}, nothing waits there"


_NO_SPOOL = (
    "spool: none, so what Sentry's clients send while the database cannot be written to is lost; "
    "spool_file and spool_mb in [http] give it a place"
)


def _free_place(file: Path) -> Finding:
    if os.access(file.parent, os.W_OK, effective_ids=True):
        return True, f"database: none yet at {file}; the first command that needs it makes it"
    return False, f"database: {file.parent.absolute()} may not be written to; give it to this user"
