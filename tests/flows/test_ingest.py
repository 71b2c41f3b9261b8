import json
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.core.hour import hour_of
from bot.errors import SourceError
from bot.flows.ingest import Account, ingest
from bot.flows.measure import SERVICES
from bot.sources.files import Reader
from storage import traffic
from storage.database import Database
from tests.builders import NOON, standing


def a_line(number: int, **facts: object) -> str:
    values = {
        "timestamp": f"2026-11-18T10:{number % 60:02d}:00Z",
        "level": "error",
        "service": "checkout",
        "message": f"payment {number} refused",
        **facts,
    }
    return json.dumps(values)


def read_in(database: Database, *files: Path | BytesIO) -> Account:
    account = Account()
    for file in files:
        ingest(database, Reader(file, standing()), account, clock=standing())
    return account


def totals(database: Database) -> tuple[int | None, ...]:
    with database.read() as session:
        return tuple(session.execute(text("SELECT count(*), sum(total) FROM signatures")).one())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "errors.jsonl"
    file.write_text("\n".join(a_line(number) for number in range(2_500)) + "\n")
    return file


def test_a_file_is_counted_line_by_line(database: Database, log: Path) -> None:
    assert read_in(database, log).as_json() == {
        "lines": 2_500,
        "events": 2_500,
        "duplicates": 0,
        "unreadable": 0,
        "not_errors": 0,
        "strays": 0,
        "ahead": 0,
        "signatures": 1,
        "new_signatures": 1,
    }
    assert totals(database) == (1, 2_500)


def traffic_of(database: Database) -> dict[tuple[str, int], int]:
    """Lines by service and hours before noon."""
    with database.read() as session:
        rows = [row for some in traffic.rows(session) for row in some]
    return {(row.service, hour_of(NOON) - row.hour): row.lines for row in rows}


def test_harmless_lines_count_as_traffic_of_their_service_and_hour(database: Database) -> None:
    numbers = range(2_000)
    lines = [
        *(a_line(number, level="info") for number in numbers),
        *(a_line(number, level="debug", timestamp="2026-11-18T09:30:00Z") for number in numbers),
        *(a_line(number, level="warning", service="search") for number in numbers),
        *(a_line(number, level="error", service="search") for number in numbers[:99]),
        *(a_line(number, level="info", service="") for number in numbers),
        *(a_line(number, level="info", timestamp="") for number in numbers),
        *(f"Nov 18 10:02:03 web-1 cart[77]: info: accepted {number}" for number in numbers),
    ]
    read_in(database, BytesIO("\n".join(lines).encode()))
    assert traffic_of(database) == {
        ("checkout", 2): pytest.approx(2_000, rel=0.25),
        ("checkout", 3): pytest.approx(2_000, rel=0.25),
        ("cart", 2): pytest.approx(2_000, rel=0.25),
    }


def test_harmless_lines_that_are_read_again_are_no_more_traffic(
    database: Database, tmp_path: Path
) -> None:
    lines = [f"{a_line(number, level='info')}\n" for number in range(2_000)]
    (tmp_path / "app.log").write_text("".join(lines[:900]))
    read_in(database, tmp_path / "app.log")
    (tmp_path / "app.log.1").write_text("".join(lines))
    read_in(database, tmp_path / "app.log.1")
    once = traffic_of(database)
    read_in(database, tmp_path / "app.log", tmp_path / "app.log.1")
    assert traffic_of(database) == once
    assert once["checkout", 2] == pytest.approx(2_000, rel=0.25)


def test_lines_without_a_name_are_traffic_of_the_service_that_is_given(database: Database) -> None:
    lines = "\n".join(a_line(number, level="info", service="") for number in range(100))
    reader = Reader(BytesIO(lines.encode()), standing(), service="cart")
    ingest(database, reader, Account(), clock=standing())
    assert list(traffic_of(database)) == [("cart", 2)]


def test_a_line_that_claims_to_come_from_years_ahead_is_no_traffic_and_costs_none(
    database: Database,
) -> None:
    times = ["2026-11-18T10:00:00Z", "2126-11-18T10:00:00Z", "2026-09-18T10:00:00Z"]
    for at in times:
        lines = [a_line(number, level="info", timestamp=at) for number in range(100)]
        read_in(database, BytesIO("\n".join(lines).encode()))
    assert list(traffic_of(database)) == [("checkout", 2)], "nor what is older than two baselines"


