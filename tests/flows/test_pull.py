"""A source is read once and whole, whatever ends the reading, and rests where it asks for that."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Literal

import pytest
from sqlalchemy import Connection, event, text

from bot.core.event import Event
from bot.core.hour import hour_of
from bot.core.intake.source import Backlog
from bot.flows import look
from bot.flows.pull import LEASE, ROUND, Puller
from bot.flows.receive import Intake, receiving
from bot.sources.loki_query import Loki
from bot.sources.pulled import Ask, Cursor, Limited, Page, Request, Source, Unavailable
from bot.sources.pushed import Delivery
from bot.wire import Reply
from storage.database import Database
from storage.events import count
from storage.locks import GONE_SECONDS, Gone, nobody
from tests.builders import NOON, a_presence, an_event
from tests.fakes import Clock

PAGES = 6
EACH = 10
FINE = Reply(200, {}, b"")


class Numbered(Source):
    """So many pages of events, of which each page begins with the last event of the one before."""

    kind: Literal["numbered"] = "numbered"
    name: str = "n"
    last: int = PAGES

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        for number in range(since["page"] if since else 0, self.last):
            ask(Request(str(number)))
            events = [self._event(EACH * number + one) for one in range(-1, EACH)]
            reached = until - timedelta(minutes=self.last - number)
            yield Page(Delivery(events), {"page": number + 1}, reached)

    def _event(self, number: int) -> Event:
        return an_event(source=self.origin, source_id=str(max(number, 0)))


class Killed(BaseException):
    """The process is no more."""


def counted(database: Database) -> int:
    with database.read() as session:
        return count(session, first=0, last=hour_of(NOON) + 100)


def failing(on: int, error: BaseException) -> Ask:
    """Answers, but raises at the request of that number."""
    asked = list[Request]()

    def ask(request: Request) -> Reply:
        asked.append(request)
        if len(asked) == on:
            raise error
        return FINE

    return ask


def always(_: Request) -> Reply:
    return FINE


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def intake(database: Database, clock: Clock) -> Iterator[Intake]:
    with receiving(database, clock) as intake:
        yield intake


Pulling = Callable[..., Puller]


@pytest.fixture
def pulling(database: Database, intake: Intake, clock: Clock) -> Pulling:
    """Makes a puller, as each process has one of its own."""

    def make(ask: Ask = always, source: Source | None = None, gone: Gone = nobody) -> Puller:
        holder = token_hex(4)
        return Puller(
            database, source or Numbered(), intake, holder=holder, ask=ask, clock=clock, gone=gone
        )

    return make


def test_all_pages_are_read_and_the_source_is_known_by_its_kind_and_name(
    database: Database, pulling: Pulling
) -> None:
    pulling().poke()
    assert counted(database) == PAGES * EACH
    (asked,) = look.pulled(database)
    assert (asked.name, asked.trouble, asked.succeeded) == ("numbered/n", "", NOON)
    assert asked.reached == NOON - timedelta(minutes=1)
    (heard,) = look.sources(database, now=NOON)
    assert heard.name == "numbered/n"


@pytest.mark.promise(row="R22")
@pytest.mark.parametrize("page", range(1, PAGES + 1))
def test_a_process_that_is_killed_between_pages_loses_and_doubles_nothing(
    database: Database, pulling: Pulling, clock: Clock, page: int
) -> None:
    with pytest.raises(Killed):
        pulling(failing(page, Killed())).poke()
    assert counted(database) == (page - 1) * EACH
    clock.move(seconds=LEASE.total_seconds())
    again = list[Request]()
    pulling(lambda request: again.append(request) or FINE).poke()
    assert counted(database) == PAGES * EACH
    assert [one.url for one in again] == [str(number) for number in range(page - 1, PAGES)]


@pytest.mark.both_engines
@pytest.mark.promise(row="R22")
def test_another_goes_on_as_soon_as_it_knows_that_the_one_before_is_gone(
    database: Database, pulling: Pulling
) -> None:
    elapsed = Clock()
    presence = a_presence(database, elapsed=lambda: elapsed().timestamp())
    with pytest.raises(Killed):
        pulling(failing(2, Killed())).poke()
    another = pulling(gone=presence.gone)
    another.poke()
    assert counted(database) == EACH, "it may have lost its lock just now"
    elapsed.move(seconds=GONE_SECONDS)
    another.poke()
    assert counted(database) == PAGES * EACH


@pytest.mark.promise(row="R22")
def test_no_transaction_ends_with_the_cursor_ahead_of_what_was_counted_or_behind_it(
    database: Database, pulling: Pulling
) -> None:
    ends = list[tuple[int, int]]()

    def look_at_it(connection: Connection) -> None:
        cursor = connection.scalar(text("SELECT cursor FROM pulls"))
        seen = connection.scalar(text("SELECT count(*) FROM seen"))
        ends.append((json.loads(cursor)["page"] if cursor else 0, seen))

    event.listen(database.engine, "commit", look_at_it)
    pulling().poke()
    event.remove(database.engine, "commit", look_at_it)
    assert sorted(set(ends)) == [(page, EACH * page) for page in range(PAGES + 1)]


@pytest.mark.promise(row="R22")
@pytest.mark.sqlite
def test_a_page_that_cannot_be_written_is_read_again(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    held = list[object]()

    def hold(_: Request) -> Reply:
        if len(held) == 2:
            locked = database.engine.connect()
            locked.execution_options(triage_begin="IMMEDIATE").begin()
            held.append(locked)
        else:
            held.append(None)
        return FINE

    with pytest.raises(Exception, match="locked"):
        pulling(hold).poke()
    held[2].close()  # type: ignore[attr-defined]
    assert counted(database) == 2 * EACH
    clock.move(seconds=LEASE.total_seconds())
    pulling().poke()
    assert counted(database) == PAGES * EACH


def test_it_is_asked_again_when_its_time_has_come(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    puller = pulling()
    puller.poke()
    later = pulling(failing(1, AssertionError("asked too early")), Numbered(last=PAGES + 1))
    clock.move(seconds=59)
    later.poke()
    clock.move(seconds=1)
    pulling(always, Numbered(last=PAGES + 1)).poke()
    assert counted(database) == (PAGES + 1) * EACH


def test_a_source_that_fails_is_left_alone_for_longer_each_time(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    rests = []
    for _ in range(9):
        pulling(failing(1, Unavailable("it is down"))).poke()
        (asked,) = look.pulled(database)
        assert asked.again
        rests.append((asked.again - clock()).total_seconds())
        clock.move(to=asked.again)
    assert rests == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert (asked.failures, asked.trouble, asked.succeeded) == (9, "it is down", None)
    pulling().poke()
    (asked,) = look.pulled(database)
    assert (asked.failures, asked.trouble) == (0, "")


def test_a_source_that_gets_on_between_its_failures_rests_no_longer_each_time(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    for page in range(1, PAGES):
        pulling(failing(2, Unavailable("too many requests"))).poke()
        (asked,) = look.pulled(database)
        assert asked.again
        assert counted(database) == page * EACH
        assert (asked.failures, asked.again - clock()) == (1, timedelta(seconds=15))
        clock.move(to=asked.again)


def test_a_backlog_tells_how_much_of_it_is_read_and_how_long_the_rest_takes(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    """Of 6 hours an hour a page, each of which takes half a round."""

    class Old(Numbered):
        def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
            for page in super().pages(since, until=until, ask=ask):
                yield replace(page, reached=NOON - timedelta(hours=PAGES - page.cursor["page"]))

    def slow(_: Request) -> Reply:
        clock.move(seconds=ROUND.total_seconds() / 2)
        return FINE

    pulling(slow, Old()).poke()
    (asked,) = look.pulled(database)
    assert asked.reached == NOON - timedelta(hours=4)
    assert asked.backlog == Backlog(NOON + ROUND / 2, NOON - timedelta(hours=5))
    pulling(slow, Old()).poke()
    (asked,) = look.pulled(database)
    told = asked.as_json(now=clock())["catching_up"]
    assert 0.55 < told["share"] < 0.6, "of the five hours that were left after the first page"
    assert 40 < told["left_seconds"] < 60, "as two fifths, where three fifths took 67 s"
    assert look.today(database, now=clock()).footer.behind == ((asked.name, asked.reached),)
    assert look.today(database, now=clock() + timedelta(hours=2)).footer.behind == (), (
        "who is asked no more is not caught up with"
    )
    pulling(slow, Old()).poke()
    (asked,) = look.pulled(database)
    assert (asked.backlog, asked.as_json(now=clock())["catching_up"]) == (None, None)
    assert look.today(database, now=clock()).footer.behind == ()


class Sparse(Source):
    """Pages with nothing on them, of which only the last gets on."""

    kind: Literal["sparse"] = "sparse"
    name: str = "s"

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        for number in range(PAGES):
            ask(Request(str(number)))
            yield Page(Delivery(), {"page": int(number == PAGES - 1)}, until)


def test_a_round_goes_on_until_something_is_gained(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    asked = list[Request]()

    def slow(request: Request) -> Reply:
        asked.append(request)
        clock.move(seconds=ROUND.total_seconds())
        return FINE

    puller = pulling(slow, Sparse())
    puller.poke()
    puller.poke()
    assert [one.url for one in asked] == ["0", *map(str, range(PAGES))]


@pytest.mark.parametrize(("said", "rest"), [(5, 15), (120, 120), (10**6, 3_600)])
def test_a_source_is_left_alone_for_as_long_as_it_says(
    database: Database, pulling: Pulling, said: int, rest: int
) -> None:
    busy = Unavailable("busy", retry_after=timedelta(seconds=said))
    pulling(failing(3, busy)).poke()
    assert counted(database) == 2 * EACH
    (asked,) = look.pulled(database)
    assert asked.again == NOON + timedelta(seconds=rest)


@pytest.mark.parametrize(
    ("page", "said", "rest"),
    [(1, 0, 60), (3, 0, 15), (1, 5, 15), (3, 120, 120), (1, 10**6, 3_600)],
)
def test_a_limit_of_requests_is_waited_out_and_is_no_failure(
    database: Database, pulling: Pulling, page: int, said: int, rest: int
) -> None:
    pulling(failing(page, Limited("no more", retry_after=timedelta(seconds=said)))).poke()
    (asked,) = look.pulled(database)
    assert (asked.is_limited, asked.failures, asked.trouble) == (True, 0, "no more")
    assert asked.again == NOON + timedelta(seconds=rest)
    assert counted(database) == (page - 1) * EACH


@pytest.mark.parametrize(
    ("left", "reset"),
    [
        ("X-RateLimit-Remaining", ("X-RateLimit-Reset", "600")),
        ("X-Sentry-Rate-Limit-Remaining", ("X-Sentry-Rate-Limit-Reset", "1794999600")),
    ],
)
def test_once_no_request_is_left_none_is_made_until_there_are_more(
    database: Database, pulling: Pulling, clock: Clock, left: str, reset: tuple[str, str]
) -> None:
    asked = list[Request]()

    def ask(request: Request) -> Reply:
        asked.append(request)
        name, when = reset
        date = {"date": "Wed, 18 Nov 2026 10:50:00 GMT"}
        return Reply(200, {left.lower(): str(2 - len(asked)), name.lower(): when, **date}, b"")

    puller = pulling(ask)
    puller.poke()
    (state,) = look.pulled(database)
    assert (len(asked), counted(database)) == (2, 2 * EACH)
    assert (state.is_limited, state.again) == (True, NOON + timedelta(minutes=10))
    clock.move(to=NOON + timedelta(minutes=9, seconds=59))
    puller.poke()
    assert len(asked) == 2
    clock.move(seconds=1)
    puller.poke()
    assert counted(database) == PAGES * EACH


def test_a_kind_that_breaks_is_told_of_and_tried_again(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    pulling(failing(2, KeyError("nobody's"))).poke()
    (asked,) = look.pulled(database)
    assert asked.trouble == "It failed here; the log says how."
    clock.move(seconds=15)
    pulling().poke()
    assert counted(database) == PAGES * EACH


@pytest.mark.promise(row="R6")
@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=365)])
def test_one_that_was_asked_while_the_clock_was_ahead_does_not_wait_that_long(
    database: Database, pulling: Pulling, clock: Clock, ahead: timedelta
) -> None:
    clock.move(to=NOON + ahead)
    pulling(failing(1, Unavailable("down"))).poke()
    assert counted(database) == 0
    clock.move(to=NOON)
    pulling().poke()
    assert counted(database) == PAGES * EACH


@pytest.mark.promise(row="R6")
def test_how_far_a_clock_that_was_ahead_read_counts_as_nothing() -> None:
    source = Loki(name="l", url="http://127.0.0.1", query="{}")
    read = {"to": (NOON + timedelta(hours=3)).isoformat()}
    assert source.window(read, until=NOON) == source.window(None, until=NOON)
    skewed = {"to": (NOON + timedelta(minutes=3)).isoformat()}
    assert source.window(skewed, until=NOON).overlap, "replicas' clocks differ"


@pytest.mark.promise(row="R23")
def test_two_processes_do_not_ask_at_once(database: Database, pulling: Pulling) -> None:
    other = pulling(failing(1, AssertionError("asked beside the other")))

    def meanwhile(_: Request) -> Reply:
        other.poke()
        return FINE

    pulling(meanwhile).poke()
    (asked,) = look.pulled(database)
    assert (asked.failures, counted(database)) == (0, PAGES * EACH)


def test_a_long_backlog_lets_others_have_their_turn_and_goes_on_at_the_next_poke(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    def slow(_: Request) -> Reply:
        clock.move(seconds=ROUND.total_seconds() / 2)
        return FINE

    puller = pulling(slow)
    for part in (1, 2, 3):
        puller.poke()
        assert counted(database) == part * 2 * EACH


def test_a_stop_ends_it_after_the_page_and_is_no_failure(
    database: Database, pulling: Pulling
) -> None:
    def stop(_: Request) -> Reply:
        puller.stop()
        return FINE

    puller = pulling(stop)
    puller.poke()
    puller.poke()
    assert counted(database) == EACH
    pulling().poke()
    assert counted(database) == PAGES * EACH


def test_a_stop_while_it_is_asked_is_no_failure(database: Database, pulling: Pulling) -> None:
    def stop(_: Request) -> Reply:
        puller.stop()
        raise Unavailable("Stopped while it was asked.")

    puller = pulling(stop)
    puller.poke()
    (asked,) = look.pulled(database)
    assert (asked.failures, asked.again) == (0, None)


def test_a_digest_says_what_it_lacks_of_a_source_that_cannot_be_read(
    database: Database, pulling: Pulling, clock: Clock
) -> None:
    pulling().poke()
    reached = NOON - timedelta(minutes=1)
    clock.move(minutes=29)
    pulling(failing(1, Unavailable("it is down")), Numbered(last=PAGES + 1)).poke()
    assert look.today(database, now=clock()).footer.silent == ()
    clock.move(minutes=10)
    assert look.today(database, now=clock()).footer.silent == (("numbered/n", reached),)
    clock.move(hours=5)
    assert look.today(database, now=clock()).footer.silent == ()
