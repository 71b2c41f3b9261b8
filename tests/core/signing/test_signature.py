import json
import re
import string
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.event import Event, Frame
from bot.core.rules.version import text_of
from bot.core.signing import answer, codes, customer, header, masking, raised, signature, stack
from bot.core.signing.masking import (
    dated,
    domain,
    former,
    quoted,
    rendered,
    repeated,
    request,
    sentence,
    token,
    unread,
)
from bot.core.signing.masking import pair as pairs
from bot.core.signing.stack import (
    beam,
    dotnet,
    go,
    java,
    javascript,
    perl,
    php,
    python,
    rails,
    ruby,
    rust,
)
from tests.builders import an_event

HERE = Path(__file__).parent


def a_trace(name: str) -> str:
    return (HERE.parent / "fixtures" / f"{name}.txt").read_text(encoding="utf-8")


def golden(version: str) -> list[dict[str, Any]]:
    lines = (HERE / "golden" / f"{version}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def named(pair: dict[str, Any]) -> str:
    return str(pair.get("text") or pair.get("stack") or pair["exception"]["error_type"])[:40]


def event_of(pair: dict[str, Any]) -> Event:
    """The event of a pair without a plain line."""
    if "stack" in pair:
        return an_event(message="boom", stack=a_trace(pair["stack"]))
    return an_event(message="boom", **pair["exception"])


@pytest.mark.parametrize("pair", golden("v2"), ids=named)
def test_version_2_gives_what_it_always_gave(pair: dict[str, Any]) -> None:
    signature.forget()
    text = pair.get("text")
    found = signature.of_line(text) if text else signature.of(event_of(pair))
    assert (found.template, found.fingerprint) == (pair["template"], pair["fingerprint"])


@pytest.mark.parametrize("pair", golden("v1"), ids=named)
def test_the_names_that_version_1_gave_are_still_known(pair: dict[str, Any]) -> None:
    if "text" in pair:
        message = header.split(pair["text"]).message
        event = an_event(message=message, service="", customer="")
    else:
        event = event_of(pair)
    assert signature.before(event)[0] == pair["fingerprint"]


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("rust", "v1:beecf273ebb5cd2399495bf349832f95"),
        ("rails", "v1:61024dadaf702dab65047b1b7d030b5f"),
        ("zap", "v1:b8b1734bfd50eb583feafffa9d57b883"),
    ],
)
def test_nor_is_the_name_lost_of_a_stack_that_version_1_could_not_read(
    name: str, fingerprint: str
) -> None:
    trace = a_trace(name)
    sent = an_event(message=trace.split("\n")[0], stack=trace, service="", customer="")
    assert fingerprint in signature.before(sent)


READERS = (beam, dotnet, go, java, javascript, perl, php, python, rails, ruby, rust)
RULES = (
    masking,
    dated,
    domain,
    former,
    pairs,
    quoted,
    rendered,
    repeated,
    request,
    sentence,
    token,
    unread,
    answer,
    codes,
    customer,
    header,
    raised,
    stack,
)
RAISE_THE_VERSION = (
    "these tables may name errors otherwise than before. Where a release signs by them, raise "
    f"masking.VERSION, keep what version {masking.VERSION} does in `signature.before`, and add a "
    "golden file; where none does, or all names stay, copy what is found into golden/rules.json"
)


def pins() -> dict[str, str]:
    """A digest of each table of rules that signatures depend on, by version and name."""
    tables = {
        f"{module.__name__.rpartition('.')[2]}.{name}": text_of(table)
        for module in (*RULES, *READERS)
        for name, table in vars(module).items()
        if isinstance(table, re.Pattern | tuple | frozenset | str) or type(table) is dict
        if not name.startswith("__") and name != "PLACEHOLDERS"
    }
    return {
        name: blake2b(text.encode(), digest_size=4).hexdigest() for name, text in tables.items()
    }


def test_no_rule_changes_without_a_new_version() -> None:
    pinned = json.loads((HERE / "golden" / "rules.json").read_text(encoding="utf-8"))
    assert pins() == pinned[signature.VERSION], RAISE_THE_VERSION


# ---- what varies without meaning


def of_template(text: str) -> str:
    return signature.of(an_event(message=text, customer="")).template


def of_text(text: str, **facts: str) -> str:
    return signature.of(an_event(message=text, **facts)).fingerprint


IIS = "2026-11-22 08:01:02 10.0.0.1 GET /cart - 443 - 10.1.1.1 Mozilla/5.0 -"

VARYING = {
    "number": st.integers().map(str),
    "decimal": st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: f"{x:.3f}"),
    "uuid": st.uuids(version=4).map(str),
    "time": st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat() + "Z"),
    "time in words": st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S GMT")),
    "day in words": st.dates().map(lambda day: day.strftime("%A, %B %d, %Y")),
    "day of a year": st.dates().map(lambda day: day.strftime("%b %d")),
    "time of a half": st.datetimes().map(lambda at: at.strftime("%m/%d/%Y %I:%M:%S %p")),
    "time of Go": st.tuples(st.datetimes(), st.sampled_from(["+0100 CET", "+0200 CEST"])).map(
        lambda at: f"{at[0].isoformat(' ', 'milliseconds')} {at[1]} m=+7.1"
    ),
    "clock": st.times().map(lambda at: at.isoformat(timespec="seconds")),
    "address": st.ip_addresses(v=4).map(str),
    "address of version 6": st.ip_addresses(v=6).map(str).filter(lambda ip: len(ip) > 4),
    "address in brackets": st.ip_addresses()
    .map(lambda ip: f"[{ip}]")
    .filter(lambda ip: len(ip) > 6),
    "address with port": st.ip_addresses(v=4).map(lambda ip: f"{ip}:5432"),
    "pointer": st.integers(0, 2**64 - 1).map(hex),
    "hardware address": st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":")),
}
SENTENCES = [
    "job {} failed",
    "cannot reach {}: connection refused",
    "key={} is bad",
    "gave up ({})",
    "[{}] is gone, retry",
    "took {}; stopped",
    "no such id: {}.",
    '"{}" is unknown',
]


@pytest.mark.parametrize("kind", VARYING)
@given(data=st.data(), sentence=st.sampled_from(SENTENCES))
def test_what_differs_only_in_a_varying_part_is_one_error(
    kind: str, data: st.DataObject, sentence: str
) -> None:
    one, other = data.draw(VARYING[kind]), data.draw(VARYING[kind])
    assert of_text(sentence.format(one)) == of_text(sentence.format(other))


@given(st.uuids(), st.uuids())
def test_uuids_of_any_version_are_all_one(one: UUID, other: UUID) -> None:
    assert of_text(f"no order {one}") == of_text(f"no order {other}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("database tenant_acme is gone", "database tenant_globex is gone"),
        ("no theme '/themes/acme-base/x.html'", "no theme '/themes/globex-base/x.html'"),
        ("acme: quota exceeded", "globex: quota exceeded"),
    ],
)
def test_the_customer_in_the_text_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one, customer="acme") == of_text(other, customer="globex")


CUSTOMERS = st.from_regex(r"[a-z][a-z0-9]{2,10}(?:-[a-z0-9]{1,8})?", fullmatch=True)


@given(CUSTOMERS, CUSTOMERS, st.sampled_from(["{} is over quota", "no theme of {}: gone"]))
def test_no_customer_known_makes_a_difference(one: str, other: str, sentence: str) -> None:
    first, second = (of_text(sentence.format(name), customer=name) for name in (one, other))
    words = set(sentence.replace(":", "").split())
    assert first == second or words & {one, other}


def test_a_customer_that_only_the_text_names_is_found() -> None:
    found = signature.of(an_event(message="tenant=acme-17 over quota", customer=""))
    assert found.customer == "acme-17"


