"""Files: an address first, then the bytes, then to be shown; nothing else is taken."""

from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Server, Workspace
from bot.workspace.state import PNG, Json

PICTURE = PNG + b"as good as a picture"


def an_image(file: str) -> list[Json]:
    return [{"type": "image", "slack_file": {"id": file}, "alt_text": "a trend"}]


def uploaded(client: WebClient, content: bytes = PICTURE) -> str:
    answer = client.files_upload_v2(content=content, filename="trend.png", alt_txt="a trend")
    return str(answer["files"][0]["id"])


def send(url: str, content: bytes) -> int:
    where = urlsplit(url)
    with closing(HTTPConnection(where.netloc)) as connection:
        connection.request("POST", where.path, body=content)
        return connection.getresponse().status


def test_a_picture_is_uploaded_and_shown_in_a_message(
    client: WebClient, workspace: Workspace, server: Server
) -> None:
    file = uploaded(client)
    client.chat_postMessage(channel="#on-call", text="trend", blocks=an_image(file))
    assert workspace.messages("on-call")[0].blocks[0]["slack_file"] == {"id": file}
    with closing(HTTPConnection(urlsplit(server.url).netloc)) as connection:
        connection.request("GET", f"/files/{file}")
        assert connection.getresponse().read() == PICTURE


def test_a_picture_is_shown_in_a_home_tab(client: WebClient) -> None:
    blocks = an_image(uploaded(client))
    assert client.views_publish(user_id="U000ANA", view={"type": "home", "blocks": blocks})["ok"]


NOT_THERE: dict[str, Callable[[WebClient], str]] = {
    "unknown": lambda _: "F99999999",
    "only announced": lambda client: str(
        client.files_getUploadURLExternal(filename="x.png", length=3)["file_id"]
    ),
    "no picture": lambda client: uploaded(client, b"a text"),
}


@pytest.mark.parametrize("make", NOT_THERE.values(), ids=NOT_THERE)
def test_what_is_not_there_as_a_picture_is_not_shown(
    client: WebClient, make: Callable[[WebClient], str]
) -> None:
    file = make(client)
    with pytest.raises(SlackApiError) as raised:
        client.chat_postMessage(channel="#on-call", text="trend", blocks=an_image(file))
    assert raised.value.response["error"] == "invalid_blocks"
    assert "invalid slack file" in raised.value.response["errors"][0]


def test_other_bytes_than_were_announced_are_refused(client: WebClient) -> None:
    announced = client.files_getUploadURLExternal(filename="x.png", length=len(PICTURE))
    assert send(announced["upload_url"], PICTURE + b"and more") == 400
    assert send(announced["upload_url"], PICTURE) == 200
    assert send(announced["upload_url"], PICTURE) == 400


def test_what_was_not_uploaded_is_not_completed(client: WebClient) -> None:
    announced = client.files_getUploadURLExternal(filename="x.png", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": announced["file_id"], "title": "x"}])


@pytest.mark.parametrize("length", [0, -1, 10**10])
def test_a_file_has_a_sensible_length(client: WebClient, length: int) -> None:
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.files_getUploadURLExternal(filename="x.png", length=length)
