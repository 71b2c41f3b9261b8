"""The documented example of a source of one's own is installed, and asked like ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot import receiver
from bot.cli import options

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "triage-tickets"
SETTINGS = """
[[sources]]
kind = "tickets"
name = "helpdesk"
url = "{url}"
fields.customer = ["kunde", "*"]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the example is installed in, as pip does it."""
    folder = tmp_path_factory.mktemp("tickets")
    wheel = ("-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist")
    _run(*wheel, cwd=EXAMPLE)
    (built,) = (folder / "dist").glob("*.whl")
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    _run(*pip, "--no-deps", "--no-index", "--target", folder / "installed", built, cwd=folder)
    return folder / "installed"


def _run(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def feed(count: int) -> Iterator[str]:
    """Gives its tickets by the number behind which to go on, three at a time."""
    tickets = [
        {
            "number": n,
            "at": options.now().isoformat(),
            "msg": f"payment {n} failed",
            "kunde": "acme",
        }
        for n in range(1, count + 1)
    ]

    def answer(request: Request) -> JSONResponse:
        assert request.headers["authorization"] == "Bearer secret"
        after = int(request.query_params["after"])
        return JSONResponse({"tickets": tickets[after : after + 3]})

    web = Starlette(routes=[Route("/feed", answer)])
    with receiver.listening(web, host="127.0.0.1", port=0) as port:
        yield f"http://127.0.0.1:{port}/feed"


def test_the_example_is_installed_and_asked_like_ours(installed: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(installed), str(ROOT)])
    with feed(7) as url:
        (tmp_path / "triage.toml").write_text(SETTINGS.format(url=url))
        said = _run(
            *("-m", "bot", "sources", "test", "helpdesk"),
            cwd=tmp_path,
            PYTHONPATH=path,
            TRIAGE_HELPDESK_TOKEN="secret",
        )
    assert said.startswith("tickets/helpdesk answers: 7 errors on its first 3 pages.\n")
    assert "  customer          7 of 7  acme\n" in said
    assert "payment 7 failed" in said


def test_the_page_on_sources_shows_the_code_of_the_example() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert (EXAMPLE / "triage_tickets.py").read_text(encoding="utf-8") in page
