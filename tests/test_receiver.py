"""Whether we are well is told over HTTP: what a restart may mend, and what has to be waited out."""

import json
import resource
import socket
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from bot import receiver
from bot.errors import SettingsError
from bot.receiver import LIVE, READY, Checks

LOCAL = "127.0.0.1"


def asked(path: str, *, live: Checks | None = None, ready: Checks | None = None) -> Any:
    """The status and what is wrong."""
    site = receiver.application([], live=live, ready=ready)
    with receiver.listening(site, host=LOCAL, port=0) as port:
        connection = HTTPConnection(LOCAL, port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())["wrong"]
        finally:
            connection.close()


def says(**words: str) -> Mapping[str, Any]:
    """Checks that say these words."""
    return {name: lambda said=said: said for name, said in words.items()}


@pytest.mark.parametrize("path", [LIVE, READY])
def test_what_is_content_is_200(path: str) -> None:
    content = says(jobs="", slack="")
    assert asked(path, live=content, ready=content) == (200, {})


def test_a_stale_job_is_told_to_whoever_restarts_us() -> None:
    checks = {"live": says(jobs="no success for long: send"), "ready": says(slack="")}
    assert asked(LIVE, **checks) == (503, {"jobs": "no success for long: send"})
    assert asked(READY, **checks) == (200, {})


def test_without_slack_or_database_we_are_not_ready_and_alive() -> None:
    checks = {"live": says(jobs=""), "ready": says(database="OSError", slack="not connected")}
    assert asked(READY, **checks) == (503, {"database": "OSError", "slack": "not connected"})
    assert asked(LIVE, **checks) == (200, {})


def test_who_does_not_finish_the_head_of_a_request_is_hung_up_on_and_others_are_served() -> None:
    site = receiver.application([])
    with (
        receiver.listening(site, host=LOCAL, port=0, head_seconds=0.2) as port,
        socket.create_connection((LOCAL, port), timeout=10) as slow,
        closing(HTTPConnection(LOCAL, port, timeout=10)) as other,
    ):
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        other.request("GET", LIVE)
        assert other.getresponse().status == 200
        assert slow.recv(1) == b""


def test_as_many_may_connect_as_the_system_lets_us_have() -> None:
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before // 2, most))
    try:
        receiver.allow_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most, most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def test_facts_are_told_of_what_is_alive_and_do_not_decide_it() -> None:
    site = receiver.application([], facts=lambda: {"sources": []})
    with receiver.listening(site, host=LOCAL, port=0) as port:
        connection = HTTPConnection(LOCAL, port, timeout=10)
        try:
            connection.request("GET", LIVE)
            assert json.loads(connection.getresponse().read()) == {
                "ok": True,
                "wrong": {},
                "sources": [],
            }
        finally:
            connection.close()


def test_an_address_that_is_taken_names_the_setting() -> None:
    site = receiver.application([])
    with (
        receiver.listening(site, host=LOCAL, port=0) as port,
        pytest.raises(SettingsError, match=r"http\.port"),
        receiver.listening(site, host=LOCAL, port=port),
    ):
        pytest.fail("it listens twice")
