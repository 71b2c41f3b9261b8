import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.event import Frame
from bot.core.signing import raised, stack
from tests.builders import an_event

FIXTURES = Path(__file__).parent.parent / "fixtures"


def a_trace(name: str) -> tuple[stack.Raised, ...]:
    return stack.parse((FIXTURES / f"{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("trace", "types"),
    [
        ("python_chain", ["sqlalchemy.exc.IntegrityError", "psycopg.errors.UniqueViolation"]),
        ("python_recursion", ["RecursionError"]),
        ("java_chain", ["Reports$ReportException", "java.net.ConnectException"]),
        ("node", ["TokenExpiredError"]),
        ("node_cause", ["Error", "TypeError"]),
        ("go", ["panic"]),
        ("ruby", ["NoMethodError"]),
        ("ruby_chain", ["ArgumentError", "NoMethodError"]),
        ("php", ["PDOException"]),
        ("rails", ["ActiveRecord::RecordNotFound", "PG::ConnectionBad"]),
        ("rust", ["panic"]),
        ("zap", [""]),
        ("anyhow", ["Error"]),
        ("elixir", ["ArgumentError"]),
        ("erlang", ["badarg"]),
        ("erlang_crash", ["error"]),
        ("erlang_line", ["no_money"]),
        ("perl", [""]),
        ("firefox", ["TypeError"]),
        ("safari", ["TypeError"]),
        ("node_aggregate", ["AggregateError", "Error", "Error"]),
        (
            "dotnet_aggregate",
            [
                "System.AggregateException",
                "System.InvalidOperationException",
                "System.ArgumentException",
            ],
        ),
        (
            "dotnet",
            [
                "System.InvalidOperationException",
                "System.Net.Http.HttpRequestException",
                "System.Net.Sockets.SocketException",
            ],
        ),
    ],
)
def test_a_chain_runs_from_the_outermost_exception_to_its_cause(
    trace: str, types: list[str]
) -> None:
    assert [raised.type for raised in a_trace(trace)] == types


@pytest.mark.parametrize(
    ("trace", "innermost"),
    [
        ("python_chain", "execute"),
        ("java_chain", "lambda$main"),
        ("node_cause", "loadCart"),
        ("go", "(*T).put"),
        ("go_repanic", "main"),
        ("ruby", "amount"),
        ("php", "PDO->query"),
        ("rails", "Order.pick"),
        ("rust", "charge"),
        ("zap", "(*Service).Charge"),
        ("dotnet", "PriceAsync"),
        ("elixir", "charge"),
        ("erlang", "charge"),
        ("erlang_crash", "charge"),
        ("erlang_line", "handle_info"),
        ("perl", "post"),
        ("firefox", "charge"),
        ("safari", "charge"),
    ],
)
def test_the_applications_own_frames_are_told_from_the_libraries(
    trace: str, innermost: str
) -> None:
    own = [frame.function for frame in a_trace(trace)[0].frames if stack.in_app(frame)]
    assert own[0] == innermost


@pytest.mark.parametrize(
    "made",
    [
        "Orders$$EnhancerBySpringCGLIB$$3f9a1c2d",
        "Orders$$FastClassBySpringCGLIB$$a7b1d0aa",
        "Orders$$SpringCGLIB$$0",
        "Orders$$SpringCGLIB$$FastClass$$12",
        "Orders$$EnhancerByCGLIB$$d0aa",
        "Orders$$EnhancerByGuice$$4c9",
        "Orders$$EnhancerByGuice$$118829467",
        "Orders$HibernateProxy$AbCd1eFg",
        "Orders$HibernateProxy",
        "Orders_$$_jvst1a4_0",
        "Orders_$$_javassist_17",
        "Orders$Proxy$_$$_WeldClientProxy",
        "Orders$ByteBuddy$hJ6aX0tY",
        "Orders$MockitoMock$1733295",
        "Orders$$Lambda$14/0x0000000800c8c440",
        "Orders$$Lambda$7/791452441",
        "Orders$$Lambda/0x000073d2b80039f8",
        "Orders$$ExternalSyntheticLambda3",
        "Orders$$$view12",
    ],
)
def test_a_class_that_was_made_as_the_program_ran_is_that_which_it_was_made_of(made: str) -> None:
    assert _place_in(f"com.acme.{made}") == ("com.acme.Orders.post",)


@pytest.mark.parametrize("written", ["Orders$Lines", "Orders$$anonfun$post", "ByteBuddy", "$Money"])
def test_a_class_that_somebody_wrote_is_itself(written: str) -> None:
    assert _place_in(f"com.acme.{written}") == (f"com.acme.{written}.post",)


def test_proxies_of_java_itself_are_not_told_apart_by_their_number() -> None:
    assert _place_in("com.acme.$Proxy7") == _place_in("com.acme.$Proxy118")


@pytest.mark.parametrize("made", ["CGLIB$post$0", "post$accessor$aB3x9QzP", "post$original$Zk3x9"])
def test_a_function_that_was_made_is_that_which_it_calls(made: str) -> None:
    assert _place_in("com.acme.Orders", made) == ("com.acme.Orders.post",)


def _place_in(kind: str, function: str = "post") -> tuple[str, ...]:
    text = (
        f"java.io.IOException: gone\n\tat {kind}.{function}(<generated>)\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:840)"
    )
    failure = raised.of(an_event(stack=text))
    assert failure is not None
    return failure.places


@pytest.mark.parametrize(
    ("trace", "places"),
    [
        ("elixir", ("Shop.Pay.charge", "Shop.Pay.handle_call")),
        ("erlang", ("shop_pay.charge", "shop_pay.handle_call")),
        ("erlang_crash", ("shop_pay.charge", "shop_pay.each")),
        ("perl", ("Shop.Pay.post", "Shop.Pay.charge")),
        ("firefox", ("main.charge", "main.pay", "main.submit")),
        ("safari", ("main.charge",)),
    ],
)
def test_where_it_was_raised_is_told_by_functions_of_ours_whatever_their_lines(
    trace: str, places: tuple[str, ...]
) -> None:
    text = (FIXTURES / f"{trace}.txt").read_text(encoding="utf-8")
    moved = re.sub(r"(?<=ex:)\d+|(?<=line[, ])\d+|(?<=js:)\d+:\d+", _later, text)
    found, again = (raised.of(an_event(stack=one)) for one in (text, moved))
    assert found
    assert again
    assert moved != text
    assert found.places == places
    assert again.key == found.key


def _later(line: re.Match[str]) -> str:
    return ":".join(str(int(number) + 17) for number in line[0].split(":"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            (
                "** (exit) an exception was raised:\n"
                "    ** (KeyError) key :total not found in: %{}\n"
                "        (shop 0.1.0) lib/shop/cart.ex:7: Shop.Cart.total/1\n"
            ),
            [("KeyError", "key :total not found in: %{}", "total")],
        ),
        (
            (
                "** (exit) exited in: GenServer.call(Shop.Bank, :charge, 5000)\n"
                "    ** (EXIT) time out\n"
                "    (elixir 1.14.0) lib/gen_server.ex:1038: GenServer.call/3\n"
                "    (shop 0.1.0) lib/shop/pay.ex:7: anonymous fn/1 in Shop.Pay.charge/1\n"
            ),
            [
                ("exit", "exited in: GenServer.call(Shop.Bank, :charge, 5000)", ""),
                ("EXIT", "time out", "charge"),
            ],
        ),
        (
            (
                "** (FunctionClauseError) no function clause matching in Shop.Pay.charge/1\n\n"
                "    The following arguments were given to Shop.Pay.charge/1:\n\n        # 1\n"
                "        %{total: 0}\n\n    (shop 0.1.0) lib/shop/pay.ex:12: Shop.Pay.charge/1\n"
            ),
            [
                (
                    "FunctionClauseError",
                    "no function clause matching in Shop.Pay.charge/1",
                    "charge",
                )
            ],
        ),
    ],
)
def test_what_elixir_passed_on_is_told_by_what_happened(
    text: str, told: list[tuple[str, str, str]]
) -> None:
    assert [
        (one.type, one.message, next((f.function for f in one.frames if stack.in_app(f)), ""))
        for one in stack.parse(text)
    ] == told


