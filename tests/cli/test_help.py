"""What the command line says of itself, and the manifest of the Slack app."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import triage


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
