import os
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, get_args

import pytest
from pydantic import SecretStr
from sqlmodel import select

from bot import asking, doctor, receiver
from bot.core.flag import Flag
from bot.core.spending.outcome import Call, Config, Failure, Retryable
from bot.errors import SettingsError
from bot.flows.record import record
from bot.settings import Budget, Channel, Http, Llm, OnTrial, Roles, Settings, Slack, Team
from bot.sources.tailed import File
from bot.workspace import Fault, FaultKind, Workspace
from bot.workspace.state import Group
from bot.workspace.workspace import SCOPES
from storage import flags, providers, tables
from storage.database import Database, awaits_migration, open_database
from storage.locks import SOCKET_MODE, Lock
from storage.spool import Spool
from tests.builders import NOON, an_event
from tests.conftest import POSTGRESQL
from tests.connecting import connected
from tests.llm.provider import a_message, an_error, playing, says
from tests.storage.databases import at

CHANNEL = "C000001"


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(clock=lambda: NOON)


@pytest.fixture
def slack(workspace: Workspace) -> Iterator[Slack]:
    with connected(workspace) as slack:
        yield slack


def settings(folder: Path, slack: Slack, *channels: str) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder / 'triage.db'}",
        slack=slack,
        http=Http(port=0),
        channels=tuple(Channel(id=channel) for channel in channels),
    )


def diagnosis(found: Settings) -> tuple[bool, list[str]]:
    said: list[str] = []
    return doctor.run(lambda: found, said.append), said


def test_all_is_well_when_slack_answers_and_the_bot_is_in_the_channel(
    tmp_path: Path, slack: Slack
) -> None:
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert passed, said
    assert [line[:4] for line in said] == ["ok  "] * 9
    assert said[-1].endswith("the bot is in it")


def test_what_waits_in_the_spool_is_told_and_where_there_is_none(
    tmp_path: Path, slack: Slack
) -> None:
    found = settings(tmp_path, slack, CHANNEL)
    with closing(Spool(tmp_path / "triage.db.spool", size=4_096)) as spool:
        spool.put(b"packed", events=2)
        assert (
            f"note  spool: 2 errors in {spool.file} wait until `triage serve` can write"
            in diagnosis(found)[1]
        )
    without = found.model_copy(update={"http": Http(spool_mb=0)})
    assert any(line.startswith("note  spool: none") for line in diagnosis(without)[1])


