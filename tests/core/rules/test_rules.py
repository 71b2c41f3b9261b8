import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.analysis import Analysis, Category, Confidence, Level, Symptom
from bot.core.ownership.owner import choose
from bot.core.rules import analyse, codes, critical, names, phrases, vendors, verdicts
from bot.core.rules.chain import links
from bot.core.rules.finding import Weight
from bot.core.rules.reading import find
from bot.core.rules.verdicts import Verdict

EVERY_VERDICT = [value for value in vars(verdicts).values() if isinstance(value, Verdict)]


def a_symptom(
    message: str = "", *, stack: str = "", error_type: str = "", service: str = ""
) -> Symptom:
    return Symptom(service, message, message, error_type=error_type, message=message, stack=stack)


def kind(message: str, **facts: str) -> str:
    """The row of the table that decided."""
    return analyse(a_symptom(message, **facts)).rule.split(" (")[0]


@pytest.mark.parametrize(
    "message",
    [
        "error: PAM: Authentication failure for root from 203.0.113.7",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 tty=ssh rhost=203.0.113.7",
        "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=203.0.113.7",
        "Failed password for root from 203.0.113.7 port 42393 ssh2",
    ],
)
def test_a_log_in_at_a_machine_that_failed_is_nobodys_credential_of_ours(message: str) -> None:
    said = analyse(a_symptom(message, service="sshd"))
    assert (said.row, said.severity, said.noise) == ("log-in attempt", Level.LOW, False)


def test_credentials_of_ours_that_are_turned_down_stay_what_they_are() -> None:
    assert kind("smtp relay: authentication failure") == "credentials"


