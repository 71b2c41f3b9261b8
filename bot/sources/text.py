"""Plain text logs: lines put together into records, records into events."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.core import header, stack
from bot.core.event import Event, Severity
from bot.core.header import Header
from bot.sources import mapping, sanitise, spelling
from bot.sources.mapping import Identity, Unfit

FIRST_LINES = 300
LAST_LINES = 200
RECORD_CHARACTERS = 256_000
OPEN_RECORDS = 16


@dataclass(slots=True)
class Record:
    """Lines that belong together: the first of them, and what its header says.

    Keeps FIRST_LINES and LAST_LINES of what is longer: the message stands first, and the exception
    of a recursion last. `line` is the number of the first, `received` when it was read,
    `time` the best guess where the header has none: that of the record before.
    """

    line: int
    received: datetime
    head: Header
    is_headed: bool
    time: datetime | None
    lines: list[str]
    notes: dict[str, str] = field(default_factory=dict)
    has_python_trace: bool = False
    has_go_trace: bool = False
    _note: str = ""
    _last: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    _characters: int = 0

    def __post_init__(self) -> None:
        """Look at the first lines as at all that follow."""
        for line in self.lines:
            self._notice(line)

    def add(self, line: str) -> None:
        """Put one more line behind the others, or behind the note that was added last."""
        if self._note:
            self.notes[self._note] = f"{self.notes[self._note]}\n{line}"[:RECORD_CHARACTERS]
            return
        self._notice(line)
        self._characters += len(line)
        if len(self.lines) < FIRST_LINES and self._characters < RECORD_CHARACTERS // 2:
            self.lines.append(line)
        else:
            self._last.append(line[: RECORD_CHARACTERS // 2 // LAST_LINES])

    def add_note(self, name: str, line: str) -> None:
        """Put PostgreSQL's DETAIL, HINT, CONTEXT or STATEMENT aside, with the lines after it."""
        self._note = name
        self.notes.setdefault(name, line)

    def _notice(self, line: str) -> None:
        self.has_python_trace |= "Traceback (most recent" in line
        self.has_go_trace |= line.startswith(("goroutine ", "runtime stack:"))

    @property
    def last_added(self) -> str:
        """The last line, blank or not."""
        return (self._last or self.lines)[-1]

    @property
    def last_line(self) -> str:
        """The last line that is not blank."""
        kept = self._last or self.lines
        return next((line for line in reversed(kept) if line.strip()), "")

    @property
    def text(self) -> str:
        """All that was kept."""
        return "\n".join([*self.lines, *self._last]).rstrip()


# What belongs to the record before it, however it is indented.
_ORPHAN = re.compile(
    r"""\s | Caused\ by: | Suppressed: | at\s | >?\s*File\ " | goroutine\ \d | [\^~]{2,}
      | During\ handling\ of | The\ above\ exception\ was | \.\.\.\ ?\d+\ (?:more|frames)
      | \.\.\.additional\ frames | Stack\ trace: | \#\d+\s | created\ by[ ] | \[signal[ ]
      | runtime\ stack: | exit\ status\ \d | [}\])]+[,;]?$ | \[cause\]: | \[errors\]:
      | ---\ End\ of | --->[ ] | \[SQL: | \[parameters: | \(Background\ on\ this | \*\*\*[ ]
      | [|+]\s*[-|+] | [|]\s
    """,
    re.VERBOSE,
)
_TRACEBACK = re.compile(r"[\s+|]*(?:Exception Group )?Traceback \(most recent call last\)")
_SEAM = re.compile(r"During handling of|The above exception was")
_CRASH = re.compile(
    r"""panic:[ ] | fatal\ error:[ ] | runtime:[ ] | Traceback\ \(most | Exception\ in\ thread[ ]
      | Uncaught[ ] | Unhandled[ ] | thread\ '[^'\n]{0,80}'\ panicked | PHP\ Fatal
      | Segmentation\ fault | terminate\ called | \S{1,300}:\d{1,9}:in\ [`']
    """,
    re.VERBOSE,
)
_GO_CALL = re.compile(r"[\w./*()\[\]{}~$%@…-]{1,300}\(.*\)$")
_RUBY_HEAD = re.compile(r"\S{1,300}:\d{1,9}:in [`']")
_JUL = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M ")
_POSTGRES_NOTE = re.compile(r"(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):  (.*)", re.DOTALL)
_CONTAINER = re.compile(r"(\d{4}-\d\d-\d\dT\S{8,32}) std(?:out|err) ([FP]) ")


