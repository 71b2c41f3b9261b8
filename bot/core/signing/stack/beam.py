"""Elixir and Erlang: what was raised, then the calls, the innermost first."""

import re
from collections.abc import Iterable, Iterator

from bot.core.event import Frame
from bot.core.signing.stack.trace import MOST_EXCEPTIONS, Raised, collapse

_PLACE = r"(?P<file>[\w./-]{1,300}\.(?:exs?|[ehl]?eex|erl|hrl|yrl|xrl)):(?P<line>\d{1,9}): "
START = re.compile(rf"^ {{4,12}}(?:\([\w.+ -]{{1,80}}\) )?{_PLACE}", re.MULTILINE)
_FRAME = re.compile(
    rf"^ {{4,12}}(?:\((?P<app>\w{{1,80}})[ \w.+-]{{0,80}}\) )?{_PLACE}(?P<call>[^\n]{{1,400}})",
    re.MULTILINE,
)
_HEAD = re.compile(r"^[^\n*]{0,400}?\*\* \(([\w.]{1,200})\) ?", re.MULTILINE)
_PASSED_ON = "an exception was raised:"
"""Of an `exit`, which is not what happened."""
_CALL = re.compile(
    r"(?:anonymous fn/\d{1,3} in )?:?(?P<module>[\w.]{1,300})\.\"?(?:-?(?:MACRO-|fun\.|inlined-))?"
    r"(?P<function>[\w?!+*/<>=~^&|-]{1,200}?)(?:/|\(|$)"
)
_NAMED = r"'?([\w.@-]{1,200})'?"
LISTED = re.compile(r"\[\{file,\s{0,200}\"[^\"\n]{1,300}\"\},\s{0,200}\{line,\d{1,9}\}\]")
_LISTED = re.compile(
    rf"\{{{_NAMED},\s{{0,200}}'?(-?[\w@?!.]{{1,160}})[^,\n]{{0,80}},"
    r"\s{0,200}(?:\d{1,3}|\[.{0,400}?\]),\s{0,200}"
    r"\[\{file,\s{0,200}\"([^\"\n]{1,300})\"\},\s{0,200}\{line,(\d{1,9})\}\]",
    re.DOTALL,
)
TOLD = re.compile(r"^ {1,12}in (?:function |call from) \S", re.MULTILINE)
_TOLD = re.compile(
    rf"^ {{1,12}}in (?:function |call from) {_NAMED}:'?(-?[\w@?!.]{{1,160}})[^\s(]{{0,80}}"
    r"(?: \(([^,\n]{1,300}), line (\d{1,9})\))?",
    re.MULTILINE,
)
_SAID = re.compile(r"\bexception (error|exit|throw): ([^\n]{0,2000})")
_REASON = re.compile(
    r"(?:Reason(?: for termination ==\n\*\*|:)|exit value:,?|exit with reason|error:)\s{0,40}"
    r"(?P<given>\{{1,3}(?P<type>[a-z]\w{0,80})[^\[]{0,2000})"
)
_FOREIGN = re.compile(
    r"(?:absinthe|amqp|appsignal|bamboo|bandit|bcrypt\w*|brod|broadway|commanded|cowboy|cowlib"
    r"|db_connection|ecto|elixir|eex|ex_aws|ex_unit|finch|gen_stage|grpc|guardian|gun|hackney"
    r"|honeybadger|horde|httpoison|iex|jason|jose|kernel|libcluster|logger|mint|mix|myxql|nimble"
    r"|oban|opentelemetry|phoenix|plug|poison|poolboy|postgrex|quantum|ranch|redix|req|sentry"
    r"|ssl|stdlib|erts|inets|mnesia|crypto|swoosh|tds|telemetry|tesla|thousand_island|timex)"
    r"(?:_\w{1,40})?"
)
"""OTP's and Elixir's own applications, and what most programs of theirs are built of."""
_OF_OTP = re.compile(
    r"(?:application\w*|binary|c|code\w*|cowboy\w*|dict|erl_\w+|erlang|erpc|ets|file\w*|gb_\w+|gen"
    r"|gen_\w+|hackney\w*|httpc\w*|init|inet\w*|io|io_lib|kernel|lists|logger\w*|maps|mnesia\w*"
    r"|orddict|proc_lib|proplists|queue|ranch\w*|rpc|sets|ssl\w*|string|supervisor\w*|sys|timer"
    r"|unicode|elixir_\w+|Elixir\.(?:Access|Enum|Enumerable|GenServer|Kernel|Keyword|List|Map|Stream"
    r"|String|Task|Phoenix|Plug|Ecto|Postgrex|DBConnection)(?:\.\w+)*)"
)


def read(text: str) -> Iterator[Raised]:
    """What Elixir tells: the outermost first, without an exit that only passes it on."""
    heads = [head for head in _HEAD.finditer(text) if not text.startswith(_PASSED_ON, head.end())]
    for number, head in enumerate(heads[:MOST_EXCEPTIONS]):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        first, calls = _calls(text, head.end(), end)
        yield Raised(head[1], _message(text[head.end() : first]), collapse(calls))
    if not heads:
        first, calls = _calls(text, 0, len(text))
        yield Raised("", text[:first].strip(), collapse(calls))


def read_listed(text: str) -> Iterator[Raised]:
    """What Erlang writes as a term: the reason and its calls; not those of a client that waited."""
    reason = _REASON.search(text)
    start = reason.end() if reason else 0
    end = text.find("stacktrace", start)
    found = _LISTED.finditer(text, start, end if end > 0 else len(text))
    said = reason["given"].rstrip(", \n").removeprefix("{") if reason else ""
    frames = collapse(_frame(call[1], call[2], int(call[4])) for call in found)
    yield Raised(reason["type"] if reason else "", said, frames)


def read_told(text: str) -> Iterator[Raised]:
    """What Erlang writes in words: of a crash, or as its shell does."""
    said = _SAID.search(text)
    calls = _TOLD.finditer(text)
    frames = collapse(_frame(call[1], call[2], int(call[4] or 0) or None) for call in calls)
    yield Raised(said[1] if said else "", said[2].strip() if said else "", frames)


def _calls(text: str, start: int, end: int) -> tuple[int, Iterable[Frame]]:
    """Where the first of the calls stands, and all of them; not those of a client that waited."""
    client = text.find("\nClient #PID", start, end)
    found = list(_FRAME.finditer(text, start, client if client > 0 else end))
    return (found[0].start() if found else end), map(_elixirs, found)


def _message(said: str) -> str:
    """The first paragraph, with the next where it only introduces that."""
    said = said.strip("\n ")
    first, gap, rest = said.partition("\n\n")
    more = rest.partition("\n\n")[0] if first.endswith(":") else ""
    return f"{first}{gap}{more}" if more else first


def _elixirs(found: re.Match[str]) -> Frame:
    call = _CALL.match(found["call"])
    is_own = False if found["app"] and _FOREIGN.fullmatch(found["app"]) else None
    if call is None:
        return Frame(found["file"], "<file>", int(found["line"]), in_app=is_own)
    function = call["function"]
    is_own = False if _OF_OTP.fullmatch(call["module"]) else is_own
    return Frame(call["module"], function, int(found["line"]), in_app=is_own)


def _frame(module: str, function: str, line: int | None) -> Frame:
    """A function of a function, as `-each/1-fun-0-`, by the name of what it was written in."""
    is_own = False if _OF_OTP.fullmatch(module) else None
    return Frame(module.removeprefix("Elixir."), function.lstrip("-"), line, in_app=is_own)
