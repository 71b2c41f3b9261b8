"""The table of figures: what a benchmark said, held against its bar and against others."""

import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import alerts
from tests.bench.__main__ import Measured, kept, machine, page, rows
from tests.bench.alerts import Alert, Truth
from tests.bench.figures import BENCHMARKS, Benchmark, Figure, is_met

CLICKS = Benchmark(
    (
        Figure("acknowledged", "< 300", r"ours +(\d+)", peer=r"theirs +(\d+)", peer_name="Bolt"),
        Figure("by the clock", "≥ 1,000", r"clock +([\d,]+)", is_time=True),
    )
)
SAID = "ours 450 ms\ntheirs 150 ms\nclock 1,500\n"


@pytest.fixture(autouse=True)
def _own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(bench, "BENCHMARKS", {"clicks": CLICKS, "other": CLICKS})


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


@pytest.mark.parametrize(
    ("bar", "measured", "met"),
    [
        ("< 300", "299", True),
        ("< 300", "300", False),
        ("≥ 10,000", "9,999", False),
        ("≥ .98", "0.980", True),
        ("≤ 1", "1.01", False),
        ("= 0", "0.000", True),
    ],
)
def test_a_figure_is_held_against_its_bar(bar: str, measured: str, met: bool) -> None:
    assert is_met(bar, measured) is met


def test_a_row_says_whether_the_bar_is_met_and_how_that_is_beside_others() -> None:
    first, second = (cells(row) for row in rows("clicks", Measured(SAID, 0.5)))
    assert first[1:6] == ["**450**", "< 300", "**no**", "1.50 ×", "3.00 × Bolt"]
    assert second[1:6] == ["**1,500**", "≥ 1,000", "yes", "1.50 ×", ""]


def test_on_a_busy_machine_the_clock_says_nothing() -> None:
    told = [cells(row)[1] for row in rows("clicks", Measured(SAID, 99))]
    assert told == ["**450**", "busy"]


def test_what_is_not_printed_or_failed_is_told_as_such() -> None:
    assert [cells(row)[1] for row in rows("clicks", Measured("", 0))] == ["not told"] * 2
    failed = Measured(SAID, 0, has_failed=True)
    assert [cells(row)[1] for row in rows("clicks", failed)] == ["failed"] * 2


def test_measuring_one_leaves_the_rows_of_others_as_they_were() -> None:
    before = {"clicks": list(rows("clicks", Measured(SAID, 0.5)))}
    again = {**kept(page(before)), "other": list(rows("other", Measured(SAID, 0.5)))}
    assert kept(page(again)) == again
    assert kept(page(before)) == before, "what was not measured is no row to keep"


def test_what_was_measured_on_another_machine_is_not_kept() -> None:
    told = page({"clicks": list(rows("clicks", Measured(SAID, 0.5)))})
    assert kept(told.replace(machine(), "a faster one")) == {}


def test_what_fails_costs_its_own_rows_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"clicks": Benchmark(CLICKS.figures, ("--absent",), "timeit"), "other": CLICKS}
    known["other"] = Benchmark(CLICKS.figures, ("{data}/absent",))
    monkeypatch.setattr(bench, "BENCHMARKS", known)
    monkeypatch.setattr(sys, "argv", ["bench", "--data", "nowhere"])
    monkeypatch.setattr(bench, "QUIET_SECONDS", 0)
    with pytest.raises(SystemExit, match="Failed: clicks"):
        bench.main()
    told = bench.PAGE.read_text("utf-8")
    assert told.count("| failed |") == len(CLICKS.figures)
    assert told.count("| needs --data |") == len(CLICKS.figures)


def test_each_benchmark_is_there_and_its_bars_can_be_read() -> None:
    for name, benchmark in BENCHMARKS.items():
        module, *_ = benchmark.command(name, "")
        assert (Path(__file__).parent.parent / f"{module.replace('.', '/')}.py").exists() or (
            module == "bot"
        )
        assert all(is_met(one.bar, "1") in (True, False) for one in benchmark.figures if one.bar)


def test_an_alert_is_found_neutral_or_false_by_its_cause_and_day() -> None:
    truth = Truth(
        listed=frozenset({Alert("mon", "db", "spike"), Alert("mon", "tls", "new")}),
        neutral=frozenset({("mon", "once")}),
        days=frozenset({"mon"}),
    )
    said = [
        Alert("mon", "db", "spike"),
        Alert("mon", "tls", "spread"),
        Alert("mon", "once", "new"),
        Alert("mon", "fine", "spike"),
        Alert("sun", "fine", "spike"),
    ]
    assert alerts.score(iter(said), truth) == (2, 2, 1, 2, 1)
