"""An endless pipe, a signal, a closed pipe: what was read stays, and nobody sees a traceback."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import ENVIRONMENT, TRIAGE, counted, lines, soon, triage, write


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    text = tmp_path / "many.log"
    text.write_text("".join(f"error {number} in the cache\n" for number in range(20_000)))
    with text.open("rb") as stdin:
        process = subprocess.Popen(
            [*TRIAGE, "signatures"], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b"E-")
    process.stdout.close()
    assert process.wait(timeout=60) in {1, 141}
    with process.stderr as complained:
        assert complained.read() == b""


@contextmanager
def ingesting(folder: Path, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """`triage ingest -` with a pipe that stays open, into an empty database."""
    given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(
        [*TRIAGE, "ingest", "-"], cwd=folder, env=ENVIRONMENT, **{**given, **streams}
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_endless_pipe_is_recorded_as_it_comes_and_a_signal_ends_it(
    number: int, log: Path, empty: None
) -> None:
    with ingesting(log.parent) as process:
        write(process, log.read_text())
        assert soon(lambda: counted(log.parent) == 73), "no line followed, yet it waited for one"
        write(process, "2026-11-18 12:00:00 ERROR export failed\n  of a report\n")
        assert soon(lambda: counted(log.parent) == 74)
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
        assert process.stdout
        assert process.stderr
        said, complained = process.stdout.read().decode(), process.stderr.read().decode()
    assert said.startswith("75 lines → 74 events → 3 signatures (3 new)\n")
    *noted, last = complained.splitlines()
    assert [note.partition(",")[0] for note in noted] == ["1 of 74 new events named no service"]
    assert last == "Stopped."
    digest, _ = triage("digest", "--dry-run", "--now", "2026-11-18T12:01", folder=log.parent)
    assert digest.startswith("2 new"), "what was read is judged"


def test_a_signal_before_the_first_line_ends_it_too(tmp_path: Path, empty: None) -> None:
    with ingesting(tmp_path) as process:
        assert soon(lambda: "triage.db-wal" in {file.name for file in tmp_path.iterdir()})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr
        assert "Traceback" not in process.stderr.read().decode()


def test_on_a_terminal_a_pipe_shows_how_far_it_is(tmp_path: Path, empty: None) -> None:
    screen, terminal = os.openpty()
    with ingesting(tmp_path, stderr=terminal) as process, os.fdopen(screen, "rb", 0) as shown:
        os.close(terminal)
        write(process, lines(2))
        seen = bytearray()
        while "stdin: 2 lines → 2 events → 1 signature (1 new)".encode() not in seen:
            seen += shown.read(1_000)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_an_interrupted_ingest_keeps_what_it_read_and_the_next_one_completes_it(
    tmp_path: Path,
    empty: None,
) -> None:
    (tmp_path / "all.jsonl").write_text(lines(3_500))
    with ingesting(tmp_path) as process:
        write(process, lines(2_500))
        assert soon(lambda: counted(tmp_path))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    kept = counted(tmp_path)
    assert 1_000 <= kept <= 2_500
    said, _ = triage("ingest", "all.jsonl", "--json", folder=tmp_path)
    assert json.loads(said)["duplicates"] == kept
    assert counted(tmp_path) == 3_500
