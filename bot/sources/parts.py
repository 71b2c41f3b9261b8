"""The parts of a source that are read apart, such as its projects: in turn, each with its own
cursor."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from bot.errors import SourceError
from bot.sources.pulled import Cursor, Page, Unavailable

Read = Callable[[str, Cursor | None], Iterator[Page]]


def pages(
    names: Sequence[str],
    since: Cursor | None,
    *,
    read: Read,
    reached: Callable[[Cursor | None], datetime],
) -> Iterator[Page]:
    """A page of each part in turn, so that none waits for the backlog of another.

    If a part cannot be read because something is wrong with it, not because the source is busy, the
    others are still read, and its error is raised at the end. `reached` gives up to when a cursor
    was read.
    """
    cursors = {name: (since or {}).get(name) for name in names}
    waiting = [(name, read(name, cursors[name])) for name in names]
    wrong: SourceError | None = None
    while waiting:
        name, its_pages = waiting.pop(0)
        try:
            page = next(its_pages, None)
        except Unavailable:
            raise
        except SourceError as error:
            wrong, page = wrong or error, None
        if page:
            cursors[name] = page.cursor
            kept = {one: cursor for one, cursor in cursors.items() if cursor}
            yield Page(page.delivery, kept, min(map(reached, cursors.values())))
            waiting.append((name, its_pages))
    if wrong:
        raise wrong
