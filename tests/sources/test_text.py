"""Plain text: which lines belong together, and what counts as an error."""

import io
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.event import Event, Severity
from bot.core.signing import signature
from bot.sources.files import Reader
from tests.builders import standing
from tests.request_lines import LINES, line

CORE = Path(__file__).parent.parent / "core" / "fixtures"


def events_of(text: str, **options: object) -> list[Event]:
    reader = Reader(io.BytesIO(text.encode()), standing(), **options)
    return [outcome for outcome in reader if isinstance(outcome, Event)]


def messages_of(text: str) -> list[str]:
    return [event.message for event in events_of(text)]


TRACE = """Traceback (most recent call last):
  File "/srv/app/pay.py", line 7, in charge
    raise Boom(1)
           ^^^^^^^
Boom: 1"""


def test_a_trace_belongs_to_the_line_above_it():
    (event,) = events_of(f"2026-11-18 10:00:00 ERROR charge failed\n{TRACE}\n")
    assert event.message == "charge failed"
    assert (event.error_type, event.error_message) == ("Boom", "1")
    assert event.stack == TRACE


def test_traces_without_any_header_are_told_apart():
    text = f"{TRACE}\n{TRACE}\nplain words\n{TRACE}\n"
    assert [event.error_type for event in events_of(text)] == ["Boom", "Boom", "Boom"]


def test_causes_stay_with_their_trace():
    seam = "\n\nDuring handling of the above exception, another exception occurred:\n\n"
    (event,) = events_of(TRACE + seam + TRACE.replace("Boom", "Bang") + "\n")
    assert event.error_type == "Bang"
    assert "Boom: 1" in event.stack


def test_a_crash_below_a_harmless_line_is_not_swallowed_by_it():
    text = f"2026-11-18 10:00:00 INFO listening on :8080\n{TRACE}\n"
    (event,) = events_of(text)
    assert event.error_type == "Boom"
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC), "as near as can be known"


def test_java_causes_belong_to_the_record():
    text = (
        "2026-11-18 10:00:00,123 ERROR [main] com.shop.Pay - charge failed\n"
        "com.shop.PayException: no\n\tat com.shop.Pay.charge(Pay.java:7)\n"
        "Caused by: java.net.ConnectException: refused\n\tat com.shop.Net.open(Net.java:3)\n"
        "\t... 3 more\n"
        "2026-11-18 10:00:01,123 ERROR [main] com.shop.Pay - next\n"
    )
    first, second = events_of(text)
    assert (first.error_type, second.message) == ("com.shop.PayException", "next")
    assert "... 3 more" in first.stack


def test_syslog_escapes_of_a_newline_are_newlines():
    escaped = TRACE.replace("\n", "#012")
    (event,) = events_of(f"Nov 18 10:00:00 web-1 app[7]: charge failed#012{escaped}\n")
    assert (event.message, event.error_type, event.host) == ("charge failed", "Boom", "web-1")


def test_syslog_time_is_of_the_latest_year_that_is_not_in_the_future():
    old, new = events_of("Dec 31 10:00:00 web app: failed\nNov 18 10:00:00 web app: failed\n")
    assert old.time == datetime(2025, 12, 31, 10, tzinfo=UTC)
    assert new.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_klogs_time_without_a_year_is_the_latest_that_is_not_in_the_future():
    said = "    1 reflector.go:148] failed to list *v1.Pod: timeout"
    old, new = events_of(f"E1231 10:00:00.250000 {said}\nE1118 10:00:00.000001 {said}\n")
    assert old.time == datetime(2025, 12, 31, 10, 0, 0, 250_000, tzinfo=UTC)
    assert new.time == datetime(2026, 11, 18, 10, 0, 0, 1, tzinfo=UTC)


def test_a_29_february_is_of_the_last_leap_year():
    (event,) = events_of("Feb 29 10:00:00 web app: failed\n")
    assert event.time == datetime(2024, 2, 29, 10, tzinfo=UTC)


def test_over_the_turn_of_the_year_syslog_stays_in_order():
    reader = Reader(
        io.BytesIO(b"Dec 31 23:59:59 web app: failed\nJan  1 00:00:01 web app: failed\n"),
        lambda: datetime(2027, 1, 1, 0, 0, 2, tzinfo=UTC),
    )
    old, new = [event for event in reader if isinstance(event, Event)]
    assert (old.time.year, new.time.year) == (2026, 2027)


