"""Answers to the person who asked, decided, or came too late; only they see them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from bot.core.detection.episode import Episode
from bot.core.intake import retention
from bot.core.ownership.offer import Offer
from bot.core.ownership.trail import Decided
from bot.core.telling.digest import Card, Digest, cannot_judge, verdict
from bot.core.telling.quality import Review
from bot.flows.decide import Outcome, Undoable
from bot.flows.lift import Lifted
from bot.flows.look import Status
from bot.flows.preview import WITH_IT, Preview
from bot.flows.recount import Reasons, Unusual
from bot.flows.switch import Change, Setting
from bot.slack import actions, limits, text
from bot.slack.blocks import card as cards
from bot.slack.blocks import digest as digests
from bot.slack.blocks import listing, switches, thread, week
from bot.slack.blocks.elements import (
    Block,
    Rendering,
    button,
    confirm,
    context,
    preformatted,
    roomiest,
    section,
)
from bot.slack.blocks.elements import actions as row
from bot.slack.blocks.listing import Section
from storage.outbox import Backlog

_NAMED = 5
_ROOM = limits.MESSAGE_BYTES - 1_500
_SHARE = "share"
_ENTERED = 700
"""Characters of what a person entered in a field of a form, which takes 500 at most."""
_PIECE = 2_900
"""Characters that a block of code takes."""

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "What there is": {
        "today": "the last 24 hours so far",
        "digest now": "the same, posted here for everybody",
        "unclaimed": "what waits for somebody",
        "mine": "what you have claimed",
        "owner TEAM": "what a team has to act on",
        "search WORDS": "which signatures name them, in their text or their service, or hit the "
        "customer of that name within 24 h",
        "handover": "what whoever comes next has to know",
        "muted": "what is muted, by whom, why, until when, and what that hid",
        "report": "the last seven days: what was taken up, whose owners were right, what mutes hid",
        "cost": "what models cost today and this month, by team, feature and model",
        "flags": "which switches are on, who set them, and a form to set them",
        "status": "what comes in, what waits, and whether every message was sent",
    },
    "One of them": {
        "show ID": "it, with its buttons; the id alone does the same",
        "why ID": "the numbers behind it, and below which count it would not have fired; without "
        "ID of the most urgent",
        "prompt ID": "what a model would be sent about it; nothing else that was logged is",
    },
    "To decide": {
        "claim ID": "it is yours; `release`, `resolve`, `reopen`, `mute`, `unmute`, `reroute` "
        "as well",
        "merge ID ID": "count the first for the second, as one error",
        "split ID": "count it for itself again",
        "note ID WORDS": "what others should know of it; `note ID` opens a form",
        "undo": "names your latest decision, to take it back; `undo ID` that on one signature",
    },
}
_ODD = "\n⚠️ The two have neither service, type nor words in common: were these the ids you meant?"
_AN_ID = "E-7K2"


def helping(digest: Digest, *, command: str) -> Rendering:
    """What one can ask for, below today's counts, with an id to try it with."""
    known = next((card.short_id for card in digest.cards), _AN_ID)
    groups = [
        "\n".join([f"*{title}*", *(f"`{command} {said}` {does}" for said, does in words.items())])
        for title, words in COMMANDS.items()
    ]
    opening = f"Today so far: *{verdict(digest)}*"
    example = (
        "Somebody pasted an error? ⋮ → *Triage this message*, or name me below it: “@triage why”.\n"
        f"Each card has its ID, such as *{known}*. Try `{command} why {known}`"
    )
    parts = [opening, *groups, example]
    return Rendering("\n".join(parts), [section(part) for part in parts])


def today(digest: Digest, *, command: str, reader: str) -> Rendering:
    """The digest as of now. Only posted digests have a thread for what has no room."""
    shown = digests.message(digest, rest=f"`{command} unclaimed`", reader=reader)
    return _shareable(shown, actions.TODAY)


def show(card: Card, *, reader: str) -> Rendering:
    """One signature with its controls, and what is merged into it."""
    shown = cards.message(card, reader=reader)
    words = "\n".join(filter(None, [shown.text, thread.merged(card, room=cards.TITLE)]))
    below = thread.cases(card, room=cards.TITLE)
    return _shareable(Rendering(words, [*shown.blocks, *below]), card.short_id)