NAMED = [
    "tenant={}",
    "customer '{}'",
    "org: {},",
    '{{"tenant":"{}"}}',
    r"{{\"customer_id\": \"{}\"}}",
    "organisation[{}]",
    "workspace_id: {}",
    "(account={})",
    "X-Scope-OrgID: {}",
]
WORDS = {"and", "are", "apart", *re.findall(r"[a-z]+", " ".join(NAMED).lower())}
SOMEBODY = CUSTOMERS.filter(lambda name: name not in WORDS and customer.names(f"tenant={name}"))


@given(st.lists(st.tuples(st.sampled_from(NAMED), SOMEBODY, SOMEBODY), min_size=2, max_size=4))
def test_of_several_customers_that_a_text_names_none_makes_a_difference(
    named: list[tuple[str, str, str]],
) -> None:
    first, second = (
        " and ".join(each[0].format(each[which]) for each in named) + " are apart"
        for which in (1, 2)
    )
    assert of_text(first, customer="") == of_text(second, customer="")
    assert of_text(first, customer="acme") == of_text(second, customer="globex")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("account 77, org: initech over quota", "initech"),
        ("customer 'acme' moved to tenant=globex", "globex"),
        ("customer acme-1 billed for customer acme-2", "acme-1"),
        ("customer: unknown, org: acme", "acme"),
        ('customer="Acme Corp Ltd." is over quota', "Acme Corp Ltd."),
        ("the customer's cart of customer #1234 is gone", "1234"),
        ("customer: Müller & Söhne, order 7 is late", "Müller & Söhne"),
        ('customer "O\'Neil Ltd" is over quota', "O'Neil Ltd"),
        ("tenant_id=7 is over quota", "7"),
        ("tenant 'not found'", ""),
        ("account: locked", ""),
        ("account re-opened, customer e-mail is void", ""),
        ("cannot send invoice to customer globex: refused", "globex"),
        ("posting failed for tenant Globex.", "Globex"),
        ("posting failed (of org acme), given up\nretry later", "acme"),
        ("no cart for customer: basket is void for tenant acme\nretry later", "acme"),
        ("cannot send to customer webhook: refused", ""),
        ("timed out in call to customer onboarding", ""),
        ("no rows for tenant id, for customer config, of org repository", ""),
        ("no quota for account lockout", ""),
        ("tenant vanished: retry", ""),
        ("posting failed for tenant globex again", ""),
        ("tenant globex is suspended", "globex"),
        ("no export: customer acme has exceeded its quota", "acme"),
        ("org initech has no active subscription", "initech"),
        ("customer service is suspended, customer search is down", ""),
        ("customer subscription was suspended, tenant cronjob is blocked", ""),
        ("tenant globex is down, the customer who was banned", ""),
        ("account locked is suspended", ""),
    ],
)
def test_of_several_customers_the_event_is_of_the_one_that_says_most(text: str, name: str) -> None:
    assert signature.of(an_event(message=text, customer="")).customer == name


def test_a_customer_told_in_a_sentence_makes_no_difference() -> None:
    told = [f"cannot send invoice to customer {name}: refused" for name in ("acme-corp", "globex")]
    assert len({of_text(text, customer="") for text in told}) == 1


def test_the_customer_of_a_header_is_the_one_given_as_a_pair() -> None:
    heads = [
        "2026-11-18 10:00:00 ERROR [tenant=acme] ",
        "2026-11-18 10:00:00 [http-1] [order=7, customerId=acme] ERROR ",
        '<131>1 2026-11-18T10:00:00Z web-1 shop 7 - [mdc@1 tenant="acme"] ',
    ]
    assert [customer.of_header(head) for head in heads] == ["acme"] * 3
    others = ["2026-11-18 10:00:00 ERROR account [main] ", "", "ERROR [customer:main] "]
    assert [customer.of_header(head) for head in others] == [""] * 3


def test_the_customer_that_an_exception_names_is_found_and_left_out() -> None:
    one, other = (
        signature.of(an_event(error_type="QuotaError", error_message=said, customer=""))
        for said in ("customer 'acme' over quota", "customer 'globex' over quota")
    )
    assert (one.customer, other.customer) == ("acme", "globex")
    assert one.fingerprint == other.fingerprint


def test_whom_an_exception_hit_the_log_line_above_it_may_say() -> None:
    def of(message: str, said: str = "disk full", whom: str = "") -> signature.Signature:
        return signature.of(
            an_event(message=message, error_type="Boom", error_message=said, customer=whom)
        )

    one, other = of("no invoice for tenant acme"), of("no invoice for tenant globex")
    assert (one.customer, other.customer) == ("acme", "globex")
    assert one.fingerprint == other.fingerprint
    assert of("no invoice for tenant acme", said="tenant=initech is gone").customer == "initech"
    assert of("no invoice for tenant acme", whom="globex").customer == ""


def test_a_customer_with_a_number_for_a_name_hides_no_code() -> None:
    one, other = (of_text(f"account {id_} got HTTP status 404", customer="") for id_ in (404, 405))
    assert one == other != of_text("account 404 got HTTP status 403", customer="")


def test_the_header_of_a_line_makes_no_difference() -> None:
    raw = "2026-11-21 02:17:02,552 ERROR [shop.cart] cannot load cart 17"
    assert (
        signature.of_line(raw).fingerprint == signature.of_line("cannot load cart 18").fingerprint
    )


