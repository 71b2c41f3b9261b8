"""Reading inputs: packed, broken, hostile, twice."""

import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from bot.core.event import Event, Severity
from bot.errors import SourceError
from bot.sources.files import Reader
from bot.sources.sifting import Unreadable
from bot.sources.stream import LINE_BYTES
from tests.builders import NOON, standing
from tests.program import ROOT


def a_line(**facts: object) -> bytes:
    record = {"time": "2026-11-18T11:00:00Z", "level": "error", "msg": "boom", **facts}
    return json.dumps(record).encode() + b"\n"


def read(content: bytes | Path, **options: object) -> tuple[list[Event], list[Unreadable], Reader]:
    source = content if isinstance(content, Path) else io.BytesIO(content)
    reader = Reader(source, standing(), **options)
    events, unreadable = [], []
    for outcome in reader:
        (events if isinstance(outcome, Event) else unreadable).append(outcome)
    return events, unreadable, reader


def ids(events: Iterable[Event]) -> list[tuple[str, str]]:
    return [(event.source, event.source_id) for event in events]


LINES = b"".join(a_line(n=n) for n in range(500))
PACKED = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_a_packed_file_is_known_by_its_first_bytes_whatever_its_name(pack, tmp_path):
    path = tmp_path / "errors.log"
    path.write_bytes(pack(LINES))
    events, unreadable, reader = read(path)
    assert (len(events), unreadable, reader.lines) == (500, [], 500)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_packed_members_that_follow_one_another_are_all_read(pack):
    events, _, reader = read(pack(LINES) + pack(a_line(n="last")))
    assert len(events) == 501
    assert events[-1].attributes["n"] == "last"
    assert reader.is_whole


@pytest.mark.parametrize("pack", [p for name, p in PACKED.items() if name != "plain"])
def test_a_file_that_is_cut_off_gives_what_is_readable_and_says_where_it_ends(pack):
    noise = b"".join(a_line(n=os.urandom(64).hex()) for _ in range(3_000))
    events, unreadable, reader = read(pack(noise)[:-50_000])
    assert 500 < len(events) < 3_000
    assert [(u.line, u.reason) for u in unreadable] == [
        (reader.lines, f"the file is cut off after line {reader.lines}")
    ]
    assert not reader.is_whole


@pytest.mark.parametrize("pack", [p for name, p in PACKED.items() if name != "plain"])
def test_a_file_cut_off_before_its_first_line_cannot_be_read(pack):
    reader = Reader(io.BytesIO(pack(LINES)[:9]), standing())
    with pytest.raises(SourceError, match="cut off before its first line"):
        list(reader)


def test_the_last_text_record_before_the_cut_is_kept():
    noise = b"".join(
        b"2026-11-18 10:00:00 ERROR boom %s\n  more\n" % os.urandom(64).hex().encode()
        for _ in range(3_000)
    )
    events, _, reader = read(gzip.compress(noise)[:-50_000])
    assert len(events) == (reader.lines + 1) // 2


def test_a_damaged_file_is_reported_after_the_last_good_line():
    noise = b"".join(a_line(n=os.urandom(64).hex()) for _ in range(3_000))
    packed = bytearray(gzip.compress(noise))
    packed[-30_000:-29_900] = b"\xff" * 100
    _, unreadable, _ = read(bytes(packed))
    assert "damaged after line" in unreadable[-1].reason


def test_progress_adds_up_to_the_size_of_the_packed_file(tmp_path):
    path = tmp_path / "errors.gz"
    path.write_bytes(gzip.compress(LINES))
    steps: list[int] = []
    _, _, reader = read(path, on_bytes=steps.append)
    assert sum(steps) == reader.size == path.stat().st_size


def test_a_pipe_is_read_as_a_file_is():
    script = (
        "from datetime import UTC, datetime; from bot.sources import files;"
        "r = files.Reader('-', lambda: datetime(2026, 11, 18, tzinfo=UTC));"
        "print(len(list(r)), r.lines, r.size)"
    )
    packed = gzip.compress(LINES)
    done = subprocess.run(
        [sys.executable, "-c", script], input=packed, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"500", b"500", b"None"]


# ---- what cannot be read at all


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.log does not exist"):
        Reader(tmp_path / "gone.log", standing())


def test_a_directory_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(SourceError, match="is a directory: name the files in it"):
        Reader(tmp_path, standing())


@pytest.fixture
def secret_log(tmp_path):
    path = tmp_path / "secret.log"
    path.write_bytes(LINES)
    path.chmod(0)
    return path


