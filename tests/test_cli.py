"""The command line as people and programs meet it: real processes, what they say, how they end."""

import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from threading import Event
from typing import Any

import pytest

import prompts
from bot.cli import options, program
from bot.core.detection.receipt import VERSION
from tests import loki
from tests.builders import NOON
from tests.engines import Files
from tests.llm.provider import a_completion, playing, says
from tests.program import run

TRIAGE = (sys.executable, "-m", "bot")
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
}
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
    ended = run(
        [*map(str, arguments)],
        folder=folder,
        environment={**ENVIRONMENT, **variables},
        stdin=stdin.encode() if isinstance(stdin, str) else stdin,
    )
    said, complained = ended.stdout.decode(), ended.stderr.decode()
    assert "Traceback" not in complained
    assert ended.code == code, complained
    return said, complained


def counted(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "triage.db")) as connection:
        (total,) = connection.execute("SELECT coalesce(sum(total), 0) FROM signatures").fetchone()
    return int(total)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return a_log(tmp_path)


def a_log(folder: Path) -> Path:
    """Three days with one payment error an hour, and another error on the last of them."""
    hours = [NOON - timedelta(hours=back) for back in reversed(range(72))]
    usual = "".join(a_line(hour, f"payment {hour:%H} refused") for hour in hours)
    file = folder / "errors.jsonl"
    file.write_text(usual + a_line(NOON, "export failed: template not found", tenant="acme"))
    return file


