"""Customers' names, replaced by `CUST_1`, `CUST_2` … before a model reads them, and put back
after."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

SHORT = 4
"""A name of fewer characters counts as a word of its own only: `eu` is not in `queue`."""

_PSEUDONYM = re.compile(r"(?i)CUST_0*([0-9]{1,9})")
_DIGITS = re.compile("_*[0-9]")
_BLANKS = re.compile(r"\s+")
_LETTERS = re.compile(r"\s+|\S")
_ALIKE = str.maketrans({"ı": "i", "ſ": "s", "ς": "σ"})


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonym → name, for the texts they were chosen for."""

    names: Mapping[str, str]

    def hide(self, text: str) -> str:
        """The text with every mention of a customer replaced, in any case.

        An underscore separates a pseudonym from digits that follow: `acme2` becomes `CUST_1_2`.
        """
        pseudonyms = {name: pseudonym for pseudonym, name in self.names.items()}
        hidden, end = "", 0
        for start, stop, name in _Finder(pseudonyms).mentions(text):
            hidden = _joined(hidden, text[end:start]) + pseudonyms[name]
            end = stop
        return _joined(hidden, text[end:])

    def reveal(self, text: str) -> str:
        """The text, say a model's answer, with the names put back as they were given."""
        return re.sub(
            r"(?i)(CUST_[0-9]+)(?:_(?=_*[0-9]))?",
            lambda found: self.names.get(found[1].upper(), found[0]),
            text,
        )


def choose(names: Iterable[str], texts: Sequence[str]) -> Pseudonyms:
    """A pseudonym for each name that the texts mention, in the order of the names; none that a text
    contains already. Linear in the size of both.

    Only texts that were among `texts` may be hidden: another may contain a pseudonym by chance.
    """
    finder = _Finder(names)
    mentioned = {name for text in texts for _, _, name in finder.mentions(text)}
    ordered = [name for name in finder.names.values() if name in mentioned]
    taken = {
        found[1][:length]
        for text in (*ordered, *texts)
        for found in _PSEUDONYM.finditer(text)
        for length in range(1, len(found[1]) + 1)  # a name may be the end of a number
    }
    free = (number for number in count(1) if str(number) not in taken)
    return Pseudonyms({f"CUST_{number}": name for name, number in zip(ordered, free, strict=False)})


class _Finder:
    """Finds where names are mentioned in a text; of several at a place the longest.

    A pattern of all names would be tried name by name at each letter. Here the first letters tell
    how long a name may be, and what stands there is looked up.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names: dict[str, str] = {}
        for name in names:
            if flat := _flat(name.strip()):
                self.names.setdefault(flat, name.strip())
        lengths: dict[str, set[int]] = {}
        for flat in self.names:
            lengths.setdefault(flat[:SHORT], set()).add(len(flat))
        self._lengths = {start: sorted(those, reverse=True) for start, those in lengths.items()}
        self._starts = sorted({len(start) for start in lengths}, reverse=True)

    def mentions(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where names stand in a text, from left to right: start, end, and what is known by the
        name."""
        flat = _flat(text)
        if found := list(self._found(flat)):
            places = [letter.start() for letter in _LETTERS.finditer(text)]
            for start, end in found:
                yield places[start], places[end - 1] + 1, self.names[flat[start:end]]

    def _found(self, flat: str) -> Iterator[tuple[int, int]]:
        last = 0
        for at in self._likely(flat):
            end = next(self._ends(flat, at), 0) if at >= last else 0
            if end:
                yield at, end
                last = end

    def _likely(self, flat: str) -> list[int]:
        """Where a text has the first letters of a name."""
        everywhere = range(len(flat))
        return sorted(
            {
                at
                for length in self._starts
                for at in everywhere
                if flat[at : at + length] in self._lengths
            }
        )

    def _ends(self, flat: str, at: int) -> Iterator[int]:
        """Where names that begin at a place end, the longest first."""
        for start in self._starts:
            for length in self._lengths.get(flat[at : at + start], ()):
                end = at + length
                is_named = end <= len(flat) and flat[at:end] in self.names
                if is_named and (length >= SHORT or _is_apart(flat, at, end)):
                    yield end


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether neither a letter nor a digit stands on either side."""
    return not text[max(0, start - 1) : start].isalnum() and not text[end : end + 1].isalnum()


def _flat(text: str) -> str:
    """The text for comparing without case, each run of white space as one space."""
    return _BLANKS.sub(" ", text.replace("İ", "I").lower().translate(_ALIKE))


def _joined(hidden: str, rest: str) -> str:
    """Both texts, with an underscore between if digits would continue a pseudonym."""
    return f"{hidden}_{rest}" if hidden and _DIGITS.match(rest) else hidden + rest
