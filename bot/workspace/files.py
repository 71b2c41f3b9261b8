"""The files.* methods of the Web API: an address to upload to, and what becomes of it."""

import json
import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.workspace.arguments import Arguments, required
from bot.workspace.state import File, Json, SlackError
from bot.workspace.workspace import Workspace

MOST_BYTES = 5_000_000
"""Slack takes a gigabyte; nobody needs that on this machine."""
KEPT = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
_LENGTH = re.compile(r"[0-9]{1,10}")


def upload_url(workspace: Workspace, arguments: Arguments) -> Json:
    """files.getUploadURLExternal: where to send so many bytes, and the id they will have."""
    name, length = required(arguments, "filename"), required(arguments, "length")
    if not _LENGTH.fullmatch(length) or not 0 < int(length) <= MOST_BYTES:
        raise SlackError("invalid_arguments")
    alt_text = str(arguments.get("alt_txt") or "")
    file = workspace.state.expect_file(name, length=int(length), alt_text=alt_text)
    return {"upload_url": f"{workspace.url}/upload/v1/{file.ticket}", "file_id": file.id}


def complete(workspace: Workspace, arguments: Arguments) -> Json:
    """files.completeUploadExternal: what was uploaded is the app's own, shared with nobody."""
    if any(arguments.get(name) for name in ("channel_id", "channels", "thread_ts")):
        raise SlackError("invalid_arguments", needed="no channel: nothing is shared here")
    wanted = _wanted(arguments.get("files"))
    found = [workspace.state.complete_file(str(one.get("id"))) for one in wanted]
    return {
        "files": [
            {"id": file.id, "title": _title(one, file)}
            for one, file in zip(wanted, found, strict=True)
        ]
    }


async def receive(request: Request) -> Response:
    """The bytes of a file, sent as they are or in a form."""
    workspace: Workspace = request.app.state.workspace
    content = await _content(request)
    try:
        await run_in_threadpool(workspace.state.upload, request.path_params["ticket"], content)
    except SlackError as refused:
        return PlainTextResponse(refused.error, status_code=400)
    return PlainTextResponse(f"OK - {len(content)}")


async def show(request: Request) -> Response:
    """A picture, for the page of the workspace alone."""
    workspace: Workspace = request.app.state.workspace
    file = workspace.state.files.get(request.path_params["file"])
    if file is None or not file.is_picture:
        return PlainTextResponse("no such picture", status_code=404)
    return Response(file.content, media_type="image/png", headers=KEPT)


def _wanted(sent: Any) -> list[Json]:
    try:
        files = json.loads(sent) if isinstance(sent, str) else sent
    except ValueError as broken:
        raise SlackError("invalid_arguments") from broken
    if not isinstance(files, list) or not files or not all(isinstance(one, dict) for one in files):
        raise SlackError("invalid_arguments")
    return files


def _title(wanted: Json, file: File) -> str:
    return str(wanted.get("title") or file.name)


async def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    sent = next(iter((await request.form()).values()), "")
    return sent.encode() if isinstance(sent, str) else await sent.read()
