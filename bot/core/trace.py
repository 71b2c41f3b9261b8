"""A trace of what takes time, for whoever wants to see where it goes."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

Facts = Mapping[str, str | int]
"""Names and numbers of our own; never a word of an error, a person or a model."""

Note = Callable[[Facts], object]
"""Adds what is known only at the end."""

Trace = Callable[[str, Facts], AbstractContextManager[Note]]
"""Tells how long a block took, and what it was, by one of few names."""


def untraced(_name: str, _facts: Facts) -> AbstractContextManager[Note]:
    """A trace that tells nobody."""
    return _NOWHERE


def _ignore(_facts: Facts) -> None:
    pass


_NOWHERE: AbstractContextManager[Note] = nullcontext(_ignore)