@pytest.mark.parametrize("stamp", ["Nov 18 %H:%M:00 web", "%Y-%m-%dT%H:%M:00Z web"])
def test_of_many_processes_none_holds_back_its_error_until_it_writes_again(stamp):
    moments = [
        datetime(2026, 11, 18, minute // 60, minute % 60, tzinfo=UTC) for minute in range(90)
    ]
    text = "".join(
        f"{moment.strftime(stamp)} app[{number % 7 or number}]: failed at {number}\n"
        for number, moment in enumerate(moments, start=1)
    )
    assert [event.time for event in events_of(text)] == moments


def test_a_container_that_falls_silent_does_not_hold_back_its_last_error():
    def printed(minute: int, service: str) -> str:
        time = f"2026-11-18T10:{minute:02}:00Z"
        facts = {"log": f"failed at {minute}", "time": time, "stream": "stdout", "service": service}
        return json.dumps(facts) + "\n"

    text = printed(0, "cart") + "".join(printed(minute, "shop") for minute in range(1, 30))
    assert [event.time.minute for event in events_of(text)] == list(range(30))


def test_a_trace_whose_lines_are_an_hour_behind_those_of_another_host_stays_whole():
    lines = [
        f"Nov 18 {hour}:00:00 {host} app[7]: {line}\n"
        for line in TRACE.split("\n")
        for host, hour in (("here", "10"), ("there", "11"))
    ]
    assert [event.stack for event in events_of("".join(lines))] == [TRACE, TRACE]


def test_lines_of_two_processes_do_not_mix():
    text = (
        "2026-11-18 10:00:00.001 UTC [11] ERROR:  first\n"
        "2026-11-18 10:00:00.001 UTC [22] ERROR:  second\n"
        "2026-11-18 10:00:00.001 UTC [11] DETAIL:  of the first\n"
        "2026-11-18 10:00:00.001 UTC [22] DETAIL:  of the second\n"
    )
    events = events_of(text)
    assert [(e.message, e.attributes["detail"]) for e in events] == [
        ("first", "of the first"),
        ("second", "of the second"),
    ]


def test_a_container_runtimes_prefix_is_set_aside():
    stamp = "2026-11-18T10:00:00.000000001Z stderr F "
    (event,) = events_of("".join(f"{stamp}{line}\n" for line in TRACE.split("\n")))
    assert (event.error_type, event.time) == ("Boom", datetime(2026, 11, 18, 10, tzinfo=UTC))


def test_dockers_json_is_unwrapped():
    docker = {"stream": "stderr", "time": "2026-11-18T10:00:00Z"}
    lines = [json.dumps({"log": f"{line}\n", **docker}) + "\n" for line in TRACE.split("\n")]
    (event,) = events_of("".join(lines))
    assert (event.error_type, event.time) == ("Boom", datetime(2026, 11, 18, 10, tzinfo=UTC))


def test_equal_lines_that_docker_timed_differently_all_count():
    line = '{"log":"it failed\\n","stream":"stderr","time":"2026-11-18T10:00:0%dZ"}\n'
    ids = [events_of(line.replace("%d", str(second)))[0].source_id for second in range(3)]
    assert len(set(ids)) == 3


def test_json_behind_a_forwarders_header_is_read_as_json():
    record = '{"level":"error","msg":"boom","tenant":"acme"}'
    (event,) = events_of(f"Nov 18 10:00:00 web-1 app[7]: {record}\n")
    assert (event.message, event.customer, event.host) == ("boom", "acme", "web-1")
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


def test_json_and_text_may_alternate():
    one, three = ('{"level":"error","msg":"one"}', '{"level":"error","msg":"three"}')
    text = f"{one}\n2026-11-18 10:00:00 ERROR two\n{TRACE}\n{three}\n"
    assert messages_of(text) == ["one", "two", "three"]


def test_logfmt_is_read_as_fields():
    text = 'time="2026-11-18T10:00:00Z" level=error msg="charge \\"7\\" failed" tenant=acme\n'
    (event,) = events_of(text)
    assert (event.message, event.customer) == ('charge "7" failed', "acme")
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "pairs",
    [
        'time="2026-11-18T10:00:00Z" level=error msg="dial failed"',
        'level=error ts=2026-11-18T10:00:00Z caller=x.go:1 msg="dial failed"',
        'ts=2026-11-18T10:00:00Z severity="ERROR" msg="dial failed"',
    ],
)
@pytest.mark.parametrize(
    ("before", "said"),
    [
        ('2026-11-18T10:00:00.923Z\tERROR\torders/a.go:5\tcommit failed\t{"a": 1}\n', "commit"),
        ("2026-11-18 10:00:00 ERROR ledger closed\n", "ledger"),
        (f"2026-11-18 10:00:00 ERROR charge failed\n{TRACE}\n", "charge"),
        ("java.io.IOException: no route\n", "java"),
        ('Traceback (most recent call last):\n  File "/srv/a.py", line 7, in b\n', "Traceback"),
    ],
)
def test_logfmt_with_a_level_is_never_part_of_the_line_above_it(pairs: str, before: str, said: str):
    first, second = messages_of(f"{before}{pairs}\n")
    assert first.startswith(said)
    assert second == "dial failed"


def test_a_pair_alone_is_a_further_line_of_a_message():
    (event,) = events_of("2026-11-18 10:00:00 ERROR cannot start with\nlevel=error\nretries=3\n")
    assert event.message == "cannot start with\nlevel=error\nretries=3"


def test_a_header_without_its_level_before_an_exception_leaves_no_message_behind():
    (event,) = events_of(
        "2026-11-18 10:00:00 INFO up\njava.lang.OutOfMemoryError: Java heap space\n"
    )
    assert (event.error_type, event.stack) == ("java.lang.OutOfMemoryError", "")


PRINTED = "Server started on port 80\ncharge of order 7: card declined\ncannot reach redis:6379\n"


def test_of_lines_without_any_header_those_are_errors_whose_words_say_so():
    reader = Reader(io.BytesIO(PRINTED.encode()), standing())
    (event,) = [outcome for outcome in reader if isinstance(outcome, Event)]
    assert event.message == "cannot reach redis:6379"
    assert (reader.quiet, reader.unsaid) == (2, 2)


def test_of_lines_that_somebody_picked_each_is_an_error_that_says_no_level():
    text = f"{PRINTED}INFO: ready\n2026-11-18 10:00:00 INFO up\n2026-11-18 10:00:01 stuck\n"
    reader = Reader(io.BytesIO(text.encode()), standing(), is_picked=True)
    events = [outcome for outcome in reader if isinstance(outcome, Event)]
    assert [event.message for event in events] == [*PRINTED.splitlines(), "stuck"]
    assert (reader.quiet, reader.unsaid) == (2, 0)


@pytest.mark.parametrize(
    "line",
    [
        "[WARN] the pool failed to grow",
        "WARN the pool failed to grow",
        "[main] INFO org.shop.Pool - it failed to grow",
        'level=info msg="the pool failed to grow"',
        'app=shop level=warning msg="the pool failed to grow"',
        "<4>the pool failed to grow",
        "Warning: the pool failed to grow",
    ],
)
def test_a_level_that_a_line_without_a_header_says_wins_over_its_words(line):
    assert messages_of(f"{line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "[SEVERE] the pool is dry",
        "CRIT the pool is dry",
        "[main] ERROR org.shop.Pool - it is dry",
        'level=error msg="the pool is dry"',
        "<3>the pool is dry",
    ],
)
def test_a_line_without_a_header_is_an_error_if_its_level_says_so(line):
    assert messages_of(f"{line}\n") == [line]


@pytest.mark.parametrize("said", ["ledger closed", '{"msg": "ledger closed"}'])
def test_whom_a_header_names_is_whom_the_error_hit(said: str):
    text = "".join(
        f"2026-11-18 10:00:00 ERROR [tenant={one}] {said}\n" for one in ("acme", "globex")
    )
    one, other = events_of(text)
    assert (one.customer, other.customer) == ("acme", "globex")
    assert signature.of(one).fingerprint == signature.of(other).fingerprint


def test_what_a_record_says_itself_of_whom_it_hit_goes_before_its_header():
    (event,) = events_of(
        '2026-11-18 10:00:00 ERROR [tenant=acme] {"msg": "x", "tenant": "globex"}\n'
    )
    assert event.customer == "globex"


POSTGRES = "2026-11-18 10:00:00.100 UTC [1] LOG:  "
ENDED = "server process (PID 901) was terminated by signal"


