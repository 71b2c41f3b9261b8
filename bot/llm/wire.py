"""One exchange over HTTP, with a deadline for all of it and a limit to what comes back."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import httpx2

from bot.core.outcome import (
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

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_REPLY = 1_000_000
"""Bytes: a hundred times what the longest answer takes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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


class Overlong(Exception):
    """More came back than is read."""


class _Limited(httpx2.AsyncByteStream):
    """The beginning of a body: an answer that is longer is none, an error is told by its status."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, is_answer: bool) -> None:
        self._stream = stream
        self._is_answer = is_answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        got = 0
        async for piece in self._stream:
            got += len(piece)
            if got > LONGEST_REPLY and self._is_answer:
                raise Overlong
            if got > LONGEST_REPLY:
                return
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _limit(response: httpx2.Response) -> None:
    """Nothing packed was asked for; unpacked, a few bytes could fill the memory."""
    response.headers.pop("content-encoding", None)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Limited(response.stream, is_answer=response.is_success)


def client() -> httpx2.AsyncClient:
    """Follows no redirect, which could carry the request elsewhere; proxies as the environment
    says. It knows no timeout: `exchange` has the only one."""
    return httpx2.AsyncClient(
        timeout=None,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [_limit]},
    )


class Line:
    """Where requests run, each in the thread that asks for it, until it is stopped."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[Reply | Failure], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def ask(
        self,
        talk: Talk,
        read: Callable[[Exchanged], Outcome[T]],
        *,
        model: str,
        within_seconds: float,
    ) -> Outcome[T]:
        """What `read` makes of what `talk` gives; whatever goes wrong in either is an outcome."""
        try:
            return read(self._exchange(talk, model=model, within_seconds=within_seconds))
        except Exception as error:
            log.exception("A request to %s failed here", model)
            return Unavailable(Call(model), f"failed here ({type(error).__name__})")

    def stop(self) -> None:
        """End what runs, at once; nothing begins later."""
        with self._lock:
            self._stopped = True
            for task, loop in self._running.items():
                loop.call_soon_threadsafe(task.cancel)

    def _exchange(self, talk: Talk, *, model: str, within_seconds: float) -> Exchanged:
        """What `talk` gives, within so many seconds in all: a timeout of a library begins anew with
        every byte.

        The loop is left without waiting for its threads: one may hang in a look-up of a name.
        """
        with closing(asyncio.new_event_loop()) as loop:
            began = loop.time()
            task = self._begin(talk, Call(model), within_seconds, loop=loop)
            if task is None:
                return Exchanged(Stopped(Call(model, usage=NOTHING), "not asked any more"), 0.0)
            try:
                reply = loop.run_until_complete(task)
            except asyncio.CancelledError:
                reply = Stopped(Call(model), "stopped while it was asked")
            finally:
                self._leave(task)
                loop.run_until_complete(loop.shutdown_asyncgens())
            return Exchanged(reply, loop.time() - began)

    def _begin(
        self, talk: Talk, call: Call, within_seconds: float, *, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Task[Reply | Failure] | None:
        """What a stop ends from now on; None once it is stopped."""
        with self._lock:
            if self._stopped:
                return None
            task = loop.create_task(_ended(talk, call, within_seconds))
            self._running[task] = loop
            return task

    def _leave(self, task: asyncio.Task[Reply | Failure]) -> None:
        with self._lock:
            del self._running[task]


async def _ended(talk: Talk, call: Call, within_seconds: float) -> Reply | Failure:
    try:
        return await asyncio.wait_for(talk(), within_seconds)
    except TimeoutError:
        return Timeout(call, f"no answer within {within_seconds:g} s")
    except Overlong:
        return TooLarge(call, f"the answer is longer than {LONGEST_REPLY:,} bytes")
    except httpx2.ConnectError:
        return Unavailable(replace(call, usage=NOTHING), "no connection to the provider")
    except (httpx2.LocalProtocolError, httpx2.InvalidURL, ValueError, TypeError) as error:
        return Config(replace(call, usage=NOTHING), f"cannot be asked ({type(error).__name__})")
    except httpx2.TransportError as error:
        return Unavailable(call, f"the connection broke ({type(error).__name__})")
