"""`triage tail`."""

import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from threading import Event
from typing import Annotated

import typer

from bot.cli import interrupt, opened, options
from bot.cli.options import ConfigFile, DatabaseUrl, Service, plain, settings
from bot.cli.output import complain
from bot.core.wording.plural import counted
from bot.errors import SourceError
from bot.flows import look
from bot.flows.pull import Puller
from bot.flows.receive import Intake, receiving
from bot.flows.watch import Watch
from bot.sources.field_names import FieldNames
from bot.sources.pulled import Request
from bot.sources.stream import refuse_folder
from bot.sources.tailed import File
from bot.wire import Reply
from storage.database import Database

app = plain()
PAUSE_SECONDS = 1.0
"""Between two looks at the files."""


@app.command(
    "tail",
    epilog="""\b
Examples:
  triage tail /var/log/shop/*.log
  triage tail --new --service shop app.log
""",
)
def follow(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Log files: text or JSON lines.")
    ],
    service: Service = "",
    new: Annotated[
        bool, typer.Option("--new", help="Leave out what is in them when first followed.")
    ] = False,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Follow log files and record the errors in them, until Ctrl-C; the same again goes on there.

    How far each file was read is kept with the errors, so nothing is lost or counted twice
    whatever ends it. A file may be rotated: under its new name (app.log.1, app.log-20261121) it
    is read to its end; or be cut and written anew. What was read by `triage ingest` counts again
    here: --new leaves it out. An endless pipe is read by `triage ingest -`.
    """
    for file in files:
        refuse_folder(file)
    chosen = settings(config, db)
    with ExitStack() as stack:
        database = stack.enter_context(opened.database(chosen))
        intake = stack.enter_context(receiving(database, options.now, by=chosen.redactor()))
        told = stack.enter_context(_stopping())
        sources = [
            _source(file, service, chosen.fields, is_new=new) for file in dict.fromkeys(files)
        ]
        watch = Watch(
            database,
            options.now,
            rules=chosen.detection.rules,
            site_rules=chosen.owner_rules,
        )
        complain(f"Following {counted(len(sources), 'file')}; Ctrl-C ends it.")
        _follow(database, intake, sources, watch=watch, told=told)
    complain(f"{interrupt.LAST_WORD} The same command again goes on from there.")


def _follow(
    database: Database, intake: Intake, sources: Sequence[File], *, watch: Watch, told: Event
) -> None:
    puller_of = partial(
        Puller,
        database,
        holder=token_hex(4),
        ask=_nobody,
        clock=options.now,
        warn=_in_its_own_words,
    )
    pullers = [puller_of(one, intake) for one in sources]
    complained = dict[str, str]()
    while not told.is_set():
        for puller in pullers:
            puller.poke()
        _complain_anew(database, sources, complained)
        watch.look_if_due()
        told.wait(PAUSE_SECONDS)


def _complain_anew(database: Database, sources: Sequence[File], complained: dict[str, str]) -> None:
    """Say what is wrong with each file, once."""
    troubles = {one.name: one.trouble for one in look.pulled(database)}
    for source in sources:
        trouble = troubles.get(source.origin, "")
        if trouble and trouble != complained.get(source.origin):
            complain(trouble)
        complained[source.origin] = trouble


def _source(file: Path, service: str, fields: FieldNames, *, is_new: bool) -> File:
    """The file as a source, whose name depends on its whole path."""
    path = file.absolute()
    mark = blake2b(bytes(path), digest_size=4).hexdigest()
    begun = re.sub(r"[^a-z0-9]+", "-", path.name.lower()).strip("-")[:25]
    name = f"{begun}-{mark}" if begun[:1].isalpha() else f"f-{begun}-{mark}"
    return File(name=name, path=path, service=service, fields=fields, from_end=is_new)


@contextmanager
def _stopping() -> Iterator[Event]:
    """An event that Ctrl-C or SIGTERM sets, so that what is being stored is stored first."""
    told = Event()
    with interrupt.handling(lambda *_: told.set(), signal.SIGINT, signal.SIGTERM):
        yield told


def _in_its_own_words(_: str) -> None:
    """Nothing: what is wrong with a file is said by `_complain_anew`, with the path as it was
    given."""


def _nobody(request: Request) -> Reply:
    raise SourceError(f"{request.url} is no file")
