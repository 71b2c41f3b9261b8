"""What `triage serve` says it is going to do, before it does."""

from collections.abc import Iterator
from datetime import datetime

from bot.core.spending.price import dollars
from bot.core.telling.slot import next_due
from bot.settings.channel import Channel
from bot.settings.llm import Llm
from bot.settings.settings import Settings

_REACHED = {
    "socket": "over Socket Mode",
    "http": "called at /slack/events",
    "off": "off; errors are taken in and judged, triage digest --dry-run tells of them",
}


def plan(settings: Settings, *, now: datetime) -> Iterator[str]:
    """A line each: how Slack is reached, what a channel gets and when, and who explains."""
    yield f"Slack: {_REACHED[settings.slack.mode]}"
    for channel in settings.channels if settings.slack.posts else ():
        yield _posted(channel, now=now)
    llm = settings.llm
    yield _explained_by(llm)
    if llm.is_on and (gaps := llm.known_prices.gaps(llm.names)):
        yield gaps


def _posted(channel: Channel, *, now: datetime) -> str:
    due, week = next_due(channel.schedule, now), next_due(channel.weekly, now)
    most, kinds = channel.alerts_per_hour, ", ".join(channel.alerts)
    digest = f"next digest {due.name} {channel.timezone}" if due else "no digest"
    alerts = f"at most {most} alerts an hour ({kinds})" if most and kinds else "no alerts"
    weekly = f"next weekly report {week.name} {channel.timezone}" if week else "no weekly report"
    only = f"; only {channel.audience}" if str(channel.audience) else ""
    return f"Channel {channel.id}: {digest}, {alerts}, {weekly}{only}"


def _explained_by(llm: Llm) -> str:
    if not llm.is_on:
        return "Explained by: rules alone; docs/configuration.md says how to add a model"
    most = dollars(llm.budget.caps.day)
    return f"Explained by: {llm.cheap} and {llm.strong} at {llm.address}, at most {most} a day"
