"""Faults a test or a demo orders: what goes wrong with the next calls and deliveries."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    """What goes wrong."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    CUT_AFTER = "cut_after"
    CUT_BEFORE = "cut_before"
    SLOW = "slow"
    ERROR = "error"
    PENDING_FILE = "pending_file"
    DUPLICATE = "duplicate"
    DISCONNECT = "disconnect"


class Fault(BaseModel):
    """One rule: the next `times` calls of `method` (or of any) go wrong in that way.

    - rate_limited: HTTP 429 with `Retry-After: retry_after`, and the call is not performed
    - server_error: HTTP 500, not performed
    - cut_before, cut_after: the connection drops without an answer, before or after performing it
    - slow: performed and answered after `seconds`
    - error: answered with `{"ok": false, "error": error}`, not performed
    - pending_file: refused for a picture that was not taken in yet, not performed
    - duplicate: the next `times` deliveries of the type `method` reach the app twice
    - disconnect: every Socket Mode connection is closed, at once
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    method: str = "*"
    times: int = Field(default=1, ge=1)
    retry_after: int = Field(default=1, ge=0)
    seconds: float = Field(default=0.0, ge=0, le=60)
    error: str = "internal_error"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API as it came in; no tokens in it."""

    method: str
    arguments: Mapping[str, Any]
    at: datetime
    answer: str = ""


@dataclass(slots=True)
class Faults:
    """The faults still to come, in the order they were ordered."""

    disconnect: Callable[[], None]
    _rules: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, *rules: Fault) -> None:
        """Let these things go wrong from now on."""
        later = [rule for rule in rules if rule.kind is not FaultKind.DISCONNECT]
        with self._lock:
            self._rules.extend(later)
        if len(later) < len(rules):
            self.disconnect()

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._rules.clear()

    def next_for_call(self, method: str) -> Fault | None:
        """The fault that befalls this call of the Web API, if any; it is used up."""
        return self._take(method, duplicate=False)

    def next_for_delivery(self, kind: str) -> bool:
        """Whether this delivery reaches the app twice."""
        return self._take(kind, duplicate=True) is not None

    def _take(self, name: str, *, duplicate: bool) -> Fault | None:
        with self._lock:
            for index, rule in enumerate(self._rules):
                meant = (rule.kind is FaultKind.DUPLICATE) == duplicate
                if meant and rule.method in ("*", name):
                    self._use(index, rule)
                    return rule
        return None

    def _use(self, index: int, rule: Fault) -> None:
        if rule.times > 1:
            self._rules[index] = rule.model_copy(update={"times": rule.times - 1})
        else:
            del self._rules[index]


@dataclass(slots=True)
class CallLog:
    """Every call of the Web API, oldest first."""

    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> int:
        """Remember a call; gives its place, for `answered`."""
        with self._lock:
            self._calls.append(call)
            return len(self._calls) - 1

    def answered(self, place: int, answer: str) -> None:
        """Remember how it ended: `ok`, or the error."""
        with self._lock:
            self._calls[place] = replace(self._calls[place], answer=answer)

    def of(self, method: str = "") -> list[Call]:
        """The calls of one method, or all of them."""
        with self._lock:
            return [call for call in self._calls if method in ("", call.method)]
