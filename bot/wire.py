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
    """The whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Overlong(Exception):
    """The answer is longer than is read."""


class NotBegun(Exception):
    """Nothing was asked, because the line was stopped before."""


class Ended(Exception):
    """The line was stopped during the exchange."""


class _Limited(httpx2.AsyncByteStream):
    """A body that is read only up to a limit: a longer answer is useless, and an error is told by
    its status."""

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
    """Refuse packed answers, which were not asked for: unpacked, a few bytes could fill the
    memory."""
    response.headers.pop("content-encoding", None)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Limited(response.stream, longest, is_answer=response.is_success)


def client(longest: int) -> httpx2.AsyncClient:
    """A client that reads `longest` bytes of an answer at most.

    It follows no redirect, which could carry the request elsewhere, and uses the environment's
    proxies. It has no timeout: `Line` has the only one.
    """
    return httpx2.AsyncClient(
        timeout=None,
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [partial(_limit, longest=longest)]},
    )


async def exchange(method: str, url: str, *, longest: int, **asked: Any) -> Reply:
    """One request and its whole answer; `asked` is passed on to httpx2. Raises Overlong, and what
    httpx2 raises."""
    async with client(longest) as one, one.stream(method, url, **asked) as response:
        return Reply(response.status_code, dict(response.headers), await response.aread())


class Line:
    """Runs requests, each in the thread that makes it, until it is stopped."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[Any], asyncio.AbstractEventLoop] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, talk: Callable[[], Coroutine[Any, Any, T]], *, within_seconds: float) -> T:
        """The result of `talk`, within so many seconds in all, while a library's timeout would
        begin anew with every byte. Raises TimeoutError, NotBegun, Ended.

        The event loop is left without waiting for its threads: one may hang while looking up a
        name.
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
        """End the requests under way at once; none begins later."""
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
        """The task that runs `talk`, which a stop ends from now on."""
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
    """A function that gives the seconds since now."""
    began = monotonic()
    return lambda: monotonic() - began
