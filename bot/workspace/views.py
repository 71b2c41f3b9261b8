"""The views.* methods of the Web API."""

from collections.abc import Callable

from bot.workspace import payloads
from bot.workspace.arguments import Arguments, required
from bot.workspace.content import checked_view
from bot.workspace.state import Json, SlackError, View
from bot.workspace.workspace import Workspace


def open_(workspace: Workspace, arguments: Arguments) -> Json:
    """views.open: a modal for the person whose trigger_id it is, once and within 3 s."""
    return _show(workspace, arguments, workspace.state.open_view)


def push(workspace: Workspace, arguments: Arguments) -> Json:
    """views.push: a modal above the one that is open, at most three high."""
    return _show(workspace, arguments, workspace.state.push_view)


def update(workspace: Workspace, arguments: Arguments) -> Json:
    """views.update: other content for an open modal, refused when `hash` is no longer its hash."""
    with workspace.state.lock:
        view = _open_view(workspace, arguments)
        _unchanged(view, arguments)
        content = _modal(arguments)
        shown = workspace.state.update_view(view, content)
    return {"view": payloads.view(shown, workspace.identity)}


def publish(workspace: Workspace, arguments: Arguments) -> Json:
    """views.publish: the home tab of one person."""
    user = required(arguments, "user_id")
    someone = workspace.state.people.get(user)
    if someone is None or someone.bot:
        raise SlackError("user_not_found")
    content = checked_view(arguments.get("view"))
    if content["type"] != "home":
        raise SlackError("invalid_arguments")
    with workspace.state.lock:
        if user in workspace.state.homes:
            _unchanged(workspace.state.homes[user], arguments)
        shown = workspace.state.publish_home(user, content)
    return {"view": payloads.view(shown, workspace.identity)}


def _show(workspace: Workspace, arguments: Arguments, show: Callable[[str, Json], View]) -> Json:
    content = _modal(arguments)
    trigger = workspace.state.use_trigger(required(arguments, "trigger_id"))
    shown = show(trigger.user, content)
    return {"view": payloads.view(shown, workspace.identity)}


def _modal(arguments: Arguments) -> Json:
    content = checked_view(arguments.get("view"))
    if content["type"] != "modal":
        raise SlackError("invalid_arguments")
    return content


def _open_view(workspace: Workspace, arguments: Arguments) -> View:
    external = arguments.get("external_id")
    for view in workspace.state.views.values():
        if view.id == arguments.get("view_id"):
            return view
        if external and view.content.get("external_id") == external:
            return view
    raise SlackError("not_found")


def _unchanged(view: View, arguments: Arguments) -> None:
    if arguments.get("hash") and arguments["hash"] != view.hash:
        raise SlackError("hash_conflict")