# ---- what means something


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("disk full", "disk failing"),
        ("upstream answered status code 404", "upstream answered status code 429"),
        ("SQLSTATE[23505]: violation", "SQLSTATE[40001]: violation"),
        ("listening on IPv4 failed", "listening on IPv6 failed"),
        ("process ended with exit code 137", "process ended with exit code 1"),
        ("worker is gone, exitCode: 137", "worker is gone, exitCode: 1"),
        ("worker is gone, exit_code=137", "worker is gone, exit_code=1"),
        ('worker is gone {"exitCode":137}', 'worker is gone {"exitCode":1}'),
        ("worker is gone: exited (137)", "worker is gone: exited (1)"),
        ("dpkg returned an error code (1)", "dpkg returned an error code (100)"),
        ("socket closed with code 1006", "socket closed with code 1011"),
        ("upstream responded with 403", "upstream responded with 429"),
        ("the bank replied 404", "the bank replied 500"),
        ("the bank answered 404", "the bank answered 429"),
        ("upstream returned 429", "upstream returned 404"),
        ("server pay.example.org returned 429 to us", "server pay.example.org returned 404 to us"),
        ("charge failed with a 429", "charge failed with a 402"),
        ("got a 429 response", "got a 404 response"),
        ("worker exit 137", "worker exit 1"),
        ("the process died with status 137", "the process died with status 1"),
        ("worker exited with 137.", "worker exited with 1."),
        ("websocket closed: 1006 (gone)", "websocket closed: 1011 (gone)"),
        ("websocket: close 1006", "websocket: close 1001"),
        ("send failed (code 17)", "send failed (code 3)"),
        ("send() failed (104)", "send() failed (110)"),
        ("WSAGetLastError() = 10061", "WSAGetLastError() = 10060"),
        ("curl: (28) gave up", "curl: (7) gave up"),
        ("Msg 2627, Level 14, State 1", "Msg 547, Level 14, State 1"),
        ("Error: 1205, Severity: 13, State: 51", "Error: 18456, Severity: 13, State: 8"),
        ("SQL Error: 1205, SQLState: HY000", "SQL Error: 1213, SQLState: HY000"),
        (
            "a.example said: 550 5.1.1 <ann@b.example>: refused",
            "a.example said: 550 5.7.1 <ann@b.example>: refused",
        ),
        ("refused with error code 51", "refused with error code 91"),
        ('the bank said "errorCode":"CARD_42"', 'the bank said "errorCode":"CARD_7"'),
        ("declined, response code: 05", "declined, response code: 14"),
        ("ERROR 1045 (28000): denied", "ERROR 1049 (28000): denied"),
        ("usb 1-1: device not accepting, error -71", "usb 1-1: device not accepting, error -110"),
        ("cannot connect, rc=-11", "cannot connect, rc=-4"),
        ("update failed with error 0x80070005", "update failed with error 0x8024401c"),
        ("SRVE0255E: no group", "SRVE0207E: no group"),
        ("HTTP error 429", "HTTP error 404"),
        ("GET failed for <id>", "POST failed for <id>"),
        ("state=CONN_OPEN bad", "state=CONN_LOST bad"),
        ('level=error msg="no route"', 'level=error msg="no disk"'),
        ("action=shop.intent.CART_OPEN failed", "action=shop.intent.CART_LOST failed"),
        ('a "GET /cart HTTP/1.1" status: 503', 'a "POST /cart HTTP/1.1" status: 503'),
        ('a - - [x] "GET /cart HTTP/1.1" 404 17', 'a - - [x] "GET /cart HTTP/1.1" 503 17'),
        ("GET /cart 404 12.5 ms - 3", "GET /cart 500 12.5 ms - 3"),
        ("failed: PUT /cart returned 404", "failed: PUT /cart returned 429"),
        ("GET 'https://a.example/b' returned 404", "GET 'https://a.example/b' returned 503"),
        ('[02:17:02] "\\x16" 400 0 "-" "-"', '[02:17:02] "-" 408 0 "-" "-"'),
        ('shop - late [2026-11-21] "x" left', 'shop - sold [2026-11-21] "x" left'),
        ('[x 7] "disk full" 7 3', '[x 7] "no route" 7 3'),
        ("call failed, grpc-status: 14", "call failed, grpc-status: 5"),
        ("worker exited on signal 11", "worker exited on signal 9"),
        ("ended, code=exited, status=203/EXEC", "ended, code=exited, status=217/USER"),
        ("running COMMAND=deploy: no route", "running COMMAND=deploy: no disk"),
        ("(DB) TIMEOUT while reading", "(QUEUE) TIMEOUT while reading"),
        ("writer(uid=3) is gone", "reader(uid=3) is gone"),
        ("interface 'Payable' has no method pay", "interface 'Cart' has no method pay"),
        ("queue [full]", "queue [empty]"),
        ("POST /cart => 2 bytes in 1 ms (HTTP/1.1 500)", "POST /cart => 2 bytes (HTTP/1.1 404)"),
        (
            "10.0.0.1:1 [x] in~ web/a1 0/0/1/2/3 503 17 - - SC-- 1/1/0/0/0 0/0 x",
            "10.0.0.1:1 [x] in~ web/a1 0/0/1/2/3 404 17 - - SC-- 1/1/0/0/0 0/0 x",
        ),
        ("cannot open [HRESULT = 0x80070005]", "cannot open [HRESULT = 0x80070002]"),
        ("rpc error: code = Unknown desc = no route", "rpc error: code = Unknown desc = no disk"),
        ("alice : user NOT in sudoers", "alice : user IS in sudoers"),
        ("failed to list *v1.Pod", "failed to list *v1.Node"),
        ("EXT3-fs error on sda1", "EXT4-fs error on sda1"),
        ("no use for base32", "no use for base64"),
        ("cannot reach S3: refused", "cannot reach EC2: refused"),
        ("cannot reach s3: refused", "cannot reach s1: refused"),
        ('"GET / HTTP/1.1" 503 UF,URX 0 91 4 -', '"GET / HTTP/1.1" 503 UO 0 91 4 -'),
        ("GET / was answered with HTTP 503: x (SC)", "GET / was answered with HTTP 503: y (sQ)"),
        ("3 10.0.0.1 TCP_MISS/503 9 GET /", "3 10.0.0.1 TCP_MISS/403 9 GET /"),
        (
            '0.001 0.000 502 - 34 366 "GET / HTTP/1.1"',
            '0.001 0.000 404 404 34 366 "GET / HTTP/1.1"',
        ),
        ("errors=[no route]", "errors=[no disk]"),
        ("pod=cart-1 state=Lost", "pod=cart-1 state=Evicted"),
        ("account update failed", "account quota failed"),
        ("main.go: no cart", "cart.go: no cart"),
        ("the user still has a cart", "the user never had a cart"),
        ("account: locked", "account: expired"),
        ("customer sign-up failed", "customer check-out failed"),
        ("no reply: b'refused'", "no reply: b'timed out'"),
        ("AH01630: denied by rule: /a", "AH01797: denied by rule: /a"),
        ("WFLYCTL0190: failed", "KC-SERVICES0089: failed"),
        (f"event=NoSuchUser,{'a=1,' * 99}", f"event=WrongPassword,{'a=1,' * 99}"),
        ("got answer={'error': 'no disk'}", "got answer={'error': 'no route'}"),
        ("got errors={'disk': 'full'}", "got errors={'route': 'none'}"),
        ("job ended error= size=3", 'job ended error="no disk" size=3'),
    ],
)
def test_different_errors_stay_apart(one: str, other: str) -> None:
    assert of_text(one) != of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("error 3 times in a row", "error 4 times in a row"),
        ("error: 5 retries exhausted", "error: 7 retries exhausted"),
        ("country code 49 is unknown", "country code 44 is unknown"),
        ("the shop responded with 404 rows", "the shop responded with 500 rows"),
        ("the shop responded in 404 ms", "the shop responded in 500 ms"),
        ("upstream returned 404 rows", "upstream returned 503 rows"),
        ("upstream returned 404 of 700 rows", "upstream returned 503 of 700 rows"),
        ("received 404 error reports", "received 503 error reports"),
        ("the query returned 404", "the query returned 503"),
        ("worker exited with 137 jobs", "worker exited with 9 jobs"),
        ("exit 17 is closed", "exit 18 is closed"),
        ("websocket connections closed: 1006", "websocket connections closed: 4117"),
        ("connections closed 1006", "connections closed 4117"),
        ("no country with code 49", "no country with code 41"),
        ("batch (110) failed", "batch (111) failed"),
        ("module 550 1.2.3 is late", "module 551 1.2.4 is late"),
        ("error code 91.5 is odd", "error code 17.2 is odd"),
        ("error 4711085 on insert", "error 4711086 on insert"),
    ],
)
def test_a_number_is_no_code_for_standing_near_an_error(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize("said", ["status code", "responded with", "replied"])
def test_a_server_that_alternates_between_5xx_is_one_error(said: str) -> None:
    assert of_text(f"upstream: {said} 502") == of_text(f"upstream: {said} 504")


def test_the_service_is_part_of_the_identity() -> None:
    assert of_text("disk full", service="cart") != of_text("disk full", service="search")


NAMES = st.text(alphabet=string.ascii_letters + string.digits, min_size=1, max_size=12).map(
    lambda name: f"E{name}Error"
)


@given(NAMES, NAMES)
def test_two_types_of_exception_are_never_one_error(one: str, other: str) -> None:
    first, second = (
        signature.of(an_event(error_type=kind, stack=a_trace("node"))) for kind in (one, other)
    )
    assert (first.fingerprint == second.fingerprint) == (one == other)


@given(NAMES, NAMES)
def test_nor_are_they_where_only_the_stack_tells(one: str, other: str) -> None:
    trace = a_trace("node")
    first, second = (
        signature.of(an_event(stack=trace.replace("TokenExpiredError", kind)))
        for kind in (one, other)
    )
    assert (first.fingerprint == second.fingerprint) == (one == other)


@pytest.mark.parametrize(
    ("trace", "kind"),
    [
        ("dotnet", "InvalidOperationException"),
        ("dotnet", "SocketException"),
        ("dotnet_aggregate", "AggregateException"),
        ("dotnet_aggregate", "InvalidOperationException"),
        ("dotnet_aggregate", "ArgumentException"),
        ("node_aggregate", "ECONNREFUSED"),
        ("java_chain", "ReportException"),
        ("java_chain", "ConnectException"),
        ("node_cause", "TypeError"),
        ("php", "PDOException"),
        ("python_chain", "IntegrityError"),
        ("python_chain", "UniqueViolation"),
        ("python_group", "LookupError"),
        ("python_recursion", "RecursionError"),
        ("rails", "RecordNotFound"),
        ("rails", "ConnectionBad"),
        ("ruby", "NoMethodError"),
        ("ruby_chain", "ArgumentError"),
        ("ruby_chain", "NoMethodError"),
    ],
)
def test_in_no_language_is_another_type_or_innermost_cause_the_same_error(
    trace: str, kind: str
) -> None:
    text = a_trace(trace)
    other = text.replace(kind, "OtherError")
    assert of_text("boom", stack=text) != of_text("boom", stack=other)


def a_chain(*kinds: str) -> str:
    return "\nCaused by: ".join(
        f"{kind}: gone\n\tat shop.Cart.total(Cart.java:7)" for kind in kinds
    )


@given(st.lists(NAMES, min_size=1, max_size=5), NAMES, st.data())
def test_of_a_chain_every_type_tells_but_those_that_only_passed_it_on(
    kinds: list[str], other: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(kinds) - 1))
    changed = [*kinds[:at], other, *kinds[at + 1 :]]
    is_same = kinds == changed or 0 < at < len(kinds) - 1
    assert (of_stack(a_chain(*kinds)) == of_stack(a_chain(*changed))) == is_same
    assert (of_sent(kinds) == of_sent(changed)) == is_same


