"""The Web API as the real client meets it: what it takes, and what it refuses in Slack's words."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.errors import SettingsError
from bot.workspace import Server, Workspace, serve
from tests.fakes import Clock
from tests.workspace.conftest import ANA, a_client
from tests.workspace.pieces import a_home, a_modal, a_section, actions


def refused(call: Callable[..., Any], **arguments: Any) -> Any:
    with pytest.raises(SlackApiError) as raised:
        call(**arguments)
    return raised.value.response


def test_a_port_in_use_is_said_once_with_the_option_to_choose_another(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    said = rf"^Cannot listen on 127\.0\.0\.1:{port} \([^()]+\): choose another with --port\.$"
    with pytest.raises(SettingsError, match=said), serve(Workspace(clock=Clock()), port=port):
        pytest.fail("it listens twice")


def test_the_bot_token_names_the_bot(client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user"], answer["user_id"]) == ("triage", "U000TRIAGE")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("", "not_authed"),
        ("xoxb-other", "invalid_auth"),
        ("xapp-workspace", "not_allowed_token_type"),
    ],
)
def test_a_wrong_token_is_refused(
    workspace: Workspace, server: Server, token: str, error: str
) -> None:
    assert refused(a_client(workspace, server, token=token).auth_test)["error"] == error


def test_a_socket_is_opened_with_the_app_token_only(
    client: WebClient, workspace: Workspace
) -> None:
    answer = refused(client.apps_connections_open, app_token=workspace.bot_token)
    assert answer["error"] == "not_allowed_token_type"
    url = client.apps_connections_open(app_token=workspace.app_token)["url"]
    assert url.startswith("ws://127.0.0.1:")


def test_an_unknown_method_is_said_to_be_unknown(client: WebClient) -> None:
    assert refused(client.api_call, api_method="reactions.add")["error"] == "unknown_method"


def test_a_scope_that_was_not_granted_is_named(clock: Clock) -> None:
    workspace = Workspace(clock=clock, scopes=frozenset({"chat:write"}))
    with serve(workspace) as server:
        answer = refused(a_client(workspace, server).users_list)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")


def test_a_message_is_posted_updated_and_deleted(client: WebClient, workspace: Workspace) -> None:
    posted = client.chat_postMessage(channel="#on-call", text="one", blocks=[a_section()])
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert posted["message"]["blocks"][0]["block_id"]
    client.chat_update(**where, text="two", blocks=[a_section("two")])
    (message,) = workspace.messages("on-call")
    assert (message.text, message.blocks[0]["text"]["text"], message.edited_ts) == (
        "two",
        "two",
        "",
    )
    client.chat_delete(**where)
    assert workspace.messages("on-call") == []


def test_a_new_text_without_blocks_takes_the_blocks_away(
    client: WebClient, workspace: Workspace
) -> None:
    posted = client.chat_postMessage(channel="#on-call", text="one", blocks=[a_section()])
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    (message,) = workspace.messages("on-call")
    assert message.blocks == ()
    assert message.edited_ts


def test_a_message_is_found_again_by_its_metadata(client: WebClient) -> None:
    metadata = {"event_type": "digest", "event_payload": {"run": "r-1"}}
    posted = client.chat_postMessage(channel="#on-call", text="x", metadata=metadata)
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    (found,) = client.conversations_history(channel=posted["channel"], include_all_metadata=True)[
        "messages"
    ]
    assert (found["ts"], found["metadata"]) == (posted["ts"], metadata)
    (without,) = client.conversations_history(channel=posted["channel"])["messages"]
    assert "metadata" not in without


def test_history_comes_newest_first_and_in_pages(client: WebClient) -> None:
    channel = ""
    for number in range(5):
        channel = client.chat_postMessage(channel="#on-call", text=str(number))["channel"]
    pages = client.conversations_history(channel=channel, limit=2)
    texts = [[message["text"] for message in page["messages"]] for page in pages]
    assert texts == [["4", "3"], ["2", "1"], ["0"]]


def test_history_keeps_to_its_bounds(client: WebClient) -> None:
    posted = [client.chat_postMessage(channel="#on-call", text=str(n)) for n in range(3)]
    where = {"channel": posted[0]["channel"], "oldest": posted[0]["ts"], "latest": posted[2]["ts"]}
    assert [m["text"] for m in client.conversations_history(**where)["messages"]] == ["1"]
    inclusive = client.conversations_history(**where, inclusive=True)["messages"]
    assert [m["text"] for m in inclusive] == ["2", "1", "0"]


def test_a_reply_is_in_its_thread_and_not_in_the_channel(client: WebClient) -> None:
    parent = client.chat_postMessage(channel="#on-call", text="parent")
    where = {"channel": parent["channel"]}
    reply = client.chat_postMessage(**where, text="reply", thread_ts=parent["ts"])
    nested = client.chat_postMessage(**where, text="nested", thread_ts=reply["ts"])
    assert nested["message"]["thread_ts"] == parent["ts"]
    (shown,) = client.conversations_history(**where)["messages"]
    assert (shown["reply_count"], shown["latest_reply"]) == (2, nested["ts"])
    thread = client.conversations_replies(**where, ts=parent["ts"])["messages"]
    assert [message["text"] for message in thread] == ["parent", "reply", "nested"]


def test_a_channel_without_the_bot_is_closed_to_it(client: WebClient, workspace: Workspace) -> None:
    posted = client.chat_postMessage(channel="#on-call", text="x")
    workspace.remove_bot("on-call")
    where = {"channel": posted["channel"]}
    assert refused(client.chat_postMessage, **where, text="x")["error"] == "not_in_channel"
    assert refused(client.conversations_history, **where)["error"] == "not_in_channel"
    workspace.invite_bot("on-call")
    assert client.chat_postMessage(**where, text="x")["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "#nowhere", "text": "x"}, "channel_not_found"),
        ({"channel": "#on-call", "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        (
            {"channel": "#on-call", "text": "x", "blocks": [a_section("x" * 3000)] * 5},
            "msg_blocks_too_long",
        ),
        ({"channel": "#on-call", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        (
            {"channel": "#on-call", "text": "x", "metadata": {"event_type": "x"}},
            "invalid_metadata_schema",
        ),
    ],
)
def test_a_message_slack_refuses_is_refused(
    client: WebClient, arguments: dict[str, Any], error: str
) -> None:
    assert refused(client.chat_postMessage, **arguments)["error"] == error


def test_a_message_of_nothing_is_refused(client: WebClient) -> None:
    answer = refused(client.api_call, api_method="chat.postMessage", json={"channel": "C000001"})
    assert answer["error"] == "no_text"


def test_wrong_blocks_are_refused_with_everything_wrong_in_them(client: WebClient) -> None:
    wrong = [a_section(""), actions()]
    answer = refused(client.chat_postMessage, channel="#on-call", text="x", blocks=wrong)
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]",
        "[ERROR] no fewer than 1 items allowed [json-pointer:/blocks/1/elements]",
    ]
    assert refused(client.blocks_validate, blocks=wrong)["error"] == "invalid_blocks"
    assert client.blocks_validate(blocks=[a_section()])["ok"]


def test_an_update_takes_less_text_than_a_post(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#on-call", text="x" * 4_001)
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert refused(client.chat_update, **where, text="x" * 4_001)["error"] == "msg_too_long"
    assert client.chat_update(**where, text="x" * 4_000)["ok"]


def test_only_the_bots_own_messages_are_changed(client: WebClient, workspace: Workspace) -> None:
    theirs = workspace.say(ANA, "on-call", "mine")
    where = {"channel": "C000001", "ts": theirs.ts}
    assert refused(client.chat_update, **where, text="x")["error"] == "cant_update_message"
    assert refused(client.chat_delete, **where)["error"] == "cant_delete_message"
    where["ts"] = "1.000000"
    assert refused(client.chat_update, **where, text="x")["error"] == "message_not_found"


def test_an_ephemeral_is_seen_by_one_person_only(client: WebClient, workspace: Workspace) -> None:
    posted = client.chat_postEphemeral(channel="#on-call", user=ANA, text="psst")
    assert [message.text for message in workspace.ephemerals(ANA, "on-call")] == ["psst"]
    assert workspace.messages("on-call") == []
    assert client.conversations_history(channel="C000001")["messages"] == []
    where = {"channel": "C000001", "ts": posted["message_ts"]}
    assert refused(client.chat_update, **where, text="x")["error"] == "message_not_found"


def test_people_groups_and_channels_are_listed(client: WebClient) -> None:
    assert client.users_list()["members"][0]["name"] == "ana"
    assert client.users_info(user=ANA)["user"]["real_name"] == "Ana Ribeiro"
    names = [channel["name"] for channel in client.conversations_list()["channels"]]
    assert names == ["on-call", "team-dev", "team-platform"]
    assert ANA in client.conversations_members(channel="C000001")["members"]
    assert client.usergroups_list()["usergroups"] == []


def test_a_direct_conversation_is_opened_once(client: WebClient, workspace: Workspace) -> None:
    first = client.conversations_open(users=ANA)["channel"]["id"]
    assert client.conversations_open(users=[ANA])["channel"]["id"] == first
    client.chat_postMessage(channel=ANA, text="hello")
    assert [message.text for message in workspace.messages(first)] == ["hello"]


def test_a_home_tab_is_published_unless_it_changed_meanwhile(
    client: WebClient, workspace: Workspace
) -> None:
    first = client.views_publish(user_id=ANA, view=a_home())["view"]["hash"]
    client.views_publish(user_id=ANA, view=a_home(a_section("new")), hash=first)
    answer = refused(client.views_publish, user_id=ANA, view=a_home(), hash=first)
    assert answer["error"] == "hash_conflict"
    home = workspace.home(ANA)
    assert home is not None
    assert home.content["blocks"][0]["text"]["text"] == "new"


@pytest.mark.parametrize(("seconds", "error"), [(2.9, ""), (3.1, "expired_trigger_id")])
def test_a_trigger_lives_three_seconds(
    client: WebClient, workspace: Workspace, clock: Clock, seconds: float, error: str
) -> None:
    trigger = workspace.state.issue_trigger(ANA)
    clock.move(seconds=seconds)
    if error:
        answer = refused(client.views_open, trigger_id=trigger, view=a_modal())
        assert answer["error"] == error
    else:
        assert client.views_open(trigger_id=trigger, view=a_modal())["ok"]


def test_a_trigger_opens_one_view(client: WebClient, workspace: Workspace) -> None:
    trigger = workspace.state.issue_trigger(ANA)
    client.views_open(trigger_id=trigger, view=a_modal())
    again = refused(client.views_open, trigger_id=trigger, view=a_modal())
    assert again["error"] == "exchanged_trigger_id"
    unknown = refused(client.views_open, trigger_id="1.2.3", view=a_modal())
    assert unknown["error"] == "invalid_trigger_id"


def test_a_stack_of_views_is_three_high(client: WebClient, workspace: Workspace) -> None:
    client.views_open(trigger_id=workspace.state.issue_trigger(ANA), view=a_modal())
    for _ in range(2):
        client.views_push(trigger_id=workspace.state.issue_trigger(ANA), view=a_modal())
    trigger = workspace.state.issue_trigger(ANA)
    answer = refused(client.views_push, trigger_id=trigger, view=a_modal())
    assert answer["error"] == "push_limit_reached"


def test_a_view_is_updated_unless_it_changed_meanwhile(
    client: WebClient, workspace: Workspace
) -> None:
    trigger = workspace.state.issue_trigger(ANA)
    opened = client.views_open(trigger_id=trigger, view=a_modal())["view"]
    client.views_update(view_id=opened["id"], view=a_modal(), hash=opened["hash"])
    late = refused(client.views_update, view_id=opened["id"], view=a_modal(), hash=opened["hash"])
    assert late["error"] == "hash_conflict"


def test_a_wrong_view_is_refused_with_what_is_wrong(
    client: WebClient, workspace: Workspace
) -> None:
    view = a_modal(title={"type": "plain_text", "text": "x" * 25})
    answer = refused(client.views_open, trigger_id=workspace.state.issue_trigger(ANA), view=view)
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


def test_the_log_of_calls_holds_no_token(client: WebClient, workspace: Workspace) -> None:
    token = workspace.bot_token
    client.api_call("users.info", params={"user": ANA, "token": token})
    (call,) = workspace.calls.of("users.info")
    assert (call.arguments, call.answer) == ({"user": ANA}, "ok")
    assert token not in json.dumps([dict(c.arguments) for c in workspace.calls.of()])
