"""The rules every test runs under are rules only while they can fail."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ELSEWHERE = "192.0.2.1"  # RFC 5737: an address that is nobody's


def test_a_test_may_not_connect_beyond_this_machine() -> None:
    with pytest.raises(pytest.fail.Exception, match=ELSEWHERE):
        socket.create_connection((ELSEWHERE, 80), timeout=0.1)


def test_a_test_may_not_ask_for_a_name_beyond_this_machine() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"slack\.example"):
        socket.getaddrinfo("slack.example", 443)


def test_a_test_may_talk_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()


SKIPPING = {
    "inside": "def test_it(): pytest.skip('no tool inside')",
    "marked": "@pytest.mark.skip(reason='no tool marked')\ndef test_it(): pass",
    "module": "pytest.skip('no tool module', allow_module_level=True)",
}
PYTEST = ["-p", "tests.conftest", "-c", os.devnull, "-ra", "--continue-on-collection-errors"]


@pytest.mark.parametrize("in_ci", [False, True], ids=["by hand", "in CI"])
def test_a_skip_fails_the_run_only_in_ci(in_ci: bool, tmp_path: Path) -> None:
    for name, code in SKIPPING.items():
        (tmp_path / f"test_{name}.py").write_text(f"import pytest\n{code}\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *PYTEST, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "TRIAGE_NO_SKIPS": "1" if in_ci else ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("1 failed, 2 errors" in run.stdout) is in_ci, run.stdout
    assert ("3 skipped" in run.stdout) is not in_ci, run.stdout
    assert all(f"no tool {name}" in run.stdout for name in SKIPPING)
    assert run.returncode == (1 if in_ci else 0)
