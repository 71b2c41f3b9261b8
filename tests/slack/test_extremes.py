"""Nothing at all, and a thousand of it in the worst words: what is sent fits, and is dead.

Every builder of a message or a view is held to it.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import pytest

from bot.core.asking.prompt import Prompt
from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.flag import Flag
from bot.core.ownership.decision import Mute, State
from bot.core.ownership.offer import Offer
from bot.core.ownership.owner import Rule
from bot.core.ownership.scope import THIS, Backtest, Breadth, Scope, Wide
from bot.core.ownership.trail import Decided, Merged
from bot.core.telling import storm
from bot.core.telling.digest import Card, Digest, Footer
from bot.core.telling.incident import Incident
from bot.core.telling.quality import Hidden, Moved, Opinion, Review, Routed, Week
from bot.core.telling.storm import FEWEST, Storm
from bot.flows.decide import Outcome, Undoable
from bot.flows.lift import Lifted
from bot.flows.look import Status
from bot.flows.preview import Preview
from bot.flows.recount import Reasons, Recount, Unusual
from bot.flows.switch import ON, Change, Setting
from bot.slack import actions, limits, viewer
from bot.slack.actions import Origin
from bot.slack.blocks import (
    answer,
    card,
    digest,
    doubt,
    home,
    incident,
    listing,
    modal,
    reminder,
    switches,
    thread,
    week,
)
from bot.slack.blocks import storm as storms
from bot.slack.blocks.elements import Block, Rendering
from bot.slack.blocks.listing import Section
from bot.slack.text import clip
from storage.outbox import Backlog
from tests.builders import NOON
from tests.slack.acceptance import accepted, accepted_view, alive
from tests.slack.builders import a_card, a_digest, an_analysis

WORDS = ["<!channel> <@U012AB3CD> <https://evil.example|x> `*_~" * 15, "🔥" * 800]
HUGE = 10**15
LOGS = "https://logs.example/?q=".ljust(viewer.LONGEST, "x")
ORIGIN = Origin("E-7K2", "C012AB3CD")
Make = Callable[[str, int], Rendering]


def a_worst(words: str, many: int) -> Card:
    named = tuple((f"{number}{words}", HUGE) for number in range(many))
    scope = Scope(Breadth.CUSTOMER, words)
    return a_card(
        service=words,
        environment=words,
        title=words,
        template=words,
        owner=words,
        owner_reason=words,
        customers=named,
        whys=tuple(Why(kind, words, NOON) for kind in Kind)[: many or 1],
        release=words,
        released_at=NOON,
        mute=Mute(words, "U0ASSIGNEE", NOON, NOON, HUGE, HUGE, scope=scope) if many else None,
        state=State.MUTED if many else State.OPEN,
        analysis=an_analysis(
            summary=words,
            likely_cause=words,
            explanation=words,
            customer_communication=words,
            immediate_actions=(words,) * many,
            rule=words,
        ),
        daily=(HUGE,) * min(many, 15),
        sample=f"{words}\n" * min(many, 20),
        merged=(Merged("E-9XM", HUGE, NOON, "U0ASSIGNEE", words, words),) * many,
        note=decided(words, 1)[0] if many else None,
    )


def cards(words: str, many: int) -> tuple[Card, ...]:
    worst = a_worst(words, min(many, 50))
    return tuple(replace(worst, short_id=f"E-{number:04}") for number in range(many))


def a_day(words: str, many: int) -> Digest:
    found = cards(words, many)
    footer = Footer(events=HUGE, signatures=HUGE, muted=HUGE, sources=((words, NOON),) * many)
    return a_digest(*found, unclaimed=found, resolved=found, footer=footer, late=bool(many))


def episodes(words: str, many: int) -> list[Episode]:
    return [Episode(Kind.SPIKE, words, NOON, None, {"observed": HUGE, "unit": words}, NOON)] * many


def reasons(words: str, many: int) -> Reasons:
    recounts = tuple(Recount(one, None) for one in episodes(words, many))
    return Reasons(a_worst(words, many), (), recounts)


def decided(words: str, many: int) -> list[Decided]:
    return [Decided(1, "mute", "U0ASSIGNEE", NOON, words, f"<@U0ASSIGNEE> {words}")] * many


def outcome(words: str, many: int) -> Outcome:
    scope = Scope(Breadth.SERVICE, words)
    return Outcome(a_worst(words, many), f"<@U0ASSIGNEE> {words}", HUGE, scope)


def a_week(words: str, many: int) -> Review:
    made = Week(
        since=NOON - timedelta(days=7),
        until=NOON,
        routed=(Routed("E-7K2", words, words, words, words),) * many,
        opinions=(Opinion("E-7K2", words, helps=False, reason=words),) * many,
        hidden=(Hidden("E-7K2", words, words, HUGE, HUGE, 1e9),) * many,
    )
    return Review(made, made, moved=(Moved("E-7K2", words, HUGE, HUGE - 10),) * many)


def status(words: str, many: int) -> Status:
    return Status(
        footer=Footer(events=HUGE, signatures=HUGE, sources=((words, NOON),) * many),
        unusual=HUGE,
        unclaimed=HUGE,
        claimed=HUGE,
        muted=HUGE,
        digests=((words, NOON),) * many,
        backlog=Backlog(HUGE, HUGE, {f"{number}{words}": words for number in range(many)}),
    )


def lifted(words: str, many: int) -> Lifted:
    return Lifted(7, Scope(Breadth.CUSTOMER, words), ("E-7K2",) * many)


def changes(words: str, many: int) -> list[Change]:
    return [Change(words, ON, ON, "U0ASSIGNEE", NOON, words)] * many


def standing(words: str) -> list[Setting]:
    return [Setting(flag, by="U0ASSIGNEE", at=NOON, reason=words) for flag in Flag]


def a_section(words: str, many: int) -> Section:
    return Section(words[:80] or "x", cards(words, many), "Nothing.", further=HUGE)


def preview(words: str, many: int) -> Rendering:
    asked = Prompt("analysis", "3", words * min(many, 50) or "x", words, "nonce", (words,))
    return answer.preview(Preview("E-7K2", asked, words))


def a_storm(words: str, many: int) -> Storm:
    found = storm.of(cards(words, max(many, FEWEST)))
    assert found
    return replace(found, known=Incident(found.cards, words) if many else None)


def wide_mutes(words: str, many: int) -> list[Wide]:
    scope = Scope(Breadth.CUSTOMER, words)
    return [Wide(HUGE, scope, words, NOON, None, words, ("E-7K2",) * many)] * min(many, 200)


def an_offer(words: str, many: int) -> Rendering:
    rule = Rule(team=words, service=words)
    return answer.rerouted(outcome(words, many), Offer(rule, HUGE, HUGE, HUGE) if many else None)


MESSAGES: Mapping[str, Make] = {
    "answer.helping": lambda words, n: answer.helping(a_day(words, n), command="/triage"),
    "answer.today": lambda words, n: answer.today(a_day(words, n), command="/triage", reader="U1"),
    "answer.show": lambda words, n: answer.show(a_worst(words, n), reader="U1"),
    "answer.details": lambda words, n: answer.details(
        a_worst(words, n), episodes(words, n), decided(words, n), reader="U1", logs=LOGS
    ),
    "answer.thanks": lambda words, _: answer.thanks(words, helps=True, command="/triage"),
    "answer.review": lambda words, n: answer.review(a_week(words, n)),
    "answer.told": lambda words, n: answer.told(
        [words, *(f"  {words}" for _ in range(min(n, 30)))]
    ),
    "answer.flags": lambda words, n: answer.flags(
        standing(words), changes(words, n), withheld=words
    ),
    "answer.switched": lambda words, n: answer.switched(changes(words, min(n, len(Flag)))),
    "answer.found": lambda words, n: answer.found([a_section(words, n)]),
    "answer.unidentified": lambda *_: answer.unidentified(command="/triage"),
    "answer.asked_for": lambda _, n: answer.asked_for(posted=bool(n)),
    "answer.listed": lambda words, n: answer.listed([a_section(words, n)] * 4, asked="handover"),
    "answer.paged": lambda words, n: answer.paged(
        a_section(words, n), asked=f"search {words[:80]}", start=n // 2, is_shared=True
    ),
    "answer.status": lambda words, n: answer.status(
        status(words, n), now=NOON, models=[words] * min(n, 4)
    ),
    "answer.why": lambda words, n: answer.why(reasons(words, n)),
    "answer.unusual": lambda words, n: answer.unusual(
        Unusual((reasons(words, n),) * min(n, 3), n, NOON), command="/triage"
    ),
    "answer.receipts": lambda words, n: answer.receipts(reasons(words, n)),
    "answer.preview": preview,
    "answer.unsaved": lambda words, n: answer.unsaved([words] * min(n, 4), [words] * min(n, 8)),
    "answer.done": lambda words, n: answer.done(outcome(words, n)),
    "answer.rerouted": an_offer,
    "answer.lifted": lambda words, n: answer.lifted(lifted(words, n)),
    "answer.resumed": lambda words, n: answer.resumed(lifted(words, n)),
    "answer.noted": lambda words, n: answer.noted(outcome(words, n)),
    "answer.undone": lambda words, n: answer.undone(outcome(words, n)),
    "answer.undoable": lambda words, n: answer.undoable(
        Undoable(a_worst(words, n), decided(words, 1)[0], Scope(Breadth.SERVICE, words))
    ),
    "answer.held": lambda words, _: answer.held(words),
    "answer.taken": lambda words, _: answer.taken(words, by="U0ASSIGNEE", at=NOON, now=NOON),
    "answer.note": lambda *_: answer.note("said"),
    "answer.refusal": lambda words, _: answer.refusal(words),
    "answer.overtaken": lambda words, _: answer.overtaken(f"<@U0ASSIGNEE> rerouted it to {words}"),
    "answer.denied": lambda words, n: answer.denied(words, [words] * min(n, 50)),
    "answer.failure": lambda *_: answer.failure("3f2a", command="/triage"),
    "answer.without_database": lambda *_: answer.without_database("3f2a"),
    "answer.outdated": lambda *_: answer.outdated(command="/triage"),
    "card.message": lambda words, n: card.message(a_worst(words, n)),
    "card.rerouted": lambda words, n: card.rerouted(
        a_worst(words, n),
        thread.said(decided(words, 1)[0], room=200),
        came_from="C012AB3CD",
        link="",
        version=1,
    ),
    "digest.message": lambda words, n: digest.message(a_day(words, n)),
    "digest.remainder": lambda words, n: digest.remainder(a_day(words, n)),
    "doubt.message": lambda words, n: doubt.message(cards(words, n)),
    "incident.message": lambda words, n: incident.message(
        Incident(cards(words, n or 1), words), version=1
    ),
    "listing.message": lambda words, n: listing.message([a_section(words, n)] * 4),
    "listing.page": lambda words, n: listing.page(a_section(words, n), "search x", start=n // 2),
    "reminder.message": lambda words, n: reminder.message(
        cards(words, n), ["U0ASSIGNEE"] * min(n, 20), words
    ),
    "storm.message": lambda words, n: storms.message(a_storm(words, n)),
    "switches.message": lambda words, n: switches.message(standing(words), changes(words, n)),
    "thread.details": lambda words, n: thread.details(
        a_worst(words, n), episodes(words, n), history=decided(words, n)
    ),
    "thread.decision": lambda words, _: thread.decision(decided(words, 1)[0], words),
    "week.message": lambda words, n: week.message(a_week(words, n)),
}
VIEWS: Mapping[str, Callable[[str, int], Block]] = {
    "home.view": lambda words, n: home.view(
        home.Queue(
            cards(words, n),
            cards(words, n),
            (words,) * min(n, 50),
            cards(words, n),
            wide_mutes(words, n),
        ),
        a_day(words, n),
        now=NOON,
        backlog=status(words, n).backlog,
        digests_until=((words, NOON),) * n,
    ),
    "modal.loading": lambda *_: modal.loading(actions.MUTE),
    "modal.apology": lambda words, _: modal.apology(actions.MUTE, words),
    "modal.mute": lambda words, n: modal.mute(a_worst(words, n), {THIS: Backtest(HUGE, n)}, ORIGIN),
    "modal.reroute": lambda words, n: modal.reroute(
        a_worst(words, n), [clip(f"{number}{words}", 75) for number in range(n or 1)], ORIGIN
    ),
    "modal.resolve": lambda words, n: modal.resolve(a_worst(words, n), ORIGIN),
    "modal.wrong": lambda words, n: modal.wrong(a_worst(words, n), ORIGIN),
    "modal.merge": lambda words, n: modal.merge(a_worst(words, n), ORIGIN),
    "modal.split": lambda words, n: modal.split(a_worst(words, n), ORIGIN),
    "modal.note": lambda words, n: modal.note(a_worst(words, n), ORIGIN),
    "modal.flags": lambda words, n: modal.flags(standing(words), changes(words, n), ORIGIN),
}
MODULES = (
    answer,
    card,
    digest,
    doubt,
    home,
    incident,
    listing,
    modal,
    reminder,
    storms,
    switches,
    thread,
    week,
)


def controls(blocks: Sequence[Block]) -> list[Block]:
    """What people click, in order."""
    rows = [one for block in blocks if block["type"] == "actions" for one in block["elements"]]
    return [*rows, *(block["accessory"] for block in blocks if "accessory" in block)]


def builders(module: ModuleType, gives: object) -> set[str]:
    """The public functions of a module that give back so."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if made.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.get_annotations(made).get("return") == gives
    }


def test_every_builder_of_a_message_or_a_view_is_held_to_it() -> None:
    assert set().union(*(builders(module, Rendering) for module in MODULES)) == MESSAGES.keys()
    assert builders(home, Block) | builders(modal, Block) == VIEWS.keys()


@pytest.mark.parametrize("many", [0, 1_000])
@pytest.mark.parametrize("words", WORDS, ids=["alive", "emoji"])
@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_nothing_or_of_too_much_is_accepted_and_dead(
    name: str, words: str, many: int
) -> None:
    made = MESSAGES[name](words, many)
    sent = Rendering(*limits.fitting(made.text, made.blocks))
    assert accepted(sent)
    assert len(sent.blocks) == len(made.blocks)
    assert controls(sent.blocks) == controls(made.blocks)
    assert not alive(sent)


@pytest.mark.parametrize("many", [0, 1_000])
@pytest.mark.parametrize("words", WORDS, ids=["alive", "emoji"])
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_of_nothing_or_of_too_much_is_accepted_and_dead(
    name: str, words: str, many: int
) -> None:
    made = VIEWS[name](words, many)
    view = limits.fitting_view(made)
    assert accepted_view(view)
    assert view == made
    assert not alive(Rendering("", view["blocks"]))
