"""A log of three days, and what was read of it."""

from pathlib import Path
from shutil import copyfile

import pytest

from tests.cli.commands import a_log, triage
from tests.engines import Files


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return a_log(tmp_path)


@pytest.fixture(scope="session")
def made_by_ingest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of somebody who has read the log."""
    folder = tmp_path_factory.mktemp("ingested")
    triage("ingest", a_log(folder), folder=folder)
    return folder / "triage.db"


@pytest.fixture
def read(log: Path, made_by_ingest: Path) -> Path:
    """The folder of a log that was read."""
    copyfile(made_by_ingest, log.parent / "triage.db")
    return log.parent


@pytest.fixture
def empty(tmp_path: Path, files: Files) -> None:
    """A database without an error in it, where it is looked for."""
    copyfile(files.filled(), tmp_path / "triage.db")
