"""One exchange over HTTP, with a deadline for all of it and a limit to what comes back."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import httpx2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole; the names of its headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Overlong(Exception):
    """More came back than is read."""


class NotBegun(Exception):
    """Nothing was asked: it was stopped before."""


class Ended(Exception):
    """It was stopped while it was asked."""


class _Limited(httpx2.AsyncByteStream):
    """The beginning of a body: an answer that is longer is none, an error is told by its status."""

    def __init__(self, stream: httpx2.AsyncByteStream, longest: int, *, is_answer: bool) -> None:
        self._stream = stream
        self._longest = longest
        self._is_answer = is_answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        got = 0
        async for piece in self._stream:
            got += len(piece)
            if got > self._longest and self._is_answer:
                raise Overlong
            if got > self._longest:
                return
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _limit(response: httpx2.Response, *, longest: int) -> None:
    """Nothing packed was asked for; unpacked, a few bytes could fill the memory."""
    response.headers.pop("content-encoding", None)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Limited(response.stream, longest, is_answer=response.is_success)


def client(longest: int) -> httpx2.AsyncClient:
    """Follows no redirect, which could carry the request elsewhere; proxies as the environment
    says. It reads `longest` bytes at most, and knows no timeout: `Line` has the only one."""
    return httpx2.AsyncClient(
        timeout=None,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [partial(_limit, longest=longest)]},
    )


async def exchange(method: str, url: str, *, longest: int, **asked: Any) -> Reply:
    """One request and its answer, whole; `asked` as httpx2 takes it. Raises Overlong, and what
    httpx2 raises."""
    async with client(longest) as one, one.stream(method, url, **asked) as response:
        return Reply(response.status_code, dict(response.headers), await response.aread())


class Line:
    """Where requests run, each in the thread that asks for it, until it is stopped."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, talk: Callable[[], Coroutine[Any, Any, T]], *, within_seconds: float) -> T:
        """What `talk` gives, within so many seconds in all: a timeout of a library begins anew with
        every byte. Raises TimeoutError, NotBegun, Ended.

        The loop is left without waiting for its threads: one may hang in a look-up of a name.
        """
        with closing(asyncio.new_event_loop()) as loop:
            task = self._begin(talk, within_seconds, loop=loop)
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                raise Ended from None
            finally:
                self._leave(task)
                loop.run_until_complete(loop.shutdown_asyncgens())

    def stop(self) -> None:
        """End what runs, at once; nothing begins later."""
        with self._lock:
            self._stopped = True
            for task, loop in self._running.items():
                loop.call_soon_threadsafe(task.cancel)

    def _begin(
        self,
        talk: Callable[[], Coroutine[Any, Any, T]],
        within_seconds: float,
        *,
        loop: asyncio.AbstractEventLoop,
    ) -> asyncio.Task[T]:
        """What a stop ends from now on."""
        with self._lock:
            if self._stopped:
                raise NotBegun
            task = loop.create_task(_limited(talk, within_seconds))
            self._running[task] = loop
            return task

    def _leave(self, task: asyncio.Task[Any]) -> None:
        with self._lock:
            del self._running[task]


async def _limited(talk: Callable[[], Coroutine[Any, Any, T]], within_seconds: float) -> T:
    return await asyncio.wait_for(talk(), within_seconds)


def stopwatch() -> Callable[[], float]:
    """Gives the seconds since now."""
    began = monotonic()
    return lambda: monotonic() - began
