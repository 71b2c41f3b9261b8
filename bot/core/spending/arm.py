"""Prompts and models that explain errors side by side (the arms of a trial), and which does
better."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.spending.price import dollars


@dataclass(frozen=True, slots=True)
class Arm:
    """What the calls of a prompt, a model and its class came to in a window.

    Of the `calls`, some were `answered`; of these, some were `proven`: they rest on a quote that
    was found. `cost` (micro-dollars) and `latency_ms` are sums. `helped` and `wrong` count people's
    opinions.
    """

    prompt: str
    model: str
    tier: str
    calls: int
    answered: int
    proven: int
    cost: int
    latency_ms: int
    helped: int = 0
    wrong: int = 0

    def __str__(self) -> str:
        is_rated = self.helped or self.wrong
        rated = f", {self.helped:,} helped, {self.wrong:,} wrong" if is_rated else ""
        return (
            f"{self.prompt} with {self.model}: {self.answered:,} of {self.calls:,} answered, "
            f"{self.proven:,} proven, {self.latency_ms / 1_000 / max(1, self.calls):.1f} s "
            f"each, {dollars(1_000 * self.cost // max(1, self.calls))} a thousand{rated}"
        )


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a prompt with a model said of errors without being shown to anybody: `agreed` counts the
    answers with the same category and severity as the one that was shown."""

    prompt: str
    model: str
    answered: int
    agreed: int

    def __str__(self) -> str:
        return (
            f"{self.prompt} with {self.model}, shown to nobody: agrees in {self.agreed:,} of "
            f"{self.answered:,}"
        )


def lines(arms: Sequence[Arm], unseen: Sequence[Unseen]) -> Iterator[str]:
    """A line for each arm that has another of its class beside it, then for what nobody was
    shown."""
    of_class = Counter(arm.tier for arm in arms)
    yield from (str(arm) for arm in arms if of_class[arm.tier] > 1)
    yield from map(str, unseen)
