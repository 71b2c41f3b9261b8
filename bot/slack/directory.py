"""The names of people and the addresses of messages: Slack is asked once for each."""

import logging
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.core.cache import Bounded
from bot.slack import trouble
from bot.slack.trouble import Kind

log = logging.getLogger(__name__)


class Directory:
    """Names and addresses by their ids; empty where Slack does not tell them.

    A refusal is remembered too, such as a missing scope. What passes by itself (an outage, too many
    calls) is raised.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._names: Bounded[str, str] = Bounded(size=1_000_000)
        self._addresses: Bounded[str, str] = Bounded(size=1_000_000)

    def name(self, user: str) -> str:
        """The name that a person wants to be called by."""
        if user not in self._names:
            found = self._ask("users.info", user=user).get("user") or {}
            profile = found.get("profile") or {}
            spoken = profile.get("display_name") or profile.get("real_name") or found.get("name")
            self._names.keep(user, str(spoken or ""))
        return self._names.get(user, "")

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message."""
        place = f"{channel} {ts}"
        if place not in self._addresses:
            answer = self._ask("chat.getPermalink", channel=channel, message_ts=ts)
            self._addresses.keep(place, str(answer.get("permalink") or ""))
        return self._addresses.get(place, "")

    def _ask(self, method: str, **params: str) -> dict[str, Any]:
        try:
            return dict(self._client.api_call(method, params=params).data)  # type: ignore[arg-type]
        except SlackApiError as refused:
            found = trouble.read(refused)
            if found.kind in (Kind.UNKNOWN, Kind.THROTTLED):
                raise
            log.info("%s was refused: %s", method, found.code)
            return {}
