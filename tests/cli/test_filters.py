"""Lines in, lines out: `signatures`, `redact`, `analyze`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import triage


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


def test_lines_of_several_processes_are_explained_in_order(tmp_path: Path) -> None:
    stdin = "".join(
        f"2026-11-22 09:12:0{second}.000 UTC [{pid}] ERROR:  {words}\n"
        for second, (pid, words) in enumerate(
            [(41, "first failed"), (42, "second failed"), (42, "third failed"), (41, "last failed")]
        )
    )
    said, _ = triage("signatures", "--explain", folder=tmp_path, stdin=stdin)
    words = [row.partition("  ")[2] for row in said.splitlines() if row.startswith("E-")]
    assert words == ["first failed", "second failed", "third failed", "last failed"]


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


def test_redact_hides_in_an_indented_line_what_the_line_before_names(tmp_path: Path) -> None:
    report = (
        "    Property: spring.datasource.password\n"
        '    Value: "hunter22"\n'
        "    Reason: failed to convert\n"
        "password: |\n  hunter22\n  hunter33\n"
        "is bad token:\n"
        "retry in 3 s\n"
    )
    said, _ = triage("redact", folder=tmp_path, stdin=report)
    assert said == (
        "    Property: spring.datasource.password\n"
        '    Value: "<secret>"\n'
        "    Reason: failed to convert\n"
        "password: |\n  <secret>\n  <secret>\n"
        "is bad token:\n"
        "retry in 3 s\n"
    )


KEY = "RSA PRIVATE" + " KEY-----"
HEADS = [
    "web-1  | ",
    "2026-11-22T08:00:00.123456789Z stdout F ",
    "2026-11-22T08:00:00.1234567Z ",
    "[pod/web-7d9f8c6b5-x2x4z/web] ",
    "Nov 22 08:00:00 web-3 app[812]: ",
]


@pytest.mark.parametrize("head", HEADS)
def test_redact_sees_what_belongs_together_behind_what_a_collector_put_before(
    tmp_path: Path, head: str
) -> None:
    report = (
        "password: |\n  hunter22\n"
        f"-----BEGIN {KEY}\nMIIEow\nQUJD\n-----END {KEY}\n"
        "at 08:00 LOG:  execute x: UPDATE users\n\tSET password = $1\n"
        "at 08:00 DETAIL:  parameters: $1 = 'hunter22'\n"
    )
    stdin = "".join(f"{head}{line}\n" for line in report.splitlines())
    said, _ = triage("redact", folder=tmp_path, stdin=stdin)
    assert "hunter22" not in said
    assert "QUJD" not in said
    assert [line.startswith(head) for line in said.splitlines()] == [True] * 6


def test_redact_keeps_the_parameters_of_a_statement_that_has_no_secret(tmp_path: Path) -> None:
    statement = "LOG:  execute x: UPDATE shops SET town = $1 WHERE id = $2\n"
    detail = "DETAIL:  parameters: $1 = 'Bern 4', $2 = '7'\n"
    alone = "DETAIL:  parameters: $1 = '<secret>', $2 = '7'\n"
    assert triage("redact", folder=tmp_path, stdin=statement + detail)[0] == statement + detail
    assert triage("redact", folder=tmp_path, stdin=detail)[0] == alone


def test_redact_keeps_the_other_fields_of_an_object_without_their_secrets(tmp_path: Path) -> None:
    given = {
        "id": 7,
        "text": "up",
        "password": "correct horse",
        "to": {"mail": ["ana@example.com", None, True], "user_id": 4711},
        "customer": {"id": "acme"},
    }
    said, _ = triage("redact", "--jsonl", folder=tmp_path, stdin=json.dumps(given) + "\n")
    assert json.loads(said) == {
        "id": 7,
        "text": "up",
        "password": "<secret>",
        "to": {"mail": ["<email>", None, True], "user_id": "<user>"},
        "customer": {"id": "<customer>"},
        "found": [],
    }


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
