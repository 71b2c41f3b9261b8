"""The slash command: what was meant, and the answer to it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.errors import Refused
from bot.flows import decide, look
from bot.slack import text
from bot.slack.asked import Asked
from bot.slack.blocks import answer
from bot.slack.blocks import card as cards

_LOOKS_LIKE_AN_ID = re.compile(r"(?:E-[A-Z0-9]+|(?=[A-Z0-9]*\d)[A-Z0-9]{3,8})", re.IGNORECASE)
_MARKUP = "`*_~<>.,;:!?"


@dataclass(frozen=True, slots=True)
class Meant:
    """What to do, on which signature, and the remark when we had to guess."""

    word: str
    argument: str = ""
    remark: str = ""


def parse(typed: str) -> Meant:
    """What somebody meant, in any case and with any spaces; an id alone means to show it."""
    words = [word.strip(_MARKUP) for word in typed.split()]
    words = [word for word in words if word]
    if not words:
        return Meant("help")
    word, argument = words[0].lower(), words[1] if len(words) > 1 else ""
    if word in _ANSWERS:
        return Meant(word, argument)
    if _LOOKS_LIKE_AN_ID.fullmatch(words[0]):
        return Meant("show", words[0])
    near = get_close_matches(word, _ANSWERS, n=1)
    hint = f" Did you mean `/triage {near[0]}`?" if near else ""
    return Meant("help", remark=f"I do not know {text.code(word, 40)}.{hint}")


def command(asked: Asked) -> None:
    """Answer the slash command, only to whoever typed it."""
    meant = parse(str(asked.body.get("text") or ""))
    if meant.word not in _DECIDING:
        asked.acknowledge()
    if meant.remark:
        _help(asked, meant.remark)
    else:
        _ANSWERS[meant.word](asked, meant.argument)


def _help(asked: Asked, remark: str = "") -> None:
    today = look.today(asked.desk.database, now=asked.desk.clock())
    asked.answer(answer.helping(today, remark=remark))


def _today(asked: Asked, _: str) -> None:
    asked.answer(answer.today(look.today(asked.desk.database, now=asked.desk.clock())))


def _show(asked: Asked, short_id: str) -> None:
    found = look.card(asked.desk.database, _named(short_id, "show"), now=asked.desk.clock())
    asked.answer(answer.show(found))


def _why(asked: Asked, short_id: str) -> None:
    explain(asked, _named(short_id, "why"))


def explain(asked: Asked, short_id: str) -> None:
    """Answer with the receipts of a signature."""
    asked.acknowledge()
    database = asked.desk.database
    found = look.card(database, short_id, now=asked.desk.clock())
    asked.answer(answer.why(found, look.receipts(database, short_id)))


def _mine(asked: Asked, _: str) -> None:
    held = look.mine(asked.desk.database, asked.user, now=asked.desk.clock())
    asked.answer(cards.listed("Claimed by you", held, empty="You hold no signature.", live=True))


def _unclaimed(asked: Asked, _: str) -> None:
    waiting = look.unclaimed(asked.desk.database, now=asked.desk.clock())
    asked.answer(cards.listed("Unclaimed", waiting, empty="Nothing unusual waits for anybody."))


def _undo(asked: Asked, short_id: str) -> None:
    outcome = decide.undo(
        asked.desk.database,
        by=asked.user,
        now=asked.desk.clock(),
        short_id=short_id or None,
        key=asked.key,
    )
    asked.answer(answer.undone(outcome))


def _named(short_id: str, word: str) -> str:
    if not short_id:
        raise Refused(f"Which one? For example: /triage {word} E-7K2")
    return short_id


_ANSWERS: Mapping[str, Callable[[Asked, str], None]] = {
    "help": lambda asked, _: _help(asked),
    "today": _today,
    "show": _show,
    "why": _why,
    "mine": _mine,
    "unclaimed": _unclaimed,
    "undo": _undo,
}
_DECIDING = {"undo"}
"""These are acknowledged once they are in the database; to look something up may take longer."""