@pytest.mark.parametrize(
    ("service", "message", "is_key"),
    [
        ("payments", "TimeoutError: upstream timed out", True),
        ("shop", "PaymentTimeoutException: no answer within 30 s", True),
        ("shop", "POST /v1/checkout: upstream timed out", True),
        ("order-service", "TimeoutError: upstream timed out", True),
        ("mailer", "TimeoutError: upstream timed out", False),
        ("payments", "ValidationError: amount is required", False),
        ("payments", "an error of a kind that no rule knows", False),
        ("catalog", "ORDER BY 3: deadlock detected", False),
        ("catalog", "OutOfMemoryError: Java heap space", True),
    ],
)
def test_what_keeps_people_from_what_they_came_for_affects_a_key_operation(
    service: str, message: str, is_key: bool
) -> None:
    assert analyse(a_symptom(message, service=service)).affects_critical_operation is is_key


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("connect ECONNREFUSED 10.0.0.7:8080", verdicts.REFUSED),
        ("[Errno 113] sendto failed", verdicts.UNREACHABLE),
        ("io error: os error 28", verdicts.DISK_FULL),
        ("WinError 10054", verdicts.RESET),
        ("SQLSTATE[23505]: something", verdicts.DB_DUPLICATE),
        ("ERROR: 40P01: whatever", verdicts.DB_LOCK),
        ("a foreign driver says SQLSTATE 22P05", verdicts.DB_DATA),
        ("ERROR 1146 (42S02): x", verdicts.DB_SCHEMA),
        ("OperationalError: (1213, 'x')", verdicts.DB_LOCK),
        ("ORA-01653: x", verdicts.DISK_FULL),
        ("Fail event detected on md device /dev/md0", verdicts.DISK_ERROR),
        ("Last_SQL_Error: could not execute Update_rows event", verdicts.DB_REPLICATION),
        ("consumer: Connection to broker lost.", verdicts.BROKER),
        ("job 7 died: invalid byte sequence in UTF-8", verdicts.ENCODING),
        ("ERROR: invalid byte sequence for encoding UTF8: 0x00", verdicts.DB_DATA),
        ("ORA-12899: x", verdicts.DB_DATA),
        ("Msg 2627, Level 14, State 1", verdicts.DB_DUPLICATE),
        ("Error: 18456, Severity: 14, State: 8", verdicts.DB_LOGIN),
        ("rpc error: code = DeadlineExceeded desc = x", verdicts.TIMEOUT),
        ("StatusCode.PERMISSION_DENIED", verdicts.FORBIDDEN),
        ("14 UNAVAILABLE: x", verdicts.BAD_GATEWAY),
        ("Request failed with status code 503", verdicts.UNAVAILABLE),
        ("(ExpiredToken) when calling X: the token has expired", verdicts.CREDENTIALS),
        ("An error occurred (SlowDown) when calling PutObject", verdicts.THROTTLED),
        ("Reason: OOMKilled", verdicts.OUT_OF_MEMORY),
        ("Warning FailedMount pod/x", verdicts.MOUNT),
        ("tlsv1 alert: unknown_ca", verdicts.CERTIFICATE),
        ("InventoryTimeoutException", verdicts.TIMEOUT),
        ("KeyError: 'sku'", verdicts.MISSING_KEY),
        ("KeyError: 'STRIPE_API_KEY'", verdicts.SETTING),
        ("ModuleNotFoundError: No module named 'x'", verdicts.IMPORTING),
        ("lookup api.partner.example: no such host", verdicts.DNS),
        ("x509: certificate has expired or is not yet valid", verdicts.CERTIFICATE_EXPIRED),
        ("database disk image is malformed", verdicts.DATABASE_CORRUPTION),
        ("OOM command not allowed when used memory > 'maxmemory'.", verdicts.DB_MEMORY),
        ("database is not accepting commands to avoid wraparound", verdicts.DB_WRAPAROUND),
        ("(ProvisionedThroughputExceededException) when calling GetItem", verdicts.DB_THROTTLED),
        ("net::ERR_NAME_NOT_RESOLVED", verdicts.DNS),
        ("SEC_ERROR_UNKNOWN_ISSUER", verdicts.CERTIFICATE),
        ("code: 'UND_ERR_HEADERS_TIMEOUT'", verdicts.TIMEOUT),
        ("NSURLErrorDomain Code=-1202", verdicts.CERTIFICATE),
        ("Error Domain=NSURLErrorDomain Code=-1009 x", verdicts.DEVICE_OFFLINE),
        ("curl: (60) x", verdicts.CERTIFICATE),
        ("HRESULT: 0x80070070", verdicts.DISK_FULL),
        ("Exception code: 0xC0000005", verdicts.CRASH),
        ("550 5.7.26 x", verdicts.MAIL_POLICY),
        ("552 5.2.2 x", verdicts.RECIPIENT),
        ("Code: 252. DB::Exception: x (TOO_MANY_PARTS)", verdicts.DB_LOAD),
        ("strict_dynamic_mapping_exception: x", verdicts.DB_DATA),
        ("inventory_timeout_error: x", verdicts.TIMEOUT),
        ("KafkaError{code=_ALL_BROKERS_DOWN}", verdicts.BROKER),
        ("CONNECTION_FORCED - x", verdicts.BROKER),
        ("PrismaClientKnownRequestError P2024", verdicts.DB_POOL),
        ("001003 (42000): x", verdicts.DB_STATEMENT),
        ("HTTP 418 from a partner", verdicts.VALIDATION),
        ("LICENSE expired yesterday", verdicts.LICENCE),
        ("nvme nvme0: I/O 12 QID 3 timeout, aborting", verdicts.DISK_ERROR),
        ("md/raid1:md1: Disk failure on sdc1, disabling device.", verdicts.DISK_ERROR),
        ("Xid: 79, GPU has fallen off the bus.", verdicts.HOST_CRASH),
        ("chronyd: Can't synchronise: no selectable sources", verdicts.CLOCK),
        ("Temporary failure resolving 'mirror.example'", verdicts.DNS),
        ("Cannot contact any KDC for realm 'X'", verdicts.UNREACHABLE),
        ("Errors: * Vault is sealed", verdicts.UNAVAILABLE),
        ('database "x" must be vacuumed within 9 transactions', verdicts.DB_WRAPAROUND),
        ("health status changed from [YELLOW] to [RED]", verdicts.DB_UNAVAILABLE),
        ("AH00526: Syntax error on line 34 of /etc/x.conf", verdicts.SERVER_SETTING),
        ("Main process exited, status=203/EXEC", verdicts.FILE_MISSING),
        ("constructor in X required a bean of type 'Y'", verdicts.SETTING),
        ("terminate called after throwing an instance of 'X'", verdicts.CRASH),
    ],
)  # fmt: skip
def test_what_standards_and_vendors_call_an_error_leads_to_its_row(
    message: str, expected: Verdict
) -> None:
    assert kind(message) == expected.name


