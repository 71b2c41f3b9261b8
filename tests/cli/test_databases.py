"""What is wrong with a database or with the settings is named with its remedy; backups."""

import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import program
from tests.cli.commands import counted, triage


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ("/dev/full", "No space left on device: make room on that disk"),
        ("nowhere/groups", "nowhere/groups: No such file or directory: check the path"),
        (".", "Is a directory: name a file in it"),
    ],
)
def test_what_the_system_refuses_is_said_with_a_remedy(place: str, remedy: str, log: Path) -> None:
    _, complained = triage("replay", log, "--groups", place, folder=log.parent, code=1)
    assert remedy in complained


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sqlite:///note.txt", "file is not a database"),
        ("sqlite:///nowhere/triage.db", "does not exist; create it first"),
        ("sqlite://", "name a file"),
        ("triage.db", "The file triage.db is sqlite:///triage.db. Examples: sqlite:///triage.db"),
        ("sqlite:///.", ". is a folder: name the file in it, sqlite:///triage.db"),
    ],
)
def test_a_wrong_database_is_named_with_its_remedy(url: str, complaint: str, log: Path) -> None:
    (log.parent / "note.txt").write_text("this is no database at all\n" * 100)
    _, complained = triage("ingest", log, "--db", url, folder=log.parent, code=1)
    assert complaint in complained


@pytest.mark.parametrize(
    "command", [("digest", "--dry-run"), ("db", "backup", "copy.db"), ("replay",)]
)
def test_reading_makes_no_database(command: tuple[str, ...], tmp_path: Path) -> None:
    _, complained = triage(*command, "--db", "sqlite:///no.db", folder=tmp_path, code=1)
    assert complained == "There is no database at no.db; `triage ingest FILE` makes one.\n"
    assert list(tmp_path.iterdir()) == []


def test_damage_found_while_in_use_names_the_restore(read: Path) -> None:
    file = read / "triage.db"
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'signatures'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(b"\xff" * size)
    _, complained = triage("digest", "--dry-run", folder=read, code=1)
    assert "database disk image is malformed" in complained
    assert "`triage db restore BACKUP`" in complained


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
        told, _ = triage("digest", "--dry-run", folder=log.parent)
        _, complained = triage("ingest", log, folder=log.parent, code=1)
    assert told, "reading goes on"
    assert "database is locked" in complained
    assert "`fuser -v` or `lsof`" in complained


def test_a_folder_that_may_not_be_written_to_is_named(
    nobody: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["triage", "db", "upgrade", "--db", "sqlite:////triage.db"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit, match="1"):
        program.run()
    assert "that the file and its folder may be written to" in capsys.readouterr().err


@pytest.mark.promise(row="R18")
def test_a_backup_is_restored_and_never_overwrites(read: Path) -> None:
    triage("db", "backup", "copy.db", folder=read)
    _, complained = triage("db", "backup", "copy.db", folder=read, code=1)
    assert "exists already" in complained
    (read / "triage.db").unlink()
    triage("db", "restore", "copy.db", folder=read)
    assert counted(read) == 73


def test_a_restore_names_the_keys_that_it_lets_in_again(tmp_path: Path) -> None:
    for project in ("checkout", "cart"):
        triage("keys", "new", project, folder=tmp_path)
    triage("keys", "revoke", "1", folder=tmp_path)
    triage("db", "backup", "copy.db", folder=tmp_path)
    triage("keys", "revoke", "2", folder=tmp_path)
    said, _ = triage("db", "restore", "copy.db", folder=tmp_path)
    (named,) = said.splitlines()[1:]
    assert named == (
        "Key 2 of cart holds again, which was revoked since the copy: `triage keys revoke 2`."
    )


@pytest.mark.promise(row="R18")
def test_what_is_wrong_with_a_database_is_told_with_the_status(read: Path) -> None:
    said, _ = triage("db", "check", folder=read)
    assert {line.split()[1] for line in said.splitlines()} == {"ok"}
    with closing(sqlite3.connect(read / "triage.db")) as connection, connection:
        connection.execute("UPDATE signatures SET total = total + 1")
    said, _ = triage("db", "check", folder=read, code=1)
    assert "counts      BROKEN\n  E-" in said


def test_a_table_of_somebody_elses_is_named_and_no_fault(read: Path) -> None:
    with closing(sqlite3.connect(read / "triage.db")) as connection, connection:
        connection.execute("CREATE TABLE notes (day TEXT)")
    said, _ = triage("db", "check", folder=read)
    assert said.endswith("Not ours, and no fault: table notes\n")


def test_what_a_database_holds_is_told_with_what_goes_next(read: Path) -> None:
    year = ("--now", "2028-11-18T12:00Z")
    said, _ = triage("db", "stats", *year, folder=read)
    assert re.search(
        r"^sightings +\d+ +0\.0 MB +2026-11-\d+ +2026-11-\d+ +\d+  how often errors were seen",
        said,
        re.MULTILINE,
    )
    assert "most_sightings = 20,000,000, of which 0% is used" in said
    told = json.loads(triage("db", "stats", *year, "--json", folder=read)[0])
    sightings = next(one for one in told["tables"] if one["table"] == "sightings")
    assert sightings["going_within_a_day"] == sightings["rows"] > 0


def test_wrong_settings_are_named_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text('[[channels]]\nid = "C0123"\ntimezone = "Mars/Base"\n')
    _, complained = triage("serve", folder=tmp_path, code=1)
    assert "channels[1].timezone: 'Mars/Base' is no time zone" in complained
    (tmp_path / "triage.toml").write_text("")
    _, complained = triage("serve", folder=tmp_path, code=1)
    assert "SLACK_BOT_TOKEN is not set: copy it from" in complained
    assert "No [[channels]]" in complained
    assert not (tmp_path / "triage.db").exists()
