"""Why a line has the signature it has, as text for a terminal."""

from bot.core.explanation import Explanation
from bot.core.header import Header
from bot.core.signature import short_id
from bot.core.unseen import clean


def explained(found: Explanation) -> str:
    """What became of each part of a line, one a row, below its signature."""
    signed, read = found.signature, found.header
    rows = [
        f"{short_id(signed.fingerprint)}  {signed.template}",
        f"  id       {signed.fingerprint}",
    ]
    if found.aside:
        rows.append(f"  aside    {found.aside.rstrip()}  (header{_says(read)})")
    for part in found.parts:
        hidden = part.text == part.shown and part.shown.startswith("<")
        same = "kept" if part.text == part.shown else "masked"
        was = part.shown if hidden or same == "kept" else f"{part.text} → {part.shown}"
        rows.append(f"  {'masked' if hidden else same:<8} {was}  ({part.why})")
    rows.append(f"  counts   {found.kept or '(no words)'}")
    return "\n".join(map(clean, rows)) + "\n"


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
