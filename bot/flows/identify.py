"""Say which known signatures a text is about: by the ids it names, or as an error it quotes."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from itertools import islice

from sqlmodel import Session

from bot.core.event import Event, Severity
from bot.core.signing import header, signature
from bot.core.telling.digest import Card
from bot.errors import NotFound, SourceError
from bot.flows import describe, find
from bot.sources.files import Reader
from storage import merges, signatures
from storage.database import Database
from storage.tables import Signature

MOST = 5
"""Signatures of one text."""
_LOOKED_AT = 60
"""So many records of one text are looked at."""
_ANY = Severity.DEBUG
"""Of any level: whoever pastes a line means it."""
LONGEST = 40_000
_SERVICES = 1_000
_ID = re.compile(r"\bE-[2-9A-HJ-NP-Z]{3,24}\b", re.IGNORECASE)
_LEVEL = re.compile(r"^\W*(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC|WARN(?:ING)?)\b[\]\s:|-]*")
"""The level before a message, which people copy with it."""
_INSIDE = re.compile(r"`([^`\n]+)`|[\"“„]([^\"“”\n]+)[\"“”]")
"""An error that is quoted in the middle of a sentence."""
_LEAD_IN = re.compile(r"[?!:]\s+")
"""What people say before one: "does anybody know this? …"."""
_LEAD_INS = 3
_FENCE = re.compile(r"```|^&gt; ?|^> ?", re.MULTILINE)
_LINK = re.compile(r"<(?:[^<>|]{1,3000}\|)?([^<>]{1,3000})>")


def identify(database: Database, text: str, *, now: datetime) -> tuple[Card, ...]:
    """The signatures that a message names by id, or else those of the errors that it quotes.

    Nothing of the message is kept. For an error that names no service, each service is tried.
    """
    with database.read() as session:
        found = _named(session, text) or _quoted(session, _plain(text), now=now)
        return tuple(describe.cards(session, found, now=now))


def _plain(text: str) -> str:
    """The text as somebody pasted it, without Slack's own markup."""
    return html.unescape(_LINK.sub(r"\1", _FENCE.sub("", text[:LONGEST]))).strip("`\n ")


def _named(session: Session, text: str) -> list[Signature]:
    found = {}
    for name in islice(dict.fromkeys(_ID.findall(text)), MOST):
        try:
            known = find.by_name(session, name)
        except NotFound:
            continue
        found[known.id] = known
    return list(found.values())


def _quoted(session: Session, text: str, *, now: datetime) -> list[Signature]:
    if not text:
        return []
    services = ["", *signatures.services(session)[:_SERVICES]]
    names = [
        signature.of(replace(event, service=service)).fingerprint
        for event in islice(_errors(text, now), _LOOKED_AT)
        for service in ([event.service] if event.service else services)
    ]
    known = signatures.ids_of(session, names) if names else {}
    numbers = list(dict.fromkeys(known[name] for name in names if name in known))[:MOST]
    rows = signatures.get(session, numbers)
    roots = (merges.root(session, rows[number]) for number in numbers if number in rows)
    return list({one.id: one for one in roots}.values())


def _errors(text: str, now: datetime) -> Iterator[Event]:
    """The errors that a text may quote: what it holds as a log, then each line, the whole text, and
    what lines quote, each taken as the message of an error."""
    try:
        reader = Reader(BytesIO(text.encode("utf-8", "replace")), lambda: now, minimum=_ANY)
        yield from (one for one in reader if isinstance(one, Event))
    except SourceError:
        pass
    lines = text.splitlines()
    for said in (*lines, text, *(one for line in lines for one in _passages(line))):
        message = _LEVEL.sub("", said[header.length(said) :].strip())
        if message:
            yield Event(source="", source_id="", time=now, received=now, message=message)


def _passages(line: str) -> Iterator[str]:
    """What stands in quotes in a line, and what follows the words before that."""
    yield from (code or quoted for code, quoted in _INSIDE.findall(line))
    yield from (line[lead.end() :] for lead in islice(_LEAD_IN.finditer(line), _LEAD_INS))