def test_a_file_without_permission_is_named(secret_log, nobody):
    with pytest.raises(SourceError, match=r"cannot read .*secret\.log: Permission denied"):
        Reader(secret_log, standing())


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(200), "is binary: give a log of text"),
        (
            gzip.compress(b"\x7fELF\x02\x01\x01\x00\x03\x04" * 99, mtime=0),
            "is binary: give a log of text",
        ),
        (b"PK\x03\x04" + bytes(40), "unzip it first"),
        (bz2.compress(LINES), "bzcat FILE"),
        ("ERROR boom\n".encode("utf-16"), "iconv -f UTF-16"),
    ],
)
def test_a_binary_file_is_refused_with_a_remedy(content, remedy):
    with pytest.raises(SourceError, match=remedy):
        Reader(io.BytesIO(content), standing())


def test_an_empty_file_holds_nothing():
    assert read(b"")[:2] == ([], [])


# ---- what is rejected, counted, and does not harm its neighbours


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"msg": "cut of\n', "not valid JSON at column 9"),
        (b'{"msg": ' + b"[" * 500 + b"]" * 500 + b"}\n", "nested deeper than 100"),
        (b'{"msg": ' + b"[" * 90_000 + b"}\n", "nested deeper than 100"),
        (b'{"level": "error", "orders": []}\n', "without a message and without an error"),
        (b"x" * (LINE_BYTES + 1) + b"\n", "a line longer than 1 MiB"),
        (b"ERROR " + bytes(range(1, 9)) * 2 + b"\n", "a line that is not text"),
    ],
)
def test_one_bad_line_is_counted_and_the_others_are_kept(line, reason):
    text = a_line(n=1, note="most of the file is text " * 40)
    events, unreadable, reader = read(text + line + a_line(n=3))
    assert [event.attributes["n"] for event in events] == ["1", "3"]
    assert [(u.source, u.line) for u in unreadable] == [("stream", 2)]
    assert reason in unreadable[0].reason
    assert reader.lines == 3


def test_a_rejection_never_quotes_the_line():
    _, unreadable, _ = read(b'{"password": "hunter2", \n{"token": hunter2}\n' + a_line())
    assert len(unreadable) == 2
    assert not any("hunter2" in u.reason for u in unreadable)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("start", [b'{"msg": "', b'{"resourceLogs": ["'])
def test_an_endless_line_costs_no_memory(pack, start, tmp_path):
    path = tmp_path / "one-line"
    path.write_bytes(pack(start + b"x" * (64 << 20) + b'"}\n' + a_line()))
    script = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime;"
        "from bot.sources import files; from tests import peak;"
        "before = peak.megabytes();"
        "r = files.Reader(Path(sys.argv[1]), lambda: datetime(2026, 11, 18, tzinfo=UTC));"
        "print([type(o).__name__ for o in r], r.lines);"
        "print(peak.megabytes() - before)"
    )
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    outcome, megabytes = done.stdout.splitlines()
    assert outcome == "['Unreadable', 'Event'] 2"
    assert float(megabytes) < 80


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"a\ud800b"', "a\ufffdb"),
        (b'"a\xffb"', "a\ufffdb"),
        (b"1" + b"0" * 5_000, "1" + "0" * 998 + "…"),
    ],
)
def test_what_a_database_refuses_is_replaced_and_the_event_kept(value, kept):
    events, unreadable, _ = read(b'{"msg": "boom", "weird": ' + value + b"}\n")
    assert unreadable == []
    assert events[0].attributes["weird"] == kept


def test_not_a_number_is_no_value():
    events, _, _ = read(b'{"msg": "boom", "load": NaN, "left": -Infinity}\n')
    assert events[0].attributes == {}


def test_byte_order_marks_and_windows_line_ends_do_not_matter():
    plain = [event.message for event in read(a_line() + a_line(msg="bang"))[0]]
    odd = b"\xef\xbb\xbf" + (a_line() + a_line(msg="bang")).replace(b"\n", b"\r\n")
    assert [event.message for event in read(odd)[0]] == plain


def test_the_holes_that_copytruncate_leaves_are_skipped():
    events, unreadable, _ = read(b"\0" * 50_000 + a_line())
    assert [event.message for event in events] == ["boom"]
    assert unreadable == []


def test_a_service_may_be_given_for_the_errors_that_name_none():
    events, _, _ = read(a_line() + a_line(service="shop") + b"ERROR: boom\n", service="billing")
    assert [event.service for event in events] == ["billing", "shop", "billing"]


def test_records_that_are_no_errors_are_counted_as_quiet():
    content = a_line() + a_line(level="info") + a_line(level="warning")
    events, unreadable, reader = read(content)
    assert (len(events), unreadable, reader.quiet) == (1, [], 2)
    assert len(read(content, minimum=Severity.WARNING)[0]) == 2


