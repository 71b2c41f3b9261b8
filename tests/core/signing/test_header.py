from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.event import Severity
from bot.core.signing import header

AT = datetime(2026, 11, 21, 2, 17, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "severity", "message"),
    [
        ("Nov 21 02:17:02 web-1 sshd[24200]: session closed", None, "session closed"),
        ("Nov 21 02:17:02 web-1 sshd(pam_unix)[19937]: check pass", None, "check pass"),
        ("2026-11-21T02:17:02Z ERROR payments: declined", Severity.ERROR, "payments: declined"),
        ("2026-11-21T02:17:02Z web-1 payments: declined", None, "declined"),
        ("<34>1 2026-11-21T02:17:02Z web-1 su - ID47 - failed", Severity.CRITICAL, "failed"),
        ("<11>Nov 21 02:17:02 web-1 app[7]: boom", Severity.ERROR, "boom"),
        ("[2026-11-21 02:17:02] production.ERROR: no money", Severity.ERROR, "no money"),
        ("fail: Shop.Pay[0]\n      charge failed", Severity.ERROR, "charge failed"),
        ("info: Microsoft.Hosting.Lifetime[14]", Severity.INFO, ""),
        (
            "2026/11/21 02:17:02 [error] 22822#22822: *1 open() failed",
            Severity.ERROR,
            "open() failed",
        ),
        (
            "2026-11-21 02:17:02.479 UTC [13996] app@shop ERROR:  overflow",
            Severity.ERROR,
            "overflow",
        ),
        (
            "2026-11-21 02:17:02,978 INFO [main] org.apache.hadoop.App: Created",
            Severity.INFO,
            "Created",
        ),
        (
            f"2026-11-21 02:17:02,978 WARN [Streamer {'x' * 300}] org.apache.hadoop.App: Cut",
            Severity.WARNING,
            "Cut",
        ),
        (
            "[2026-11-21 02:17:02,978: ERROR/ForkPoolWorker-3] Task shop.charge raised",
            Severity.ERROR,
            "Task shop.charge raised",
        ),
        (
            "2026-11-21T02:17:02.583Z ERROR 1 --- [main] c.e.Foo : hello",
            Severity.ERROR,
            "hello",
        ),
        (
            "2026-11-21 02:17:02,747 - WARN  [Peer[id=1]/0:0:2181:Election@774] - late",
            Severity.WARNING,
            "late",
        ),
        ("2026-11-21 02:17:02.568 | ERROR    | app:<module>:26 - failed", Severity.ERROR, "failed"),
        ("2026-11-21 02:17:02,552 ERROR [shop.cart] task failed", Severity.ERROR, "task failed"),
        ("2026-11-21 02:17:02.123 +00:00 [ERR] boom", Severity.ERROR, "boom"),
        ("[2026-11-21T02:17:02.584] [ERROR] shop - task failed", Severity.ERROR, "task failed"),
        ("[Sat Nov 21 02:17:02 2026] [notice] ready", Severity.INFO, "ready"),
        ("[21-Nov-2026 02:17:02 UTC] PHP Fatal error:  no", None, "PHP Fatal error:  no"),
        ("11-21 02:17:02.811  1702  2395 D WindowManager: frozen", Severity.DEBUG, "frozen"),
        ("E1121 02:17:02.123456   1234 file.go:123] oops", Severity.ERROR, "oops"),
        ("22806:M 21 Nov 2026 02:17:02.594 # OOM", Severity.WARNING, "OOM"),
        ("[ 3703.973094] Out of memory", None, "Out of memory"),
        (
            "E, [2026-11-21T02:17:02.123456 #1234] ERROR -- shop: Stopped",
            Severity.ERROR,
            "Stopped",
        ),
        ("Nov 21, 2026 2:17:02 AM Reports fail\nSEVERE: no rows", Severity.ERROR, "no rows"),
        ("ERROR:shop.cart:empty", Severity.ERROR, "empty"),
        ("2026-11-21T02:17:02Z stderr F 2026-11-21 02:17:02 ERROR boom", Severity.ERROR, "boom"),
        ("2026/11/21 02:17:02 http: panic serving", None, "http: panic serving"),
        (
            "[2026-11-21T02:17:02,552][WARN ][o.e.c.r.a.DiskMonitor] [node-1] disk is full",
            Severity.WARNING,
            "disk is full",
        ),
        (
            "[2026-11-21 02:17:02.123][12][warning][config] [source/grpc.cc:52] stream closed",
            Severity.WARNING,
            "stream closed",
        ),
        (
            "ERROR [Mutation-2] 2026-11-21 02:17:02,552 Proxy.java:63 - write timed out",
            Severity.ERROR,
            "write timed out",
        ),
        ("[ERROR] [2026-11-21 02:17:02] boom", Severity.ERROR, "boom"),
        ("2026-11-21 02:17:02, Error      CBS    no store", Severity.ERROR, "no store"),
        (
            "2026-11-21T02:17:02Z\tERROR\tshop\tcart/load.go:7\tno cart",
            Severity.ERROR,
            "no cart",
        ),
        ("2026-11-21 02:17:02 ERROR disk\tfull", Severity.ERROR, "disk\tfull"),
        ("2026-11-21 02:17:02\tERROR\tdisk_full\tno cart", Severity.ERROR, "disk_full\tno cart"),
        ("2026-11-21 02:17:02\tERROR\tcart/load.go:7\tno cart", Severity.ERROR, "no cart"),
        ("2026-11-21 02:17:02.500000-0800  mac-1 kernel[0]: (ACPI) no link", None, "no link"),
        ("[2026-11-21T02:17:02Z ERROR shop::cart] no cart", Severity.ERROR, "no cart"),
        (
            "2026-11-21 02:17:02, Info       CSI    [SR] cannot repair 7 files",
            Severity.INFO,
            "[SR] cannot repair 7 files",
        ),
        (
            "2026-11-21 02:17:02,552 WARN  [org.jboss.Pool] (default task-7) IJ000621: gone",
            Severity.WARNING,
            "IJ000621: gone",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR [shop.cart] (retry 3) failed",
            Severity.ERROR,
            "(retry 3) failed",
        ),
        (
            "2026-11-21 02:17:02.552 ERROR (pool is full) rejected",
            Severity.ERROR,
            "(pool is full) rejected",
        ),
        (
            "2026-11-21 02:17:02.552 WARNING (SyncWorker_0) [homeassistant.zha] [0xB12F] left",
            Severity.WARNING,
            "[0xB12F] left",
        ),
        (
            "2026-11-21 02:17:02.552 INFO  (qtp26-23) [   x:shops] o.a.s.c.SolrCore [shops] opened",
            Severity.INFO,
            "[shops] opened",
        ),
        (
            "2026-11-21 02:17:02.552 INFO  (main) [   ] o.e.j.u.log initialized",
            Severity.INFO,
            "initialized",
        ),
        (
            "21-Nov-2026 02:17:02.552 严重 [main] org.apache.catalina.core.Connector.init no port",
            Severity.ERROR,
            "no port",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR [main] java.io.IOException no file",
            Severity.ERROR,
            "java.io.IOException no file",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR [main] shop.example.com refused",
            Severity.ERROR,
            "shop.example.com refused",
        ),
        (
            "[2026-11-21 02:17:02,552] WARN [Broker id=1] late (kafka.server.Broker)",
            Severity.WARNING,
            "[Broker id=1] late (kafka.server.Broker)",
        ),
        (
            "ERROR 2026-11-21 02:17:02,552 tasks 3772 23412 no meter",
            Severity.ERROR,
            "no meter",
        ),
        (
            "2026-11-21 02:17:02.552 ERROR a4:c1:38:03:75:85:ed:14-1-0-lqi: no answer",
            Severity.ERROR,
            "a4:c1:38:03:75:85:ed:14-1-0-lqi: no answer",
        ),
        (
            "[2026-11-21 02:17:02,552] WARN [my-sink|task-0] [Producer id=1] late (kafka.Sender:7)",
            Severity.WARNING,
            "[Producer id=1] late (kafka.Sender:7)",
        ),
        (
            "2026-11-21 02:17:02.552123 osd.7 osd.7 10.0.0.2:6834/8685 871 : cluster [WRN] slow",
            Severity.WARNING,
            "slow",
        ),
        (
            "2026-11-21T02:17:02.552123+0000 mon.a (mon.0) 12 : cluster [ERR] no quorum",
            Severity.ERROR,
            "no quorum",
        ),
        ("2026-11-21T02:17:02Z E! [inputs.cart] no money", Severity.ERROR, "no money"),
        ("[17:42:1121/021702.552:ERROR:cart.cc(982)] no money", Severity.ERROR, "no money"),
        ("[1121/021702.552123:WARNING:CONSOLE(0)] no money", Severity.WARNING, "no money"),
        ("2026-11-21T02:17:02Z ERR a.b/shop/cart.go:19 > no money", Severity.ERROR, "no money"),
        ("2026/11/21 02:17:02 ...b/logger.go:47:func1() [T] router", Severity.DEBUG, "router"),
        (
            "2026-11-21 02:17:02,552 26557 WARNING shop odoo.api.create: not in batch",
            Severity.WARNING,
            "not in batch",
        ),
        (
            "[2026-11-21 02:17:02] WARNING[6756][C-0000001d] chan_sip.c: unknown peer",
            Severity.WARNING,
            "unknown peer",
        ),
        ("2026-11-21 02:17:02 [18643] no MAIL from 10.0.0.1", None, "no MAIL from 10.0.0.1"),
        ("2026-11-21 02:17:02 [404] GET /cart", None, "[404] GET /cart"),
        (
            "2026-11-21T02:17:02.552+0900 I  NETWORK  [conn5] end connection",
            Severity.INFO,
            "end connection",
        ),
        ("2026.11.21 02:17:02 WARN  web[][o.s.s.e.Indexer] no index", Severity.WARNING, "no index"),
        ("@400000004c91b044077a9e94 imap-login: refused", None, "imap-login: refused"),
        ("11/21/2026 02:17:02;0001;pbs_mom.18;Svr;pbs_mom;no server", None, "no server"),
        ("134 node-7 gige temperature 1795227422 1 too warm", None, "too warm"),
        (
            f"2026-11-21 02:17:02.123 ERROR 7 --- [main] c.shop.Pay{' ' * 30} : no money",
            Severity.ERROR,
            "no money",
        ),
        (
            f"2026-11-21T02:17:02Z ERROR 7 --- [shop] [main] PayJob{' ' * 34} : no money",
            Severity.ERROR,
            "no money",
        ),
        ("2026-11-21 02:17:02.1234|ERROR|Shop.Pay|no money", Severity.ERROR, "no money"),
        ("2026-11-21 02:17:02.123456 E [7:puma] Shop -- no money", Severity.ERROR, "no money"),
        ("[ERROR]\t2026-11-21T02:17:02.123Z\t5d4f-1\tno money", Severity.ERROR, "5d4f-1\tno money"),
        ("E/Pay     ( 1702): no money", Severity.ERROR, "no money"),
        ("W/Pay.Cart: no money", Severity.WARNING, "no money"),
        (
            "2026-11-21 02:17:02.811  1702-2395  Pay    com.shop    E  no money",
            Severity.ERROR,
            "no money",
        ),
        ("2026-11-21 02:17:02.123 [error] <0.17.0> no money", Severity.ERROR, "no money"),
        ("2026-11-21T02:17:02.123456+00:00 app[web.1]: no money", None, "no money"),
        ("I/O error: no money", None, "I/O error: no money"),
        ("2:17AM ERR no money", Severity.ERROR, "no money"),
        ("FATA[0017] no money", Severity.CRITICAL, "no money"),
        (
            "[2026-11-21, 02:17:02 UTC] {taskinstance.py:17} ERROR - no money",
            Severity.ERROR,
            "no money",
        ),
        ("3 of them were late 1795227422 1", None, "3 of them were late 1795227422 1"),
        *(
            (f"2026-11-21T02:17:02Z ERROR {head} : no money", Severity.ERROR, "no money")
            for head in (
                f"7 --- [shop] [main] [{' ' * 49}] c.a.Pay{' ' * 33}",
                f"7 --- [shop] [pool-2] [{'65b4a1c2' * 4}-b7c8d9e0f1a2b3c4] com.acme.Pay",
                "[shop,65b4a1c2d3e4f5a6,b7c8d9e0f1a2b3c4] 7 --- [pool-2] c.a.Pay",
                "[shop,,] 7 --- [main] c.a.Pay",
                "7 --- [main] o.a.c.c.C.[.[.[/].[servlet]",
                "7 --- [main] payments",
            )
        ),
        ("2026-11-21T02:17:02Z ERROR 7 --- [shop] [main] c.a.Pay   :", Severity.ERROR, ""),
        (
            "2026-11-21T02:17:02Z ERROR 7 --- [main] c.a.Pay : [cart 3] failed : no money",
            Severity.ERROR,
            "[cart 3] failed : no money",
        ),
        (
            "2026-11-21T02:17:02Z ERROR 7 --- [main] refused: no money",
            Severity.ERROR,
            "refused: no money",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR [shop.Cart] (pool-2) no money",
            Severity.ERROR,
            "no money",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR [shop.Cart] (DefaultScheduler_Worker-1) no money",
            Severity.ERROR,
            "no money",
        ),
        (
            "2026-11-21 02:17:02,552 ERROR (shard-2) no money",
            Severity.ERROR,
            "(shard-2) no money",
        ),
        *(
            (f"2026-11-21 02:17:02.123 UTC [7] DEBUG{n}:  no money", Severity.DEBUG, "no money")
            for n in ("", "1", "5", "9")
        ),
        (
            "[Sat Nov 21 02:17:02.123 2026] [core:error] [pid 7:tid 1] [client ::1:51234] AH1: no",
            Severity.ERROR,
            "AH1: no",
        ),
        ("[Sat Nov 21 02:17:02 2026] [error] [client 10.0.0.9] no", Severity.ERROR, "no"),
        (
            "=SUPERVISOR REPORT==== 21-Nov-2026::02:17:02.429169 ===\nno money",
            Severity.ERROR,
            "no money",
        ),
        ("=PROGRESS REPORT==== 21-Nov-2026::02:17:02 ===", Severity.INFO, ""),
        ("[02:17:02.123] ERROR (17): no money", Severity.ERROR, "no money"),
        ("[02:17:02.123] FATAL (shop/17 on web-1): no money", Severity.CRITICAL, "no money"),
        ("[2026-11-21 02:17:02.123 +0000] WARN (shop/17): late", Severity.WARNING, "late"),
        (
            "2026-11-21 02:17:02.123 ERROR (1045): denied",
            Severity.ERROR,
            "(1045): denied",
        ),
    ],
)
def test_a_header_is_set_aside(line: str, severity: Severity | None, message: str) -> None:
    read = header.split(line)
    assert (read.severity, read.message) == (severity, message)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-21 02:17:02 ERROR x",
        "2026-11-21T03:17:02+01:00 ERROR x",
        "[Sat Nov 21 02:17:02 2026] [error] x",
        "[21/Nov/2026:02:17:02 +0000] ERROR x",
        "21-Nov-2026 02:17:02.000 GRAVE [main] x",
        "=ERROR REPORT==== 21-Nov-2026::02:17:02 ===\nx",
        "=CRASH REPORT==== 21-Nov-2026::02:17:02.000000 ===\nx",
        "Nov 21, 2026 2:17:02 AM Reports fail\nSEVERE: x",
        "134 node-7 gige temperature 1795227422 1 x",
    ],
)
def test_its_time_is_read_as_utc(line: str) -> None:
    assert header.split(line).time == AT


