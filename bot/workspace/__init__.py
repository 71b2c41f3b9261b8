"""A Slack-shaped workspace on localhost: the demo runs on it, and so do the tests."""

from bot.workspace.faults import Fault, FaultKind
from bot.workspace.server import Server, serve
from bot.workspace.state import Group, Message, Person, SlackError, View
from bot.workspace.workspace import Outcome, Workspace

__all__ = [
    "Fault",
    "FaultKind",
    "Group",
    "Message",
    "Outcome",
    "Person",
    "Server",
    "SlackError",
    "View",
    "Workspace",
    "serve",
]
