"""A pipeline tells of its deploys, over a real connection."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from sqlalchemy import select

from bot import receiver
from bot.hooks import deploys as hooks
from bot.hooks.answers import Refusals
from storage.database import Database
from storage.tables import Deploy
from tests.builders import NOON, standing

KEY, OTHER_KEY = "k" * 32, "o" * 32
DEPLOYED = {"service": "checkout", "environment": "production", "version": "4.19.1"}


class Hook:
    """What a pipeline reaches."""

    def __init__(self, port: int) -> None:
        self.port = port

    def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", hooks.PATH, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def tell(self, key: str = KEY, **facts: Any) -> tuple[int, dict[str, Any]]:
        body = json.dumps({**DEPLOYED, **facts}).encode()
        return self.post(body, {"Authorization": f"Bearer {key}"})


@pytest.fixture
def hook(database: Database) -> Iterator[Hook]:
    yield from reached(database, (KEY, OTHER_KEY))


def reached(database: Database, keys: tuple[str, ...]) -> Iterator[Hook]:
    site = receiver.application(
        [hooks.route(database, keys=keys, clock=standing(), refusals=Refusals())]
    )
    with receiver.listening(site, host="127.0.0.1", port=0) as port:
        yield Hook(port)


def kept(database: Database) -> list[tuple[str, str, str, bool]]:
    with database.read() as session:
        rows = session.execute(select(Deploy)).scalars().all()
    return [(row.service, row.environment, row.version, row.told) for row in rows]


def test_a_deploy_is_remembered_as_of_now(hook: Hook, database: Database) -> None:
    assert hook.tell() == (200, {**DEPLOYED, "at": NOON.isoformat()})
    assert kept(database) == [("checkout", "production", "4.19.1", True)]


def test_told_twice_it_is_one_and_the_earlier_time_stands(hook: Hook, database: Database) -> None:
    earlier = NOON - timedelta(minutes=5)
    assert hook.tell(at="2026-11-18T12:55:00+01:00")[1]["at"] == earlier.isoformat()
    assert hook.tell()[1]["at"] == earlier.isoformat()
    assert len(kept(database)) == 1


def test_two_keys_hold_while_one_is_replaced_by_the_other(hook: Hook) -> None:
    assert [hook.tell(key)[0] for key in (KEY, OTHER_KEY)] == [200, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer k\xfc"},
    ],
)
def test_without_a_key_nothing_is_read_and_nothing_kept(
    hook: Hook, database: Database, headers: dict[str, str]
) -> None:
    status, said = hook.post(b"{", headers)
    assert (status, "Authorization: Bearer" in said["error"]) == (401, True)
    assert kept(database) == []


def test_where_no_key_is_set_none_fits(database: Database) -> None:
    for hook in reached(database, ()):
        status, said = hook.tell("")
        assert (status, "TRIAGE_API_KEY" in said["error"]) == (403, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "Invalid JSON"),
        (b"\xff", "Invalid JSON"),
        (b"[" * 9_000, "Invalid JSON"),
        (b"[]", "An example: {"),
        (b'{"service": "checkout"}', "version: Field required"),
        (b'{"service": " ", "version": "1"}', "service: "),
        (b'{"service": "a", "version": "1", "enviroment": "p"}', "enviroment: "),
        (b'{"service": "a", "version": "1", "at": "2026-11-18T12:00:00"}', "at: "),
        (b'{"service": "a", "version": "1", "at": "2026-11-18T13:00:00Z"}', "still to come"),
        (b'{"service": "a", "version": "1", "at": "0001-01-01T00:00:00+14:00"}', "no time of a"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_remedy(
    hook: Hook, database: Database, body: bytes, said: str
) -> None:
    status, answer = hook.post(body, {"Authorization": f"Bearer {KEY}"})
    assert (status, kept(database)) == (400, [])
    assert said in answer["error"]


def test_what_is_too_large_is_not_looked_into(hook: Hook, database: Database) -> None:
    status, answer = hook.tell(note="x" * hooks.MOST_BYTES)
    assert (status, kept(database)) == (413, [])
    assert "Send nothing but" in answer["error"]


@pytest.mark.promise(row="R12")
def test_a_database_that_is_held_asks_to_send_it_again(hook: Hook, database: Database) -> None:
    with database.write():
        status, answer = hook.tell()
    assert (status, "send it again" in answer["error"]) == (503, True)
