"""What holds for every test: nothing reaches past this machine, and CI accepts no skip.

TRIAGE_NO_SKIPS=1                a skipped test fails the run: CI installs what tests need
TRIAGE_TEST_ENGINE=PostgreSQL    all tests that use a database do so there, and no other is run
"""

import gc
import ipaddress
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TypeVar

import hypothesis
import pytest

from storage.database import Database, open_database
from tests import postgres, promises
from tests.engines import Engine, Files, Fill, Servers
from tests.postgres import Server

Copied = Callable[[str, Fill], Database]
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
NO_SKIPS = os.environ.get("TRIAGE_NO_SKIPS", "") not in {"", "0"}
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
ENGINE = os.environ.get("TRIAGE_TEST_ENGINE", SQLITE)
SHARED = "TRIAGE_TEST_SHARED"
"""Names the folder that all processes of a run share."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real headless Chromium")
    config.pluginmanager.register(promises)
    config.addinivalue_line("markers", "both_engines: runs on SQLite and on PostgreSQL in any run")
    config.addinivalue_line("markers", "sqlite: is about SQLite, and runs on that alone")
    if not _is_worker(config):
        os.environ[SHARED] = mkdtemp(prefix="triage-")
        _shared().chmod(0o711)  # the server, which may be another user's, has a folder in it
    # A thread that a test left behind loses its connection when the database is dropped.
    config.addinivalue_line("filterwarnings", "ignore:.*psycopg.Connection:ResourceWarning")
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


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        _server().stop()
        rmtree(_shared())


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _shared() -> Path:
    return Path(os.environ[SHARED])


def _server() -> Server:
    return Server(_shared() / "server")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    both = metafunc.definition.get_closest_marker("both_engines")
    if both and ENGINE == SQLITE and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", [SQLITE, POSTGRESQL], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What uses no database, or is about SQLite, says nothing of another engine."""
    if ENGINE != SQLITE:
        config.hook.pytest_deselected(items=[one for one in items if not _tries_engine(one)])
        items[:] = [one for one in items if _tries_engine(one)]


def _tries_engine(item: pytest.Item) -> bool:
    uses = isinstance(item, pytest.Function) and "engine" in item.fixturenames
    return uses and item.get_closest_marker("sqlite") is None


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
def files() -> Files:
    """Makes databases of SQLite, for tests that are about them."""
    return Files(_shared())


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest, files: Files) -> Engine:
    """Makes databases: of SQLite, or what a test is marked for, or the run was started for."""
    if getattr(request, "param", ENGINE) == SQLITE:
        return files
    if why := postgres.missing():
        pytest.skip(why)
    return Servers(_shared(), _server())


@pytest.fixture
def url(engine: Engine) -> Iterator[str]:
    """The address of an empty database of its own."""
    with engine.copy() as made:
        yield made


@pytest.fixture
def blank(engine: Engine) -> Iterator[str]:
    """The address of a database of its own without any table."""
    with engine.blank() as made:
        yield made


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty database of its own."""
    with closing(open_database(url, durable=False)) as opened:
        yield opened


@pytest.fixture
def copied(engine: Engine) -> Iterator[Copied]:
    """Opens a copy, of the test's own, of a database that is filled once in a run."""
    with ExitStack() as until_the_end:

        def opened(name: str, fill: Fill) -> Database:
            url = until_the_end.enter_context(engine.copy(name, fill))
            return until_the_end.enter_context(closing(open_database(url, durable=False)))

        yield opened


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may read and write everywhere: for this test it is nobody in particular."""
    me = os.geteuid()
    os.seteuid(me or 65_534)
    yield
    os.seteuid(me)