def test_a_script_is_the_same_after_a_deploy_that_named_it_anew() -> None:
    said = "TypeError: order is undefined\n"
    for call in ("charge@{}:2:41\n", "    at charge ({}:2:41)\n"):
        one, other = (
            raised.of(an_event(stack=said + call.format(f"https://a.example/js/{name}")))
            for name in ("main.8f3a1c22.js", "main.77d0e1fa.js")
        )
        assert one
        assert other
        assert (one.places, one.key) == (("main.charge",), other.key)


def test_a_group_carries_its_members() -> None:
    (group,) = a_trace("python_group")
    assert [member.type for member in group.members] == ["LookupError"]


@pytest.mark.parametrize("trace", ["python_recursion", "go_recursion"])
def test_recursion_is_kept_once(trace: str) -> None:
    assert len(a_trace(trace)[0].frames) <= 8


def test_runs_of_two_functions_that_call_each_other_are_kept_once() -> None:
    ping, pong, start = Frame("m", "ping"), Frame("m", "pong"), Frame("m", "start")
    assert stack.collapse([ping, pong] * 5 + [start]) == (ping, pong, start)


def test_what_the_sender_says_about_a_frame_wins() -> None:
    assert stack.in_app(Frame("/site-packages/ours/api.py", "get", in_app=True))


def test_a_text_without_a_stack_has_no_exceptions() -> None:
    assert stack.parse("connection refused at 10:00") == ()


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert isinstance(stack.parse(text), tuple)


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.txt")), ids=lambda file: file.stem)
def test_the_outermost_exception_is_the_same_however_often_its_stack_comes(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for numbered in (text, text.translate(DIGITS), text):
        chain = stack.parse(numbered)
        first = (chain[0].type, chain[0].message) if chain else None
        assert raised.outermost(numbered) == first


DIGITS = str.maketrans("123456789", "234567891")