class Assembler:
    """Lines in, records out: those of the open records that can still grow are held back.

    A record starts at a line with a header. In text without headers each line is a record, but for
    what evidently continues a stack trace. A crash that is printed below a harmless line starts
    its own. Lines of several processes in one file are told apart by host and process id.
    """

    def __init__(self, quiet_below: Severity) -> None:
        self._quiet_below = quiet_below
        self._open: dict[tuple[str, str], Record] = {}
        self._latest: Record | None = None
        self._time: datetime | None = None

    def feed(
        self, number: int, line: str, *, received: datetime, time: datetime | None = None
    ) -> Iterator[Record]:
        """The records that this line completes; `time` is what the transport says of it."""
        line = line.rstrip()
        if "#012" in line:
            first, *rest = line.replace("#011", "\t").split("#012")
            yield from self.feed(number, first, received=received, time=time)
            for more in rest:
                yield from self.feed(number, more or " ", received=received, time=time)
            return
        if found := _CONTAINER.match(line):
            line, time = line[found.end() :], spelling.time(found[1])
        self._time = time or self._time
        if self._continues(line):
            self._add(line)
            return
        yield from self._feed_headed(number, line, received)

    def flush(self) -> Iterator[Record]:
        """The records that are still open, as the input has ended or another kind follows."""
        records = sorted(self._open.values(), key=lambda record: record.line)
        self._open.clear()
        self._latest = None
        yield from records

    def _add(self, line: str) -> None:
        if self._latest is not None:
            self._latest.add(line)

    def _feed_headed(self, number: int, line: str, received: datetime) -> Iterator[Record]:
        head = header.split(line)
        is_headed = len(head.message) < len(line) or _JUL.match(line) is not None
        before = self._latest
        if is_headed:
            owner = self._open.get((head.host, head.pid))
            if owner is not None and self._is_part_of(owner, head, line):
                return
        elif before is not None and before.is_headed and not self._stands_alone(before, line):
            before.add(line)
            return
        time = head.time or self._time
        yield from self._start(Record(number, received, head, is_headed, time, [line]))

    def _start(self, record: Record) -> Iterator[Record]:
        self._time = record.head.time or self._time
        key = (record.head.host, record.head.pid)
        if done := self._open.pop(key, None):
            yield done
        if len(self._open) >= OPEN_RECORDS or key == ("", ""):
            yield from self.flush()
        self._open[key] = self._latest = record

    def _is_part_of(self, owner: Record, head: Header, line: str) -> bool:
        """Whether a line with a header only carries on: a trace by syslog, PostgreSQL's DETAIL."""
        note = _POSTGRES_NOTE.search(line[:2_000]) if head.severity is Severity.INFO else None
        if note and owner.head.time == head.time:
            owner.add_note(note[1].lower(), note[2])
            self._latest = owner
            return True
        if head.severity is None and head.pid and _ORPHAN.match(head.message):
            owner.add(head.message)
            self._latest = owner
            return True
        return False

    def _continues(self, line: str) -> bool:
        before = self._latest
        if before is None:
            return False
        if not line:
            return True
        if _TRACEBACK.match(line):
            return not self._is_quiet(before) and (
                not before.has_python_trace or _SEAM.match(before.last_line) is not None
            )
        if _ORPHAN.match(line):
            return True
        return not before.is_headed and _carries_on(before, line)

    def _stands_alone(self, before: Record, line: str) -> bool:
        if line.startswith('{"'):
            return True
        return self._is_quiet(before) and _CRASH.match(line) is not None

    def _is_quiet(self, record: Record) -> bool:
        severity = record.head.severity
        return severity is not None and severity < self._quiet_below


def _carries_on(before: Record, line: str) -> bool:
    """Whether a line without indentation is part of a trace without a header."""
    last = before.last_added
    if _RUBY_HEAD.match(line):
        return last.startswith("\tfrom ")
    if last.startswith("runtime: "):
        return line.startswith(("runtime: ", "fatal error: "))
    if before.has_go_trace:
        return _GO_CALL.match(line) is not None
    is_python = before.has_python_trace and last.startswith((" ", "\t"))
    return is_python and not _CRASH.match(line)


# ---- a record's event


