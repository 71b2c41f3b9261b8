"""Lines of text put together into records: a line with a header, and all that belongs to it."""

import re
from collections import deque
from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.core.event import Severity
from bot.core.signing import header, timestamp
from bot.core.signing.header import Header
from bot.sources import access, sanitise, spoken, wording
from bot.sources.wrapping import WRITERS, Wrapped

FIRST_LINES = 300
LAST_LINES = 200
RECORD_CHARACTERS = 256_000
OPEN_RECORDS = 16
HELD = timedelta(minutes=1)
"""Nobody takes longer to write the lines of one error."""
UNDECIDED_LINES = 10
ONE_WRITE = timedelta(seconds=1)
"""A logger that stamps each line of one error takes no longer for the next."""


@dataclass(slots=True)
class Record:
    """Lines that belong together: the first of them, and what its header says.

    `line` is the number of the first, `received` when it was read; `service`, `facts`, `severity`
    and `writer` are what the way it came says, `time` the best guess where the header has none:
    that of the record before. `dated` is when it was by a header that says no year. Keeps
    FIRST_LINES and LAST_LINES of what is longer: the message stands first, and the exception of a
    recursion last.
    """

    line: int
    received: datetime
    head: Header
    is_headed: bool
    time: datetime | None
    lines: list[str]
    service: str = ""
    facts: Mapping[str, Any] | None = None
    severity: Severity | None = None
    writer: str = ""
    dated: datetime | None = None
    notes: dict[str, str] = field(default_factory=dict)
    undecided: "list[tuple[Record, str]]" = field(default_factory=list)
    has_python_trace: bool = False
    has_raised: bool = False
    has_go_trace: bool = False
    has_frames: bool = False
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
        if "Traceback (most recent" in line:
            self.has_python_trace, self.has_raised = True, False
        elif self.has_python_trace and line and not line[0].isspace():
            self.has_raised = True
        self.has_go_trace |= line.startswith(("goroutine ", "runtime stack:"))
        self.has_frames = self.has_frames or _FRAME.match(line) is not None

    def adopt(self) -> None:
        """The lines that were undecided turned out to be part of it."""
        for _, text in self.undecided:
            self.add(text)
        self.undecided.clear()

    def release(self) -> "list[Record]":
        """The record and those that were undecided, each for itself."""
        records = [self, *(record for record, _ in self.undecided)]
        self.undecided = []
        return records

    @property
    def at(self) -> datetime | None:
        """When it was, as well as can be known."""
        return self.head.time or self.dated or self.time

    @property
    def first(self) -> str:
        """What the first line says behind its header."""
        return self.head.message

    @property
    def may_have_frames(self) -> bool:
        """Whether the first line names an exception, or where one is raised."""
        first = self.first[:_NAMED_WITHIN]
        heads = (_RUBY_HEAD.match, _PLACE.match, _ELIXIR_HEAD.match)
        return _NAMES_EXCEPTION.search(first) is not None or any(head(first) for head in heads)

    @property
    def last_added(self) -> str:
        """The last line, blank or not."""
        return (self._last or self.lines)[-1]

    @property
    def last_line(self) -> str:
        """The last line that is not blank, nor the bare `#` above what Java's machine says."""
        kept = self._last or self.lines
        return next((line for line in reversed(kept) if line.strip() not in ("", "#")), "")

    @property
    def text(self) -> str:
        """All that was kept."""
        return "\n".join([*self.lines, *self._last]).rstrip()