def of_stack(text: str) -> str:
    return of_text("boom", stack=text)


def of_sent(kinds: list[str]) -> str:
    """The signature of a chain as clients send it, one by one, the outermost first."""
    chain = tuple((kind, "gone") for kind in kinds)
    frames = (Frame("shop/cart.py", "total"),)
    return signature.of(an_event(error_type=kinds[0], chain=chain, frames=frames)).fingerprint


def a_group(*kinds: str) -> str:
    members = "".join(
        f"""
  +---------------- {number} ----------------
    | Traceback (most recent call last):
    |   File "/app/search.py", line 26, in one
    | {kind}: gone"""
        for number, kind in enumerate(kinds, start=1)
    )
    return f"""  + Exception Group Traceback (most recent call last):
  |   File "/app/search.py", line 28, in related
  | ExceptionGroup: unhandled errors ({len(kinds)} sub-exceptions){members}
    +------------------------------------
"""


SEVERAL = st.lists(NAMES, min_size=1, max_size=4)


@given(SEVERAL, SEVERAL.flatmap(lambda some: st.just(some) | st.permutations(some)), st.booleans())
def test_a_group_goes_by_the_types_of_all_its_members_in_any_order(
    one: list[str], other: list[str], is_shuffled: bool
) -> None:
    other = one[::-1] + one[:1] if is_shuffled else other
    is_same = set(one) == set(other)
    assert (of_stack(a_group(*one)) == of_stack(a_group(*other))) == is_same
    sent = [["ExceptionGroup", *kinds] for kinds in (one, other)]
    assert (of_sent(sent[0]) == of_sent(sent[1])) == is_same


# ---- exceptions


def test_the_log_line_never_hides_the_exception() -> None:
    one, other = (
        signature.of(an_event(message="Exception in ASGI application", stack=a_trace(name)))
        for name in ("python_chain", "python_recursion")
    )
    assert one.fingerprint != other.fingerprint


def test_the_message_of_an_exception_is_whole_though_its_stack_ends_with_one_line_of_it() -> None:
    stack = (
        'Traceback (most recent call last):\n  File "/app/db.py", line 7, in execute\n'
        "OperationalError: canceling statement due to statement timeout"
    )
    said = "canceling statement due to statement timeout\n[SQL: select count(*) from orders]"
    assert "select count(*) from orders" in signature.of(an_event(message=said, stack=stack)).title
    assert "Handler" not in signature.of(an_event(message="Handler failed", stack=stack)).title


@pytest.mark.parametrize("name", ["db1", "web1", "v1", "h1", "s1", "ec7", "mp1", "x1"])
def test_no_name_is_taken_for_another_with_another_digit(name: str) -> None:
    assert of_template(f"cannot reach {name}: refused") == "cannot reach <id>: refused"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("[shop-2026.11.21][3] shard failed", "[logs-2026.11.20][0] shard failed"),
        ("ann/10.0.0.7:5123 soft reset", "bob/10.0.0.9:1234 soft reset"),
    ],
)
def test_a_name_with_a_day_in_it_and_whose_address_it_is_are_left_out(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


def test_what_a_pointer_was_is_what_went_wrong() -> None:
    said = "runtime error: invalid memory address or nil pointer dereference"
    assert signature.of(an_event(message=said)).template == said


def test_moved_lines_make_no_difference() -> None:
    trace = a_trace("java_chain")
    moved = trace.replace("Reports.java:37", "Reports.java:412")
    assert (
        signature.of(an_event(stack=trace)).fingerprint
        == signature.of(an_event(stack=moved)).fingerprint
    )


@pytest.mark.parametrize(
    ("trace", "line", "moved"),
    [
        ("rust", "./src/checkout.rs:42:9", "./src/checkout.rs:57:13"),
        ("anyhow", "./src/cart.rs:17:9", "./src/cart.rs:18:5"),
        ("rails", "models/order.rb:30", "models/order.rb:31"),
        ("zap", "/src/pay/charge.go:42", "/src/pay/charge.go:143"),
    ],
)
def test_moved_lines_make_no_difference_in_what_a_logger_prints(
    trace: str, line: str, moved: str
) -> None:
    text = a_trace(trace)
    assert line in text
    assert of_text("boom", stack=text) == of_text("boom", stack=text.replace(line, moved))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # a file of Rust's has many functions, and a function may log more than one error
        (
            "thread 'main' panicked at src/pay.rs:5:10:\nno route\nnote: run with `RUST_BACKTRACE`",
            "thread 'main' panicked at src/pay.rs:9:10:\nno disk\nnote: run with `RUST_BACKTRACE`",
        ),
        (
            "thread 'main' panicked at src/pay.rs:5:10:\nno route\nnote: run with `RUST_BACKTRACE`",
            "thread 'main' panicked at src/cart.rs:5:10:\nno route\nnote: run with `RUST_`",
        ),
        ("no route\nmain.pay\n\t/src/pay.go:7", "no disk\nmain.pay\n\t/src/pay.go:7"),
        ("no route\nmain.pay\n\t/src/pay.go:7", "no route\nmain.get\n\t/src/pay.go:7"),
        (
            "Pay::Refused (no):\n\napp/pay.rb:7:in `pay'",
            "Pay::TimedOut (no):\n\napp/pay.rb:7:in `pay'",
        ),
    ],
)
def test_what_a_logger_prints_of_two_failures_stays_apart(one: str, other: str) -> None:
    assert of_text("boom", stack=one) != of_text("boom", stack=other)


def test_the_message_decides_only_where_frames_do_not() -> None:
    frames = (Frame("/app/cart.py", "total"),)
    one, other = (
        signature.of(an_event(error_type="KeyError", error_message=text, frames=frames))
        for text in ("'sku'", "'price'")
    )
    bare, another = (
        signature.of(an_event(error_type="KeyError", error_message=text))
        for text in ("'sku'", "'price'")
    )
    assert one.fingerprint == other.fingerprint
    assert bare.fingerprint != another.fingerprint


