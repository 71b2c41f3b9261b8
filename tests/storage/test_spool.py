"""What was put into the spool is found there again, whatever ended the process or the disk."""

import stat
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.failures import Unusable
from storage.spool import Full, Spool, waiting
from tests.storage.databases import a_disk_full_at

SIZE = 4_096


def drained(spool: Spool) -> list[bytes]:
    found = list[bytes]()
    while (record := spool.first()) is not None:
        found.append(record)
        spool.done()
    return found


def reopened(spool: Spool) -> Spool:
    """As after a kill: nothing is said to it before."""
    spool.close()
    return Spool(spool.file, size=SIZE)


def test_records_come_in_order_and_each_once(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool", size=SIZE)) as spool:
        for one in (b"one", b"two", b"three"):
            spool.put(one, events=2)
        assert (spool.events, waiting(spool.file)) == (6, 6)
        assert drained(spool) == [b"one", b"two", b"three"]
        assert (spool.events, spool.used, spool.first()) == (0, 0, None)


def test_its_room_is_taken_before_it_is_needed_and_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool", size=1 << 20)) as spool:
        status = spool.file.stat()
        assert status.st_blocks * 512 >= 1 << 20
        assert stat.S_IMODE(status.st_mode) == 0o600


def test_past_its_room_nothing_is_taken_until_all_was_done_with(tmp_path: Path) -> None:
    with closing(Spool(tmp_path / "spool", size=SIZE)) as spool:
        spool.put(b"a" * (SIZE - 100), events=1)
        with pytest.raises(Full):
            spool.put(b"b" * 100, events=1)
        assert spool.file.stat().st_size == SIZE
        assert drained(spool) == [b"a" * (SIZE - 100)]
        spool.put(b"b" * 100, events=1)
        assert spool.file.stat().st_size == SIZE


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(["done", "kill"])), max_size=12))
def test_what_was_put_and_not_done_with_is_there_after_each_kill(
    tmp_path_factory: pytest.TempPathFactory, steps: list[bytes | str]
) -> None:
    """Each record is put, the first is done with, or whoever has them is killed."""
    spool = Spool(tmp_path_factory.mktemp("spool") / "it", size=SIZE)
    waits = list[bytes]()
    for step in steps:
        if isinstance(step, bytes):
            spool.put(step, events=1)
            waits.append(step)
        elif step == "kill":
            spool = reopened(spool)
        elif waits:
            assert spool.first() == waits.pop(0)
            spool.done()
        assert (spool.events, spool.first()) == (len(waits), waits[0] if waits else None)
    spool = reopened(spool)
    assert drained(spool) == waits
    spool.close()


def test_a_record_that_was_cut_short_is_none_and_its_place_is_used_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size=SIZE)
    spool.put(b"whole", events=1)
    before = spool.used
    spool.put(b"cut short", events=1)
    with spool.file.open("r+b") as file:
        file.seek(int(spool.used * SIZE) - 3)
        file.write(b"\0\0\0")
    spool = reopened(spool)
    assert (spool.events, spool.used) == (1, before)
    spool.put(b"next", events=1)
    assert drained(reopened(spool)) == [b"whole", b"next"]


def test_what_an_older_record_left_behind_is_none(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size=SIZE)
    for one in (b"one", b"two", b"six"):
        spool.put(one, events=1)
    drained(spool)
    spool.put(b"new", events=1)
    spool = reopened(spool)
    assert spool.used < 50 / SIZE
    assert drained(spool) == [b"new"]
    spool.close()


def test_what_waits_is_found_where_more_room_cannot_be_had(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size=SIZE)
    spool.put(b"one", events=1)
    spool.close()
    with a_disk_full_at(SIZE):
        with closing(Spool(spool.file, size=2 * SIZE)) as spool:
            assert drained(spool) == [b"one"]
        with pytest.raises(OSError, match="too large"):
            Spool(tmp_path / "another", size=2 * SIZE)


def test_less_room_than_it_has_is_not_asked_for(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", size=2 * SIZE)
    spool.put(b"a" * SIZE, events=1)
    spool = reopened(spool)
    assert spool.used < 1
    spool.put(b"b", events=1)
    assert drained(spool) == [b"a" * SIZE, b"b"]
    spool.close()


def test_two_processes_have_one_each(tmp_path: Path) -> None:
    with (
        closing(Spool(tmp_path / "spool", size=SIZE)),
        pytest.raises(Unusable, match=r"http\.spool_file"),
    ):
        Spool(tmp_path / "spool", size=SIZE)


def test_a_file_of_something_else_holds_no_record(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"TSP1" + b"\xff" * 50)
    with closing(Spool(tmp_path / "spool", size=SIZE)) as spool:
        assert spool.first() is None
        spool.put(b"one", events=1)
        assert drained(spool) == [b"one"]