def test_looking_leaves_no_database_behind(tmp_path: Path, slack: Slack) -> None:
    _, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert any("none yet" in line for line in said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", [POSTGRESQL], indirect=True)
def test_of_several_replicas_the_one_that_is_connected_is_named(
    url: str, database: Database, slack: Slack
) -> None:
    found = Settings(database_url=url, slack=slack, channels=(Channel(id=CHANNEL),))
    assert "note  replicas: none is connected to Slack now" in diagnosis(found)[1]
    lock = Lock(database, SOCKET_MODE, holder="host:1")
    lock.keep()
    assert (
        "ok    replicas: host:1 is connected to Slack, as one at a time is" in diagnosis(found)[1]
    )
    lock.release()


def test_every_wrong_thing_is_named_with_its_remedy(tmp_path: Path, slack: Slack) -> None:
    wrong = slack.model_copy(update={"app_token": SecretStr("xapp-of-another-app")})
    passed, said = diagnosis(settings(tmp_path, wrong, CHANNEL, "C0NOWHERE"))
    assert not passed
    token, channel = (line for line in said if line.startswith("FAIL"))
    assert token == (
        "FAIL  SLACK_APP_TOKEN: the token is not valid: copy it again from your app's page at Slack"
    )
    assert "no such channel, or a private one I am not in: copy its id (C…)" in channel


def test_without_a_good_bot_token_the_channels_are_not_asked_for(
    tmp_path: Path, slack: Slack
) -> None:
    wrong = slack.model_copy(update={"bot_token": SecretStr("xoxb-of-another-app")})
    passed, said = diagnosis(settings(tmp_path, wrong, CHANNEL))
    assert not passed
    assert any(line.startswith("FAIL  SLACK_BOT_TOKEN: the token is not valid") for line in said)
    assert not any(CHANNEL in line for line in said)


def test_each_scope_that_is_missing_is_named_with_what_it_is_for(
    tmp_path: Path, slack: Slack, workspace: Workspace
) -> None:
    workspace.scopes = SCOPES - {"files:write", "channels:history"}
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert passed, "the bot works without"
    notes = [line for line in said if line.startswith("note")]
    assert [line.split(":")[1] for line in notes] == ["history", "write"]
    assert "so I do not show the trend of an error as a picture" in notes[1]
    assert "install the app again" in notes[1]
    workspace.scopes = SCOPES - {"channels:read"}
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert passed, "nor does it look at a channel to post there"
    assert said[-1] == f"note  channel {CHANNEL} (digests): not looked at, for want of a scope"
    workspace.scopes = SCOPES - {"chat:write"}
    workspace.faults.order(
        Fault(kind=FaultKind.ERROR, method="apps.connections.open", error="missing_scope")
    )
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert not passed
    assert any("SLACK_APP_TOKEN: it lacks the scope connections:write" in line for line in said)
    assert any(line.startswith("FAIL  scope chat:write") for line in said)


@pytest.mark.parametrize(("app", "is_same"), [("A000TRIAGE", True), ("A0ANOTHER", False)])
def test_tokens_of_two_apps_are_told(tmp_path: Path, app: str, is_same: bool) -> None:
    workspace = Workspace(clock=lambda: NOON, app_token=f"xapp-1-{app}-7-0123abc")
    with connected(workspace) as slack:
        passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert passed is is_same
    assert any(line.startswith("FAIL  tokens: ") for line in said) is not is_same
    assert "0123abc" not in "".join(said)


def test_a_scope_that_no_setting_needs_is_not_missed(
    tmp_path: Path, slack: Slack, workspace: Workspace
) -> None:
    workspace.scopes = SCOPES - {"files:write"}
    without = slack.model_copy(update={"charts": "off"})
    _, said = diagnosis(settings(tmp_path, without, CHANNEL))
    assert not any("files:write" in line for line in said)


def test_channels_and_people_of_teams_are_checked_too(
    tmp_path: Path, slack: Slack, workspace: Workspace
) -> None:
    workspace.remove_bot("C000002")
    workspace.state.channel("C000003").archived = True
    found = settings(tmp_path, slack, CHANNEL).model_copy(
        update={
            "teams": (
                Team(name="dev", channel="C000002", on_call="U000ANA"),
                Team(name="platform", channel="C000003", members=("U0NOBODY",)),
            )
        }
    )
    passed, said = diagnosis(found)
    assert not passed
    wrong = [line for line in said if line.startswith("FAIL")]
    assert "#team-dev (of dev): the bot is not in it; say /invite @triage there" in wrong[0]
    assert "#team-platform (of platform): the channel is archived" in wrong[1]
    assert "U0NOBODY in [[teams]]: there is no such person in this workspace" in wrong[2]
    assert "ok    U000ANA in [[teams]]: @ana" in said


def test_user_groups_are_checked_wherever_they_are_named(tmp_path: Path) -> None:
    groups = [Group("S0ONCALL", "oncall", "On call", ("U000ANA",)), Group("S0EMPTY", "e", "E", ())]
    workspace = Workspace(clock=lambda: NOON, groups=groups)
    with connected(workspace) as slack:
        found = settings(tmp_path, slack, CHANNEL).model_copy(
            update={
                "teams": (Team(name="dev", group="S0ONCALL"), Team(name="ops", group="S0GONE")),
                "roles": Roles(mute=("S0EMPTY",)),
            }
        )
        passed, said = diagnosis(found)
    assert not passed
    assert [line for line in said if " S0" in line] == [
        "note  S0EMPTY in [roles]: a user group without anybody in it",
        "ok    S0ONCALL in [[teams]]: a user group of 1",
        (
            "FAIL  S0GONE in [[teams]]: there is no such user group in this workspace: copy its id "
            "(S…) from the end of its address on Slack"
        ),
    ]


def test_what_would_be_sent_is_held_against_slacks_own_check(
    tmp_path: Path, slack: Slack, workspace: Workspace
) -> None:
    found = settings(tmp_path, slack, CHANNEL)
    with closing(open_database(found.database_url)) as database:
        record(database, [an_event()], now=NOON)
    passed, said = diagnosis(found)
    assert passed
    assert "ok    a digest as of now: Slack would take it" in said
    workspace.faults.order(
        Fault(kind=FaultKind.ERROR, method="blocks.validate", error="invalid_blocks")
    )
    passed, said = diagnosis(found)
    assert not passed
    assert any("Slack would not take it (invalid_blocks)" in line for line in said)


def test_slack_out_of_reach_is_no_traceback(tmp_path: Path, slack: Slack) -> None:
    nowhere = slack.model_copy(update={"api_url": "http://127.0.0.1:1/api/"})
    passed, said = diagnosis(settings(tmp_path, nowhere, CHANNEL))
    assert not passed
    assert any("Slack cannot be reached" in line for line in said)


def test_missing_settings_are_a_line_each_and_slack_is_not_asked(tmp_path: Path) -> None:
    passed, said = diagnosis(settings(tmp_path, Slack()))
    assert not passed
    assert [line[:6] for line in said] == [*["ok    "] * 5, *["FAIL  "] * 4]
    assert "`triage setup`" in said[5]


def test_the_tokens_that_there_are_are_tried_whatever_else_is_missing(
    tmp_path: Path, slack: Slack
) -> None:
    said = "\n".join(diagnosis(settings(tmp_path, slack))[1])
    assert "FAIL  No [[channels]]" in said
    assert "ok    SLACK_BOT_TOKEN: accepted" in said
    half = slack.model_copy(update={"bot_token": SecretStr("xapp-1")})
    said = "\n".join(diagnosis(settings(tmp_path, half))[1])
    assert said.count("SLACK_BOT_TOKEN") == 1
    assert "FAIL  SLACK_BOT_TOKEN does not start with xoxb-" in said
    assert "ok    SLACK_APP_TOKEN: accepted" in said


def test_without_slack_nothing_of_it_is_missed(tmp_path: Path) -> None:
    passed, said = diagnosis(settings(tmp_path, Slack(mode="off")))
    assert passed
    assert said[-1] == 'ok    Slack: mode = "off" under [slack], so nothing is posted'


def test_each_source_that_is_asked_is_tried(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(f"{NOON:%Y-%m-%d %H:%M:%S} ERROR declined\n" * 2)
    there = File(kind="file", name="app", path=log)
    folder = File(kind="file", name="folder", path=tmp_path)
    found = settings(tmp_path, Slack(mode="off")).model_copy(update={"sources": (there, folder)})
    passed, said = diagnosis(found)
    assert not passed
    assert "ok    source file/app: 1 error on its first pages" in said
    assert f"FAIL  source file/folder: {tmp_path} is a folder: name a file in it" in said


def test_a_file_that_is_waited_for_is_no_failure(tmp_path: Path) -> None:
    coming = File(kind="file", name="coming", path=tmp_path / "coming.log")
    found = settings(tmp_path, Slack(mode="off")).model_copy(update={"sources": (coming,)})
    passed, said = diagnosis(found)
    assert passed
    assert f"note  source file/coming: {coming.path} does not exist (yet): it is waited for" in said


def test_settings_that_cannot_be_read_end_the_visit() -> None:
    said: list[str] = []

    def load() -> Settings:
        raise SettingsError("Wrong settings:\n  http.port: must be a number\nNo [[channels]]")

    assert not doctor.run(load, said.append)
    assert said[:2] == [
        "FAIL  Wrong settings:\n  http.port: must be a number",
        "FAIL  No [[channels]]",
    ]
    assert said[2].startswith("note  Nothing else was checked")


def test_a_file_that_is_no_database_is_named(tmp_path: Path, slack: Slack) -> None:
    (tmp_path / "triage.db").write_text("something else entirely\n" * 100)
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert not passed
    assert any("file is not a database" in line for line in said)


def test_a_database_that_is_there_is_opened(tmp_path: Path, slack: Slack) -> None:
    found = settings(tmp_path, slack, CHANNEL)
    open_database(found.database_url).close()
    assert "ok    database: opened, its schema is current" in diagnosis(found)[1]


def test_a_database_that_was_emptied_is_told_of_and_left_so(tmp_path: Path, slack: Slack) -> None:
    file = tmp_path / "triage.db"
    file.touch()
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert passed, "a new one is begun in it"
    assert any(line.startswith(f"note  database: {file} is empty") for line in said)
    assert [one.stat().st_size for one in tmp_path.iterdir()] == [0]


def test_a_database_of_an_older_release_is_told_of_and_left_so(
    tmp_path: Path, slack: Slack
) -> None:
    found = settings(tmp_path, slack, CHANNEL)
    at(found.database_url, "0009")
    passed, said = diagnosis(found)
    assert passed, "it is migrated by whoever serves"
    assert any(line.startswith("note  database: of an older release: ") for line in said)
    assert awaits_migration(found.database_url)
    assert [one.name for one in tmp_path.glob("*before*")] == []


def test_a_disk_without_room_is_told_of(
    tmp_path: Path, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "LEAST_ROOM", 2**62)
    passed, said = diagnosis(settings(tmp_path, slack, CHANNEL))
    assert not passed
    assert any(line.startswith("FAIL  disk: ") and "make room" in line for line in said)


def test_an_address_that_cannot_be_listened_on_is_told_of_unless_it_is_triage_who_does(
    tmp_path: Path, slack: Slack
) -> None:
    found = settings(tmp_path, slack, CHANNEL)

    def at(host: str, port: int) -> str:
        http = Http(host=host, port=port)
        (line,) = (
            line
            for line in diagnosis(found.model_copy(update={"http": http}))[1]
            if "  http: " in line
        )
        return line

    with receiver.listening(receiver.application([]), host="127.0.0.1", port=0) as port:
        assert at("127.0.0.1", port) == f"ok    http: `triage serve` answers at 127.0.0.1:{port}"
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

        def hang_up() -> None:
            taken.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        assert at("127.0.0.1", port).startswith("FAIL  http: Cannot listen on 127.0.0.1")
        thread.join()
    assert "set another http.host" in at("192.0.2.1", 0), "an address of no machine's"


def test_the_port_of_grpc_is_tried_as_well(tmp_path: Path, slack: Slack) -> None:
    found = settings(tmp_path, slack, CHANNEL)

    def at(port: int, grpc_port: int | None) -> list[str]:
        http = Http(port=port, grpc_port=grpc_port)
        said = diagnosis(found.model_copy(update={"http": http}))[1]
        return [line for line in said if "  grpc: " in line]

    assert at(0, None) == []
    assert at(0, 0) == ["ok    grpc: 127.0.0.1:0 is free to listen on"]
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        (line,) = at(0, port)
        assert line.startswith(f"FAIL  grpc: cannot listen on 127.0.0.1:{port}")
        with receiver.listening(receiver.application([]), host="127.0.0.1", port=0) as ours:
            (line,) = at(ours, port)
        assert line == f"ok    grpc: 127.0.0.1:{port} is in use, as `triage serve` runs"


def test_a_database_that_can_only_be_read_is_said_to_be_so(slack: Slack) -> None:
    with TemporaryDirectory() as shared:
        folder = Path(shared)
        folder.chmod(0o755)
        open_database(f"sqlite:///{folder / 'triage.db'}").close()
        (folder / "triage.db").chmod(0o644)
        me = os.geteuid()
        os.seteuid(me or 65_534)
        try:
            passed, said = diagnosis(settings(folder, slack, CHANNEL))
        finally:
            os.seteuid(me)
    assert not passed
    assert any(
        "triage.db may be read but not written to, and the bot writes" in one for one in said
    )


def test_a_folder_that_may_not_be_written_to_is_named(slack: Slack) -> None:
    me = os.geteuid()
    os.seteuid(me or 65_534)
    try:
        passed, said = diagnosis(settings(Path("/"), slack, CHANNEL))
    finally:
        os.seteuid(me)
    assert not passed
    assert "FAIL  database: / may not be written to; give it to this user" in said


def test_each_model_is_tried_by_one_tiny_request(tmp_path: Path, slack: Slack) -> None:
    answers = says(a_message({"colour": "red", "number": 7})), says(an_error(), status=401)
    with playing(*answers) as provider:
        llm = Llm(base_url=provider.url, anthropic_key=SecretStr("sk-ant-secret"))
        found = settings(tmp_path, slack, CHANNEL).model_copy(update={"llm": llm})
        passed, said = diagnosis(found)
    assert not passed
    assert "ok    model: claude-haiku-5-5 answers, and keeps to a schema" in said
    (failure,) = (line for line in said if line.startswith("FAIL"))
    assert failure == (
        f"FAIL  model: claude-sonnet-5-5 at {provider.url}: HTTP 401. Check the key: "
        "ANTHROPIC_API_KEY."
    )
    assert "secret" not in "".join(said)


def of_models(folder: Path, slack: Slack, url: str, **more: Any) -> Settings:
    llm = Llm(base_url=url, anthropic_key=SecretStr("sk-ant-secret"), **more)
    return settings(folder, slack, CHANNEL).model_copy(update={"llm": llm})


FINE = says(a_message({"colour": "red", "number": 7}))


def ledger(found: Settings) -> list[tables.Call]:
    with closing(open_database(found.database_url)) as database, database.read() as session:
        return list(session.exec(select(tables.Call)).all())


def test_what_trying_costs_is_in_the_ledger(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        found = of_models(tmp_path, slack, provider.url)
        open_database(found.database_url).close()
        diagnosis(found)
    assert [(one.feature, one.outcome) for one in ledger(found)] == [("evaluation", "ok")] * 2
    assert all(one.cost for one in ledger(found))


def test_beyond_a_cap_no_model_is_tried(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        found = of_models(tmp_path, slack, provider.url, budget=Budget(day_usd=0))
        open_database(found.database_url).close()
        passed, said = diagnosis(found)
    assert passed
    assert "note  model: claude-haiku-5-5 is not tried, budget of today used up" in said
    assert not provider.requests


def test_where_the_ledger_cannot_be_written_no_model_is_tried(tmp_path: Path, slack: Slack) -> None:
    (tmp_path / "triage.db").write_bytes(b"no database at all" * 100)
    with playing(FINE) as provider:
        passed, said = diagnosis(of_models(tmp_path, slack, provider.url))
    assert not passed
    assert "FAIL  model: none is tried, what it costs cannot be written down" in said
    assert not provider.requests


def test_a_model_that_answers_is_asked_again_at_once(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        found = of_models(tmp_path, slack, provider.url)
        terms = asking.terms(found)
        with closing(open_database(found.database_url)) as database:
            with database.write() as session:
                for model in ("", "claude-sonnet-5-5"):
                    row = {"not_before": NOON + timedelta(days=20_000), "reason": "not usable"}
                    row |= {"name": "anthropic", "model": model, "settings": terms.settings}
                    providers.keep(session, tables.Provider(**row))
            assert asking.withheld(found, database, now=NOON)
            diagnosis(found)
            assert not asking.withheld(found, database, now=NOON)
            with database.read() as session:
                assert providers.of(session, "anthropic", "claude-sonnet-5-5").reason == ""


def test_where_models_are_switched_off_none_is_tried(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        found = of_models(tmp_path, slack, provider.url)
        with closing(open_database(found.database_url)) as database, database.write() as session:
            flags.put(session, Flag.MODEL, on=False, by="U1", reason="", now=NOON)
        passed, said = diagnosis(found)
    assert passed
    assert "ok    model: none is tried, the flag model is off" in said
    assert not provider.requests


def test_a_model_on_trial_is_tried_too(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        _, said = diagnosis(
            of_models(tmp_path, slack, provider.url, trial=OnTrial(strong="claude-opus-5-5"))
        )
    assert "ok    model: claude-opus-5-5 answers, and keeps to a schema" in said


@pytest.mark.parametrize("failure", get_args(Failure))
def test_there_is_a_remedy_for_every_way_a_model_can_fail(failure: type[Failure]) -> None:
    known = {"status": 429} if failure is Retryable else {}
    ended = failure(Call("small"), "it did not work", **known)
    assert doctor.remedy(ended, "TRIAGE_LLM_KEY is not set").endswith(".")


def test_a_key_that_is_not_set_is_named_where_it_is_wanted() -> None:
    ended = Config(Call("small"), "HTTP 401", 401)
    assert doctor.remedy(ended, "TRIAGE_LLM_KEY is not set") == (
        "Check the key: TRIAGE_LLM_KEY is not set."
    )


def test_a_model_that_nobody_serves_is_a_matter_of_names_not_of_keys() -> None:
    said = doctor.remedy(Config(Call("small"), "HTTP 404", 404), "TRIAGE_LLM_KEY")
    assert "cheap, strong, trial" in said
    assert "TRIAGE_LLM_KEY" not in said


def test_when_to_come_back_is_told_where_the_provider_said_it() -> None:
    said = doctor.remedy(Retryable(Call("small"), "HTTP 429", 429, 7.0), "")
    assert said.startswith("Try again in 7 s;")


def test_half_a_setting_of_a_model_is_a_failure(tmp_path: Path, slack: Slack) -> None:
    llm = Llm(base_url="https://gateway.example")
    found = settings(tmp_path, slack, CHANNEL).model_copy(update={"llm": llm})
    passed, said = diagnosis(found)
    assert not passed
    assert any(line.startswith("FAIL  [llm]: base_url is set, but provider") for line in said)
    assert not any("none is set up" in line for line in said)


def test_a_model_without_a_price_is_told_of(tmp_path: Path, slack: Slack) -> None:
    with playing(FINE) as provider:
        found = of_models(tmp_path, slack, provider.url, cheap="small")
        passed, said = diagnosis(found)
    assert passed
    (note,) = (line for line in said if line.startswith("note  model"))
    assert note.startswith(
        "note  model: No price is known for small: counted as the dearest, $4.00"
    )
    assert 'prices = { "small" = [0, 0] }' in note
