"""The Web API over HTTP: who may call what, which fault befalls it, and the answer."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace import chat, conversations, directory, files, views
from bot.workspace.arguments import Arguments
from bot.workspace.cutting import Cut
from bot.workspace.faults import Call, Fault, FaultKind
from bot.workspace.responses import answer
from bot.workspace.state import Json, SlackError, invalid_file
from bot.workspace.workspace import Workspace

Respond = Callable[[Workspace, Arguments], Json]
SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Method:
    """What a method of the Web API does, the scope it needs, and which token it is called with."""

    respond: Respond
    scope: str = ""
    app_token: bool = False
    open: bool = False


METHODS: Mapping[str, Method] = {
    "api.test": Method(directory.api_test, open=True),
    "apps.connections.open": Method(directory.open_connection, app_token=True),
    "auth.test": Method(directory.auth_test),
    "blocks.validate": Method(chat.validate_blocks),
    "chat.delete": Method(chat.delete, scope="chat:write"),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, scope="chat:write"),
    "chat.postMessage": Method(chat.post_message, scope="chat:write"),
    "chat.update": Method(chat.update, scope="chat:write"),
    "conversations.history": Method(conversations.history, scope="channels:history"),
    "bots.info": Method(directory.bot_info, scope="users:read"),
    "conversations.info": Method(conversations.info, scope="channels:read"),
    "conversations.list": Method(conversations.list_, scope="channels:read"),
    "conversations.members": Method(conversations.members, scope="channels:read"),
    "conversations.open": Method(conversations.open_, scope="im:write"),
    "conversations.replies": Method(conversations.replies, scope="channels:history"),
    "files.completeUploadExternal": Method(files.complete, scope="files:write"),
    "files.getUploadURLExternal": Method(files.upload_url, scope="files:write"),
    "usergroups.list": Method(directory.group_list, scope="usergroups:read"),
    "usergroups.users.list": Method(directory.group_members, scope="usergroups:read"),
    "users.info": Method(directory.user_info, scope="users:read"),
    "users.list": Method(directory.user_list, scope="users:read"),
    "views.open": Method(views.open_),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}


async def call(request: Request) -> Response:
    """The answer to one call of the Web API."""
    workspace: Workspace = request.app.state.workspace
    name = request.path_params["method"]
    arguments, token = await _arguments(request)
    place = workspace.calls.add(Call(name, _summary(arguments), workspace.state.now()))
    fault = workspace.faults.next_for_call(name)
    early = await _befallen(fault)
    if early is not None:
        workspace.calls.answered(place, fault.kind.value if fault else "")
        return early
    body = await run_in_threadpool(_answer, workspace, name, token=token, arguments=arguments)
    workspace.calls.answered(place, "ok" if body["ok"] else str(body["error"]))
    if fault is not None and fault.kind is FaultKind.CUT_AFTER:
        return Cut()
    return JSONResponse(body, headers=_granted(workspace, token))


def _granted(workspace: Workspace, token: str) -> dict[str, str]:
    """The scopes of the bot's token, which Slack tells with every answer."""
    if token != workspace.bot_token:
        return {}
    return {"x-oauth-scopes": ",".join(sorted(workspace.scopes))}


async def response(request: Request) -> Response:
    """The answer to one use of a response_url."""
    workspace: Workspace = request.app.state.workspace
    try:
        body = json.loads(await request.body())
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", status_code=400)
        to = workspace.state.use_response(request.path_params["token"])
        await run_in_threadpool(
            answer, workspace.state, to, body, bot_user=workspace.identity.bot_user
        )
    except ValueError:
        return PlainTextResponse("invalid_payload", status_code=400)
    except SlackError as refused:
        if refused.error in ("expired_url", "used_url"):
            return JSONResponse({"ok": False, "error": refused.error}, status_code=404)
        return JSONResponse(_failure(refused), status_code=400)
    return PlainTextResponse("ok")


def _answer(workspace: Workspace, name: str, *, token: str, arguments: Arguments) -> Json:
    method = METHODS.get(name)
    if method is None:
        return {"ok": False, "error": "unknown_method", "req_method": name}
    try:
        _admit(workspace, method, token)
        with workspace.state.lock:
            return {"ok": True, **method.respond(workspace, arguments)}
    except SlackError as refused:
        return _failure(refused)


def _failure(refused: SlackError) -> Json:
    return {"ok": False, "error": refused.error, **refused.details}


def _admit(workspace: Workspace, method: Method, token: str) -> None:
    if method.open:
        return
    if not token:
        raise SlackError("not_authed")
    if token not in (workspace.bot_token, workspace.app_token):
        raise SlackError("invalid_auth")
    if (token == workspace.app_token) != method.app_token:
        raise SlackError("not_allowed_token_type")
    if method.scope and method.scope not in workspace.scopes:
        raise SlackError(
            "missing_scope", needed=method.scope, provided=",".join(sorted(workspace.scopes))
        )


async def _befallen(fault: Fault | None) -> Response | None:
    """The answer a fault gives in place of the method, if it does."""
    if fault is None or fault.kind is FaultKind.CUT_AFTER:
        return None
    if fault.kind is FaultKind.SLOW:
        await asyncio.sleep(fault.seconds)
        return None
    if fault.kind is FaultKind.RATE_LIMITED:
        return JSONResponse(
            {"ok": False, "error": "ratelimited"},
            status_code=429,
            headers={"Retry-After": str(fault.retry_after)},
        )
    if fault.kind is FaultKind.SERVER_ERROR:
        return PlainTextResponse("Internal Server Error", status_code=500)
    if fault.kind is FaultKind.CUT_BEFORE:
        return Cut()
    if fault.kind is FaultKind.PENDING_FILE:
        return JSONResponse(_failure(invalid_file(0)))
    return JSONResponse({"ok": False, "error": fault.error})


async def _arguments(request: Request) -> tuple[Json, str]:
    """What the caller sent, and the token beside or among it."""
    arguments: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        arguments |= _object(await request.body())
    else:
        arguments |= {k: v for k, v in (await request.form()).items() if isinstance(v, str)}
    token = arguments.pop("token", "")
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    return arguments, bearer or str(token)


def _object(body: bytes) -> Json:
    try:
        parsed: Any = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _summary(arguments: Arguments) -> Json:
    """The arguments, long texts cut, for the log that tests and people read."""
    return {
        name: value[:SHOWN_CHARACTERS] if isinstance(value, str) else value
        for name, value in arguments.items()
    }
