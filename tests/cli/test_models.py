"""What commands say of models: money, switches, prompts, evaluations."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import prompts
from tests.cli.commands import triage
from tests.llm.provider import a_completion, playing, says


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
