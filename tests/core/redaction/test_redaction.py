import json
import string
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.redaction import FAILED, Redacted, Redactor, redact
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
        ("got acme_live_x7Kq2mP9vT4wZ8nB3cR6yH1jL5dW0 back", "x7Kq2mP9vT4w"),
        ("got 110201543:AA" + a_token("", 32) + " back", a_token("", 32)),
        ("bot110201543:AA" + a_token("", 33) + " stopped", a_token("", 33)),
        ("got acme_" + "0a1b2c3d" * 5 + " back", "0a1b2c3d"),
    ],
)
def test_a_secret_is_hidden(text: str, secret: str) -> None:
    hidden = redact(text)
    assert secret not in hidden.text
    assert hidden.found


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (r'{"password":"ab\"tr0ub4dor"} x', '{"password":"<secret>"} x'),
        (r"{'password': 'ab\'tr0ub4dor'} x", "{'password': '<secret>'} x"),
        (r'"secret":"pa,ss\"tr0ub4dor,more"', '"secret":"<secret>"'),
        (
            r'{"msg":"login {\"id\":7,\"password\":\"ab\\\"tr0ub4dor\"} x"}',
            r'{"msg":"login {\"id\":7,\"password\":\"<secret>\"} x"}',
        ),
        (
            r'{"a":"{\"b\":\"{\\\"password\\\":\\\"ab\\\\\\\"tr0ub4dor\\\"} x\"}"}',
            r'{"a":"{\"b\":\"{\\\"password\\\":\\\"<secret>\\\"} x\"}"}',
        ),
        (r'{"password":"ab\\","n":"x"}', '{"password":"<secret>","n":"x"}'),
        (
            r'{"a":"{\"password\":\"ab\\\\\",\"n\":1}"}',
            r'{"a":"{\"password\":\"<secret>\",\"n\":1}"}',
        ),
        (
            r"{&quot;password&quot;:&quot;a\&quot;b&quot;}",
            "{&quot;password&quot;:&quot;<secret>&quot;}",
        ),
        (r"{\x22password\x22:\x22a\x5C\x22b\x22}", r"{\x22password\x22:\x22<secret>\x22}"),
        ("password='it''s tr0ub4dor' x", "password='<secret>' x"),
        (r"PASSWORD='it'\''s tr0ub4dor' x", "PASSWORD='<secret>' x"),
        (r'password="ab\"tr0ub4dor' + "\nx", 'password="<secret>\nx'),
        (r'run --password "ab\"tr0ub4dor" x', 'run --password "<secret>" x'),
        (r'mysql -p"ab\"tr0ub4dor" x', 'mysql -p"<secret>" x'),
        (r'the password is "ab\"tr0ub4dor" x', 'the password is "<secret>" x'),
        ("passphrase was 'tulip-orbit-cactus'", "passphrase was '<secret>'"),
        (r'{"customer_name":"Ann \"Nan\" Lee","n":1}', '{"customer_name":"<customer>","n":1}'),
        (r'["--password", "ab\"tr0ub4dor"]', '["--password", "<secret>"]'),
        (r'x.setPassword("ab\"tr0ub4dor")', 'x.setPassword("<secret>")'),
        (r'curl -u "ann:ab\"tr0ub4dor" x', 'curl -u "ann:<secret>" x'),
        (r'login("ann", "ab\"tr0ub4dor")', 'login("ann", "<secret>")'),
        (r'password: invalid value: "ab\"tr0ub4dor"', 'password: invalid value: "<secret>"'),
        ("ALTER USER ann PASSWORD 'it''s tr0ub4dor';", "ALTER USER ann PASSWORD '<secret>';"),
    ],
)
def test_a_mark_that_is_escaped_does_not_end_a_value(text: str, hidden: str) -> None:
    assert redact(text).text == hidden


@pytest.mark.parametrize(
    "text",
    [
        "password authentication failed",
        "invalid token: expected ',' or '}'",
        "password=None",
        "max_tokens=4096",
        "password:\n  host: db1",
        "version 10.15.7.1 released",
        "commit 5843d8475120241667a7ce0f8a1abb6c9b43a273",
        "order 4111111111111112 shipped",
        "charge pi_3MtwBwLkdIwHu7ix28a3tqPD refused",
        "bean myOrders_getCustomerOrderHistoryWithItemsV2 missing",
        "container docker-5843d8475120241667a7ce0f8a1abb6c9b43a2735843d8475120241667a7ce0f died",
        "request req_x7Kq2mP9vT4wZ8nB3cR6yH1jL5aa failed",
        "request 550e8400-e29b-41d4-a716-446655440000 took 31 ms",
        "listening on 127.0.0.1:8080",
        "2026-11-21T02:17:02.583Z worker started",
        "TypeError: Cannot read properties of undefined (reading 'total')",
    ],
)
def test_the_harmless_stays(text: str) -> None:
    assert redact(text) == Redacted(text, ())


