"""`[llm]`: which models explain errors, and what they may cost."""

from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from bot.core.spending.budget import Caps, Feature, Span
from bot.core.spending.price import Price, Prices, prices
from bot.settings.field import Address, Strict, is_here


def _sendable(given: SecretStr) -> SecretStr:
    key = given.get_secret_value()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("a key is letters, digits and signs without a space: copy it again")
    return given


Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Key = Annotated[SecretStr, AfterValidator(_sendable)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
ANTHROPIC = "https://api.anthropic.com"


class Share(Strict):
    """What a single team or feature may cost; a plain number is dollars per day."""

    hour: Dollars | None = None
    day: Dollars | None = None
    month: Dollars | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_a_day(cls, given: Any) -> Any:
        return {"day": given} if isinstance(given, int | float) else given

    @property
    def caps(self) -> dict[Span, int]:
        """The caps as the ledger takes them, in micro-dollars."""
        given = {Span.HOUR: self.hour, Span.DAY: self.day, Span.MONTH: self.month}
        return {span: _micros(usd) for span, usd in given.items() if usd is not None}


class Budget(Strict):
    """What models may cost: in all, and single teams and features."""

    hour_usd: Dollars = 1.0
    day_usd: Dollars = 5.0
    month_usd: Dollars = 100.0
    teams: dict[str, Share] = Field(default_factory=dict)
    features: dict[Feature, Share] = Field(default_factory=dict)

    @property
    def caps(self) -> Caps:
        """The caps as the ledger takes them, in micro-dollars."""
        return Caps(
            hour=_micros(self.hour_usd),
            day=_micros(self.day_usd),
            month=_micros(self.month_usd),
            teams={team: share.caps for team, share in self.teams.items()},
            features={str(name): share.caps for name, share in self.features.items()},
        )


def _micros(usd: float) -> int:
    return round(usd * 1_000_000)


class OnTrial(Strict):
    """Models that are tried in place of those in use, together with the version of the prompt that
    is on trial, if any; and the share of all signatures they get."""

    cheap: Annotated[str, Field(max_length=100)] = ""
    strong: Annotated[str, Field(max_length=100)] = ""
    share: Annotated[float, Field(ge=0, le=1)] = 0.0
    shadow_share: Annotated[float, Field(ge=0, le=1)] = 0.0


class Llm(Strict):
    """Which models explain errors. The keys come from the environment alone.

    Without a key, or for `openai_compatible` without an address, none does: the rules explain
    everything.
    """

    provider: Literal["anthropic", "openai_compatible"] = "anthropic"
    base_url: Address = ""
    api_version: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""
    cheap: Named = "claude-haiku-5-5"
    strong: Named = "claude-sonnet-5-5"
    deadline_seconds: Annotated[float, Field(ge=1, le=120)] = 30.0
    trial: OnTrial = OnTrial()
    canary: bool = True
    budget: Budget = Budget()
    prices: dict[Named, tuple[Dollars, Dollars]] = Field(default_factory=dict)
    anthropic_key: Key = SecretStr("")
    server_key: Key = SecretStr("")

    @model_validator(mode="after")
    def _keeps_its_key_to_itself(self) -> Self:
        is_open = self.base_url.startswith("http://") and not is_here(self.base_url)
        if self.provider == "anthropic" and is_open:
            raise ValueError("base_url begins with https://: the key would be read on its way")
        return self

    @model_validator(mode="after")
    def _names_its_server(self) -> Self:
        if self.provider != "openai_compatible":
            return self
        if not {"cheap", "strong"} <= self.model_fields_set:
            raise ValueError("name the models of your server as cheap and strong, or one as both")
        if not self.base_url:
            raise ValueError(
                'base_url is missing: the address of your server, as in "http://127.0.0.1:8080"'
            )
        return self

    @model_validator(mode="after")
    def _prices_whom_it_asks(self) -> Self:
        strange = [name for name in self.prices if name not in self.names]
        unpriced = [name for name in self.names if not self.known_prices.knows(name)]
        if strange and unpriced:
            near = get_close_matches(strange[0], unpriced, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"prices has {strange[0]!r}, which is no model of [llm], and none for "
                f"{', '.join(unpriced)}{hint}"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The models that are asked, each once."""
        named = (self.cheap, self.strong, self.trial.cheap, self.trial.strong)
        return tuple(dict.fromkeys(one for one in named if one))

    @property
    def known_prices(self) -> Prices:
        """The prices of models: the built-in list, and what the site pays."""
        return prices(self.own_prices)

    @property
    def unfinished(self) -> str:
        """What is missing, if a model was meant to be asked and none can be; else an empty
        string."""
        if self.provider != "anthropic" or self.key or not self.base_url:
            return ""
        return (
            "[llm]: base_url is set, but provider is anthropic and ANTHROPIC_API_KEY is not: set "
            'that, or for a server of yours provider = "openai_compatible".'
        )

    @property
    def key(self) -> str:
        """The key of the provider in use; no key is ever sent to another provider."""
        secret = self.anthropic_key if self.provider == "anthropic" else self.server_key
        return secret.get_secret_value()

    @property
    def key_name(self) -> str:
        """In words, where the key comes from, and whether it is set."""
        name = "ANTHROPIC_API_KEY" if self.provider == "anthropic" else "TRIAGE_LLM_KEY"
        return name if self.key else f"{name} is not set"

    @property
    def address(self) -> str:
        """The address at which the provider is asked."""
        return self.base_url or (ANTHROPIC if self.provider == "anthropic" else "")

    @property
    def is_on(self) -> bool:
        """Whether a model is to be asked at all."""
        return bool(self.key if self.provider == "anthropic" else self.base_url)

    @property
    def own_prices(self) -> dict[str, Price]:
        """What the site pays: in micro-dollars per million tokens."""
        return {
            name: Price(_micros(usd_in), _micros(usd_out))
            for name, (usd_in, usd_out) in self.prices.items()
        }
