"""Faults by order: what the client sees, and what really happened."""

import json
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.workspace import Fault, FaultKind, Server, Workspace
from tests.workspace.conftest import a_client


def texts(workspace: Workspace) -> list[str]:
    return [message.text for message in workspace.messages("on-call")]


def test_a_call_cut_after_it_was_accepted_has_happened(
    client: WebClient, workspace: Workspace
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER, method="chat.postMessage"))
    with pytest.raises(RemoteDisconnected):
        client.chat_postMessage(channel="#on-call", text="there")
    assert texts(workspace) == ["there"]


def test_a_call_cut_before_it_was_accepted_has_not_happened(
    client: WebClient, workspace: Workspace
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.CUT_BEFORE))
    with pytest.raises(RemoteDisconnected):
        client.chat_postMessage(channel="#on-call", text="lost")
    assert texts(workspace) == []


def test_the_default_client_posts_twice_when_an_answer_is_lost(
    workspace: Workspace, server: Server
) -> None:
    """Why the bot posts without the client's own retries."""
    workspace.faults.order(Fault(kind=FaultKind.CUT_AFTER))
    careless = a_client(workspace, server, retry_handlers=None)
    careless.chat_postMessage(channel="#on-call", text="there")
    assert texts(workspace) == ["there", "there"]


def test_a_throttled_client_learns_how_long_to_wait(
    client: WebClient, workspace: Workspace
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, retry_after=7))
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="#on-call", text="x")
    response = raised.value.response
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


def test_a_client_that_waits_gets_through(workspace: Workspace, server: Server) -> None:
    workspace.faults.order(Fault(kind=FaultKind.RATE_LIMITED, retry_after=0))
    patient = a_client(workspace, server, retry_handlers=[RateLimitErrorRetryHandler()])
    patient.chat_postMessage(channel="#on-call", text="x")
    answers = [call.answer for call in workspace.calls.of("chat.postMessage")]
    assert answers == ["rate_limited", "ok"]


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        (Fault(kind=FaultKind.SERVER_ERROR), 500, ""),
        (Fault(kind=FaultKind.ERROR, error="account_inactive"), 200, "account_inactive"),
    ],
)
def test_an_error_by_order_is_answered(
    client: WebClient, workspace: Workspace, fault: Fault, status: int, error: str
) -> None:
    workspace.faults.order(fault)
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="#on-call", text="x")
    assert raised.value.response.status_code == status
    if error:
        assert raised.value.response["error"] == error
    assert texts(workspace) == []


def test_a_fault_befalls_only_its_method_and_only_so_often(
    client: WebClient, workspace: Workspace
) -> None:
    workspace.faults.order(Fault(kind=FaultKind.ERROR, method="users.list", times=2))
    assert client.auth_test()["ok"]
    for _ in range(2):
        with pytest.raises(SlackApiError):
            client.users_list()
    assert client.users_list()["ok"]


def test_a_slow_call_outlasts_an_impatient_client(workspace: Workspace, server: Server) -> None:
    workspace.faults.order(Fault(kind=FaultKind.SLOW, seconds=0.5))
    with pytest.raises(TimeoutError):
        a_client(workspace, server, timeout=0.1).chat_postMessage(channel="#on-call", text="late")
    workspace.wait_until(lambda: texts(workspace) == ["late"])


def post(server: Server, body: Any, content_type: str = "application/json") -> int:
    connection = HTTPConnection(server.url.removeprefix("http://"))
    connection.request("POST", "/faults", json.dumps(body), {"Content-Type": content_type})
    status = connection.getresponse().status
    connection.close()
    return status


def test_faults_are_ordered_over_http_too(
    client: WebClient, workspace: Workspace, server: Server
) -> None:
    assert post(server, [{"kind": "error", "method": "auth.test", "error": "invalid_auth"}]) == 200
    with pytest.raises(SlackApiError, match="invalid_auth"):
        client.auth_test()
    assert post(server, [{"kind": "earthquake"}]) == 400
    assert post(server, [], content_type="text/plain") == 415