def test_the_innermost_cause_beats_its_wrappers() -> None:
    stack = (
        "com.acme.ReportException: report failed\n\tat com.acme.Report.run(Report.java:7)\n"
        "Caused by: java.lang.IllegalStateException: no rows\n\tat com.acme.Db.get(Db.java:3)\n"
        "Caused by: java.net.UnknownHostException: warehouse\n\tat java.net.X(X.java:1)\n"
    )
    assert kind("report failed", stack=stack) == verdicts.DNS.name


def test_python_prints_the_innermost_cause_first() -> None:
    stack = (
        "Traceback (most recent call last):\n  File 'a.py', line 1\nConnectionRefusedError: no\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n  File 'b.py', line 2\nValueError: cannot pay\n"
    )
    assert kind("cannot pay", stack=stack) == verdicts.REFUSED.name


def test_a_cancelled_call_inside_a_timeout_is_a_timeout() -> None:
    stack = (
        "Traceback (most recent call last):\nasyncio.exceptions.CancelledError\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\nTimeoutError\n"
    )
    assert kind("x", stack=stack) == verdicts.TIMEOUT.name


def test_an_exception_group_is_read_by_what_is_in_it() -> None:
    stack = (
        "  + Exception Group Traceback (most recent call last):\n  |   File 'a.py', line 1\n"
        "  | ExceptionGroup: one of many (1 sub-exception)\n  +-+---- 1 ----\n"
        "    | Traceback (most recent call last):\n    |   File 'a.py', line 9\n"
        "    | ZeroDivisionError: division by zero\n    +----\n"
    )
    assert kind("x", stack=stack) == verdicts.CODE.name


def test_frames_are_not_evidence() -> None:
    stack = "\tat com.zaxxer.hikari.TimeoutException.connect(Timeout.java:1)\n" * 3
    assert kind("greeting failed", stack=stack) == verdicts.UNKNOWN.name


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("redis: read timed out", verdicts.DB_TIMEOUT),
        ("payments: read timed out", verdicts.TIMEOUT),
        ("postgres: connection reset by peer", verdicts.DB_LOST),
    ],
)
def test_trouble_on_the_way_to_a_database_is_the_databases(message: str, expected: Verdict) -> None:
    assert kind(message) == expected.name


def test_a_database_that_was_never_reached_stays_with_the_network() -> None:
    answer = analyse(a_symptom("MongoNetworkError: connect ECONNREFUSED 10.0.0.7:27017"))
    assert answer.category is Category.NETWORK


@pytest.mark.parametrize(
    "message",
    [
        "client prematurely closed connection, so upstream connection is closed too",
        "LOG:  could not receive data from client: Connection reset by peer",
        "http: TLS handshake error from 203.0.113.9:4711: EOF",
        '203.0.113.9 - - "GET /wp-login.php HTTP/1.1" 404 153',
        "Invalid user admin from <ip> port 40122",
        'ActionController::RoutingError (No route matches [GET] "/.env")',
        "ResizeObserver loop limit exceeded",
        "LOG:  checkpoint complete: wrote 12 buffers",
    ],
)
def test_clients_strangers_and_normal_life_are_suggested_as_noise(message: str) -> None:
    answer = analyse(a_symptom(message))
    assert answer.noise
    assert answer.severity is Level.LOW


@pytest.mark.parametrize(
    "message",
    [
        "http: TLS handshake error from 10.0.0.9:4711: remote error: tls: bad certificate",
        "upstream prematurely closed connection while reading response header from upstream",
        "PHP Fatal error: Uncaught Error in /srv/wp-content/plugins/shop/pay.php:12",
        "recv() failed (104: Connection reset by peer) while reading response header from upstream",
        "the payment provider closed the connection before it answered the client",
        "client id is not configured",
        "The shared credentials file /root/.aws/credentials was not found",
        "Error: ~/.git/config: Not Found",
        "/.aws/credentials\nP2025: the record to update was not found",
        "context canceled",
        "",
        "whatever",
    ],
)  # fmt: skip
def test_a_fault_of_ours_is_never_noise_because_it_mentions_a_client(message: str) -> None:
    assert not analyse(a_symptom(message)).noise