FIXTURES = Path(__file__).parent.parent / "fixtures"
SECRETS = (FIXTURES / "secrets.jsonl").read_text(encoding="utf-8").splitlines()
HARMLESS = (FIXTURES / "harmless.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("line", SECRETS)
def test_of_the_secrets_in_lines_of_many_systems_none_is_left(line: str) -> None:
    given = json.loads(line)
    hidden = redact(given["text"]).text
    assert not [secret for secret in given["secrets"] if secret in hidden]


@pytest.mark.parametrize("line", HARMLESS)
def test_what_looks_like_a_secret_and_is_none_stays(line: str) -> None:
    assert redact(line).text == line


@pytest.mark.parametrize(
    "number",
    [
        "12345678Z", "2 55 08 14 168 025 38", "756.9217.0769.85", "85.07.30-033.28", "131052-308T",
        "736028/5163", "01129900160", "0101006500006", "15 070649 C 103", "943 476 5919",
        "7503305044089", "110105194912310021", "S8116474F", "1-2345-45678-78-1", "2341 2341 2346",
        "112-233-445 95", "12.531.909-2", "20-05536168-2", "529.982.247-25", "11.222.333/0001-81",
        "4111 1111 1111 1111",
    ],
)  # fmt: skip
def test_a_number_with_another_check_digit_is_nobodys(number: str) -> None:
    *rest, last = number
    other = "".join(rest) + (chr(ord(last) + 1) if last not in "9Z" else chr(ord(last) - 1))
    assert redact(f"no {other} here").text == f"no {other} here"


@pytest.mark.parametrize(
    "text",
    [
        "Dear Anna Schmidt, your order failed",
        "Acme could not pay",
        "GET https://shop.example.com/orders",
        "db-01.internal did not answer",
        "delivery to Berlin on 2026-11-18",
        "job 7b0cf1de-11aa-4f33-9d2e-0a1b2c3d4e5f",
        "127.0.0.1 255.255.255.0 1.1.1.1 8.8.8.8 8.8.4.4",
    ],
)
def test_what_help_says_is_not_hidden_is_not(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("GET /x?token=abcd1234&page=2 500", "GET /x?token=<secret>&page=2 500"),
        (
            'dsn="host=db1 password=tr0ub4dor dbname=shop"',
            'dsn="host=db1 password=<secret> dbname=shop"',
        ),
        (
            "api.telegram.org/bot4055179396:AAAddpQV3LDpOyZIcpK9i2/sendMessage 404",
            "api.telegram.org/bot<token>/sendMessage 404",
        ),
        (
            "client_id=web&client_secret=tr0ub4dor -> invalid_grant",
            "client_id=web&client_secret=<secret> -> invalid_grant",
        ),
        ("DSN=shop;UID=;PWD=tr0ub4dor", "DSN=shop;UID=;PWD=<secret>"),
        (
            "AccountName=shopdata;AccountKey=q7Lm2ZxP04vT9sKd==;EndpointSuffix=x",
            "AccountName=shopdata;AccountKey=<secret>;EndpointSuffix=x",
        ),
    ],
)
def test_the_context_of_a_secret_stays(text: str, hidden: str) -> None:
    assert redact(text).text == hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("customer name: Max Mustermann", "customer name: <customer>"),
        ("patient name: Anna Maria Schmidt", "patient name: <customer>"),
        ("customer: Max Mustermann placed order", "customer: <customer> placed order"),
        ("customer: Jean-Luc de la Tour, order 5", "customer: <customer>, order 5"),
        ("Customer name: José Núñez: gone", "Customer name: <customer>: gone"),
        ("policy no: 4471-22-918", "policy no: <customer>"),
        ("policy_number=AB-4471", "policy_number=<customer>"),
        ("insurance policy: KFZ4471", "insurance policy: <customer>"),
        ("policy: 4471-22-918 lapsed", "policy: <customer> lapsed"),
    ],
)
def test_whose_business_it_is_is_hidden_whole(text: str, hidden: str) -> None:
    assert redact(text).text == hidden


