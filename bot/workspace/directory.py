"""The users.*, usergroups.* and auth.* methods of the Web API."""

from bot.workspace import payloads
from bot.workspace.arguments import Arguments, page, required
from bot.workspace.state import Json, SlackError
from bot.workspace.workspace import Workspace


def auth_test(workspace: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001
    """auth.test: who the bot token stands for."""
    identity = workspace.identity
    return {
        "url": f"{workspace.url}/",
        "team": identity.domain,
        "team_id": identity.team,
        "user": workspace.state.people[identity.bot_user].handle,
        "user_id": identity.bot_user,
        "bot_id": identity.bot_id,
        "is_enterprise_install": False,
    }


def bot_info(workspace: Workspace, arguments: Arguments) -> Json:
    """bots.info."""
    identity = workspace.identity
    if required(arguments, "bot") != identity.bot_id:
        raise SlackError("bot_not_found")
    bot = {"id": identity.bot_id, "app_id": identity.app, "user_id": identity.bot_user}
    return {"bot": {**bot, "name": workspace.state.people[identity.bot_user].handle}}


def api_test(workspace: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001
    """api.test: the arguments back, or the error asked for."""
    if arguments.get("error"):
        raise SlackError(str(arguments["error"]))
    return {"args": {name: value for name, value in arguments.items() if name != "token"}}


def open_connection(workspace: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001
    """apps.connections.open: the address of one Socket Mode connection."""
    address = workspace.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={workspace.sockets.ticket()}"}


def user_info(workspace: Workspace, arguments: Arguments) -> Json:
    """users.info."""
    someone = workspace.state.people.get(required(arguments, "user"))
    if someone is None:
        raise SlackError("user_not_found")
    return {"user": payloads.person(someone, workspace.identity)}


def user_list(workspace: Workspace, arguments: Arguments) -> Json:
    """users.list."""
    people, rest = page(list(workspace.state.people.values()), arguments, default=200)
    return {"members": [payloads.person(p, workspace.identity) for p in people], **rest}


def group_list(workspace: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001
    """usergroups.list."""
    groups = workspace.state.groups.values()
    return {"usergroups": [payloads.group(group, workspace.identity) for group in groups]}


def group_members(workspace: Workspace, arguments: Arguments) -> Json:
    """usergroups.users.list."""
    group = workspace.state.groups.get(required(arguments, "usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}