# What is part of the record before it, with or without indentation.
_PART = re.compile(
    r"""Caused\ by: | Suppressed: | Wrapped\ by: | at\s.{1,1000}?(?:\)|:\d{1,9}|\{)$ | >?\s*File\ "
      | goroutine\ \d | [\^~]{2,} | \^$ | During\ handling\ of | The\ above\ exception\ was
      | \.\.\.\ ?\d+\ (?:more|frames) | \.\.\.additional\ frames | Stack\ trace: | \[stacktrace\]
      | \#\d+\s | created\ by[ ] | \[signal[ ] | runtime\ stack: | exit\ status\ \d
      | [}\])]+[,;]?$ | \[cause\]: | \[errors\]: | ---\ End\ of | --->[ ] | \[SQL: | \[parameters:
      | \(Background\ on\ this | \*\*\*[ ] | [|+]\s*[-|+] | [|]\s | Node\.js\ v\d
      | Next\ [\w\\]{1,200}(?:Error|Exception)\b | [Ss]tack\ backtrace:$
      | note:\ (?:run\ with\ `RUST_|Some\ details\ are\ omitted)
      | \S{1,300}:\d{1,9}:in\ [`'][^\n]{1,200}'$
      | [^\n@]{0,200}@(?:[a-z-]{2,20}://\S{1,400}:\d{1,9}:\d{1,9}|\[native\ code\])$
      | \S.{0,1000}\ called\ at\ \S{1,300}\ line\ \d
      | \([\w.+\ -]{1,80}\)\ [\w./-]{1,300}\.(?:exs?|erl):\d{1,9}:\ .
      | Call\ Trace: | </?(?:TASK|IRQ)> | Modules\ linked\ in: | Hardware\ name: | CPU:\ \d+\ PID:
      | (?:RIP|R[A-Z0-9]{2}|CR\d|Code|FS|EFLAGS):\ [0-9a-f] | ---\[\ end\ trace
    """,
    re.VERBOSE,
)
_OBJECT = re.compile(r'\{\s*"')
_FRAME = re.compile(
    r"""\s*(?: at\s.{1,1000}?(?:\)|:\d{1,9}|\{)$ | File\ ".{1,400}",\ line\ \d
      | (?:\d+:\ )?from\ \S{1,300}:\d{1,9}:in | \S{1,300}:\d{1,9}:in\ [`'][^\n]{1,200}'$
      | \#\d+\ \S | goroutine\ \d | Call\ Trace:)""",
    re.VERBOSE,
)
_ROW = re.compile(r"(?:\[?[ ]{0,12}-?\d{1,20}\]?[ ]{1,20}){4}|\[[ ]{1,8}pid[ ]{1,8}\]")
_TRACEBACK = re.compile(r"[\s+|]*(?:Exception Group )?Traceback \(most recent call last\)")
_SEAM = re.compile(r"During handling of|The above exception was")
_CARETS = re.compile(r"\s*[\^~]+\s*$")
NAMED = (
    r"(?:[A-Za-z_$][\w$]{0,100}(?:\.|::|\\)){0,12}[A-Z][\w$]{0,100}(?:Error|Exception|Throwable|Fault)"
    r"(?: \[[\w ]{1,60}\])?(?=:\s|:?$| \{$)"
)
"""For a pattern: the name of an exception, of which a message may follow."""
_TYPED = re.compile(rf"(?:{NAMED}|Error(?=:\s))")
_NAMES_EXCEPTION = re.compile(rf"(?:^|[\s\[(])(?:{NAMED}|Error(?=:\s))")
_NAMED_WITHIN = 300
_PLACE = re.compile(r"(?:node:|file://|/|[A-Za-z]:\\|\./)\S{1,300}:\d{1,9}$")
_SIGNAL = r"(?:Segmentation\ fault|Aborted|Killed|Bus\ error|Illegal\ instruction|Floating\ point)"
_JVM = r"""\#\ (?:A\ fatal\ error\ has\ been\ detected\ by\ the\ Java
      |There\ is\ insufficient\ memory\ for\ the\ Java)"""
