"""A few workers and a bounded queue, by which acknowledged requests are carried out."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep

ROOM = 1_000
IDLE_SECONDS = 5
"""A worker without work ends after this long; the next piece of work starts another."""

PUT_OFF_SECONDS = 2.0
"""Work waits no longer than this for acknowledgements, be it for one rush or for several in a row:
without a limit it would pile up while people ask without a pause.
"""

LINGER_SECONDS = 0.03
"""A rush lasts so much longer than its last acknowledgement. Clicks of one moment come one after
the other, and the work of the first would hold up the acknowledgement of the next."""

Work = Callable[[], object]

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Piece:
    """Some work, its lines, and how many pieces of work come before it in these."""

    work: Work
    lines: frozenset[str]
    ahead: int = 0


class Rush:
    """Lets acknowledgements go before other work, since Python runs one thread at a time."""

    def __init__(
        self,
        *,
        put_off_seconds: float = PUT_OFF_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
        clock: Callable[[], float] = monotonic,
        pause: Callable[[float], None] = sleep,
    ) -> None:
        self._put_off_seconds = put_off_seconds
        self._linger_seconds = linger_seconds
        self._clock = clock
        self._pause = pause
        self._inside = 0
        self._over_at = 0.0
        self._until = 0.0
        self._change = threading.Lock()
        self._first = threading.Lock()

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Mark an acknowledgement as under way until the block is left."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def after(self, work: Work) -> Work:
        """The same work, which first waits until no acknowledgement is under way."""
        latest = self._clock() + self._put_off_seconds

        def later() -> None:
            with self._first:  # one looks whether it is over, or all would, again and again
                while (seconds := min(self._left(), latest - self._clock())) > 0:
                    self._pause(seconds)
            work()

        return later

    def _count(self, more: int) -> None:
        with self._change:
            now = self._clock()
            if not self._inside and now >= self._over_at:
                self._until = now + self._put_off_seconds
            self._inside += more
            self._over_at = now + self._linger_seconds

    def _left(self) -> float:
        """For how many more seconds the rush goes on at least, as far as is known."""
        with self._change:
            now = self._clock()
            over_at = now + self._linger_seconds if self._inside else self._over_at
            return min(over_at, self._until) - now


class Crew:
    """Workers, and lines of work: the work in one line is done one after the other, as it came.

    Work may be in several lines, such as a person's and a signature's.
    """

    def __init__(self, name: str, *, workers: int, room: int = ROOM) -> None:
        self._name = name
        self._workers = workers
        self._room = room
        self._lines: dict[str, deque[_Piece]] = {}
        self._ready: deque[_Piece] = deque()
        self._left = 0
        self._present = 0
        self._idle = 0
        self._closed = False
        self._change = threading.Lock()
        self._wanted = threading.Condition(self._change)
        self._settled = threading.Condition(self._change)

    def take(self, work: Work, *, lines: Collection[str] = (), first: bool = False) -> bool:
        """Queue some work; False, with nothing done, if the queue is full or the crew has finished.

        `first` puts it before all that waits, except in its own lines.
        """
        with self._change:
            if self._closed or self._left >= self._room:
                return False
            self._add(_Piece(work, frozenset(lines)), first=first)
            return True

    def follow_up(self, work: Work, *, lines: Collection[str] = ()) -> None:
        """Carry out what follows from earlier work: it is never turned away."""
        with self._change:
            self._add(_Piece(work, frozenset(lines)), first=False)

    @property
    def is_full(self) -> bool:
        """Whether anything more would be turned away."""
        with self._change:
            return self._closed or self._left >= self._room

    def settle(self, seconds: float) -> bool:
        """Wait until all work is done; False if it is not within so many seconds."""
        with self._change:
            return self._settled.wait_for(lambda: not self._left, timeout=seconds)

    def finish(self, seconds: float) -> None:
        """Take nothing more, and finish what was taken; work that takes longer is left, and
        logged."""
        with self._change:
            self._closed = True
            self._wanted.notify_all()
        if not self.settle(seconds):
            log.error("%d were not finished within %s s: %s", self._left, seconds, self._name)

    def _add(self, piece: _Piece, *, first: bool) -> None:
        self._left += 1
        for name in piece.lines:
            line = self._lines.setdefault(name, deque())
            piece.ahead += bool(line)
            line.append(piece)
        if not piece.ahead:
            self._begin(piece, first=first)

    def _begin(self, piece: _Piece, *, first: bool = False) -> None:
        (self._ready.appendleft if first else self._ready.append)(piece)
        if len(self._ready) > self._idle and self._present < self._workers:
            self._present += 1
            threading.Thread(target=self._labour, name=self._name, daemon=True).start()
        else:
            self._wanted.notify()

    def _labour(self) -> None:
        while (piece := self._next()) is not None:
            try:
                piece.work()
            except Exception:
                log.exception("Work was given up: %s", self._name)
            with self._change:
                self._end(piece)

    def _next(self) -> _Piece | None:
        """The next piece of work, or None when it is time to leave."""
        with self._change:
            self._idle += 1
            self._wanted.wait_for(lambda: self._ready or self._closed, timeout=IDLE_SECONDS)
            self._idle -= 1
            if self._ready:
                return self._ready.popleft()
            self._present -= 1
            return None

    def _end(self, piece: _Piece) -> None:
        self._left -= 1
        for name in piece.lines:
            line = self._lines[name]
            line.popleft()
            if not line:
                del self._lines[name]
                continue
            line[0].ahead -= 1
            if not line[0].ahead:
                self._begin(line[0])
        if not self._left:
            self._settled.notify_all()
