"""A file that is written to is followed by offsets: over rotation, truncation and restarts."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.event import Event
from bot.errors import SourceError
from bot.sources.pulled import Cursor, Page, Request
from bot.sources.tailed import PAGE_BYTES, File
from bot.wire import Reply
from tests.builders import NOON

TRACE = """\
Traceback (most recent call last):
  File "/app/pay.py", line 7, in pay
    charge(card)
cards.Declined: card declined
"""


class Tail:
    """Follows a file from look to look: the time stands, unless somebody waits."""

    def __init__(self, path: Path, **given: Any) -> None:
        self.path = path
        self.cursor: Cursor | None = None
        self._source = File(name="app", path=path, **given)

    def pages(self, *, after_seconds: float = 60) -> list[Page]:
        """What a look gives, so long after the last word was written."""
        until = _written(self.path) + timedelta(seconds=after_seconds)
        return list(self._source.pages(self.cursor, until=until, ask=_nobody))

    def look(self, *, after_seconds: float = 60) -> list[Event]:
        """What is new, kept with its cursor."""
        found = self.pages(after_seconds=after_seconds)
        self.cursor = found[-1].cursor if found else self.cursor
        return [one for page in found for one in page.delivery.events]


def _nobody(_: Request) -> Reply:
    raise AssertionError("a file is asked of nobody")


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else NOON


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "app.log"
    file.touch()
    return file


def line(number: int) -> str:
    return f"2026-11-18 12:00:00 ERROR order {number} failed\n"


def say(log: Path, *texts: str) -> None:
    with log.open("a") as file:
        file.writelines(texts)


def orders(events: Iterable[Event]) -> list[int]:
    return [int(one.message.split()[1]) for one in events]


def test_what_is_written_is_read_once(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1), line(2))
    assert orders(tail.look()) == [1, 2]
    assert tail.pages() == []
    say(log, line(3))
    assert orders(tail.look()) == [3]


def test_json_and_text_may_stand_in_one_file(log: Path) -> None:
    say(log, line(1), '{"level": "error", "msg": "order 2 failed", "service": "pay"}\n')
    assert orders(Tail(log).look()) == [1, 2]


def test_it_begins_at_the_end_where_that_is_wanted(log: Path) -> None:
    say(log, line(1))
    tail = Tail(log, from_end=True)
    assert tail.look() == []
    say(log, line(2))
    assert orders(tail.look()) == [2]


def test_half_a_line_waits_for_its_end(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1), line(2)[:20])
    assert orders(tail.look()) == [1]
    say(log, line(2)[20:])
    assert orders(tail.look()) == [2]


def test_a_trace_that_is_still_written_is_read_once_and_whole(log: Path) -> None:
    tail, (first, rest) = Tail(log), (TRACE[:60], TRACE[60:])
    say(log, line(1), first)
    assert orders(tail.look(after_seconds=0.1)) == []
    say(log, rest)
    assert tail.look(after_seconds=0.1) == []
    (event,) = tail.look()
    assert event.stack.endswith("cards.Declined: card declined")
    assert tail.look() == []


def test_what_has_the_same_words_at_the_same_second_is_as_many_errors(log: Path) -> None:
    tail, names = Tail(log), set[str]()
    for _ in range(5):
        say(log, line(1), line(1))
        names |= {one.source_id for one in tail.look()}
    assert len(names) == 10


@pytest.mark.parametrize("kept", range(4))
def test_whoever_is_killed_reads_the_rest_by_the_same_names(log: Path, kept: int) -> None:
    padding = 4_000 * "."
    say(log, *(f"{line(number)[:-1]}{padding}\n" for number in range(3 * PAGE_BYTES // 4_000)))
    tail = Tail(log)
    whole = tail.pages()
    tail.cursor = whole[kept].cursor
    begun = [one.source_id for page in whole[: kept + 1] for one in page.delivery.events]
    rest = [one.source_id for one in tail.look()]
    names = [one.source_id for page in whole for one in page.delivery.events]
    assert begun + rest == names
    assert len(set(names)) == len(names)


def test_a_file_that_is_renamed_is_read_to_its_end_before_the_new_one(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1))
    tail.look()
    say(log, line(2))
    log.rename(log.with_name("app.log.1"))
    say(log, line(3))
    assert orders(tail.look()) == [2, 3]
    assert tail.look() == []


def test_what_was_rotated_more_than_once_is_read_in_its_order(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1))
    tail.look()
    say(log, line(2))
    for number, name in enumerate(("app.log-20261117", "app.log-20261118"), start=3):
        log.rename(rotated := log.with_name(name))
        os.utime(rotated, (number, number))
        say(log, line(number))
    assert orders(tail.look()) == [2, 3, 4]


def test_another_log_whose_name_begins_the_same_is_none_of_it(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1))
    tail.look()
    log.rename(log.with_name("app.log.1"))
    say(log.with_name("app.log-errors"), line(9))
    say(log, line(2))
    assert orders(tail.look()) == [2]


def test_a_file_that_is_gone_or_packed_is_told_of(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1))
    tail.look()
    log.rename(log.with_name("app.log.1.gz"))
    say(log, line(2))
    (page, *_) = tail.pages()
    assert [one.reason for one in page.delivery.unreadable] == [
        "the file was rotated away: the end of it may be missing"
    ]
    assert orders(tail.look()) == [2]


def test_a_file_that_is_cut_begins_anew_and_says_the_same_again(log: Path) -> None:
    tail = Tail(log)
    say(log, line(1), line(2))
    before = {one.source_id for one in tail.look()}
    os.truncate(log, 0)
    assert tail.look() == []
    say(log, line(1))
    (again,) = tail.look()
    assert again.source_id not in before


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"app\.log does not exist \(yet\)"):
        Tail(tmp_path / "app.log").look()


def test_fields_have_the_names_that_the_site_says(log: Path) -> None:
    log.write_text('{"msg": "payment failed", "tenant": "acme", "kunde": "K-17"}\n')
    (event,) = Tail(log, fields={"customer": ["kunde"]}).look()
    assert event.customer == "K-17"
