"""Where errors come from: keys, sources that are asked, files that are followed, deploys."""

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

from bot.cli import options
from tests import loki
from tests.cli.commands import ENVIRONMENT, TRIAGE, counted, lines, triage


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
