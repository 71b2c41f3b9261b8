"""The command line as people and programs meet it: real processes, what they say, how they end."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bot.__main__ import main
from tests.builders import NOON

TRIAGE = (sys.executable, "-m", "bot")
SUMMARY = {"lines", "events", "duplicates", "unreadable", "signatures", "new_signatures"}


def a_line(time: datetime = NOON, message: str = "payment 17 refused", **facts: Any) -> str:
    values = {"timestamp": time.isoformat(), "level": "error", "service": "checkout"}
    return json.dumps({**values, "message": message, **facts}) + "\n"


def lines(count: int) -> str:
    """Errors of one signature, a second apart."""
    return "".join(a_line(NOON + timedelta(seconds=number)) for number in range(count))


def triage(
    *arguments: str | Path, folder: Path, stdin: str | bytes = b"", code: int = 0, **variables: str
) -> tuple[str, str]:
    """What it said on stdout and stderr; it must have ended with `code`, and never a traceback."""
    ran = subprocess.run(
        [*TRIAGE, *map(str, arguments)],
        cwd=folder,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )
    said, complained = ran.stdout.decode(), ran.stderr.decode()
    assert "Traceback" not in complained
    assert ran.returncode == code, complained
    return said, complained


def counted(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "triage.db")) as connection:
        (total,) = connection.execute("SELECT coalesce(sum(total), 0) FROM signatures").fetchone()
    return int(total)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three days with one payment error an hour, and another error on the last of them."""
    hours = [NOON - timedelta(hours=back) for back in reversed(range(72))]
    usual = "".join(a_line(hour, f"payment {hour:%H} refused") for hour in hours)
    file = tmp_path / "errors.jsonl"
    file.write_text(usual + a_line(NOON, "export failed: template not found", tenant="acme"))
    return file


# what it says of itself


def test_each_command_teaches_with_an_example(tmp_path: Path) -> None:
    said, _ = triage("--help", folder=tmp_path)
    assert "triage demo" in said
    assert "..." not in said.partition("Commands:")[2]
    said, _ = triage("ingest", "--help", folder=tmp_path)
    assert "Example: triage ingest" in said
    assert "[default: triage.toml, if any]" in said


def test_it_tells_its_version(tmp_path: Path) -> None:
    said, _ = triage("--version", folder=tmp_path)
    assert said.startswith("triage ")
    assert said.split()[1][0].isdigit()