def test_one_place_that_gets_different_answers_has_different_errors() -> None:
    frames = (Frame("/app/payments.py", "charge"),)
    one, other = (
        signature.of(an_event(error_type="HTTPError", error_message=text, frames=frames))
        for text in ("429 Client Error: Too Many Requests", "502 Server Error: Bad Gateway")
    )
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("shop.errors.PaymentError", "PaymentError"),
        ("java.util.concurrent.TimeoutException", "TimeoutException"),
        ("App\\Errors\\CartGone", "CartGone"),
        ("Shop::Errors::CartGone", "CartGone"),
        ("*fs.PathError", "PathError"),
    ],
)
def test_a_type_is_one_however_it_is_spelled(full: str, short: str) -> None:
    one, other = (
        signature.of(an_event(error_type=kind, error_message="it broke")) for kind in (full, short)
    )
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(("one", "other"), [("url.Error", "mail.Error"), ("Error", "url.Error")])
def test_a_type_that_says_nothing_without_its_module_goes_with_it(one: str, other: str) -> None:
    first, second = (
        signature.of(an_event(error_type=kind, error_message="it broke")) for kind in (one, other)
    )
    assert first.fingerprint != second.fingerprint


def test_where_a_heap_ran_out_makes_no_difference_but_what_ran_out_does() -> None:
    fingerprints = [
        signature.of(
            an_event(error_type="OutOfMemoryError", error_message=text, frames=frames)
        ).fingerprint
        for text, frames in (
            ("Java heap space", (Frame("Reports", "big"),)),
            ("Java heap space", (Frame("Cart", "load"),)),
            ("Java heap space", ()),
            ("Metaspace", ()),
        )
    ]
    assert len(set(fingerprints[:3])) == 1
    assert fingerprints[3] not in fingerprints[:3]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('role "ghost_wei" does not exist', 'role "ghost_bob" does not exist'),
        ("Access denied for user 'ana'@<host>", "Access denied for user 'bo'@<host>"),
        ("Key (ref)=(a b) already exists", "Key (ref)=(c) already exists"),
        ("Duplicate entry 'x y' for key 'k'", "Duplicate entry 'z' for key 'k'"),
        ('E11000 dup key: { sku: "a" }', 'E11000 dup key: { sku: "b c" }'),
        ("bad [parameters: {'n': 'a [b]'}]", "bad [parameters: {'n': 'c'}]"),
    ],
)
def test_the_row_that_a_database_quotes_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("login failed for <user>", "login succeeded for <user>"),
        ("user lookup failed", "user authentication failed"),
        ("account locked", "account expired"),
        ("user entry dropped", "user policy dropped"),
        ("the user will be ignored", "the user must be ignored"),
        ("user chunk is void", "user directive is void"),
        ("user space is full", "user memory is full"),
        ('relation "orders" does not exist', 'relation "carts" does not exist'),
        ('column "total" does not exist', 'column "sum" does not exist'),
        ("Duplicate entry 'x' for key 'k'", "Duplicate entry 'x' for key 'l'"),
        ("Key (ref)=(a) already exists", "Key (name)=(a) already exists"),
    ],
)
def test_what_is_no_name_of_anybody_tells_errors_apart(one: str, other: str) -> None:
    assert of_text(one) != of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "cannot install Shop-Cart-Package~31bf38~amd64~~6.1.7601.1",
            "cannot install Shop_for_KB3121255~77aa12~amd64~de~10.0.1",
        ),
        ("cannot read /srv/logs/2026-11-21/a.json", "cannot read /srv/logs/api/b.json"),
        ("sync of com.shop.x-cart://a/b failed", "sync of https://shop.example/b failed"),
    ],
)
def test_a_name_made_of_parts_is_one_variable(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("member a-1 of group fraud-scorer has failed", "member b-2 of group x.sync has failed"),
        ('no pg_hba.conf entry for database "shop"', 'no pg_hba.conf entry for database "ledger"'),
        ("Aborted connection to db: 'shop' user: 'app'", "Aborted connection to db: 'b' user: 'c'"),
        ("connect from mail.example.org[203.0.113.9]", "connect from unknown[2001:db8::9]"),
        ("found consistent point at FB/1A2B3C4D", "found consistent point at 0/15D68C8"),
        (
            "still waiting for ShareLock on relation 17",
            "still waiting for RowShareLock on relation 9",
        ),
        ("adding replicas [] to [1,2]", "adding replicas [3,4] to [1]"),
        (
            "Deleting Segment(base=1, size=2)",
            "Deleting Segment(base=3, size=4), Segment(base=5, size=6)",
        ),
        ('got {"order":"a-1","sort":"up"}', 'got {"order":"b","sort":"down"}'),
        ("raft_type=JobRegister is large", "raft_type=ApplyPlan is large"),
        ("node 'rabbit@hare-2' down", "node 'rabbit@mq1.example.org' down"),
        ("node 'rabbit@hare' down", "node 'rabbit@localhost' down"),
        ("connected to 'app@localhost:3306'", "connected to 'ann@db.example.org:3306'"),
        ("cannot reach localhost", "cannot reach db.example.org"),
        ("cannot reach db.corner.fr", "cannot reach shop.co.id"),
        ("cannot reach www.corner.id", "cannot reach corner.ch"),
        ("cannot reach pay.prod.corner:8080", "cannot reach cart.prod.corner:18080"),
        ("lookup db.prod.corner: no such host", "lookup kv.stage.corner: no such host"),
        ("getaddrinfo ENOTFOUND db.prod.corner", "getaddrinfo ENOTFOUND kv.corner"),
        ("entry 'app'@'localhost' is void", "entry 'ann'@'%' is void"),
        ("entry 'app'@'hare' is void", "entry 'ann'@'192.0.2.7' is void"),
        ("imap<-unBWlSOwRHIM_DE>: gone", "imap<b6KQKIlOT7p6GBfo>: gone"),
        ("imap<FPqHhWY-a_EBpXXa>: gone", "imap<xkCTyKvhQvAbcLmN>: gone"),
        (
            'timed out, host: "a.example.org"',
            'timed out, host: "b.example.org", referrer: "https://c"',
        ),
        ("nvme 0000:3b:00.0: is down", "nvme 0001:00:1f.2: is down"),
        ("nodes node-D[16-47,50] are down", "nodes cn[1-3] are down"),
        ("Evicted pod shop/cart-7d9f-x2: low", "Evicted pod kube-system/dns-5f-b7: low"),
        ("failed to renew lease shop/cart-lock: late", "failed to renew lease mail/out: late"),
        ("no image reg.example/shop/cart:latest: x", "no image reg.example/shop/pay:v1.2.3: x"),
        ("no volumes=[a b] are bound", "no volumes=[c] are bound"),
        ("synchronised to #17#, stratum 3", "synchronised to 10.1.2.3, stratum 2"),
        (
            '0.001 0.000 502 - 34 366 "GET / HTTP/1.1" "curl/8" ECDHE-A128 TLSv1.2 arn:a "Root=1"',
            '1.001 0.002 502 - 7 66 "GET /a HTTP/1.1" "-" - - arn:c "Root=7" "a.example" "-" 0',
        ),
        ("worker_3_of_shop is late", "worker_12_of_shop is late"),
        ("prod1_orders_copy is late", "prod2_orders_copy is late"),
        ("shard_3_b77_copy is late", "shard_9_a12_copy is late"),
        ('"GET / HTTP/1.1" 503 UF 0 91 4 - "-" "a"', '"GET /b HTTP/1.1" 503 UF 7 1 9 3 "a" "-"'),
        ("Adding user [ann] to group [ops]", "Adding user [bob] to group [shop-admins]"),
        ("client 'ann-laptop' is gone", "client 'bob' is gone"),
        ("server 'orders-primary' is down", "server 'ledger' is down"),
        ("redis: GET cart 404 failed", "redis: GET cart 501 failed"),
        ("GET /cart returned 404 rows", "GET /cart returned 12 rows"),
        ("GET /cart,(7);b 500 1.2 ms - 3", "GET / 500 7 ms - 3"),
        ("wifi signal -80 dBm", "wifi signal -7 dBm"),
    ],
)
def test_what_a_deployment_names_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    ("sentence", "member", "between"),
    [
        ("nodes {} failed", "node-{} 0x1f{} <ok>", " "),
        ("lost {}: gone", "(worker {}, shard {})", ", "),
        ("got [{}] back", "{{id={}, state=ok}}", ", "),
        ('got {{"errors":[{}]}}', '{{"code": {}, "at": "line {}"}}', ", "),
        ("no quorum among {}", "[shop][{}]", ", "),
        ("late: {}", "task {} at 10:02:0{}", "; "),
        ("hosts {} are down", "web{}", ", "),
        ("hosts {} are down", "cn[00{}-099]", ","),
        ("hosts {} are down", "r[1-{}]n[01-16]-ib.example.org", ","),
    ],
)
def test_a_list_is_one_however_long_it_is(sentence: str, member: str, between: str) -> None:
    members = [member.format(number, number) for number in range(1, 8)]
    told = {sentence.format(between.join(members[:length])) for length in range(1, 8)}
    told.add(sentence.format(f"{between.join(members[:3])} and {members[3]}"))
    told.add(sentence.format(f"{members[0]} and {members[1]}"))
    assert len({of_text(one, customer="") for one in told}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("had had 3 of 4", "had 3 of 4"),
        ("sent 3 of 4, lost 1 of 4", "sent 3 of 4"),
        ("a-1 down, b-1 up", "a-1 down"),
        ("try 1: refused, try 2: reset", "try 1: refused"),
    ],
)
def test_what_differs_in_more_than_how_often_it_is_said_is_no_list(one: str, other: str) -> None:
    assert of_text(one) != of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('For input string: "abc"', 'For input string: "12x"'),
        ("Text 'abc' could not be parsed at index 0", "Text '' could not be parsed at index 0"),
        (
            'from String "abc": no int at [Source: (String)"{"a":"abc"}"; line: 1, column: 6]',
            'from String "x y": no int at [Source: (byte[])"[7]"; line: 3, column: 9]',
        ),
        ("could not convert string to float: 'a\\'b'", "could not convert string to float: ''"),
        (
            "invalid literal for int() with base 10: 'a'",
            "invalid literal for int() with base 8: ''",
        ),
        ("time data 'abc' does not match format '%Y'", "time data 'no' does not match format '%Y'"),
        ("“abc” is not a valid UUID.", "“x; drop” is not a valid UUID."),
        ('strconv.Atoi: parsing "abc": invalid syntax', 'strconv.Atoi: parsing "": invalid syntax'),
        ('parsing time "a" as "2": cannot parse "a"', 'parsing time "b" as "2": cannot parse "b"'),
        ('invalid input syntax for type uuid: "x-y"', 'invalid input syntax for type uuid: "z"'),
        ("Failing row contains (1, ann, null).", "Failing row contains (2, bob (b), 7)."),
        ("Incorrect integer value: 'a' for column", "Incorrect integer value: '' for column"),
        (
            "Unexpected token 'h', 'hello' is not valid JSON",
            "Unexpected token '<', '<' is not valid JSON",
        ),
        ("Unexpected token h in JSON at position 0", "Unexpected token < in JSON at position 7"),
        ("slow: SELECT a FROM b WHERE c = 'x'", "slow: SELECT a FROM b WHERE c = 'y''z'"),
        ("INSERT INTO a VALUES (1, 'x') failed", "INSERT INTO a VALUES (2, 'a b') failed"),
        ("certificate of *.corner.org is bad", "certificate of shop.corner.de is bad"),
        (
            "void (SQL: insert into `a` (`b`, `c`) values (Ann (7), it's late, 1))",
            "void (SQL: insert into `a` (`b`, `c`) values (Bob, , 2), (Eve, no, 3))",
        ),
        (
            "void (SQL: update `a` set `b` = Ann B, `c` = x where `d` = k7 limit 1)",
            "void (SQL: update `a` set `b` = , `c` = y z where `d` = k limit 1)",
        ),
        (
            'void (SQL: select * from "a" where "b" = ann and "c" in (x, y))',
            'void (SQL: select * from "a" where "b" = bob c and "c" in (z))',
        ),
        (
            'void {"userId":7,"mail":"a@b.de","exception":"[object] (Boom(code: 0): no at /a:1)"}',
            'void {"exception":"[object] (Boom(code: 0): no at /b/c:2)"}',
        ),
        ("no /media/cv/Ann Smith - CV (2).pdf", "no /media/cv/7.docx"),
        (r"no C:\cv\Ann.pdf", r"no C:\cv\CV MAIN Latest .PDF"),
    ],
)
def test_what_somebody_gave_in_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('invalid input syntax for type uuid: "a"', 'invalid input syntax for type date: "a"'),
        ("Incorrect float value: '' for column 'a'", "Incorrect float value: '' for column 'b'"),
        ("'total' is not a valid option", "'tax' is not a valid option"),
        ("SELECT a FROM b WHERE c = 'x'", "SELECT a FROM b WHERE d = 'x'"),
        ("'a' missing while INSERT INTO b ran", "'c' missing while INSERT INTO b ran"),
        (
            "void (SQL: select * from `a` where `b` = x)",
            "void (SQL: select * from `a` where `c` = x)",
        ),
        ("no insert into `a` (`b`) values (x)", "no insert into `a` (`c`) values (x)"),
        ("cannot copy /a/b to total.csv", "cannot copy /a/b to tax.csv"),
    ],
)
def test_but_where_it_was_given_does(one: str, other: str) -> None:
    assert of_text(one) != of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('msg="no route" user=ann from=/a size=3', 'msg="no route" user= from= size=3'),
        ("gone; logname= uid=0 rhost=10.0.0.1", "gone; logname=ann uid=0 rhost=10.0.0.2"),
        (
            "cannot set on=<Bool.false: 0>, platform=<Platform.SENSOR: 'sensor'>, id=1",
            "cannot set on=<Bool.true: 1>, platform=<Platform.LIGHT: 'light'>, id=2",
        ),
        (r"no reply to b'\x18\x08\n 8'", r"no reply to b'\x00'"),
        (r"no reply, data=b'\x18\x08\n 8', ep=1", r"no reply, data=b'\x00', ep=2"),
        (
            "cannot stop o.e.j.w.Context@2d0ecb24{shop,/shop,file:///a/,STARTED}{/a.war}",
            "cannot stop o.e.j.w.Context@51b35e4e{pay,/pay,null,STOPPED}",
        ),
        (
            "no use for shop.Pool@2d0ecb24[state=NORMAL connection=shop.Local@5f handles=[]]",
            "no use for shop.Pool@51b35e4e[state=DESTROYED connection=null]",
        ),
        ("denied: /srv/a, referer: https://shop.example/?q=a", "denied: /srv/b"),
        ("no such user: /", "no such user: /cart"),
        ("closed, 1 connection is left", "closed, 2 connections is left"),
        ("gave up after 1 retry", "gave up after 3 retries"),
        ("1 query, 2 entries, 1 proxy late", "7 queries, 1 entry, 3 proxies late"),
        ("1 batch of 2 processes", "2 batches of 1 process"),
        ("no bean a.b.Pay$$SpringCGLIB$$0", "no bean a.b.Pay$$EnhancerBySpringCGLIB$$3f9a1c2d"),
        ("Pay$HibernateProxy$AbCd1eFg is closed", "Pay$HibernateProxy$Zk3x9QzP is closed"),
        ("parameters: $1 = 'shop', $2 = '7'", "parameters: $1 = NULL"),
        ("no way, size=7 MB, took=12 ms", "no way, size=900 kB, took=1.2 s"),
        (
            "no way to arn:aws:s3:::shop-carts/a.json",
            "no way to arn:aws:sqs:eu-west-1:123456789012:pay",
        ),
        (r"cannot open \\files\shop\a.txt", r"cannot open \\nas-1\b\c.txt"),
        ("rate = ~4,000/s. 1,234 rows late", "rate = ~400/s. 124 rows late"),
        ("no /a/550e8400-e29b-41d4-a716-446655440000/b/c.json", "no /a/latest/d.json"),
        ("cannot set in=<ClusterId: 0x0006>, b=1", "cannot set in=<ClusterId: 0x0b04>, b=2"),
        ("cannot watch /sys/fs/cpu,acct/pod1", "cannot watch /sys/fs/pids/pod1"),
        ("bad event (limits={}, id=3)", "bad event (limits={'a': {'min': 3}, 'b': 7}, id=9)"),
        ("abort of 0:ffffc0a8:-1424402c:60431d96:e8e", "abort of 0:ffffc0a8:-14402c:604d96:f40"),
        (
            'no mount "k.io/a/22737298-ae68-4f77-b66a-a47a180fe89e-cluster-dns-scale-token-ps"',
            'no mount "k.io/a/33319fcc-6995-4593-aacd-f56bf3cdba80-dns-token"',
        ),
    ],
)
def test_how_a_value_is_written_out_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            'no route, request: "GET /cart HTTP/1.1", server: a',
            'no route, request: "POST /pay HTTP/2.0", server: a',
        ),
        ("no route [request=GET /cart HTTP/1.1]", "no route [request=PUT / HTTP/1.1]"),
        ('no route, request: "PROPFIND /a b HTTP/1.1", x', 'no route, request: "GET /", x'),
    ],
)
def test_a_request_that_only_saw_what_broke_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one) == of_text(other)


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.2 - ann [21/Nov/2026:02:17:02 +0000] "GET / HTTP/2" 503 - "https://a" "cu (x; y)"',
        '10.0.0.3 - - [21/Nov/2026:02:17:03 +0000] "GET /a?b=c HTTP/1.0" 502 17 "-" "Go/1.1"',
        'a.example.org - - [21/Nov/2026:02:17:04 +0000] "GET * HTTP/1.1" 504 0',
        r'web - "ann" [21/Nov/2026:02:17:04 +0000] "GET /a \"b HTTP/1.1" 500 0 "" "c \"" "::1"',
        r'unix: - HR\ann b [21/Nov/2026:02:17:04 +0000] "GET /a HTTP/1.1" 500 0 "-" "c" "-" 0.1 -',
    ],
)
def test_who_asked_for_what_makes_no_difference_to_an_access_line(line: str) -> None:
    known = '10.0.0.1 - - [21/Nov/2026:02:17:02 +0000] "GET /cart HTTP/1.1" 500 9 "-" "Mozilla/5.0"'
    assert of_text(line) == of_text(known)


