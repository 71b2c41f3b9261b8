"""Take what people think of explanations."""

from datetime import datetime

from sqlmodel import Session

from bot.flows import describe, find
from storage import opinions, tables
from storage.database import Database

REASON_LIMIT = 500


def rate(
    database: Database, short_id: str, *, helps: bool, by: str, now: datetime, reason: str = ""
) -> str:
    """Keep what a person thinks of an explanation, and give back the signature's id.

    Their newest opinion counts. Raises NotFound.
    """

    def work(session: Session) -> str:
        signature = find.by_name(session, short_id)
        shown = describe.explained(session, [signature])[signature.id]
        opinions.keep(
            session,
            tables.Opinion(
                signature_id=signature.id,
                by=by,
                at=now,
                helps=helps,
                reason=reason[:REASON_LIMIT],
                analyst=shown.analyst,
                version=shown.version,
                rule=shown.analysis.row,
            ),
        )
        return signature.short_id

    return database.insist(work)
