from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.event import Frame
from bot.core.signing import raised, stack

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
