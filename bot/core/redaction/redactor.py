"""Rules at work: which may have something to do, and when all is done."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Protocol

from bot.core import linear

FAILED = "<redaction failed>"
MOST_ROUNDS = 16
"""A text that has not settled by then is dropped. Three are many: what one rule hides seldom lays
bare another's, and a text that was made so that it does must not cost hundreds of walks."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text safe to keep, and the kinds of what was hidden in it, sorted."""

    text: str
    found: tuple[str, ...]


class Hiding(Protocol):
    """A rule: see `rule.Rule` and `site.SiteRule`."""

    @property
    def kind(self) -> str: ...
    @property
    def sign(self) -> str: ...
    def hide(self, text: str) -> str | None: ...


class Redactor:
    """Hides what its rules find: `redact = Redactor(groups of rules)`, then `redact(text)`.

    Built once: the signs of each group become one automaton. Their number is a compromise: one for
    all rules has too many states to build for a text of a new kind, one a rule is a walk each.
    """

    def __init__(self, groups: Iterable[Sequence[Hiding]]) -> None:
        self.name = ""
        self._rules: tuple[Hiding, ...] = ()
        self._searches: tuple[linear.Places, ...] = ()
        for group in groups:
            self._add(group)

    def and_by(self, group: Sequence[Hiding], *, name: str) -> "Redactor":
        """Another that goes by these rules as well, after its own.

        Those who remember what it answered tell it from others by its name.
        """
        wider = copy(self)
        wider.name = name
        wider._add(group)  # noqa: SLF001  (its own kind)
        return wider

    def _add(self, group: Sequence[Hiding]) -> None:
        signs = [rule.sign for rule in group]
        self._searches += (linear.which(signs, first=len(self._rules)),)
        self._rules += tuple(group)

    def __call__(self, text: str) -> Redacted:
        """The text without its secrets; never raises.

        Redacting again changes nothing. Should a rule fail, the whole text is dropped.
        """
        if text == FAILED:
            return Redacted(FAILED, ("failed",))
        try:
            return self._settled(text)
        except Exception:  # noqa: BLE001  the one place that must not let a text through
            return Redacted(FAILED, ("failed",))

    def _settled(self, text: str) -> Redacted:
        """The rules applied until none changes anything: what one hides may lay bare another's."""
        kinds: set[str] = set()
        in_vain: dict[int, str] = {}
        for _ in range(MOST_ROUNDS):
            before = text
            for at in self._waiting(text):
                if in_vain.get(at) is text:
                    continue
                hidden = self._rules[at].hide(text)
                if hidden is None:
                    in_vain[at] = text
                    continue
                text = hidden
                kinds.add(self._rules[at].kind)
            if text is before:
                return Redacted(text, tuple(sorted(kinds)))
        return Redacted(FAILED, ("failed",))

    def _waiting(self, text: str) -> list[int]:
        """The rules whose signs are in the text, in their order."""
        seen, waiting = linear.seen(text), list[int]()
        for which in self._searches:
            waiting += which(seen)
        waiting.sort()
        return waiting
