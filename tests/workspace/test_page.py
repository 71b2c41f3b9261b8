"""The page as a browser receives it: inert, complete, and open to nobody else."""

import json
import re
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

import bot.workspace
from bot.workspace import Server, Workspace
from tests.workspace.conftest import ANA, TOMAS
from tests.workspace.pieces import (
    a_button,
    a_home,
    a_modal,
    a_section,
    a_select,
    actions,
    an_input,
    an_overflow,
    plain,
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Browser:
    """What a browser may send."""

    def __init__(self, server: Server) -> None:
        self._host = server.url.removeprefix("http://")

    def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection(self._host)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, sent)
        response = connection.getresponse()
        answer = (response.status, dict(response.getheaders()), response.read().decode())
        connection.close()
        return answer

    def page(self, path: str = "/") -> str:
        status, _, text = self.ask("GET", path)
        assert status == 200
        return text

    def act(self, **gesture: Any) -> tuple[int, Any]:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.page())
        assert found
        status, _, text = self.ask("POST", "/act", json.dumps(gesture), X_CSRF_Token=found[1])
        return status, json.loads(text)


@pytest.fixture
def browser(server: Server) -> Browser:
    return Browser(server)


def test_hostile_text_is_inert_wherever_it_is_drawn(
    client: WebClient, workspace: Workspace, browser: Browser
) -> None:
    blocks = [
        a_section(HOSTILE, fields=[plain(HOSTILE)]),
        {"type": "header", "text": plain(HOSTILE)},
        {"type": "context", "elements": [plain(HOSTILE)]},
        actions(
            a_button(text=plain(HOSTILE), value=HOSTILE, url=f"javascript:{HOSTILE}"),
            a_select(HOSTILE, placeholder=plain(HOSTILE)),
            an_overflow(HOSTILE),
            block_id=HOSTILE,
        ),
        {"type": "image", "image_url": f"javascript:{HOSTILE}", "alt_text": HOSTILE},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": HOSTILE}],
                },
                {
                    "type": "rich_text_section",
                    "elements": [{"type": "link", "url": f"javascript:{HOSTILE}"}],
                },
            ],
        },
        {"type": "table", "rows": [[{"type": "raw_text", "text": HOSTILE}]]},
    ]
    client.chat_postMessage(channel="#on-call", text=HOSTILE, blocks=blocks)
    client.chat_postMessage(channel="#on-call", text=HOSTILE)
    client.views_open(
        trigger_id=workspace.state.issue_trigger(ANA),
        view=a_modal(an_input(label=plain(HOSTILE), hint=plain(HOSTILE)), callback_id=HOSTILE),
    )
    drawn = browser.page()
    assert "&lt;script&gt;" in drawn
    assert "<script>" not in drawn
    assert not re.search(r"<img[^>]*onerror", drawn)
    assert 'href="javascript' not in drawn
    assert 'src="javascript' not in drawn


def test_the_address_of_the_page_is_inert_too(browser: Browser) -> None:
    path = "/?as=%22%3E%3Cscript%3E&channel=%3Cscript%3E&thread=%3Cscript%3E"
    assert "<script>" not in browser.page(path)


def test_a_message_is_found_by_stable_attributes(client: WebClient, browser: Browser) -> None:
    block = actions(a_button(value="E-7K2"), block_id="card-1")
    posted = client.chat_postMessage(channel="#on-call", text="x", blocks=[block])
    drawn = browser.page()
    assert f'data-ts="{posted["ts"]}"' in drawn
    assert 'data-block-id="card-1" data-action-id="claim"' in drawn


def test_an_ephemeral_is_drawn_for_one_person_only(client: WebClient, browser: Browser) -> None:
    client.chat_postEphemeral(channel="#on-call", user=ANA, text="psst")
    assert "Only visible to you" in browser.page(f"/?as={ANA}")
    assert "psst" not in browser.page(f"/?as={TOMAS}")


def test_a_thread_is_drawn_beside_its_channel(client: WebClient, browser: Browser) -> None:
    parent = client.chat_postMessage(channel="#on-call", text="parent")
    client.chat_postMessage(channel="#on-call", text="below", thread_ts=parent["ts"])
    assert 'data-replies="1"' in browser.page()
    assert "below" not in browser.page()
    link = client.chat_getPermalink(channel=parent["channel"], message_ts=parent["ts"])["permalink"]
    status, headers, _ = browser.ask("GET", "/" + link.split("/", 3)[3])
    assert status == 307
    assert "below" in browser.page(headers["location"])


def test_what_cannot_be_drawn_says_so_in_red(client: WebClient, browser: Browser) -> None:
    blocks = [{"type": "markdown", "text": "# hi"}]
    client.chat_postMessage(channel="#on-call", text="x", blocks=blocks)
    assert 'data-cannot-draw="markdown"' in browser.page()


def test_a_home_tab_is_drawn_for_its_person(client: WebClient, browser: Browser) -> None:
    client.views_publish(user_id=ANA, view=a_home(a_section("my queue")))
    assert "my queue" in browser.page(f"/?as={ANA}&tab=home")
    assert "data-empty-home" in browser.page(f"/?as={TOMAS}&tab=home")


def test_a_person_speaks_and_the_bot_cannot_be_made_to(
    browser: Browser, workspace: Workspace
) -> None:
    said = {"kind": "say", "channel": "C000001", "text": "hello"}
    assert browser.act(user=ANA, **said)[0] == 200
    status, answer = browser.act(user="U000TRIAGE", **said)
    assert (status, answer["error"]) == (400, "user_not_found")
    assert [message.user for message in workspace.messages("on-call")] == [ANA]


def test_the_bot_is_invited_by_command(browser: Browser, client: WebClient) -> None:
    typed = {"kind": "command", "user": ANA, "channel": "C000001"}
    browser.act(**typed, command="/remove", text="@triage")
    assert "triage is not here" in browser.page().lower()
    browser.act(**typed, command="/invite", text="@triage")
    assert client.chat_postMessage(channel="#on-call", text="back")["ok"]


def test_nobody_acts_without_the_pages_token(browser: Browser, workspace: Workspace) -> None:
    said = json.dumps({"kind": "say", "user": ANA, "channel": "C000001", "text": "x"})
    assert browser.ask("POST", "/act", said)[0] == 403
    assert browser.ask("POST", "/act", said, X_CSRF_Token="guess")[0] == 403
    assert workspace.messages("on-call") == []


@pytest.mark.parametrize(
    "headers",
    [{"Host": "triage.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", "/live", "/calls", "/api/auth.test", "/static/page.js"])
def test_other_sites_are_kept_out(browser: Browser, path: str, headers: dict[str, str]) -> None:
    assert browser.ask("GET", path, **headers)[0] == 403


def test_the_page_brings_nothing_from_elsewhere_and_runs_nothing_inline(browser: Browser) -> None:
    _, headers, text = browser.ask("GET", "/")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|<style|\sstyle=", text)
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) >= {"/static/page.js"}
    assert not re.search(r'(?:src|href)="https?:', text)


def test_a_change_is_announced_at_once(client: WebClient, server: Server) -> None:
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/live")
    stream = connection.getresponse()
    first = stream.readline()
    stream.readline()
    client.chat_postMessage(channel="#on-call", text="x")
    assert first.startswith(b"data: ")
    assert int(stream.readline()[6:]) > int(first[6:])
    connection.close()


def test_every_static_file_ships_beside_the_code(browser: Browser) -> None:
    folder = Path(bot.workspace.__file__).parent / "static"
    for file in folder.iterdir():
        status, _, _ = browser.ask("GET", f"/static/{file.name}")
        assert status == 200
