"""The program `triage`: its commands, and how it ends when one of them fails."""

import errno
import gc
import io
import logging
import os
import signal
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bot import logs
from bot.cli import interrupt
from bot.cli.options import plain
from bot.cli.output import complain
from bot.core import redaction
from bot.errors import TriageError

COMMANDS = {
    "ingest": "Record the errors in log files, or in what is piped in.",
    "tail": "Follow log files and record the errors in them.",
    "replay": "Show what past events would have set off.",
    "digest": "Show the digest of the last 24 hours.",
    "show": "Show a signature as it stands.",
    "why": "Say why a signature is or was unusual, or the most urgent of late.",
    "unclaimed": "List what is unusual and nobody's.",
    "search": "List the signatures that name some words.",
    "report": "Show how the last seven days went, beside the seven before.",
    "prompt": "Show what a model would be sent about a signature.",
    "cost": "Show what models cost today and this month.",
    "flags": "Show or set the switches of the running bot.",
    "sources": "List where errors come from, how fresh, and who is silent.",
    "keys": "Make, list and revoke the keys that errors are sent with.",
    "deploy": "Tell of a deploy, for new errors to be seen after it.",
    "setup": "Walk from nothing to the first post: the app, its tokens, a channel.",
    "serve": "Run the bot: watch, post digests on schedule, answer on Slack.",
    "demo": "Try it here: a fleet's errors on a Slack-like page.",
    "doctor": "Check settings, database and Slack, and name remedies.",
    "manifest": "Print the manifest to create the Slack app from.",
    "signatures": "Print the signature of each line of stdin, in the same order.",
    "redact": "Hide secrets and personal data in stdin.",
    "analyze": "Say what each message on stdin means and whose it is.",
    "eval": "Hold analyses against cases judged by people.",
    "db": "Migrate, copy, restore and check the database.",
}
"""Each is a module of `bot.cli.commands`, imported when it is asked for: so that neither the help
nor a filter waits for the libraries of a database or of Slack."""

FEWER_COLLECTIONS = 50_000
"""Rows by the hundred thousand live for a moment only: at Python's threshold of 700, the search for
cycles among them takes an eighth of the time of a replay."""

app = plain(
    help="Turn a flood of error logs into a short list of who should fix what.",
    epilog="Start with `triage demo`. To try it on logs of yours: `triage ingest app.log`. "
    "For Slack: `triage setup`.",
    no_args_is_help=True,
)


@app.callback(invoke_without_command=True)
def options(
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What holds for every command."""
    if show_version:
        sys.stdout.write(f"triage {version('triage-bot')}\n")
        raise typer.Exit


def run() -> None:
    """Run a command; what it raises on purpose is shown as a sentence, not as a traceback."""
    gc.set_threshold(FEWER_COLLECTIONS)
    logs.configure(redaction.redact, level=logging.WARNING)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        _run()
    except interrupt.Stopped:
        complain(interrupt.LAST_WORD)
        sys.exit(interrupt.SIGNALLED + signal.SIGINT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(interrupt.SIGNALLED + signal.SIGPIPE)
    except TriageError as error:
        complain(str(error))
        sys.exit(1)
    except OSError as error:
        complain(_failed(error))
        sys.exit(1)


def _run() -> None:
    """Run the command, and write its last words while a failure to write them can be caught."""
    program: Any = typer.main.get_command(app)
    for name, summary in COMMANDS.items():
        program.add_command(_Later(name, short_help=summary))
    with interrupt.raising():
        try:
            program(args=[_legible(one) for one in sys.argv[1:]], prog_name="triage")
        finally:
            sys.stdout.flush()


def _legible(argument: str) -> str:
    """What was typed, with U+FFFD for bytes that are no text, which nothing can store or show.

    The name of a file may be any bytes, and stays.
    """
    if os.path.lexists(argument):
        return argument
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_REMEDIES = {
    errno.ENOSPC: "make room on that disk, then run the same command again",
    errno.EDQUOT: "make room within your quota, then run the same command again",
    errno.EACCES: "let this user read and write it, or name another",
    errno.EPERM: "let this user read and write it, or name another",
    errno.EROFS: "name a place that may be written to",
    errno.ENOENT: "check the path; the folder has to be there",
    errno.EISDIR: "name a file in it",
    errno.EIO: "check that disk",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "raise the limit of open files (ulimit -n)",
}


def _failed(error: OSError) -> str:
    """What the system refused, and what to do about it."""
    what = f"{error.filename or 'The system'}: {error.strerror or error}"
    remedy = _REMEDIES.get(error.errno or 0)
    return f"{what}: {remedy}." if remedy else f"{what}."


class _Later(TyperCommand):
    """A command known by its name and summary only; its module is imported when it is run."""

    def make_context(self, info_name: str | None, args: list[str], **more: Any) -> Any:  # type: ignore[override]
        """The context of the command itself."""
        with interrupt.quitting():
            module = import_module(f"bot.cli.commands.{self.name}")
        try:
            return typer.main.get_command(module.app).make_context(info_name, args, **more)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # as pydantic begins
            raise
