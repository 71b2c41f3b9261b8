"""What was called out, and what would have been: `digest`, `replay`, `why`, `show`."""

import json
import os
from pathlib import Path

import pytest

from bot.core.detection.receipt import VERSION
from tests.builders import NOON
from tests.cli.commands import a_line, lines, triage


def test_what_is_typed_and_is_no_text_is_answered_and_may_name_a_file(read: Path) -> None:
    garbled = os.fsdecode(b"\xff\xed\xa0\x80")
    _, complained = triage("show", f"E-{garbled}", folder=read, code=1)
    assert complained.startswith("There is no signature E-\ufffd")
    triage("search", garbled, folder=read)
    (read / garbled).write_text(a_line(NOON, "disk full"))
    said, _ = triage("ingest", garbled, folder=read)
    assert "1 event" in said


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


def test_replay_says_so_where_nothing_would_have_been_called_out(tmp_path: Path) -> None:
    (tmp_path / "calm.jsonl").write_text(lines(2))
    said, complained = triage("replay", "calm.jsonl", folder=tmp_path)
    played, alerts, why = complained.splitlines()
    assert (said, played, alerts) == ("", "2 lines → 2 events → 1 signature on 1 day", "0 alerts")
    assert why.startswith("What is unusual shows only against a whole day of errors before")
