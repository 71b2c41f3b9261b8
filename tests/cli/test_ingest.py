"""What `triage ingest` accounts for, and what it says of what cannot be read."""

import gzip
import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOON
from tests.cli.commands import ENVIRONMENT, TRIAGE, a_line, lines, triage

SUMMARY = {"lines", "events", "duplicates", "unreadable", "signatures", "new_signatures"}


def test_ingest_accounts_for_every_line_and_counts_nothing_twice(log: Path) -> None:
    said, _ = triage("ingest", log, "--db", "sqlite:///triage.db", "--json", folder=log.parent)
    first = json.loads(said)
    assert set(first) >= SUMMARY
    assert (first["lines"], first["events"], first["new_signatures"]) == (73, 73, 2)
    again = json.loads(triage("ingest", log, "--json", folder=log.parent)[0])
    assert (again["events"], again["duplicates"], again["new_signatures"]) == (0, 73, 0)


def test_a_file_is_read_by_the_names_of_fields_that_a_site_has(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text("[fields]\nservice = ['komponente']\n")
    record = {"time": NOON.isoformat(), "msg": "disk full", "komponente": "kasse"}
    (tmp_path / "app.log").write_text(json.dumps(record))
    _, complained = triage("ingest", "app.log", folder=tmp_path)
    assert complained == "", "it names its service"


def test_ingest_says_how_many_new_events_name_no_service_and_what_gives_one(
    tmp_path: Path,
) -> None:
    blank = a_line(NOON, "disk full", service="") + a_line(NOON, "disk gone", service="")
    (tmp_path / "nginx.log").write_text(blank + a_line())
    said, complained = triage("ingest", "nginx.log", "--json", folder=tmp_path)
    assert complained.startswith("2 of 3 new events named no service")
    assert "--service NAME" in complained
    assert "named" not in said
    _, complained = triage("ingest", "nginx.log", folder=tmp_path)
    assert complained == "", "nothing is new"
    named = ("ingest", "nginx.log", "--service", "nginx", "--db", "sqlite:///named.db")
    _, complained = triage(*named, folder=tmp_path)
    assert complained == ""


PRINTED = b"Server started on port 80\ncard declined\ncannot reach redis:6379\n"


def test_ingest_says_how_many_lines_it_passed_by_as_they_say_no_level(tmp_path: Path) -> None:
    said, _ = triage("ingest", "-", folder=tmp_path, stdin=PRINTED)
    assert "3 lines → 1 event → 1 signature" in said
    assert "2 of those below error say no level and tell of no failure: --picked" in said
    said, _ = triage("ingest", "--picked", "-", folder=tmp_path, stdin=PRINTED)
    assert "3 lines → 3 events → 3 signatures (2 new)" in said
    assert "--picked" not in said


@pytest.mark.parametrize("command", ["ingest", "replay"])
def test_events_out_of_order_are_counted_and_said_to_be_judged_by_their_time(
    command: str, tmp_path: Path
) -> None:
    times = ("2026-11-18T10:00:00Z", "2026-11-18T09:59:00Z", "2026-11-18T08:00:00Z")
    lines = [json.dumps({"time": time, "level": "error", "msg": "boom"}) for time in times]
    (tmp_path / "mixed.jsonl").write_text("\n".join(lines))
    _, complained = triage(command, "mixed.jsonl", folder=tmp_path)
    assert (
        "1 of 3 events are older than what stood before them: each is judged by its" in complained
    )


def test_each_of_several_files_has_an_order_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "today.jsonl").write_text(a_line(NOON))
    (tmp_path / "yesterday.jsonl").write_text(a_line(NOON - timedelta(days=1)))
    _, complained = triage("ingest", "today.jsonl", "yesterday.jsonl", folder=tmp_path)
    assert complained == ""


@pytest.mark.parametrize("command", ["ingest", "replay"])
def test_a_log_without_an_error_is_said_to_have_none(command: str, tmp_path: Path) -> None:
    (tmp_path / "calm.jsonl").write_text(a_line(level="info") * 1_000)
    said = "".join(triage(command, "calm.jsonl", folder=tmp_path))
    assert said == "1,000 lines, none at error or worse: nothing to record\n"


