"""Stand-ins written by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import TypeVar, cast

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bot.core.asking.prompt import Answer, Prompt
from bot.core.spending.outcome import Call, Failure, Ok, Outcome, Usage
from bot.dialogue import Dialogue
from storage.database import Database
from tests.builders import NOON

T = TypeVar("T")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self._now = NOON

    def __call__(self) -> datetime:
        return self._now

    def move(self, *, to: datetime | None = None, **by: float) -> None:
        """Forward by so many `minutes=` or `hours=`; or to a moment."""
        self._now = (to or self._now) + timedelta(**by)


class Models:
    """Models that say what they are told to, and remember what they were asked.

    The last outcome is repeated. `meanwhile` runs while a call is under way, as its caller waits.
    """

    def __init__(
        self, *outcomes: Answer | Failure, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        self._outcomes = list(outcomes)
        self._meanwhile = meanwhile
        self._lock = Lock()
        self.asked: list[tuple[str, Prompt]] = []

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        """The next outcome."""
        with self._lock:
            self.asked.append((model, prompt))
            said = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        self._meanwhile()
        if not isinstance(said, schema):
            return cast("Failure", said)
        usage = Usage(input=1_000, output=500)
        return Ok(Call(model, model=model, usage=usage, latency_seconds=1), said)

    def retires(self, model: str, *, within_seconds: float) -> datetime | None:
        """Never."""

    def stop(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True, slots=True)
class Away(Database):
    """A database that answers nobody until it comes back."""

    _is_here: Event = field(default_factory=Event)

    def comes_back(self) -> None:
        self._is_here.set()

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._check()
        with Database.write(self) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._check()
        with Database.read(self) as session:
            yield session

    def _check(self) -> None:
        if not self._is_here.is_set():
            raise OperationalError("BEGIN", None, ConnectionError("connection refused"))


class Person:
    """Answers what it was told to, in turn, and remembers what it was told and asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.heard: list[str] = []
        self.secrets: list[str] = []

    def ask(self, question: str) -> str:
        self.heard.append(question)
        return self._answers.pop(0)

    def ask_secret(self, question: str) -> str:
        self.secrets.append(question)
        return self._answers.pop(0)

    @property
    def dialogue(self) -> Dialogue:
        return Dialogue(self.heard.append, self.ask, self.ask_secret)