def test_a_wrong_date_is_counted_and_is_not_the_newest(database: Database) -> None:
    days = [17, 18, 18, 18]
    lines = [a_line(n, timestamp=f"2026-11-{day}T10:00:00Z") for n, day in enumerate(days)]
    lines.insert(2, a_line(9, timestamp="1999-11-18T10:00:00Z"))
    lines.insert(3, a_line(9, timestamp="2027-11-18T10:00:00Z"))
    account = read_in(database, BytesIO("\n".join(lines).encode()))
    assert (account.strays, account.ahead, account.late) == (1, 1, 0)
    assert account.newest == NOON - timedelta(hours=2)
    assert totals(database) == (1, 6), "none is lost"


def test_what_is_all_yet_to_come_happened_now(database: Database) -> None:
    account = read_in(database, BytesIO(a_line(1, timestamp="2027-11-18T10:00:00Z").encode()))
    assert (account.ahead, account.newest) == (1, NOON)


def test_names_of_services_that_somebody_makes_up_do_not_fill_the_disk(database: Database) -> None:
    lines = [a_line(number, level="info") for number in range(100)]
    read_in(database, BytesIO("\n".join(lines).encode()))
    made_up = [a_line(0, level="info", service=f"x{number}") for number in range(20 * SERVICES)]
    read_in(database, BytesIO("\n".join([*made_up, *lines]).encode()))
    known = traffic_of(database)
    assert len(known) == SERVICES
    assert ("checkout", 2) in known


def test_the_same_file_twice_changes_nothing(database: Database, log: Path) -> None:
    read_in(database, log)
    again = read_in(database, log).as_json()
    assert (again["lines"], again["events"], again["duplicates"]) == (2_500, 0, 2_500)
    assert (again["signatures"], again["new_signatures"]) == (0, 0)
    assert totals(database) == (1, 2_500)


def test_a_file_that_grew_adds_what_is_new(database: Database, log: Path) -> None:
    read_in(database, log)
    with log.open("a") as more:
        more.write(a_line(9_999) + "\n")
    assert read_in(database, log).as_json()["events"] == 1
    assert totals(database) == (1, 2_501)


def test_several_inputs_make_one_account(database: Database, log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(a_line(1, service="search") + "\n")
    account = read_in(database, log, other)
    assert (account.lines, account.recorded.events) == (2_501, 2_501)
    assert len(account.recorded.signature_ids) == 2
    assert account.newest
    assert account.newest.isoformat() == "2026-11-18T10:59:00+00:00"


def test_what_cannot_be_read_is_counted_and_the_rest_is_kept(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "errors.jsonl"
    file.write_text("\n".join([a_line(1), '{"broken": ', a_line(2)] * 200) + "\n")
    account = read_in(database, file)
    assert account.recorded.events + account.recorded.duplicates == 400
    assert account.unreadable == 200
    assert [one.line for one in account.rejected] == [2, 5, 8, 11, 14]
    assert account.rejected[0].line == 2


def test_an_input_that_cannot_be_read_at_all_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"missing\.jsonl"):
        read_in(database, tmp_path / "missing.jsonl")
    assert totals(database) == (0, None)


def test_progress_is_told_batch_by_batch(database: Database, log: Path) -> None:
    told: list[int] = []
    account = Account()
    ingest(
        database,
        Reader(log, standing()),
        account,
        clock=standing(),
        on_pause=lambda: told.append(account.recorded.events),
    )
    assert told == [1_000, 2_000, 2_500]


def test_what_came_out_of_a_pipe_is_durable_at_its_next_pause(database: Database) -> None:
    reading, writing = os.pipe()
    counted: list[tuple[int | None, ...]] = []
    with os.fdopen(reading, "rb", 0) as source, os.fdopen(writing, "wb", 0) as sink:
        sink.write(a_line(1).encode() + b"\n")
        reader = Reader(source, standing(), patience=0.0)

        def pause() -> None:
            counted.append(totals(database))
            if len(counted) == 1:
                sink.write(a_line(2).encode() + b"\n")
            else:
                reader.stop()

        ingest(database, reader, Account(), clock=standing(), on_pause=pause)
    assert counted[:2] == [(1, 1), (1, 2)]


def test_the_account_of_a_pause_says_how_many_lines_were_read(database: Database) -> None:
    moments = iter(NOON + timedelta(seconds=n / 2) for n in range(100))
    harmless = "\n".join(a_line(n, level="info") for n in range(5)) + "\n"
    account, told = Account(), []
    ingest(
        database,
        Reader(BytesIO(harmless.encode()), lambda: next(moments)),
        account,
        clock=standing(),
        on_pause=lambda: told.append((account.lines, account.quiet)),
    )
    assert told[0] < told[-1] == (5, 5)