def test_an_empty_input_is_named_with_where_its_lines_may_be(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    _, complained = triage("ingest", "empty.log", folder=tmp_path, code=1)
    assert complained.startswith("empty.log is empty, it has not a single line: was it rotated")
    assert "journalctl -u NAME" in complained
    _, complained = triage("ingest", "-", folder=tmp_path, code=1)
    assert complained.startswith("stdin is empty: nothing was piped in.")
    assert "2>&1 | triage ingest -" in complained


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(log: Path) -> None:
    said, complained = triage(
        "ingest", "missing.log", log, log.parent, "--json", folder=log.parent, code=1
    )
    assert json.loads(said)["events"] == 73
    assert "missing.log does not exist" in complained
    assert "is a directory: name the files in it" in complained


@pytest.fixture(scope="module")
def bad_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "binary.log").write_bytes(bytes(range(256)) * 400)
    (folder / "cut.gz").write_bytes(gzip.compress(lines(2_000).encode())[:20])
    (folder / "huge.log").write_bytes(b"x" * (64 << 20))
    (folder / "bomb.gz").write_bytes(gzip.compress(b'[{"message": "' + b"x" * (64 << 20)))
    (folder / "empty.log").touch()
    (folder / "folder").mkdir()
    return folder


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("binary.log", "binary.log is binary: give a log of text"),
        ("cut.gz", "cut.gz is cut off before its first line: fetch it again"),
        ("huge.log", "huge.log:1: a line longer than 1 MiB"),
        ("bomb.gz", "bomb.gz:1: a document longer than 1 MiB"),
        ("empty.log", "empty.log is empty"),
        ("folder", "folder is a directory: name the files in it"),
        ("missing.log", "missing.log does not exist"),
    ],
)
def test_what_cannot_be_read_at_all_is_an_error(
    name: str, complaint: str, bad_inputs: Path, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/triage.db"
    said, complained = triage("ingest", name, "--json", "--db", url, folder=bad_inputs, code=1)
    assert complaint in complained
    assert name == "empty.log" or "is empty" not in complained
    assert json.loads(said)["events"] == 0


def test_a_closed_stdin_is_named(tmp_path: Path) -> None:
    command = " ".join([*TRIAGE, "ingest", "-", "<&-"])
    ran = subprocess.run(
        command, shell=True, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (1, b"stdin is closed: nothing can be piped in\n")


def test_what_can_be_read_of_a_damaged_file_is_kept_and_its_loss_fails(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(20_000).hex().encode() + b"\n" + lines(3_000).encode())
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) * 9 // 10])
    (tmp_path / "latin.log").write_bytes(b"2026-11-18T10:00:00Z ERROR caf\xe9 \xff\xfe closed\n")
    said, complained = triage("ingest", "cut.gz", "latin.log", "--json", folder=tmp_path, code=1)
    summary = json.loads(said)
    assert summary["events"] > 1
    assert summary["unreadable"] == 1
    assert "the file is cut off after line" in complained


def test_the_first_unreadable_lines_are_named_and_all_of_them_kept_for_whoever_asks(
    tmp_path: Path,
) -> None:
    (tmp_path / "odd.jsonl").write_text('{"message": \n' * 130 + a_line())
    said, complained = triage("ingest", "odd.jsonl", folder=tmp_path)
    assert "odd.jsonl:5: " in complained
    assert "odd.jsonl:6: " not in complained
    assert "… and 125 more; `triage ingest --rejected FILE` keeps them all\n" in complained
    assert "130 unreadable" in said
    _, complained = triage("ingest", "odd.jsonl", "--rejected", "odd.rest", folder=tmp_path)
    assert complained.endswith("All 130 rejected records are in odd.rest.\n")
    kept = [json.loads(line) for line in (tmp_path / "odd.rest").read_text().splitlines()]
    assert [(one["line"], one["text"]) for one in kept] == [
        (number, '{"message":') for number in range(1, 131)
    ]
    assert (tmp_path / "odd.rest").stat().st_mode & 0o077 == 0, "it may hold secrets"


def test_what_is_rejected_never_overwrites_what_is_read(log: Path) -> None:
    before = log.read_bytes()
    _, complained = triage("ingest", log, "--rejected", log, folder=log.parent, code=2)
    assert "would overwrite what is to be read" in complained
    assert log.read_bytes() == before
