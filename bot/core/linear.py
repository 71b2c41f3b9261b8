"""The one door to RE2: expressions whose time is linear in the text, whoever wrote them."""

import re
from collections.abc import Callable, Iterator, Sequence

import re2

Places = Callable[[bytes], Sequence[int]]
Spans = Callable[[str], Iterator[tuple[int, int]]]


def seen(text: str) -> bytes:
    """A text as a search for signs sees it: a byte a character, a "?" for those past ASCII.

    RE2 knows no capitals of what is past it: to its Latin-1, "É" is no "é".
    """
    return text.encode("ascii", "replace")


def which(patterns: Sequence[str], *, first: int) -> Places:
    """A function that says which of the patterns are found in what is `seen`.

    They are numbered from `first`. One more matches anything: an answer without it means that RE2
    ran out of memory, and then all may be there.
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
    """A function that says where in what is `seen` the pattern is found next, or -1."""
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
