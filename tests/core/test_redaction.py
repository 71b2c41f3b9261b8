import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import redaction
from bot.core.redaction import redact
from bot.core.redaction.rule import rule


def a_token(prefix: str, length: int) -> str:
    """A secret in a real format that is nobody's, in pieces lest a scanner take it for one."""
    return prefix + (string.ascii_letters + string.digits)[:length][::-1]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("login with " + a_token("ghp" + "_", 36), a_token("", 36)),
        ("pushed by " + a_token("glpat" + "-", 20), a_token("", 20)),
        ("charge by " + a_token("sk" + "_live_", 24), a_token("", 24)),
        ("bot " + "xox" + "b-123456789012-" + a_token("", 24), a_token("", 24)),
        ("key AKIA" + "QWERTYUIOPASDFGH denied", "QWERTYUIOPASDFGH"),
        ("Authorization: Bearer abc.def-123456", "abc.def-123456"),
        ('{"password": "tr0ub4dor&3", "user_count": 3}', "tr0ub4dor&3"),
        ('{\\"password\\":\\"tr0ub4dor\\"}', "tr0ub4dor"),
        ("PGPASSWORD=s3cr3t psql", "s3cr3t"),
        ("retry ?api_key=abcd1234&page=2", "abcd1234"),
        ("deploy --password hunter22 --dry-run", "hunter22"),
        ("postgres://shop:p4ss@db.internal/shop refused", "p4ss"),
        ("Server=db;User Id=sa;Password=Pa55word;", "Pa55word"),
        ("Cookie: sid=s%3Aabcdef123456; theme=dark", "abcdef123456"),
        (
            "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl expired",
            "eyJzdWIiOiIxMjMifQ",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
            "MIIEow",
        ),
        ("no such user: jane.doe@corp.example.org", "jane.doe@corp"),
        ("call +49 151 23456789 back", "151 23456789"),
        ("card 4111 1111 1111 1111 declined", "4111 1111"),
        ("iban DE89 3704 0044 0532 0130 00 unknown", "3704 0044"),
        ("ssn 078-05-1121 on file", "078-05-1121"),
        ("peer 203.0.113.77 reset", "203.0.113.77"),
        ("peer 2001:db8:85a3::8a2e:370:7334 reset", "8a2e"),
        ("tenant_id=acme-eu not found", "acme-eu"),
    ],
)
def test_a_secret_is_hidden(text: str, secret: str) -> None:
    hidden = redact(text)
    assert secret not in hidden.text
    assert hidden.found


@pytest.mark.parametrize(
    "text",
    [
        "password authentication failed",
        "invalid token: expected ',' or '}'",
        "password=None",
        "max_tokens=4096",
        "version 10.15.7.1 released",
        "commit 5843d8475120241667a7ce0f8a1abb6c9b43a273",
        "order 4111111111111112 shipped",
        "request 550e8400-e29b-41d4-a716-446655440000 took 31 ms",
        "listening on 127.0.0.1:8080",
        "2026-11-21T02:17:02.583Z worker started",
        "TypeError: Cannot read properties of undefined (reading 'total')",
    ],
)
def test_the_harmless_stays(text: str) -> None:
    assert redact(text) == redaction.Redacted(text, ())


def test_the_context_of_a_secret_stays() -> None:
    assert redact("GET /x?token=abcd1234&page=2 500").text == "GET /x?token=<secret>&page=2 500"


def test_a_rule_that_fails_drops_the_text() -> None:
    def fails(_: object) -> bool:
        raise ValueError

    broken = rule("secret", "s3cret", confirms=fails)
    assert redaction.redact_with("s3cret", [broken]).text == redaction.FAILED


PIECES = st.sampled_from(
    [
        "password=", "token: ", "Bearer ", "hunter2x9", "Authorization: ", "Cookie: a=b",
        "://u:p@h", '"', "\\", "'",
        "<secret>", "<user>", "user ", "jane", "x@y.io", "10.1.2.3", "::1", "--pass ", ";", "&",
        " ", "\n", "é", "4111111111111111", "-----BEGIN PRIVATE KEY-----",
        "eyJabcdefghijk.abcdef.x", "tenant=", "acme", "=", ":",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


@given(
    st.text(alphabet=string.ascii_letters + string.digits + "_-+/", min_size=8, max_size=60),
    st.sampled_from(["password={}", '"api_key": "{}"', "Authorization: Bearer {}9", "--token {}1"]),
)
def test_what_was_hidden_is_nowhere_in_the_text(secret: str, where: str) -> None:
    hidden = redact("calling with " + where.format("x7" + secret))
    assert "x7" + secret not in hidden.text


@pytest.mark.parametrize(
    "unit",
    ["password=", "token:", "a.", "a@", "://", "0:", '"', "\\\\", "eyJ", "Cookie: a=", "1 ",
     "mysql ", "+1", "-----BEGIN PRIVATE KEY-----", "1.1.1.", "secret is ", "x_", "A1"],
)  # fmt: skip
def test_long_lines_take_time_in_proportion(unit: str) -> None:
    text = (unit * 65_536)[:65_536]
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 0.4
