"""Between the request that brings errors and its 200, the kernel synced them to the disk."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests import receiving
from tests.forked import Life

KEY = "k" * 32
CALLS = "fdatasync,fsync,read,recvfrom,recvmsg,write,sendto,sendmsg"


@contextmanager
def watched(pid: int, calls: Path) -> Iterator[None]:
    """What a process asks of the kernel is written down, until the block is left."""
    command = ["strace", "-f", "-s", "32", "-e", f"trace={CALLS}", "-o", str(calls), "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr
        try:
            assert "attached" in (said := strace.stderr.readline()), said
            yield
        finally:
            strace.send_signal(signal.SIGINT)


@pytest.mark.sqlite
@pytest.mark.promise(row="R2")
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_errors_are_on_the_disk_before_they_are_acknowledged(url: str, tmp_path: Path) -> None:
    life = Life(receiving.main, url, KEY)
    try:
        port = life.hear()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        with watched(life.pid, tmp_path / "calls"), closing(connection):
            body = '[{"message": "disk on fire"}]'
            connection.request("POST", "/ingest", body, {"Authorization": f"Bearer {KEY}"})
            assert connection.getresponse().status == 200
    finally:
        life.kill()
    calls = (tmp_path / "calls").read_text()
    asked, answered = calls.index('"POST /ingest'), calls.index('"HTTP/1.1 200')
    assert re.search(r"f(data)?sync\(\d+\) *= 0|f(data)?sync resumed>.*= 0", calls[asked:answered])