def test_a_time_without_a_year_is_not_guessed() -> None:
    assert header.split("Nov 21 02:17:02 web-1 sshd[1]: x").time is None


def test_who_wrote_the_line_is_read() -> None:
    read = header.split("Nov 21 02:17:02 web-1 sshd[24200]: x")
    assert (read.host, read.service, read.pid) == ("web-1", "sshd", "24200")


@pytest.mark.parametrize(
    ("head", "service"),
    [
        ("7 --- [billing] [main]", "billing"),
        ("7 --- [billing] [           main]", "billing"),
        (f"7 --- [billing] [pool-2] [{'65b4a1c2' * 4}-b7c8d9e0f1a2b3c4]", "billing"),
        (f"[billing,{'65b4a1c2' * 4},b7c8d9e0f1a2b3c4] 7 --- [pool-2]", "billing"),
        ("[billing,,,] 7 --- [main]", "billing"),
        (f"7 --- [pool-2] [{'65b4a1c2' * 4}-b7c8d9e0f1a2b3c4]", ""),
        (f"7 --- [main] [{' ' * 49}]", ""),
        ("7 --- [main]", ""),
    ],
)
def test_the_application_that_spring_names_is_the_service(head: str, service: str) -> None:
    read = header.split(f"2026-11-21T02:17:02Z ERROR {head} c.a.Pay : no money")
    assert (read.service, read.logger, read.message) == (service, "c.a.Pay", "no money")


