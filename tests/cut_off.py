"""A user of PostgreSQL as a process with a network of its own, which a test can cut: it is not told
that nothing comes through any more."""

import ctypes
import socket
import struct
from contextlib import closing
from fcntl import ioctl
from multiprocessing.connection import Connection

from sqlalchemy import text

from storage.database import Database, open_database
from storage.failures import FAILURES
from tests.proxied import proxied

_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_SET_FLAGS, _UP = 0x8914, 1


def main(url: str, options: str, line: Connection) -> None:
    """Says whether it has a network of its own, and then how each of these went: a question, one
    that is under way as the way is cut, one on a new connection, and one once it is mended."""
    has_its_own = ctypes.CDLL(None).unshare(_NEWUSER | _NEWNET) == 0
    line.send(has_its_own)
    if not has_its_own:
        return
    _loopback(up=True)
    with proxied(url) as way, closing(open_database(f"{way.url}?{options}")) as database:
        line.send(_asks(database))
        _loopback(up=False)
        line.send(_asks(database))
        line.send(_asks(database))
        _loopback(up=True)
        line.send(_asks(database))


def _asks(database: Database) -> bool:
    """Whether the database answers; it knows one way or the other when this returns."""
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
    except FAILURES:
        return False
    return True


def _loopback(*, up: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", _UP if up else 0)
        ioctl(any_socket, _SET_FLAGS, request)