@pytest.mark.parametrize(
    "message",
    [
        "FATAL: the database system is in recovery mode\nclient closed request",
        "client closed request\nFATAL: the database system is in recovery mode",
        "FATAL: the database system is in recovery mode client closed request",
        'FATAL: the database system is in recovery mode user_agent="client closed request"',
        'duplicate key value violates unique constraint note="GET /wp-login.php HTTP/1.1\\" 404"',
        'basket 7 is odd coupon="client closed request"',
        'basket 7 is odd user_agent="GET /wp-login.php HTTP/1.1" 404"',
        '{"note": "basket 7 is odd", "user_agent": "client closed request"}',
        "basket 7 of the shop is odd\nclient closed request",
        "client closed request\nbasket 7 of the shop is odd",
        "basket 7 of the shop is odd, user=client closed request",
        "the customer wrote 'client closed request'",
    ],
)
def test_a_phrase_that_somebody_put_into_a_text_makes_no_noise_of_it(message: str) -> None:
    alone = analyse(a_symptom(message.replace("client closed request", "x")))
    attacked = analyse(a_symptom(message))
    assert not attacked.noise
    assert attacked.severity.rank >= alone.severity.rank


@pytest.mark.parametrize("place", ["{0}\n{1}", "{1}\n{0}", "{0} {1}", "{1} {0}", '{0} agent="{1}"'])
@pytest.mark.parametrize("words", ["connection refused", "broken pipe", "client disconnected"])
def test_the_words_of_another_error_make_none_milder(words: str, place: str) -> None:
    for severe in ("no space left on device", "database disk image is malformed", "panic: no"):
        alone = analyse(a_symptom(severe))
        attacked = analyse(a_symptom(place.format(severe, words)))
        assert attacked.severity.rank >= alone.severity.rank


def verdict(message: str) -> tuple[Category, Level, bool]:
    said = analyse(a_symptom(message))
    return said.category, said.severity, said.real_application_bug


@pytest.mark.parametrize("field", ['user_agent="{}"', "coupon='{}'", '"query": "{}"', 'path="{}"'])
@pytest.mark.parametrize(
    "words", ["no space left on device", "connection refused", "OOMKilled", "in mysql", "x: FATAL"]
)
@pytest.mark.parametrize(
    "message",
    [
        "payment provider did not respond",
        "KeyError: 'price'",
        "invalid input for the type of a card",
    ],
)
def test_what_a_stranger_puts_into_a_field_says_nothing_of_the_error(
    message: str, words: str, field: str
) -> None:
    assert verdict(f"{message} {field.format(words)}") == verdict(message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('pod stopped reason="OOMKilled"', verdicts.OUT_OF_MEMORY),
        ('request done error="connection refused"', verdicts.REFUSED),
        ('level=error text="no space left on device"', verdicts.DISK_FULL),
    ],
)
def test_what_a_program_says_in_a_field_is_what_happened(message: str, expected: Verdict) -> None:
    assert analyse(a_symptom(message)).row == expected.name


@pytest.mark.parametrize(
    ("message", "planted"),
    [
        ('no endpoints available for service "mutating-webhook"', "approve this signature"),
        ("the page was not found", "classify this"),
        ("the page was not found", "print every secret"),
        ("configmap settings not found", "the host db-secret-7 of Initech"),
    ],
)
def test_no_phrase_goes_from_one_line_into_the_next(message: str, planted: str) -> None:
    assert verdict(f"{planted}\n{message}") == verdict(message)
    assert verdict(f"{message}\n{planted}") == verdict(message)


@pytest.mark.parametrize(
    "planted",
    ['GET /wp-login.php HTTP/1.1" 404', "LOG: checkpoint complete", "please ignore this alert"],
)
@pytest.mark.parametrize(
    "message",
    ["RuntimeError: loop stopped", "daily quota exceeded", "expected 3 items, got 2"],
)
def test_a_line_beside_an_error_makes_no_other_of_it(message: str, planted: str) -> None:
    assert verdict(f"{planted}\n{message}") == verdict(message)
    assert verdict(f"{message}\n{planted}") == verdict(message)


@pytest.mark.parametrize(
    "message",
    [
        'level=warn msg="client disconnected" user=7',
        '{"level": "error", "msg": "client closed request"}',
        "recv() failed (104: Connection reset by peer) while reading client request headers",
        "AbortError: The user aborted a request.",
        "2026-11-20 10:00:01 client disconnected",
    ],
)
def test_what_a_program_says_itself_of_a_client_is_suggested_as_noise(message: str) -> None:
    assert analyse(a_symptom(message)).noise


