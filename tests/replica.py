"""A replica that explains errors, as a process.

It says "ready", waits for an answer, explains until nothing more may be or is to be explained, and
says how many it did. Its name is the key that it sends.
"""

from multiprocessing.connection import Connection

from pydantic import SecretStr

from bot import asking
from bot.settings import Budget, Llm, Settings
from storage.database import open_database
from tests.builders import NOON, a_presence

MODEL = "qwen3-8b"
DAY_USD = 0.6
ROUNDS_IN_VAIN = 10
"""After so many it gives up: what only calls under way deny, it may again in the next."""


def settings(model_url: str, name: str) -> Settings:
    """A model of a site's own, that costs as much as the dearest, and what it may cost a day."""
    llm = Llm(
        provider="openai_compatible",
        base_url=model_url,
        server_key=SecretStr(name),
        cheap=MODEL,
        strong=MODEL,
        budget=Budget(hour_usd=100, day_usd=DAY_USD),
        canary=False,
    )
    return Settings(llm=llm)


def main(url: str, model_url: str, name: str, line: Connection) -> None:
    """Explain what is unusual, at noon."""
    database = open_database(url)
    presence = a_presence(database, name)
    presence.keep()
    analyst = asking.analyst(settings(model_url, name), database, presence, clock=lambda: NOON)
    assert analyst
    line.send("ready")
    line.recv()
    done = in_vain = 0
    while in_vain < ROUNDS_IN_VAIN:
        explained = analyst.round()
        done += explained
        in_vain = 0 if explained else in_vain + 1
    line.send(done)
    presence.release()
    database.close()
