"""Which tests show which promise of docs/reliability.md, and the table that `make chaos` prints.

A test says so by its mark, `promise(row="R8")`; what it counted or measured it tells with the
fixture `figures`. Where it can do more than a run of the whole suite has time for, an environment
variable says how much; `make chaos` sets those.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

ROWS = tuple(f"R{number}" for number in range(1, 25))
SAYS = {"passed": "holds", "failed": "BROKEN", "skipped": "not tried"}

Figures = Callable[[str], None]


class Shown(NamedTuple):
    """A test that tried a promise, and what it said."""

    test: str
    outcome: str
    seconds: float
    figures: str


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "promise(row): shows a row of docs/reliability.md")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the report of a test say which rows it is about, wherever it ran."""
    rows = sorted({mark.kwargs["row"] for mark in item.iter_markers("promise")}, key=ROWS.index)
    item.user_properties += [("row", row) for row in rows]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Tells what a test counted or measured: in the table of `make chaos`, and in a report."""
    return lambda said: record_property("figures", said)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The table, where promises were asked for."""
    if "promise" not in config.option.markexpr:
        return
    shown = _by_row(_reports(terminalreporter.stats))
    terminalreporter.section("promises")
    for row in ROWS:
        for one in shown.get(row, ()):
            said = f"{row:4}{SAYS[one.outcome]:10}{one.seconds:7.1f} s  {one.test}"
            terminalreporter.write_line(said)
            if one.figures:
                terminalreporter.write_line(f"{'':26}{one.figures}")


def _by_row(reports: Iterator[pytest.TestReport]) -> Mapping[str, Sequence[Shown]]:
    shown = defaultdict[str, list[Shown]](list)
    for report in reports:
        said: list[tuple[str, Any]] = report.user_properties
        one = Shown(
            report.nodeid,
            report.outcome,
            report.duration,
            "; ".join(str(value) for name, value in said if name == "figures"),
        )
        for row in (value for name, value in said if name == "row"):
            shown[row].append(one)
    return shown


def _reports(stats: Mapping[str, Sequence[Any]]) -> Iterator[pytest.TestReport]:
    """One of each test: how it went, or why it did not."""
    for report in (one for some in stats.values() for one in some):
        if isinstance(report, pytest.TestReport) and (report.when == "call" or not report.passed):
            yield report
