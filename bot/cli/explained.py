"""Why a line or an error has the signature it has, as text for a terminal."""

from collections.abc import Iterable, Iterator

from bot.core.signing.explanation import Explanation, OfException, Part
from bot.core.signing.header import Header
from bot.core.signing.signature import Signature, short_id
from bot.core.wording.plural import counted
from bot.core.wording.unseen import clean


def explained(found: Explanation) -> str:
    """Why a line has its signature: below that, a row for each part of the line."""
    rows = [*_named(found.signature)]
    if found.aside:
        rows.append(f"  aside    {found.aside.rstrip()}  (header{_says(found.header)})")
    rows += _parts(found.parts)
    rows.append(f"  counts   {found.kept or '(no words)'}")
    return "\n".join(map(clean, rows)) + "\n"


def explained_exception(found: OfException) -> str:
    """Why an error of several lines has its signature: what was raised where, and what does not
    count."""
    kind, *cause = found.types
    rows = [*_named(found.signature)]
    if found.aside:
        rows.append(f"  aside    {found.aside}  (the log line: it is the same above many errors)")
    if kind:
        rows.append(f"  type     {kind}  (what was raised)")
    rows += [f"  cause    {one}  (what that came of)" for one in cause]
    rows += [f"  place    {one}  (a function of your own code)" for one in found.places]
    if found.calls_aside > 0:
        rows.append(
            f"  aside    {counted(found.calls_aside, 'call')}  (further out, or of libraries)"
        )
    rows += _parts(found.parts)
    rows.append(f"  counts   {_COUNTS[bool(found.places), found.is_worded]}")
    return "\n".join(map(clean, rows)) + "\n"


_COUNTS = {
    (True, False): "the type and the places, without line numbers; of the message only codes",
    (
        True,
        True,
    ): "the message and the places, without line numbers: the places alone do not tell what failed",
    (False, True): "the type and the words of the message: no function of your own code is in it",
}


def _named(signed: Signature) -> Iterator[str]:
    yield f"{short_id(signed.fingerprint)}  {signed.template}"
    yield f"  id       {signed.fingerprint}"


def _parts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        hidden = part.text == part.shown and part.shown.startswith("<")
        same = "kept" if part.text == part.shown else "masked"
        was = part.shown if hidden or same == "kept" else f"{part.text} → {part.shown}"
        yield f"  {'masked' if hidden else same:<8} {was}  ({part.why})"


def _says(read: Header) -> str:
    """What a header said, in words."""
    facts = {
        "time": f"{read.time:%Y-%m-%d %H:%M:%S}Z" if read.time else "",
        "level": read.severity.name.lower() if read.severity else "",
        "service": read.service,
        "logger": read.logger,
        "host": read.host,
        "process": read.pid,
    }
    said = ", ".join(f"{name} {fact}" for name, fact in facts.items() if fact)
    return f": {said}" if said else ""