@pytest.fixture(scope="module")
def made_by_ingest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of somebody who has read the log."""
    folder = tmp_path_factory.mktemp("ingested")
    triage("ingest", a_log(folder), folder=folder)
    return folder / "triage.db"


@pytest.fixture
def read(log: Path, made_by_ingest: Path) -> Path:
    """The folder of a log that was read."""
    copyfile(made_by_ingest, log.parent / "triage.db")
    return log.parent


@pytest.fixture
def empty(tmp_path: Path, files: Files) -> None:
    """A database without an error in it, where it is looked for."""
    copyfile(files.filled(), tmp_path / "triage.db")


# what it says of itself


def test_each_command_teaches_with_an_example(tmp_path: Path) -> None:
    said, _ = triage("--help", folder=tmp_path)
    assert "triage demo" in said
    assert "..." not in said.partition("Commands:")[2]
    for command in ("ingest", "replay"):
        said, _ = triage(command, "--help", folder=tmp_path)
        assert f"Examples:\n    triage {command} " in said
    said, _ = triage("ingest", "--help", folder=tmp_path)
    assert "docker logs -f app 2>&1 | triage ingest -" in said
    assert "[default: triage.toml, if any]" in said


def test_it_tells_its_version(tmp_path: Path) -> None:
    said, _ = triage("--version", folder=tmp_path)
    assert said.startswith("triage ")
    assert said.split()[1][0].isdigit()


def test_help_waits_for_no_library_of_slack_or_a_database(tmp_path: Path) -> None:
    loaded = (
        "import sys, bot.cli.program; "
        "print({'slack_bolt', 'bot.demo', 'uvicorn', 'sqlmodel', 'rich'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, check=True)
    assert ran.stdout.decode().strip() == "set()"


# models


def test_money_and_switches_are_told_where_no_model_is_set_up(read: Path) -> None:
    said, _ = triage("cost", folder=read)
    first, _, today, *_ = said.splitlines()
    assert first == "Nothing is asked now: no model is set up, the rules explain every error"
    assert today == "Today: $0.00 of $5.00 · 0 calls"
    said, _ = triage("flags", folder=read)
    assert said.splitlines()[0] == first
    assert "\nmodel  on " in said
    assert said.rstrip().endswith("\nNothing is on trial")


def test_one_switch_stops_every_model(read: Path) -> None:
    said, _ = triage("flags", "model", "off", "--reason", "costs", folder=read)
    assert "model  off (" in said
    assert ": costs)" in said
    said, _ = triage("cost", folder=read, ANTHROPIC_API_KEY="sk-ant-test")
    assert said.startswith("Nothing is asked now: the flag model is off\n")
    _, complained = triage("flags", "model", folder=read, code=1)
    assert "triage flags model off" in complained
    _, complained = triage("flags", "modle", "off", folder=read, code=2)
    assert "Invalid value for 'FLAG': 'modle' is not one of 'model'" in complained


# ingest, digest, replay


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


def test_what_is_typed_and_is_no_text_is_answered_and_may_name_a_file(read: Path) -> None:
    garbled = os.fsdecode(b"\xff\xed\xa0\x80")
    _, complained = triage("show", f"E-{garbled}", folder=read, code=1)
    assert complained.startswith("There is no signature E-\ufffd")
    triage("search", garbled, folder=read)
    (read / garbled).write_text(a_line(NOON, "disk full"))
    said, _ = triage("ingest", garbled, folder=read)
    assert "1 event" in said


PRINTED = b"Server started on port 80\ncard declined\ncannot reach redis:6379\n"


def test_ingest_says_how_many_lines_it_passed_by_as_they_say_no_level(tmp_path: Path) -> None:
    said, _ = triage("ingest", "-", folder=tmp_path, stdin=PRINTED)
    assert "3 lines → 1 event → 1 signature" in said
    assert "2 of those below error say no level and tell of no failure: --picked" in said
    said, _ = triage("ingest", "--picked", "-", folder=tmp_path, stdin=PRINTED)
    assert "3 lines → 3 events → 3 signatures (2 new)" in said
    assert "--picked" not in said


def test_the_lines_of_a_trace_are_explained_as_one_error(tmp_path: Path) -> None:
    trace = (
        b"Traceback (most recent call last):\n"
        b'  File "/srv/app/pay.py", line 3, in charge\n'
        b"    raise PaymentError(1)\n"
        b"shop.PaymentError: declined\n"
    )
    said, _ = triage("signatures", "--explain", folder=tmp_path, stdin=trace + b"up\n")
    ids = [row for row in said.splitlines() if row.startswith("E-")]
    assert [row.partition("  ")[2] for row in ids] == [
        "PaymentError in pay.charge: declined",
        "up",
    ]


def test_what_was_read_shows_in_the_digest_of_its_day(log: Path) -> None:
    said, _ = triage("ingest", log, folder=log.parent)
    assert "73 lines → 73 events → 2 signatures (2 new)" in said
    assert "triage digest --dry-run --now 2026-11-18T13:00Z" in said
    said, _ = triage("digest", "--dry-run", "--now", "2026-11-18T13:00+01:00", folder=log.parent)
    assert said.startswith("1 new · 1 quiet\n2026-11-17 12:00 UTC to 2026-11-18 12:00 UTC\n")
    assert "export failed: template not found" in said
    assert "owner " in said
    assert "  seen       0 in 24 h" in said, "it came in the hour that begins now"
    said, complained = triage("digest", "--dry-run", "--now", "2026-11-18T12:01", folder=log.parent)
    assert "  seen       1 in 24 h" in said
    assert "counted by the hour: those up to 13:00 UTC are in it" in complained
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
    said, complained = triage(
        "replay", log, "--json", "--groups", "groups.jsonl", folder=log.parent
    )
    assert complained == (
        "73 lines → 73 events → 2 signatures on 4 days\n"
        "1 alert: 1 new\n"
        "called out 15 min after the event that was one too many, 15 min at most: a replay looks "
        "every 15 min, the bot every 30 s\n"
    ), "the summary keeps out of the way of what reads the alerts"
    (called,) = map(json.loads, said.splitlines())
    assert set(called) == {
        *("day", "at", "kind", "signature", "id", "service", "reason", "receipt")
    }
    assert (called["day"], called["kind"], called["service"]) == ("2026-11-18", "new", "checkout")
    groups = (log.parent / "groups.jsonl").read_text().splitlines()
    assert json.loads(groups[-1])["signature"] == called["signature"]
    assert len(groups) == 73
    assert {file.name for file in log.parent.iterdir()} == {"errors.jsonl", "groups.jsonl"}


def test_replay_compares_two_settings_beside_each_other(log: Path) -> None:
    burst = "".join(a_line(NOON, "payment 12 refused") for _ in range(40))
    log.write_text(log.read_text() + burst)
    others = ("--set", "spike.min_count=99", "--set", "detection.spread_customers=9")
    said, complained = triage("replay", log, *others, folder=log.parent)
    assert complained == "113 lines → 113 events → 2 signatures on 4 days\n"
    head, *_ = rows = said.splitlines()
    assert head.split(maxsplit=2) == [
        "as",
        "set",
        "spike.min_count=99, detection.spread_customers=9",
    ]
    assert "spike            1        0      -1" in rows
    assert "alerts           2        1      -1" in rows
    assert "Gone: 1 alert" in rows
    assert any(row.startswith("Called out no more: E-") for row in rows)
    found = json.loads(triage("replay", log, *others, "--json", folder=log.parent)[0])
    assert found["alerts"] == {"before": {"new": 1, "spike": 1}, "after": {"new": 1}}
    assert [one["kind"] for one in found["gone"]] == ["spike"]
    assert (found["appeared"], found["found"]) == ([], [])


def test_replay_says_in_a_sentence_that_another_setting_changes_nothing(log: Path) -> None:
    said, _ = triage("replay", log, "--set", "spike.min_count=11", folder=log.parent)
    assert said == "spike.min_count=11 changes nothing: 1 alert either way.\n"


def test_why_counts_again_from_what_is_stored_and_says_what_it_stored(read: Path) -> None:
    (called,) = triage("replay", "errors.jsonl", "--json", folder=read)[0].splitlines()
    of = (json.loads(called)["id"].lower(), "--now", "2026-11-18T12:00")
    found = json.loads(triage("why", *of, "--json", folder=read)[0])
    (episode,) = found["episodes"]
    assert episode["same"]
    assert episode["recounted"]["receipt"] == episode["receipt"] == json.loads(called)["receipt"]
    assert sum(part["points"] for part in found["priority"]["parts"]) == found["priority"]["score"]
    unusual = json.loads(triage("why", *of[1:], "--json", folder=read)[0])
    assert unusual == {"unusual": 1, "first": [found]}
    said, _ = triage("why", *of, folder=read)
    assert triage("why", *of[1:], folder=read)[0] == said
    assert f"Priority {found['priority']['score']} of 100: new +10 · " in said
    assert "NEW, called out 2026-11-18 12:00 UTC, not over\n" in said
    assert f"Seeing it once is enough. (By detection rules {VERSION}.)\n" in said
    assert "Counted again for 2026-11-18 12:00 UTC: the same.\n" in said


def test_show_is_the_card_with_an_event_of_it(read: Path) -> None:
    (called,) = triage("replay", "errors.jsonl", "--json", folder=read)[0].splitlines()
    short_id = json.loads(called)["id"]
    said, _ = triage("show", short_id, "--now", "2026-11-18T12:00", folder=read)
    assert said.startswith(f"NEW          {short_id}  checkout  export failed: template not found")
    assert said.endswith("\nAn event of it:\n  export failed: template not found\n")
    _, complained = triage("show", "E-NONE", folder=read, code=1)
    assert complained.startswith("There is no signature E-NONE.")
    found, _ = triage("search", "template", "NOT", folder=read)
    assert [line.split()[0] for line in found.splitlines()] == [short_id]
    waiting, _ = triage("unclaimed", "--now", "2026-11-18T12:00", folder=read)
    assert waiting.startswith(f"{short_id:<6} NEW        checkout  export failed")


def test_replay_of_a_database_says_what_the_file_said(read: Path) -> None:
    (called,) = triage("replay", "errors.jsonl", "--json", folder=read)[0].splitlines()
    said, complained = triage("replay", "--db", "sqlite:///triage.db", "--json", folder=read)
    (counted,) = map(json.loads, said.splitlines())
    assert complained == "73 events → 2 signatures on 4 days\n1 alert: 1 new\n"
    same = ("day", "kind", "signature", "id", "service", "reason", "receipt")
    assert [counted[name] for name in same] == [json.loads(called)[name] for name in same]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give a file to replay, or --db URL"),
        (["a.log", "--db", "sqlite:///triage.db"], 2, "give a file to replay, or --db URL"),
        (["--db", "sqlite:///triage.db", "--groups", "g"], 2, "--groups needs a file"),
        (["--db", "sqlite:///no.db"], 1, "There is no database at no.db"),
        (
            ["a.log", "--set", "spike.min_cout=20"],
            1,
            "'spike.min_cout': did you mean spike.min_count?",
        ),
        (["a.log", "--set", "min_count"], 1, "an example: spike.min_count=20"),
        (
            ["a.log", "--set", "back.nonsense=1"],
            1,
            "There are, with their defaults, spike.min_count=10",
        ),
        (["a.log", "--set", "spread.customers=0"], 1, "spread.customers: must be more than 0"),
        (["a.log", "--set", "spike.min_count=few"], 1, ": spike.min_count: must be"),
        (["a.log", "--set", "batch-*:spike.min_count=x"], 1, ": batch-*:spike.min_count: must be"),
        (["a.log", "--set", "min_count=0"], 1, "min_count: "),
    ],
)
def test_replay_names_what_it_cannot_do(
    arguments: list[str], code: int, said: str, tmp_path: Path
) -> None:
    _, complained = triage("replay", *arguments, folder=tmp_path, code=code)
    assert said in " ".join(complained.replace("│", " ").split())
    assert "Invalid value" not in complained
    assert list(tmp_path.iterdir()) == []


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


def test_replay_says_so_where_nothing_would_have_been_called_out(tmp_path: Path) -> None:
    (tmp_path / "calm.jsonl").write_text(lines(2))
    said, complained = triage("replay", "calm.jsonl", folder=tmp_path)
    played, alerts, why = complained.splitlines()
    assert (said, played, alerts) == ("", "2 lines → 2 events → 1 signature on 1 day", "0 alerts")
    assert why.startswith("What is unusual shows only against a whole day of errors before")


def test_a_key_is_shown_once_and_listed_by_its_beginning(tmp_path: Path) -> None:
    made, _ = triage("keys", "new", "checkout", folder=tmp_path)
    secret = made.splitlines()[1].strip()
    listed, _ = triage("keys", "list", folder=tmp_path)
    assert secret not in listed
    assert listed.split()[:3] == ["1", "checkout", f"{secret[:15]}…"]
    revoked, _ = triage("keys", "revoke", "1", folder=tmp_path)
    assert ", revoked " in revoked
    _, complained = triage("keys", "revoke", "2", folder=tmp_path, code=1)
    assert "triage keys list" in complained


def test_sources_are_listed_with_how_fresh_they_are(read: Path) -> None:
    listed, _ = triage("sources", folder=read)
    assert listed.startswith("file  heard  ")
    told, _ = triage("sources", "--json", folder=read)
    assert json.loads(told)[0]["source"] == "file"


FIELDS = "[fields]\ncustomer = ['kunde']\n"
LOKI = """
[[sources]]
kind = "loki"
name = "prod"
url = "{url}"
query = '{{app="checkout"}}'
"""


def test_a_source_is_tried_before_it_is_used(tmp_path: Path) -> None:
    with loki.listening() as server:
        (tmp_path / "triage.toml").write_text(f"{FIELDS}{LOKI.format(url=server.url)}")
        just_now = options.now() - timedelta(minutes=5)
        server.lines = [loki.Line(just_now, "level=error msg=broken key=3 n=1 kunde=acme")]
        said, _ = triage("sources", "test", "prod", folder=tmp_path, TRIAGE_PROD_TOKEN="glsa_x")
        assert said.startswith("loki/prod answers: 1 error on its first page.\n")
        assert "  service           1 of 1  checkout\n" in said
        assert "  customer          1 of 1  acme\n" in said
        assert "  None names its environment, version, " in said
        assert "  They say besides: key, n.\n" in said
        assert said.endswith("  checkout  broken\n")
        assert server.requests[0].headers["authorization"] == "Bearer glsa_x"
    _, complained = triage("sources", "test", "prod", folder=tmp_path, code=1)
    assert "cannot be reached (ConnectError): check `url`" in complained
    _, complained = triage("sources", "test", "pord", folder=tmp_path, code=1)
    assert "did you mean prod?" in complained
    triage("db", "upgrade", folder=tmp_path)
    listed, _ = triage("sources", folder=tmp_path)
    assert listed == "loki/prod  not asked yet: `triage serve` does\n"


DATADOG = '[[sources]]\nkind = "datadog"\nname = "dd"\n'


def test_a_source_says_which_of_its_keys_are_not_set(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text(DATADOG)
    triage("db", "upgrade", folder=tmp_path)
    listed, _ = triage("sources", folder=tmp_path)
    assert "  TRIAGE_DD_API_KEY and TRIAGE_DD_APP_KEY are not set in the environment: " in listed
    told = "TRIAGE_DD_APP_KEY is not set in the environment: "
    given = {"TRIAGE_DD_API_KEY": "k"}
    _, complained = triage("sources", "test", "dd", folder=tmp_path, code=1, **given)
    assert complained.startswith(told)
    said, _ = triage("doctor", folder=tmp_path, code=1, **given)
    assert f"FAIL  source datadog/dd: {told}" in said


def test_a_file_is_followed_from_where_it_was_left_whatever_ended_that(log: Path) -> None:
    folder = log.parent
    triage("db", "upgrade", folder=folder)
    for ending, status in {signal.SIGKILL: -9, signal.SIGINT: 0, signal.SIGTERM: 0}.items():
        with log.open("a") as file:
            file.write(lines(5))
        whole = len(log.read_text().splitlines())
        with following(log) as process:
            while counted(folder) < whole:
                assert process.poll() is None
                Event().wait(0.05)
            process.send_signal(ending)
            assert process.wait(30) == status
            assert process.stderr
            complained = process.stderr.read().decode()
        told = complained.count("gone.log does not exist (yet): it is waited for")
        assert told == 1 or (told == 0 and ending is signal.SIGKILL)
        with closing(sqlite3.connect(folder / "triage.db")) as connection, connection:
            connection.execute("UPDATE pulls SET leased_until = NULL")  # as two minutes later
        assert counted(folder) == whole


def test_a_folder_is_not_followed(tmp_path: Path) -> None:
    _, complained = triage("tail", ".", folder=tmp_path, code=1)
    assert complained == ". is a directory: name the files in it\n"
    assert list(tmp_path.iterdir()) == []


@contextmanager
def following(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [*TRIAGE, "tail", log.name, "gone.log"]
    with subprocess.Popen(
        command, cwd=log.parent, env=ENVIRONMENT, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_deploy_is_told_once_however_often_it_is_said(tmp_path: Path) -> None:
    for at in ("2026-11-18T12:00", "2026-11-18T13:10+01:00"):
        said, _ = triage("deploy", "checkout", "4.19.1", "--at", at, folder=tmp_path)
        assert said == "checkout 4.19.1 since 2026-11-18 12:00 UTC\n"
    _, complained = triage("deploy", "cart", "2", "--at", "2999-01-01", folder=tmp_path, code=1)
    assert "still to come" in complained


def test_a_deploy_of_a_service_without_errors_is_kept_and_the_likely_one_named(read: Path) -> None:
    for service, doubt in (
        ("checkout", ""),
        ("chekout", "No errors are known of chekout; did you mean checkout?\n"),
        ("brand-new", "No errors are known of brand-new yet.\n"),
    ):
        told = triage("deploy", service, "2.0", "--at", "2026-11-18T12:00", folder=read)
        assert told == (f"{service} 2.0 since 2026-11-18 12:00 UTC\n", doubt)


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


# bad input


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


# bad databases and settings


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


@contextmanager
def ingesting(folder: Path, **streams: Any) -> Iterator[subprocess.Popen[bytes]]:
    """`triage ingest -` with a pipe that stays open, into an empty database."""
    given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(
        [*TRIAGE, "ingest", "-"], cwd=folder, env=ENVIRONMENT, **{**given, **streams}
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin
    process.stdin.write(text.encode())
    process.stdin.flush()


def soon(seen: Callable[[], object]) -> bool:
    return any(seen() or Event().wait(0.05) for _ in range(1_000))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_endless_pipe_is_recorded_as_it_comes_and_a_signal_ends_it(
    number: int, log: Path, empty: None
) -> None:
    with ingesting(log.parent) as process:
        write(process, log.read_text())
        assert soon(lambda: counted(log.parent) == 73), "no line followed, yet it waited for one"
        write(process, "2026-11-18 12:00:00 ERROR export failed\n  of a report\n")
        assert soon(lambda: counted(log.parent) == 74)
        process.send_signal(number)
        assert process.wait(timeout=60) == 128 + number
        assert process.stdout
        assert process.stderr
        said, complained = process.stdout.read().decode(), process.stderr.read().decode()
    assert said.startswith("75 lines → 74 events → 3 signatures (3 new)\n")
    *noted, last = complained.splitlines()
    assert [note.partition(",")[0] for note in noted] == ["1 of 74 new events named no service"]
    assert last == "Stopped."
    digest, _ = triage("digest", "--dry-run", "--now", "2026-11-18T12:01", folder=log.parent)
    assert digest.startswith("2 new"), "what was read is judged"


def test_a_signal_before_the_first_line_ends_it_too(tmp_path: Path, empty: None) -> None:
    with ingesting(tmp_path) as process:
        assert soon(lambda: "triage.db-wal" in {file.name for file in tmp_path.iterdir()})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr
        assert "Traceback" not in process.stderr.read().decode()


def test_on_a_terminal_a_pipe_shows_how_far_it_is(tmp_path: Path, empty: None) -> None:
    screen, terminal = os.openpty()
    with ingesting(tmp_path, stderr=terminal) as process, os.fdopen(screen, "rb", 0) as shown:
        os.close(terminal)
        write(process, lines(2))
        seen = bytearray()
        while "stdin: 2 lines → 2 events → 1 signature (1 new)".encode() not in seen:
            seen += shown.read(1_000)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_an_interrupted_ingest_keeps_what_it_read_and_the_next_one_completes_it(
    tmp_path: Path,
    empty: None,
) -> None:
    (tmp_path / "all.jsonl").write_text(lines(3_500))
    with ingesting(tmp_path) as process:
        write(process, lines(2_500))
        assert soon(lambda: counted(tmp_path))
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    kept = counted(tmp_path)
    assert 1_000 <= kept <= 2_500
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


@pytest.mark.parametrize("line", ["disk full", "[1]", '{"text": 1, "message": 1}', "[" * 5_000, ""])
@pytest.mark.parametrize(
    ("command", "form", "remedy"),
    [
        ("analyze --rules --jsonl", '{"id": …, "message": …}', "jq -Rc"),
        ("redact --jsonl", '{"text": …}', "Without --jsonl"),
    ],
)
def test_a_line_that_is_no_such_object_is_named_with_the_form_wanted_and_the_others_are_read(
    command: str, form: str, remedy: str, line: str, tmp_path: Path
) -> None:
    good = '{"text": "first", "message": "first"}\n'
    said, complained = triage(
        *command.split(), folder=tmp_path, stdin=f"{good}{line}\n{good}", code=1
    )
    assert said.count("\n") == 2
    named, last, *rest = complained.splitlines()
    assert named == f"Line 2 of stdin is not an object of the form {form}."
    assert last.startswith("Of stdin 1 line could not be read. ")
    assert (remedy in last, rest) == (True, [])


def test_of_many_lines_that_cannot_be_read_the_first_are_named(tmp_path: Path) -> None:
    _, complained = triage("analyze", folder=tmp_path, stdin="disk full\n" * 9, code=1)
    assert complained.count("\n") == 6
    assert "Of stdin 9 lines could not be read. " in complained


def test_analyze_says_that_nothing_was_piped_in(tmp_path: Path) -> None:
    said, complained = triage("analyze", folder=tmp_path)
    assert said == ""
    assert complained.startswith("Nothing came in on stdin: pipe in a line {")


HIDES = "[[redaction.rules]]\nname = 'staff'\npattern = 'Agent [A-Z][a-z]+'\n"


def test_what_a_site_hides_is_in_nothing_that_is_said_or_kept(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text(HIDES)
    line = "ERROR Agent Smith was refused\n"
    assert triage("redact", folder=tmp_path, stdin=line)[0] == "ERROR <staff> was refused\n"
    assert "Smith" not in triage("signatures", folder=tmp_path, stdin=line)[0]
    (tmp_path / "app.log").write_text(line)
    triage("ingest", "app.log", folder=tmp_path)
    assert "Smith" not in triage("digest", "--dry-run", folder=tmp_path)[0]
    assert b"Smith" not in b"".join(path.read_bytes() for path in tmp_path.glob("triage.db*"))


def test_redact_hides_a_key_that_spans_lines(tmp_path: Path) -> None:
    label = "RSA PRIVATE" + " KEY-----"
    key = f"-----BEGIN {label}\nProc-Type: 4,ENCRYPTED\n\nMIIEow\nQUJD\n-----END {label}\n"
    said, _ = triage("redact", folder=tmp_path, stdin=f"before\n{key}after\n")
    assert "MIIEow" not in said
    assert "QUJD" not in said
    assert said.startswith("before\n")
    assert said.endswith("\nafter\n")


def test_redact_loses_nothing_after_the_mere_mention_of_a_key(tmp_path: Path) -> None:
    stdin = "no -----BEGIN PRIVATE" + " KEY----- in the file\nanother line, of prose\n"
    assert "another line, of prose\n" in triage("redact", folder=tmp_path, stdin=stdin)[0]


def test_analyze_says_whose_each_message_is(tmp_path: Path) -> None:
    stdin = json.dumps({"id": 7, "message": "could not write: No space left on device"}) + "\n"
    said, _ = triage("analyze", "--rules", "--jsonl", folder=tmp_path, stdin=stdin)
    analysis = json.loads(said)
    assert (analysis["id"], analysis["owner"]) == (7, "platform")
    assert triage("analyze", folder=tmp_path, stdin=stdin)[0] == said


def test_analyze_hides_what_the_bot_hides(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPLE"
    stdin = json.dumps({"message": f'cannot open "{key}" no space left', "stack": key}) + "\n"
    said, _ = triage("analyze", folder=tmp_path, stdin=stdin)
    assert json.loads(said)["owner"] == "platform"
    assert key not in said


def test_analyze_knows_the_sites_owners(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[[owners]]\nteam = 'review'\nservice = 'shop'\n")
    stdin = json.dumps({"service": "shop", "message": "No space left on device"}) + "\n"
    said, _ = triage("analyze", "--config", "site.toml", folder=tmp_path, stdin=stdin)
    assert json.loads(said)["owner"] == "review"


def test_prompt_shows_what_a_model_would_be_sent_and_nothing_is(tmp_path: Path) -> None:
    line = {"message": "tenant acme: card 4111 1111 1111 1111 refused", "customer": "acme"}
    events = [{"time": "2026-11-18T09:00:00Z", "severity": "error", "service": "shop", **line}]
    (tmp_path / "app.jsonl").write_text("\n".join(map(json.dumps, events)) + "\n")
    triage("ingest", "app.jsonl", folder=tmp_path)
    known = sqlite3.connect(tmp_path / "triage.db")
    with closing(known):
        (short_id,) = known.execute("SELECT short_id FROM signatures").fetchone()
    said, _ = triage("prompt", short_id, folder=tmp_path)
    assert "Nothing is sent now: no model is set up" in said
    assert "CUST_1" in said
    assert "  CUST_1 is acme" in said
    between = said.split("--- user ---")[1].split("--- end ---")[0]
    assert "acme" not in between
    assert "4111" not in said
    _, complained = triage("prompt", short_id, "--version", "9", folder=tmp_path, code=1)
    assert "There are: analysis 1, analysis 2." in complained


def test_eval_ends_with_1_where_a_gate_fails(tmp_path: Path) -> None:
    case = {"id": "x1", "message": "No space left on device", "severity": "Critical"}
    right, wrong = ({"category": "Infrastructure"}, {"category": "Network"})
    for judged, code in ((right, 0), (wrong, 1)):
        line = json.dumps({**case, **judged, "owner": "platform"}) + "\n"
        (tmp_path / "cases.jsonl").write_text(line)
        arguments = ("--suite", "rules", "--cases", "cases.jsonl")
        said, _ = triage("eval", *arguments, folder=tmp_path, code=code)
        assert said.startswith("# Evaluation")
    assert "**failed**" in said


NO_CASES = {
    "[1]": "it is no object, or",
    "[" * 100_000: "it is no object, or",
    "{": "Expecting property name",
    '{"id": "x1", "message": "down"}': "'category' is missing.",
    '{"id": "x1", "message": "down", "category": "Weather"}': "'Weather' is not a valid Category",
}


@pytest.mark.parametrize(("line", "wrong"), NO_CASES.items(), ids=range(len(NO_CASES)))
def test_eval_names_a_line_that_is_no_case(tmp_path: Path, line: str, wrong: str) -> None:
    judged = {"category": "Network", "severity": "High", "owner": "platform"}
    case = json.dumps({"id": "x0", "message": "down", **judged})
    (tmp_path / "cases.jsonl").write_text(f"{case}\n\n{line}\n")
    arguments = ("--suite", "rules", "--cases", "cases.jsonl")
    _, complained = triage("eval", *arguments, folder=tmp_path, code=1)
    assert "cases.jsonl, line 3: " in complained
    assert wrong in complained


def test_eval_names_an_answer_that_does_not_say_how_it_was_made(tmp_path: Path) -> None:
    (answer, *_) = prompts.evals("recorded")
    (tmp_path / "answers.jsonl").write_text(json.dumps({**answer, "model": "some-model"}))
    arguments = ("--suite", "recorded", "--answers", "answers.jsonl")
    _, complained = triage("eval", *arguments, folder=tmp_path, code=1)
    assert "line 1: its source does not begin with 'recorded on '" in complained


def test_what_a_model_answers_to_eval_is_kept_and_examined_again(tmp_path: Path) -> None:
    judged = {"category": "Database", "severity": "High", "owner": "platform"}
    case = {"id": "x1", "message": "connection refused by postgres", **judged}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case))
    with playing(says(a_completion())) as server:
        model = f"provider = 'openai_compatible'\nbase_url = '{server.url}'\n"
        models = "cheap = 'qwen3-8b'\nstrong = 'qwen3-8b'\n"
        (tmp_path / "triage.toml").write_text(f"[llm]\n{model}{models}")
        arguments = ("--live", "--cases", "cases.jsonl", "--record", "answers.jsonl")
        said, told = triage("eval", "--suite", "live", *arguments, folder=tmp_path)
    assert told.startswith("It asks qwen3-8b 3 times, for about $")
    assert len(server.requests) == 3
    assert "## live: 3 results" in said
    with closing(sqlite3.connect(tmp_path / "triage.db")) as ledger:
        kept = ledger.execute("SELECT feature, outcome, cost > 0 FROM calls").fetchall()
    assert kept == [("evaluation", "ok", 1)] * 3
    recorded = ("--suite", "recorded", "--cases", "cases.jsonl", "--answers", "answers.jsonl")
    again, _ = triage("eval", *recorded, folder=tmp_path)
    assert "Answers on record: 3 recorded on " in again
    assert "from qwen3-8b.\n" in again


def test_eval_live_without_a_model_says_how_to_add_one(tmp_path: Path) -> None:
    _, complained = triage("eval", "--suite", "live", folder=tmp_path, code=1)
    assert "no model is set up" in complained
    assert "docs/configuration.md" in complained


@pytest.mark.parametrize("command", ["redact", "signatures", "analyze"])
def test_a_filter_without_a_stdin_says_so(command: str, tmp_path: Path) -> None:
    script = f"exec {sys.executable} -m bot {command} <&-"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr == "stdin is closed: nothing can be piped in\n"
    assert done.returncode == 1


def test_a_filter_refuses_a_line_without_an_end(tmp_path: Path) -> None:
    stdin = "fine\n" + "x" * (1 << 20) + "\n"
    said, complained = triage("redact", folder=tmp_path, stdin=stdin, code=1)
    assert said == "fine\n"
    assert complained.startswith("stdin:2: a line longer than 1 MiB")


def test_the_manifest_has_the_command_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text('[slack]\ncommand = "/errors"\n')
    made = json.loads(triage("manifest", folder=tmp_path)[0])
    assert made["features"]["slash_commands"][0]["command"] == "/errors"


@pytest.mark.parametrize("url", ["foo", "", "https://", "http://bot.example", "https://[bot"])
def test_the_manifest_needs_an_address_slack_can_call(url: str, tmp_path: Path) -> None:
    said, complained = triage("manifest", "--url", url, folder=tmp_path, code=2)
    assert said == ""
    assert "give https://HOST" in complained


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost"])
def test_the_manifest_may_name_this_machine_without_tls(url: str, tmp_path: Path) -> None:
    made = json.loads(triage("manifest", "--url", url, folder=tmp_path)[0])
    assert made["features"]["slash_commands"][0]["url"].startswith(url)


def test_the_manifest_is_json_and_goes_over_http_when_an_address_is_given(tmp_path: Path) -> None:
    by_socket = json.loads(triage("manifest", folder=tmp_path)[0])
    by_http = json.loads(triage("manifest", "--url", "https://bot.example", folder=tmp_path)[0])
    assert by_socket["settings"]["socket_mode_enabled"] is True
    assert by_http["settings"]["interactivity"]["request_url"].startswith("https://bot.example/")
