"""Show exactly what would leave the network about a signature, or why nothing does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.evidence import Evidence
from bot.core.prompt import Prompt
from bot.flows import find, gather
from storage.database import Database

Write = Callable[[Evidence], Prompt]
"""Makes the prompt of some evidence, with a nonce of its own."""
NO_MODEL = "no model is set up, the rules explain every error"


@dataclass(frozen=True, slots=True)
class Preview:
    """The prompt of a signature; `withheld` says why it is not sent, and is empty if it may be."""

    short_id: str
    prompt: Prompt
    withheld: str


def preview(
    database: Database, short_id: str, *, write: Write, withheld: str, now: datetime
) -> Preview:
    """What would be sent as things stand. Raises NotFound."""
    with database.read() as session:
        signature = find.by_name(session, short_id)
        known = gather.gather(session, signature, now=now)
    return Preview(signature.short_id, write(known), withheld)
