"""A model asked over HTTP: whatever goes wrong is an outcome."""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx2

from bot import wire
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Outcome,
    Stopped,
    Timeout,
    TooLarge,
    Unavailable,
)
from bot.wire import Reply

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_REPLY = 1_000_000
"""Bytes: a hundred times what the longest answer takes."""

Talk = Callable[[], Coroutine[Any, Any, Reply]]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A reply, or the failure in its place, and how long it took."""

    reply: Reply | Failure
    seconds: float

    def timed(self, call: Call) -> Call:
        """The same call with its duration."""
        return replace(call, latency_seconds=self.seconds)

    def ended(self, failure: Failure) -> Failure:
        """The same failure with its duration."""
        return replace(failure, call=self.timed(failure.call))


def client() -> httpx2.AsyncClient:
    """For one exchange with a model."""
    return wire.client(LONGEST_REPLY)


def exchange(url: str, **asked: Any) -> Coroutine[Any, Any, Reply]:
    """One question to a model and its answer, whole."""
    return wire.exchange("POST", url, longest=LONGEST_REPLY, **asked)


class Line:
    """Asks models, each in the thread that asks, until it is stopped."""

    def __init__(self) -> None:
        self._line = wire.Line()

    def ask(
        self,
        talk: Talk,
        read: Callable[[Exchanged], Outcome[T]],
        *,
        model: str,
        within_seconds: float,
    ) -> Outcome[T]:
        """The outcome that `read` makes of what `talk` gives; whatever goes wrong in either is an
        outcome, too."""
        seconds = wire.stopwatch()
        try:
            reply = self._exchange(talk, Call(model), within_seconds)
            return read(Exchanged(reply, seconds()))
        except Exception as error:
            log.exception("A request to %s failed here", model)
            return Unavailable(Call(model), f"failed here ({type(error).__name__})")

    def stop(self) -> None:
        """End the requests under way at once; none begins later."""
        self._line.stop()

    def _exchange(self, talk: Talk, call: Call, within_seconds: float) -> Reply | Failure:
        try:
            return self._line.run(talk, within_seconds=within_seconds)
        except wire.NotBegun:
            return Stopped(replace(call, usage=NOTHING), "not asked any more")
        except wire.Ended:
            return Stopped(call, "stopped while it was asked")
        except TimeoutError:
            return Timeout(call, f"no answer within {within_seconds:g} s")
        except wire.Overlong:
            return TooLarge(call, f"the answer is longer than {LONGEST_REPLY:,} bytes")
        except httpx2.ConnectError:
            return Unavailable(replace(call, usage=NOTHING), "no connection to the provider")
        except (httpx2.LocalProtocolError, httpx2.InvalidURL, ValueError, TypeError) as error:
            cause = f"cannot be asked ({type(error).__name__})"
            return Config(replace(call, usage=NOTHING), cause)
        except httpx2.TransportError as error:
            return Unavailable(call, f"the connection broke ({type(error).__name__})")