def details(
    card: Card,
    episodes: Sequence[Episode],
    history: Sequence[Decided],
    *,
    reader: str,
    trend: Sequence[Block] = (),
    logs: str = "",
) -> Rendering:
    """All that is known of a signature, with its controls; `logs` is the address of its logs."""
    controls = cards.steps(card, reader=reader, logs=logs)
    below = [thread.opinions(card), row(controls, block_id="do")]
    return thread.details(card, episodes, history=history, trend=trend, below=below)


def thanks(short_id: str, *, helps: bool, command: str) -> Rendering:
    """That an opinion was kept."""
    word = "helps" if helps else "is wrong"
    name = text.inline(short_id, 20)
    return note(f"*{name}*: noted that its explanation {word}. `{command} report` counts it.")


def review(found: Review) -> Rendering:
    """How the last seven days went."""
    return _shareable(week.message(found), actions.REPORT)


def told(lines: Iterable[str]) -> Rendering:
    """Some lines as they are, the first as a heading, indented ones as a list."""
    listed = (("• " if line.startswith("  ") else "", text.told(line, 400)) for line in lines)
    first, *others = (f"{bullet}{line}" for bullet, line in listed)
    return note("\n".join([f"*{first}*", *others]))


def flags(
    stand: Sequence[Setting], changes: Sequence[Change], *, withheld: str = "", trial: str = ""
) -> Rendering:
    """How the switches stand, what is on trial, who set them last, and a button for the form that
    sets them; first, why nothing is asked now in spite of them."""
    shown = switches.message(stand, changes, trial=trial)
    if withheld:
        words = text.told(f"Nothing is asked now: {withheld}.", 300)
        shown = Rendering(f"{words}\n{shown.text}", [section(words), *shown.blocks])
    return _with_form(shown)


def switched(changes: Sequence[Change]) -> Rendering:
    """What was just set, with a button that undoes it."""
    if not changes:
        return note("They stand so already: nothing was switched.")
    words = "\n".join(map(switches.change, changes))
    return _with_form(Rendering(words, [section(words)]))


def _with_form(shown: Rendering) -> Rendering:
    change = row([button("Change…", actions.FLAGS, value=actions.FLAGS)], block_id="switches")
    return Rendering(shown.text, [*shown.blocks, change])


def found(sections: Sequence[Section]) -> Rendering:
    """What a message is about. It cannot be listed again, so there is no Share."""
    return listing.message(sections)


def unidentified(*, command: str) -> Rendering:
    """That no known error was found in a message."""
    return note(
        "I know no error that is named or quoted in that message. What I have not read has no ID; "
        f"`{command} search WORDS` looks for words."
    )


def asked_for(*, posted: bool) -> Rendering:
    """That a digest was posted on request, or that one was a moment ago."""
    if posted:
        return note("A digest of the last 24 hours is posted here.")
    return note("Somebody asked for one within this minute: that is the digest of now.")


def listed(sections: Sequence[Section], *, asked: str) -> Rendering:
    """Lists of signatures; `asked` is the command that lists them again when they are shared."""
    return _shareable(listing.message(sections), asked)


def paged(one: Section, *, asked: str, start: int, is_shared: bool) -> Rendering:
    """A page of a list; one's own claims cannot be shared."""
    shown = listing.page(one, asked, start=start)
    return _shareable(shown, asked) if is_shared else shown


def status(
    found: Status, *, now: datetime, models: Sequence[str] = (), spooled: int = 0
) -> Rendering:
    """The state of the service, a line for each part; `models` says what is wrong with models,
    `spooled` how many errors wait for the database."""
    behind = found.footer
    events = text.plural(behind.events, "event")
    unusual = f"{found.unusual} unusual at this moment; unclaimed, of now and lately"
    fresh = [f"{text.inline(source, 40)} {text.aged(at)}" for source, at in behind.sources[:_NAMED]]
    silent = [f"{text.inline(source, 40)} since {text.date(at)}" for source, at in behind.silent]
    silences = [f"⚠️ Silent for longer than usual: {', '.join(silent[:_NAMED])}"] if silent else []
    catching = [
        f"{text.inline(source, 40)} {text.span((now - until).total_seconds())} behind"
        for source, until in behind.behind[:_NAMED]
    ]
    waiting = f"⚠️ The database cannot be written to: {text.plural(spooled, 'event')} in the spool"
    sent = [f"{text.channel(name)} {text.aged(at)}" for name, at in found.digests[:_NAMED]]
    lines = [
        f"*Status*, {text.date(now)}",
        f"In 24 h: {events} of {text.plural(behind.signatures, 'signature')}",
        f"Newest event: {', '.join(fresh) or 'nothing came in yet'}",
        *silences,
        *([f"Catching up: {', '.join(catching)}"] if catching else []),
        *([waiting] if spooled else []),
        f"{unusual}: {found.unclaimed}",
        f"Claimed: {found.claimed}, muted: {found.muted}, be they unusual or calm",
        f"Newest digest: {', '.join(sent) or 'none yet'}",
        delivery(found.backlog),
        *([f"⚠️ {retention.behind(text.date(found.cleaned_by))}"] if found.cleaned_by else []),
        *([f"Connected to Slack: {text.inline(found.connected, 80)}"] if found.connected else []),
        *(f"Models: {text.told(one, 200)}" for one in models),
    ]
    return note("\n".join(lines))


