"""A kind of source for Triage: errors that a feed of JSON gives, each with a number."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from bot.sources import answers, recorded
from bot.sources.pulled import Ask, Cursor, Page, Request, Source
from bot.sources.pushed import Delivery


class Tickets(Source):
    """Its settings; those that all kinds share are there already."""

    kind: Literal["tickets"] = "tickets"
    url: str
    token: SecretStr = SecretStr("")  # from TRIAGE_<NAME>_TOKEN

    def pages(self, since: Cursor | None, *, until: datetime, ask: Ask) -> Iterator[Page]:
        """What is behind a cursor, page by page, until nothing is."""
        after = since["after"] if since else 0
        while True:
            headers = {"Authorization": f"Bearer {self.token.get_secret_value()}"}
            reply = ask(Request(self.url, {"after": after}, headers))
            found = answers.read(reply, self.url, key=self.variable("token"))["tickets"]
            if not found:
                return
            after, delivery = found[-1]["number"], Delivery()
            for one in found:
                recorded.put(delivery, one, of=self, name=str(one["number"]), received=until)
            yield Page(delivery, {"after": after}, until)
