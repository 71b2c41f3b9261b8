"""What an input had in it that could not be read."""

from bot.cli.output import complain
from bot.flows.ingest import Account


def complain_of(account: Account) -> None:
    """The first records that were rejected, and how many more there are."""
    for rejected in account.rejected:
        complain(f"{rejected.source}:{rejected.line}: {rejected.reason}")
    if account.unreadable > len(account.rejected):
        complain(f"… and {account.unreadable - len(account.rejected):,} more")
