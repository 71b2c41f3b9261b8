"""Renders each kind of message in the outbox, as of now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.core.telling import storm
from bot.core.telling.chart import Picture
from bot.core.telling.digest import Digest, Footer
from bot.core.telling.incident import Incident
from bot.core.telling.priority import rank
from bot.errors import NotFound
from bot.flows import doubt, find, look, recount, remind, review, switch
from bot.slack import text
from bot.slack.blocks import (
    answer,
    elements,
    listing,
    picture,
    reminder,
    switches,
    thread,
    week,
)
from bot.slack.blocks import card as cards
from bot.slack.blocks import digest as digests
from bot.slack.blocks import doubt as doubts
from bot.slack.blocks import incident as incidents
from bot.slack.blocks import storm as storms
from bot.slack.blocks.elements import Block, Rendering
from bot.slack.blocks.listing import Section
from bot.slack.pictures import NO_CHARTS, Charts
from storage import decisions, outbox
from storage.database import Database

LONGEST_NOTICE = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to render: `version` makes block ids new, `link` finds the address of a message, and
    `charts` says how trends are shown.

    `link` takes the channel and the ts, and gives an empty string where there is none.
    """

    content: Mapping[str, Any]
    version: int
    now: datetime
    link: Callable[[str, str], str]
    charts: Charts = NO_CHARTS


def render(database: Database, kind: str, wanted: Wanted) -> Rendering:
    """The message as it should stand now. Raises NotFound for what is gone, or unknown."""
    if kind not in _KINDS:
        raise NotFound(f"There is no kind of message {kind!r}; it is a later release's.")
    return _KINDS[kind](database, wanted)


def shared(digest: Digest) -> dict[str, Any]:
    """The content of a digest that somebody shared."""
    return {
        "signatures": [card.short_id for card in digest.cards],
        "since": digest.since.isoformat(),
        "until": digest.until.isoformat(),
        "footer": digest.footer.as_json(),
    }


def shared_list(sections: Sequence[Section]) -> dict[str, Any]:
    """The content of a list that somebody shared."""
    return {
        "sections": [
            {
                "title": one.title,
                "signatures": [card.short_id for card in one.cards],
                "empty": one.empty,
                "further": one.further,
                "wide": [mute.number for mute in one.wide],
            }
            for one in sections
        ]
    }


def _digest(database: Database, wanted: Wanted) -> Rendering:
    found = look.digest(database, wanted.content["digest"])
    return digests.message(found, version=wanted.version)


def _rest(database: Database, wanted: Wanted) -> Rendering:
    found = look.digest(database, wanted.content["digest"])
    return digests.remainder(found)


def _details(database: Database, wanted: Wanted) -> Rendering:
    short_id = wanted.content["signature"]
    card = look.card(database, short_id, now=wanted.now)
    return thread.details(
        card,
        look.receipts(database, short_id),
        trend=_trend(database, wanted),
        below=[thread.opinions(card, version=wanted.version)],
    )


def _trend(database: Database, wanted: Wanted) -> list[Block]:
    """The message's own picture, which stays as it was drawn, or a chart as of now."""
    kept = wanted.content.get("picture")
    if kept:
        return [picture.drawn(Picture(**kept))]
    if wanted.charts.mode == "native":
        return wanted.charts.blocks(database, wanted.content["signature"], now=wanted.now)
    return []


def _card(database: Database, wanted: Wanted) -> Rendering:
    found = look.card(database, wanted.content["signature"], now=wanted.now)
    return cards.message(found, version=wanted.version)


def _rerouted(database: Database, wanted: Wanted) -> Rendering:
    content = wanted.content
    return cards.rerouted(
        look.card(database, content["signature"], now=wanted.now),
        thread.said(look.decided(database, content["decision"]), room=200),
        came_from=content["from"],
        link=_link(database, content.get("message"), wanted),
        version=wanted.version,
    )


def _link(database: Database, message_id: int | None, wanted: Wanted) -> str:
    """The address of one of our own messages; empty if it does not stand on Slack."""
    with database.read() as session:
        found = outbox.get(session, message_id) if message_id else None
    return wanted.link(found.channel, found.ts) if found and found.ts else ""