@pytest.mark.parametrize(
    ("said", "severities"),
    [
        (f"{ENDED} 9: Killed", [Severity.CRITICAL]),
        (f"{ENDED} 11: Segmentation fault", [Severity.CRITICAL]),
        (
            "checkpointer process (PID 9) was terminated by exception 0xC0000005",
            [Severity.CRITICAL],
        ),
        (f"{ENDED} 15: Terminated", []),
        ("terminating any other active server processes", []),
        ("server process (PID 901) exited with exit code 1", []),
    ],
)
def test_a_process_of_postgresql_that_was_killed_is_critical_though_it_says_so_at_log(
    said: str, severities: list[Severity]
):
    assert [event.severity for event in events_of(f"{POSTGRES}{said}\n")] == severities
    as_json = json.dumps({"error_severity": "LOG", "message": said, "pid": 1})
    assert [event.severity for event in events_of(f"{as_json}\n")] == severities


GO_CALLS = "goroutine 1 [running]:\nmain.handler(0xc0)\n\t/app/main.go:42 +0x1d\n"


def test_a_panic_of_go_is_not_part_of_an_error_logged_before_it():
    text = "2026-11-18T10:00:00Z\tERROR\ta/b.go:5\tcommit failed\npanic: index out of range\n\n"
    assert messages_of(text + GO_CALLS) == ["commit failed", "panic: index out of range"]


def test_what_ends_a_go_program_is_not_part_of_a_panic_that_was_logged_before_it():
    logged = f"E1118 10:00:00.123456 12 runtime.go:79] Observed a panic: boom\n{GO_CALLS}"
    text = f"{logged}fatal error: concurrent map writes\n\n{GO_CALLS}"
    assert [event.error_message for event in events_of(text)] == ["boom", "concurrent map writes"]


def test_a_panic_that_a_logger_of_go_raised_itself_is_what_it_logged():
    text = f"2026-11-18T10:00:00Z\tPANIC\ta/b.go:5\tno settings\npanic: no settings\n\n{GO_CALLS}"
    assert len(events_of(text)) == 1


@pytest.mark.parametrize(
    "before",
    ["INFO:     Started server process [1]", "[INFO] up", "app.py:3: DeprecationWarning: x"],
)
def test_a_crash_is_not_lost_below_a_line_that_says_a_harmless_level(before):
    (event,) = events_of(f"{before}\n{TRACE}\n")
    assert (event.error_type, event.stack) == ("Boom", TRACE)


HEADED = "2026-11-22 18:03:11,871 ERROR [exec-3] com.shop.Pay - failed\n"
JAVA_TRACE = "com.shop.PayException: no\n\tat com.shop.Pay.charge(Pay.java:7)\n"
JAVA_CAUSED = "Caused by: java.io.IOException: x\n\tat com.shop.B.c(B.java:7)\n\t... 2 more\n"
OUT_OF_HEAP = (
    'Exception in thread "scheduler-1" java.lang.OutOfMemoryError: Java heap space\n'
    "\tat com.shop.Report.build(Report.java:12)\n"
)
JVM_ENDED = (
    "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n"
    "#  SIGSEGV (0xb) at pc=0x00007f3a, pid=1, tid=7\n#\nAborted (core dumped)\n"
)
FATAL_PYTHON = (
    "Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n"
    '  File "/app/b.py", line 3 in load\n\nExtension modules: a.b (total: 1)\n'
    "Segmentation fault (core dumped)\n"
)


@pytest.mark.parametrize(
    ("logged", "crash"),
    [
        (JAVA_TRACE, OUT_OF_HEAP),
        (JAVA_TRACE + JAVA_CAUSED, OUT_OF_HEAP),
        (JAVA_TRACE + JAVA_CAUSED, "java.lang.OutOfMemoryError: Java heap space\n"),
        (JAVA_TRACE, JVM_ENDED),
        (f"{TRACE}\n", "Segmentation fault (core dumped)\n"),
        (f"{TRACE}\n", "/start.sh: line 3:    12 Killed                  python app.py\n"),
        (f"{TRACE}\n", FATAL_PYTHON),
        (f"{TRACE}\n", f"Exception in thread Thread-1 (run):\n{TRACE}\n"),
    ],
)
def test_a_crash_right_below_the_trace_of_another_error_is_a_record_of_its_own(logged, crash):
    first, second = events_of(f"{HEADED}{logged}{crash}2026-11-22 18:03:12,871 INFO up\n")
    assert first.message == "failed"
    assert first.stack.count("\n") <= f"failed\n{logged}#".count("\n")
    said = crash.removeprefix("#\n").rstrip()
    assert second.message == (said.partition("\n")[0] if second.stack else said)


def test_a_crash_of_python_does_not_take_the_next_trace():
    types = [event.error_type for event in events_of(f"{HEADED}{TRACE}\n{FATAL_PYTHON}{TRACE}\n")]
    assert types == ["Boom", "", "Boom"]


@pytest.mark.parametrize(
    "message",
    [
        f"worker ended:\n{OUT_OF_HEAP}",
        f"{TRACE.replace('Boom: 1', 'Boom: worker said:')}\nSegmentation fault (core dumped)\n",
        f"{TRACE}\n\nDuring handling of the above exception, another exception:\n\n{TRACE}",
    ],
)
def test_what_a_logger_tells_of_anothers_crash_is_its_message(message):
    assert len(events_of(f"{HEADED}{message}\n")) == 1


COLOURED = (
    "\x1b[2m2026-11-18T10:00:00Z\x1b[0m \x1b[32m INFO\x1b[0m shop: it failed to fail\n"
    "\x1b[2m2026-11-18T10:00:01Z\x1b[0m \x1b[31mERROR\x1b[0m shop: \x1b[1mcard\x1b[0m refused\n"
)


def test_colours_hide_neither_header_nor_level_nor_words():
    assert [(event.message, event.time.second) for event in events_of(COLOURED)] == [
        ("shop: card refused", 1)
    ]
    (event,) = events_of("\x1b[31mERROR\x1b[39m the pool is dry\n\x1b[33mWARN\x1b[39m it failed\n")
    assert event.message == "ERROR the pool is dry"


def test_colours_of_a_level_in_json_are_none_of_it():
    line = '{"level":"\\u001b[32m%s\\u001b[39m","message":"\\u001b[1mcard\\u001b[0m refused"}\n'
    assert messages_of(line % "info" + line % "error") == ["card refused"]


def test_a_harmless_print_above_a_crash_is_not_its_message():
    text = f"Server started on port 80\n{TRACE}\nException in ASGI application\n{TRACE}\n"
    assert messages_of(text) == ["Boom: 1", "Exception in ASGI application"]