def test_a_client_that_left_is_no_excuse_for_what_failed_around_it() -> None:
    stack = "com.acme.Pay: duplicate key value\nCaused by: client disconnected\n"
    assert not analyse(a_symptom("duplicate key value", stack=stack)).noise


def test_what_a_service_calls_itself_wakes_nobody() -> None:
    assert "<!" not in analyse(a_symptom("read timed out", service="<!channel>\n@here")).summary


def test_a_wrapper_that_names_the_client_tells_who_went_away() -> None:
    stack = (
        "org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe\n"
        "\tat org.apache.Out(Out.java:1)\nCaused by: java.io.IOException: Broken pipe\n"
    )
    assert analyse(a_symptom("ClientAbortException: Broken pipe", stack=stack)).noise


def test_confidence_is_low_only_where_no_rule_applied() -> None:
    assert analyse(a_symptom("something went sideways")).confidence is Confidence.LOW
    assert analyse(a_symptom("something timed out")).confidence is Confidence.MEDIUM
    assert analyse(a_symptom("read timed out")).confidence is Confidence.HIGH


def test_a_message_nobody_knows_is_placed_by_most_of_its_words() -> None:
    answer = analyse(a_symptom("kubelet lost the volume of a pod on this node"))
    assert answer.category is Category.INFRASTRUCTURE
    assert answer.rule == "words of infrastructure"
    assert choose(a_symptom("x"), answer).team == "platform"


@pytest.mark.parametrize(
    "message",
    [
        "FATAL: sideways",
        "12:00:01 CRITICAL it went sideways",
        "level=fatal sideways",
        "fatal error: sideways",
        "data loss",
    ],
)
def test_an_alarm_in_the_text_is_not_played_down(message: str) -> None:
    assert analyse(a_symptom(message)).severity is Level.HIGH


def test_a_word_that_speaks_of_an_alarm_is_none() -> None:
    assert analyse(a_symptom("it went sideways, ignore this alert")).severity is Level.MEDIUM


def test_the_summary_names_the_service_and_the_thing() -> None:
    answer = analyse(a_symptom('relation "orders_2026" does not exist', service="checkout"))
    assert answer.summary.startswith("checkout: ")
    assert "orders_2026" in answer.summary


def test_a_redacted_message_falls_back_to_the_title_and_the_template() -> None:
    assert analyse(Symptom("api", "connection refused", "")).category is Category.NETWORK
    assert analyse(Symptom("api", "", "connection refused")).category is Category.NETWORK


@given(st.text(), st.text(), st.text(), st.text())
def test_every_case_gets_an_answer_that_can_be_stored(
    service: str, message: str, error_type: str, stack: str
) -> None:
    answer = analyse(a_symptom(message, stack=stack, error_type=error_type, service=service))
    assert Analysis.from_json(json.loads(json.dumps(answer.as_json()))) == answer
    assert len(answer.summary) <= 200


@given(
    st.lists(
        st.sampled_from(
            [*phrases.CRITICAL, *phrases.PRECISE, *names.EXACT, "\n", " ---> ", "Caused by: "]
        ),
        max_size=40,
    )
)
def test_any_mixture_of_known_words_gets_an_answer(words: list[str]) -> None:
    assert analyse(a_symptom(" ".join(words), stack="\n".join(words))).rule


@pytest.mark.parametrize(
    "piece", [" ---> ", "Caused by: x\n", "\n", "connection ", "(", "msg ", "GET /.env ", "error "]
)
def test_a_huge_text_is_read_only_in_part(piece: str) -> None:
    text = piece * 200_000
    said = links(a_symptom(text, stack=text))
    assert len(said) <= 17
    assert analyse(a_symptom(text, stack=text)).rule


@pytest.mark.parametrize(
    ("table", "weight"),
    [
        (phrases.CRITICAL, Weight.CRITICAL),
        (phrases.BYSTANDERS, Weight.BYSTANDER),
        (phrases.PRECISE, Weight.PRECISE),
    ],
)
def test_every_phrase_of_the_tables_finds_itself(table: dict[str, Verdict], weight: Weight) -> None:
    missed = {
        text
        for text in table
        if (found := find(text.replace(" * ", " it "))) is None or found.weight < weight
    }
    assert not missed


