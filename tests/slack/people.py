"""What people on the workspace of the tests see, and what they enter in forms."""

import json

from bot.core.ownership.decision import State
from bot.flows import look
from bot.slack import actions
from bot.workspace import Message, Workspace
from storage.database import Database
from tests.builders import NOON
from tests.slack.conftest import (
    ANA,
    CHANNEL,
)


def state(database: Database, short_id: str) -> State:
    return look.card(database, short_id, now=NOON).state


def told(workspace: Workspace, user: str, words: str) -> Message:
    """Wait for an answer only that person sees."""

    def seen() -> list[Message]:
        return [m for m in workspace.ephemerals(user, CHANNEL) if words in everything(m)]

    workspace.wait_until(seen)
    return seen()[-1]


def everything(message: Message) -> str:
    return message.text + json.dumps(message.blocks, ensure_ascii=False)


def at_home(workspace: Workspace, user: str) -> str:
    """What stands in the person's App Home, if anything."""
    home = workspace.home(user)
    return json.dumps(home.content, ensure_ascii=False) if home else ""


def opened(workspace: Workspace, card: str, verb: str, short_id: str, field: str) -> str:
    """Open a form from the menu and wait until it is filled; gives the view's id."""
    workspace.click(ANA, CHANNEL, card, actions.MORE, value=actions.menu_value(verb, short_id))
    return filled(workspace, field)


def filled(workspace: Workspace, field: str) -> str:
    """Wait until the form that was opened has its fields; gives the view's id."""
    workspace.wait_until(lambda: field in json.dumps((v := workspace.view(ANA)) and v.content))
    view = workspace.view(ANA)
    assert view
    return view.id
