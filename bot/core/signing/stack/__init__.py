"""Stack traces as text, read: which exceptions, caused by which, raised where.

Python, Java (and Kotlin, Scala), JavaScript, Go, Ruby, PHP, .NET, Rust, Elixir (and Erlang) and
Perl: one module each.
"""

import re
from collections.abc import Callable, Iterable

from bot.core.event import Frame
from bot.core.signing.stack import (
    beam,
    dotnet,
    go,
    java,
    javascript,
    perl,
    php,
    python,
    rails,
    ruby,
    rust,
)
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, Raised, collapse

__all__ = ["Raised", "collapse", "in_app", "may_be_in", "parse"]

LONGEST_STACK = 200_000


def parse(text: str) -> tuple[Raised, ...]:
    """The exceptions in a text, from the outermost to its innermost cause; () if there is none."""
    return _parse(text, _LANGUAGES)


def may_be_in(text: str) -> bool:
    """Whether a text is one in which a stack may stand: of several lines, or of Erlang's."""
    return "\n" in text or '[{file,"' in text


def is_new(text: str) -> bool:
    """Whether it is read as version 1 of the rules could not."""
    text = _bounded(text)
    first = next((one for one in _LANGUAGES if one[0].search(text)), None)
    return first in _SINCE_2


def was_read(text: str) -> bool:
    """Whether version 1 of the rules took something in a text for a stack."""
    return bool(_parse(text, [one for one in _LANGUAGES if one not in _SINCE_2]))


_Language = tuple[re.Pattern[str], Callable[[str], Iterable[Raised]]]


def _parse(text: str, languages: Iterable[_Language]) -> tuple[Raised, ...]:
    text = _bounded(text)
    for looks_like, read in languages:
        if looks_like.search(text):
            return tuple(read(text))[:MOST_EXCEPTIONS]
    return ()


def _bounded(text: str) -> str:
    """The first and the last lines of what is too long: both ends tell more than the middle."""
    if len(text) > LONGEST_STACK:
        half = LONGEST_STACK // 2
        text = text[:half] + "\n" + text[-half:]
    return text


_SINCE_2: tuple[_Language, ...] = (
    (rust.START, rust.read),
    (rust.WRAPPED, rust.read_wrapped),
    (rails.START, rails.read),
    (go.LOGGED, go.read_logged),
    (beam.START, beam.read),
    (beam.TOLD, beam.read_told),
    (beam.LISTED, beam.read_listed),
    (javascript.CALLED_AT, javascript.read_called),
    (perl.START, perl.read),
)
"""What came with version 2 of the rules."""
_LANGUAGES: tuple[_Language, ...] = (
    (python.START, python.read),
    (go.START, go.read),
    (java.START, java.read),
    (php.START, php.read),
    (ruby.START, ruby.read),
    *_SINCE_2[:3],
    (javascript.START, javascript.read),
    (dotnet.START, dotnet.read),
    *_SINCE_2[3:],
)
"""How each language's traces are told, and read; what could be two is the first."""


# ---- which frames are the application's own

_FOREIGN = re.compile(
    r"site-packages/|dist-packages/|/lib/python\d|\\lib\\|<frozen |<string>|<unknown>"
    r"|node_modules/|^node:|^internal/|<anonymous>|"
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|kotlinx|scala|akka|groovy|clojure)\.|^java\.base|"
    r"^(?:org\.(?:springframework|apache|hibernate|eclipse|jboss|junit|gradle|slf4j"
    r"|postgresql|mongodb)|"
    r"com\.(?:zaxxer|mysql|fasterxml|google\.common|netflix\.hystrix)|io\.(?:netty|vertx"
    r"|grpc|reactivex)|reactor\.|ch\.qos|okhttp3)\b|"
    r"^(?:System|Microsoft|MS|Npgsql|Newtonsoft|Dapper|Polly|Grpc)\.|"
    r"/gems/|/ruby/\d|/lib/ruby/|<internal:|/vendor/|^(?:runtime|net|net/http|internal"
    r"|reflect|sync|testing|bufio|io|os|encoding)"
    r"(?:/|\.|$)|/go/pkg/mod/|/usr/(?:local/)?(?:lib|go)/|^src/\w+/\w+\.p(?:yx|xi)$|\.p(?:yx|xi)$"
)


def in_app(frame: Frame) -> bool:
    """Whether a frame is the application's own; what the sender said, else by where it lies."""
    if frame.in_app is not None:
        return frame.in_app
    return not _FOREIGN.search(frame.module)
