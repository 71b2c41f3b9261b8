"""What was acknowledged is carried out: in order where it matters, and before the end."""

from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.crew import Crew, Rush

SOON = 10
LINES = st.sets(st.sampled_from(["ana", "tomas", "E-2", "E-3"]))


@settings(max_examples=30, deadline=None)
@given(st.lists(LINES, max_size=30))
def test_what_is_in_one_line_is_done_as_it_came(asked: list[set[str]]) -> None:
    crew, done = Crew("test", workers=4), list[int]()
    for number, lines in enumerate(asked):
        assert crew.take(lambda n=number: done.append(n), lines=lines)  # type: ignore[misc]
    crew.finish(SOON)
    assert sorted(done) == list(range(len(asked)))
    for name in ("ana", "tomas", "E-2", "E-3"):
        of_line = [number for number in done if name in asked[number]]
        assert of_line == sorted(of_line)


def test_who_waits_for_another_holds_up_nobody_else() -> None:
    crew, leave, passed = Crew("test", workers=2), Event(), Event()
    crew.take(lambda: leave.wait(SOON), lines=["E-2"])
    crew.take(lambda: None, lines=["E-2"])
    crew.take(passed.set, lines=["E-3"])
    assert passed.wait(SOON)
    leave.set()
    assert crew.settle(SOON)


def test_a_form_goes_before_all_that_waits() -> None:
    crew, leave, done = Crew("test", workers=1), Event(), list[str]()
    crew.take(lambda: leave.wait(SOON))
    crew.take(lambda: done.append("details"))
    crew.take(lambda: done.append("form"), first=True)
    leave.set()
    crew.finish(SOON)
    assert done == ["form", "details"]


def test_work_waits_until_nobody_waits_for_an_acknowledgement() -> None:
    rush, crew, done = Rush(put_off_seconds=SOON), Crew("test", workers=1), list[str]()
    with rush.joined():
        with rush.joined():
            crew.take(rush.after(lambda: done.append("work")))
        assert not crew.settle(0)
        done.append("acknowledged")
    crew.finish(SOON)
    assert done == ["acknowledged", "work"]


def test_who_comes_right_after_another_is_acknowledged_before_any_work_begins() -> None:
    now, others = [0.0], [True, True]

    def pause(seconds: float) -> None:
        now[0] += seconds
        done.append("waited")
        if others:
            others.pop()
            with rush.joined():
                done.append("acknowledged")

    done = list[str]()
    rush = Rush(put_off_seconds=SOON, linger_seconds=1, clock=lambda: now[0], pause=pause)
    with rush.joined():
        work = rush.after(lambda: done.append("work"))
    work()
    assert done == ["waited", "acknowledged", "waited", "acknowledged", "waited", "work"]


def test_who_come_without_a_pause_put_work_off_only_so_long() -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds / 2
        with rush.joined():
            now[0] += seconds / 2

    rush = Rush(put_off_seconds=5, linger_seconds=2, clock=lambda: now[0], pause=pause)
    with rush.joined():
        work = rush.after(lambda: None)
    work()
    assert now == [5]


def test_who_come_just_after_the_rush_before_put_work_off_only_so_long() -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds
        assert now[0] <= 5
        with rush.joined():
            pass  # before whoever paused looks again

    rush = Rush(put_off_seconds=5, linger_seconds=2, clock=lambda: now[0], pause=pause)
    with rush.joined():
        work = rush.after(lambda: None)
    work()
    assert now == [5]


def test_a_rush_without_an_end_only_puts_work_off() -> None:
    rush, crew, done = Rush(put_off_seconds=0), Crew("test", workers=1), list[str]()
    with rush.joined():
        crew.take(rush.after(lambda: done.append("work")))
        assert crew.settle(SOON)
    assert done == ["work"]


def test_more_than_there_is_room_for_is_turned_away_and_what_follows_never_is() -> None:
    crew, leave, done = Crew("test", workers=1, room=2), Event(), list[int]()
    assert crew.take(lambda: leave.wait(SOON))
    assert crew.take(lambda: done.append(1))
    assert crew.is_full
    assert not crew.take(lambda: done.append(2))
    crew.follow_up(lambda: done.append(3))
    leave.set()
    assert crew.settle(SOON)
    assert done == [1, 3]
    assert crew.take(lambda: done.append(4))
    crew.finish(SOON)
    assert not crew.take(lambda: done.append(5))
    assert done == [1, 3, 4]


def test_what_fails_is_logged_and_its_worker_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    crew, done = Crew("test", workers=1), Event()
    crew.take(lambda: 1 / 0, lines=["E-2"])
    crew.take(done.set, lines=["E-2"])
    assert done.wait(SOON)
    assert "Work was given up: test" in caplog.text


def test_an_end_waits_only_so_long_and_says_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    crew, leave = Crew("test", workers=1), Event()
    crew.take(lambda: leave.wait(SOON))
    crew.finish(0.01)
    leave.set()
    assert "1 were not finished within 0.01 s: test" in caplog.text
    assert crew.settle(SOON)