def test_help_loads_neither_slack_nor_the_demo(tmp_path: Path) -> None:
    loaded = (
        "import sys, bot.__main__; print({'slack_bolt', 'bot.demo', 'uvicorn'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert ran.stdout.decode().strip() == "set()"


# ingest, digest, replay


def test_ingest_accounts_for_every_line_and_counts_nothing_twice(log: Path) -> None:
    said, _ = triage("ingest", log, "--db", "sqlite:///triage.db", "--json", folder=log.parent)
    first = json.loads(said)
    assert set(first) >= SUMMARY
    assert (first["lines"], first["events"], first["new_signatures"]) == (73, 73, 2)
    again = json.loads(triage("ingest", log, "--json", folder=log.parent)[0])
    assert (again["events"], again["duplicates"], again["new_signatures"]) == (0, 73, 0)


def test_what_was_read_shows_in_the_digest_of_its_day(log: Path) -> None:
    said, _ = triage("ingest", log, folder=log.parent)
    assert "73 lines → 73 events → 2 signatures (2 new)" in said
    assert "triage digest --dry-run --now 2026-11-18T12:00Z" in said
    said, _ = triage("digest", "--dry-run", "--now", "2026-11-18T13:00+01:00", folder=log.parent)
    assert said.startswith("1 new · 1 quiet\n17 Nov 12:00 to 18 Nov 12:00 UTC\n")
    assert "export failed: template not found" in said
    assert "owner " in said
    said, _ = triage(
        "digest", "--dry-run", "--json", "--now", "2026-11-18T12:00", folder=log.parent
    )
    message = json.loads(said)
    assert message["blocks"][0]["type"]
    assert "1 new" in message["text"]


def test_digest_explains_a_time_it_cannot_read_and_what_it_does_not_do(tmp_path: Path) -> None:
    _, complained = triage("digest", "--dry-run", "--now", "yesterday", folder=tmp_path, code=2)
    assert "2026-11-18T09:00+01:00" in complained
    _, complained = triage("digest", folder=tmp_path, code=1)
    assert "--dry-run" in complained
    assert not (tmp_path / "triage.db").exists()


def test_replay_tells_what_would_have_been_called_out_and_keeps_nothing(log: Path) -> None:
    said, _ = triage("replay", log, "--json", "--groups", "groups.jsonl", folder=log.parent)
    (called,) = map(json.loads, said.splitlines())
    assert set(called) == {
        *("day", "at", "kind", "signature", "id", "service", "reason", "receipt")
    }
    assert (called["day"], called["kind"], called["service"]) == ("2026-11-18", "new", "checkout")
    groups = (log.parent / "groups.jsonl").read_text().splitlines()
    assert json.loads(groups[-1])["signature"] == called["signature"]
    assert len(groups) == 73
    assert {file.name for file in log.parent.iterdir()} == {"errors.jsonl", "groups.jsonl"}


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(log: Path) -> None:
    said, complained = triage(
        "ingest", "missing.log", log, log.parent, "--json", folder=log.parent, code=1
    )
    assert json.loads(said)["events"] == 73
    assert "missing.log does not exist" in complained
    assert "is a directory: name the files in it" in complained


# bad input


def bad_inputs(folder: Path) -> None:
    (folder / "binary.log").write_bytes(bytes(range(256)) * 400)
    (folder / "cut.gz").write_bytes(gzip.compress(lines(2_000).encode())[:20])
    (folder / "huge.log").write_bytes(b"x" * (64 << 20))
    (folder / "empty.log").touch()
    (folder / "folder").mkdir()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("binary.log", "binary.log is binary: give a log of text"),
        ("cut.gz", "cut.gz is cut off before its first line: fetch it again"),
        ("huge.log", "huge.log:1: a line longer than 1 MiB"),
        ("empty.log", "empty.log is empty"),
        ("folder", "folder is a directory: name the files in it"),
        ("missing.log", "missing.log does not exist"),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error(name: str, complaint: str, tmp_path: Path) -> None:
    bad_inputs(tmp_path)
    said, complained = triage("ingest", name, "--json", folder=tmp_path, code=1)
    assert complaint in complained
    assert json.loads(said)["events"] == 0


def test_what_can_be_read_of_a_damaged_file_is_kept_and_the_rest_counted(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(20_000).hex().encode() + b"\n" + lines(3_000).encode())
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) * 9 // 10])
    (tmp_path / "latin.log").write_bytes(b"2026-11-18T10:00:00Z ERROR caf\xe9 \xff\xfe closed\n")
    said, complained = triage("ingest", "cut.gz", "latin.log", "--json", folder=tmp_path)
    summary = json.loads(said)
    assert summary["events"] > 1
    assert summary["unreadable"] == 1
    assert "the file is cut off after line" in complained


def test_only_the_first_hundred_unreadable_lines_are_named(tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"message": \n' * 130 + a_line())
    said, complained = triage("ingest", "odd.jsonl", folder=tmp_path)
    assert "odd.jsonl:1: " in complained
    assert "… and 30 more" in complained
    assert "130 unreadable" in said


# bad databases and settings


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite:///note.txt", "file is not a database"),
        ("sqlite:///nowhere/triage.db", "does not exist; create it first"),
        ("sqlite://", "name a file"),
        ("triage.db", "Examples: sqlite:///triage.db"),
    ],
)
def test_a_wrong_database_is_named_with_its_remedy(url: str, complaint: str, log: Path) -> None:
    (log.parent / "note.txt").write_text("this is no database at all\n" * 100)
    _, complained = triage("ingest", log, "--db", url, folder=log.parent, code=1)
    assert complaint in complained


