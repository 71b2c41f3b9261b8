"""`triage sources …`."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import print_json, say
from bot.errors import NotFound, SourceError
from bot.flows import look
from bot.sources.pulled import Page, Source
from bot.sources.web import Web
from bot.terminal import origins

app = plain()


@app.callback(invoke_without_command=True, epilog="Example: triage sources")
def tell(
    context: typer.Context,
    now: Moment = None,
    db: DatabaseUrl = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List where errors come from, how fresh, and who is silent: of the last 14 days.

    \b
    errors   that came in the last 24 hours, of whatever time they are
    newest   the time of its newest error
    came     when the last ones came in
    lag      how old the newest was then
    read     up to when a source was read that is asked, how much of a backlog that is, and how
             long the rest takes if it goes on so; and what is wrong with it, or until when its
             limit of requests makes it wait

    A source is silent once it is not heard from for longer than two hours, and twice as long
    as it was at most before: of errors there may be none. Less than three hours heard say
    nothing. A digest names who is silent, and who could not be read for half an hour.
    """
    if context.invoked_subcommand:
        return
    chosen, moment = settings(config, db), now or options.now()
    with opened.existing(chosen) as database:
        if json:
            print_json(look.sources_as_json(database, now=moment))
            return
        found, pulled = look.sources(database, now=moment), look.pulled(database)
    configured = {one.origin: _lacks(one) for one in chosen.sources}
    say(origins.sources(found, pulled, configured, now=moment))


def _lacks(source: Source) -> str:
    """What keeps this user from reading a source, in words; empty if nothing does."""
    try:
        source.require_secrets()
    except SourceError as error:
        return str(error)
    return ""


@app.command("test", epilog="Example: triage sources test loki-prod")
def try_out(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="As [[sources]] in triage.toml has it.")
    ],
    hours: Annotated[
        float, typer.Option("--hours", help="How far back to look.", min=0.01, max=336)
    ] = 1,
    config: ConfigFile = None,
) -> None:
    """Ask a source for some pages, and say what came of it or what to do. Nothing is recorded.

    Of each thing that Triage looks for beside the message it says how many errors have it, and
    what; where none has, [fields] in triage.toml says which fields hold it.
    """
    chosen = settings(config)
    source = _named(name, chosen.asked)
    pages = list[Page]()
    try:
        for page in source.first_pages(hours, until=options.now(), ask=Web().ask):
            pages.append(page)
    except SourceError:
        if pages:
            say(origins.tried(source.origin, pages, by=chosen.redactor()))
        raise
    say(origins.tried(source.origin, pages, by=chosen.redactor()))


def _named(name: str, sources: Sequence[Source]) -> Source:
    names = [one.name for one in sources]
    if name in names:
        return sources[names.index(name)]
    near = get_close_matches(name, names, n=1) or names
    hint = f"did you mean {near[0]}?" if near else "add one; docs/sources.md shows how."
    raise NotFound(f"No source {name!r} stands in [[sources]] of triage.toml: {hint}")
