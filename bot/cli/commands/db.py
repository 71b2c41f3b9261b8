"""`triage db …`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import opened, options
from bot.cli.options import AsJson, ConfigFile, DatabaseUrl, Moment, plain, settings
from bot.cli.output import print_json, say
from bot.flows.survey import survey
from bot.terminal import holdings
from storage import copies, faults, keys, schemas

app = plain(
    help="Migrate, copy, restore and check the database.",
    epilog="Example: triage db backup /backups/triage-monday.db",
    no_args_is_help=True,
)


MOST_TOLD = 20
"""Faults of a kind: what is wrong is often wrong everywhere."""


@app.command(epilog="Example: triage db upgrade --db sqlite:////data/triage.db")
def upgrade(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Bring the schema up to this release; a copy is made first."""
    with opened.database(settings(config, db)):
        say(f"The database is at schema {schemas.head()}.")


@app.command(epilog="Example: triage db backup /backups/triage-monday.db")
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to write.")],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Write a consistent copy of the database, also while the bot runs."""
    with opened.failures_told():
        copies.backup(settings(config, db).database_url, target)
    say(f"Copied to {target}.")


@app.command(epilog="Example: triage db restore /backups/triage-monday.db")
def restore(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="A copy made by `triage db backup`.")
    ],
    db: DatabaseUrl = None,
    config: ConfigFile = None,
) -> None:
    """Put a copy in the place of the database. Stop the bot first.

    Keys that were revoked since the copy hold again: they are named.
    """
    with opened.failures_told():
        kept = copies.restore(settings(config, db).database_url, source)
    say(f"Restored from {source}." + (f" The old database is {kept}." if kept else ""))
    for number, project in keys.revived(kept, source) if kept else ():
        say(
            f"Key {number} of {project} holds again, which was revoked since the copy: "
            f"`triage keys revoke {number}`."
        )


@app.command(epilog="Example: triage db check && triage db backup /backups/triage-monday.db")
def check(db: DatabaseUrl = None, config: ConfigFile = None) -> None:
    """Look for anything wrong in the database, also while the bot runs. It repairs nothing.

    \b
    storage     its pages and indexes, as SQLite finds them; of PostgreSQL, that each row
                can be read (pg_amcheck looks into its indexes)
    schema      that it is as this release makes it
    triggers    that what was decided cannot be changed
    references  that nothing names what is not there
    counts      that each error's total is what was counted of it by hours and days
    trail       that each decision begins where the one before ended, and each error stands
                where the last one left it
    undone      that no decision takes back a later one
    mutes       that what is muted has one mute, and nothing else has any
    merges      that nothing is merged into itself
    names       that each error is known by a fingerprint

    All of it is read: a gigabyte takes some seconds. Exit status: 0 where nothing is wrong, 1
    where something is, or where it cannot be read at all; then `triage db restore` puts a copy
    in its place. Faults of other kinds than storage and schema are ours: please report them.
    Tables and indexes that somebody else put there are named, and no fault.
    """
    is_well = True
    with opened.existing(settings(config, db)) as database, database.read() as session:
        for what, found in faults.checks(session):
            is_well = is_well and not found
            say(f"{what:<10}  {'BROKEN' if found else 'ok'}")
            say("\n".join(f"  {one}" for one in found[:MOST_TOLD]))
            if len(found) > MOST_TOLD:
                say(f"  and {len(found) - MOST_TOLD:,} more")
        others = faults.foreign(session)
        say(f"Not ours, and no fault: {', '.join(others)}" if others else "")
    if not is_well:
        raise typer.Exit(1)


@app.command(epilog="Example: triage db stats")
def stats(
    now: Moment = None, db: DatabaseUrl = None, config: ConfigFile = None, json: AsJson = False
) -> None:
    """Tell how much the database holds, how old it is, and what goes next.

    \b
    table    each of ours that has rows; what it holds is said at the end of its line
    size     on the disk, with indexes; free is what is used again before the file grows
    oldest   by when it came in, happened, or was decided; of signatures, by the last sight
    going    what [retention] in triage.toml lets go of within a day, at most: of
             seen, sightings, samples, analyses by models, outbox, digests, reminders, calls
    budgets  how much of most_events and most_sightings in [retention] is used: above 100 %
             the oldest go sooner, down to what is kept whatever the budget

    Decisions, mutes and signatures never go. All of the database is read.
    """
    chosen = settings(config, db)
    with opened.existing(chosen) as database:
        found = survey(database, chosen.retention.given, now=now or options.now())
    if json:
        print_json(found.as_json())
    else:
        say(holdings.held(found))
