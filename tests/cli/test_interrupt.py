"""Ctrl-C, wherever it meets the program: each test is a process that interrupts itself there."""

import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_AT = """
import os, signal, sys
from bot.__main__ import main

def interrupt(event, arguments):
    if (event, arguments[0]) == ({event!r}, {what!r}):
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.argv = ["triage", *{arguments!r}]
main()
"""


def interrupted(
    event: str, what: str, *arguments: str, folder: Path
) -> subprocess.CompletedProcess[str]:
    """The command, interrupted by itself at the first `event` of what is named."""
    script = INTERRUPTED_AT.format(event=event, what=what, arguments=arguments)
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={"TMPDIR": str(folder), "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("module", ["typer", "re2", "bot.flows.replay", "sqlmodel"])
def test_while_the_program_loads(module: str, tmp_path: Path) -> None:
    ended = interrupted("import", module, "replay", "-", folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Stopped.\n")


def test_while_a_command_runs_it_tidies_up(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("ERROR failed\n")
    log = tmp_path / "app.log"
    ended = interrupted("open", str(log), "replay", str(log), folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Stopped.\n")
    assert [file.name for file in tmp_path.iterdir()] == ["app.log"], "no database is left behind"


def test_a_job_that_ignores_it_goes_on_doing_so(tmp_path: Path) -> None:
    quiet = f"trap '' INT; exec {sys.executable} -c \"$SCRIPT\""
    script = INTERRUPTED_AT.format(event="import", what="typer", arguments=["--version"])
    ended = subprocess.run(
        ["sh", "-c", quiet],
        cwd=tmp_path,
        env={"SCRIPT": script, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("triage ")
