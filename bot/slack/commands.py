"""The slash command: what was meant by it, and the answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

from bot.core.spending.tally import lines
from bot.core.telling.digest import Card
from bot.errors import NotFound, Refused
from bot.flows import decide, look, probe, recount, review
from bot.flows.preview import NO_MODEL, preview
from bot.flows.report import report_now
from bot.flows.switch import latest, standing
from bot.flows.tally import tally
from bot.slack import actions, deciding, forms, rights, text, viewer
from bot.slack.asked import Asked, Wrong, allow
from bot.slack.blocks import answer, thread
from bot.slack.desk import Desk
from bot.slack.lists import LISTS, MINE, listed

_LOOKS_LIKE_AN_ID = re.compile(r"(?:E-[A-Z0-9]+|(?=[A-Z0-9]*\d)[A-Z0-9]{3,8})", re.IGNORECASE)
_MARKUP = "`*_~<>.,;:!?"
_ALSO = {
    "find": "search",
    "team": "owner",
    "mutes": "muted",
    "health": "status",
    "hand-over": "handover",
}
"""Other words for the same."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A command: what to do, on which signature, and a remark where we had to guess."""

    word: str
    argument: str = ""
    remark: str = ""


def parse(typed: str, *, command: str) -> Meant:
    """What somebody meant, in any case and with any spaces; an id alone means show."""
    said = [(word.strip(_MARKUP), word.strip("`")) for word in typed.split()]
    said = [both for both in said if both[0]]
    if not said:
        return Meant("help")
    words, literally = zip(*said, strict=True)
    word, rest = _ALSO.get(words[0].lower(), words[0].lower()), words[1:]
    if word in ("search", actions.NOTE):
        return Meant(word, " ".join(literally[1:]))
    if word in _ABOUT_ONE and (
        others := [one for one in rest[1:] if _LOOKS_LIKE_AN_ID.fullmatch(one)]
    ):
        each = ", ".join(f"`{command} {word} {one}`" for one in (rest[0], *others))
        return Meant("help", remark=f"One at a time; nothing was done. Send {each}.")
    if word in _ANSWERS:
        return Meant(word, " ".join(rest if word in _TAKE_WORDS else rest[:1]))
    if _LOOKS_LIKE_AN_ID.fullmatch(words[0]):
        return Meant("show", words[0])
    near = get_close_matches(word, _ANSWERS, n=1)
    hint = f" Did you mean `{command} {near[0]}`?" if near else ""
    known = f"`{command} help` says what I know."
    return Meant("help", remark=f"I do not know {text.code(word, 40)}.{hint} {known}")


def command(asked: Asked) -> None:
    """Answer the slash command, only to whoever typed it."""
    obey(asked, text.clean(str(asked.body.get("text") or "")))


def knows(typed: str, *, command: str) -> bool:
    """Whether what was typed is a command that needs no guessing."""
    return not parse(typed, command=command).remark


def obey(asked: Asked, typed: str, *, about: str = "") -> None:
    """Carry out a command; one that names no signature is about that of the thread, `about`."""
    meant = parse(typed, command=asked.desk.command)
    if about and not _LOOKS_LIKE_AN_ID.fullmatch(meant.argument.partition(" ")[0]):
        if meant.word in _ABOUT_ONE:
            meant = replace(meant, argument=about)
        elif meant.word == actions.NOTE:
            meant = replace(meant, argument=f"{about} {meant.argument}")
    if asked.event and (claim := rights.typed(meant.word, meant.argument)):
        allow(asked, claim)
    if meant.remark:
        asked.answer(answer.note(meant.remark))
        return
    try:
        _ANSWERS[meant.word](asked, meant.argument)
    except NotFound as missing:
        search = f"{asked.desk.command} search WORDS"
        raise NotFound(f"{missing} By its words: {search}") from missing


def _help(asked: Asked) -> None:
    today = look.today(asked.desk.database, now=asked.desk.clock())
    asked.answer(answer.helping(today, command=asked.desk.command))


def _today(asked: Asked, _: str) -> None:
    found = look.today(asked.desk.database, now=asked.desk.clock())
    asked.answer(answer.today(found, command=asked.desk.command, reader=asked.user))


def _digest(asked: Asked, said: str) -> None:
    """Post a digest at once, if the channel is one where digests are posted."""
    desk = asked.desk
    if said.lower() != "now":
        raise Refused(f"{desk.command} digest now posts one here; {desk.command} today is for you.")
    audience = desk.audiences.get(asked.channel)
    if audience is None:
        raise Refused(
            "This channel gets no digests, as [[channels]] in the settings says. "
            f"{desk.command} today shows you what one would say, with a button to share it."
        )
    made = report_now(desk.database, channel=asked.channel, now=desk.clock(), audience=audience)
    asked.answer(answer.asked_for(posted=made is not None))


def _show(asked: Asked, short_id: str) -> None:
    named = _named(asked, short_id, word="show")
    found = look.card(asked.desk.database, named, now=asked.desk.clock())
    asked.answer(answer.show(found, reader=asked.user))


def _why(asked: Asked, short_id: str) -> None:
    if short_id:
        explain(asked, short_id)
        return
    desk = asked.desk
    found = recount.most_urgent(desk.database, now=desk.clock(), rules=desk.charts.rules)
    asked.answer(answer.unusual(found, command=desk.command))


def explain(asked: Asked, short_id: str) -> None:
    """Answer why a signature was called unusual, judged again."""
    desk = asked.desk
    found = recount.why(
        desk.database,
        short_id,
        now=desk.clock(),
        rules=desk.charts.rules,
        newest=thread.MOST_EPISODES,
    )
    asked.answer(answer.why(found))


