"""The lists that one can ask for: for each word of the command the signatures it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from bot.core.ownership.owner import NOISE, REVIEW
from bot.errors import Refused
from bot.flows import look
from bot.slack import text
from bot.slack.asked import Asked
from bot.slack.blocks import answer
from bot.slack.blocks.elements import Rendering
from bot.slack.blocks.listing import LISTED, Section

MINE = "mine"
SHORTEST_SEARCH = 2
LONGEST_SEARCH = 80
DEEPEST = 240
"""A search shows no more than so many: to go further, add words."""


def unclaimed(asked: Asked, _: str, __: int = 0) -> list[Section]:
    """What is unusual and unclaimed."""
    waiting = look.unclaimed(asked.desk.database, now=asked.desk.clock())
    return [Section("Unclaimed", waiting, "Nothing unusual waits for anybody.")]


def mine(asked: Asked, _: str, __: int = 0) -> list[Section]:
    """What the person who asks has claimed."""
    held = look.mine(asked.desk.database, asked.user, now=asked.desk.clock())
    return [Section("Claimed by you", held, "You hold no signature.")]


def owned(asked: Asked, said: str, _: int = 0) -> list[Section]:
    """What a team has to act on."""
    team = _team(said, asked.desk.teams)
    found = look.owned(asked.desk.database, team, now=asked.desk.clock())
    return [Section(f"Owned by {team}", found, f"Nothing of {team} is claimed or unusual.")]


def search(asked: Asked, words: str, start: int = 0) -> list[Section]:
    """One page of the signatures that name the words, from `start` on; the latest seen first."""
    wanted = text.plain(words, LONGEST_SEARCH)
    if len(wanted) < SHORTEST_SEARCH:
        raise Refused(f"Search for what? For example: {asked.desk.command} search timeout")
    most = min(start, DEEPEST) + LISTED
    found = look.search(asked.desk.database, wanted, now=asked.desk.clock(), most=most)
    further = found.total - len(found.cards)
    return [Section(f"“{wanted}”", found.cards, look.nothing(wanted), further)]


def muted(asked: Asked, _: str, __: int = 0) -> list[Section]:
    """What is muted: the wide mutes first, then signatures in the order in which their mutes
    end."""
    database = asked.desk.database
    found, together = look.muted(database, now=asked.desk.clock()), look.wide_mutes(database)
    return [Section("Muted", found, "No signature is muted.", wide=together, is_of_mutes=True)]


def handover(asked: Asked, which: str, _: int = 0) -> list[Section]:
    """What the next person on duty has to know: all of it, or the part that was asked for."""
    found = look.handover(asked.desk.database, now=asked.desk.clock())
    parts = {
        "claimed": Section("Claimed", found.claimed, "Nothing is claimed."),
        "unclaimed": Section(
            "Unclaimed, unusual now or lately",
            found.unclaimed,
            "Nothing unusual waits for anybody.",
        ),
        "mutes": Section(
            "Mutes to look at: they end within a day, or have stood for 30 without an end",
            found.muted,
            "No mute ends within a day or has stood for 30 without an end.",
            is_of_mutes=True,
        ),
        "resolved": Section(
            "Resolved within a day", found.resolved, "Nothing was resolved within a day."
        ),
    }
    if which in parts:
        return [parts[which]]
    return [replace(part, asked=f"handover {name}") for name, part in parts.items()]


LISTS: Mapping[str, Callable[[Asked, str, int], list[Section]]] = {
    "unclaimed": unclaimed,
    "owner": owned,
    "search": search,
    "muted": muted,
    "handover": handover,
}
"""Each of these lists can be shared with the channel."""


def listed(asked: Asked, word: str, argument: str, *, start: int = 0) -> Rendering:
    """The answer to a command that lists signatures; for a single list one page, from `start`
    on."""
    said = f"{word} {argument}".strip()
    if word == MINE:
        return answer.paged(mine(asked, argument)[0], asked=said, start=start, is_shared=False)
    sections = LISTS[word](asked, argument, start)
    if len(sections) > 1:
        return answer.listed(sections, asked=said)
    return answer.paged(sections[0], asked=said, start=start, is_shared=True)


def _team(said: str, teams: tuple[str, ...]) -> str:
    """The team that was meant, in upper or lower case. Raises Refused with those there are."""
    known = {team.casefold(): team for team in (*teams, REVIEW, NOISE)}
    if said.casefold() in known:
        return known[said.casefold()]
    near = get_close_matches(said.casefold(), known, n=1)
    hint = f"Did you mean {known[near[0]]}? " if near else ""
    asked = f"There is no team {text.plain(said, 40)}. " if said else "Whose? "
    raise Refused(f"{asked}{hint}Teams: {', '.join(known.values())}.")
