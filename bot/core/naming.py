"""Which words of a text are names, and whether what is known names them too."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bot.core import english
from bot.core.rules import verdicts

UNPROVEN = "[not in the evidence]"

_WORD = re.compile(r"\d{1,3}(?:,\d{3})+|[\w$@#%~.:/\\-]+")
_PARTS = re.compile(r"[./:@\\=-]")
_JOINED = re.compile(
    r"[a-z0-9][A-Z]|[A-Z]{4}|[A-Za-z]\d|\d[A-Za-z]|-\d|_|\w[.\\@:]\w|^[/~]|\d{3}", re.ASCII
)
"""A word that is put together: `PaymentError`, `db-7`, `max_connections`, `api.example`, a path."""
_SMALL = re.compile(r"\d{1,2}(?:[.:]\d{1,2})?(?:xx|ms|s|m|h|d|k|kb|mb|gb|%)?", re.ASCII)
"""A count, a time or a span: nobody's name."""
_NUMBERED = re.compile(
    r"\b(?:ticket|issue|incident|bug|pr|version|release|build|revision|tag)s? (?:no\.? )?$|\bno\. $"
)
_RELEASED = re.compile(r"\b(?:(?:back|upgrade|downgrade|up|down|return) to|since|with|from) $")
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
    oom url uri uuid smtp ssh jvm 4xx 5xx monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december english
    kubernetes docker linux windows java python node ruby php go rust postgresql postgres mysql
    mariadb mongodb redis kafka rabbitmq elasticsearch cassandra oracle sqlite nginx apache tomcat
    javascript typescript id ok db vm ui io os ip qa ci
    application infrastructure network database configuration low medium high critical
"""


@dataclass(frozen=True, slots=True)
class Named:
    """The words of some texts, whole and in their parts, and the texts, in lower case."""

    words: frozenset[str]
    text: str

    def has(self, word: str) -> bool:
        """Whether the texts name it."""
        whole = rf"(?<!\w){re.escape(word)}(?!\w)"
        return word in self.words or bool(re.search(whole, self.text))


def known(texts: str) -> Named:
    """What these texts and our own tables name."""
    return Named(_ours() | _words(texts), texts.lower())


def marked(said: str, named: Named) -> str:
    """The text with every name that is not known replaced by a mark that says so."""

    def instead(found: re.Match[str]) -> str:
        before = said[max(0, found.start() - 24) : found.start()]
        is_path = found[0][0] in "/~" or "//" in found[0]
        words = [found[0]] if is_path else found[0].split("/")
        after = said[found.end() : found.end() + 16]
        return "/".join(_word(word, named, before=before, after=after) for word in words)

    return _WORD.sub(instead, said)


def _word(word: str, named: Named, *, before: str, after: str) -> str:
    bare = _bare(word)
    is_name = _is_a_name(bare, before) or _is_called(bare, before.lower(), after.lower())
    if not is_name or (named.has(bare.lower()) and not _is_mixed(bare)):
        return word
    return word.replace(bare, UNPROVEN)


def _is_a_name(bare: str, before: str) -> bool:
    if not bare.isascii() and not _is_latin(bare):
        return True
    if _SMALL.fullmatch(bare.lower()):
        return _is_numbered(bare, before.lower())
    if len(bare) == 2 and bare.isalpha() and bare.isupper():
        return True
    if bare[:1].isupper() and _LETTERS.fullmatch(bare):
        return bool(_JOINED.search(bare) or _WITHIN.search(before)) or not _is_word(bare.lower())
    if _HYPHENED.fullmatch(bare):
        *_, last = parts = bare.lower().split("-")
        return last in _PLACES or not all(map(_is_word, parts))
    return bool(_JOINED.search(bare))


def _is_called(bare: str, before: str, after: str) -> bool:
    """Whether a word in small letters is what somebody or something is called."""
    if not _LETTERS.fullmatch(bare) or _is_word(bare.lower()):
        return False
    return bool(_AFTER_ROLE.search(before) or _BEFORE_ROLE.match(after))


def _is_numbered(bare: str, before: str) -> bool:
    """Whether it is a ticket's or a version's."""
    is_version = "." in bare and bool(_RELEASED.search(before))
    return is_version or (bare[-1].isdigit() and bool(_NUMBERED.search(before)))


def _is_latin(word: str) -> bool:
    letters = (char for char in word if char.isalpha())
    return all(unicodedata.name(char, "").startswith("LATIN") for char in letters)


def _is_mixed(word: str) -> bool:
    """Whether it is written in two alphabets, so that it looks like another."""
    return not _is_latin(word) and any(char.isascii() and char.isalpha() for char in word)


def _is_word(word: str) -> bool:
    """Whether it is a word of the language, or one of our own tables."""
    return english.is_word(word, also=_ours())


def _bare(word: str) -> str:
    """Without the marks of the sentence around it; a path keeps its beginning."""
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