def event(
    record: Record,
    identity: Identity,
    *,
    minimum: Severity = Severity.ERROR,
    has_levels: bool = False,
) -> Event | Unfit:
    """The error that a record describes.

    A record that says no level counts as an error in text that knows none; in text that does
    (`has_levels`), only if it holds a stack trace: there a bare line is a banner or a print.
    """
    text = sanitise.text(record.text, RECORD_CHARACTERS)
    received, (head, message) = record.received, _split(record, text)
    time = head.time or _time_without_year(text, received) or record.time
    if (fields := _fields(message)) is not None:
        found = mapping.event(fields, identity, received=received, minimum=minimum, time=time)
        return found if isinstance(found, Unfit) else _with_head(found, head)
    if not message.strip():
        return Unfit.EMPTY
    severity = head.severity or _spoken_level(message)
    raised = stack.parse(message) if "\n" in message else ()
    is_crash = bool(raised) or _CRASH.match(message) is not None
    if _is_quiet(severity, minimum, assumed_error=is_crash or not has_levels):
        return Unfit.QUIET
    kind, reason = (raised[0].type, raised[0].message) if raised else ("", "")
    return Event(
        source=identity.source,
        source_id=identity.of(time is not None),
        time=time or received,
        received=received,
        message=_message(message, is_trace=bool(raised)),
        severity=severity or Severity.ERROR,
        service=sanitise.word(head.service),
        host=sanitise.word(head.host),
        logger=sanitise.word(head.logger),
        error_type=sanitise.word(kind),
        error_message=sanitise.text(reason, mapping.MESSAGE_CHARACTERS),
        stack=_trace(message) if raised else "",
        attributes=_attributes(record, head),
    )


def _is_quiet(severity: Severity | None, minimum: Severity, *, assumed_error: bool) -> bool:
    return not assumed_error if severity is None else severity < minimum


def _split(record: Record, text: str) -> tuple[Header, str]:
    """The header and all that follows it; that of java.util.logging takes two lines."""
    head, first = record.head, record.lines[0]
    if record.is_headed and head.message == first:
        head = header.split(text)
        return head, head.message.strip("\n")
    return head, text[len(first) - len(head.message) :].strip("\n")


def has_level(record: Record) -> bool:
    """Whether the record's header says how bad it is."""
    return record.head.severity is not None


def _message(text: str, *, is_trace: bool) -> str:
    """The first line of a trace, all of anything else."""
    found = text.partition("\n")[0] if is_trace else text
    return sanitise.text(found.strip() or text.strip(), mapping.MESSAGE_CHARACTERS)


_TRACE_START = re.compile(
    r"^(?:[ +|]*(?:Exception Group )?Traceback \(most |goroutine \d)", re.MULTILINE
)


def _trace(text: str) -> str:
    found = _TRACE_START.search(text)
    return text[found.start() :] if found else text


def _attributes(record: Record, head: Header) -> Mapping[str, str]:
    pid = {"pid": sanitise.word(head.pid)} if head.pid else {}
    notes = {
        name: sanitise.text(note, mapping.ATTRIBUTE_CHARACTERS)
        for name, note in record.notes.items()
    }
    return {**pid, **notes}


_SPOKEN = re.compile(
    r"(?:PHP )?(?:(?P<error>(?:Recoverable )?Fatal error|Parse error)|(?P<warning>Warning)"
    r"|(?P<info>Notice|Deprecated|Strict Standards)):"
)


def _spoken_level(message: str) -> Severity | None:
    """The level that PHP writes into its messages."""
    found = _SPOKEN.match(message)
    return Severity[found.lastgroup.upper()] if found and found.lastgroup else None


_NO_YEAR = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)")


def _time_without_year(text: str, received: datetime) -> datetime | None:
    """Syslog's `Nov 21 02:17:35`: the latest such day that is not after `received`."""
    found = _NO_YEAR.match(text)
    if not found:
        return None
    for year in (received.year + 1, received.year, received.year - 1):
        try:
            time = datetime.strptime(
                f"{year} {' '.join(found.groups())} +0000", "%Y %b %d %H:%M:%S %z"
            )
        except ValueError:
            continue
        if time <= received + timedelta(days=1):
            return time.astimezone(UTC)
    return None


# ---- fields inside the text: JSON behind a forwarder's header, logfmt

_PAIR = re.compile(r'([A-Za-z_@][\w.@-]{0,80})=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_FEWEST_PAIRS = 3


def _fields(message: str) -> dict[str, object] | None:
    if message.startswith('{"'):
        try:
            value = sanitise.loads(message.encode())
        except ValueError:
            return None
        return value if isinstance(value, dict) else None
    return _logfmt(message)


def _logfmt(message: str) -> dict[str, object] | None:
    """The pairs of a line that is nothing but `name=value`, at least three of them, or None."""
    pairs: dict[str, object] = {}
    place = 0
    while found := _PAIR.match(message, place):
        pairs[found[1]] = _unquoted(found[2])
        place = found.end()
    return pairs if place == len(message) and len(pairs) >= _FEWEST_PAIRS else None


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value[1:-1])


def _with_head(event: Event, head: Header) -> Event:
    return replace(
        event,
        service=event.service or sanitise.word(head.service),
        host=event.host or sanitise.word(head.host),
    )
