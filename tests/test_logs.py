import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.core.redaction import SiteRule, redact, redactor_with
from bot.logs import Escaping, Redacting

SECRET = "tr0ub4dor"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a real logger's handler writes; the logger is `tests.logs`."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Escaping())
    handler.addFilter(Redacting(redactor_with([SiteRule("staff", "EMP-[0-9]+")])))
    log.addHandler(handler)
    yield out
    log.removeHandler(handler)


log = logging.getLogger("tests.logs")


def test_the_arguments_of_a_record_are_redacted(written: io.StringIO) -> None:
    log.error("cannot connect with password=%s as %s", SECRET, "EMP-77")
    assert written.getvalue() == "cannot connect with password=<secret> as <staff>\n"


def test_a_secret_split_between_message_and_argument_is_redacted(written: io.StringIO) -> None:
    log.error("refused %s:%s@db.internal/shop", "postgres://shop", SECRET)
    assert SECRET not in written.getvalue()


def test_the_text_of_an_exception_is_redacted(written: io.StringIO) -> None:
    try:
        int(f"token={SECRET}")
    except ValueError:
        log.exception("failed")
    assert "ValueError: invalid literal" in written.getvalue()
    assert SECRET not in written.getvalue()


def test_the_records_of_a_library_are_redacted(written: io.StringIO) -> None:
    logging.getLogger("tests.logs.library").warning("Authorization: Bearer %s9", SECRET)
    assert SECRET not in written.getvalue()


def test_what_a_message_quotes_cannot_pose_as_a_record_of_its_own(written: io.StringIO) -> None:
    log.error("refused %s", "x\n2026-11-18 CRITICAL bot it is on fire\r\ny\u2028z\x85")
    assert written.getvalue() == (
        "refused x\n    2026-11-18 CRITICAL bot it is on fire\\r\n    y\\u2028z\\x85\n"
    )


def test_what_a_message_quotes_cannot_steer_a_terminal(written: io.StringIO) -> None:
    log.error("refused %s", "\x1b]0;owned\x07\x9b31m\u202egnp\ttab \U000e0041")
    assert written.getvalue() == "refused \\x1b]0;owned\\x07\\x9b31m\\u202egnp\ttab \\U000e0041\n"


def test_the_lines_of_a_traceback_are_indented(written: io.StringIO) -> None:
    try:
        int("\x1b[2J\nCRITICAL bot it is on fire")
    except ValueError:
        log.exception("failed")
    first, *others = written.getvalue().splitlines()
    assert first == "failed"
    assert all(line.startswith("    ") for line in others)


def test_a_message_that_its_arguments_do_not_fit_says_nothing_of_them(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    log.error("%d", f"token={SECRET}")
    assert SECRET not in written.getvalue() + capsys.readouterr().err


def test_another_handler_gets_the_redacted_record_too(written: io.StringIO) -> None:
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "pwd=%s", (SECRET,), None)
    assert Redacting(redact).filter(record)
    assert record.getMessage() == "pwd=<secret>"


@pytest.mark.parametrize(
    "ends",
    [
        "raise ValueError('token=' + secret)",
        "import threading; t = threading.Thread(target=lambda: int('token=' + secret)); t.start()",
    ],
)
def test_the_last_words_of_a_program_are_redacted(ends: str) -> None:
    program = f"""
from bot import logs
from bot.core.redaction import redact
logs.configure(redact)
secret = "".join({list(SECRET)!r})
{ends}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "ValueError: " in done.stderr
    assert "<secret>" in done.stderr
    assert SECRET not in done.stderr


def test_no_logger_of_a_library_that_serves_has_a_handler_of_its_own() -> None:
    program = """
import logging
from starlette.applications import Starlette
from bot import receiver
with receiver.listening(Starlette(), host="127.0.0.1", port=0):
    names = ["uvicorn", "uvicorn.error", "uvicorn.access"]
    print([name for name in names if logging.getLogger(name).handlers])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
