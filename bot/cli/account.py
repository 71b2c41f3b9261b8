"""What of an input could not be read."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bot.cli.output import complain
from bot.flows.ingest import Account
from bot.sources.sifting import Unreadable


def complain_of(account: Account, *, kept_in: Path | None = None) -> None:
    """Tell the first records that could not be read, how many more there are, and where all of them
    are."""
    for rejected in account.rejected:
        complain(f"{rejected.source}:{rejected.line}: {rejected.reason}")
    more = account.unreadable - len(account.rejected)
    if kept_in is not None and account.unreadable:
        complain(f"All {account.unreadable:,} rejected records are in {kept_in}.")
    elif more:
        complain(f"… and {more:,} more; `triage ingest --rejected FILE` keeps them all")


@contextmanager
def keeping(file: Path | None) -> Iterator[Callable[[Unreadable], object]]:
    """A function that writes each rejected record to a file, an object a line; one that does
    nothing without a file.

    Only its owner may read the file: a record stands in it as it came, with whatever secrets it
    has.
    """
    if file is None:
        yield lambda _: None
        return
    with open(file, "w", encoding="utf-8", opener=_private) as out:
        yield lambda rejected: out.write(json.dumps(asdict(rejected), ensure_ascii=False) + "\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
