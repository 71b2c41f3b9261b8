"""Keep events that cannot be counted yet in a spool on the disk: signed, and redacted."""

import logging
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from bot.core.event import Event
from bot.core.redaction import Redactor
from bot.core.signing.kin import Kin
from bot.core.signing.signature import Signature, Wording
from bot.flows.recognise import Signed
from storage import samples
from storage.spool import Full, Spool

_FAST = 1

log = logging.getLogger(__name__)


class Kept(NamedTuple):
    """An event and what its signature says, as they wait: redacted."""

    event: Event
    customer: str
    fingerprint: str
    template: str
    named: str
    kin: Kin | None


_AS_JSON = TypeAdapter(list[Kept])


class Deferred:
    """The events that wait in a spool, redacted `by` our rules and the site's.

    Redacting is slow, so in each batch only the first few events of an error keep their texts; the
    others keep what their signature says.
    """

    def __init__(self, spool: Spool, by: Redactor) -> None:
        self._spool = spool
        self._by = by

    def put(self, signed: Sequence[Signed]) -> bool:
        """Add a batch; False where there is no room for it. True means that it is durable. Raises
        OSError."""
        packed = zlib.compress(_AS_JSON.dump_json([*self._bare(signed)]), _FAST)
        try:
            self._spool.put(packed, events=len(signed))
        except Full:
            return False
        return True

    @property
    def waits(self) -> bool:
        """Whether any batch waits."""
        return self._spool.waits

    def first(self) -> list[Signed]:
        """The batch that waits longest; empty if another release packed it in a form that this one
        does not read. Such a batch is put into a file of its own, which the log names.

        Raises OSError where that file cannot be written.
        """
        packed = self._spool.first() or b""
        try:
            kept = _AS_JSON.validate_json(zlib.decompress(packed))
        except (ValueError, zlib.error) as error:
            aside = self._set_aside(packed)
            kind = type(error).__name__  # its words quote the errors
            log.error("What waits cannot be read (%s): it is kept in %s", kind, aside)  # noqa: TRY400
            return []
        return [self._signed(one) for one in kept]

    def done(self) -> None:
        """Drop the first batch, which is counted now."""
        self._spool.done()

    def _set_aside(self, packed: bytes) -> Path:
        """The file, beside the spool, that the bytes are put into; the same for the same bytes."""
        spool = self._spool.file
        aside = spool.with_name(f"{spool.name}.{zlib.crc32(packed):08x}.unread")
        with open(aside, "wb", opener=_for_its_owner) as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        return aside

    def _signed(self, kept: Kept) -> Signed:
        wording = Wording(kept.template, self._by)
        signature = Signature(kept.fingerprint, wording, kept.named, kept.kin)
        return Signed(kept.event, signature, kept.customer)

    def _bare(self, signed: Sequence[Signed]) -> Iterator[Kept]:
        met = Counter[str]()
        for one in signed:
            met[one.signature.fingerprint] += 1
            is_evidence = met[one.signature.fingerprint] <= samples.PER_SIGNATURE
            event = self._redacted(one.event) if is_evidence else _alike(one)
            said = one.signature
            yield Kept(
                event, one.customer, said.fingerprint, said.template, said.customer, said.kin
            )

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
    """The event with the words of its signature instead of its own."""
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