def test_what_one_writer_says_of_levels_decides_nothing_about_another():
    text = (
        "shop-1  | 2026-11-18 10:00:00 INFO up\n"
        "cron-1  | 2026-11-18 10:00:01 backup failed\n"
        "shop-1  | 2026-11-18 10:00:02 failed is but a word in this banner\n"
    )
    assert messages_of(text) == ["backup failed"]


def test_a_line_without_a_level_is_no_error_where_others_have_one():
    text = "2026-11-18 10:00:00 ERROR boom\n2026-11-18 10:00:01 listening on port 80\n"
    assert messages_of(text) == ["boom"]


SYSLOG = """\
Nov 18 10:00:00 web-1 systemd[1]: Started Session 5 of user ana.
Nov 18 10:00:01 web-1 CRON[711]: (root) CMD (run-parts /etc/cron.hourly)
Nov 18 10:00:02 web-1 sshd[712]: Failed password for root from 192.0.2.7 port 51234 ssh2
Nov 18 10:00:03 web-1 sshd[713]: Accepted publickey for ana from 192.0.2.8 port 51235 ssh2
Nov 18 10:00:04 web-1 systemd[1]: backup.service: Main process exited, status=1/FAILURE
Nov 18 10:00:05 web-1 backup[714]: done: 0 errors, error_log=/var/log/backup
"""


def test_in_syslog_a_line_is_an_error_if_its_words_say_so():
    reader = Reader(io.BytesIO(SYSLOG.encode()), standing())
    events = [outcome for outcome in reader if isinstance(outcome, Event)]
    assert [(event.service, event.message.split()[0]) for event in events] == [
        ("sshd", "Failed"),
        ("systemd", "backup.service:"),
    ]
    assert reader.quiet == 4


def test_in_syslog_the_level_that_one_program_says_does_not_silence_the_others():
    levelled = "Nov 18 09:00:00 web-1 shop[7]: 2026-11-18 09:00:00 INFO up\n"
    assert messages_of(levelled + SYSLOG) == messages_of(SYSLOG)


def test_in_syslog_a_line_with_a_stack_below_it_is_an_error():
    lines = "".join(f"Nov 18 10:00:00 web-1 shop[7]: {line}\n" for line in TRACE.split("\n"))
    (event,) = events_of(f"Nov 18 10:00:00 web-1 shop[7]: charge 84123\n{lines}")
    assert (event.error_type, event.service) == ("Boom", "shop")


def test_of_the_kernels_messages_those_that_say_so_are_errors():
    text = "[    0.000000] Linux version 6.1.0\n[    3.500000] EXT4-fs error (device sda1)\n"
    assert messages_of(text) == ["EXT4-fs error (device sda1)"]


def test_fields_behind_a_header_without_a_level_count_if_their_words_say_so():
    stamp = "Nov 18 10:00:00 web-1 shop[7]: order=7 step=pay msg="
    assert len(events_of(f"{stamp}done\n{stamp}refused\n")) == 1


def test_a_level_before_fields_counts_where_they_say_none():
    fields = "order=7 step=pay outcome=refused"
    assert events_of(f"2026-11-18 10:00:00 INFO {fields}\n") == []


def journal(message: str, **facts: str) -> str:
    record = {
        "__REALTIME_TIMESTAMP": "1795000000000000",
        "PRIORITY": "6",
        "_PID": "7",
        "_HOSTNAME": "web-1",
        "_SYSTEMD_UNIT": "shop@3.service",
        "SYSLOG_IDENTIFIER": "python3",
        "MESSAGE": message,
    }
    return json.dumps({**record, **facts}) + "\n"


def test_the_lines_of_a_crash_in_the_journal_are_one_error_of_the_unit():
    other = journal("Started Session 5 of user ana.", _SYSTEMD_UNIT="init.scope", _PID="1")
    (event,) = events_of(other.join(map(journal, TRACE.split("\n"))))
    assert (event.error_type, event.service, event.host) == ("Boom", "shop", "web-1")
    assert event.time == datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "priority", "counts"),
    [
        ("listening on port 80", "6", False),
        ("connection refused", "6", True),
        ("INFO: connection refused", "6", False),
        ('{"level":"error","msg":"no route"}', "6", True),
        ('{"level":"info","msg":"failed over"}', "6", False),
        ("no route", "3", True),
        ("will try again, it failed", "4", False),
    ],
)
def test_what_the_journal_got_printed_is_judged_by_its_words_all_else_by_its_priority(
    message, priority, counts
):
    assert len(events_of(journal(message, PRIORITY=priority))) == counts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (list("caf\xe9 failed".encode("latin-1")), "caf\ufffd failed"),
        (list(b"\x1b[31mfailed"), "failed"),
        (["first failed", list(b"then")], "first failed\nthen"),
    ],
)
def test_a_message_that_the_journal_wrote_as_bytes_or_as_a_list_is_read(written, read):
    record = json.loads(journal("", PRIORITY="3")) | {"MESSAGE": written}
    (event,) = events_of(json.dumps(record) + "\n")
    assert (event.message, event.service) == (read, events_of(journal("failed"))[0].service)


def test_a_session_in_the_journal_is_named_by_its_program():
    (event,) = events_of(
        journal("failed", _SYSTEMD_UNIT="session-5.scope", SYSLOG_IDENTIFIER="sudo")
    )
    assert event.service == "sudo"


def test_the_level_that_php_speaks_counts():
    stamp = "[18-Nov-2026 10:00:00 UTC] PHP "
    text = f"{stamp}Warning:  Undefined variable $x\n{stamp}Fatal error:  Out of memory\n"
    assert messages_of(text) == ["PHP Fatal error:  Out of memory"]
    reader = Reader(io.BytesIO(text.encode()), standing(), minimum=Severity.WARNING)
    assert len(list(reader)) == 2


def test_a_record_without_an_end_keeps_its_beginning_and_its_end():
    frames = '  File "/srv/app/deep.py", line 7, in down\n    down()\n' * 5_000
    (event,) = events_of(
        f"2026-11-18 10:00:00 ERROR deep\nTraceback (most recent call last):\n{frames}"
        "RecursionError: too deep\n"
    )
    assert (event.message, event.error_type) == ("deep", "RecursionError")
    assert len(event.stack) < 300_000


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("sshd[7]: error: kex_exchange_identification: Connection closed", Severity.ERROR),
        ("postfix/smtpd[7]: fatal: no SASL authentication", Severity.CRITICAL),
        ("app[7]: FAIL: backup of the orders", Severity.ERROR),
        ("sshd[7]: Accepted publickey for ana", None),
        ("postfix/smtpd[7]: warning: hostname does not resolve", None),
        ("app[7]: errors: 0", None),
        ("app[7]: (node:7) [DEP0040] DeprecationWarning: punycode", None),
        ("app[7]: /srv/app/a.py:7: DeprecationWarning: use b", None),
    ],
)
def test_a_program_may_say_its_level_in_words(line, level):
    levelled = "2026-11-18T10:00:00Z INFO started\n"
    events = events_of(f"{levelled}Nov 18 10:00:00 web-1 {line}\n")
    assert [event.severity for event in events] == ([level] if level else [])