@pytest.mark.parametrize(
    "text",
    [
        "restart_policy=Always",
        "password_policy=strict",
        "retry policy=exponential",
        "policy: AmazonS3ReadOnly denied",
        "eviction policy: allkeys-lru",
        "bucket policy: v2-strict",
        "Customer: Payment failed",
        "customer name: Missing value",
    ],
)
def test_a_policy_and_a_sentence_are_nobodys(text: str) -> None:
    assert redact(text).text == text


def test_a_rule_that_fails_drops_the_text() -> None:
    def fails(_: object) -> bool:
        raise ValueError

    broken = rule("secret", "for the test", "s3cret", sign="s3cret", confirms=fails)
    assert Redactor([[broken]])("s3cret") == Redacted(FAILED, ("failed",))


def test_rules_that_never_agree_drop_the_text() -> None:
    there = rule("user", "for the test", "<name>", sign="<name>")
    back = rule("name", "for the test", "<user>", sign="<user>")
    assert Redactor([[there, back]])("<name>") == Redacted(FAILED, ("failed",))


def test_a_rule_sees_what_another_laid_bare() -> None:
    late = rule("token", "for the test", "x<user>", sign="x<user>")
    early = rule("user", "for the test", "ann", sign="ann")
    assert Redactor([[late, early]])("xann") == Redacted("<token>", ("token", "user"))


PIECES = st.sampled_from(
    [
        "password=", "token: ", "Bearer ", "hunter2x9", "Authorization: ", "Cookie: a=b", "%3D",
        "://u:p@h", '"', "\\", "'", "password is ", "customer: account=", "AKIA", "\u3000",
        "\ud800", "<secret>", "<user>", "user ", "jane", "10.1.2.3", "::1", "--pass ", ";", "&",
        "x@y.io", " ", "\n", "é", "4111111111111111", "-----BEGIN PRIVATE KEY-----", "-----END",
        "eyJabcdefghijk.abcdef.x", "tenant=", "token ", "----", "(value=", "dsn=", "acme",
        "=", ":", "DE89 3704 0044 0532 0130 00",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join)))
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


@pytest.mark.parametrize(
    "unit",
    ["password=", "token:", "a.", "a@", "://", "0:", '"', "\\\\", "eyJ", "Cookie: a=", "1 ",
     "4444 ", "mysql ", "+1", "-----BEGIN PRIVATE KEY-----", "1.1.1.", "secret is ", "x_", "A1",
     "pin: ", "password: env.", "key=${a}", "key=", "curl -u ", "zip -p", "sshpass -p",
     "://a:b@", "<password>a<",
     "name: token, ", "docker -u a -p ", "snmpget ", "machine a login b ", "/reset/a", "is your ",
     "redis> AUTH ", "密码", "телефон ", "телефон: 1 ", "senha \"a", "'x-api-key', ",
     "password=${a", "<street>, 1", "dsn=", "%3A%2F%2Fa%3A", "LoginModule user_a=\"x\" ",
     "login('a', '", "Password(value=", "334 UGFzc3dvcmQ6 ", "password:\n", "PID|",
     "parameters: (", "insert into a (token, ", "password must be ", "token\n input_value=",
     "value \"a\" for ", "acl setuser ",
     "customer: Ann ", "customer: A-a", 'password is "\\"', "policy=1",
     '\\"', 'password="\\"', 'password="\\\\', "password='\\''", "password=''a", 'setPassword("\\"',
     "password   = ", "<key>token</key> ", "12 rue Abcdefghijklmnopqrst! ", "org: \narn:aws:"],
)  # fmt: skip
def test_long_lines_take_time_in_proportion(unit: str) -> None:
    text = (unit * 65_536)[:65_536]
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 0.4


@pytest.mark.parametrize(
    "opening", ['password="', r"{\"password\":\"", "--password '", "x password '"]
)
@pytest.mark.parametrize("unit", [r"\"", "\\", r"\\\"", r"\'", "''a", "x"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_long_value_takes_time_in_proportion(opening: str, unit: str, end: str) -> None:
    text = opening + (unit * 65_536)[:65_536] + end
    start = time.process_time()
    redact(text)
    assert time.process_time() - start < 0.4
