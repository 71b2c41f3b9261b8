"""What the listeners need, handed to them once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Desk:
    """Where decisions go, what time it is, the teams one can reroute to, and our command."""

    database: Database
    clock: Callable[[], datetime]
    teams: tuple[str, ...]
    command: str = "/triage"