_JVM_ENDS = re.compile(_JVM, re.VERBOSE)
_BY_A_RUNTIME = rf"""Exception\ in\ thread[ ] | Uncaught[ ] | Unhandled[ ] | PHP\ Fatal
      | terminate\ called | Fatal\ Python\ error:[ ] | Segmentation\ fault
      | {_SIGNAL}[ a-z]{{0,20}}\(core\ dumped\)
      | \S{{1,300}}:\ line\ \d{{1,9}}:[ ]{{1,8}}\d{{1,10}}\ {_SIGNAL} | {_JVM}
"""
"""What a runtime, or the shell above it, prints of an end that nobody caught, and no logger."""
_ENDS = re.compile(_BY_A_RUNTIME, re.VERBOSE)
_UNCAUGHT = re.compile(
    rf"""panic:[ ] | fatal\ error:[ ] | runtime:[ ]
      | thread\ '[^'\n]{{0,80}}'(?:\ \(\d{{1,10}}\))?\ panicked | {_BY_A_RUNTIME}
      | \*\*\ \([\w.]{{1,200}}\)[ ] | \S{{1,300}}:\d{{1,9}}:in\ [`']
    """,
    re.VERBOSE,
)
_SHELLS_WORD = re.compile(rf"(?:\S{{1,300}}:\ line\ \d{{1,9}}:\s+\d+\ )?{_SIGNAL}", re.VERBOSE)
_FATAL_PYTHON = "Fatal Python error: "
_OF_FATAL_PYTHON = re.compile(
    r"Python runtime state: |(?:Current thread|Thread) 0x|Extension modules: |<no Python frame>"
)
_LEFT_OUT = re.compile(r"\s*\.\.\. \d{1,9} (?:more|common frames)")
_GO_CRASH = re.compile(r"panic: |fatal error: ")
_VALUE = r"""=(?:"(?:[^"\\]|\\.){0,1000}"|[^\s"]{0,200})(?:[ ]|$)"""
_LEVELLED_PAIRS = re.compile(
    rf"""(?=(?:[A-Za-z_@][\w.@-]{{0,80}}{_VALUE}){{2}})
    (?:[\w.@-]{{1,80}}{_VALUE}){{0,5}}(?:level|lvl|severity)="?[A-Za-z]{{1,20}}\b""",
    re.VERBOSE,
)
"""Of logfmt, such as logrus writes: nobody's second line."""
_GO_CALL = re.compile(r"[\w./*()\[\]{}~$%@…-]{1,300}\(.*\)$")
_GO_FUNCTION = re.compile(r"(?:(?:[\w.~-]{1,100}/){1,16}[\w-]{1,100}|main)\.[\w.()*\[\]…-]{1,200}")
_GO_PLACE = re.compile(r"\S{1,300}\.(?:go|s):\d{1,9}")
_RUST_HEAD = re.compile(r"thread '[^'\n]{0,80}'.{0,20} panicked at \S{1,300}:\d{1,9}:\d{1,9}:$")
_PANIC = re.compile(r"thread '[^'\n]{0,80}'(?: \(\d{1,10}\))? panicked at ")
"""Printed by Rust's own hook: no log line that stands above it has to do with it."""
_ELIXIR_HEAD = re.compile(r"\*\* \([\w.]{1,200}\) ")
_RUBY_HEAD = re.compile(r"\S{1,300}:\d{1,9}:in [`']")
_JUL = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d\d:\d\d [AP]M) ")
_GAP = re.compile(r"[\s|,-]{1,40}$")
_CALL = re.compile(
    r"(?:from )?\S{1,300}:\d{1,9}:in [`'][^\n]{1,200}'$|at [\w.$/<>-]{1,300}\([^()\n]{0,200}\)$"
    r"|Caused by: |\.\.\. \d+ (?:more|common frames)"
)
"""Nothing that anybody logs by itself."""
TAGS = re.compile(r"(?:\[[^\[\]\s]{1,80}\] ?){1,5}")
"""What Rails puts before each line that a request logs, not only before the first."""
_POSTGRES_NOTE = re.compile(r"(DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):  (.*)", re.DOTALL)


def is_uncaught(text: str) -> bool:
    """Whether a text begins as that of an uncaught error does."""
    return any(kind.match(text) for kind in (_UNCAUGHT, _TRACEBACK, _TYPED))


def is_fragment(text: str) -> bool:
    """Whether a text is but a row of a table, or calls of a stack whose beginning is not there."""
    return _ROW.match(text) is not None or all(map(_FRAME.match, text.split("\n")))


class Writers:
    """Lines in, records out, those of each writer put together apart.

    Several that write into one stream are told apart by what stands before their lines: the name
    of a container, a host and process id. Where nothing does, their lines cannot be.
    """

    def __init__(self, quiet_below: Severity) -> None:
        self._quiet_below = quiet_below
        self._assemblers: dict[str, Assembler] = {}
        self._swept: datetime | None = None

    def feed(self, number: int, line: Wrapped, received: datetime) -> Iterator[Record]:
        """The records that this line completes."""
        if line.time is not None:
            yield from self._overdue(line.time)
        if line.writer not in self._assemblers:
            if len(self._assemblers) >= WRITERS:
                yield from self.flush()
                self._assemblers.clear()
            self._assemblers[line.writer] = Assembler(self._quiet_below)
        yield from self._assemblers[line.writer].feed(number, line, received)

    def _overdue(self, now: datetime) -> Iterator[Record]:
        """The records of those who wrote nothing for long, by the clock of whoever carries the
        lines; looked for now and then."""
        if self._swept is not None and abs(now - self._swept) <= HELD:
            return
        self._swept = now
        for one in self._assemblers.values():
            if one.carried is not None and now - one.carried > HELD:
                yield from one.flush()

    def flush(self) -> Iterator[Record]:
        """The records that are still open: the input ended, is silent, or another kind follows."""
        records = [record for one in self._assemblers.values() for record in one.flush()]
        yield from sorted(records, key=lambda record: record.line)

    def open_lines(self) -> Iterator[int]:
        """The first lines of the records that are still open."""
        return (record.line for one in self._assemblers.values() for record in one.open())


