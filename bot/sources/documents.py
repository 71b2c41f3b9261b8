"""JSON that is not a line each: one array, or objects over several lines."""

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Protocol

_IS_SPREAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{\s*[\"}]|\]|\Z)|\{\s*\n\s*(?:[\"}]|\Z))"
)


def are_in(head: bytes) -> bool:
    """Whether an input that begins so is an array, or objects that start on a line of their own."""
    return _IS_SPREAD.match(head) is not None


class _Chunks(Protocol):
    def chunk(self) -> bytes | None: ...


class Documents:
    """JSON values one after another, in an array or not, whatever the lines; `line` counts along.

    Raises ValueError at the first that is not JSON or longer than `longest`: what follows it
    cannot be told apart.
    """

    def __init__(self, stream: _Chunks, longest: int) -> None:
        self.line = 0
        self._stream = stream
        self._longest = longest
        self._decode = getincrementaldecoder("utf-8-sig")("replace").decode
        self._text = ""
        self._place = 0

    def __iter__(self) -> Iterator[str | None]:
        """The text of each value; None while there is none yet."""
        ends_within_line = False
        while (chunk := self._stream.chunk()) != b"":
            if chunk is None:
                yield None
                continue
            ends_within_line = not chunk.endswith(b"\n")
            self._text = self._text[self._place :] + self._decode(chunk)
            self._place = 0
            yield from self._complete()
            if len(self._text) - self._place > self._longest:
                raise ValueError(
                    f"a document longer than {self._longest >> 20} MiB, or one that is not valid "
                    "JSON: what follows it is not read"
                )
        if self._text[self._place :] + self._decode(b"", final=True):
            raise ValueError("not valid JSON, nor is what follows it")
        self.line += ends_within_line

    def _complete(self) -> Iterator[str]:
        """The values that the text holds from its place on."""
        scan = json.JSONDecoder(strict=False).raw_decode
        while self._skip_separators():
            try:
                _, end = scan(self._text, self._place)
            except (ValueError, RecursionError):
                return
            document, self._place = self._text[self._place : end], end
            yield document
            self.line += document.count("\n")

    def _skip_separators(self) -> bool:
        found = _SEPARATORS.match(self._text, self._place)
        end = found.end() if found else self._place
        self.line += self._text.count("\n", self._place, end)
        self._place = end
        return end < len(self._text)


_SEPARATORS = re.compile(r"[\s,\[\]]*")
