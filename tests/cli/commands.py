"""The commands as people and programs meet them: real processes, what they say, how they end."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from tests.builders import NOON
from tests.program import run

TRIAGE = (sys.executable, "-m", "bot")
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
}


def a_line(time: datetime = NOON, message: str = "payment 17 refused", **facts: Any) -> str:
    values = {"timestamp": time.isoformat(), "level": "error", "service": "checkout"}
    return json.dumps({**values, "message": message, **facts}) + "\n"


def lines(count: int) -> str:
    """Errors of one signature, a second apart."""
    return "".join(a_line(NOON + timedelta(seconds=number)) for number in range(count))


def triage(
    *arguments: str | Path, folder: Path, stdin: str | bytes = b"", code: int = 0, **variables: str
) -> tuple[str, str]:
    """What it said on stdout and stderr; it must have ended with `code`, and never a traceback."""
    ended = run(
        [*map(str, arguments)],
        folder=folder,
        environment={**ENVIRONMENT, **variables},
        stdin=stdin.encode() if isinstance(stdin, str) else stdin,
    )
    said, complained = ended.stdout.decode(), ended.stderr.decode()
    assert "Traceback" not in complained
    assert ended.code == code, complained
    return said, complained


def counted(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "triage.db")) as connection:
        (total,) = connection.execute("SELECT coalesce(sum(total), 0) FROM signatures").fetchone()
    return int(total)


def a_log(folder: Path) -> Path:
    """Three days with one payment error an hour, and another error on the last of them."""
    hours = [NOON - timedelta(hours=back) for back in reversed(range(72))]
    usual = "".join(a_line(hour, f"payment {hour:%H} refused") for hour in hours)
    file = folder / "errors.jsonl"
    file.write_text(usual + a_line(NOON, "export failed: template not found", tenant="acme"))
    return file


def write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin
    process.stdin.write(text.encode())
    process.stdin.flush()


def soon(seen: Callable[[], object]) -> bool:
    return any(seen() or Event().wait(0.05) for _ in range(1_000))