class Assembler:
    """The lines of one writer in, records out: those that can still grow are held back.

    A record starts at a line with a header. In text without headers each line is a record, but for
    what evidently continues a stack trace; lines between the name of an exception and its frames
    are its message. So it is where each line has a header that says no level, as a collector
    stamps them, for each host and process. A crash below a harmless line starts its own.
    """

    def __init__(self, quiet_below: Severity) -> None:
        self._quiet_below = quiet_below
        self._open: dict[tuple[str, str], Record] = {}
        self._latest: Record | None = None
        self._time: datetime | None = None
        self.carried: datetime | None = None

    def feed(self, number: int, line: Wrapped, received: datetime) -> Iterator[Record]:
        """The records that this line completes; `carried` is when it was by who carried it."""
        self.carried = line.time
        self._time = line.time or self._time
        text = sanitise.uncoloured(line.text)
        if "#012" not in text:
            yield from self._feed(number, text.rstrip(), received, line)
            return
        for part in text.replace("#011", "\t").split("#012"):  # as syslog escapes newlines
            yield from self._feed(number, part.rstrip() or " ", received, line)

    def open(self) -> Collection[Record]:
        """The records that are still open."""
        return self._open.values()

    def flush(self) -> Iterator[Record]:
        """The records that are still open; none is afterwards."""
        records = sorted(self._open.values(), key=lambda record: record.line)
        self._open.clear()
        self._latest = None
        for record in records:
            yield from _closed(record)

    def _feed(self, number: int, line: str, received: datetime, came: Wrapped) -> Iterator[Record]:
        head = Header(line) if not line or line[0].isspace() else header.split(line)
        jul = _JUL.match(line)  # java.util.logging: what makes it a header follows a line later
        is_headed = jul is not None or len(head.message) < len(line)
        if is_headed and self._notes(head, line):
            return
        owner, text = self._latest, line
        if is_headed:
            is_stamp = head.severity is None and jul is None
            owner = self._open.get((head.host, head.pid)) if is_stamp else None
            text = _rest(head, line)
        elif owner is not None:
            text = _untagged(owner, line)
        time = head.time or (timestamp.read(jul[1]) if jul else None) or self._time
        record = Record(number, received, head, is_headed, time, [line])
        record.service, record.facts, record.severity = came.service, came.facts, came.severity
        record.writer = came.writer
        record.dated = None if head.time else timestamp.read_without_year(line, received)
        before = self._open.get((head.host, head.pid)) if is_headed else None
        if before is not None and _says_on(before, record, said := _untagged(before, text)):
            before.add(said.rstrip())
            self._latest = before
            return
        if owner is None or not (yield from self._taken(owner, record, text)):
            yield from self._start(record)

    def _start(self, record: Record) -> Iterator[Record]:
        self._time = record.time
        key = (record.head.host, record.head.pid)
        if done := self._open.pop(key, None):
            yield from _closed(done)
        yield from self._overdue(record)
        if len(self._open) >= OPEN_RECORDS or key == ("", ""):
            yield from self.flush()
        self._open[key] = self._latest = record

    def _overdue(self, record: Record) -> Iterator[Record]:
        """The records that are still open long after they began, by the clock of their host."""
        if not self._open or (at := record.at) is None:
            return
        overdue = [
            key
            for key, one in self._open.items()
            if key[0] == record.head.host and one.at is not None and at - one.at > HELD
        ]
        for key in overdue:
            yield from _closed(self._open.pop(key))

    def _notes(self, head: Header, line: str) -> bool:
        """Whether a line is PostgreSQL's DETAIL, HINT, … of a record, and was put there."""
        note = _POSTGRES_NOTE.search(line[:2_000]) if head.severity is Severity.INFO else None
        owner = self._open.get((head.host, head.pid)) if note else None
        if note is None or owner is None or owner.head.time != head.time:
            return False
        owner.add_note(note[1].lower(), note[2])
        self._latest = owner
        return True

    def _taken(self, owner: Record, record: Record, text: str) -> Generator[Record, None, bool]:
        """Whether a line was put to the record before it; those that this completes on the way."""
        is_stamped = record.is_headed
        is_part = _is_part(owner, text, is_stamped=is_stamped)
        may_be_message = _may_be_message(owner, text, is_stamped=is_stamped)
        if owner.undecided and not (is_part or may_be_message):
            *others, owner = owner.release()
            yield from others
            self._open[record.head.host, record.head.pid] = owner
        if is_part or self._goes_on(owner, text, is_stamped=is_stamped):
            owner.adopt()
            owner.add(text)
        elif may_be_message:
            owner.undecided.append((record, text))
        else:
            return False
        self._latest = owner
        return True

    def _goes_on(self, owner: Record, text: str, *, is_stamped: bool) -> bool:
        """Whether a line that need not be part of the record before it is."""
        if not text:
            return True
        if _LEVELLED_PAIRS.match(text):
            return False
        if _TRACEBACK.match(text):
            return self._takes_traceback(owner, text)
        if is_stamped and _is_its_exception(owner, text):
            return True
        if is_stamped or not owner.is_headed:
            return not owner.undecided and _carries_on(owner, text)
        return not self._stands_alone(owner, text)

    def _takes_traceback(self, before: Record, line: str) -> bool:
        if _is_calm(before) and not before.has_python_trace:
            return False
        if before.first.startswith(_FATAL_PYTHON) and before.has_frames:
            return False
        is_member = not line.startswith(("Traceback", "Exception"))  # of a group, inside its frame
        is_caused = _SEAM.match(before.last_line) is not None
        return not before.has_python_trace or is_member or is_caused

    def _stands_alone(self, before: Record, line: str) -> bool:
        """Whether a line without a header is not of the record before it, which has one."""
        severity = before.head.severity
        if _OBJECT.match(line) or _PANIC.match(line) or access.fields(line) is not None:
            return True
        if (severity is None or severity < self._quiet_below) and _UNCAUGHT.match(line):
            return True
        if _ENDS.match(line) and _is_told(before):
            return True
        if _GO_CRASH.match(line) and (before.has_go_trace or not _is_last_word(before)):
            return True
        is_typed = _TYPED.match(line) is not None
        if _is_calm(before):
            return is_typed or _PLACE.match(line) is not None
        is_its_own = before.has_python_trace and not before.has_raised
        return is_typed and _is_below_a_call(before) and not is_its_own


