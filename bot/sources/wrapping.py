"""What stands around a line because of the way it came: a container runtime's marks, Compose's."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core.event import Severity
from bot.core.signing import header
from bot.sources import fields, sanitise, spelling
from bot.sources.fields import USUAL, Roles

LONGEST = 1 << 20
PART_BYTES = 1 << 14
"""Docker cuts where this is full: a shorter text without an end of line is the last words of a
program, or was written down without one."""
WRITERS = 64


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A line and what the way it came says of it: who wrote it, when, and whether it goes on.

    `facts` are the fields that a forwarder put beside it: whose it is, and where it ran.
    `severity` is how bad the journal has it; INFO says nothing, for all that is printed gets it.
    """

    text: str
    writer: str = ""
    service: str = ""
    time: datetime | None = None
    is_part: bool = False
    facts: Mapping[str, Any] | None = None
    severity: Severity | None = None


# Kubernetes' runtimes, of each file a container; P marks a part of a line.
_CONTAINER = re.compile(r"(\d{4}-\d\d-\d\dT\S{8,32}) (stdout|stderr) ([FP]) ")
# `docker logs -t`, `kubectl logs --timestamps`.
_NANOSECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) ")
# `docker compose logs`: the number of the container is what a level or a name in a log has not.
_COMPOSE = re.compile(r"(([A-Za-z0-9][\w.-]{0,80}?)[-_]\d{1,4}) {1,40}\| ?")

DRAWN = "[bcdfghjklmnpqrstvwxz2456789]"
"""What Kubernetes draws names from by lot: no vowel, lest they be words."""


_PREFIXED = re.compile(
    rf"""
    \[pod/(?P<pod>[\w.-]{{1,253}}/(?P<container>[\w.-]{{1,63}}))\][ ]
  | (?P<replica>[a-z][a-z\d-]{{0,200}}-{DRAWN}{{6,10}}-(?=\d{{0,4}}[a-z]){DRAWN}{{5}})[ ]
        (?P<within>[a-z][a-z\d-]{{0,62}})[ ]
  | \d{{1,3}}\|(?!(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL)\b)
        (?P<process>[\w.@/-]{{1,80}}?)[ ]{{0,40}}\|[ ]
  | \d\d:\d\d:\d\d[ ](?P<formation>(?P<dyno>[\w-]{{1,40}})\.\d{{1,3}})[ ]{{1,40}}\|[ ]
  | [ ]{{2,4}}(?P<time>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d[+-]\d{{4}})[ ]
        \[(?P<instance>[A-Z]{{2,8}}(?:/[\w-]{{1,40}}){{1,4}})\][ ](?:OUT|ERR)[ ]
  | [ ]{{4}}(?=\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\S{{0,12}}[ ]\[[A-Z]{{4,5}}\])
    """,
    re.VERBOSE,
)
"""What `kubectl logs --prefix`, stern, PM2, Foreman and Cloud Foundry put before each line, the
last with whether it went to stderr, which is no level; and how far Consul moves its own in."""


def unwrap(line: str) -> Wrapped:
    """A line of text without the marks of a container runtime or of Compose."""
    line = sanitise.uncoloured(line.rstrip("\r\n"))
    if found := _CONTAINER.match(line):
        return Wrapped(
            line[found.end() :],
            writer=found[2],
            time=spelling.time(found[1]),
            is_part=found[3] == "P",
        )
    if found := _COMPOSE.match(line):
        return Wrapped(line[found.end() :], writer=found[1], service=found[2])
    if found := _PREFIXED.match(line):
        return _of_several(line[found.end() :], found.groupdict())
    found = _NANOSECONDS.match(line)
    if found and header.split(line).severity is None:  # else it may be the program's own time
        return Wrapped(line[found.end() :], time=spelling.time(found[1]))
    return Wrapped(line)


def _of_several(text: str, by: Mapping[str, str | None]) -> Wrapped:
    """One of the lines of several writers, told apart by what stood before it."""
    names = ("pod", "replica", "process", "formation", "instance")
    return Wrapped(
        text,
        writer=next(filter(None, map(by.get, names)), ""),
        service=next(filter(None, map(by.get, ("container", "within", "process", "dyno"))), ""),
        time=spelling.time(by["time"]),
    )


_LINE = frozenset({"log", "stream", "time", "_p", "logtag"})


def of_container(record: Mapping[str, Any], by: Roles = USUAL) -> Wrapped | None:
    """The line in a record of Docker's json-file or of a forwarder that tells the same.

    None for another record, and for one that says beside its text how bad it is: it needs no
    reading of the text.
    """
    text, writer = record.get("log"), record.get("stream")
    if not isinstance(text, str) or writer not in ("stdout", "stderr"):
        return None
    line = Wrapped(
        text.removesuffix("\n"),
        writer=writer,
        time=spelling.time(record.get("time")),
        is_part=_is_part(record, text),
    )
    facts = {name: value for name, value in record.items() if name not in _LINE}
    return _beside(line, facts, by) if facts else line


