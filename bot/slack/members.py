"""Who is in which user group: asked of Slack at intervals, so that no click waits for it."""

import logging
from collections.abc import Collection, Mapping

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack import trouble

log = logging.getLogger(__name__)


class Members:
    """The members of some user groups, as Slack told last."""

    def __init__(self, client: WebClient, groups: Collection[str]) -> None:
        self._client = client
        self._groups = sorted(groups)
        self._members: Mapping[str, frozenset[str]] = {}

    def refresh(self) -> None:
        """Ask Slack for all groups; where it does not answer, the members stay as they were."""
        told = {group: self._ask(group) for group in self._groups}
        known = {group: members for group, members in told.items() if members is not None}
        self._members = {**self._members, **known}

    def groups_of(self, person: str) -> frozenset[str] | None:
        """Which of the groups a person is in; None until Slack has told of every group."""
        members = self._members
        if len(members) < len(self._groups):
            return None
        return frozenset(group for group, those in members.items() if person in those)

    def _ask(self, group: str) -> frozenset[str] | None:
        try:
            answer = self._client.api_call("usergroups.users.list", params={"usergroup": group})
        except SlackApiError as refused:
            log.warning("Who is in %s is not known: %s", group, trouble.read(refused).code)
            return None
        return frozenset(map(str, answer["users"]))
