"""Charts of trends: drawn by Slack, or pictures of ours that are uploaded."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.core.detection.threshold import Rules
from bot.core.telling.chart import Chart, Picture, said
from bot.flows import look
from bot.flows.plot import plot
from bot.slack import png, trouble
from bot.slack.blocks import picture
from bot.slack.blocks.elements import Block
from bot.slack.trouble import Kind
from storage.database import Database

Mode = Literal["picture", "native", "off"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Charts:
    """How trends are shown, and the thresholds that are drawn in."""

    mode: Mode = "off"
    rules: Rules = field(default_factory=Rules)

    def blocks(self, database: Database, short_id: str, *, now: datetime) -> list[Block]:
        """The trend of a signature: a chart as of now, or its latest picture; empty if there is
        none."""
        if self.mode == "native":
            return picture.native(plot(database, short_id, now=now, rules=self.rules))
        if self.mode == "picture" and (found := look.picture(database, short_id)):
            return [picture.drawn(found)]
        return []


NO_CHARTS = Charts()


class Uploads:
    """Uploads pictures to Slack, for messages of the same app to show.

    They are not shared with anybody: whoever sees the message sees them. If Slack refuses one for
    good (no scope `files:write`, no room), no more are drawn until the next start.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self.refused = ""

    def add(self, chart: Chart) -> Picture | None:
        """Upload a chart; None if Slack refuses pictures for good. Raises FAILURES for what passes
        by itself."""
        if self.refused:
            return None
        says = said(chart)
        try:
            answer = self._client.files_upload_v2(
                content=png.draw(chart),
                filename=f"{chart.short_id}.png",
                title=f"{chart.short_id}, fourteen days",
                alt_txt=says[:1_000],
            )
        except SlackRequestError as cut_off:
            raise ConnectionError(str(cut_off)[:200]) from cut_off
        except SlackApiError as refused:
            found = trouble.read(refused)
            if found.kind in (Kind.UNKNOWN, Kind.THROTTLED):
                raise
            self.refused = found.remedy
            log.warning("No pictures of trends: %s", found.remedy)
            return None
        return Picture(str(answer["files"][0]["id"]), says)