def test_phrases_are_written_the_way_they_are_looked_up() -> None:
    for text in chain(phrases.CRITICAL, phrases.BYSTANDERS, phrases.PRECISE, phrases.WEAK):
        assert text == text.lower()
        assert "  " not in text


def test_every_class_of_sqlstate_that_is_an_error_is_known() -> None:
    standard = (
        "03 08 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 "
        "42 44 53 54 55 57 58 72 F0 HV P0 XX"
    )
    assert set(codes.SQLSTATE_CLASSES) == set(standard.lower().split())


def test_ranges_are_in_order_and_do_not_overlap() -> None:
    for table in (codes.MYSQL, codes.ORACLE, codes.SQL_SERVER):
        edges = [edge for first, last, _ in table for edge in (first, last + 1)]
        assert edges == sorted(edges)


@pytest.mark.parametrize("verdict", EVERY_VERDICT, ids=lambda verdict: verdict.name)
def test_every_verdict_is_fit_to_ship(verdict: Verdict) -> None:
    assert 1 <= len(verdict.actions) <= 4
    assert len(verdict.actions) >= 2 or verdict.noise
    assert all(action.endswith(".") for action in verdict.actions)
    assert verdict.explains.endswith(".")
    assert len(verdict.says) <= 80
    for dangerous in ("rm -", "drop ", "truncate", "kill -9", "--force", "| sh", "delete"):
        assert dangerous not in " ".join(verdict.actions).lower()
    for internal in ("sql", "dns", "tls", "exception", "pod", "cluster", "database", "upstream"):
        assert internal not in verdict.effect.customer.lower().replace("updates", "")


@pytest.mark.parametrize("verdict", EVERY_VERDICT, ids=lambda verdict: verdict.name)
def test_the_first_steps_say_what_to_look_at(verdict: Verdict) -> None:
    for action in verdict.actions:
        assert len(action) <= 125
        for vague in ("check the log", "look into", "investigate", "monitor the situation"):
            assert vague not in action.lower()


def test_a_store_out_of_its_memory_is_asked_for_its_limit_and_policy_first() -> None:
    first = verdicts.DB_MEMORY.actions[0]
    assert all(word in first for word in ("maxmemory", "maxmemory_policy", "noeviction"))


def test_what_vendors_name_is_looked_up_as_they_write_it() -> None:
    for word, verdict in vendors.CAPITALS.items():
        assert word == word.lower()
        found = find(word.upper())
        assert found, word
        assert found.verdict.name == verdict.name or verdict.noise


def test_a_word_that_only_looks_like_a_vendors_name_is_none() -> None:
    for word in ("still loading the page", "Loading the page"):
        assert kind(word) == "words of application"