def _is_part(record: Mapping[str, Any], text: str) -> bool:
    """By the tag of a Kubernetes runtime, where a forwarder kept it; else as Docker cuts lines."""
    tag: object = record.get("_p", record.get("logtag"))
    if tag in ("P", "F"):
        return tag == "P"
    return not text.endswith("\n") and len(text.encode("utf-8", "replace")) >= PART_BYTES


def _beside(line: Wrapped, facts: Mapping[str, Any], by: Roles) -> Wrapped | None:
    found = fields.sort(facts, by)
    if "severity" in found.roles:
        return None
    writer = f"{line.writer} {found.get('host')} {found.get('service')}"
    return replace(line, writer=writer, time=line.time or found.get("time"), facts=facts)


def of_follower(record: Mapping[str, Any], by: Roles = USUAL) -> Wrapped | None:
    """The line in a record of a program that follows files and knows no more of them: Beats,
    Logstash, Vector, Fluent Bit. None for another record, and for one that tells more."""
    name = next((name for name in ("message", "log") if isinstance(record.get(name), str)), "")
    if not name or not _is_followers(record):
        return None
    facts = {key: value for key, value in record.items() if key != name}
    found = fields.sort(facts, by)
    if TELLING & found.roles.keys():
        return None
    where = found.rest.get("log.file.path") or found.rest.get("file") or found.rest.get("path")
    return Wrapped(
        record[name].rstrip("\n"),
        writer=f"{found.get('host')} {found.get('service')} {where}",
        time=found.get("time"),
        facts=facts,
    )


TELLING = frozenset({"severity", "error_type", "error_message", "stack", "http_status"})
"""What is found in a record that is more than a line of text."""


def _is_followers(record: Mapping[str, Any]) -> bool:
    log, agent = record.get("log"), record.get("agent")
    is_beats = isinstance(agent, dict) and str(agent.get("type")).endswith("beat")
    is_elastics = isinstance(log, dict) and "file" in log
    is_fluent_bits = isinstance(log, str) and "date" in record
    return is_beats or is_elastics or is_fluent_bits or not _FOLLOWERS.isdisjoint(record)


_FOLLOWERS = frozenset({"@version", "log.file.path", "source_type"})
"""Of Logstash, of Beats where fields are not nested, and of Vector."""


def of_journal(record: Mapping[str, Any]) -> Wrapped | None:
    """The line in a record of `journalctl -o json`, or None for another record."""
    text = _journalled(record.get("MESSAGE"))
    if text is None or "__REALTIME_TIMESTAMP" not in record:
        return None
    unit = str(record.get("_SYSTEMD_UNIT", ""))
    return Wrapped(
        text,
        writer=f"{record.get('_HOSTNAME')} {unit} {record.get('_PID')}",
        service=_service(record, unit),
        time=spelling.time(record["__REALTIME_TIMESTAMP"]),
        facts={name: value for name, value in record.items() if name not in _SAID},
        severity=spelling.severity(record.get("PRIORITY"), "priority") or Severity.INFO,
    )


_SAID = frozenset({"MESSAGE", "PRIORITY"})


def _journalled(message: object) -> str | None:
    """A message of the journal, which writes as numbers what is no UTF-8 or steers a terminal, and
    as a list what was said under that name several times."""
    if isinstance(message, str):
        return message
    if not isinstance(message, list) or not message:
        return None
    if all(type(byte) is int and 0 <= byte < 256 for byte in message):
        return bytes(message).decode("utf-8", "replace")
    said = [_journalled(one) for one in message]
    return None if None in said else "\n".join(map(str, said))


def _service(record: Mapping[str, Any], unit: str) -> str:
    """A container's name, else the unit's without its instance, else that of the program."""
    name = unit.removesuffix(".service").partition("@")[0]
    is_own = unit.endswith(".service") and name != "user"
    found = record.get("CONTAINER_NAME") or (name if is_own else record.get("SYSLOG_IDENTIFIER"))
    return str(found or "")


class Parts:
    """Lines that came in parts, whole again; one whose end never comes is cut at LONGEST."""

    def __init__(self) -> None:
        self._begun: dict[str, Wrapped] = {}

    @property
    def are_open(self) -> bool:
        """Whether the last part of any line is still to come."""
        return bool(self._begun)

    def join(self, line: Wrapped) -> Wrapped | None:
        """The whole line once its last part is here, else None."""
        begun = self._begun.pop(line.writer, None)
        if begun is not None:
            line = replace(line, text=begun.text + line.text, time=begun.time)
        if not line.is_part or len(line.text) > LONGEST or len(self._begun) >= WRITERS:
            return line
        self._begun[line.writer] = line
        return None

    def flush(self) -> Iterator[Wrapped]:
        """The lines whose last part did not come: the input ended, or is silent."""
        begun, self._begun = self._begun, {}
        yield from begun.values()
