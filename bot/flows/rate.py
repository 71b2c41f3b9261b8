"""Keep what people say of explanations: whether they help."""

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
    """Keep a person's opinion of an explanation; gives back the short id of the signature.

    It is about the explanation `read`, or else about the one that is shown now. Only the newest
    opinion of each person counts. Raises NotFound.
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
