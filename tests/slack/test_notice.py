"""What those who run the bot are told stands in the channel as one dead line."""

from bot.flows.spend import NOTICE
from bot.slack.rendering import Wanted, render
from storage.database import Database
from tests.builders import NOON


def test_a_notice_is_said_and_nothing_in_it_is_alive(database: Database) -> None:
    content = {"text": "The budget of today is at 80 %: <!channel> $0.16 of $0.20."}
    wanted = Wanted(content=content, version=1, now=NOON, link=lambda *_: "")
    shown = render(database, NOTICE, wanted)
    assert shown.text.startswith("The budget of today is at 80 %: &lt;!")
    assert shown.blocks[0]["text"]["text"] == shown.text
    assert "<!" not in shown.text
