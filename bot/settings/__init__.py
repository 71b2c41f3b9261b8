"""Every setting, typed and checked once at start: `triage.toml`, the environment for secrets."""

from bot.settings.channel import Channel
from bot.settings.connection import Http, PagerDuty, Slack
from bot.settings.detection import Detection, Override
from bot.settings.file import FILE, Lacking, load
from bot.settings.llm import ANTHROPIC, Budget, Llm, OnTrial
from bot.settings.people import Owner, Reminders, Roles, Step, Team, Turns
from bot.settings.settings import Hidden, Settings, check_for_serving, missing, unfit_token, unready

__all__ = [
    "ANTHROPIC",
    "FILE",
    "Budget",
    "Channel",
    "Detection",
    "Hidden",
    "Http",
    "Lacking",
    "Llm",
    "OnTrial",
    "Override",
    "Owner",
    "PagerDuty",
    "Reminders",
    "Roles",
    "Settings",
    "Slack",
    "Step",
    "Team",
    "Turns",
    "check_for_serving",
    "load",
    "missing",
    "unfit_token",
    "unready",
]
