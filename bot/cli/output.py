"""What a command says: lines for people, JSON for programs, complaints to stderr."""

import json
import sys
from typing import Any

from bot.core.wording.unseen import clean


def say(text: str) -> None:
    """Print a line to stdout."""
    sys.stdout.write(_shown(text))


def complain(text: str) -> None:
    """Print a line to stderr, where it does not get into what stdout is piped to."""
    sys.stderr.write(_shown(text))


def print_json(value: Any) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _shown(text: str) -> str:
    return "".join(f"{clean(line)}\n" for line in text.splitlines())
