"""What stands around a line because of the way it came: a container runtime's marks, Compose's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.core import header
from bot.sources import spelling

LONGEST = 1 << 20
WRITERS = 64


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A line and what the way it came says of it: who wrote it, when, and whether it goes on."""

    text: str
    writer: str = ""
    service: str = ""
    time: datetime | None = None
    is_part: bool = False


# Kubernetes' runtimes, of each file a container; P marks a part of a line.
_CONTAINER = re.compile(r"(\d{4}-\d\d-\d\dT\S{8,32}) (stdout|stderr) ([FP]) ")
# `docker logs -t`, `kubectl logs --timestamps`.
_NANOSECONDS = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) ")
# `docker compose logs`: the number of the container is what a level or a name in a log has not.
_COMPOSE = re.compile(r"(([A-Za-z0-9][\w.-]{0,80}?)[-_]\d{1,4}) {1,40}\| ?")


def unwrap(line: str) -> Wrapped:
    """A line of text without the marks of a container runtime or of Compose."""
    line = line.rstrip("\r\n")
    if found := _CONTAINER.match(line):
        return Wrapped(
            line[found.end() :],
            writer=found[2],
            time=spelling.time(found[1]),
            is_part=found[3] == "P",
        )
    if found := _COMPOSE.match(line):
        return Wrapped(line[found.end() :], writer=found[1], service=found[2])
    found = _NANOSECONDS.match(line)
    if found and header.split(line).severity is None:  # else it may be the program's own time
        return Wrapped(line[found.end() :], time=spelling.time(found[1]))
    return Wrapped(line)


def of_docker(record: Mapping[str, Any]) -> Wrapped | None:
    """The line in a record of Docker's json-file, or None for another record.

    Docker cuts lines at 16 kB: only the last part of one ends with a newline.
    """
    text, writer = record.get("log"), record.get("stream")
    if not isinstance(text, str) or not isinstance(writer, str):
        return None
    return Wrapped(
        text.removesuffix("\n"),
        writer=writer,
        time=spelling.time(record.get("time")),
        is_part=not text.endswith("\n"),
    )


class Parts:
    """Lines that came in parts, whole again; one whose end never comes is cut at LONGEST."""

    def __init__(self) -> None:
        self._begun: dict[str, Wrapped] = {}

    def join(self, line: Wrapped) -> Wrapped | None:
        """The whole line once its last part is here, else None."""
        begun = self._begun.pop(line.writer, None)
        if begun is not None:
            line = replace(line, text=begun.text + line.text, time=begun.time)
        if not line.is_part or len(line.text) > LONGEST or len(self._begun) >= WRITERS:
            return line
        self._begun[line.writer] = line
        return None