def delivery(backlog: Backlog) -> str:
    """Whether every message reached Slack; if not, by channel why, and what a person can do."""
    if not (backlog.waiting or backlog.failed):
        return "Messages: all sent"
    counts = f"⚠️ Messages: {backlog.waiting} to be sent, {backlog.failed} given up in 24 h"
    reasons = list(backlog.reasons.items())[:_NAMED]
    why = [f"{text.channel(name)} {text.told(said, 200)}" for name, said in reasons]
    return "\n".join([counts, *why])


def _shareable(shown: Rendering, value: str) -> Rendering:
    share = row([button("Share", actions.SHARE, value=value)], block_id=_SHARE)
    return Rendering(shown.text, [*shown.blocks, share])


def unshared(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without Share, for App Home: there is no channel to share to."""
    return [block for block in blocks if block.get("block_id") != _SHARE]


def why(found: Reasons) -> Rendering:
    """Why a signature was called unusual, judged again; it can be shared."""
    return _shareable(receipts(found), f"{actions.WHY} {found.card.short_id}")


def unusual(found: Unusual, *, command: str) -> Rendering:
    """Why the most urgent signatures are unusual, and how to ask about another."""
    another = f"Of another: `{text.inline(command, 40)} why ID`"

    def parts(room: int) -> list[str]:
        return [
            "\n".join([_opening(one.card, room), *_receipts(*_recounted(one), room=room)])
            for one in found.first
        ]

    if not found.first:
        early = f" {_too_early(found.judges_from)}" if found.judges_from else ""
        return note(f"Nothing is unusual now.{early} {another}")
    of_all = (
        f"{len(found.first)} of {found.total:,} that are unusual, or were lately. "
        if found.total > 1
        else ""
    )

    def build(room: int, _: int) -> list[Block]:
        return [*map(section, parts(room)), context(of_all + another)]

    return Rendering(text.cut("\n".join(parts(100)), text.MAX_TEXT), roomiest(build))


def _too_early(until: datetime) -> str:
    return text.told(cannot_judge(until), 600)


def _recounted(found: Reasons) -> tuple[list[Episode], list[str]]:
    """The episodes of a signature, and what is found when each is judged again."""
    return [one.episode for one in found.recounts], [one.again for one in found.recounts]


def _opening(card: Card, room: int) -> str:
    return f"{cards.headline(card, room=room)}\n{text.code(card.title, room)}"


def _receipts(episodes: Sequence[Episode], again: Sequence[str], *, room: int) -> list[str]:
    shown = thread.receipts(episodes, room=room)
    said = [f"\n_Counted again: {text.told(one, 2 * room)}._" for one in again]
    return [one + now for one, now in zip_longest(shown, said[: len(shown)], fillvalue="")]


def receipts(found: Reasons) -> Rendering:
    """Why a signature was called unusual, what is found when that is judged again, and what the
    explanation rests on."""
    card, judges_from = found.card, found.judges_from
    never = "It was never called unusual."

    def parts(room: int) -> list[str]:
        told = _receipts(*_recounted(found), room=room) or [
            f"{never} {_too_early(judges_from)}" if judges_from else never
        ]
        return [_opening(card, room), *told, thread.priority(card)]

    def build(room: int, _: int) -> list[Block]:
        found_by = text.inline(card.analysis.rule, room)
        verb = "Explained" if card.analyst == "rules" else "Placed"
        rule = f"{verb} by the rule: {found_by}" if found_by else ""
        whose = cards.owner(card, room=room)
        cause = cards.cause(card, room=room)
        return [*map(section, parts(room)), context(whose, cause, rule)]

    return Rendering(text.cut("\n".join(parts(100)), text.MAX_TEXT), roomiest(build))


def preview(shown: Preview) -> Rendering:
    """What a model would be sent about a signature: first what is said of it alone, then what is
    said of every one, as far as a message has room."""
    asked = shown.prompt
    size = f"{len(asked.system) + len(asked.user):,} characters"
    sent = text.told(shown.said, 400)
    opening = f"*{text.inline(shown.short_id, 20)}*: prompt `{asked.id} {asked.version}`, {size}. "
    names = ", ".join(asked.names.names)
    command = f"`triage prompt {text.inline(shown.short_id, 20)}`"
    small = (
        f"First what is said of this error, then what is said of every one. {WITH_IT} On a "
        f"terminal, {command} prints every character, and which names stand for whom."
    )
    who = "stands for a customer" if len(asked.names.names) == 1 else "stand for customers"
    kept = f"{names} {who}: who that is stays here." if names else ""
    blocks = [preformatted(piece) for piece in _pieces(f"{asked.user}\n\n{asked.system}")]
    return Rendering(
        f"{opening}{sent}", [section(f"{opening}{sent}"), *blocks, context(kept, small)]
    )


def _pieces(words: str) -> list[str]:
    """A text in pieces of which a message takes all; a longer one loses its end."""
    clean = text.clean(words)
    for room in (9_000, 6_000, 4_000, 2_000):
        kept = clean
        if len(clean) > room:
            kept = _head(clean, room)
            kept += f"\n\n… {len(clean) - len(kept):,} characters are left out …"
        pieces = list(_split(kept))
        if limits.size([preformatted(piece) for piece in pieces]) < _ROOM:
            break
    return pieces


def _head(words: str, most: int) -> str:
    """The beginning of a text, up to the end of a word."""
    return words[:most].rpartition("\n")[0] or words[:most].rpartition(" ")[0] or words[:most]


def _split(words: str) -> Iterator[str]:
    """All of a text, in pieces that fit a block each and end where a line or a word does."""
    while len(words) > _PIECE:
        piece = _head(words, _PIECE)
        yield piece
        words = words[len(piece) :].removeprefix("\n").removeprefix(" ")
    yield words


def unsaved(problems: Iterable[str], entered: Iterable[str]) -> Rendering:
    """Why a form that is closed by now came to nothing, and what was entered in it."""
    why = [text.told(problem, 300) for problem in problems]
    kept = [text.clip(text.clean(said), _ENTERED) for said in entered]
    words = "\n".join(["⚠️ *Not done.*", *why, *(["You entered:"] if kept else [])])
    said = "\n".join([words, *(text.inline(one, _ENTERED) for one in kept)])
    return Rendering(said, [section(words), *map(preformatted, kept)])


def done(outcome: Outcome) -> Rendering:
    """What was just decided, with Undo, which asks first if it would wake others too."""
    words = f"{_decided(outcome)}{_ODD if outcome.is_odd else ''}"
    undo = button("Undo", actions.UNDO, value=str(outcome.decision_id))
    if outcome.scope.is_wide:
        effect = _wakes(text.plain(str(outcome.scope), 150))
        undo["confirm"] = confirm("Undo the whole mute?", effect, yes="Undo")
    return Rendering(words, [section(words), row([undo], block_id="undo")])


def undoable(found: Undoable) -> Rendering:
    """Which decision would be undone, to be confirmed: whoever types the command does not see
    it."""
    made, card = found.decided, found.card
    latest = f"Your latest decision that holds, {text.aged(made.at)}"
    said = f"*{card.short_id}*: {text.sentence(made.sentence)}"
    effect = _wakes(text.inline(str(found.scope), 150))
    also = f"\n⚠️ {effect}" if found.scope.is_wide else ""
    words = f"{latest}:\n{said} · {text.code(card.title, 100)}{also}"
    undo = button("Undo this", actions.UNDO, value=str(made.id))
    return Rendering(words, [section(words), row([undo], block_id="undo")])


def _wakes(what: str) -> str:
    return f"It ends for {what}: whatever was muted with it is awake again."


def rerouted(outcome: Outcome, offered: Offer | None) -> Rendering:
    """What was just decided, and the rule that would do it from now on, if reroutes suggest one."""
    shown = done(outcome)
    if offered is None:
        return shown
    what = text.inline(str(offered.rule), 200)
    team = text.inline(offered.rule.team, 80)
    words = (
        f"💡 That was the same reroute for another error. A rule ({what} → {team}) does it from "
        f"now on. {text.told(offered.effect, 300)}. In triage.toml, for whoever runs me:"
    )
    below = [section(words), preformatted(text.lines(offered.toml))]
    said = f"{shown.text}\n{words}\n{text.inline(offered.toml, 300)}"
    return Rendering(said, [*shown.blocks, *below])


def lifted(over: Lifted) -> Rendering:
    """That a wide mute ended, and what woke up, with a button that resumes it."""
    woke = (
        f"as they stood before: {_several(over)}" if over.signatures else "nothing slept any more"
    )
    said = f"The mute of {text.inline(str(over.scope), 200)} is over; {woke}."
    undo = button("Undo", actions.RESUME_WIDE, value=str(over.number))
    return Rendering(said, [section(said), row([undo], block_id="lifted")])


def resumed(again: Lifted) -> Rendering:
    """That a wide mute holds again, and what is muted again."""
    what = f": {_several(again)}" if again.signatures else ""
    return note(f"The mute of {text.inline(str(again.scope), 200)} holds again{what}.")


def _several(lifted: Lifted) -> str:
    names = ", ".join(lifted.signatures[:_NAMED])
    rest = len(lifted.signatures) - _NAMED
    return f"{names} and {rest:,} more" if rest > 0 else names


def noted(outcome: Outcome) -> Rendering:
    """That a note was kept."""
    return note(f"{_decided(outcome)} It stands in Details and in the thread.")


def undone(outcome: Outcome) -> Rendering:
    """What was just undone."""
    return note(_decided(outcome))


def taken(short_id: str, *, by: str, at: datetime, now: datetime) -> Rendering:
    """That somebody else was faster, with a button to take the signature over."""
    passed = (now - at).total_seconds()
    ago = f"{text.span(passed)} ago" if passed >= 1 else "just now"
    name = text.inline(short_id, 20)
    words = f"*{name}*: claimed by {text.person(by)} {ago}. Take over?"
    over = button("Take over", actions.TAKE_OVER, value=name)
    return Rendering(words, [section(words), row([over], block_id="taken")])


def held(short_id: str) -> Rendering:
    """That the person holds the signature already, and what they may want instead."""
    name = text.inline(short_id, 20)
    words = f"*{name}*: you hold it already."
    free = button("Release", actions.RELEASE, value=name)
    return Rendering(words, [section(words), row([free], block_id="held")])


def note(words: str) -> Rendering:
    """A plain sentence, which must be escaped already."""
    return Rendering(words, [section(words)])


def refusal(message: str) -> Rendering:
    """The message of one of our own errors."""
    return note(f"⚠️ {text.told(message, 600)}")


def overtaken(sentence: str) -> Rendering:
    """That something was decided meanwhile, and by whom."""
    return note(f"⚠️ Something was decided since: {text.sentence(sentence)}.")


def denied(message: str, whom: Sequence[str]) -> Rendering:
    """Why the person may not, and whom to ask; only the person who asked sees it, so nobody is
    woken."""
    named = " ".join(filter(None, map(text.called, whom)))
    ask = f" Ask {named}, who may." if named else ""
    return note(f"⛔ {text.told(message, 600)}{ask}")


def failure(error_id: str, *, command: str) -> Rendering:
    """That something broke; `error_id` finds it in the log."""
    return note(
        f"⚠️ Something went wrong here (error `{error_id}`). Nothing was changed, or it was changed "
        f"once: `{command} mine` shows. Try again; if it stays, give the error id to whoever runs "
        "me."
    )


def without_database(error_id: str) -> Rendering:
    """That the database is locked, its disk is full, or it went away, which may pass."""
    return note(
        f"⚠️ My database cannot be used at this moment (error `{error_id}`), and this was not done. "
        "Try again in a minute; if it stays, give the error id to whoever runs me."
    )


def outdated(*, command: str) -> Rendering:
    """The answer to anything that this release does not know."""
    return note(
        "That came from an older version of me, and I do not know it any more. "
        f"`{command} today` shows what is current."
    )


def _decided(outcome: Outcome) -> str:
    return f"*{outcome.card.short_id}*: {text.sentence(outcome.sentence)}."
