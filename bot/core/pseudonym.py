"""Names of customers, exchanged for `CUST_1`, `CUST_2` … before a model reads them, and back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

SHORT = 4
"""A name of fewer characters counts as a word of its own only: `eu` is not in `queue`."""

_PSEUDONYM = re.compile(r"(?i)CUST_0*([0-9]{1,9})")
_DIGITS = re.compile("_*[0-9]")


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonym → name, for the texts they were chosen for."""

    names: Mapping[str, str]

    def hide(self, text: str) -> str:
        """The text with every mention of a customer exchanged, in any case of its letters.

        An underscore sets a pseudonym off from digits that follow: `acme2` becomes `CUST_1_2`.
        """
        if not self.names:
            return text
        longest_first = sorted(self.names, key=lambda pseudonym: -len(self.names[pseudonym]))
        mention = "|".join(f"({_mention(self.names[pseudonym])})" for pseudonym in longest_first)
        hidden, end = "", 0
        for found in re.finditer(f"(?i){mention}", text):
            hidden = _joined(hidden, text[end : found.start()])
            hidden += longest_first[(found.lastindex or 1) - 1]
            end = found.end()
        return _joined(hidden, text[end:])

    def reveal(self, text: str) -> str:
        """The text, say a model's answer, with the names put back as they were given."""
        return re.sub(
            r"(?i)(CUST_[0-9]+)(?:_(?=_*[0-9]))?",
            lambda found: self.names.get(found[1].upper(), found[0]),
            text,
        )


def choose(names: Iterable[str], texts: Iterable[str]) -> Pseudonyms:
    """A pseudonym for each name, in their order, and none that is in the names or texts already.

    What is to be hidden must be among `texts`: another text may hold a pseudonym by chance.
    """
    known = {name.strip().lower(): name.strip() for name in reversed(list(names)) if name.strip()}
    ordered = list(reversed(known.values()))
    taken = {
        found[1][:length]
        for text in (*ordered, *texts)
        for found in _PSEUDONYM.finditer(text)
        for length in range(1, len(found[1]) + 1)  # a name may be the end of a number
    }
    free = (number for number in count(1) if str(number) not in taken)
    return Pseudonyms({f"CUST_{number}": name for name, number in zip(ordered, free, strict=False)})


def _mention(name: str) -> str:
    """The name; a short one not within a word."""
    escaped = re.escape(name)
    return escaped if len(name) >= SHORT else rf"(?<![^\W_]){escaped}(?![^\W_])"


def _joined(hidden: str, rest: str) -> str:
    """Both, with an underscore where digits would continue a pseudonym."""
    return f"{hidden}_{rest}" if hidden and _DIGITS.match(rest) else hidden + rest
