"""Everything this program raises on purpose.

TriageError                what went wrong and what to do about it, fit to show a person
├── SettingsError          a setting is missing or wrong
├── SourceError            an input cannot be read at all
│   └── Awaited            it is not there yet, and is waited for
├── NotFound               no signature goes by that id
└── Refused                a person may not do this
    ├── Taken              somebody was faster
    ├── Held               whoever asks has it already
    ├── Overtaken          something was decided since
    └── Denied             that is for others
"""

from datetime import datetime


class TriageError(Exception):
    """What went wrong, and what to do: the message is shown to people as it stands."""


class SettingsError(TriageError):
    """A setting is missing or wrong; the message names it and its remedy."""


class SourceError(TriageError):
    """An input cannot be read at all: missing, a directory, cut off, or binary."""


class Awaited(SourceError):
    """It is not there yet, and whoever follows it waits for it."""


class NotFound(TriageError):
    """No signature goes by that id."""


class Refused(TriageError):
    """The decision does not apply: the state has moved on."""


class Taken(Refused):
    """Somebody else claimed it, `by` whom and when; the one who asks may take it over."""

    def __init__(self, message: str, *, by: str, at: datetime) -> None:
        super().__init__(message)
        self.by = by
        self.at = at


class Held(Refused):
    """Whoever asks for it has it already."""


class Overtaken(Refused):
    """Something was decided since: `sentence` says what, and names who did as `<@…>`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Something was decided since: {sentence}.")
        self.sentence = sentence


class Denied(Refused):
    """That is for others: `whom`, people and user groups by their ids."""

    def __init__(self, message: str, *, whom: tuple[str, ...]) -> None:
        super().__init__(message)
        self.whom = whom
