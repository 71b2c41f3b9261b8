"""Take what people think of explanations."""

from datetime import datetime

from sqlmodel import Session

from bot.core.analysis import Author
from bot.flows import describe, find
from storage import opinions, tables
from storage.database import Database

REASON_LIMIT = 500


def rate(
    database: Database,
    short_id: str,
    *,
    helps: bool,
    by: str,
    now: datetime,
    reason: str = "",
    read: Author | None = None,
) -> str:
    """Keep what a person thinks of the explanation that they read, or else of the one that is
    shown now, and give back the signature's id.

    Their newest opinion counts. Raises NotFound.
    """

    with database.write() as session:
        signature = find.by_name(session, short_id)
        author = read or _shown(session, signature)
        opinions.keep(
            session,
            tables.Opinion(
                signature_id=signature.id,
                by=by,
                at=now,
                helps=helps,
                reason=reason[:REASON_LIMIT],
                analyst=author.analyst,
                version=author.version,
                rule=author.row,
            ),
        )
        return signature.short_id


def _shown(session: Session, signature: tables.Signature) -> Author:
    shown = describe.explained(session, [signature])[signature.id]
    return Author(shown.analyst, shown.version, shown.analysis.row)
