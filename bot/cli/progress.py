"""The progress of reading an input, on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from bot.core.wording.unseen import clean
from bot.sources.fields import USUAL, Roles
from bot.sources.files import Reader


@dataclass(frozen=True, slots=True)
class Way:
    """How inputs are read: the service of events that name none, whether somebody picked the lines,
    whether progress is hidden, and which names fields have."""

    service: str = ""
    is_picked: bool = False
    is_quiet: bool = False
    roles: Roles = USUAL


@contextmanager
def reading(
    name: str, clock: Callable[[], datetime], *, way: Way
) -> Iterator[tuple[Reader, Callable[[str], None]]]:
    """A reader of an input, with its progress on a terminal: a bar for a file; for a pipe, what is
    given to the function that comes with it."""
    label = escape(clean(Path(name).name)) if name != "-" else "stdin"
    is_file = Path(name).is_file()
    bar = (BarColumn(), DownloadColumn(), TimeElapsedColumn()) if is_file else ()
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        *bar,
        console=console,
        disable=way.is_quiet or not console.is_terminal,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as progress:
        task = progress.add_task(label if is_file else f"{label}: nothing came yet")

        def show(status: str) -> None:
            if not is_file:
                progress.update(task, description=f"{label}: {status}")

        source: Path | Literal["-"] = "-" if name == "-" else Path(name)
        reader = Reader(
            source,
            clock,
            on_bytes=lambda size: progress.advance(task, size),
            service=way.service,
            is_picked=way.is_picked,
            roles=way.roles,
        )
        progress.update(task, total=reader.size)
        yield reader, show
