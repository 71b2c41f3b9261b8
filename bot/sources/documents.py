"""JSON that is not a line each: one array, or objects over several lines."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

_IS_SPREAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{\s*[\"}]|\]|\Z)|\{\s*\n\s*(?:[\"}]|\Z))"
)
_MAY_BE_SPREAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{\s*)?|\{\s*)?\Z")
_MEETING = re.compile(rb"\}[ \t,]{0,20}\{")
_CERTAIN_BEFORE_END = 16
"""Characters: what is wrong so near the end of what was read may be a word that was cut."""


def are_in(head: bytes) -> bool:
    """Whether an input that begins so is an array, objects that start on a line of their own, or
    objects one behind the other on one line."""
    return _IS_SPREAD.match(head) is not None or _are_side_by_side(head)


def may_be_in(head: bytes) -> bool:
    """Whether an input that begins so may be either, and what follows has to tell."""
    return _MAY_BE_SPREAD.match(head) is not None


def _are_side_by_side(head: bytes) -> bool:
    if not head.startswith(b"{") or not _MEETING.search(head):
        return False
    text = head.decode("utf-8", "replace")
    try:
        _, end = _SCAN_STRICTLY(text)
    except (ValueError, RecursionError):
        return False
    return text[end:].lstrip(" \t,").startswith("{")


class _Chunks(Protocol):
    def chunk(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read, from line `line` up to where the next document begins."""

    line: int
    reason: str
    text: str


class Documents:
    """JSON values one after another, in an array or not, whatever the lines; `line` counts along.

    One that is not JSON, or longer than `longest`, costs itself and all up to the next line that
    begins a document; docs/decisions/0015 tells why.
    """

    def __init__(self, stream: _Chunks, longest: int) -> None:
        self.line = 0
        self._stream = stream
        self._longest = longest
        self._decode = getincrementaldecoder("utf-8-sig")("replace").decode
        self._text = ""
        self._place = 0
        self._column: int | None = None
        self._lost: Broken | None = None

    def __iter__(self) -> Iterator[str | Broken | None]:
        """The text of each value, or what is broken; None while there is none yet."""
        ends_within_line = False
        while (chunk := self._stream.chunk()) != b"":
            if chunk is None:
                yield None
                continue
            ends_within_line = not chunk.endswith(b"\n")
            self._text = self._text[self._place :] + self._decode(chunk)
            self._place = 0
            yield from self._complete(is_all=False)
        self._text = self._text[self._place :] + self._decode(b"", final=True)
        self._place = 0
        yield from self._complete(is_all=True)
        self.line += ends_within_line

    def _complete(self, *, is_all: bool) -> Iterator[str | Broken]:
        """The values that the text holds from its place on."""
        while self._lost or self._skip_separators():
            if self._lost:
                found = self._skipped(self._lost, is_all=is_all)
                if found is None:
                    return
                self._lost = None
                yield found
                continue
            try:
                is_object = self._text[self._place] == "{"
                _, end = (_SCAN if is_object else _SCAN_STRICTLY)(self._text, self._place)
            except (ValueError, RecursionError) as error:
                reason = self._fault(error, is_all=is_all)
                if not reason:
                    return
                self._lost = Broken(self.line + 1, reason, "")
                continue
            document = self._text[self._place : end]
            self._place = end
            yield document
            self.line += document.count("\n")

    def _skip_separators(self) -> bool:
        found = _SEPARATORS.match(self._text, self._place)
        self._advance(found.end() if found else self._place)
        if self._place == len(self._text):
            return False
        if self._column is None:
            self._column = self._place - self._text.rfind("\n", 0, self._place) - 1
        return True

    def _fault(self, error: Exception, *, is_all: bool) -> str:
        """What is wrong for certain with the document at the place, if not that it goes on."""
        if len(self._text) - self._place > self._longest:
            return (
                f"a document longer than {self._longest >> 20} MiB, or one that is not valid JSON"
            )
        if not isinstance(error, json.JSONDecodeError):
            return "JSON nested too deep"
        may_go_on = (
            error.msg.startswith("Unterminated")
            or error.pos > len(self._text) - _CERTAIN_BEFORE_END
        )
        return "" if may_go_on and not is_all else "not valid JSON"

    def _skipped(self, lost: Broken, *, is_all: bool) -> Broken | None:
        """What is lost, once the next document or the end was found behind it."""
        found = _beginning(self._text, self._place, at_most=self._column or 0)
        end = len(self._text) if found is None else found
        if found is None and not is_all and (kept := self._text.rfind("\n", self._place)) >= 0:
            end = kept
        text = (lost.text + self._text[self._place : end])[: self._longest]
        self._advance(end)
        if found is None and not is_all:
            self._lost = replace(lost, text=text)
            return None
        rest = "what follows it" if found is None else f"what stands before line {self.line + 1}"
        return replace(lost, reason=f"{lost.reason}: {rest} is not read", text=text.rstrip())

    def _advance(self, end: int) -> None:
        self.line += self._text.count("\n", self._place, end)
        self._place = end


_SCAN = json.JSONDecoder(strict=False).raw_decode
_SCAN_STRICTLY = json.JSONDecoder().raw_decode
"""A text without an end would take all up to the next quote along."""
_SEPARATORS = re.compile(r"[\s,\[\]]*")
_BEGINNING = re.compile(r"\n([ \t]{0,200})(?:\}[ \t]*)?(?:,[ \t]*)?(?=\{)")


def _beginning(text: str, place: int, *, at_most: int) -> int | None:
    """Where the next document begins on a line of its own, no further to the right than the first:
    what is further in is a part of one."""
    for found in _BEGINNING.finditer(text, place):
        if len(found[1]) <= at_most:
            return found.end()
    return None
