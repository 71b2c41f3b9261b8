"""The one door to RE2, whose time is linear in the text, whoever wrote the expression or the
text."""

import re
from collections.abc import Callable, Iterator, Sequence

import re2

Places = Callable[[bytes], Sequence[int]]
Spans = Callable[[str], Iterator[tuple[int, int]]]


def seen(text: str) -> bytes:
    """A text as bytes to search for signs in: one a character, "?" for those past ASCII.

    RE2 does not fold the case of these: in Latin-1, "É" does not match "é".
    """
    return text.encode("ascii", "replace")


def which(patterns: Sequence[str], *, first: int) -> Places:
    """A function that gives the numbers of the patterns found in a text from `seen`; the first has
    the number `first`.

    One more pattern matches anything: an answer without it means that RE2 ran out of memory, and
    then any of them may be there.
    """
    automaton = re2.Set.SearchSet(_options())
    for pattern in (*patterns, ""):
        automaton.Add(pattern.encode("ascii"))
    automaton.Compile()
    anything = len(patterns)
    nothing_else = [anything]
    everything = range(first, first + anything)

    def found(text: bytes) -> Sequence[int]:
        places = automaton.Match(text)
        if places == nothing_else:
            return ()
        if not places or anything not in places:
            return everything
        return [first + place for place in places if place != anything]

    return found


def where(pattern: str) -> Callable[[bytes, int], int]:
    """A function that says where in a text from `seen` the pattern is found next, or -1."""
    compiled = re2.compile(pattern.encode("ascii"), _options())

    def start(text: bytes, place: int) -> int:
        found = compiled.search(text, place)
        return -1 if found is None else found.start()

    return start


def spans(pattern: str) -> Spans:
    """A function that says where in a text the pattern, or its group `secret`, is found.

    Raises ValueError for what is no expression to RE2.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(_reason(error)) from error
    group = compiled.groupindex.get("secret", 0)

    def found(text: str) -> Iterator[tuple[int, int]]:
        whole = _SURROGATE.sub("?", text)
        return (match.span(group) for match in compiled.finditer(whole))

    return found


_SURROGATE = re.compile("[\ud800-\udfff]")
"""What cannot be written in UTF-8, which is what RE2 reads."""


def _reason(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _options() -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return options
