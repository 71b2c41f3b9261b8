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