def test_what_asks_for_nothing_is_one_request() -> None:
    line = '10.0.0.1 - - [21/Nov/2026:02:17:02 +0000] "{}" 400 9 "-" "-"'
    names = {of_text(line.format(asked)) for asked in (r"\x16\x03\x01", "-", "", r"\x00 a\"b", "x")}
    assert len(names) == 1


@pytest.mark.parametrize(
    "sent",
    [
        "null text/html; charset=utf-8 3.2ms",
        "0 null 1ms",
        "92437 application/wasm 3044.6126ms",
        "- application/json;+charset=utf-8 7ms",
    ],
)
def test_what_a_server_sent_makes_no_difference_to_how_it_answered(sent: str) -> None:
    said = "Request finished HTTP/2 GET https://shop.example/cart - {} {}"
    assert of_text(said.format(404, sent)) == of_text(said.format(404, "7 text/css 1ms"))
    assert of_text(said.format(404, sent)) != of_text(said.format(503, sent))


@pytest.mark.parametrize(
    "target", ["/", "/b/(7)", "/b;c,d", "/b:cancel", "//b", "*", "b:443", "/b c"]
)
def test_whatever_was_asked_for_is_one_target(target: str) -> None:
    said = "GET {} was answered with HTTP 503"
    assert of_text(said.format(target)) == of_text(said.format("/cart"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(root) CMDEND (run-parts /etc/cron.hourly)", "(ann) CMDEND (./run -q)"),
        (
            "ann : a password is required ; PWD=/a ; USER=root ; COMMAND=/bin/id",
            "bob : a password is required ; PWD=/b/c ; USER=www ; COMMAND=/bin/ls /root",
        ),
        ("(root) CMD (run-parts /etc/cron.hourly)", "(ann) CMD (cd /srv && ./run -q)"),
        ("(root) RELOAD (tabs/root)", "(ann) RELOAD (tabs/bob)"),
        ("(root) END EDIT (root)", "(ann) END EDIT (bob)"),
        (
            "ann : TTY=pts/0 ; PWD=/a ; USER=root ; COMMAND=/bin/ls -l /root",
            "bob : TTY=tty1 ; PWD=/b ; USER=www ; COMMAND=/bin/id",
        ),
        ("Successful su for root by ann", "Successful su for www-data by bob"),
        ("(to root) ann on pts/1", "(to www) bob on pts/2"),
        (
            "session opened for user a.b(uid=0) by c(uid=1)",
            "session opened for user d(uid=0) by e(uid=0)",
        ),
        ("Created slice User Slice of root.", "Created slice User Slice of ann."),
        ("Account Name: ann Account Domain: SHOP", "Account Name: bob Account Domain: HR"),
        ("DHCPACK to 00:16:3e:11:22:33 (ann-laptop) via a", "DHCPACK to 00:16:3e:11:22:33 via a"),
        ("inode #7: comm rm: bad entry", "inode #9: comm java: bad entry"),
    ],
)
def test_whoever_did_it_makes_no_difference(one: str, other: str) -> None:
    assert of_text(one, customer="") == of_text(other, customer="")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("queue re-opened after fault", "queue dead-lettered after fault"),
        ('column "email" is null', 'column "name" is null'),
        ('violates constraint "orders_pkey"', 'violates constraint "users_email_key"'),
        ("terminated by signal 9: Killed", "terminated by signal 11: Segmentation fault"),
        ('got {"error":"no route"}', 'got {"error":"no disk"}'),
        ("error_type=Timeout from bank", "error_type=Refused from bank"),
        ("list(a) failed", "scan(a) failed"),
        ("class <HttpClientPoolManager> failed", "class <HttpServerPoolManager> failed"),
        ("header <X-Request-Token-Id> missing", "header <X-Session-Token-Id> missing"),
        ("undefined symbol malloc@plt", "undefined symbol free@plt"),
        ("ngtcp2_conn_get_streams failed", "ngtcp2_conn_open_stream failed"),
        ("could not set RTE_ETH_RSS_IPV4", "could not set RTE_ETH_RSS_UDP"),
        ("fans ( 3552 **** 3375 )", "fans ( 3552 3534 3375 )"),
        ("user.id must not be null", "order.id must not be null"),
        ("created.by is unknown", "updated.by is unknown"),
        ("no setting app.mail.host", "no setting app.mail.port"),
        ("no bean of type com.corner.shop.Payments", "no bean of type com.corner.shop.Orders"),
        ("no bean a.b.Pay$$SpringCGLIB$$0", "no bean a.b.Cart$$SpringCGLIB$$0"),
        ("no bean of type com.corner.s3.Reader", "no bean of type com.corner.s3.Writer"),
        ("(psycopg.errors.UniqueViolation) on save", "(psycopg.errors.CheckViolation) on save"),
        ("package org.corner.io is sealed", "package org.corner.net is sealed"),
        ("permission storage.objects.get denied", "permission storage.objects.list denied"),
        ("failed at shop.c:1455", "failed at cart.c:1831"),
        ("no login check today", "no login audit today"),
        ("instance of Shop\\User given, called", "instance of Shop\\User lost, called"),
        ("(psycopg2.OperationalError) gone", "(psycopg2.InterfaceError) gone"),
        ("boto3.exceptions.S3UploadFailedError: no", "boto3.exceptions.S3TransferFailedError: no"),
        ("Http2Exception: gone", "Http2StreamException: gone"),
        (
            "migration 2026_11_21_000000_add_tax failed",
            "migration 2026_11_21_000000_drop_tax failed",
        ),
    ],
)
def test_what_the_code_names_tells_errors_apart(one: str, other: str) -> None:
    assert of_text(one) != of_text(other)


