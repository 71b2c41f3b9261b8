"""What real programs write, read as it came."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.event import Event, Severity
from bot.core.signing import stack
from bot.sources.files import Reader
from tests.builders import standing

PAYLOADS = Path(__file__).parent / "payloads"
LATER = datetime(2026, 11, 21, 12, tzinfo=UTC)


def events_of(name: str, *, quiet: int = 0) -> list[Event]:
    reader = Reader(PAYLOADS / name, standing(LATER))
    outcomes = list(reader)
    events = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    assert (reader.quiet, len(outcomes) - len(events)) == (quiet, 0)
    assert len({event.source_id for event in events}) == len(events)
    return events


def lines_with(name: str, words: str) -> int:
    return sum(words in line for line in (PAYLOADS / name).read_text().splitlines())


ELEVEN_ERRORS = [
    ("ZeroDivisionError", "division by zero", "zero"),
    ("PaymentError", "charge failed for order 84123 (customer acme)", "chained"),
    ("KeyError", "'fallback'", "context"),
    ("IntegrityError", "(sqlite3.IntegrityError) UNIQUE constraint failed: orders.ref", "sql"),
    ("ConnectionError", "Error 111 connecting to localhost:9. Connection refused.", "redis_down"),
    ("ValidationError", "3 validation errors for Order", "validation"),
    ("RecursionError", "maximum recursion depth exceeded", "recursion"),
    ("ExceptionGroup", "unhandled errors in a TaskGroup (2 sub-exceptions)", "main"),
    ("ValueError", "invalid literal for int() with base 10: '12a4'", "<lambda>"),
    ("ValueError", "naïve café — 価格が無効です 💥 value=\u202e1299\u202c", "uni"),
    ("RuntimeError", "payload too weird: ", "huge"),
]


def raised_in(event: Event) -> str:
    """The innermost function of our own that an error came through."""
    frames = event.frames or stack.parse(event.stack)[0].frames
    return next(frame.function for frame in frames if stack.in_app(frame))


@pytest.mark.parametrize(
    ("name", "quiet", "plain_errors"),
    [
        ("ecs.ndjson", 1, 1),
        ("logfmter.log", 1, 1),
        ("loguru-text.log", 0, 0),
        ("loguru.ndjson", 0, 0),
        ("python-json-logger.ndjson", 1, 1),
        ("stdlib-text.log", 1, 1),
        ("structlog-dicttb.ndjson", 1, 0),
        ("structlog-logfmt.log", 1, 0),
        ("structlog.ndjson", 1, 0),
    ],
)
def test_the_same_errors_read_the_same_whatever_the_logger(name, quiet, plain_errors):
    events = events_of(f"python-logs/{name}", quiet=quiet)
    raised = [event for event in events if event.error_type]
    assert len(events) - len(raised) == plain_errors
    for event, (kind, message, function) in zip(raised, ELEVEN_ERRORS, strict=True):
        assert event.error_type.rpartition(".")[2] == kind
        assert event.error_message.partition("\n")[0][: len(message)] == message
        assert event.message.startswith("task ")
        assert event.severity is Severity.ERROR
        assert "errs.py" in event.stack
        assert raised_in(event) == function
        assert event.time.date().isoformat() == "2026-11-21"


def test_a_structured_traceback_keeps_its_frames_and_causes():
    simple, chained, *_ = events_of("python-logs/structlog-dicttb.ndjson", quiet=1)
    assert [frame.function for frame in simple.frames] == ["zero", "simple", "<module>"]
    assert simple.frames[0].module == "/srv/app/pyapp/errs.py"
    assert [kind for kind, _ in chained.chain][:2] == ["PaymentError", "ConnectionError"]
    assert "Traceback (most recent call last)" in chained.stack


def test_a_groups_members_are_kept():
    group = events_of("python-logs/structlog-dicttb.ndjson", quiet=1)[7]
    assert [kind for kind, _ in group.chain] == [
        "ExceptionGroup",
        "ZeroDivisionError",
        "InventoryTimeout",
    ]


@pytest.mark.parametrize("name", ["python-json-logger.ndjson", "structlog.ndjson", "loguru.ndjson"])
def test_who_and_where_are_found_in_python_logs(name):
    for event in events_of(f"python-logs/{name}", quiet=name != "loguru.ndjson"):
        assert event.service == "checkout"
        assert event.customer == ("acme" if event.error_type else "")


def test_pino():
    events = events_of("node-logs/pino.ndjson", quiet=1)
    first, last = events[0], events[-1]
    assert (first.service, first.environment, first.customer, first.host) == (
        "storefront",
        "staging",
        "globex",
        "vm",
    )
    assert first.message == "task typeError failed"
    assert first.error_type == "TypeError"
    assert first.error_message == "Cannot read properties of null (reading 'email')"
    assert first.time == datetime(2026, 11, 21, 2, 17, 2, 578_000, tzinfo=UTC)
    assert (last.message, last.severity) == ("going down", Severity.CRITICAL)
    assert "v=plain string thrown" in [event.message for event in events]


def test_a_group_that_pino_wrote_keeps_its_members():
    events = events_of("node-logs/pino.ndjson", quiet=1)
    group = next(event for event in events if event.error_type == "AggregateError")
    assert group.chain[1:][0] == ("Error", "replica a down")


def test_winston():
    first = events_of("node-logs/winston.ndjson", quiet=1)[0]
    assert (first.error_type, first.message) == ("TypeError", "task typeError failed")
    assert first.stack.startswith("TypeError: Cannot read")


def test_bunyan():
    first = events_of("node-logs/bunyan.ndjson")[0]
    assert (first.service, first.error_type) == ("storefront", "TypeError")


def test_log4js():
    events = events_of("node-logs/log4js.log")
    assert len(events) == 12
    assert (events[0].logger, events[0].error_type) == ("storefront", "TypeError")
    assert (events[1].error_type, events[1].error_message) == (
        "AxiosError",
        "connect ECONNREFUSED 127.0.0.1:9",
    )
    assert "second line" in events[-1].error_message


def test_a_go_services_recovered_panics():
    event = events_of("go-slog.ndjson")[0]
    assert (event.service, event.severity) == ("gateway", Severity.ERROR)
    assert event.error_message == "runtime error: index out of range [28] with length 3"
    assert event.time.microsecond == 379_760
    assert "main.(*Route).Pick" in event.stack


def test_an_uncaught_go_panic_is_one_event():
    (event,) = events_of("panic-nilptr.txt")
    assert event.error_type == "panic"
    assert event.error_message.startswith("runtime error: invalid memory address")
    assert "main.(*T).put" in event.stack


def test_a_go_stack_overflow_is_one_event_and_keeps_both_ends():
    (event,) = events_of("panic-stack.txt")
    assert event.error_message == "stack overflow"
    assert event.stack.rstrip().endswith("runtime/mfinal.go:172 +0x3d")


def test_postgres_as_json():
    events = events_of(
        "postgres-jsonlog.ndjson", quiet=lines_with("postgres-jsonlog.ndjson", '"LOG"')
    )
    first = events[0]
    assert first.error_type == "SQLSTATE 23505"
    assert first.message.startswith("duplicate key value violates unique constraint")
    assert first.attributes["detail"] == "Key (tenant, ref)=(massive, E-41513) already exists."
    assert first.attributes["statement"].startswith("insert into orders")
    assert {event.severity for event in events} == {Severity.ERROR, Severity.CRITICAL}


def test_postgres_as_text_keeps_detail_hint_context_and_statement_apart():
    duplicate, deadlock = events_of("postgres-stderr.log", quiet=5)
    assert duplicate.message == (
        'duplicate key value violates unique constraint "orders_tenant_ref_key"'
    )
    assert duplicate.time == datetime(2026, 11, 21, 2, 23, 3, 676_000, tzinfo=UTC)
    assert deadlock.message == "deadlock detected"
    assert deadlock.attributes["hint"] == "See server log for query details."
    assert deadlock.attributes["detail"].count("\n") == 3
    assert deadlock.attributes["statement"].startswith("update stock")


def test_nginx():
    events = events_of("nginx-error.log", quiet=lines_with("nginx-error.log", "[warn]"))
    assert events[0].message.startswith("connect() failed (111: Connection refused)")
    assert events[0].time == datetime(2026, 11, 21, 2, 19, 25, tzinfo=UTC)


def test_java_util_logging_takes_two_lines_for_its_header():
    events = events_of("java-jul.log")
    assert len(events) == 11 + 5, "five were printed without a header below the eighth"
    assert events[0].message == "report 77398 failed for SKU-2215"
    assert events[0].error_type == "java.lang.NullPointerException"
    assert events[0].time == datetime(2026, 11, 21, 2, 25, 27, tzinfo=UTC)
    assert "\tat Reports$Repo.qty(Reports.java:8)" in events[0].stack
    assert (events[8].error_type, events[8].time) == ("Reports$ReportException", events[7].time)
    assert events[-2].error_type == "java.lang.OutOfMemoryError", "the JVM had no room for frames"


def test_an_uncaught_java_exception():
    (event,) = events_of("java-uncaught.txt")
    assert event.error_type == "java.lang.ArrayIndexOutOfBoundsException"


def test_php():
    events = events_of("php-fatal.log")
    assert len(events) == 24
    assert (events[0].error_type, events[3].error_message) == ("PDOException", "Division by zero")
    assert all("Stack trace:" in event.stack for event in events)


def test_ruby_without_any_header():
    events = events_of("ruby-full_message.log")
    assert len(events) == 33
    assert (events[0].error_type, events[0].error_message) == (
        "NoMethodError",
        "undefined method `amount' for nil:NilClass",
    )
    assert all("\tfrom batch.rb" in event.stack for event in events)


def test_redis_and_mariadb_notes_are_no_errors():
    assert events_of("redis.log", quiet=16) == []
    (aborted,) = events_of("mariadb.log", quiet=37)
    assert aborted.message == "InnoDB: Transaction was aborted due to Deadlock"


def test_a_kernel_log_knows_no_levels_but_a_row_of_its_tables_is_no_error():
    events = events_of("dmesg-oom.txt", quiet=1)
    begun = [event.message[:10] for event in events]
    assert begun == ["oom-kill:c", "Out of mem", "oom_reaper"]


def test_haproxy_says_which_server_is_down_and_whom_it_answered_so() -> None:
    down, gone, *failed = events_of("haproxy.log")
    assert (down.service, down.severity) == ("haproxy", Severity.CRITICAL)
    assert down.message.startswith("Server dead/s1 is DOWN, reason: Layer4 connection problem")
    assert gone.message == "backend dead has no server available!"
    assert [event.message.partition(":")[0] for event in failed] == [
        "GET /dead/1 was answered with HTTP 503",
        "GET /slow/2 was answered with HTTP 504",
        "GET /none/3 was answered with HTTP 503",
        "GET /feed/4 was answered with HTTP 502",
        "GET /dead/5 was answered with HTTP 503",
    ]
