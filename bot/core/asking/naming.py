"""Which words of a text are names or numbers, and whether the evidence has them too."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.core.rules import verdicts
from bot.core.wording import english

UNPROVEN = "[not in the evidence]"

_WORD = re.compile(r"\d{1,3}(?:,\d{3})+|[\w$@#%~.:/\\-]+")
_PARTS = re.compile(r"[./:@\\=-]")
_JOINED = re.compile(
    r"[a-z0-9][A-Z]|[A-Z]{4}|[A-Za-z]\d|\d[A-Za-z]|-\d|_|\w[.\\@:]\w|^[/~]|\d{3}", re.ASCII
)
"""A word that is put together: `PaymentError`, `db-7`, `max_connections`, `api.example`, a path."""
_DIGITS = r"\d+(?:[.:]\d+)*"
_QUANTITY = re.compile(rf"[v$#~@]?({_DIGITS})(?:[a-z%]{{0,3}}|-[a-z]+)", re.ASCII)
"""A count, a time, a share, a span with its unit, a version; `45-minute`."""
_COUNTED = re.compile(rf"(?<!\w)[vV]?({_DIGITS})[A-Za-z%]{{0,3}}(?!\w)", re.ASCII)
_DECIMAL = re.compile(r"\d+\.\d+", re.ASCII)
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ONES = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FROM_TWENTY = (
    f"{ten}{one}" for ten in _TENS.split() for one in ("", *(f"-{n}" for n in _ONES.split()))
)
_TO_99 = (*_ONES.split(), *_TEENS.split(), *_FROM_TWENTY)
_SPELLED = {word: str(number) for number, word in enumerate(_TO_99, start=1) if number > 2}
_MANY = re.compile(r"(?:dozen|hundred|thousand|million|billion)s?")
"""Two of something is said of any pair; whoever says more has counted."""
_CLASSES = frozenset(("2xx", "3xx", "4xx", "5xx", "32-bit", "64-bit"))
"""What is named by a number, and counts nothing."""
_WITHIN = re.compile(r"[a-z0-9,;)] $")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_ROLES = (
    r"(?:host|server|machine|node|service|customer|tenant|cluster|pod|bucket|queue|topic|namespace"
    r"|region|team|vendor|partner|company|provider|supplier)"
)
_AFTER_ROLE = re.compile(rf"\b(?:{_ROLES}s?|named|called) $")
_BEFORE_ROLE = re.compile(rf" {_ROLES}\b")
"""Beside the word for what it is, a word that is none of the language is a name, however small."""
_HYPHENED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_ENDS_A_NAME = """
    db svc service server host master slave primary replica node pod cluster gw gateway api app web
    prod production staging dev cache queue worker broker proxy lb north south east west
"""
_PLACES = frozenset(_ENDS_A_NAME.split())
"""What ends the name of a machine or a service: `redis-master`."""
_COMMON = """
    i/o e.g i.e a.m p.m utc tcp udp http https dns tls ssl sql json xml yaml html css api cpu ram
    oom url uri uuid smtp ssh jvm utf-8 utf8 ipv4 ipv6 base64 sha256 k8s
    kb mb gb tb kib mib gib tib monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep oct nov dec english
    kubernetes docker linux windows java python node ruby php go rust postgresql postgres mysql
    mariadb mongodb redis kafka rabbitmq elasticsearch cassandra oracle sqlite nginx apache tomcat
    javascript typescript id ok db vm ui io os ip qa ci
    application infrastructure network database configuration low medium high critical
