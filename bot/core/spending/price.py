"""What a call costs, in micro-dollars: whole numbers, so that sums are exact."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from bot.core.spending.outcome import Usage

AS_OF = date(2026, 11, 21)
"""When the list was read."""
_CACHE_READ = Fraction(1, 10)
_CACHE_WRITE = Fraction(5, 4)
_DATED = re.compile(r"[-@]\d{8}$")


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars per million tokens, in and out."""

    input: int
    output: int


LIST: Mapping[str, Price] = {
    "claude-haiku-5-5": Price(100_000, 500_000),
    "claude-sonnet-5-5": Price(2_000_000, 10_000_000),
    "claude-opus-5-5": Price(4_000_000, 20_000_000),
}
"""Anthropic's list of that day."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of models; one that is not listed costs as much as the dearest."""

    known: Mapping[str, Price]

    def knows(self, model: str) -> bool:
        """Whether a model has a price of its own."""
        return self._find(model) is not None

    def gaps(self, models: Iterable[str]) -> str:
        """That some of these models have no price of their own, in words; empty where all have
        one."""
        unknown = [name for name in dict.fromkeys(models) if not self.knows(name)]
        if not unknown:
            return ""
        dearest = self.of(unknown[0])
        own = ", ".join(f'"{name}" = [0, 0]' for name in unknown)
        return (
            f"No price is known for {' and '.join(unknown)}: counted as the dearest, "
            f"{dollars(dearest.input)} in and {dollars(dearest.output)} out per million tokens. "
            f"Say what it costs in [llm]: prices = {{ {own} }}"
        )

    def of(self, model: str) -> Price:
        """The price of a model, with or without the date of its release at the end."""
        return self._find(model) or max(
            (*LIST.values(), *self.known.values()), key=lambda price: (price.output, price.input)
        )

    def cost(self, usage: Usage, *, asked: str, model: str) -> int:
        """What a call cost, in micro-dollars, rounded up.

        It is at the price of the model that was `asked`, or of the `model` that answered, if that
        is dearer: a name that comes back makes nothing cheaper. Where the price of what was asked
        is not known, that of what answered decides alone.
        """
        price = _dearer(self._find(asked) or self._find(model) or self.of(asked), self._find(model))
        into = (
            usage.input + usage.cache_read * _CACHE_READ + usage.cache_write * _CACHE_WRITE
        ) * price.input
        return ceil((into + usage.output * price.output) / 1_000_000)

    def estimate(self, model: str, *, tokens: int, max_tokens: int, answers: str = "") -> int:
        """The most that a request of so many tokens may cost, in micro-dollars.

        A quarter is added for what a provider adds, and the answer counts at its full length. If
        `answers` names a dearer model that lately answered under this name, that one's price
        counts.
        """
        price = _dearer(self.of(model), self._find(answers))
        into = tokens * _CACHE_WRITE * price.input
        return ceil((into + max_tokens * price.output) / 1_000_000)

    def is_dearer(self, model: str, *, than: str) -> bool:
        """Whether one is known to cost more than another does."""
        return _dearer(self.of(than), self._find(model)) != self.of(than)

    def _find(self, model: str) -> Price | None:
        bare = _DATED.sub("", model)
        return next((self.known[name] for name in (model, bare) if name in self.known), None)


def _dearer(price: Price, other: Price | None) -> Price:
    """For each kind of token the higher of two prices."""
    if other is None:
        return price
    return Price(max(price.input, other.input), max(price.output, other.output))


def prices(own: Mapping[str, Price]) -> Prices:
    """The built-in list, overridden by the prices that a site gives: of its own servers, or as
    negotiated."""
    return Prices({**LIST, **own})


def dollars(micros: int) -> str:
    """An amount as people read it: "$1.50", "$0.06"; below a cent with two figures: "$0.0006"."""
    amount = micros / 1_000_000
    if amount >= 0.01 or not micros:
        return f"${amount:,.2f}"
    return f"${float(f'{amount:.2g}'):.6f}".rstrip("0")