def _receipts(database: Database, wanted: Wanted) -> Rendering:
    found = recount.why(
        database,
        wanted.content["signature"],
        now=wanted.now,
        rules=wanted.charts.rules,
        newest=thread.MOST_EPISODES,
    )
    return answer.receipts(found)


def _list(database: Database, wanted: Wanted) -> Rendering:
    holding = {mute.number: mute for mute in look.wide_mutes(database)}
    sections = [
        Section(
            one["title"],
            look.cards(
                database,
                one["signatures"],
                since=wanted.now - timedelta(days=1),
                until=wanted.now,
            ),
            one["empty"],
            one["further"],
            wide=[holding[number] for number in one.get("wide", ()) if number in holding],
        )
        for one in wanted.content["sections"]
    ]
    return listing.message(sections)


def _alert(database: Database, wanted: Wanted) -> Rendering:
    content = wanted.content
    lead = look.card(database, content["signature"], now=wanted.now)
    since = wanted.now - timedelta(days=1)
    siblings = look.cards(database, content.get("siblings", []), since=since, until=wanted.now)
    others = [card for card in siblings if card.short_id != lead.short_id]
    found = Incident((lead, *others), content.get("because", ""))
    return incidents.message(found, version=wanted.version)


def _alerts(database: Database, wanted: Wanted) -> Rendering:
    since, content = wanted.now - timedelta(days=1), wanted.content
    names = [*content.get("posted", []), *content["signatures"]]
    together = look.cards(database, names, since=since, until=wanted.now)
    if found := storm.of(rank(together)):
        return storms.message(found)
    beyond = {*content["signatures"]}
    listed = [card for card in together if card.short_id in beyond]
    return listing.message([Section("Beyond what is posted one by one", listed, "Nothing.")])


def _decision(database: Database, wanted: Wanted) -> Rendering:
    number = wanted.content["decision"]
    made = look.decided(database, number)
    with database.read() as session:
        row = decisions.get(session, number)
        short_id = find.by_number(session, row.signature_id).short_id if row else ""
    return thread.decision(made, short_id)


def _shared(database: Database, wanted: Wanted) -> Rendering:
    content = wanted.content
    since, until = (datetime.fromisoformat(content[end]) for end in ("since", "until"))
    digest = Digest(
        since=since,
        until=until,
        cards=look.cards(database, content["signatures"], since=since, until=until),
        footer=Footer.from_json(content["footer"]),
    )
    return digests.message(digest, version=wanted.version)


def _notice(_database: Database, wanted: Wanted) -> Rendering:
    said = text.told(wanted.content["text"], LONGEST_NOTICE)
    return Rendering(said, [elements.section(said)])


def _reminder(database: Database, wanted: Wanted) -> Rendering:
    content, since = wanted.content, wanted.now - timedelta(days=1)
    shown = look.cards(database, content["signatures"], since=since, until=wanted.now)
    return reminder.message(rank(shown), content["whom"], content["reason"])


def _asked(database: Database, wanted: Wanted) -> Rendering:
    since = wanted.now - timedelta(days=1)
    names = wanted.content["signatures"]
    return doubts.message(look.cards(database, names, since=since, until=wanted.now))


def _review(database: Database, wanted: Wanted) -> Rendering:
    content = wanted.content
    until = datetime.fromisoformat(content["until"])
    return week.message(review.of(database, until=until, late=content["late"]))


def _switched(database: Database, wanted: Wanted) -> Rendering:
    words = switches.change(switch.changed(database, wanted.content["setting"]))
    return Rendering(words, [elements.section(words)])


_KINDS: Mapping[str, Callable[[Database, Wanted], Rendering]] = {
    "digest": _digest,
    "rest": _rest,
    "details": _details,
    "card": _card,
    "alert": _alert,
    "alerts": _alerts,
    "rerouted": _rerouted,
    "decision": _decision,
    "shared": _shared,
    "receipts": _receipts,
    "list": _list,
    "notice": _notice,
    remind.REMINDER: _reminder,
    doubt.ASKED: _asked,
    review.REVIEW: _review,
    switch.SWITCHED: _switched,
}