def describe(asked: Asked, short_id: str) -> None:
    """Answer with all that is known of a signature."""
    database, now = asked.desk.database, asked.desk.clock()
    found = look.card(database, short_id, now=now)
    receipts, history = look.receipts(database, short_id), look.history(database, short_id)
    trend = asked.desk.charts.blocks(database, short_id, now=now)
    logs = _logs(asked.desk.logs, found)
    asked.answer(
        answer.details(found, receipts, history, reader=asked.user, trend=trend, logs=logs)
    )


def _logs(address: str, card: Card) -> str:
    """The address of an error's logs, if the site has set one and the error names its service."""
    if not (address and card.service):
        return ""
    return viewer.filled(
        address,
        service=card.service,
        environment=card.environment,
        last_seen=card.last_seen,
    )


def _prompt(asked: Asked, short_id: str) -> None:
    desk = asked.desk
    named = _named(asked, short_id, word="prompt")
    shown = preview(
        desk.database, named, ways=desk.ways, withheld=desk.withheld(), now=desk.clock()
    )
    asked.answer(answer.preview(shown))


def _at_once(verb: str) -> Callable[[Asked, str], None]:
    def carry_out(asked: Asked, short_id: str) -> None:
        deciding.decide(asked, deciding.AT_ONCE[verb], _named(asked, short_id, word=verb))

    return carry_out


def _form(verb: str) -> Callable[[Asked, str], None]:
    def ask(asked: Asked, short_id: str) -> None:
        forms.open_form(asked, verb, _named(asked, short_id, word=verb))

    return ask


def _listed(word: str) -> Callable[[Asked, str], None]:
    def tell(asked: Asked, argument: str) -> None:
        asked.answer(listed(asked, word, argument))

    return tell


def _status(asked: Asked, _: str) -> None:
    desk, now = asked.desk, asked.desk.clock()
    found = look.status(desk.database, now=now)
    models = _models(desk, now)
    asked.answer(answer.status(found, models=models, spooled=desk.spooled(), now=now))


def _models(desk: Desk, now: datetime) -> Sequence[str]:
    """A line for each thing that keeps models from explaining; none if no model is set up."""
    withheld = desk.withheld()
    if withheld:
        return () if withheld == NO_MODEL else (f"nothing is asked, {withheld}",)
    return probe.trouble(desk.database, terms=desk.terms, now=now)


def _cost(asked: Asked, _: str) -> None:
    desk = asked.desk
    found = tally(desk.database, desk.terms, withheld=desk.withheld(), now=desk.clock())
    asked.answer(answer.told(lines(found)))


def _flags(asked: Asked, _: str) -> None:
    desk = asked.desk
    stand, changes = standing(desk.database), latest(desk.database)
    asked.answer(answer.flags(stand, changes, withheld=desk.withheld(), trial=desk.ways.said))


def _report(asked: Asked, _: str) -> None:
    asked.answer(answer.review(review.of(asked.desk.database, until=asked.desk.clock())))


def _undo(asked: Asked, short_id: str) -> None:
    """Name the decision that would be undone, with a button: whoever types the command does not see
    it."""
    desk = asked.desk
    found = decide.undoable(
        desk.database, by=asked.user, now=desk.clock(), short_id=short_id or None
    )
    asked.answer(answer.undoable(found))


def _merge(asked: Asked, ids: str) -> None:
    two = [word for word in ids.split() if word.lower() not in {"and", "into", "with"}]
    if not two[1:]:
        raise Refused(f"Which ones? For example: {asked.desk.command} merge E-7K2 E-9XM")
    outcome = decide.merge(
        asked.desk.database,
        two[0],
        into=two[1],
        by=asked.user,
        now=asked.desk.clock(),
        key=asked.key,
    )
    asked.answer(answer.done(outcome))


def _split(asked: Asked, short_id: str) -> None:
    outcome = decide.split(
        asked.desk.database,
        _named(asked, short_id, word="split"),
        by=asked.user,
        now=asked.desk.clock(),
        key=asked.key,
    )
    asked.answer(answer.done(outcome))


def _note(asked: Asked, said: str) -> None:
    short_id, _, words = said.partition(" ")
    named = _named(asked, short_id.strip(_MARKUP), word=actions.NOTE)
    if not words:
        forms.open_form(asked, actions.NOTE, named)
        return
    try:
        asked.answer(forms.noted(asked, named, words))
    except Wrong as wrong:
        raise Refused(" ".join(wrong.errors.values())) from wrong


def _named(asked: Asked, short_id: str, *, word: str) -> str:
    if not short_id:
        raise Refused(f"Which one? For example: {asked.desk.command} {word} E-7K2")
    return short_id


_ANSWERS: Mapping[str, Callable[[Asked, str], None]] = {
    "help": lambda asked, _: _help(asked),
    "today": _today,
    "digest": _digest,
    "show": _show,
    "why": _why,
    "prompt": _prompt,
    **{word: _listed(word) for word in (MINE, *LISTS)},
    "report": _report,
    "cost": _cost,
    "flags": _flags,
    "status": _status,
    **{verb: _at_once(verb) for verb in deciding.AT_ONCE},
    **{verb: _form(verb) for verb in (actions.MUTE, actions.REROUTE)},
    "merge": _merge,
    "split": _split,
    actions.NOTE: _note,
    "undo": _undo,
}
_ABOUT_ONE = {
    "show",
    "why",
    "prompt",
    "split",
    "undo",
    *deciding.AT_ONCE,
    actions.MUTE,
    actions.REROUTE,
}
"""Commands that take one id."""
_TAKE_WORDS = {"merge", "owner"}