HAPROXY = "10.0.0.7:91 [18/Nov/2026:10:00:00.000] web~ shop"


AT_INFO = "2026-11-18 10:00:00,123 INFO werkzeug "


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f'{AT_INFO}10.0.0.7 - - [18/Nov/2026 10:00:00] "GET /a/7 HTTP/1.1" 500 -', 500),
        (f'{AT_INFO}10.0.0.7 - - [18/Nov/2026 10:00:00] "GET /a/7 HTTP/1.1" 404 500', None),
        (f"{AT_INFO}GET /a/7 answered 503 to us, trying again", None),
        ('2026-11-18 10:00:00,123 DEBUG net http://a:80 "GET /a/7 HTTP/1.1" 500 1', None),
        ('10.0.0.7 - ana [18/Nov/2026:12:00:00 +0200] "GET /a/7?token=x HTTP/1.1" 502 17', 502),
        ('10.0.0.7 - - [18/Nov/2026 10:00:00] "POST /a/7 HTTP/1.0" 500 -', 500),
        ('[2026-11-18T10:00:00.000Z] "GET /a/7 HTTP/2" 503 UF 0 91 "-" "curl"', 503),
        ('[GIN] 2026/11/18 - 10:00:00 | 500 | 1.2ms | 10.0.0.7 | POST     "/a/7?token=x"', 500),
        (f'{HAPROXY}/<NOSRV> 0/-1/-1/-1/3 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /a/7?t=x"', 503),
        (f'{HAPROXY}/a 0/0/1/2/3 200 503 - - ---- 1/1/0/0/0 0/0 {{a|}} "GET /500 HTTP/1.1"', None),
        ('10.0.0.7 - - [18/Nov/2026:10:00:00 +0000] "GET /500 HTTP/1.1" 404 17', None),
        ("GET /500 404 1.2 ms - 17", None),
        (r'10.0.0.7 - - [18/Nov/2026:10:00:00 +0000] "GET /a/7?b c\"d HTTP/1.1" 500 17', 500),
        ('10.0.0.7 - - [18/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 502 "-"', None),
    ],
)
def test_in_an_access_log_an_answer_of_500_and_above_is_an_error(line, said):
    events = events_of(f"{line}\n")
    assert len(events) == (said is not None)
    for event in events:
        assert f" /a/7 was answered with HTTP {said}" in event.message
        assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            '[2026-11-18T10:00:00.000Z] "GET /a HTTP/2" 503 UF,URX 0 91 "-"',
            ": upstream connection failure, upstream retry limit exceeded (UF,URX)",
        ),
        (
            '[2026-11-18T10:00:00.000Z] "GET /a HTTP/2" 503 UH no_healthy_upstream - "-" 0 19',
            ": no healthy upstream (UH)",
        ),
        ('[2026-11-18T10:00:00.000Z] "GET /a HTTP/2" 503 - 0 91 "-"', ""),
        ('[2026-11-18T10:00:00.000Z] "GET /a HTTP/2" 503 QQ 0 91 "-"', ""),
        (
            f'{HAPROXY}/<NOSRV> 0/-1/-1/-1/3 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /a"',
            ": the server aborted or refused the connection while connecting (SC)",
        ),
        (
            f'{HAPROXY}/a 0/0/1/-1/9 504 217 a=b - sHVN 1/1/0/0/0 0/0 {{x|}} "GET /a HTTP/1.1"',
            ": timeout of the server before the headers of its answer (sH)",
        ),
        (f'{HAPROXY}/a 0/0/1/2/9 500 217 - - ---- 1/1/0/0/0 0/0 "GET /a HTTP/1.1"', ""),
    ],
)
def test_why_a_proxy_answered_so_is_said_in_words(line, why):
    (message,) = messages_of(f"{line}\n")
    assert re.sub(r"HTTP \d+", "HTTP", message) == f"GET /a was answered with HTTP{why}"


def test_errors_that_a_program_logs_at_once_stay_apart():
    text = "".join(
        f"2026-11-18T10:00:00Z ERROR {said}\n" for said in ("[a] no money", "[a] #12 failed", "[a]")
    )
    assert messages_of(text) == ["no money", "#12 failed"]


def test_what_is_in_brackets_above_a_message_is_a_part_of_it():
    (event,) = events_of("Nov 18 10:00:00 web-1 app[7]: [DiskFull]#012upload failed\n")
    assert event.message == "[DiskFull]\nupload failed"


def test_in_an_access_log_a_line_that_is_none_is_judged_by_its_words():
    text = '10.0.0.7 - - [18/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 17\nready\nit failed\n'
    assert messages_of(text) == ["it failed"]


def test_a_line_of_an_access_log_is_not_part_of_the_line_above_it_which_has_a_header():
    access = '10.0.0.7 - - [18/Nov/2026 10:00:00] "GET /a HTTP/1.1" 500 -'
    text = f"2026-11-18 10:00:00 INFO up\n{access}\nPOST /b 502 1.2 ms - 17\n"
    assert messages_of(text) == [
        "GET /a was answered with HTTP 500",
        "POST /b was answered with HTTP 502",
    ]


def test_a_banner_above_the_first_level_is_no_error():
    assert messages_of("Starting shop 4.19\n2026-11-18 10:00:00 ERROR boom\n") == ["boom"]


def test_a_long_line_that_docker_cut_is_whole_again():
    def part(text: str) -> str:
        return json.dumps({"log": text, "stream": "stdout", "time": "2026-11-18T10:00:00Z"}) + "\n"

    other = part("it failed\n").replace("stdout", "stderr")
    long = json.dumps({"level": "error", "msg": "boom", "note": "x" * 40_000}) + "\n"
    cut = [part(long[start : start + 16_384]) for start in range(0, len(long), 16_384)]
    (event,) = events_of(cut[0] + other + "".join(cut[1:]))[1:]
    assert event.message == "boom"
    assert event.attributes["note"].startswith("xxx")


def test_a_long_line_that_a_kubernetes_runtime_cut_is_whole_again():
    stamp = "2026-11-18T10:00:00.000000001Z stderr"
    assert messages_of(f"{stamp} P it f\n{stamp} P ai\n{stamp} F led\n") == ["it failed"]