def test_the_constants_of_an_enumeration_say_what_happened_also_with_their_module() -> None:
    assert of_text("got shop.action.CART_LOST") != of_text("got shop.action.CART_OPEN")


def test_a_title_says_what_is_below_a_banner() -> None:
    banner = f"{'*' * 27}\nAPPLICATION FAILED TO START\n{'*' * 27}\n\nDescription:\n\n"
    said = signature.of(
        an_event(message=f"{banner}Port 8080 was already in use.\n\nAction:\n\nMove")
    )
    assert said.title == "Port <num> was already in use. Action: Move"


@pytest.mark.parametrize("message", [f"{'*' * 27} GONE {'*' * 27}", f"{'=' * 27} disk is full"])
def test_a_title_is_the_banner_where_nothing_is_below_it(message: str) -> None:
    assert signature.of(an_event(message=message)).title == message


def test_a_title_starts_with_what_matters() -> None:
    found = signature.of(
        an_event(
            error_type="shop.errors.TypeError",
            error_message="Cannot read properties of undefined",
            frames=(Frame("/app/cart.js", "total"),),
        )
    )
    assert found.title == "TypeError in cart.total: Cannot read properties of undefined"


@pytest.mark.parametrize(
    "said",
    ["(psycopg2.OperationalError) gone", "Http2Exception: gone", "ngtcp2_conn_open failed on IPv6"],
)
def test_a_title_has_the_digits_of_names_as_they_were_written(said: str) -> None:
    shown = signature.of(an_event(message=f"{said} after 70 ms"))
    assert signature.spelt(shown.title, f"{said} after 70 ms").startswith(said)
    assert signature.spelt(shown.title, "nothing of it") == shown.title


