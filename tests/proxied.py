"""A way to a PostgreSQL that a test can cut: nothing comes through, and nobody is told."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from sqlalchemy.engine import make_url

PIECE = 65_536


class Proxy:
    """Passes on what comes to a port of this machine, while its way is open."""

    def __init__(self, url: str) -> None:
        self._socket = f"{make_url(url).query['host']}/.s.PGSQL.5432"
        self._name = make_url(url).database
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open = Event()
        self._open.set()

    @property
    def url(self) -> str:
        """The address of the same database through here."""
        host, port = self._listening.getsockname()
        return f"postgresql+psycopg://triage@{host}:{port}/{self._name}"

    def cut(self) -> None:
        """From now on nothing comes through, either way."""
        self._open.clear()

    def heal(self) -> None:
        """What was held up goes on."""
        self._open.set()

    def accept(self) -> None:
        """Serve until it is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._socket)
                for ends in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=ends, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                self._open.wait()
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """One that serves until the block is left."""
    proxy = Proxy(url)
    serving = Thread(target=proxy.accept)
    serving.start()
    try:
        yield proxy
    finally:
        proxy.heal()
        proxy.close()
        serving.join()