# ---- JSON that is not a line each


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([json.loads(a_line(n=n)) for n in range(3)]).encode(),
        json.dumps([json.loads(a_line(n=n)) for n in range(3)], indent=2).encode(),
        b"\n".join(json.dumps(json.loads(a_line(n=n)), indent=2).encode() for n in range(3)),
    ],
    ids=["array", "array over lines", "objects over lines"],
)
def test_json_spread_over_lines_is_read_object_by_object(content):
    events, unreadable, reader = read(content)
    assert [event.attributes["n"] for event in events] == ["0", "1", "2"]
    assert (unreadable, reader.lines) == ([], len(content.splitlines()))


def test_an_array_that_breaks_off_gives_what_came_before():
    content = json.dumps([json.loads(a_line(n=n)) for n in range(3)]).encode()[:-30]
    events, unreadable, _ = read(content)
    assert len(events) == 2
    assert [(u.line, u.reason) for u in unreadable] == [
        (1, "not valid JSON: what follows it is not read")
    ]


def spread(*documents: str) -> bytes:
    return ("[\n" + ",\n".join(documents) + "\n]\n").encode()


def an_object(number: int, *, indent: int | None = None) -> str:
    nested = {"steps": [{"level": "error", "msg": "a part"}, {"level": "error", "msg": "another"}]}
    return json.dumps({"level": "error", "msg": f"boom {number}", "in": nested}, indent=indent)


@pytest.mark.parametrize("indent", [None, 2, 4])
@pytest.mark.parametrize(
    "broken",
    [
        "garbage",
        "{",
        '{"level": "error", "msg": undefined}',
        '{"level": "error", "msg": "half a tex',
        '{"level": "error" "msg": "no comma"}',
        '{"level": "error", "in": [{"a": 1}, {"b": }]}',
        '"' + "x" * 200_000,
    ],
    ids=lambda text: text[:40],
)
def test_what_is_broken_in_an_array_costs_itself_and_no_other(broken, indent):
    first, second = (an_object(number, indent=indent) for number in (1, 2))
    content = spread(first, broken, second, second.replace("boom 2", "boom 3"))
    events, (unreadable,), reader = read(content)
    assert [event.message for event in events] == ["boom 1", "boom 2", "boom 3"]
    line = 2 + len(first.splitlines())
    assert (unreadable.line, unreadable.text.rstrip(",")) == (line, broken)
    assert unreadable.reason == f"not valid JSON: what stands before line {line + 1} is not read"
    assert reader.lines == len(content.splitlines())


def test_on_a_line_with_other_documents_what_is_broken_costs_the_rest_of_the_line():
    one = json.dumps({"level": "error", "msg": "boom"})
    events, (unreadable,), _ = read(f"[ {one}, garbage, {one} ]\n".encode())
    assert len(events) == 1
    assert (unreadable.line, unreadable.text) == (1, f"garbage, {one} ]")


def test_a_broken_document_of_many_chunks_is_told_once_and_costs_no_memory():
    content = spread(an_object(1), "{" + '"a": nothing, ' * 400_000, an_object(2))
    tracemalloc.start()
    try:
        events, (unreadable,), _ = read(content)
        assert tracemalloc.get_traced_memory()[1] < len(content) + 6_000_000
    finally:
        tracemalloc.stop()
    assert len(events) == 2
    assert len(unreadable.text) <= LINE_BYTES


def test_a_document_that_is_too_long_is_named_as_such():
    content = json.dumps([{"msg": "fine"}, {"msg": "x" * 2 * LINE_BYTES}], indent=2).encode()
    events, (unreadable,), _ = read(content)
    assert [event.message for event in events] == ["fine"]
    assert unreadable.reason.startswith("a document longer than 1 MiB")


@pytest.mark.parametrize("start", [b"[\n", b"{\n", b"[ {\n", b"[\n{ step 1\n"])
def test_a_text_log_that_begins_with_a_bracket_is_read_by_the_line(start):
    events, _, _ = read(start + b"2026-11-18 10:00:00 ERROR boom\n")
    assert [event.message for event in events] == ["boom"]


def test_a_long_array_costs_no_memory():
    content = b"[" + b",".join(a_line(n=n) for n in range(20_000)) + b"]"
    tracemalloc.start()
    try:
        reader = Reader(io.BytesIO(content), standing())
        assert sum(isinstance(outcome, Event) for outcome in reader) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


# ---- twice


TEXT = (
    b"2026-11-18 10:00:00 ERROR boom\n"
    b"2026-11-18 10:00:00 ERROR boom\n"
    b"2026-11-18 10:00:01 ERROR bang\n"
)