def test_a_line_whose_last_part_never_comes_is_not_held_for_ever():
    stamp = "2026-11-18T10:00:00.000000001Z stderr P "
    events = events_of(f"{stamp}failed {'x' * 60_000}\n" * 40)
    assert len(events) == 3


def test_each_container_of_compose_is_put_together_apart_and_is_a_service():
    lines = [f"{name}-1  | {line}" for line in TRACE.split("\n") for name in ("web", "worker")]
    events = events_of("\n".join(lines) + "\n")
    assert [(event.service, event.error_type) for event in events] == [
        ("web", "Boom"),
        ("worker", "Boom"),
    ]


def test_a_kernel_report_is_told_by_its_lines_and_not_by_its_tables():
    text = """\
[ 3703.97] java invoked oom-killer: gfp_mask=0x140cca, order=0
[ 3703.973001] CPU: 1 PID: 12 Comm: java Not tainted 6.1.0
[ 3703.973002] Call Trace:
[ 3703.973003]  <TASK>
[ 3703.973004]  dump_stack_lvl+0x44/0x5c
[ 3703.973005]  </TASK>
[ 3703.973006] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
[ 3703.973007] [  22806]     0 22806    15848      890   102400        0             0 redis-server
[ 3703.973008] Out of memory: Killed process 12680 (python3) total-vm:23370188kB
""".replace("3703.97]", "3703.970000]")
    begun = [message.partition(" ")[0] for message in messages_of(text)]
    assert begun == ["java", "Out"]


def test_calls_of_a_stack_whose_beginning_is_not_there_are_no_error():
    assert (
        events_of("\tat com.shop.Pay.charge(Pay.java:7)\n\tat com.shop.Pay.go(Pay.java:9)\n") == []
    )


def test_a_stack_below_a_warning_is_the_warnings():
    assert events_of(f"2026-11-18 10:00:00 WARNING will try again\n{TRACE}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "  at x\n",
        "Boom Error: x\n",
        "x Error: y\nz\n",
        "app.rb:1:in `x': y (Z)\n\n",
        "/a/b.js:7\n",
        "at \n",
        "a.b." * 50 + "\n",
        "1 2 3 4\n",
        "web-1 | x\n",
        "2026-11-18T10:00:00.000000001Z stderr P x\n",
        "#012",
        'a="\\\\',
        "k=v ",
        "Traceback (most recent call last):\n",
        "goroutine 1 [running]:\nmain.main()\n",
        "2026-11-18 10:00:00 [1] ERROR:  x\n\n",
    ],
)
def test_hostile_text_takes_linear_time(line):
    def seconds(size: int) -> float:
        text = line * (size // len(line))
        start = time.process_time()
        events_of(text)
        return time.process_time() - start

    seconds(10_000)
    assert seconds(160_000) < 12 * max(seconds(40_000), 0.02)


# ---- containers' JSON, by Docker and by forwarders


def in_a_container(text: str, **fields: object) -> str:
    return json.dumps({"stream": "stderr", "log": text, **fields}) + "\n"


def test_a_forwarders_records_without_an_end_of_line_are_a_line_each():
    text = "".join(in_a_container(f"ERROR boom {n}", _p="F") for n in range(3))
    assert messages_of(text) == ["ERROR boom 0", "ERROR boom 1", "ERROR boom 2"]


def test_the_last_words_of_a_crashing_container_are_kept_and_not_glued_to_its_next_start():
    time = "2026-11-18T10:00:00Z"
    last, first = "too many open files", "it failed to start\n"
    text = in_a_container(last, time=time) + in_a_container(first, time=time)
    assert messages_of(text) == ["too many open files", "it failed to start"]
    assert messages_of(in_a_container(last, time=time)) == ["too many open files"]


@pytest.mark.parametrize(
    "printed",
    [
        in_a_container,
        "2026-11-18T10:00:00.000000001Z stderr F {}\n".format,
        "2026-11-18T10:00:00.000000001Z {}\n".format,
        "checkout-1  | {}\n".format,
    ],
    ids=["json", "kubernetes", "times", "compose"],
)
def test_what_a_container_printed_without_a_level_is_judged_by_its_words(printed):
    said = [TRACE, "Listening on port 8080", "job 17 done", "could not reach the database"]
    text = "".join(printed(line) for record in said for line in record.split("\n"))
    assert [event.message for event in events_of(text)] == [
        "Boom: 1",
        said[3],
    ]


def test_the_same_words_at_the_same_instant_count_for_each_container():
    time = "2026-11-18T10:00:00Z"
    pods = [
        in_a_container("it failed\n", time=time, kubernetes={"pod_name": pod})
        for pod in ("checkout-1", "checkout-2")
    ]
    assert len({event.source_id for event in events_of("".join(pods))}) == 2
    again = events_of("".join(reversed(pods)))
    assert {one.source_id for one in again} == {one.source_id for one in events_of("".join(pods))}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18T10:00:00.000000001Z stderr P ERROR boom\n",
        in_a_container("ERROR boom", logtag="P"),
        in_a_container("ERROR boom" + " " * 16_384),
    ],
)
def test_a_part_that_nothing_follows_is_read_at_the_end(text):
    assert messages_of(text) == ["ERROR boom"]


def test_parts_are_joined_by_the_tag_that_a_forwarder_kept():
    text = "".join(in_a_container(part, _p=tag) for part, tag in [("ERROR bo", "P"), ("om", "F")])
    assert messages_of(text) == ["ERROR boom"]


def test_what_a_forwarder_says_beside_a_line_is_kept():
    pod = {"container_name": "checkout", "namespace_name": "acme", "pod_name": "checkout-1"}
    lines = [in_a_container(line, kubernetes=pod, zone="b") for line in TRACE.split("\n")]
    (event,) = events_of("".join(lines))
    assert (event.error_type, event.stack) == ("Boom", TRACE)
    assert (event.service, event.customer, event.host) == ("checkout", "acme", "checkout-1")
    assert event.attributes == {"zone": "b"}


def test_what_a_text_says_itself_counts_more_than_what_is_said_beside_it():
    record = '{"level": "error", "msg": "boom", "service": "pay"}\n'
    (event,) = events_of(in_a_container(record, service="shop", customer="acme"))
    assert (event.message, event.service, event.customer) == ("boom", "pay", "acme")