def test_a_database_of_a_later_release_is_left_alone(log: Path) -> None:
    triage("db", "upgrade", folder=log.parent)
    with closing(sqlite3.connect(log.parent / "triage.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    _, complained = triage("ingest", log, folder=log.parent, code=1)
    assert "a later one migrated it. Run that release" in complained


def test_a_locked_database_is_no_traceback(log: Path) -> None:
    triage("db", "upgrade", folder=log.parent)
    with closing(sqlite3.connect(log.parent / "triage.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        _, complained = triage("ingest", log, folder=log.parent, code=1)
    assert "database is locked" in complained
    assert "that nothing else holds it" in complained


@pytest.fixture
def nobody() -> Iterator[None]:
    """Root may write everywhere: for this test it is nobody in particular."""
    me = os.geteuid()
    os.seteuid(me or 65_534)
    yield
    os.seteuid(me)


def test_a_folder_that_may_not_be_written_to_is_named(
    nobody: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["triage", "db", "upgrade", "--db", "sqlite:////triage.db"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "that the file and its folder may be written to" in capsys.readouterr().err


def test_a_backup_is_restored_and_never_overwrites(log: Path) -> None:
    triage("ingest", log, folder=log.parent)
    triage("db", "backup", "copy.db", folder=log.parent)
    _, complained = triage("db", "backup", "copy.db", folder=log.parent, code=1)
    assert "exists already" in complained
    (log.parent / "triage.db").unlink()
    triage("db", "restore", "copy.db", folder=log.parent)
    assert counted(log.parent) == 73


def test_wrong_settings_are_named_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text('[[channels]]\nid = "C0123"\ntimezone = "Mars/Base"\n')
    _, complained = triage("serve", folder=tmp_path, code=1)
    assert "channels[1].timezone: 'Mars/Base' is no time zone" in complained
    (tmp_path / "triage.toml").write_text("")
    _, complained = triage("serve", folder=tmp_path, code=1)
    assert "SLACK_BOT_TOKEN is not set: copy it from" in complained
    assert "No [[channels]]" in complained
    assert not (tmp_path / "triage.db").exists()


# stopping


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    text = tmp_path / "many.log"
    text.write_text("".join(f"error {number} in the cache\n" for number in range(20_000)))
    with text.open("rb") as stdin:
        process = subprocess.Popen(
            [*TRIAGE, "signatures"], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b"E-")
    process.stdout.close()
    assert process.wait(timeout=60) in {1, 141}
    with process.stderr as complained:
        assert complained.read() == b""


def test_an_interrupted_ingest_keeps_what_it_committed_and_the_next_one_completes_it(
    tmp_path: Path,
) -> None:
    triage("db", "upgrade", folder=tmp_path)
    (tmp_path / "all.jsonl").write_text(lines(3_500))
    process = subprocess.Popen(
        [*TRIAGE, "ingest", "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with process.stdin, process.stdout, process.stderr:
        process.stdin.write(lines(2_500).encode())
        process.stdin.flush()
        waited = (Event().wait(0.05) for _ in range(1_000))
        assert any(counted(tmp_path) for _ in waited), "nothing was committed"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        complained = process.stderr.read().decode()
    kept = counted(tmp_path)
    assert 1_000 <= kept < 3_500
    assert f"Stopped: {kept:,} events are recorded. The same command again" in complained
    assert "Traceback" not in complained
    said, _ = triage("ingest", "all.jsonl", "--json", folder=tmp_path)
    assert json.loads(said)["duplicates"] == kept
    assert counted(tmp_path) == 3_500


# lines in, lines out


def test_signatures_answers_every_line_in_order(tmp_path: Path) -> None:
    stdin = "payment 17 refused\n\npayment 18 refused\nexport failed\n"
    ids = triage("signatures", "--ids", folder=tmp_path, stdin=stdin)[0].splitlines()
    assert len(ids) == 4
    assert ids[0] == ids[2] != ids[3]
    said = triage("signatures", "--jsonl", folder=tmp_path, stdin=stdin)[0].splitlines()
    rows = [json.loads(line) for line in said]
    assert [row["fingerprint"] for row in rows] == ids
    assert set(rows[0]) == {"fingerprint", "id", "template"}


def test_signatures_and_redact_take_any_bytes(tmp_path: Path) -> None:
    stdin = b"\xff\xfe broken \x80\n\x1b[2Jtoken=\x00\n"
    assert len(triage("signatures", "--ids", folder=tmp_path, stdin=stdin)[0].splitlines()) == 2
    assert triage("redact", folder=tmp_path, stdin=stdin)[0].count("\n") == 2


def test_redact_hides_secrets_and_names_what_it_found(tmp_path: Path) -> None:
    stdin = json.dumps({"text": "login of ana@example.com \ud800 failed"}) + "\n"
    hidden = json.loads(triage("redact", "--jsonl", folder=tmp_path, stdin=stdin)[0])
    assert "ana@example.com" not in hidden["text"]
    assert hidden["found"]
    _, complained = triage("redact", "--jsonl", folder=tmp_path, stdin="[1]\n", code=1)
    assert 'must be an object with a text "text"' in complained


def test_analyze_says_whose_each_message_is(tmp_path: Path) -> None:
    stdin = json.dumps({"id": 7, "message": "could not write: No space left on device"}) + "\n"
    said, _ = triage("analyze", "--rules", "--jsonl", folder=tmp_path, stdin=stdin)
    analysis = json.loads(said)
    assert (analysis["id"], analysis["owner"]) == (7, "platform")
    _, complained = triage("analyze", folder=tmp_path, code=1)
    assert "--rules --jsonl" in complained


def test_the_manifest_is_json_and_goes_over_http_when_an_address_is_given(tmp_path: Path) -> None:
    by_socket = json.loads(triage("manifest", folder=tmp_path)[0])
    by_http = json.loads(triage("manifest", "--url", "https://bot.example", folder=tmp_path)[0])
    assert by_socket["settings"]["socket_mode_enabled"] is True
    assert by_http["settings"]["interactivity"]["request_url"].startswith("https://bot.example/")
