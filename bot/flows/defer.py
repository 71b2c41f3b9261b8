"""Keep events that cannot be counted yet, as they may lie on a disk: signed and redacted."""

import logging
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from bot.core.event import Event
from bot.core.redaction import Redactor
from bot.flows.recognise import Signed
from storage import samples
from storage.spool import Full, Spool

_FAST = 1
_AS_JSON = TypeAdapter(list[Signed])

log = logging.getLogger(__name__)


class Deferred:
    """What waits in a spool, redacted `by` our rules and the site's.

    Of each error in a batch the first few keep their texts, for to redact is slow; the others have
    what their signature says.
    """

    def __init__(self, spool: Spool, by: Redactor) -> None:
        self._spool = spool
        self._by = by

    def put(self, signed: Sequence[Signed]) -> bool:
        """Whether there is room for them; then they are durable. Raises OSError."""
        packed = zlib.compress(_AS_JSON.dump_json([*self._bare(signed)]), _FAST)
        try:
            self._spool.put(packed, events=len(signed))
        except Full:
            return False
        return True

    @property
    def waits(self) -> bool:
        """Whether anything does."""
        return self._spool.waits

    def first(self) -> list[Signed]:
        """The batch that waits for longest; nothing of it where another release packed it in
        another way: it is put into a file of its own then, which the log names. Raises OSError
        where that cannot be written."""
        packed = self._spool.first() or b""
        try:
            return _AS_JSON.validate_json(zlib.decompress(packed))
        except (ValueError, zlib.error) as error:
            aside = self._set_aside(packed)
            kind = type(error).__name__  # its words quote the errors
            log.error("What waits cannot be read (%s): it is kept in %s", kind, aside)  # noqa: TRY400
            return []

    def done(self) -> None:
        """The first batch is counted."""
        self._spool.done()

    def _set_aside(self, packed: bytes) -> Path:
        """A file beside the spool, the same for the same bytes."""
        spool = self._spool.file
        aside = spool.with_name(f"{spool.name}.{zlib.crc32(packed):08x}.unread")
        with open(aside, "wb", opener=_for_its_owner) as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        return aside

    def _bare(self, signed: Sequence[Signed]) -> Iterator[Signed]:
        met = Counter[str]()
        for one in signed:
            met[one.signature.fingerprint] += 1
            is_evidence = met[one.signature.fingerprint] <= samples.PER_SIGNATURE
            yield one._replace(event=self._redacted(one.event) if is_evidence else _alike(one))

    def _redacted(self, event: Event) -> Event:
        return replace(
            event,
            message=self._by(event.message).text,
            error_message=self._by(event.error_message).text,
            stack=self._by(event.stack).text,
            chain=tuple((kind, self._by(said).text) for kind, said in event.chain),
            fingerprint=(),
            url="",
            attributes={},
        )


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _alike(one: Signed) -> Event:
    """The event without a word of its own."""
    return replace(
        one.event,
        message=one.signature.template,
        error_message="",
        stack="",
        chain=(),
        frames=(),
        fingerprint=(),
        url="",
        attributes={},
    )
