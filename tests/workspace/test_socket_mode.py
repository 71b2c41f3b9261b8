"""The real Bolt app over Socket Mode: commands, clicks, modals, events, and their failures."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.workspace import Fault, FaultKind, SlackError, Workspace
from bot.workspace.delivery import Ack
from tests.fakes import Clock
from tests.workspace.conftest import ANA, TOMAS, connected
from tests.workspace.pieces import (
    a_button,
    a_home,
    a_modal,
    a_section,
    a_select,
    actions,
    an_input,
    an_overflow,
)

Connect = Callable[[], Any]


def texts(messages: Any) -> list[str]:
    return [message.text for message in messages]


def test_a_command_is_answered_for_the_asker_only(
    app: App, connect: Connect, workspace: Workspace
) -> None:
    app.command("/triage")(lambda ack, command: ack(f"about {command['text']}"))
    connect()
    assert workspace.command(ANA, "on-call", "/triage", "today").ok
    assert texts(workspace.ephemerals(ANA, "on-call")) == ["about today"]
    assert workspace.ephemerals(TOMAS, "on-call") == []


def test_a_command_nobody_acknowledges_fails_visibly(
    app: App, connect: Connect, workspace: Workspace
) -> None:
    app.command("/other")(lambda ack: ack())
    connect()
    assert workspace.command(ANA, "on-call", "/triage").error == "operation_timeout"
    (notice,) = texts(workspace.ephemerals(ANA, "on-call"))
    assert notice == "/triage failed with the error “operation_timeout”"


def test_a_command_without_an_app_fails_visibly(workspace: Workspace) -> None:
    assert workspace.command(ANA, "on-call", "/triage").error == "dispatch_failed"
    (notice,) = texts(workspace.ephemerals(ANA, "on-call"))
    assert notice == "/triage failed with the error “dispatch_failed”"


def test_a_response_url_works_five_times_within_half_an_hour(
    app: App, connect: Connect, workspace: Workspace, clock: Clock
) -> None:
    urls: list[str] = []

    @app.command("/triage")
    def keep(ack: Any, command: Any) -> None:
        urls.append(command["response_url"])
        ack()

    connect()
    workspace.command(ANA, "on-call", "/triage")
    workspace.command(ANA, "on-call", "/triage")
    first, second = (WebhookClient(url) for url in urls)
    assert [first.send(text=str(n)).status_code for n in range(6)] == [200] * 5 + [404]
    assert texts(workspace.ephemerals(ANA, "on-call")) == ["0", "1", "2", "3", "4"]
    clock.move(minutes=31)
    assert "expired_url" in second.send(text="late").body


def test_a_click_carries_the_element_and_can_replace_its_message(
    app: App, connect: Connect, client: WebClient, workspace: Workspace
) -> None:
    @app.action("claim")
    def claim(ack: Any, action: Any, body: Any, respond: Any) -> None:
        ack()
        respond(f"{action['value']} by {body['user']['username']}", replace_original=True)

    connect()
    block = actions(a_button(value="E-7K2"))
    posted = client.chat_postMessage(channel="#on-call", text="card", blocks=[block])
    assert workspace.click(ANA, "on-call", posted["ts"], "claim").ok
    workspace.wait_until(lambda: texts(workspace.messages("on-call")) == ["E-7K2 by ana"])


def test_a_menu_reports_the_option_that_was_chosen(
    app: App, connect: Connect, client: WebClient, workspace: Workspace
) -> None:
    chosen: list[str] = []

    @app.action("more")
    def more(ack: Any, action: Any) -> None:
        chosen.append(action["selected_option"]["value"])
        ack()

    connect()
    block = actions(an_overflow("mute", "resolve"))
    posted = client.chat_postMessage(channel="#on-call", text="card", blocks=[block])
    workspace.click(ANA, "on-call", posted["ts"], "more", value="resolve")
    assert chosen == ["resolve"]
    with pytest.raises(ValueError, match="no option"):
        workspace.click(ANA, "on-call", posted["ts"], "more", value="burn")


def test_a_click_without_a_listener_is_not_acknowledged(
    connect: Connect, client: WebClient, workspace: Workspace
) -> None:
    connect()
    posted = client.chat_postMessage(channel="#on-call", text="x", blocks=[actions(a_button())])
    assert workspace.click(ANA, "on-call", posted["ts"], "claim").error == "operation_timeout"


@pytest.fixture
def with_modal(app: App, connect: Connect, workspace: Workspace) -> Workspace:
    @app.command("/triage")
    def open_it(ack: Any, body: Any, client: WebClient) -> None:
        ack()
        scope = a_select("all", "acme", action_id="scope")
        inputs = [an_input(), an_input(scope, block_id="scope", optional=True)]
        client.views_open(trigger_id=body["trigger_id"], view=a_modal(*inputs))

    @app.view("mute")
    def sent(ack: Any, view: Any) -> None:
        reason = view["state"]["values"]["reason"]["reason"]["value"]
        answers: dict[str, dict[str, Any]] = {
            "short": {"response_action": "errors", "errors": {"reason": "Say more."}},
            "push": {"response_action": "push", "view": a_modal(callback_id="second")},
            "update": {"response_action": "update", "view": a_modal(callback_id="changed")},
            "clear": {"response_action": "clear"},
            "nonsense": {"response_action": "errors", "errors": {"nowhere": "?"}},
        }
        ack(**answers.get(reason, {}))

    connect()
    workspace.command(ANA, "on-call", "/triage")
    workspace.wait_until(lambda: workspace.view(ANA))
    return workspace


def top(workspace: Workspace) -> Any:
    view = workspace.view(ANA)
    assert view is not None
    return view


def test_a_modal_closes_when_it_was_taken(with_modal: Workspace) -> None:
    assert with_modal.submit(ANA, top(with_modal).id, {"reason": "known noise"}).ok
    assert with_modal.view(ANA) is None


def test_a_required_input_is_asked_for_before_the_app_hears_of_it(with_modal: Workspace) -> None:
    outcome = with_modal.submit(ANA, top(with_modal).id, {"scope": "acme"})
    assert outcome.errors == {"reason": "Please complete this required field."}


def test_errors_stay_beside_their_inputs_and_keep_what_was_entered(with_modal: Workspace) -> None:
    outcome = with_modal.submit(ANA, top(with_modal).id, {"reason": "short", "scope": "acme"})
    assert outcome.errors == top(with_modal).errors == {"reason": "Say more."}
    values = top(with_modal).values
    assert values["reason"]["reason"]["value"] == "short"
    assert values["scope"]["scope"]["selected_option"]["value"] == "acme"


def test_errors_about_inputs_that_do_not_exist_are_no_answer(with_modal: Workspace) -> None:
    outcome = with_modal.submit(ANA, top(with_modal).id, {"reason": "nonsense"})
    assert outcome.error == "invalid_errors"


@pytest.mark.parametrize(
    ("reason", "shown", "height"), [("push", "second", 2), ("update", "changed", 1)]
)
def test_an_answer_can_push_or_update(
    with_modal: Workspace, reason: str, shown: str, height: int
) -> None:
    assert with_modal.submit(ANA, top(with_modal).id, {"reason": reason}).ok
    assert top(with_modal).content["callback_id"] == shown
    assert len(with_modal.state.stacks[ANA]) == height


def test_an_answer_can_close_the_whole_stack(with_modal: Workspace) -> None:
    with_modal.submit(ANA, top(with_modal).id, {"reason": "push"})
    with_modal.state.update_view(top(with_modal), a_modal())
    assert with_modal.submit(ANA, top(with_modal).id, {"reason": "clear"}).ok
    assert with_modal.view(ANA) is None


def test_closing_uncovers_the_view_below(with_modal: Workspace) -> None:
    first = top(with_modal)
    with_modal.submit(ANA, first.id, {"reason": "push"})
    with_modal.close(ANA, top(with_modal).id)
    assert top(with_modal).id == first.id


def test_nobody_sends_off_another_persons_modal(with_modal: Workspace) -> None:
    with pytest.raises(SlackError, match="not_found"):
        with_modal.submit(TOMAS, top(with_modal).id, {"reason": "known noise"})


def test_opening_the_home_tab_lets_the_app_fill_it(
    app: App, connect: Connect, workspace: Workspace
) -> None:
    @app.event("app_home_opened")
    def fill(event: Any, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=a_home())

    connect()
    assert workspace.open_home(ANA).ok
    workspace.wait_until(lambda: workspace.home(ANA))
    assert workspace.home(TOMAS) is None


@pytest.mark.parametrize("said", ["<@U000TRIAGE> hello", "@triage hello"])
def test_a_mention_reaches_the_app(
    app: App, connect: Connect, workspace: Workspace, said: str
) -> None:
    app.event("app_mention")(lambda event, say: say(f"heard: {event['text']}"))
    connect()
    workspace.say(ANA, "on-call", said)
    workspace.wait_until(
        lambda: "heard: <@U000TRIAGE> hello" in texts(workspace.messages("on-call"))
    )


def test_who_is_called_otherwise_is_not_mentioned(workspace: Workspace) -> None:
    said = "mail to ops@triage.example, @nobody, and @triages"
    assert workspace.say(ANA, "on-call", said).text == said


def test_a_shortcut_carries_its_message(app: App, connect: Connect, workspace: Workspace) -> None:
    app.shortcut("triage_message")(
        lambda ack, shortcut, respond: (ack(), respond(shortcut["message"]["text"]))
    )
    connect()
    message = workspace.say(ANA, "on-call", "java.lang.OutOfMemoryError")
    assert workspace.shortcut(TOMAS, "on-call", message.ts, "triage_message").ok
    workspace.wait_until(lambda: workspace.ephemerals(TOMAS, "on-call"))
    assert texts(workspace.ephemerals(TOMAS, "on-call")) == ["java.lang.OutOfMemoryError"]


def test_an_event_delivered_twice_keeps_its_id(
    app: App, connect: Connect, workspace: Workspace
) -> None:
    ids: list[str] = []
    app.event("app_mention")(lambda body: ids.append(body["event_id"]))
    connect()
    workspace.faults.order(Fault(kind=FaultKind.DUPLICATE, method="events_api"))
    workspace.say(ANA, "on-call", "<@U000TRIAGE> hello")
    workspace.wait_until(lambda: len(ids) == 2)
    assert ids[0] == ids[1]


def test_an_event_nobody_takes_is_sent_four_times(workspace: Workspace) -> None:
    sent: list[int] = []

    class Deaf:
        def deliver(self, envelope: Any) -> Any:
            sent.append(envelope.retry_number)
            return Ack(error="operation_timeout")

        def disconnect(self, *, politely: bool = True) -> None:
            """Nothing is connected."""

    workspace.transport = Deaf()
    workspace.say(ANA, "on-call", "<@U000TRIAGE> hello")
    assert sent == [0, 1, 2, 3]


def test_each_envelope_goes_to_one_of_two_connections(
    app: App, client: WebClient, workspace: Workspace
) -> None:
    other = App(client=client, token_verification_enabled=False)
    app.command("/triage")(lambda ack: ack("one"))
    other.command("/triage")(lambda ack: ack("two"))
    with connected(app, workspace), connected(other, workspace):
        workspace.wait_until(lambda: workspace.sockets.connections == 2)
        for _ in range(4):
            workspace.command(ANA, "on-call", "/triage")
    heard = texts(workspace.ephemerals(ANA, "on-call"))
    assert sorted(heard) == ["one", "one", "two", "two"]


@pytest.mark.parametrize("politely", [True, False])
def test_a_client_that_lost_its_connection_comes_back(
    app: App, workspace: Workspace, politely: bool
) -> None:
    """The client is deaf for up to 3 s after a refresh: it first closes its old connection."""
    app.command("/triage")(lambda ack: ack("here"))
    with connected(app, workspace, ping_interval=0.2):
        if politely:
            workspace.sockets.disconnect()
        else:
            workspace.faults.order(Fault(kind=FaultKind.DISCONNECT))
        workspace.wait_until(lambda: len(workspace.calls.of("apps.connections.open")) == 2)
        workspace.wait_until(lambda: workspace.sockets.connections == 1)
        workspace.wait_until(lambda: workspace.command(ANA, "on-call", "/triage").ok, seconds=10)


def test_a_section_can_be_drawn_from_a_command_and_is_checked(
    app: App, connect: Connect, workspace: Workspace
) -> None:
    app.command("/triage")(lambda ack: ack(blocks=[a_section("")]))
    connect()
    assert workspace.command(ANA, "on-call", "/triage").error == "invalid_blocks"