def test_harmless_lines_are_traffic_of_the_service_that_a_forwarder_names_beside_them():
    lines = [
        in_a_container(f"level=info msg=served took={n}\n", time="2026-11-18T10:00:00Z", app="shop")
        for n in range(99)
    ]
    reader = Reader(io.BytesIO("".join(lines).encode()), standing(), service="unknown")
    assert list(reader) == []
    assert [place.service for place in reader.traffic()] == ["shop"]


def test_lines_of_two_containers_in_one_stream_are_not_mixed():
    lines = [
        in_a_container(line, kubernetes={"pod_name": pod})
        for line in TRACE.split("\n")
        for pod in ("a", "b")
    ]
    assert [(e.host, e.stack) for e in events_of("".join(lines))] == [("a", TRACE), ("b", TRACE)]


def test_a_level_beside_the_text_decides():
    text = in_a_container("boom", level="info") + in_a_container("bang", level="error")
    assert messages_of(text) == ["bang"]


def test_a_record_that_only_looks_like_a_containers_is_read_by_its_fields():
    (event,) = events_of('{"log": "boom", "stream": "orders", "service": "shop"}\n')
    assert (event.message, event.service) == ("boom", "shop")


@pytest.mark.parametrize("start", ['{ "', '{\t"', '{  "'])
def test_json_with_space_after_its_brace_is_json(start):
    text = f'{start}level": "info", "msg": "fine" }}\n{start}level": "error", "msg": "boom" }}\n'
    assert messages_of(text) == ["boom"]
    behind = f'Nov 18 10:00:00 web-1 app[7]: {start}level":"info","msg":"fine" }}\n'
    assert messages_of(behind) == []


@pytest.mark.parametrize(
    ("trace", "before"),
    [
        ("rails", "v1:41da73442d04923146909e9a6139710f"),
        ("rust", "v1:beecf273ebb5cd2399495bf349832f95"),
        ("zap", "v1:2fa35dce96ea5065082a13bad2616232"),
    ],
)
def test_what_had_no_stack_for_older_rules_is_found_by_the_name_they_gave_it(trace, before):
    text = (CORE / f"{trace}.txt").read_text(encoding="utf-8")
    (event,) = events_of(f"2026-11-22T08:00:00Z ERROR {text}" if trace == "zap" else text)
    assert signature.of(event).kin
    assert signature.before(event)[0] == before


SAYS_A_LEVEL = {"caddy console", "hypercorn", "iris", "roadrunner"}
SAYS_THAT_IT_FAILED = {"aws sdk", "axios", "guzzle"}


@pytest.mark.parametrize("logger", sorted({*LINES} - SAYS_A_LEVEL))
def test_whoever_logs_requests_an_answer_of_5xx_is_an_error_and_no_other_is(logger: str):
    (event,) = events_of(line(logger, 503))
    assert event.severity is Severity.ERROR
    if logger not in SAYS_THAT_IT_FAILED:
        assert not events_of(line(logger, 404)) + events_of(line(logger, 200))


def test_why_herokus_router_answered_itself_tells_its_failures_apart():
    line = (
        "2026-11-21T02:17:02.123456+00:00 heroku[router]: at=error code={} desc={!r} method=GET "
        'path="/cart" host=shop.example dyno=web.1 connect=1ms service=30001ms status=503 bytes=0'
    )
    (late,) = events_of(line.format("H12", "Request timeout").replace("'", '"'))
    (down,) = events_of(line.format("H10", "App crashed").replace("'", '"'))
    assert late.message == "GET /cart was answered with HTTP 503: Request timeout"
    assert signature.of(late).fingerprint != signature.of(down).fingerprint


CAUSED = 'Traceback (most recent call last):\n  File "/srv/a.py", line 7, in b\nValueError: no 7\n'
FOLLOWERS: dict[str, dict[str, object]] = {
    "beats": {
        "@timestamp": "2026-11-18T10:00:00.000Z",
        "agent": {"type": "filebeat"},
        "log": {"file": {"path": "/var/log/shop.log"}},
        "host": {"name": "web-1"},
    },
    "elastic's, flat": {
        "@timestamp": "2026-11-18T10:00:00Z",
        "log.file.path": "/l",
        "host": "web-1",
    },
    "logstash": {
        "@timestamp": "2026-11-18T10:00:00Z",
        "@version": "1",
        "path": "/l",
        "host": "web-1",
    },
    "vector": {
        "timestamp": "2026-11-18T10:00:00Z",
        "source_type": "file",
        "file": "/var/log/shop.log",
        "host": "web-1",
    },
}


def followed(text: str, facts: dict[str, object], name: str = "message") -> str:
    return "".join(json.dumps({**facts, name: line}) + "\n" for line in text.splitlines())


@pytest.mark.parametrize("facts", FOLLOWERS.values(), ids=FOLLOWERS)
def test_the_lines_of_a_file_that_somebody_follows_are_put_together_and_judged_as_text(facts):
    text = "listening\n2026-11-18 09:59:59 INFO ready\n2026-11-18 09:59:59 ERROR shop - no money\n"
    (event,) = events_of(followed(text + CAUSED, facts))
    assert (event.error_type, event.message, event.host) == ("ValueError", "no money", "web-1")


def test_a_line_that_fluent_bit_read_is_text():
    facts: dict[str, object] = {"date": 1795227422.123}
    (event,) = events_of(followed("listening\n[error] no money\n", facts, name="log"))
    assert event.time == datetime.fromtimestamp(1795227422.123, UTC)


def test_a_follower_that_knows_more_is_believed():
    facts = {**FOLLOWERS["vector"], "level": "error", "tenant": "acme"}
    (event,) = events_of(followed("listening", facts))
    assert (event.message, event.customer) == ("listening", "acme")


OF_CLOUDWATCH = {"timestamp": 1795227422123, "message": "2026-11-21T02:17:02Z ERROR no money\n"}


@pytest.mark.parametrize(
    "exported",
    [
        {"events": [{**OF_CLOUDWATCH, "logStreamName": "a", "eventId": "3", "ingestionTime": 7}]},
        {"events": [{**OF_CLOUDWATCH, "ingestionTime": 7}], "nextForwardToken": "f/3"},
        {"messageType": "DATA_MESSAGE", "logEvents": [{**OF_CLOUDWATCH, "id": "3"}]},
        {**OF_CLOUDWATCH, "logStreamName": "a", "ingestionTime": 7},
    ],
)
def test_what_was_exported_from_cloudwatch_is_lines(exported):
    (event,) = events_of(json.dumps(exported) + "\n")
    assert (event.message, event.severity) == ("no money", Severity.ERROR)
    assert event.time == datetime(2026, 11, 21, 2, 17, 2, tzinfo=UTC)


