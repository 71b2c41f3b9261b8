"""What a command says: lines for people, JSON for programs, complaints to stderr."""

import json
import sys
from typing import Any

from bot.core.wording.unseen import clean


def say(text: str) -> None:
    """To stdout."""
    sys.stdout.write(_shown(text))


def complain(text: str) -> None:
    """To stderr, where it does not get between what stdout is piped into."""
    sys.stderr.write(_shown(text))


def print_json(value: Any) -> None:
    """One line of JSON on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _shown(text: str) -> str:
    return "".join(f"{clean(line)}\n" for line in text.splitlines())
