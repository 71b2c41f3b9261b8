"""`triage serve` as a process: what it says at the start, and how it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bot.workspace import Workspace, serve
from tests.builders import NOON

NOWHERE = "http://127.0.0.1:1/api/"
REMEDY = "the token is not valid: copy it again from your app's page at Slack"
HERE = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
SETTINGS = """
slack.mode = "{mode}"
http.port = {port}
[[channels]]
id = "C000001"
"""


@contextmanager
def serving(
    folder: Path, api_url: str, *, mode: str = "socket", port: int = 0
) -> Iterator[subprocess.Popen[str]]:
    """The bot in a folder, with tokens that no workspace knows."""
    (folder / "triage.toml").write_text(SETTINGS.format(mode=mode, port=port))
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-refused",
        "SLACK_APP_TOKEN": "xapp-refused",
        "SLACK_SIGNING_SECRET": "signed",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=folder,
        env={**HERE, **secrets, "SLACK_API_URL": api_url},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_refused_tokens_end_it_with_the_remedy_of_each(mode: str, tmp_path: Path) -> None:
    names = ["SLACK_BOT_TOKEN", *(["SLACK_APP_TOKEN"] if mode == "socket" else [])]
    with (
        serve(Workspace(clock=lambda: NOON)) as server,
        serving(tmp_path, server.api_url, mode=mode) as process,
    ):
        _, complained = process.communicate(timeout=60)
    assert complained == "".join(f"{name}: {REMEDY}\n" for name in names)
    assert process.returncode == 1


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_slack_out_of_reach_is_a_line_with_the_remedy_and_readiness_says_so(
    mode: str, tmp_path: Path
) -> None:
    with serving(tmp_path, NOWHERE, mode=mode) as process:
        assert process.stderr
        said = []
        while "Serving" not in "".join(said[-1:]):
            said.append(process.stderr.readline())
            assert said[-1], said
        assert "Slack cannot be reached (URLError): check the network" in readiness(said[-1])
        process.terminate()
        said += process.stderr.readlines()
    assert sum("Slack cannot be reached" in line for line in said) == 1
    assert not [line for line in said if " INFO bot." not in line and "cannot be rea" not in line]


def test_without_slack_it_is_ready_to_take_errors(tmp_path: Path) -> None:
    with serving(tmp_path, NOWHERE, mode="off") as process:
        assert process.stderr
        said = [process.stderr.readline()]
        assert "Slack: off; errors are taken in and judged" in said[0]
        while "Serving" not in said[-1]:
            said.append(process.stderr.readline())
            assert said[-1], said
        assert "slack" not in readiness(said[-1], status=200)
        process.terminate()
        assert not [line for line in process.stderr if " INFO bot." not in line]


def readiness(serving: str, *, status: int = 503) -> str:
    """What the address says that a line of the log names."""
    address = serving.partition("http://")[2].partition("/")[0]
    with closing(HTTPConnection(address, timeout=10)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        assert answer.status == status
        return answer.read().decode()
