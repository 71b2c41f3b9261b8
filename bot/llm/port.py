"""The port to models: all are asked in one way, whoever serves them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.core.asking.prompt import Prompt
from bot.core.spending.outcome import Outcome

T = TypeVar("T")

PROBE_SECONDS = 20.0


class Model(Protocol):
    """Something that answers prompts."""

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        """One request to the model of that name; it ends within its time, and never raises.

        `schema` is a dataclass.
        """

    def retires(self, model: str, *, within_seconds: float) -> datetime | None:
        """When the provider stops serving a model, as far as it says; costs nothing."""

    def stop(self) -> None:
        """End the requests under way at once, and refuse later ones."""


class _Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a model that keeps to a schema answers to `PROBE`."""

    colour: _Colour
    number: int


PROBE = Prompt(
    id="probe",
    version="1",
    system="You answer briefly.",
    user="Name a colour and a number.",
    nonce="",
    texts=(),
    max_tokens=1_000,
)
"""A tiny question. Its words ask for no particular form: a server that ignores the schema answers
in prose."""


def connect(provider: str, *, key: str, base_url: str, api_version: str = "") -> Model:
    """The adapter of a provider, `anthropic` or `openai_compatible`; `api_version` is an older
    version of Anthropic's API, for a gateway that knows no other.

    Its library is imported here: that takes up to a second, which commands that ask no model do not
    pay.
    """
    if provider == "anthropic":
        from bot.llm.claude import Claude  # noqa: PLC0415

        return Claude(key=key, base_url=base_url, api_version=api_version)
    from bot.llm.openai_compatible import OpenAICompatible  # noqa: PLC0415

    return OpenAICompatible(key=key, base_url=base_url)