@pytest.mark.parametrize("named", ["TypeError: ", "shop.errors.TypeError: ", ""])
def test_a_title_names_the_type_once_and_the_key_is_as_it_was(named: str) -> None:
    said = f"{named}Cannot read properties"
    found = raised.of(an_event(error_type="shop.errors.TypeError", error_message=said))
    assert found
    assert found.template == "TypeError: Cannot read properties"
    assert found.key.endswith(f"\0{masking.shape(said).key}")


# ---- form


@given(st.text())
def test_any_text_has_a_signature_fit_to_show(text: str) -> None:
    found = signature.of(an_event(message=text, stack=text, customer=""))
    assert found.fingerprint.startswith("v2:")
    assert len(found.fingerprint) == 35
    assert len(found.template) <= 2_000
    assert 0 < len(found.title) <= 150
    assert "\n" not in found.title


PIECES = [
    *("GET /a", '"GET /a HTTP/1.1"', "HTTP/1.1", "503", "404", "- -", "status code", "returned"),
    *("Server Error", "[02:17:02]", "3", "(7)", "(3 MB)", "bytes", "for ann", "from", "10.0.0.1"),
    *("user", "Jan", "at", "02:17:02", '"x"', "::", "a-1"),
]
"""What is told by what stands around it, much of which is left out."""


@given(st.text(string.printable) | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))
@example("502 Server Error: Bad Gateway for url: http://pay.internal/v1/charges")
@example("Request failed with status code 503")
@example("sent 82166 (7) bytes (80.2 KB)")
@example("connection from 10.0.0.1 (7) (ann.example.org) at 02:17:02")
@example('10.0.0.9 - ann [21/Nov/2026:02:17:02 +0000] "POST /cart?id=7 HTTP/2.0" 404 17 "-" "-"')
@example('10.0.0.1 - - [21/Nov/2026:02:17:02 +0000] "{}" 400 9 "-" "-"')
@example('[2026-11-18T10:00:00.000Z] "GET /a HTTP/2" 503 UF,URX 0 91 "-"')
@example("10.0.0.1:1 [x] in~ web/a1 0/0/1/2/3 404 17 - - SC-- 1/1/0/0/0 0/0 x")
@example('0.001 0.000 502 - 34 366 "GET / HTTP/1.1"')
@example("10.0.0.1 GET /cart - 443 ann 10.1.1.1 Mozilla/5.0 - 404 0 0 15")
@example('1.2.3.4 - - /a/b, [02/Aug/2023 (1 ms) 04:29:18] "GET /a b HTTP/1.1" 200 - 1 0.5 2.3')
@example("GET\texample.org\t/a/b\t404\t-")
@example("POST /cart => 2 bytes in 1 ms (HTTP/1.1 500)")
@example("GET 'https://a.example/b' returned 429")
def test_the_template_of_a_template_is_that_template(text: str) -> None:
    once = masking.shape(text)
    assert masking.shape(once.template).key == once.key


def test_a_class_of_answers_is_a_code_also_where_a_program_says_it_so() -> None:
    assert of_text("pay answered with status code 5xx") == of_text(
        "pay answered with status code 503"
    )


def test_a_template_holds_no_secret() -> None:
    found = signature.of(an_event(message="login failed: password=hunter22 for jane@corp.example"))
    assert "hunter22" not in found.template + found.title


HEXADECIMAL = st.text("0019aAbeEF", min_size=8, max_size=64)
DRAWN = st.one_of(HEXADECIMAL, st.uuids().map(str), HEXADECIMAL.map(lambda text: f"DB{text}"))
AROUND = ["no order {}", "{} - gone", "id={}, gone", "error={}", "took {} MB", "a\t{}: b", "({})"]


@given(DRAWN, st.sampled_from(AROUND))
@example("0000000ab", "took {} MB")
@example("DB0000000", "no order {}")
@example("abcdefab-abcd-abcd-abcd-abcdefabcdef", "no order {}")
def test_taking_one_number_for_all_that_are_drawn_changes_no_name(drawn: str, around: str) -> None:
    text = around.format(drawn)
    assert masking.shape(text).key == masking.shape_by(masking.VERSION, text).key


def test_what_differs_in_a_number_that_was_drawn_is_worked_out_once() -> None:
    known = {masking.alike(masking.zeroed(f"no order {id_}")) for id_ in ("4bf92f35", "00f067aa")}
    assert len(known) == 1


def test_forgetting_everything_changes_no_id() -> None:
    lines = [f"worker {n} of pool-{n % 7} lost 0x{n:08x} at 10.0.0.{n % 255}" for n in range(200)]
    before = [signature.of_line(line) for line in lines]
    masking.forget()
    signature.forget()
    assert [signature.of_line(line) for line in reversed(lines)] == before[::-1]


@pytest.mark.parametrize("length", [3, 4, 8])
def test_a_longer_short_id_continues_a_shorter_one(length: int) -> None:
    fingerprint = of_text("disk full")
    assert signature.short_id(fingerprint, length).startswith(signature.short_id(fingerprint))
    assert not set(signature.short_id(fingerprint, length)[2:]) & set("0O1I")


@pytest.mark.parametrize(
    "unit", ["a=b ", "\n at x", "0:", "a.", "/a", "<", '"', "key=", "x: y, ", "{", "a@", "1 ",
             "user x ", "Jan 1 ", "é", "a 1 ", "GET /a ", "503 - ", " \n"]
)  # fmt: skip
def test_long_lines_take_time_in_proportion(unit: str) -> None:
    text = (unit * 65_536)[:65_536]
    start = time.process_time()
    signature.of(an_event(message=text, stack=text))
    signature.of_line(text)
    assert time.process_time() - start < 0.4
