"""One error as it came in, whatever it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

_NONE: Mapping[str, str] = MappingProxyType({})


class Severity(IntEnum):
    """How bad the sender said it was; the numbers are Python's logging levels."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50


class Frame(NamedTuple):
    """One call of a stack, as a client that sends stacks as frames describes it.

    `in_app` is None where the sender did not say.
    """

    module: str
    function: str
    line: int | None = None
    in_app: bool | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One error as it came in.

    `source` and `source_id` together are unique: the idempotency key. `time` is when it happened,
    by which it is counted. `received` is when it arrived where it was written down, if the record
    says so, else when it was read; a replay takes it for its clock. When it reached us is told by
    our own clock alone. Both are aware, in UTC. Empty strings mean "not known". `chain` lists
    (type, message) from the outermost exception to its innermost cause.
    """

    source: str
    source_id: str
    time: datetime
    received: datetime
    message: str
    severity: Severity = Severity.ERROR
    service: str = ""
    environment: str = ""
    customer: str = ""
    version: str = ""
    host: str = ""
    logger: str = ""
    error_type: str = ""
    error_message: str = ""
    stack: str = ""
    chain: tuple[tuple[str, str], ...] = ()
    frames: tuple[Frame, ...] = ()
    trace_id: str = ""
    span_id: str = ""
    fingerprint: tuple[str, ...] = ()
    url: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: _NONE)
