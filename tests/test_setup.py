"""Somebody who has nothing is led to a first post, whatever they mistype on the way."""

import json
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import setup
from bot.errors import SettingsError
from bot.flows.record import record
from bot.settings import load, missing
from bot.setup import walk
from bot.slack import manifest
from bot.workspace import Fault, FaultKind, Workspace, serve
from bot.workspace.workspace import SCOPES
from storage.database import open_database
from tests.builders import NOON, an_event
from tests.fakes import Person

CHANNEL = "C000001"


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(clock=lambda: NOON)


@pytest.fixture
def environ(workspace: Workspace, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where Slack and the database are."""
    with serve(workspace) as server:
        yield {
            "SLACK_API_URL": server.api_url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'triage.db'}",
        }


def walked(person: Person, folder: Path, environ: dict[str, str]) -> None:
    walk(person.dialogue, folder=folder, environ=environ, clock=lambda: NOON)


def a_person(workspace: Workspace, *rest: str) -> Person:
    return Person("", workspace.bot_token, workspace.app_token, *rest)


def test_from_nothing_to_a_first_post(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    person = a_person(workspace, "2", "Europe/Berlin", "08:30", "y", "")
    walked(person, tmp_path, environ)
    (posted,) = workspace.messages("team-dev")
    assert "The first digest comes at 08:30 Europe/Berlin; /triage help says" in posted.text
    kept = load(environ, tmp_path / "triage.toml")
    assert [(one.id, one.timezone) for one in kept.channels] == [("C000002", "Europe/Berlin")]
    assert "Posted in #team-dev." in person.heard
    assert "triage serve" in person.heard[-1]
    assert f". {tmp_path}/triage.env;" in person.heard[-1]


def test_tokens_are_typed_unseen_and_kept_for_their_owner_alone(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    person = a_person(workspace, "", "", "", "n", "")
    walked(person, tmp_path, environ)
    assert len(person.secrets) == 2
    assert not any(workspace.bot_token in line for line in person.heard)
    kept = tmp_path / "triage.env"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert kept.read_text() == (
        f"SLACK_BOT_TOKEN={workspace.bot_token}\nSLACK_APP_TOKEN={workspace.app_token}\n"
    )
    assert "xox" not in (tmp_path / "triage.toml").read_text()


def test_what_is_mistyped_is_asked_again(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    person = Person(
        *("", "", "xoxb-wrong", workspace.bot_token, "xapp-wrong", workspace.app_token),
        *("7", "1", "Berlin", "", "9 o'clock", "09:15", "n", "9", "6"),
    )
    walked(person, tmp_path, environ)
    said = "\n".join(person.heard)
    assert "SLACK_BOT_TOKEN: nothing was typed" in said
    assert "SLACK_BOT_TOKEN: the token is not valid" in said
    assert "SLACK_APP_TOKEN: the token is not valid" in said
    assert "Type a number from 1 to 3." in said
    assert "Type a number from 1 to 6." in said
    assert "'Berlin' is no time zone" in said
    assert "is no time of day" in said
    assert 'digest = ["09:15"]' in (tmp_path / "triage.toml").read_text()


def test_a_token_of_another_kind_is_told_before_slack_takes_it(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    person = Person(
        *("", workspace.app_token, "xoxp-a-person", workspace.bot_token),
        *(workspace.bot_token, workspace.app_token, "1", "", "", "n", ""),
    )
    walked(person, tmp_path, environ)
    kinds = [line for line in person.heard if "it looks like the" in line]
    assert [line.split(".")[0] for line in kinds] == [
        f"{setup.BOT} does not start with xoxb-: it looks like the app's token, for Socket Mode",
        f"{setup.BOT} does not start with xoxb-: it looks like the token of a person",
        f"{setup.APP} does not start with xapp-: it looks like the bot's token",
    ]
    assert "page “Basic Information”" in kinds[-1]


def test_who_sets_slack_up_later_keeps_the_secrets_that_are_there(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "triage.env").write_text("TRIAGE_LOKI_TOKEN=loki\nSLACK_BOT_TOKEN=older\n")
    walked(a_person(workspace, "1", "", "", "n", "6"), tmp_path, environ)
    assert (tmp_path / "triage.env").read_text().splitlines() == [
        "TRIAGE_LOKI_TOKEN=loki",
        f"SLACK_BOT_TOKEN={workspace.bot_token}",
        f"SLACK_APP_TOKEN={workspace.app_token}",
    ]


def test_one_may_begin_without_slack(environ: dict[str, str], tmp_path: Path) -> None:
    person = Person("s", "6")
    walked(person, tmp_path, environ)
    kept = load(environ, tmp_path / "triage.toml")
    assert (kept.slack.mode, missing(kept)) == ("off", [])
    assert "takes errors in, judges them" in person.heard[-1]
    assert not (tmp_path / "triage.env").exists()


def test_slack_is_added_to_what_a_setup_without_it_wrote(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "triage.toml"
    walked(Person("s", "6"), tmp_path, environ)
    table = f'\n[[sources]]\nkind = "file"\nname = "shop"\npath = "{tmp_path / "shop.log"}"\n'
    file.write_text(f"{file.read_text()}{table}")
    walked(a_person(workspace, "1", "", "", "n"), tmp_path, environ)
    kept = load(environ, file)
    assert kept.slack.posts
    assert [one.id for one in kept.channels] == [CHANNEL]
    assert [one.origin for one in kept.asked] == ["file/shop"]


def test_it_waits_for_the_scopes_that_nothing_works_without(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    workspace.scopes = SCOPES - {"chat:write", "files:write", "groups:read"}

    class Granting(Person):
        def ask(self, question: str) -> str:
            if question == "Press Enter once that is done: ":
                workspace.scopes = SCOPES - {"files:write", "groups:read"}
            return super().ask(question)

    person = Granting(
        *("", workspace.bot_token, workspace.app_token, "", "1", "", "", "", "", "6"),
    )
    walked(person, tmp_path, environ)
    assert sum("scope chat:write: not granted" in line for line in person.heard) == 1
    assert any("so I do not show the trend" in line for line in person.heard)
    assert "Posted in #on-call." in person.heard


def test_it_waits_for_an_invitation(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    for name in ("on-call", "team-dev", "team-platform"):
        workspace.remove_bot(name)

    class Inviting(Person):
        def ask(self, question: str) -> str:
            if question == "Press Enter once you have: ":
                workspace.invite_bot("on-call")
            return super().ask(question)

    person = Inviting("", workspace.bot_token, workspace.app_token, "", "", "", "", "")
    walked(person, tmp_path, environ)
    assert any("/invite @triage" in line for line in person.heard)
    assert "It will post in #on-call, the one channel it is in." in person.heard
    assert len(workspace.messages("on-call")) == 1


def test_where_errors_are_known_the_first_post_is_a_digest(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    database = open_database(environ["DATABASE_URL"])
    record(database, [an_event(time=NOON - timedelta(hours=1))], now=NOON)
    database.close()
    walked(a_person(workspace, "1", "", "", "", ""), tmp_path, environ)
    assert "1 seen" in workspace.messages(CHANNEL)[0].text


def test_tokens_that_are_set_already_are_not_asked_for_nor_written(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    person = Person("1", "", "", "n", "")
    walked(person, tmp_path, {**environ, **tokens})
    assert not person.secrets
    assert not (tmp_path / "triage.env").exists()


def test_what_is_set_up_is_left_alone(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "triage.toml").write_text("# mine")
    with pytest.raises(SettingsError, match="is there already"):
        walked(Person(), tmp_path, environ)
    assert (tmp_path / "triage.toml").read_text() == "# mine"


def test_a_post_that_fails_is_said_with_its_remedy(
    workspace: Workspace, environ: dict[str, str], tmp_path: Path
) -> None:
    workspace.faults.order(
        Fault(kind=FaultKind.ERROR, method="chat.postMessage", error="restricted_action")
    )
    person = a_person(workspace, "1", "", "", "", "6")
    walked(person, tmp_path, environ)
    assert any("only some may post there" in line for line in person.heard)
    assert not any(line.startswith("Posted") for line in person.heard)
    assert "triage serve" in person.heard[-1]


def test_the_link_makes_the_app_of_the_manifest() -> None:
    query = parse_qs(urlsplit(manifest.link()).query)
    assert json.loads(query["manifest_json"][0]) == manifest.manifest()


def test_where_it_keeps_secrets_git_does_not_look() -> None:
    ignored = Path(setup.__file__).parent.parent / ".gitignore"
    assert str(setup.SECRETS) in ignored.read_text().split()
