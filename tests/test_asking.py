"""The wired service with a model: what it says is on the digest, and the digest waits for nobody.

Only Slack and the provider are stand-ins, both on this machine.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import time
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from pydantic import SecretStr

from bot import asking
from bot.app import running
from bot.core.asking.evidence import Evidence, Sample
from bot.core.flag import OFF, ON, Flag
from bot.core.spending.budget import Span
from bot.core.spending.routing import Tier
from bot.errors import SettingsError
from bot.flows import probe
from bot.flows.record import record
from bot.flows.switch import switch
from bot.flows.triage import triage
from bot.llm.port import PROBE, PROBE_SECONDS
from bot.settings import ANTHROPIC, Budget, Channel, Http, Llm, OnTrial, Settings, Slack
from bot.settings.plan import plan
from bot.workspace import Workspace
from prompts import Library
from storage import anomalies
from storage.database import Database
from tests.builders import NOON, a_presence, an_event
from tests.connecting import connected
from tests.fakes import Clock
from tests.llm.provider import ANSWER, Play, a_completion, a_message, hangs, playing, says
from tests.slack.builders import a_card

CHANNEL = "C000001"
KEY = SecretStr("sk-ant-test")
LOCAL = {"provider": "openai_compatible", "cheap": "qwen3-8b", "strong": "qwen3-32b"}
HERE = "http://127.0.0.1:9"
FITTING = {**ANSWER, "summary": "payment failed in checkout"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock)


@pytest.fixture
def slack(workspace: Workspace) -> Iterator[Slack]:
    with connected(workspace) as slack:
        yield slack


def with_a_digest(slack: Slack, llm: Llm) -> Settings:
    channel = Channel(id=CHANNEL, digest=(time(NOON.hour),), alerts_per_hour=0)
    return Settings(slack=slack, channels=(channel,), http=Http(port=0), llm=llm)


def something_new(database: Database, clock: Clock) -> None:
    """An error that began before noon, of which the digest of noon tells; it is a minute later."""
    (number,) = record(database, [an_event()], now=NOON).signature_ids
    triage(database, now=NOON, site_rules=())
    with database.write() as session:
        anomalies.begin(session, number, kind="new", now=NOON, reason="new", receipt={})
    clock.move(minutes=1)


def says_on_slack(workspace: Workspace, *words: str) -> bool:
    shown = "".join(str(message.blocks) for message in workspace.messages(CHANNEL))
    return all(word in shown for word in words)


@pytest.mark.parametrize(
    ("models", "play", "label"),
    [
        ({}, says(a_message(FITTING)), "by Claude (claude-sonnet-5-5), <!date^"),
        (LOCAL, says(a_completion(FITTING)), "by AI (qwen3-32b), <!date^"),
    ],
)
def test_an_event_becomes_a_digest_with_the_analysis_of_a_model(
    database: Database,
    workspace: Workspace,
    slack: Slack,
    clock: Clock,
    models: dict[str, Any],
    play: Play,
    label: str,
) -> None:
    something_new(database, clock)
    with playing(play) as server:
        llm = Llm(**models, base_url=server.url, anthropic_key=KEY, canary=False)
        with running(with_a_digest(slack, llm), database, clock=clock):
            workspace.wait_until(lambda: says_on_slack(workspace, label), seconds=20)
    assert says_on_slack(workspace, "high confidence, 1 of 1 quotes verified", "does not listen")


def test_with_the_model_dead_the_digest_leaves_on_time_and_says_so(
    database: Database, workspace: Workspace, slack: Slack, clock: Clock
) -> None:
    something_new(database, clock)
    with playing(hangs) as server:
        llm = Llm(base_url=server.url, anthropic_key=KEY, deadline_seconds=1, canary=False)
        with running(with_a_digest(slack, llm), database, clock=clock):
            workspace.wait_until(lambda: says_on_slack(workspace, "by rules"), seconds=20)
            label = "by rules: model too slow"
            workspace.wait_until(lambda: says_on_slack(workspace, label), seconds=20)
    asked = [one.body["messages"][0]["content"] for one in server.requests]
    assert len([one for one in asked if one != PROBE.user]) == 1


def test_a_stop_waits_for_no_model(
    database: Database, workspace: Workspace, slack: Slack, clock: Clock
) -> None:
    something_new(database, clock)
    with playing(hangs) as server:
        llm = Llm(base_url=server.url, anthropic_key=KEY, deadline_seconds=120, canary=False)
        with running(with_a_digest(slack, llm), database, clock=clock):
            workspace.wait_until(lambda: server.requests, seconds=20)
            began = perf_counter()
        assert perf_counter() - began < 30


def test_at_the_start_a_server_that_ignores_the_schema_is_found_out_and_delays_nothing(
    database: Database, workspace: Workspace, slack: Slack, clock: Clock
) -> None:
    with playing(hangs, says(a_completion("Red, and seven!"))) as server:
        llm = Llm(**LOCAL, base_url=server.url, canary=False)
        settings = with_a_digest(slack, llm)
        began = perf_counter()
        with running(settings, database, clock=clock):
            assert perf_counter() - began < PROBE_SECONDS, "it serves before the first has answered"
    with playing(says(a_completion("Red, and seven!"))) as server:
        settings = with_a_digest(slack, llm.model_copy(update={"base_url": server.url}))
        terms = asking.terms(settings)
        clock.move(hours=2)
        with running(settings, database, clock=clock):
            workspace.wait_until(
                lambda: len(probe.trouble(database, terms=terms, now=clock())) == 2
            )
    assert {one.path for one in server.requests} == {"/v1/chat/completions"}


def test_without_a_key_no_model_is_asked(database: Database, clock: Clock) -> None:
    assert asking.analyst(Settings(), database, a_presence(database), clock=clock) is None
    assert "no model is set up" in asking.withheld(Settings(), database, now=NOON)


def test_what_is_set_up_may_be_asked(database: Database) -> None:
    assert not asking.withheld(Settings(llm=Llm(anthropic_key=KEY)), database, now=NOON)


@pytest.mark.parametrize(
    ("llm", "is_on", "address"),
    [
        (Llm(), False, ANTHROPIC),
        (Llm(anthropic_key=KEY), True, ANTHROPIC),
        (
            Llm(**LOCAL, base_url="http://llama:8080"),
            True,
            "http://llama:8080",
        ),
    ],
)
def test_a_model_needs_a_key_or_an_address(llm: Llm, is_on: bool, address: str) -> None:
    assert (llm.is_on, llm.address) == (is_on, address)


def test_a_key_is_never_sent_to_another_provider() -> None:
    llm = Llm(**LOCAL, base_url="http://llama:8080", anthropic_key=KEY)
    assert llm.key == ""


def test_the_terms_are_those_of_the_settings() -> None:
    llm = Llm(
        cheap="a",
        strong="b",
        budget=Budget.model_validate(
            {"day_usd": 0.5, "teams": {"dev": 0.25, "platform": {"hour": 1}}}
        ),
        prices={"a": (0.1, 0.2)},
        anthropic_key=KEY,
    )
    channels = (Channel(id="C0123ABC"), Channel(id="C0456DEF"))
    terms = asking.terms(Settings(llm=llm, channels=channels))
    assert terms.models == {Tier.CHEAP: "a", Tier.STRONG: "b"}
    assert terms.caps.day == 500_000
    assert terms.caps.teams == {"dev": {Span.DAY: 250_000}, "platform": {Span.HOUR: 1_000_000}}
    assert terms.prices.of("a").output == 200_000
    assert terms.channels == ("C0123ABC",)


def test_the_mark_of_the_settings_changes_with_the_key_and_does_not_tell_it() -> None:
    marks = [
        asking.terms(Settings(llm=Llm(anthropic_key=SecretStr(key)))).settings
        for key in ("sk-ant-1", "sk-ant-2")
    ]
    assert marks[0] != marks[1]
    assert "sk-ant" not in "".join(marks)


def test_a_probe_asks_each_model_once(clock: Clock) -> None:
    with playing(says(a_message({"colour": "red", "number": 7}))) as server:
        llm = Llm(base_url=server.url, anthropic_key=KEY)
        found = dict(asking.probed(Settings(llm=llm), None, clock=clock))
        assert found == {"claude-haiku-5-5": None, "claude-sonnet-5-5": None}
    assert len(server.requests) == 2


def test_with_the_switch_off_nothing_at_all_goes_to_the_provider(
    database: Database, clock: Clock
) -> None:
    with playing(says(a_message({"colour": "red", "number": 7}))) as server:
        settings = Settings(llm=Llm(base_url=server.url, anthropic_key=KEY))
        probing = asking.probing(settings, database, clock=clock)
        assert probing
        switch(database, {Flag.MODEL: OFF}, by="U1", reason="they leak", now=clock())
        probing.round()
        assert server.requests == []
        switch(database, {Flag.MODEL: ON}, by="U1", reason="", now=clock())
        probing.round()
    assert {request.path for request in server.requests} > {"/v1/messages"}


def test_it_says_who_explains_and_what_that_may_cost() -> None:
    (*_, said) = plan(Settings(), now=NOON)
    assert said.startswith("Explained by: rules alone")
    (*_, said) = plan(Settings(llm=Llm(anthropic_key=KEY)), now=NOON)
    assert said == (
        "Explained by: claude-haiku-5-5 and claude-sonnet-5-5 at https://api.anthropic.com, "
        "at most $5.00 a day"
    )


def test_it_says_which_models_have_no_price() -> None:
    llm = Llm(**LOCAL, base_url=HERE, prices={"qwen3-8b": (0, 0)})
    (*_, said) = plan(Settings(llm=llm), now=NOON)
    assert said.startswith("No price is known for qwen3-32b: counted as the dearest")


def test_the_daily_cases_are_asked_of_both_models_once_a_day(
    database: Database, clock: Clock
) -> None:
    with playing(says(a_message(ANSWER))) as server:
        settings = Settings(llm=Llm(base_url=server.url, anthropic_key=KEY))
        daily = asking.daily(settings, database, a_presence(database), clock=clock)
        assert daily
        daily.round()
        daily.round()
    asked = Counter(request.body["model"] for request in server.requests)
    assert asked == {"claude-haiku-5-5": 12, "claude-sonnet-5-5": 12}


@pytest.mark.parametrize("llm", [Llm(), Llm(anthropic_key=KEY, canary=False)])
def test_there_are_no_daily_cases_without_a_model_or_where_they_are_not_wanted(
    database: Database, clock: Clock, llm: Llm
) -> None:
    assert asking.daily(Settings(llm=llm), database, a_presence(database), clock=clock) is None


def test_nobody_is_examined_without_a_model(database: Database, clock: Clock) -> None:
    with pytest.raises(SettingsError, match="no model is set up"):
        asking.examiner(Settings(), database, name="some-model", clock=clock)


def test_a_trial_is_the_prompt_on_trial_with_the_models_to_try(tmp_path: Path) -> None:
    shelf = tmp_path / "prompts"
    shutil.copytree(str(files("prompts").joinpath("analysis")), shelf / "analysis")
    manifest = shelf / "analysis" / "3" / "manifest.toml"
    shutil.copytree(shelf / "analysis" / "2", manifest.parent)
    before = manifest.read_text("utf-8")
    manifest.write_text(before.replace('"2"', '"3"').replace('"current"', '"trial"'), "utf-8")
    trial = OnTrial(strong="claude-opus-5-5", share=0.2, shadow_share=0.1)
    found = asking.ways(Settings(llm=Llm(trial=trial)), library=Library(shelf))
    assert found.usual.name == "analysis 2 with claude-haiku-5-5 and claude-sonnet-5-5"
    assert found.trial
    assert found.said == "On trial: analysis 3 with claude-haiku-5-5 and claude-opus-5-5"
    assert found.trial.write(Evidence(a_card(), (Sample("refused"),))).name == "analysis 3"
    assert (found.share, found.shadow_share) == (0.2, 0.1)


def test_where_nothing_is_on_trial_there_is_one_way() -> None:
    assert asking.ways(Settings()).trial is None