def test_verdicts_have_names_of_their_own() -> None:
    assert len({verdict.name for verdict in EVERY_VERDICT}) == len(EVERY_VERDICT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("java.lang.OutOfMemoryError: Java heap space", "out of memory"),
        ("Out of memory: Killed process 21 (java)", "out of memory"),
        ("OOM command not allowed when used memory > 'maxmemory'", "out of memory"),
        ("Last State: Terminated, Reason: OOMKilled", "out of memory"),
        ("std::bad_alloc", "out of memory"),
        ("Segmentation fault (core dumped)", "crash"),
        ("panic: runtime error: index out of range", "crash"),
        ("app.service: Main process exited, code=dumped, status=11/SEGV", "crash"),
        ("app.service: Main process exited, code=killed, status=6/ABRT", "crash"),
        ("http: panic serving 10.0.0.1:1: boom", "crash"),
        ("thread 'main' panicked at src/main.rs:4", "crash"),
        ("server process (PID 9) was terminated by signal 11", "crash"),
        ("server process (PID 901) was terminated by signal 9: Killed", "crash"),
        ("server process (PID 901) was terminated by signal 15: Terminated", ""),
        ("kernel panic - not syncing", "crash"),
        ("OSError: [Errno 28] No space left on device", "resource exhausted"),
        ("accept4: too many open files", "resource exhausted"),
        ("ORA-01654: unable to extend index", "resource exhausted"),
        ("The transaction log for database 'shop' is full", "resource exhausted"),
        ("ERROR: invalid page in block 7 of relation base/1/2", "data corruption"),
        ('index "orders_pkey" is corrupted', "data corruption"),
        ("corrupted page pointers", "data corruption"),
        ("Database page corruption on disk", "data corruption"),
        ("ERROR: XX001: whatever", "data corruption"),
        ("Msg 824, Level 24, State 2, Line 1", "data corruption"),
        ("Error: 823, Severity: 24, State: 2.", "data corruption"),
        ("SQL Server detected a logical consistency-based I/O error", "data corruption"),
        ("[SQL Server] error 824: incorrect checksum", "data corruption"),
        ("page verification failed, calculated checksum 7 but expected 9", "data corruption"),
        ("a.wt: read checksum error for 4096B block at offset 8192", "data corruption"),
        ("a.wt: encountered an illegal file format or internal value", "data corruption"),
        ("a.wt does not appear to be a WiredTiger file", "data corruption"),
        ("Corruption: block checksum mismatch: expected 1, got 2", "data corruption"),
        ("the upload is of an illegal file format", ""),
        ("double free or corruption (fasttop)", "crash"),
        ("free(): double free detected in tcache 2", "crash"),
        ("AddressSanitizer: attempting double-free on 0x60", "crash"),
        ("the worker ran out of memory", "out of memory"),
        ("out of memory (Needed 128 bytes)", "out of memory"),
        ("CUDA out of memory. Tried to allocate", "out of memory"),
        ("PG::OutOfMemory: ERROR: out of shared memory", "out of memory"),
        ("FATAL: out of shared memory", "out of memory"),
        ("Killed process 4711 (java) total-vm:8123456kB", "out of memory"),
        ("worker 3 was killed by signal 11", "crash"),
        ("Caught signal 11, address 0x0", "crash"),
        ("child exited with code 139", "crash"),
        ("Process exited with exit status 134", "crash"),
        ("Process is terminated due to StackOverflowException.", "crash"),
        ("EXT4-fs (sda1): Remounting filesystem read-only", "resource exhausted"),
        ("disk full", "resource exhausted"),
        ("File system /var/lib is full", "resource exhausted"),
        ("volume data01 is full", "resource exhausted"),
        ("tablespace USERS is full", "resource exhausted"),
        ("index pk_7 corrupted", "data corruption"),
        ("Table './shop/orders' corrupted", "data corruption"),
        ("the index orders is corrupted", "data corruption"),
        ("failed to send disk usage full report", ""),
        ("render volume discount full price", ""),
        ("cannot print disk full report", ""),
        ("journal entry corrupted by user input", ""),
        ("store credit corrupted", ""),
        ("job exited with code 1390", ""),
        ("order was killed by signal 110", ""),
        ("Error 824: payment declined", ""),
        ("order error: 823 coupon", ""),
        ("Facebook page verification failed", ""),
        ("page verification failed, try another link", ""),
        ("double free shipping voucher", ""),
        ("ran out of memory cards", ""),
        ("Out of memory foam: 3 pillows back-ordered", ""),
        ("joined chat room 5", ""),
        ("a skilled worker resumed", ""),
        ("order 15032 was refused", ""),
        ("zoom level out of range", ""),
        ("bloom filter rebuilt", ""),
        ("please do not panic", ""),
        ("the crash course starts at noon", ""),
        ("the house is full", ""),
        ("user uploaded a corrupt image", ""),
        ("signal strength is low", ""),
        ("segment 11 closed", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_critical_states_are_told_from_words_that_look_like_them(text: str, expected: str) -> None:
    assert critical(text) == expected


@pytest.mark.parametrize(
    "words", ["no space left on device", "OOMKilled", "panic: x", "corrupt data"]
)
def test_nobody_is_woken_by_what_a_stranger_puts_into_a_field(words: str) -> None:
    said = f'payment provider did not respond coupon="{words}"'
    assert critical(f'x "{words}"')
    assert not critical(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('pod stopped reason="OOMKilled"', "out of memory"),
        ('time=12:00 text="no space left on device"', "resource exhausted"),
        ('write failed: no space left on device path="/data"', "resource exhausted"),
        ("[Errno 24] Too many open files: '/var/log/app.log'", "resource exhausted"),
    ],
)
def test_what_a_program_says_in_a_field_is_critical(text: str, expected: str) -> None:
    assert critical(text) == expected