def test_a_record_with_a_time_and_a_message_alone_is_none_of_cloudwatchs():
    (event,) = events_of('{"timestamp": 1795227422123, "message": "no money", "id": 7}\n')
    assert event.message == "no money"


@pytest.mark.parametrize(
    "said",
    [
        {"events": []},
        {"logEvents": []},
        {"timestamp": 1795227422123, "logStreamName": "a", "tenant": "acme"},
        {"reason": "late", "regarding": {"kind": "Invoice"}},
    ],
)
def test_a_program_that_has_a_field_of_cloudwatchs_or_kubernetes_is_believed(said):
    (event,) = events_of(json.dumps({"level": "error", "message": "no money", **said}) + "\n")
    assert (event.message, event.severity) == ("no money", Severity.ERROR)


def test_an_empty_page_of_cloudwatch_tells_of_nothing():
    page = b'{"events": [], "searchedLogStreams": []}\n'
    assert list(Reader(io.BytesIO(page), standing())) == []


def test_a_subscription_to_cloudwatch_names_the_group_as_the_service():
    sent = {
        "logGroup": "/ecs/shop",
        "logStream": "s/7",
        "logEvents": [{**OF_CLOUDWATCH, "id": "3"}],
    }
    (event,) = events_of(json.dumps(sent) + "\n")
    assert (event.service, event.attributes["aws.log.stream"]) == ("shop", "s/7")


def test_a_python_trace_without_lines_of_code_is_whole():
    text = "2026-11-18 10:00:00 ERROR late\nTraceback (most recent call last):\n"
    text += '  File "shop/pay.pyx", line 7, in shop.pay.charge\nValueError: no 7\n'
    (event,) = events_of(text)
    assert (event.error_type, event.message) == ("ValueError", "late")


PREFIXES = {
    "kubectl's": ("[pod/shop-7d9c5bf6d8-x2x4z/shop] ", "[pod/shop-7d9c5bf6d8-x2x4z/proxy] "),
    "stern's": ("shop-7d9c5bf6d8-x2x4z shop ", "pay-7d9c5bf6d8-x2x4z proxy "),
    "pm2's": ("0|shop     | ", "11|worker  | "),
    "foreman's": ("10:00:00 shop.1   | ", "10:00:01 worker.1 | "),
    "cloud foundry's": (
        "   2026-11-18T10:00:00.12+0000 [APP/PROC/WEB/0] ERR ",
        "   2026-11-18T10:00:00.12+0000 [APP/PROC/WEB/1] ERR ",
    ),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_lines_of_several_writers_are_put_together_apart_whoever_prints_them(name):
    one, other = PREFIXES[name]
    lines = f"2026-11-18 09:59:59 ERROR shop - no money\n{CAUSED}".splitlines()
    (event,) = events_of("".join(f"{one}{line}\n{other}listening\n" for line in lines))
    assert (event.error_type, event.message) == ("ValueError", "no money")
    assert event.service == ("" if name == "cloud foundry's" else "shop")


def test_a_line_of_consuls_stands_alone_though_it_is_moved_in():
    text = "==> Log data will now stream in:\n"
    text += "    2026-11-18T10:00:00.123Z [ERROR] agent.http: no leader\n"
    text += "    2026-11-18T10:00:00.124Z [ERROR] agent.http: no route\n"
    assert messages_of(text) == ["no leader", "no route"]


def test_a_file_of_code_is_no_service():
    text = "ERROR [ReadStage-3] 2026-11-18 10:00:00,123 Daemon.java:228 - no space left\n"
    (event,) = events_of(text)
    assert (event.service, event.logger, event.message) == ("", "Daemon.java", "no space left")


@pytest.mark.parametrize(
    "line",
    [
        "order-import-54782 import failed",
        "7|ERROR| import failed",
        "batch-import-x2x4z import failed",
    ],
)
def test_what_only_looks_like_the_name_of_a_writer_is_part_of_the_line(line):
    (event,) = events_of(line + "\n")
    assert (event.service, event.message) == ("", line)


def test_a_statement_of_sql_alone_tells_of_no_failure():
    slow = "# Time: 2026-11-18T10:00:00.123456Z\n# User@Host: shop[shop] @ [10.0.0.9]  Id: 7\n"
    slow += "SET timestamp=1795227422;\nSELECT id FROM orders WHERE state = 'failed';\n"
    assert messages_of(slow) == []
    assert len(messages_of("SELECT id FROM orders; failed\n")) == 1


@pytest.mark.parametrize("verb", ["Call", "Delete", "Insert", "Replace", "Select", "Set", "Update"])
def test_a_sentence_that_begins_as_a_statement_of_sql_tells_of_a_failure(verb):
    assert len(messages_of(f"{verb} failed for order 7;\n")) == 1


OF_KUBERNETES = {
    "kind": "Event",
    "metadata": {"uid": "u-1", "resourceVersion": "17"},
    "involvedObject": {
        "kind": "Pod",
        "namespace": "prod",
        "name": "shop-7d9c5bf6d8-x2x4z",
        "fieldPath": "spec.containers{shop}",
    },
    "reason": "BackOff",
    "message": "Back-off restarting failed container",
    "source": {"component": "kubelet", "host": "node-3"},
    "lastTimestamp": "2026-11-18T10:00:00Z",
    "count": 17,
    "type": "Warning",
}


def test_a_warning_of_kubernetes_is_an_error_of_the_container_it_is_about():
    (event,) = events_of(json.dumps(OF_KUBERNETES) + "\n")
    assert event.message == "BackOff: Back-off restarting failed container"
    assert (event.service, event.host, event.source_id) == ("shop", "node-3", "u-1:17")
    assert event.time == datetime(2026, 11, 18, 10, tzinfo=UTC)
    assert events_of(json.dumps({**OF_KUBERNETES, "type": "Normal"}) + "\n") == []


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("shop-7d9c5bf6d8-x2x4z", "shop"),
        ("shop-db-0", "shop-db"),
        ("node-exporter", "node-exporter"),
        ("node-exporter-x2x4z", "node-exporter"),
        ("report-28439520-x2x4z", "report"),
    ],
)
def test_an_event_of_a_pod_is_of_what_made_it(name, service):
    about = {"kind": "Pod", "name": name}
    listed = {"kind": "List", "items": [{**OF_KUBERNETES, "involvedObject": about}]}
    (event,) = events_of(json.dumps(listed) + "\n")
    assert event.service == service


def test_a_list_of_what_else_kubernetes_has_is_none_of_events():
    listed = {"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "shop"}}]}
    assert events_of(json.dumps(listed) + "\n") == []