def _closed(record: Record) -> Iterator[Record]:
    """A record, and each of the lines after it that did not turn out to be its message."""
    yield record
    yield from (undecided for undecided, _ in record.undecided)


def _is_part(before: Record, text: str, *, is_stamped: bool) -> bool:
    """Whether a line can be nothing but part of the record before it.

    A gap behind a stamp may be a matter of layout, so there it takes a trace to count.
    """
    bare = text.lstrip()
    if not bare or _TRACEBACK.match(text):
        return False
    if not is_stamped:
        return text[0].isspace() or _PART.match(text) is not None
    if _PART.match(bare) or _ROW.match(bare):
        return True
    if before.undecided and _GO_PLACE.fullmatch(bare):
        return _GO_FUNCTION.fullmatch(before.undecided[-1][1]) is not None
    is_indented = text.startswith(("  ", "\t")) and before.may_have_frames
    return is_indented or (text[0].isspace() and before.has_frames)


def _may_be_message(before: Record, text: str, *, is_stamped: bool) -> bool:
    """Whether a line may turn out to be the second of an exception's message, or its code, or the
    first of a Go logger's calls: the line after it tells."""
    if (before.is_headed and not is_stamped) or len(before.undecided) >= UNDECIDED_LINES:
        return False
    if _GO_FUNCTION.fullmatch(text):
        return not before.undecided
    if not text or is_uncaught(text) or text.startswith('{"') or _LEVELLED_PAIRS.match(text):
        return False
    if _RUBY_HEAD.match(before.last_line):
        return True
    if before.has_frames:
        return before.has_raised and bool(before.last_added)
    return before.may_have_frames and bool(before.last_added)


