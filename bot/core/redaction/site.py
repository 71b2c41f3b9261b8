"""Rules that a site writes for what only it knows: the numbers of its staff, names of projects."""

import re
from dataclasses import dataclass, field

from bot.core import linear
from bot.errors import SettingsError

LONGEST_PATTERN = 1_000
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PLACEHOLDER = re.compile(r"<[a-z][a-z0-9-]{0,39}>|<\*>")


@dataclass(frozen=True, slots=True)
class SiteRule:
    """What RE2 finds by `pattern` is replaced by `<kind>`; of a group named `secret` only that.

    Raises SettingsError for a kind or pattern that cannot be used.
    """

    kind: str
    pattern: str
    sign: str = field(init=False, default="")
    """A site's rules are few: each is asked of every text."""
    _spans: linear.Spans = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.kind):
            raise SettingsError(
                f"{self.kind[:50]!r} is no name for a rule: it stands in the place of what is "
                "hidden, as <staff-number> does; use small letters, digits and hyphens, at most 40"
            )
        object.__setattr__(self, "_spans", self._compiled())

    def hide(self, text: str) -> str | None:
        """The text with what the rule finds hidden; None if that is nothing.

        What it finds inside a placeholder stays: else a rule for words would hide the hidden.
        """
        parts: list[str] = []
        end = 0
        for start, stop in self._spans(text):
            if start < stop and not _in_placeholder(text, start, stop):
                parts += [text[end:start], f"<{self.kind}>"]
                end = stop
        return "".join(parts) + text[end:] if parts else None

    def _compiled(self) -> linear.Spans:
        if not 0 < len(self.pattern) <= LONGEST_PATTERN:
            raise SettingsError(
                f"the pattern of {self.kind!r} must have 1 to {LONGEST_PATTERN:,} characters: "
                "make several rules of it"
            )
        try:
            spans = linear.spans(self.pattern)
        except ValueError as error:
            raise SettingsError(
                f"the pattern of {self.kind!r} is no expression for RE2 ({error}), which knows "
                "neither look-around nor back-references: correct it, or mark what to hide by a "
                "group (?P<secret>…)"
            ) from error
        if any(start == stop for start, stop in spans("")):
            raise SettingsError(
                f"the pattern of {self.kind!r} is found where nothing is: demand at least one "
                "character, with + in place of *"
            )
        return spans


def _in_placeholder(text: str, start: int, stop: int) -> bool:
    opening = text.rfind("<", max(0, start - 41), start + 1)
    around = _PLACEHOLDER.match(text, opening) if opening >= 0 else None
    return around is not None and stop <= around.end()