@pytest.mark.parametrize(
    "content", [LINES, TEXT, b"Error: boom\n" * 3, a_line(time=None) * 3], ids=lambda c: str(c[:9])
)
def test_reading_a_file_twice_gives_the_same_ids_each_of_them_once(content, tmp_path):
    path = tmp_path / "errors.log"
    path.write_bytes(content)
    first = ids(read(path)[0])
    assert len(set(first)) == len(first)
    reader = Reader(path, standing(NOON + timedelta(days=1)))
    assert ids(event for event in reader if isinstance(event, Event)) == first


@pytest.mark.parametrize("content", [LINES, TEXT, b"Error: boom\n" * 3])
def test_what_is_appended_leaves_the_earlier_ids_alone(content, tmp_path):
    path = tmp_path / "errors.log"
    path.write_bytes(content)
    before = ids(read(path)[0])
    path.write_bytes(content + content)
    after = ids(read(path)[0])
    assert after[: len(before)] == before
    assert len(set(after)) == 2 * len(before)


def test_what_a_program_writes_while_its_file_is_read_is_counted_once(tmp_path):
    path = tmp_path / "errors.log"
    path.write_bytes(LINES + b'{"level": "error", "msg": "half of')
    reader = Reader(path, standing())
    first = [next(reader)]
    with path.open("ab") as log:
        log.write(b' it"}\n' + a_line(n="late"))
    first += list(reader)
    assert len(first) == 502
    assert ids(read(path)[0]) == ids(first)


def test_a_file_that_ends_within_a_line_is_read_whole_once_it_is(tmp_path):
    path = tmp_path / "errors.log"
    path.write_bytes(LINES + a_line(n="late")[:30])
    before, unreadable, _ = read(path)
    assert (len(before), len(unreadable)) == (500, 1)
    path.write_bytes(LINES + a_line(n="late"))
    assert ids(read(path)[0])[:500] == ids(before)


def test_a_rotated_and_packed_copy_adds_nothing(tmp_path):
    live, rotated = tmp_path / "errors.log", tmp_path / "errors.log.1.gz"
    live.write_bytes(TEXT)
    rotated.write_bytes(gzip.compress(TEXT))
    assert ids(read(live)[0]) == ids(read(rotated)[0])


def test_two_hosts_that_write_the_same_words_without_a_time_both_count(tmp_path):
    web, worker = tmp_path / "web.log", tmp_path / "worker.log"
    for path in (web, worker):
        path.write_bytes(b"Error: boom\n")
    assert ids(read(web)[0]) != ids(read(worker)[0])


def test_what_is_piped_in_without_a_time_counts_at_each_reading():
    def piped(day: int) -> list[tuple[str, str]]:
        received = NOON + timedelta(days=day)
        reader = Reader(io.BytesIO(b"Error: boom\n"), standing(received))
        return ids(outcome for outcome in reader if isinstance(outcome, Event))

    assert piped(0) != piped(1)


def test_a_record_is_known_by_its_own_id_where_it_has_one():
    events, _, _ = read(
        a_line(id="e-1", source="sentry", received="2026-11-18T11:00:05Z")
        + a_line(event_id="e-2")
        + a_line(id=84123)
    )
    assert ids(events[:2]) == [("sentry", "e-1"), ("file", "e-2")]
    assert events[2].source_id != "84123", "an order's number is not the error's name"
    assert events[0].received == NOON - timedelta(minutes=59, seconds=55)


def service(name: str, message: str, **more: str | int) -> bytes:
    return json.dumps({"service": name, "msg": message, **more}).encode() + b"\n"


def test_one_harmless_level_is_enough_to_tell_that_a_service_says_them():
    text = service("pay", "all is well", level="info") + service("pay", "listening on port 80")
    events, _, reader = read(text)
    assert (events, reader.quiet, reader.unsaid) == ([], 2, 1)


def test_json_without_a_level_is_judged_by_its_words_where_its_service_says_levels():
    text = (
        service("pay", "all is well", level="info")
        + service("pay", "boom", level="error")
        + service("pay", "listening on port 80")
        + service("pay", "charge failed")
        + service("pay", "charged", stack="BoomError: no\n    at f (/srv/a.js:1:2)")
        + service("pay", "GET /a", status=503)
        + service("web", "listening on port 80")
    )
    events, unreadable, reader = read(text)
    assert [(event.service, event.message) for event in events] == [
        ("pay", "boom"),
        ("pay", "charge failed"),
        ("pay", "charged"),
        ("pay", "GET /a"),
        ("web", "listening on port 80"),
    ]
    assert (unreadable, reader.quiet, reader.unsaid) == ([], 2, 1)
