"""What docs/threat-model.md promises of the program as a whole, and no part of it shows alone."""

import hmac
import os
import re
from collections.abc import Iterator
from contextlib import closing, nullcontext
from importlib import import_module
from pathlib import Path

import pytest
import typer

from bot.cli.program import COMMANDS
from bot.core.intake import key
from bot.hooks.access import fits
from bot.settings import Settings
from bot.slack.http import Signatures, Unsigned
from storage.database import open_database
from storage.failures import Unusable
from tests.builders import NOON

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / name for name in ("threat-model.md", "reliability.md")]
SECRETS = re.compile(r"token|secret|passw|credential|api.?key", re.IGNORECASE)


def parameters() -> Iterator[str]:
    """Every option and argument of every command, by its command."""
    for name in COMMANDS:
        module = import_module(f"bot.cli.commands.{name}")
        command = typer.main.get_command(module.app)
        for one in getattr(command, "commands", {"": command}).values():
            for parameter in one.params:
                yield f"{name} {one.name} {' '.join(parameter.opts)}"


def test_no_command_takes_a_secret_where_other_users_of_the_machine_read_it() -> None:
    asked = list(parameters())
    assert len(asked) > len(COMMANDS)
    assert [one for one in asked if SECRETS.search(one)] == []


@pytest.mark.parametrize("are_same", [True, False])
def test_keys_and_signatures_are_compared_in_a_time_that_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, are_same: bool
) -> None:
    """What compares them is the library's comparison alone: whatever it says holds."""
    monkeypatch.setattr(hmac, "compare_digest", lambda *_: are_same)
    slack = Signatures("secret", clock=lambda: NOON)
    headers = {"x-slack-request-timestamp": f"{NOON.timestamp():.0f}", "x-slack-signature": "v0="}
    assert key.is_same("triage_1", key.digest("triage_1")) is are_same
    assert fits("one", ["one"]) is are_same
    with nullcontext() if are_same else pytest.raises(Unsigned):
        slack.verify(headers, b"{}")


def test_unless_it_is_told_to_it_listens_to_this_machine_alone() -> None:
    assert Settings().http.host == "127.0.0.1"


def test_only_its_owner_reads_the_database_and_what_lies_beside_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(open_database(f"sqlite:///{tmp_path / 'triage.db'}")) as database:
            with database.write():
                pass
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("triage.db", "triage.db-wal", "triage.db-shm"), 0o600)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://bob:{secret}@127.0.0.1:1/triage",
        "postgresql+psycopg://bob@127.0.0.1:1/triage?password={secret}",
        "postgresql+psycopg://bob:p@{secret}@127.0.0.1:1/triage",
        "postgresql+psycopg://bob:p@ss/{secret}@127.0.0.1:1/triage",
        "postgresql+psycopg://bob:{secret}@127.0.0.1:port/triage",
        "mysterydb+driver://bob:{secret}@127.0.0.1/triage",
    ],
)
def test_the_password_of_a_database_is_not_told_where_it_cannot_be_opened(address: str) -> None:
    secret = "correcthorse"
    with pytest.raises(Unusable) as failed:
        open_database(address.format(secret=secret))
    assert secret not in str(failed.value)


def shown_by() -> Iterator[tuple[Path, str]]:
    """The files, and the tests in them, by which the documentation shows what it promises."""
    for page in PAGES:
        for file, test in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page.read_text("utf-8")):
            yield ROOT / file, test


@pytest.mark.parametrize(("file", "test"), sorted(set(shown_by())))
def test_what_the_documentation_is_shown_by_is_there(file: Path, test: str) -> None:
    assert f"def {test}" in file.read_text("utf-8")
