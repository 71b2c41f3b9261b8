"""What came of reading logs, in words."""

from datetime import datetime, timedelta

from bot.core.hour import hour_of, start_of
from bot.core.wording.plural import counted
from bot.flows.ingest import Account
from bot.flows.record import Recorded


def status(account: Account) -> str:
    """How far the reading is, in one line."""
    known = account.recorded
    return (
        f"{counted(account.lines, 'line')} → {counted(known.events, 'event')} → "
        f"{counted(len(known.signature_ids), 'signature')} ({known.new_signatures:,} new)"
    )


def summary(account: Account) -> str:
    """What came of reading some inputs, or that there was no error in them."""
    known = account.recorded
    rest = (
        f"{known.duplicates:,} known already, {account.quiet:,} below error, "
        f"{account.unreadable:,} unreadable"
    )
    passed_by = [unsaid(account.unsaid)] if account.unsaid else []
    if account.newest is None and not account.unreadable:
        none = f"{counted(account.lines, 'line')}, none at error or worse: nothing to record"
        return "\n".join((none, *passed_by))
    return "\n".join((status(account), rest, *passed_by))


def last_day(newest: datetime, *, now: datetime) -> str:
    """How to see the day that ends with the newest event: by the end of its hour, which counts as a
    whole, or by its minute while that hour still runs."""
    end = start_of(hour_of(newest) + 1)
    at = end if end <= now else newest + timedelta(minutes=1)
    return f"The last day of them: triage digest --dry-run --now {at:%Y-%m-%dT%H:%M}Z"


def unsaid(records: int) -> str:
    """That some records of text say no level, so that their words decided."""
    says, tells = ("say", "tell") if records > 1 else ("says", "tells")
    return (
        f"{records:,} of those below error {says} no level and {tells} of no failure: --picked "
        "takes each line for an error"
    )


def nameless(account: Account) -> str:
    """That new events name no service, and that they will not get one later."""
    known = account.recorded
    return (
        f"{known.nameless:,} of {counted(known.events, 'new event')} named no service, and it "
        "stays blank: --service NAME gives one to those of the next log"
    )


def empty(name: str) -> str:
    """That an input has not a single line, and where the lines may be."""
    if name == "stdin":
        return (
            "stdin is empty: nothing was piped in. Programs often write errors to stderr: "
            "COMMAND 2>&1 | triage ingest -"
        )
    return (
        f"{name} is empty, it has not a single line: was it rotated just now, or does its program "
        "log elsewhere? Of a service: journalctl -u NAME -o json | triage ingest -"
    )


def strays(events: int) -> str:
    """That some dates were too far off to set the clock by."""
    return (
        f"{counted(events, 'event')} dated more than a month from those beside them: wrong dates, "
        "or strays of an old log. Each counts on its own date; no clock followed"
    )


def ahead(events: int) -> str:
    """That some dates are in the future, and what became of them."""
    return (
        f"{counted(events, 'event')} dated later than now, so counted as of now: is the clock of "
        "whoever wrote that set, and its time zone?"
    )


def unordered(late: int, known: Recorded) -> str:
    """That so many events stood out of order, and what that means."""
    return (
        f"{late:,} of {known.events + known.duplicates:,} events are older than what stood before "
        "them: each is judged by its own time, but sort the file by time for `triage replay` to "
        "show alerts when they would have come"
    )
