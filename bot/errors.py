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
    """An input that is followed is not there yet; it is waited for."""


class NotFound(TriageError):
    """No signature has that id, or nothing else that was asked for is there."""


class Refused(TriageError):
    """The decision does not apply: the state is another by now."""


class Taken(Refused):
    """Somebody else claimed the signature; `by` says who, and `at` when. Whoever asks may take it
    over."""

    def __init__(self, message: str, *, by: str, at: datetime) -> None:
        super().__init__(message)
        self.by = by
        self.at = at


class Held(Refused):
    """Whoever claims a signature has it already."""


class Overtaken(Refused):
    """Something was decided meanwhile: `sentence` says what, and names the person as `<@…>`."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Something was decided since: {sentence}.")
        self.sentence = sentence


class Denied(Refused):
    """The person lacks the right; `whom` are the ids of people and user groups that have it."""

    def __init__(self, message: str, *, whom: tuple[str, ...]) -> None:
        super().__init__(message)
        self.whom = whom
