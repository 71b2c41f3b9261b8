"""What holds for every test: nothing reaches past this machine, and CI accepts no skip.

TRIAGE_NO_SKIPS=1    a skipped test fails the run: CI installs what tests need
"""

import gc
import ipaddress
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from fcntl import LOCK_EX, flock
from pathlib import Path
from shutil import copyfile
from typing import Any, TypeVar

import hypothesis
import pytest

from storage.database import Database, open_database
from tests import promises

Fill = Callable[[Database], object]
Once = Callable[[str, Fill], Path]
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
NO_SKIPS = os.environ.get("TRIAGE_NO_SKIPS", "") not in {"", "0"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real headless Chromium")
    config.pluginmanager.register(promises)
    sys.addaudithook(_stay_on_this_machine)
    _let_programs_be_interrupted()
    # Neither how fast a machine is nor luck may fail a test: no deadline, and the same examples.
    hypothesis.settings.register_profile(
        "any machine",
        deadline=None,
        derandomize=True,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.register_profile(
        "fuzz",
        hypothesis.settings.get_profile("any machine"),
        derandomize=False,
        max_examples=2_000,
    )
    hypothesis.settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Leave the thousands of tests out of every search for garbage: a sixth of the time."""
    gc.collect()
    gc.freeze()


def _let_programs_be_interrupted() -> None:
    """A shell starts what runs in its background with SIGINT ignored, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail whoever connects, sends or asks for a name beyond loopback.

    An audit hook sees every thread and every library, and `Failed` is no `Exception`, so the code
    under test cannot swallow it. Processes that a test starts are not watched.
    """
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if not _is_here(host):
        pytest.fail(f"a test may not reach past this machine: {event} to {host!r}")


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Report) -> Report:
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which TRIAGE_NO_SKIPS forbids: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Database]:
    """Makes an empty database at a path, as a copy: to migrate each takes fifteen times as long.

    A crash of the machine could lose what is written there, which no test minds.
    """
    empty = tmp_path_factory.mktemp("empty") / "triage.db"
    open_database(f"sqlite:///{empty}", durable=False).close()
    return lambda file: open_database(f"sqlite:///{copyfile(empty, file)}", durable=False)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Callable[[Path], Database]]:
    """Opens a copy of a database, of the test's own: to fill each anew would take long."""
    with ExitStack() as until_the_end:

        def opened(file: Path) -> Database:
            url = f"sqlite:///{copyfile(file, tmp_path / 'triage.db')}"
            return until_the_end.enter_context(closing(open_database(url, durable=False)))

        yield opened


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Fills a database once in a run and gives its file: the worker that wants it first, while the
    others wait."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def filled(name: str, fill: Fill) -> Path:
        file, part = shared / f"{name}.db", shared / f"{name}.part"
        with (shared / f"{name}.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            if not file.exists():
                with closing(open_database(f"sqlite:///{part}", durable=False)) as opened:
                    fill(opened)
                part.rename(file)
        return file

    return filled


@pytest.fixture
def database(tmp_path: Path, new_database: Callable[[Path], Database]) -> Iterator[Database]:
    """An empty database of its own."""
    with closing(new_database(tmp_path / "triage.db")) as opened:
        yield opened
