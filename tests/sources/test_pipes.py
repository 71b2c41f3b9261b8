"""A pipe that nobody closes: what was read of it is given out, and nothing waits for its end."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

import pytest

from bot.core.event import Event
from bot.sources.files import Reader
from bot.sources.sifting import Unreadable
from bot.sources.stream import LINE_BYTES
from tests.builders import NOON, standing

IMPATIENT = 0.0
SECOND = timedelta(seconds=1)

Write = Callable[[bytes], int]


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, Write]]:
    """The end to read, and how to write into the other one."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", 0) as source, os.fdopen(writing, "wb", 0) as sink:
        yield source, sink.write


def a_line(**facts: object) -> bytes:
    return json.dumps({"level": "error", "msg": "boom", **facts}).encode() + b"\n"


def until_pause(reader: Reader) -> list[Event]:
    """The events up to the next pause."""
    events = []
    while (outcome := next(reader)) is not None:
        assert isinstance(outcome, Event)
        events.append(outcome)
    return events


def test_what_came_is_given_out_although_the_pipe_stays_open(pipe):
    source, write = pipe
    write(a_line() * 3)
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert len(until_pause(reader)) == 3
    assert until_pause(reader) == []
    write(a_line())
    assert len(until_pause(reader)) == 1


def test_an_event_was_received_when_its_line_was_read(pipe):
    source, write = pipe
    moments = iter(NOON + n * SECOND / 100 for n in range(100))
    now = NOON

    def clock() -> datetime:
        nonlocal now
        now = next(moments)
        return now

    write(a_line())
    reader = Reader(source, clock, patience=IMPATIENT)
    (first,) = until_pause(reader)
    between = clock()
    write(a_line())
    (second,) = until_pause(reader)
    assert NOON < first.received < between < second.received < now
    assert second.time == second.received, "it says no time of its own"


def test_a_trace_was_received_with_its_first_line(pipe):
    source, write = pipe
    moments = iter(NOON + n * SECOND / 100 for n in range(100))
    reader_time: list[datetime] = []

    def clock() -> datetime:
        reader_time.append(next(moments))
        return reader_time[-1]

    write(b"2026-11-18 11:00:00 ERROR charge failed\nBoom: 1\n  at x\n")
    (event,) = until_pause(Reader(source, clock, patience=IMPATIENT))
    assert event.received == reader_time[1]
    assert event.message == "charge failed\nBoom: 1\n  at x"


def test_the_shortest_of_lines_does_not_wait_for_another(pipe):
    source, write = pipe
    write(b"died\n")
    (event,) = until_pause(Reader(source, standing(), patience=IMPATIENT))
    assert event.message == "died"


def test_an_error_of_several_lines_at_the_end_of_a_silent_pipe_is_whole(pipe):
    source, write = pipe
    write(b"2026-11-18 11:00:00 ERROR charge failed\n  for order 7\n")
    reader = Reader(source, standing(), patience=IMPATIENT)
    (event,) = until_pause(reader)
    assert event.message == "charge failed\n  for order 7"


def test_half_a_line_waits_for_its_other_half(pipe):
    source, write = pipe
    whole = a_line(n=7)
    write(whole[:20])
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert until_pause(reader) == []
    write(whole[20:])
    (event,) = until_pause(reader)
    assert (event.attributes["n"], reader.lines) == ("7", 1)


def test_a_line_that_is_too_long_is_skipped_however_slowly_it_comes(pipe):
    source, write = pipe
    write(b'{"msg"')
    reader = Reader(source, standing(), patience=IMPATIENT)
    outcomes = [next(reader)]
    for _ in range(LINE_BYTES // 50_000 + 3):
        write(b"x" * 50_000)
        outcomes.append(next(reader))
    write(b"\n" + a_line())
    assert [type(outcome) for outcome in outcomes if outcome] == [Unreadable]
    assert len(until_pause(reader)) == 1
    assert reader.lines == 2


def test_a_packed_pipe_does_not_hold_back_either(pipe):
    source, write = pipe
    write(gzip.compress(a_line() * 3))
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert len(until_pause(reader)) == 3
    write(gzip.compress(a_line()))
    assert len(until_pause(reader)) == 1


def test_objects_over_several_lines_are_given_out_as_they_end(pipe):
    source, write = pipe
    spread = json.dumps(json.loads(a_line()), indent=2).encode()
    write(spread + b"\n" + spread[:10])
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert len(until_pause(reader)) == 1
    write(spread[10:] + b"\n")
    assert len(until_pause(reader)) == 1


def test_an_input_that_never_falls_silent_pauses_once_a_second(pipe):
    source, write = pipe
    moments = iter(NOON + n * SECOND / 4 for n in range(1_000))
    write(a_line() * 40)
    reader = Reader(source, lambda: next(moments), patience=IMPATIENT)
    assert [len(until_pause(reader)) for _ in range(3)] == [4, 4, 4]


def test_a_reader_that_is_stopped_ends_as_if_its_input_did(pipe):
    source, write = pipe
    write(b"2026-11-18 11:00:00 ERROR charge failed\n  for order 7\n" + a_line() * 5)
    reader = Reader(source, standing(), patience=IMPATIENT)
    first = next(reader)
    assert isinstance(first, Event)
    reader.stop()
    assert len(list(reader)) <= 1, "the line that was read already"


@pytest.mark.parametrize("start", [b"[", b"[\n", b" \n[\n  ", b"{\n"])
def test_what_begins_with_a_bracket_is_json_or_text_by_what_comes_then(start, pipe):
    source, write = pipe
    write(start)
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert until_pause(reader) == []
    write(b'"level": "error", "msg": "boom"}' if start[:1] == b"{" else a_line())
    assert [event.message for event in until_pause(reader)] == ["boom"]


def test_a_text_log_that_begins_with_a_bracket_is_read_from_a_pipe_too(pipe):
    source, write = pipe
    write(b"[\n")
    reader = Reader(source, standing(), patience=IMPATIENT)
    assert until_pause(reader) == []
    write(b"2026-11-18 10:00:00 ERROR boom\n")
    assert [event.message for event in until_pause(reader)] == ["boom"]
