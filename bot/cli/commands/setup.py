"""`triage setup`."""

import os
import sys
from getpass import getpass
from pathlib import Path

from bot import setup as walks
from bot.cli import opened
from bot.cli.options import now, plain
from bot.cli.output import say
from bot.dialogue import Dialogue
from bot.errors import TriageError

app = plain()


@app.command(epilog="Example: triage setup")
def setup() -> None:
    """Walk from nothing to the first post: the app, its tokens, a channel, where errors come from.

    Writes triage.toml, and the tokens to triage.env, into this folder. Ctrl-C ends it at any time.
    Where it was done without Slack, run it again to add Slack.
    """
    is_seen = sys.stdin.isatty()
    dialogue = Dialogue(say, _ask, getpass if is_seen else _ask)
    with opened.failures_told():
        walks.walk(dialogue, folder=Path(), environ=os.environ, clock=now)


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise TriageError(
            "The input ended before the setup did: run triage setup again in a terminal."
        ) from None