"""


@dataclass(frozen=True, slots=True)
class Named:
    """The words of some texts, whole and in their parts, and the texts themselves in lower case,
    with their numbers."""

    words: frozenset[str]
    text: str
    numbers: frozenset[str]

    def has(self, word: str) -> bool:
        """Whether the texts name it."""
        whole = rf"(?<!\w){re.escape(word)}(?!\w)"
        return word in self.words or bool(re.search(whole, self.text))

    def counts(self, number: str) -> bool:
        """Whether the texts have the number, or a decimal that rounds to it."""
        if number in self.numbers:
            return True
        whole, _, places = number.partition(".")
        if not (whole + places).isdecimal():
            return False
        decimals = (float(one) for one in self.numbers if _DECIMAL.fullmatch(one))
        most_apart = 0.5 * 10 ** -len(places) + 1e-9
        return any(abs(one - float(number)) <= most_apart for one in decimals)


def known(texts: str) -> Named:
    """What these texts, and our own tables, name."""
    numbers = frozenset(_COUNTED.findall(_GROUPED.sub("", texts)))
    return Named(_ours() | _words(texts), texts.lower(), numbers)


def marked(said: str, named: Named) -> str:
    """The text with a mark in place of every name and number that is not known."""

    def instead(found: re.Match[str]) -> str:
        before = said[max(0, found.start() - 24) : found.start()]
        is_path = found[0][0] in "/~" or "//" in found[0]
        words = [found[0]] if is_path else found[0].split("/")
        after = said[found.end() : found.end() + 16]
        return "/".join(_word(word, named, before=before, after=after) for word in words)

    return _WORD.sub(instead, said)


def _word(word: str, named: Named, *, before: str, after: str) -> str:
    bare = _bare(word)
    if bare.lower() in _CLASSES:
        return word
    if (number := _number(bare.lower())) is not None:
        return word if _is_counted(bare.lower(), number, named) else word.replace(bare, UNPROVEN)
    is_name = _is_a_name(bare, before) or _is_called(bare, before.lower(), after.lower())
    if not is_name or (named.has(bare.lower()) and not _is_mixed(bare)):
        return word
    return word.replace(bare, UNPROVEN)


def _number(word: str) -> str | None:
    """The number that a word in lower case stands for, in digits; "" for one that has none, as
    "dozens"; None where it is no number."""
    if found := _QUANTITY.fullmatch(word.replace(",", "")):
        return found[1]
    first = word.partition("-")[0].removesuffix("fold")
    return "" if _MANY.fullmatch(first) else _SPELLED.get(word, _SPELLED.get(first))


def _is_counted(word: str, number: str, named: Named) -> bool:
    """Whether a number is known, in digits or as it is written. A number in our own tables counts
    nothing of this error."""
    written = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    return named.counts(number) or bool(written.search(named.text))


def _is_a_name(bare: str, before: str) -> bool:
    if not bare.isascii() and (not _is_latin(bare) or _has_other_digits(bare)):
        return True
    if len(bare) == 2 and bare.isalpha() and bare.isupper():
        return True
    if bare[:1].isupper() and _LETTERS.fullmatch(bare):
        return bool(_JOINED.search(bare) or _WITHIN.search(before)) or not _is_word(bare.lower())
    if _HYPHENED.fullmatch(bare):
        *_, last = parts = bare.lower().split("-")
        return last in _PLACES or not all(map(_is_word, parts))
    return bool(_JOINED.search(bare))


def _is_called(bare: str, before: str, after: str) -> bool:
    """Whether a word in lower case is somebody's or something's name."""
    if not _LETTERS.fullmatch(bare) or _is_word(bare.lower()):
        return False
    return bool(_AFTER_ROLE.search(before) or _BEFORE_ROLE.match(after))


def _is_latin(word: str) -> bool:
    letters = (char for char in word if char.isalpha())
    return all(unicodedata.name(char, "").startswith("LATIN") for char in letters)


def _has_other_digits(word: str) -> bool:
    """Whether a word has a number in digits other than those in which we count."""
    return any(char.isnumeric() and not char.isascii() for char in word)


def _is_mixed(word: str) -> bool:
    """Whether a word is written in two alphabets, so that it looks like another."""
    return not _is_latin(word) and any(char.isascii() and char.isalpha() for char in word)


def _is_word(word: str) -> bool:
    """Whether a word is English, or stands in our own tables."""
    return english.is_word(word, also=_ours())


def _bare(word: str) -> str:
    """The word without the punctuation of the sentence around it; a path keeps its beginning."""
    return word.rstrip(".,:;-/").lstrip(".,:;-")


def _words(text: str) -> frozenset[str]:
    """Every word of a text, whole and in its parts."""
    bare = {_bare(word) for word in _WORD.findall(text.lower())}
    return frozenset(bare.union(*(_PARTS.split(word) for word in bare))) - {""}


@lru_cache(maxsize=1)
def _ours() -> frozenset[str]:
    """What may be named without evidence: what our own tables tell people, and common words."""
    ours = (
        text
        for one in verdicts.ALL
        for text in (one.says, one.explains, one.cause, one.effect.impact, *one.actions)
    )
    return _words(_COMMON) | _words("\n".join(ours))