def _is_calm(record: Record) -> bool:
    """Whether a record is so harmless that a trace below it cannot be its own.

    A stack below a warning with a header is the warning's: whoever logs an exception as one means
    it. Without a header it may as well be of whatever else is printed there.
    """
    if (severity := record.head.severity) is not None:
        return severity < Severity.WARNING
    if (said := spoken.level(record.first)) is not None:
        return said < Severity.ERROR
    return not record.is_headed and not wording.tells_of_failure(record.first)


def _is_below_a_call(record: Record) -> bool:
    """Whether the last line is a call of a stack, or says how many are left out."""
    last = record.last_line
    return record.has_frames and bool(_FRAME.match(last) or _LEFT_OUT.match(last))


def _is_told(record: Record) -> bool:
    """Whether the trace of a record has come to its end, so that a crash below it is another one;
    what a message announces by a colon is its own."""
    if record.has_python_trace:
        return record.has_raised and not record.last_line.endswith(":")
    return _is_below_a_call(record)


def _is_last_word(record: Record) -> bool:
    """Whether whoever logged a record may panic right behind it, as Go's loggers do at that level;
    below any other the panic is the runtime's own."""
    return (record.head.severity or Severity.INFO) >= Severity.CRITICAL


def _is_its_exception(before: Record, text: str) -> bool:
    """Whether a line names the exception of a log line right before it that bodes ill."""
    severity = before.head.severity
    is_ill = severity is not None and severity >= Severity.WARNING
    return is_ill and len(before.lines) == 1 and _TYPED.match(text) is not None


def _says_on(before: Record, record: Record, text: str) -> bool:
    """Whether a line with a header and a level of its own is but one more line of the record before
    it: a call, or anything where that was blank, said at once by the same."""
    head, last = record.head, before.head
    if head.severity is None or head.time is None or last.time is None:
        return False
    if (head.severity, head.logger, head.service) != (last.severity, last.logger, last.service):
        return False
    if record.lines[0].startswith("="):  # the first line of a report of Erlang's has no more
        return False
    if head.pid.startswith("<"):  # a process of Erlang's, which stamps each line of what it says
        return head.pid == last.pid and head.time == last.time
    is_on = not text.strip() or _CALL.match(text.lstrip()) is not None or _is_blank(before)
    return is_on and abs(head.time - last.time) <= ONE_WRITE


def _is_blank(record: Record) -> bool:
    """Whether nothing was said so far."""
    return not _untagged(record, record.first).strip() and not any(record.lines[1:])


def _untagged(before: Record, line: str) -> str:
    """A line without the tags that the record before it begins with, too."""
    found = TAGS.match(before.first) if before.is_headed else None
    tags = found[0].rstrip() if found else ""
    return line.removeprefix(tags).removeprefix(" ") if tags and line.startswith(tags) else line


def _rest(head: Header, line: str) -> str:
    """The message of a line, with what its header took for a gap but for one space."""
    start = len(line) - len(head.message)
    gap = _GAP.search(line, 0, start)
    return line[gap.start() + 1 if gap else start :]


def _carries_on(before: Record, line: str) -> bool:
    """Whether a line without indentation is part of a trace without a header."""
    last = before.last_added
    if _RUBY_HEAD.match(line):
        return last.startswith("\tfrom ")
    if _RUST_HEAD.match(last):
        return True
    if last.startswith(("terminate called ", "  what(): ")):
        return line.startswith("Aborted")
    if before.first.startswith(_FATAL_PYTHON):
        return bool(_OF_FATAL_PYTHON.match(line) or _SHELLS_WORD.match(line))
    if _JVM_ENDS.match(before.first):
        return line.startswith("#") or _SHELLS_WORD.match(line) is not None
    if last.startswith("runtime: "):
        return line.startswith(("runtime: ", "fatal error: "))
    if before.has_go_trace:
        return _GO_CALL.match(line) is not None
    if _CARETS.match(before.last_line) and (_TYPED.match(line) or line.startswith("[")):
        return True
    is_python = before.has_python_trace and not before.has_raised
    return is_python and last[:1].isspace() and not _UNCAUGHT.match(line)