@pytest.mark.parametrize(
    "line",
    ["connection refused", "java.io.IOException: gone", "99 bottles", "", "[client 1.2.3.4] no"],
)
def test_a_line_without_a_header_is_all_message(line: str) -> None:
    assert header.split(line) == header.Header(line)


@pytest.mark.parametrize(
    "head",
    [
        "Nov 21 02:17:02 web-1 shop[7]: ERROR shop.cart: ",
        "Nov 21 02:17:02 web-1 shop[7]: [ERROR] shop.cart: ",
        "Nov 21 02:17:02 web-1 shop[7]: ERROR ",
        "Nov 21 02:17:02 web-1 shop[7]: ERROR: ",
        "<14>1 2026-11-21T02:17:02Z web-1 shop 7 - - ERROR [main] com.acme.Cart - ",
        "2026-11-21T02:17:02.552Z stderr F ERROR: ",
        "2026-11-21T02:17:02.123456+00:00 app[web.1]: ERROR shop.cart: ",
    ],
)
def test_a_level_below_what_carried_the_line_is_part_of_its_header(head: str) -> None:
    read = header.split(f"{head}no money")
    assert (read.severity, read.message) == (Severity.ERROR, "no money")


@pytest.mark.parametrize("message", ["Error: no money", "ERRORS were found", "INFO", "LOG is full"])
def test_a_word_that_is_no_level_stays(message: str) -> None:
    assert header.split(f"Nov 21 02:17:02 web-1 shop[7]: {message}").message == message


def test_an_exception_is_never_taken_for_a_logger() -> None:
    read = header.split("2026-11-21 02:17:02 ERROR java.io.IOException: gone")
    assert read.message == "java.io.IOException: gone"


def test_where_the_message_starts_depends_on_no_digit() -> None:
    line = "134681 node-246 unix.hw state_change 1077804742 1 no fan"
    assert header.length(line) == header.length(line.replace("1", "7")) == line.index("no fan")


@given(st.text())
def test_the_message_is_the_end_of_the_line(line: str) -> None:
    assert line.endswith(header.split(line).message)
