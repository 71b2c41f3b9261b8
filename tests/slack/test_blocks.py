"""Whatever a card holds, what is built from it fits, says what it should, and is not alive."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.analysis import Author, Confidence, Level
from bot.core.asking.prompt import Prompt
from bot.core.detection.episode import Episode, Why
from bot.core.detection.finding import Kind
from bot.core.ownership.decision import PROGRAM, Mute, State
from bot.core.ownership.scope import THIS, Backtest, Breadth, Scope, Wide
from bot.core.ownership.trail import Decided, Merged
from bot.core.telling.digest import Card, Digest, Footer, verdict
from bot.core.telling.incident import Incident
from bot.core.wording.moment import written
from bot.flows.decide import Outcome
from bot.flows.look import Status
from bot.flows.preview import Preview
from bot.flows.recount import Reasons, Recount, Unusual
from bot.slack import actions, limits, text
from bot.slack.actions import Origin
from bot.slack.blocks import answer, card, digest, doubt, home, incident, listing, modal, thread
from bot.slack.blocks.elements import Block, Rendering, section, unmentioned
from bot.slack.blocks.listing import Section
from bot.workspace import blocks as slack
from storage.outbox import Backlog
from tests.builders import NOON
from tests.slack.builders import a_card, a_digest, an_analysis
from tests.slack.test_text import ANY_TEXT, HOSTILE

ORIGIN = Origin("E-7K2", "C012AB3CD")
OUR_OWN = re.compile(
    r"<!date\^\d+\^\{date_short_pretty\} \{time\}(?: \(\{ago\}\))?\|[^<>|]*>|<@U0ASSIGNEE>"
    r"|<#C012AB3CD>|<https://example\.slack\.com/archives/[^<>|]*\|the message there>"
)
PERMALINK = "https://example.slack.com/archives/C012AB3CD/p1795003200000100"
ALIVE = re.compile(r"<[!@#]|<[a-z]+:|@(?:here|channel|everyone)\b|[\ud800-\udfff]")


def accepted(shown: Rendering) -> bool:
    """Whether both our own check and Slack's stand-in take it."""
    ours = limits.check({"text": shown.text, "blocks": shown.blocks})
    theirs = slack.problems(shown.blocks, slack.Surface.MESSAGE)
    assert (ours, theirs, slack.too_long(shown.blocks)) == ([], [], False)
    return True


def accepted_view(view: Block) -> bool:
    assert (limits.check(view), slack.view_problems(view)) == ([], [])
    return True


def reasons(one: Card, episodes: Sequence[Episode]) -> Reasons:
    """What is told of some episodes, none of which comes out as it was."""
    return Reasons(one, (), tuple(Recount(told, None) for told in episodes))


def mrkdwn_of(node: Any) -> Iterator[str]:
    """All text that Slack would read as mrkdwn."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"]
            yield node["text"]
        for value in node.values():
            yield from mrkdwn_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from mrkdwn_of(value)


def alive(shown: Rendering) -> bool:
    words = [shown.text, *mrkdwn_of(shown.blocks)]
    return any(ALIVE.search(OUR_OWN.sub("", one)) for one in words)


MOMENTS = st.sampled_from([NOON, NOON - timedelta(days=400), NOON + timedelta(days=3650)])
COUNTS = st.sampled_from([0, 1, 9, 214, 10**6, 10**15])
MUTES = st.builds(
    Mute,
    reason=ANY_TEXT,
    by=st.sampled_from(["U0ASSIGNEE", "command line", "<!channel>"]),
    at=MOMENTS,
    until=st.none() | MOMENTS,
    max_events=COUNTS,
    max_customers=COUNTS,
)
ANALYSES = st.builds(
    an_analysis,
    severity=st.sampled_from(Level),
    confidence=st.sampled_from(Confidence),
    summary=ANY_TEXT,
    explanation=ANY_TEXT,
    user_impact=ANY_TEXT,
    likely_cause=ANY_TEXT,
    immediate_actions=st.lists(ANY_TEXT, max_size=8).map(tuple),
    customer_communication=ANY_TEXT,
    rule=ANY_TEXT,
)
WHYS = st.lists(st.builds(Why, st.sampled_from(Kind), ANY_TEXT, MOMENTS), max_size=6).map(tuple)
CARDS = st.builds(
    a_card,
    service=ANY_TEXT,
    environment=ANY_TEXT,
    title=ANY_TEXT,
    state=st.sampled_from(State),
    owner=ANY_TEXT,
    owner_reason=ANY_TEXT,
    assignee=st.sampled_from(["", "U0ASSIGNEE", "<@U999>"]),
    claimed_at=st.none() | MOMENTS,
    resolved_at=st.none() | MOMENTS,
    mute=st.none() | MUTES,
    whys=WHYS,
    total=COUNTS,
    last_day=COUNTS,
    usual_day=st.sampled_from([0.0, 2.5, 1e9]),
    daily=st.lists(COUNTS, max_size=20).map(tuple),
    customers=st.lists(st.tuples(ANY_TEXT, COUNTS), max_size=12).map(tuple),
    analysis=ANALYSES,
    analyst=st.sampled_from(["rules", "model", "<!here>"]),
    release=ANY_TEXT,
    released_at=st.none() | MOMENTS,
    sample=ANY_TEXT,
)


def numbered(cards: list[Card]) -> tuple[Card, ...]:
    return tuple(replace(one, short_id=f"E-{n:03}") for n, one in enumerate(cards, 2))


def in_sections(cards: Sequence[Card]) -> list[Section]:
    """A list with three filled sections and an empty one."""
    return [
        *(Section(f"{HOSTILE[0]} {number}", cards, "None.", 10**9) for number in range(3)),
        Section("Muted", (), f"Nothing of {HOSTILE[0]}."),
    ]


def a_status(words: str) -> Status:
    return Status(
        footer=Footer(events=1, signatures=1, sources=((words, NOON),) * 9),
        unusual=3,
        unclaimed=2,
        claimed=1,
        muted=0,
        digests=((words, NOON),) * 9,
        backlog=Backlog(waiting=2, failed=1, reasons={"on-call": words}),
    )


FOOTERS = st.builds(
    Footer,
    events=COUNTS,
    signatures=COUNTS,
    muted=COUNTS,
    hidden_events=COUNTS,
    sources=st.lists(st.tuples(ANY_TEXT, MOMENTS), max_size=8).map(tuple),
)
DIGESTS = st.builds(
    lambda cards, waiting, footer, late: a_digest(
        *numbered(cards), unclaimed=numbered(waiting), footer=footer, late=late
    ),
    st.lists(CARDS, max_size=9),
    st.lists(CARDS, max_size=5),
    FOOTERS,
    st.booleans(),
)
EPISODES = st.builds(
    Episode,
    st.sampled_from(Kind),
    ANY_TEXT,
    MOMENTS,
    st.none() | MOMENTS,
    st.dictionaries(
        st.sampled_from(["observed", "usual", "unit", "fires_from", "version", "override"]),
        st.one_of(COUNTS, ANY_TEXT),
    ),
    MOMENTS,
)
DECIDED = st.builds(
    Decided,
    st.just(1),
    st.sampled_from(["claim", "mute", "undo"]),
    st.just("U0ASSIGNEE"),
    MOMENTS,
    ANY_TEXT,
    ANY_TEXT.map(lambda words: f"<@U0ASSIGNEE> {words}"),
)


@settings(max_examples=60, deadline=None)
@given(DIGESTS, ANY_TEXT)
def test_any_digest_is_accepted_and_dead(made: Digest, name: str) -> None:
    named = digest.message(made)
    for shown in (named, unmentioned(named, lambda _: name)):
        assert accepted(shown)
        assert not alive(shown)
    assert "<@" not in json.dumps(shown.blocks)


def test_names_that_are_too_long_for_a_message_are_cut_short() -> None:
    words = "\n".join(f"<@U{number:03}>" for number in range(40))
    shown = Rendering(words, [section(words)])
    named = unmentioned(shown, lambda _: "\N{GRINNING FACE}" * 30)
    assert accepted(named)


def test_names_are_cut_short_where_only_the_text_would_be_too_long() -> None:
    words = "<@U001> and <@U002>"
    shown = Rendering(words.rjust(text.MAX_TEXT - 40, "."), [section(words)])
    named = unmentioned(shown, lambda _: "Augusta Ada King, Countess of Lovelace")
    assert accepted(named)
    assert named.text.endswith(".Augusta Ada King, C… and Augusta Ada King, C…")


def test_receipts_that_are_asked_for_say_what_comes_of_counting_again() -> None:
    stored = Episode(Kind.SPIKE, "40 in 2 h", NOON, None, {"observed": 40}, NOON)
    card_, later = a_card(), a_card(short_id="E-MPX")
    why = Reasons(card_, (), (Recount(stored, None),))
    assert "\n_Counted again: as usual._" in answer.why(why).text
    first = Unusual((why, Reasons(later, (), ())), 7)
    shown = answer.unusual(first, command="/errors")
    assert (
        shown.text.index("E-7K2") < shown.text.index("_Counted again") < shown.text.index("E-MPX")
    )
    assert "2 of 7 that are unusual, or were lately. Of another: `/errors why ID`" in json.dumps(
        shown.blocks
    )


def test_what_is_not_judged_yet_is_not_said_to_be_usual() -> None:
    early = answer.why(Reasons(a_card(), (), (), judges_from=NOON)).text
    assert "It was never called unusual. What is unusual shows only against a whole day" in early
    nothing = answer.unusual(Unusual((), 0, NOON), command="/triage").text
    assert nothing.startswith("Nothing is unusual now. What is unusual shows only against a whole")


@settings(max_examples=60, deadline=None)
@given(CARDS, st.lists(EPISODES, max_size=7), st.lists(DECIDED, max_size=7))
def test_any_card_and_its_details_are_accepted_and_dead(
    one: Card, episodes: list[Episode], history: list[Decided]
) -> None:
    for shown in (
        card.message(one),
        answer.show(one, reader="U1"),
        answer.why(Reasons(one, (), tuple(Recount(told, None) for told in episodes))),
        thread.details(one, episodes, history=history),
        answer.details(one, episodes, history, reader="U1"),
        *(
            card.rerouted(
                one,
                thread.said(decided, room=200),
                came_from="C012AB3CD",
                link=PERMALINK,
                version=1,
            )
            for decided in history[:1]
        ),
        *(thread.decision(decided, one.short_id) for decided in history),
    ):
        assert accepted(shown)
        assert not alive(shown)


@settings(max_examples=30, deadline=None)
@given(st.lists(CARDS, max_size=20), DIGESTS)
def test_any_list_and_home_is_accepted(cards: list[Card], made: Digest) -> None:
    chosen = numbered(cards)
    assert accepted(answer.listed(in_sections(chosen), asked="search x"))
    assert accepted(answer.helping(made, command="/triage"))
    assert accepted(answer.today(made, command="/triage", reader="U1"))
    assert accepted_view(
        home.view(home.Queue(chosen[:3], chosen, ("dev", "platform"), chosen), made, now=NOON)
    )


@settings(max_examples=30, deadline=None)
@given(CARDS, st.lists(ANY_TEXT.filter(bool), min_size=1, max_size=5, unique=True))
def test_any_form_is_accepted(one: Card, teams: list[str]) -> None:
    assert accepted_view(modal.mute(one, {THIS: Backtest(9, 2)}, ORIGIN))
    assert accepted_view(modal.reroute(one, [text.clip(team, 75) for team in teams], ORIGIN))
    assert accepted_view(modal.resolve(one, ORIGIN))


@pytest.mark.parametrize("words", HOSTILE)
def test_any_answer_is_accepted_and_dead(words: str) -> None:
    for shown in (
        answer.done(Outcome(a_card(), f"Triage {words}", 1)),
        answer.undone(Outcome(a_card(), f"Triage {words}", 1)),
        answer.taken("E-7K2", by=words, at=NOON, now=NOON),
        answer.refusal(words),
        answer.failure("3f2a", command="/triage"),
        answer.without_database("3f2a"),
        answer.outdated(command="/triage"),
        answer.status(a_status(words), now=NOON),
    ):
        assert accepted(shown)
        assert not alive(shown)
    assert accepted_view(modal.apology(actions.MUTE, words))


@pytest.mark.parametrize("words", ["🔥" * 5000, "<" * 5000, "界" * 5000, '"' * 5000])
def test_the_longest_words_fit(words: str) -> None:
    worst = a_card(
        service=words,
        environment=words,
        title=words,
        owner=words,
        owner_reason=words,
        customers=((words, 10**15),) * 50,
        whys=tuple(Why(kind, words, NOON) for kind in Kind),
        release=words,
        released_at=NOON,
        mute=replace(MUTING, reason=words, until=NOON, max_events=10**15, max_customers=10**15),
        state=State.MUTED,
        analysis=an_analysis(likely_cause=words, explanation=words, customer_communication=words),
        daily=(0, 10**15) * 8,
        sample=f"{words}\n" * 20,
    )
    many = numbered([worst] * 20)
    footer = Footer(muted=10**15, silent=((words, NOON - timedelta(days=9)),) * 9)
    made = a_digest(*many, unclaimed=many, footer=footer, late=True)
    assert accepted(digest.message(made))
    assert accepted(digest.remainder(made))
    assert accepted(answer.listed(in_sections(many), asked="handover"))
    assert accepted(answer.details(worst, (), (), reader="U1"))
    assert accepted_view(home.view(home.Queue(many, many, ("platform",), many), made, now=NOON))


def test_what_makes_a_priority_is_said_where_people_ask_why_and_not_on_the_card() -> None:
    shown = a_card(known_customers=4)
    said = "Priority *58* of 100: new +10 · high severity +13 · 2 customers +6"
    assert said in answer.details(shown, (), (), reader="U1").text
    assert said in answer.receipts(reasons(shown, ())).text
    assert "Priority" not in json.dumps(card.message(shown).blocks)


REFUSED = "upstream pricing: connection refused"


def an_incident(count: int, **facts: Any) -> tuple[Card, ...]:
    return numbered([a_card(title=REFUSED, **facts)] * count)


def test_the_cards_of_an_incident_stand_below_the_one_that_leads() -> None:
    alone = a_card(short_id="E-9")
    shown = digest.message(a_digest(*an_incident(3), alone))
    assert shown.text.split("\n")[0] == "*4 new · 214 quiet*", "each signature counts"
    (below,) = [one for one in shown.blocks if one.get("block_id", "").endswith("incident")]
    said = below["text"]["text"]
    assert said.startswith("*1 incident: E-002 and 2 more* · 1 service · 2 customers · since ")
    assert "because: pricing is in trouble\n*E-003*" in said
    assert "*E-004*" in said
    assert "◦ *E-004*" in shown.text
    leads = [one["block_id"] for one in shown.blocks if one.get("block_id", "").endswith(".do")]
    assert leads == ["E-002.1.do", "E-9.1.do"]


def test_each_card_of_a_digest_has_its_controls_in_it_or_in_the_thread() -> None:
    made = a_digest(*an_incident(3), *(a_card(short_id=f"E-{n}") for n in range(8)))
    both = json.dumps([digest.message(made).blocks, digest.remainder(made).blocks])
    assert all(f'"value": "{card.short_id}"' in both for card in made.cards)


def test_the_longest_incident_fits() -> None:
    words = "🔥" * 5000
    many = an_incident(300, service=words, template=words, customers=((words, 10**15),) * 50)
    found = Incident(many, words)
    assert accepted(digest.message(a_digest(*many)))
    assert accepted(digest.remainder(a_digest(*many)))
    assert accepted(incident.message(found, version=1))
    assert not alive(incident.message(Incident(many, HOSTILE[0]), version=1))


def test_a_thousand_cards_fit() -> None:
    many = numbered([a_card(title=f"error {'x' * 300}", sample="y" * 9000)] * 1000)
    shown = digest.message(a_digest(*many))
    assert accepted(shown)
    assert "and 982 more" in json.dumps(shown.blocks)
    assert accepted(answer.listed(in_sections(many), asked="handover"))
    assert accepted_view(home.view(home.Queue(many, ()), a_digest(*many), now=NOON))


def test_the_verdict_comes_first_in_text_and_blocks() -> None:
    shown = digest.message(a_digest(a_card()))
    first = "*1 new · 214 quiet*"
    assert shown.text.split("\n")[0] == first
    assert shown.blocks[0]["text"]["text"] == first


def test_nothing_unusual_is_one_quiet_line_and_the_footer() -> None:
    shown = digest.message(a_digest())
    assert [block["type"] for block in shown.blocks] == ["section", "context"]
    assert shown.text.startswith("*Nothing unusual · 214 quiet*")


def test_what_waits_since_earlier_days_can_be_opened_from_the_digest() -> None:
    shown = digest.message(a_digest(unclaimed=numbered([a_card()] * 5)))
    rows = [one for one in shown.blocks if one.get("accessory")]
    assert [one["accessory"]["value"] for one in rows] == ["E-002", "E-003", "E-004"]
    assert "… and 2 more, in the thread" in json.dumps(shown.blocks, ensure_ascii=False)
    assert "*Unclaimed from earlier days*\n• *E-002*" in shown.text


def texts_of(shown: Rendering) -> str:
    """What stands in the blocks that are not formatted."""
    return "\n".join(
        one["elements"][0]["elements"][0]["text"]
        for one in shown.blocks
        if one["type"] == "rich_text"
    )


def test_of_a_long_prompt_what_is_said_of_the_error_comes_first_and_whole() -> None:
    evidence = "\n".join(f"line {number} of the evidence" for number in range(250))
    asked = Prompt("analysis", "3", "the limits\n" * 2_000, evidence, "nonce", ())
    shown = answer.preview(Preview("E-7K2", asked, ""))
    assert accepted(shown)
    assert texts_of(shown).startswith(evidence)


def test_a_long_prompt_is_cut_between_words() -> None:
    words = "\n".join(f"line {number} of the evidence" for number in range(2_000))
    asked = Prompt("analysis", "3", "the limits", words, "nonce", ())
    shown = answer.preview(Preview("E-7K2", asked, ""))
    *said, left_out = texts_of(shown).splitlines()
    assert accepted(shown)
    assert {*said} - {""} < {*words.splitlines()}
    assert re.fullmatch(r"… [0-9,]+ characters are left out …", left_out)


def test_six_cards_have_controls_and_the_rest_are_named() -> None:
    shown = digest.message(a_digest(*numbered([a_card()] * 8)))
    assert sum(block["type"] == "actions" for block in shown.blocks) == 6
    assert "E-009" in json.dumps(shown.blocks[-2])
    assert "E-009" in shown.text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "*E-008* 🆕 new · checkout · `Conn"),
        ({"state": State.CLAIMED}, "*E-008* 🆕 new · 🙋 claimed · checkout · `Conn"),
        ({"state": State.RESOLVED}, "*E-008* ✅ resolved · checkout · `Conn"),
        ({"state": State.MUTED}, "*E-008* 🔕 muted · checkout · `Conn"),
    ],
)
def test_what_is_also_unusual_says_where_and_whether_it_is_settled(
    facts: dict[str, Any], said: str
) -> None:
    cards = [*[a_card()] * 6, a_card(**facts)]
    also = digest.message(a_digest(*numbered(cards))).blocks[-2]["text"]["text"]
    assert also.startswith(f"*Also unusual*\n{said}")


SPIKING = "91 in 2 h, usually 1.6 (14 days, max 7): fires from 23"
DECIDED_SO: list[dict[str, Any]] = [
    {"state": State.CLAIMED, "assignee": "U012AB3CD", "claimed_at": NOON},
    {"state": State.RESOLVED, "resolved_at": NOON, "resolved_by": "U012AB3CD"},
    {"owner": "payments and billing", "owner_reason": "said so", "rerouted_by": "U012AB3CD"},
]


def a_long_card(number: int) -> Card:
    """One with more to say than a message has room for six times; each an incident by itself."""
    began = NOON - timedelta(hours=2 * number)
    words = (
        "a sentence of an explanation that goes on for longer than anybody reads on a phone " * 2
    )
    return a_card(
        short_id=f"E-{number}",
        title="OutOfMemoryError: command not allowed when used memory > 'maxmemory'.",
        whys=(Why(Kind.SPIKE, SPIKING, began, true_at=NOON, ended_at=NOON),),
        customers=tuple((f"customer-{n}", 20 - n) for n in range(14)),
        daily=(1,) * 14 + (365,),
        analysis=an_analysis(likely_cause=words, user_impact=words),
    )


def long_cards() -> list[Card]:
    """As many as have controls, and one more."""
    return [a_long_card(number) for number in range(7)]


def words_of(made: Digest, short_id: str) -> list[str]:
    return [
        str(one.get("text") or one["elements"])
        for one in digest.message(made).blocks
        if one.get("block_id", "").startswith(f"{short_id}.")
    ]


@pytest.mark.parametrize("facts", DECIDED_SO)
def test_a_decision_on_one_card_changes_the_words_of_no_other(facts: dict[str, Any]) -> None:
    """However full the message is: at some of these lengths there is no room for one line more."""
    for length in range(100, 160, 5):
        analysis = an_analysis(likely_cause="x" * length, user_impact="y" * length)
        shortened: dict[str, Any] = {
            "analysis": analysis,
            "daily": (1, 2, 3),
            "customers": (("acme", 1),),
        }
        first, *others = [replace(one, **shortened) for one in long_cards()[:6]]
        before, after = a_digest(first, *others), a_digest(replace(first, **facts), *others)
        assert words_of(before, first.short_id) != words_of(after, first.short_id)
        for one in others:
            assert words_of(before, one.short_id) == words_of(after, one.short_id)


def test_the_error_and_its_receipt_are_cut_after_all_that_details_says_too() -> None:
    made = [replace(one, **DECIDED_SO[0]) for one in long_cards()]
    shown = digest.message(a_digest(*made, unclaimed=(a_card(short_id="E-WAITS"),)))
    assert accepted(shown)
    said = json.dumps(shown.blocks)
    assert said.count("command not allowed when used memory &gt; 'maxmemory'.`") >= 6
    assert said.count(SPIKING) == 6
    assert said.count("Likely cause") < 6


def test_a_claimed_card_keeps_its_cause_at_every_place_of_a_full_digest() -> None:
    for place, one in enumerate(long_cards()[:6]):
        made = long_cards()
        made[place] = replace(one, **DECIDED_SO[0])
        said = "".join(words_of(a_digest(*made), one.short_id))
        assert "claimed by" in said
        assert "Likely cause" in said


def test_the_trend_and_the_customers_names_give_room_before_the_cause() -> None:
    made = a_long_card(0)
    whole = limits.size(card.within(made, 10_000, version=1))
    forms = [
        json.dumps(card.within(made, most, version=1), ensure_ascii=False)
        for most in range(whole, 0, -20)
    ]
    without = [one for one in forms if "Likely cause" not in one]
    assert 0 < len(without) < len(forms)
    assert not any("▂" in one or "customer-0" in one for one in without)


def test_no_card_of_a_full_digest_is_told_in_more_words_than_a_more_urgent_one() -> None:
    made = [replace(one, **DECIDED_SO[0]) for one in long_cards()]
    full = a_digest(*made, unclaimed=(a_card(short_id="E-WAITS"),))
    told = [len("".join(words_of(full, one.short_id))) for one in made[:6]]
    assert told == sorted(told, reverse=True)
    assert told[0] > told[1] > told[-1]


def test_a_likely_cause_is_cut_between_words() -> None:
    analysis = an_analysis(likely_cause="The database credentials are wrong, rotated or revoked.")
    shown = json.dumps(card.blocks(a_card(analysis=analysis), version=1, room=42))
    assert "The database credentials are wrong\\u2026" in shown


def test_a_card_has_all_its_words_where_there_is_room() -> None:
    said = json.dumps(digest.message(a_digest(long_cards()[0])).blocks)
    assert "(by rules, medium confidence)" in said
    assert "customer-2" in said


def test_a_silent_source_is_named_before_the_cards() -> None:
    since = NOON - timedelta(hours=9)
    footer = Footer(sources=(("datadog", since), ("web", NOON)), silent=(("datadog", since),))
    opening = digest.message(a_digest(footer=footer)).text.split("\n")[1]
    assert opening.startswith("⚠️ Incomplete: datadog silent since <!date^")
    assert "web" not in opening


def test_a_source_that_is_caught_up_with_is_told_of_in_a_digest_and_a_status() -> None:
    footer = Footer(behind=(("loki/eu", NOON - timedelta(hours=3)),))
    opening = digest.message(a_digest(footer=footer)).text.split("\n")[1]
    assert opening.startswith("⚠️ Incomplete: loki/eu is caught up with, read up to <!date^")
    said = answer.status(replace(a_status(""), footer=footer), now=NOON).text
    assert "Catching up: loki/eu 3 h behind" in said


def test_a_late_digest_says_so() -> None:
    assert "This digest is late." in digest.message(a_digest(late=True)).text


def test_an_update_has_new_block_ids() -> None:
    def ids(version: int) -> set[str]:
        blocks = digest.message(a_digest(a_card()), version=version).blocks
        return {block["block_id"] for block in blocks if "block_id" in block}

    assert not ids(1) & ids(2)


@pytest.mark.parametrize(
    ("facts", "label"),
    [
        ({}, "_Likely cause (by rules, medium confidence)_"),
        (
            {"unexplained": "budget of today used up"},
            "_Likely cause (by rules: budget of today used up; the rules' confidence is medium)_",
        ),
        (
            {"analyst": "claude-haiku-5-5", "explained_at": NOON},
            f"Claude (claude-haiku-5-5), <!date^{NOON.timestamp():.0f}^{{ago}}|2026-11-18 12:00",
        ),
        (
            {"analyst": "<!here> `qwen3`", "explained_at": NOON},
            "_Likely cause (by AI (&lt;!here&gt; ",
        ),
    ],
)
def test_an_explanation_says_whose_it_is_and_how_old(facts: dict[str, Any], label: str) -> None:
    assert label in json.dumps(card.message(a_card(**facts)).blocks, ensure_ascii=False)


def test_a_card_says_state_kind_id_counts_customers_owner_and_cause() -> None:
    said = json.dumps(card.message(a_card()).blocks, ensure_ascii=False)
    for words in (
        "🆕 new · ⚪ open · *E-7K2* · checkout / production",
        "`ConnectionError: connection refused`",
        "*214* in 24 h, usually 12 a day ▁▂▂▂█",
        "2 customers: acme 70\N{NO-BREAK SPACE}%, globex 30\N{NO-BREAK SPACE}%",
        f"new: first seen {text.date(NOON - timedelta(hours=3))}, 214 since",
        "*High severity*: Customers cannot pay.",
        "_Likely cause (by rules, medium confidence)_: the gateway is down",
        "Owner: *platform* (network error)",
    ):
        assert words in said


def test_a_spread_names_its_customers_beside_a_more_urgent_kind() -> None:
    spread = Why(Kind.SPREAD, "+3 customers in 1 h: acme 61 %", NOON)
    said = card.why(a_card(whys=(spread, Why(Kind.SPIKE, "214 in 2 h", NOON))), room=90)
    assert said == "spiking: 214 in 2 h\nspreading: +3 customers in 1 h: acme 61 %"


def test_numbers_of_another_time_say_of_which() -> None:
    nine, noon = NOON - timedelta(hours=3), NOON
    over = Why(Kind.SPIKE, "212 in 24 h", nine, true_at=nine, ended_at=noon)
    assert card.why(a_card(whys=(over,)), room=90) == (
        f"spiking: 212 in 24 h (counted {text.date(nine)}); over since {text.date(noon)}"
    )


@pytest.mark.parametrize(("hours", "said"), [(3, ""), (25, "*day 2, unclaimed*")])
def test_what_nobody_took_says_since_how_many_days(hours: int, said: str) -> None:
    began = Why(Kind.NEW, "first seen", NOON - timedelta(hours=hours))
    assert card.standing(a_card(whys=(began,))) == said


def test_a_claim_says_by_whom_and_how_long_ago() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ASSIGNEE", claimed_at=NOON)
    said = card.standing(held)
    assert said.startswith("claimed by <@U0ASSIGNEE> <!date^")
    assert "({ago})" in said


def test_what_was_never_seen_before_is_not_compared_with_nought() -> None:
    assert "214 in 24 h, none before" in card.line(a_card(usual_day=0.0))


def test_what_was_mended_in_the_window_is_named() -> None:
    made = a_digest(resolved=(a_card(state=State.RESOLVED),))
    words = "✅ Resolved since: E-7K2 `ConnectionError: connection refused`"
    shown = digest.message(made)
    assert words in shown.text
    assert words in json.dumps(shown.blocks, ensure_ascii=False)


def test_details_do_not_repeat_what_the_receipt_spells_out() -> None:
    numbers = {"observed": 214, "window_hours": 24, "fires_from": 43, "version": "d1"}
    episode = Episode(Kind.SPIKE, "214 in 24 h: fires from 43", NOON, None, numbers, NOON)
    assert "Below" not in thread.details(a_card(), [episode]).text
    assert (
        "Below 43 it would not have fired._" in answer.receipts(reasons(a_card(), [episode])).text
    )


def test_a_critical_spike_says_its_numbers_once_and_how_its_threshold_came_about() -> None:
    numbers = {"fires_from": 95, "formula": "2 × the busiest usual (29) + 3 × its swing (12)"}
    spike = Episode(Kind.SPIKE, "120 in 24 h", NOON, None, numbers, NOON)
    critical = Episode(Kind.CRITICAL, "a full disk: 120 in 24 h", NOON, None, numbers, NOON)
    shown = answer.receipts(reasons(a_card(), [critical, spike])).text
    assert shown.count("120 in 24 h") == shown.count("Below 95") == 1
    assert "not have fired: above 2 × the busiest usual (29) + 3 × its swing (12)" in shown
    assert thread.details(a_card(), [critical, spike]).text.count("120 in 24 h") == 1


@pytest.mark.parametrize(
    ("days", "held", "said"),
    [
        (3, 10.0, "; hid nothing since {}, *up to 90 a day*, 10 when it was muted"),
        (2, 10.0, "; hid nothing since {}"),
        (3, 46.0, "; hid nothing since {}"),
        (0, 10.0, "; hid nothing since {}"),
    ],
)
def test_a_mute_says_how_far_what_it_hides_has_risen(days: int, held: float, said: str) -> None:
    begun = NOON - timedelta(days=days, hours=1)
    mute = Mute("known", "U1", begun, None, daily_at_start=held, total_at_start=999)
    hidden = a_card(state=State.MUTED, mute=mute, daily=(500, 90, 12, 9))
    assert card.standing(hidden).endswith(said.format(text.date(begun)))


def test_each_line_of_a_list_of_mutes_ends_one() -> None:
    one = a_card(state=State.MUTED, mute=MUTING)
    shown = listing.message([Section("Muted", [one], "Nothing.", is_of_mutes=True)])
    assert shown.blocks[-1]["accessory"]["action_id"] == actions.UNMUTE
    assert shown.blocks[-1]["accessory"]["value"] == one.short_id


@pytest.mark.parametrize(
    ("closed_at", "said"),
    [
        (None, f"still so {text.date(NOON - timedelta(hours=1))}\n"),
        (NOON, f"over since {text.date(NOON)}\n"),
    ],
)
def test_an_episode_says_until_when_it_was_so_which_stays_true(
    closed_at: datetime | None, said: str
) -> None:
    begun, confirmed = NOON - timedelta(hours=9), NOON - timedelta(hours=1)
    episode = Episode(Kind.NEW, "first seen", begun, closed_at, {}, confirmed)
    opening = f"🆕 new · called out {text.date(begun)}, {said}first seen"
    assert opening in answer.receipts(reasons(a_card(), [episode])).text
    assert opening in thread.details(a_card(), [episode]).text


def test_details_do_not_compare_what_is_new_with_nought() -> None:
    said = thread.details(a_card(usual_day=0.0), ()).text
    assert "214* in 24 h, none before" in said
    assert f" in all, as of {text.date(NOON)}" in said


def test_no_line_is_hidden_to_say_that_there_is_one_more() -> None:
    sections = [Section(title, [a_card()] * 7, "None.") for title in ("Claimed", "Unclaimed")]
    assert "more" not in json.dumps(answer.listed(sections, asked="handover").blocks)


def test_a_receipt_names_the_override_its_thresholds_are_from() -> None:
    numbers = {"version": "d1", "override": "service = batch-*: min_count = 50"}
    episode = Episode(Kind.SPIKE, "60 in 2 h: fires from 50", NOON, None, numbers, NOON)
    shown = answer.receipts(reasons(a_card(), [episode])).text
    assert "(with your thresholds for service = batch-" in shown
    assert "min_count = 50" in shown


def test_a_list_says_how_many_there_are_beyond_what_it_shows() -> None:
    shown = answer.listed([Section("Muted", [a_card()], "None.", further=7)], asked="muted")
    assert shown.text.startswith("*Muted*: 8 signatures\n*E-7K2* 🆕 new · checkout · `Conn")
    assert "… and 7 more" in json.dumps(shown.blocks, ensure_ascii=False)


def test_what_a_model_rests_on_is_quoted_dead() -> None:
    quotes = ("connect ECONNREFUSED <!here>", "see https://x.example")
    card = a_card(analysis=an_analysis(evidence=quotes), analyst="claude-haiku-5-5")
    said = thread.explanation(card, room=90)
    assert "*It goes by* `connect ECONNREFUSED" in said
    assert "<!here>" not in said
    assert "https://" not in said
    assert "It goes by" not in thread.explanation(a_card(), room=90)


@pytest.mark.parametrize(
    ("one", "buttons", "menu"),
    [
        (
            a_card(),
            ["Claim", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(state=State.CLAIMED, assignee="U1", claimed_at=NOON),
            ["Release", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(state=State.CLAIMED, assignee="U2", claimed_at=NOON),
            ["Take over…", "Open in logs", "Note…"],
            ["Reroute…", "Mute…", "Resolve…", "Why?", "Merge…"],
        ),
        (
            a_card(
                state=State.MUTED,
                mute=Mute("x", "U1", NOON, None, scope=Scope(Breadth.SERVICE, "web")),
            ),
            ["Open in logs", "Note…", "Merge…"],
            ["Reroute…", "End mute", "End mute of every error of service web", "Resolve…", "Why?"],
        ),
    ],
)
def test_details_end_with_what_one_can_do_first_what_is_wanted_at_night(
    one: Card, buttons: list[str], menu: list[str]
) -> None:
    shown = answer.details(one, (), (), reader="U1", logs="https://logs.example")
    *first, more = shown.blocks[-1]["elements"]
    assert [each["text"]["text"] for each in first] == buttons
    assert [each["text"]["text"] for each in more["options"]] == menu
    assert "https://logs.example" in [each.get("url") for each in first]
    assert accepted(shown)


def test_the_command_is_called_as_it_is_set() -> None:
    shown = answer.helping(a_digest(), command="/errors")
    assert "`/errors owner TEAM`" in shown.text
    assert "/triage" not in shown.text


@pytest.mark.parametrize(
    ("made", "example"),
    [(a_digest(), "why E-7K2"), (a_digest(a_card(short_id="E-MPX")), "why E-MPX")],
)
def test_help_begins_with_todays_counts_and_ends_with_what_can_be_tried(
    made: Digest, example: str
) -> None:
    first, *_, last = answer.helping(made, command="/triage").blocks
    assert first["text"]["text"] == f"Today so far: *{verdict(made)}*"
    assert last["text"]["text"].endswith(f"`/triage {example}`")


def test_a_status_names_what_was_not_sent() -> None:
    said = answer.status(a_status("not_in_channel"), spooled=12, now=NOON).text
    assert "cannot be written to: 12 events in the spool" in said
    assert "1 event of 1 signature" in said
    assert "2 to be sent, 1 given up in 24 h\non-call not_in_channel" in said
    assert "What is old" not in said


def test_a_status_says_by_when_what_is_old_goes_where_that_is_not_now() -> None:
    behind = replace(a_status(""), cleaned_by=NOON - timedelta(days=365))
    assert "What is old goes as of " in answer.status(behind, now=NOON).text


def labels(one: Card) -> list[str]:
    buttons = [element for element in card.controls(one) if element["type"] == "button"]
    menu = next(element for element in card.controls(one) if element["type"] == "overflow")
    return [
        *(button["text"]["text"] for button in buttons),
        *(option["text"]["text"] for option in menu["options"]),
    ]


MUTING = Mute(reason="noise", by="U1", at=NOON, until=None)


@pytest.mark.parametrize(
    ("one", "offered"),
    [
        (a_card(), ["Claim", "Details", "Reroute…", "Mute…", "Resolve…", "Why?"]),
        (
            a_card(state=State.CLAIMED, assignee="U1", claimed_at=NOON),
            [
                "Take over / release…",
                "Details",
                "Release",
                "Reroute…",
                "Mute…",
                "Resolve…",
                "Why?",
            ],
        ),
        (
            a_card(state=State.MUTED, mute=MUTING),
            ["Details", "Reroute…", "End mute", "Resolve…", "Why?"],
        ),
        (
            a_card(state=State.RESOLVED, resolved_at=NOON),
            ["Details", "Reroute…", "Mute…", "Reopen", "Why?"],
        ),
    ],
)
def test_a_card_offers_what_its_state_allows(one: Card, offered: list[str]) -> None:
    assert labels(one) == offered


def test_claim_is_the_only_primary_button() -> None:
    styled = [element for element in card.controls(a_card()) if "style" in element]
    assert [element["action_id"] for element in styled] == [actions.CLAIM]


def test_a_first_post_names_whoever_claimed_it_without_waking_them() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ASSIGNEE", claimed_at=NOON)
    named = digest.message(a_digest(held))
    assert "claimed by <@U0ASSIGNEE> " in json.dumps(named.blocks)
    quiet = unmentioned(named, {"U0ASSIGNEE": "Ana <@U1> Ribeiro"}.__getitem__)
    for said in (quiet.text, json.dumps(quiet.blocks, ensure_ascii=False)):
        assert f"claimed by Ana &lt;@{text.JOINER}U1&gt; Ribeiro " in said


def test_a_mute_says_who_why_until_when_and_what_ends_it_early() -> None:
    mute = Mute(
        "known noise", "U0ASSIGNEE", NOON, None, max_events=500, max_customers=3, total_at_start=200
    )
    said = card.standing(a_card(state=State.MUTED, mute=mute))
    assert said == (
        "muted, only this signature, by <@U0ASSIGNEE> until somebody ends it, or above 500 "
        "occurrences"
        f" or 3 customers: known noise; hid 14 since {text.date(NOON)}"
    )


@pytest.mark.parametrize("state", [State.RESOLVED, State.MUTED])
def test_what_is_settled_leads_with_its_state(state: State) -> None:
    settled = a_card(state=state, resolved_at=NOON, mute=MUTING)
    assert card.headline(settled).startswith(text.STATES[state])
    assert card.line(settled).startswith(f"*E-7K2* {text.STATES[state]} ·")


def test_a_resolution_and_a_reroute_say_by_whom() -> None:
    mended = a_card(state=State.RESOLVED, resolved_at=NOON, resolved_by="U0ANA")
    assert card.standing(mended).startswith("resolved by <@U0ANA> ")
    hostile = replace(mended, resolved_in="4.19.2 <!channel>")
    said = card.standing(hostile)
    assert said.startswith("resolved in 4.19.2 &lt;!")
    assert "<!channel>" not in said
    rerouted = a_card(owner_reason="rerouted on 19 Nov", rerouted_by="U0ANA")
    assert card.owner(rerouted, room=90) == ("Owner: *platform* (rerouted on 19 Nov, by <@U0ANA>)")


def test_the_form_for_rerouting_has_no_team_chosen() -> None:
    form = modal.reroute(a_card(owner="dev"), ("dev", "platform"), ORIGIN)
    select = next(b for b in form["blocks"] if b.get("block_id") == actions.TEAM)["element"]
    assert "initial_option" not in select


def test_a_mute_of_more_says_of_what_and_at_how_much_it_ends() -> None:
    mute = Mute(
        reason="a deploy",
        by="U0ASSIGNEE",
        at=NOON,
        until=None,
        max_factor=3,
        daily_at_start=214.0,
        scope=Scope(Breadth.SERVICE, "checkout"),
        wide=1,
    )
    said = card.standing(a_card(state=State.MUTED, mute=mute))
    assert said.startswith(
        "muted, every error of service checkout, by <@U0ASSIGNEE> until somebody ends it, or above "
        "3 × 214 a day: a deploy"
    )
    menu = card.controls(a_card(state=State.MUTED, mute=mute))[-1]["options"]
    assert [one["text"]["text"] for one in menu] == [
        "Reroute…",
        "End mute",
        "End mute of every error of service checkout",
        "Resolve…",
        "Why?",
    ]


def test_details_say_how_much_of_an_event_they_show_and_where_the_rest_is() -> None:
    whole = "An event of it has 40 lines: on a terminal, `triage show E-7K2` has all"
    long = answer.details(a_card(sample="a line\n" * 40), (), (), reader="U1")
    assert "… 31 more lines …" in json.dumps(long.blocks, ensure_ascii=False)
    assert whole in json.dumps(long.blocks)
    short = answer.details(a_card(sample="a line"), (), (), reader="U1")
    assert "has all" not in json.dumps(short.blocks)


def test_only_whoever_alone_sees_a_card_they_hold_is_offered_to_release_it_first() -> None:
    held = a_card(state=State.CLAIMED, assignee="U0ANA", claimed_at=NOON)
    assert offered(held, reader="U0ANA") == [
        "Release",
        "Details",
        "Reroute…",
        "Mute…",
        "Resolve…",
        "Why?",
    ]
    assert offered(held, reader="U0TOMAS")[:3] == ["Take over…", "Details", "Release"]
    assert offered(held, reader="")[:3] == ["Take over / release…", "Details", "Release"]
    assert offered(a_card(), reader="U0ANA")[0] == "Claim"
    shown = [
        answer.show(held, reader="U0ANA").blocks,
        answer.today(a_digest(held), command="/triage", reader="U0ANA").blocks,
        home.view(home.Queue((held,), ()), a_digest(), now=NOON)["blocks"],
    ]
    assert "Take over" not in json.dumps(shown)


def offered(one: Card, *, reader: str) -> list[str]:
    *buttons, menu = card.controls(one, reader=reader)
    return [entry["text"]["text"] for entry in (*buttons, *menu["options"])]


def test_a_mute_of_more_is_ended_where_mutes_are_listed_though_nothing_of_it_is_muted() -> None:
    scope = Scope(Breadth.SERVICE, "checkout")
    one = Wide(7, scope, "U0ANA", NOON, None, "a deploy", ())
    two = replace(one, number=8, muted=("E-7K2", "E-9XM"))
    muted = Section("Muted", (), "No signature is muted.", wide=(one, two))
    for shown in (listing.message([muted]), listing.page(muted, "muted")):
        assert accepted(shown)
        buttons = [block["accessory"] for block in shown.blocks if "accessory" in block]
        assert [(b["action_id"], b["value"]) for b in buttons] == [
            (actions.END_WIDE, "7"),
            (actions.END_WIDE, "8"),
        ]
        which = "🔕 *Muted: every error of service checkout*, by <@U0ANA> until somebody ends it"
        assert shown.text.splitlines()[:2] == [
            f"{which}: a deploy · nothing of it yet",
            f"{which}: a deploy · E-7K2, E-9XM by now",
        ]


def test_what_asks_about_a_mute_ends_it_with_a_click() -> None:
    shown = doubt.message([a_card(state=State.MUTED, mute=MUTING), a_card()])
    assert shown.text.startswith("🔕 *Still noise?* 2 signatures muted without an end")
    assert not limits.check({"text": shown.text, "blocks": shown.blocks})
    buttons = [block["accessory"] for block in shown.blocks if "accessory" in block]
    assert [(one["action_id"], one["value"]) for one in buttons] == [(actions.UNMUTE, "E-7K2")]


def test_the_form_of_a_mute_begins_with_its_fields_and_says_each_word_beside_the_one_it_is_of() -> (
    None
):
    one = a_card(service="checkout")
    hidden = {
        THIS: Backtest(9, 2),
        Scope(Breadth.SERVICE, "checkout"): Backtest(31, 0, 12),
        Scope(Breadth.CUSTOMER, "acme"): Backtest(0, 0),
    }
    which, *fields = modal.mute(one, hidden, ORIGIN)["blocks"]
    assert len(which["text"]["text"].splitlines()) == 2
    assert {field["type"] for field in fields} == {"input"}
    of = {field["block_id"]: field for field in fields}
    assert "customers that never had it, or turns critical" in of[actions.UNTIL]["hint"]["text"]
    scopes = of[actions.SCOPE]["element"]["options"]
    assert [one["text"]["text"] for one in scopes] == [
        "Only this signature",
        "Every error of service checkout",
        "Every error that only acme has",
    ]
    assert [one["description"]["text"] for one in scopes] == [
        "Last 14 days: would have hidden 9 posts, 2 claimed",
        "Last 14 days: would have hidden 31 posts of 12 signatures, none claimed",
        "Last 14 days: would have hidden no post",
    ]


@pytest.mark.parametrize(
    ("hit", "offered"),
    [
        ([], ["signature", "service"]),
        (["acme"], ["signature", "service", "customer:acme"]),
        (["acme", "globex"], ["signature", "service"]),
        (["x" * 51], ["signature", "service"]),
    ],
)
def test_all_that_only_a_customer_has_is_muted_from_what_only_they_have(
    hit: list[str], offered: list[str]
) -> None:
    """A mute covers what it is begun on: from an error of nine customers it would hide that from
    all of them."""
    scopes = modal.scopes(a_card(), hit)
    assert [*scopes] == offered
    assert all(one == THIS or one.covers("checkout", hit) for one in scopes.values())


@pytest.mark.parametrize(
    "form",
    [
        modal.mute(a_card(), {THIS: Backtest(9, 2)}, ORIGIN),
        modal.wrong(a_card(), ORIGIN),
        modal.note(a_card(), ORIGIN),
        modal.flags((), (), ORIGIN),
    ],
)
def test_too_few_words_are_told_with_whatever_else_is_wrong_with_a_form(
    form: dict[str, Any],
) -> None:
    (reason,) = [one for one in form["blocks"] if one.get("block_id") == actions.REASON]
    assert reason["element"]["min_length"] == modal.MIN_REASON


def test_a_mute_ends_in_seven_days_unless_said_otherwise() -> None:
    form = modal.mute(a_card(), {THIS: Backtest(9, 2)}, ORIGIN)
    select = next(b for b in form["blocks"] if b.get("block_id") == actions.UNTIL)["element"]
    assert select["initial_option"]["value"] == modal.WEEK
    assert modal.until(modal.WEEK, now=NOON) == NOON + timedelta(days=7)
    assert modal.until(modal.FOREVER, now=NOON) is None


@pytest.mark.parametrize("words", ["x" * modal.MAX_REASON, "🔥" * (modal.MAX_REASON // 2)])
def test_what_was_entered_in_vain_comes_back_whole_in_blocks_and_in_the_text(words: str) -> None:
    made = answer.unsaved(["Choose when it ends. " * 20] * 4, [words, "7d", "signature", "9"])
    sent = Rendering(*limits.fitting(made.text, made.blocks))
    assert accepted(sent)
    assert words in sent.text
    assert words in json.dumps(sent.blocks, ensure_ascii=False)


@pytest.mark.parametrize("words", ["", "[]", "nonsense", '{"id": 7}', '{"channel": "<!here>"}'])
def test_odd_metadata_names_no_channel(words: str) -> None:
    assert actions.from_metadata(words).channel == ""


def test_metadata_comes_back_as_it_was_written() -> None:
    assert actions.from_metadata(actions.metadata(ORIGIN)) == ORIGIN
    of_one = replace(ORIGIN, read=READ)
    assert actions.from_metadata(actions.metadata(of_one)) == of_one


READ = Author("claude-haiku-5-5", "analysis 1", "connection refused")


def test_whose_explanation_was_read_comes_back_with_the_opinion_of_it() -> None:
    card = a_card(analyst=READ.analyst, version=READ.version)
    read = replace(READ, row=card.analysis.row)
    values = [one["value"] for one in thread.opinions(card)["elements"]]
    assert set(map(actions.from_opinion, values)) == {(card.short_id, read)}


@pytest.mark.parametrize("value", ["E-7K2", "E-7K2|rules", "E-7K2|||", "E-7K2|a|b\0|c"])
def test_an_opinion_by_an_older_button_is_of_what_is_shown_now(value: str) -> None:
    assert actions.from_opinion(value) == ("E-7K2", None)


def test_an_opinion_fits_into_its_button_whatever_a_model_is_called() -> None:
    long = Author("m|" * 2_000, "v" * 2_000, "é" * 2_000)
    value = actions.opinion_value("E-7K2", long)
    assert len(value.encode()) < 2_000
    short_id, read = actions.from_opinion(value)
    assert (short_id, read and len(read.analyst)) == ("E-7K2", 200)


def test_a_menu_entry_comes_back_as_it_was_written() -> None:
    assert actions.from_menu(actions.menu_value(actions.MUTE, "E-7K2")) == ("mute", "E-7K2")
    assert actions.from_menu("drop E-7K2") == ("", "E-7K2")


def test_a_digest_that_cannot_judge_yet_says_why_and_what_to_do() -> None:
    early = a_digest(footer=Footer(signatures=3, judges_from=NOON + timedelta(hours=9)))
    opening, *_ = digest.message(early).blocks
    assert "Cannot judge yet" in opening["text"]["text"]
    assert "triage ingest" in opening["text"]["text"]
    assert "triage ingest" in digest.message(early).text


def test_the_footer_says_when_older_events_came_in_too() -> None:
    read_late = a_digest(footer=Footer(events=820, arrived=54_000, signatures=41))
    counts, *_ = digest.footer(read_late)
    assert "820 events → 41 signatures · 53k events of earlier days came in too" in counts
    one = a_digest(footer=Footer(events=820, arrived=821, signatures=41))
    assert "· 1 event of earlier days came in too" in digest.footer(one)[0]
    assert "came in" not in digest.footer(a_digest())[0]


def test_app_home_says_what_keeps_messages_from_a_channel_and_is_quiet_otherwise() -> None:
    reason = "not_in_channel: invite me there: /invite @triage"
    behind = Backlog(waiting=2, failed=0, reasons={"C000001": reason})
    view = home.view(home.Queue((), ()), a_digest(), now=NOON, backlog=behind)
    assert "<#C000001> not_in_channel: invite me there" in json.dumps(view)
    calm = Backlog(waiting=1, failed=0, reasons={})
    assert "to be sent" not in json.dumps(
        home.view(home.Queue((), ()), a_digest(), now=NOON, backlog=calm)
    )


def test_a_card_that_is_shown_says_what_is_merged_into_it() -> None:
    merged = Merged("E-AB2", 31, NOON, "U123", "one error <!channel>", "Boom <!here>")
    moved = Merged("E-9QX", 4, NOON, PROGRAM, "the same exception", "Boom")
    for shown in (
        answer.show(a_card(merged=(merged, moved)), reader="U1"),
        thread.details(a_card(merged=(merged, moved)), ()),
    ):
        said = json.dumps([shown.text, shown.blocks], ensure_ascii=False)
        assert "*Counts for 2 other signatures*, merged into it" in said
        assert f"*E-AB2* (31 in all) since {text.date(NOON)} by <@U123>: one error &lt;!" in said
        assert "by Triage: the same exception" in said
        assert "<!channel>" not in said
        assert "by <@U123>: one error &lt;!channel&gt; · `Boom &lt;!here&gt;`" in said
        (split,) = [block["accessory"] for block in shown.blocks if "accessory" in block]
        assert (split["text"]["text"], split["value"]) == ("Split…", "E-7K2")


def test_a_form_to_split_names_what_is_merged_and_chooses_the_only_one() -> None:
    one, other = (Merged(name, 31, NOON, "U1", "one", "x" * 99) for name in ("E-AB2", "E-9QX"))
    form = modal.split(a_card(merged=(one, other)), ORIGIN)
    select = form["blocks"][-1]["element"]
    assert [each["value"] for each in select["options"]] == ["E-AB2", "E-9QX"]
    assert "initial_option" not in select
    alone = modal.split(a_card(merged=(one,)), ORIGIN)
    assert alone["blocks"][-1]["element"]["initial_option"] == select["options"][0]
    assert "Nothing is merged into E-7K2" in json.dumps(modal.split(a_card(), ORIGIN))


def test_of_many_that_are_merged_the_latest_are_named() -> None:
    many = tuple(Merged(f"E-{n}", 1, NOON, "U1", "one error", "Boom") for n in range(222, 1_229))
    assert "… and 1,002 more" in answer.show(a_card(merged=many), reader="U1").text
    assert "merged" not in answer.show(a_card(), reader="U1").text


def test_a_card_of_no_service_says_so() -> None:
    nowhere = a_card(service="")
    assert "(no service) / production" in card.headline(nowhere)
    for said in (card.line(nowhere), card.name(nowhere, room=80)):
        assert " · (no service) · " in said


def test_everybody_reads_each_moment_in_their_own_time() -> None:
    when = f"{written(NOON - timedelta(hours=3))}, 214 since"
    why = Why(Kind.NEW, f"first seen {when}", NOON)
    one = a_card(whys=(why,), owner_reason=f"rerouted {written(NOON)}")
    episode = Episode(Kind.NEW, why.reason, NOON, None, {"observed": 214}, NOON)
    footer = Footer(judges_from=NOON, silences=((NOON - timedelta(days=1), NOON),))
    for shown in (
        digest.message(a_digest(one, footer=footer)),
        card.message(one),
        answer.details(one, [episode], (), reader="U1"),
        answer.receipts(reasons(one, [episode])),
        answer.why(Reasons(one, (), (), judges_from=NOON)),
        incident.message(Incident((one, one), f"the deploy of {written(NOON)}"), version=1),
    ):
        assert accepted(shown)
        words = "\n".join([shown.text, *mrkdwn_of(shown.blocks)])
        assert "<!date^" in words
        assert "UTC" not in OUR_OWN.sub("", words)


def test_nothing_is_counted_as_none_and_one_as_one() -> None:
    late = answer.taken("E-7K2", by="U0ANA", at=NOON, now=NOON).text
    assert late == "*E-7K2*: claimed by <@U0ANA> just now. Take over?"
    form = json.dumps(modal.mute(a_card(usual_day=0.0, last_day=0), {THIS: Backtest(0, 0)}, ORIGIN))
    assert "\\u00d7 its 1 a day" in form
    mute = Mute("known", "U0ANA", NOON, None, max_factor=2)
    assert "above 2 × 1 a day" in card.standing(a_card(state=State.MUTED, mute=mute))
    assert "usually 12 a day" in thread.exact(a_card(), room=90)
    footer = Footer(events=12, signatures=3, muted=1)
    assert "mutes hid nothing of 1 signature" in digest.message(a_digest(footer=footer)).text


def test_while_nothing_can_be_judged_a_digest_names_what_came_in() -> None:
    early = Footer(signatures=9, judges_from=NOON)
    nasty = tuple(a_card(short_id=f"E-{n}", title=HOSTILE[0] * 40, whys=()) for n in range(5))
    shown = digest.message(a_digest(footer=early, seen=nasty, also_seen=4))
    assert accepted(shown)
    for said in (shown.text, json.dumps(shown.blocks, ensure_ascii=False)):
        assert said.index("Seen so far") < said.index("*E-0* · checkout") < said.index("*E-4* · ")
        assert said.index("*E-4* · ") < said.index("… and 4 more")
        assert "214 in 24 h" in said
        assert not ALIVE.search(OUR_OWN.sub("", said))


def some(count: int) -> Section:
    cards = tuple(a_card(short_id=f"E-{number}") for number in range(count))
    return Section("Unclaimed", cards, "Nothing.")


def turned(blocks: list[Block]) -> dict[str, str]:
    """Where the buttons for other pages lead."""
    rows = [block["elements"] for block in blocks if block.get("block_id") == "turn"]
    return {one["action_id"]: one["value"] for row in rows for one in row}


def ids_on(blocks: list[Block]) -> list[str]:
    return [block["accessory"]["value"] for block in blocks if "accessory" in block]


def test_the_pages_of_a_list_have_each_signature_once() -> None:
    seen, start = [], 0
    for _ in range(9):
        shown = listing.page(some(30), "owner dev", start=start)
        assert limits.check({"text": shown.text, "blocks": shown.blocks}) == []
        seen += ids_on(shown.blocks)
        following = turned(shown.blocks).get(actions.NEXT)
        if following is None:
            break
        number, _, asked = following.partition(" ")
        assert asked == "owner dev"
        start = int(number)
    assert seen == [f"E-{number}" for number in range(30)]


def test_what_fits_on_a_page_has_no_buttons_to_turn_it() -> None:
    assert turned(listing.page(some(3), "mine").blocks) == {}
    assert ids_on(listing.page(some(0), "mine").blocks) == []


def test_from_a_later_page_there_is_a_way_back() -> None:
    shown = listing.page(some(30), "muted", start=24)
    assert turned(shown.blocks)[actions.FIRST] == "0 muted"
    assert "of 30" in str(shown.blocks)


def test_a_page_that_is_gone_is_the_first() -> None:
    assert ids_on(listing.page(some(3), "mine", start=24).blocks) == ["E-0", "E-1", "E-2"]


def test_the_footer_says_of_each_source_how_fresh_it_is() -> None:
    sources = (("web", NOON), ("api", NOON - timedelta(hours=1)))
    said = digest.footer(a_digest(footer=Footer(sources=sources)))[0]
    assert re.search(r"newest event: api .*11:00.*, web .*12:00", said)


def test_app_home_sorts_what_waits_for_my_team_from_what_waits_for_others() -> None:
    ours, theirs = a_card(short_id="E-2US", owner="dev"), a_card(short_id="E-3TH", owner="platform")
    muted = a_card(short_id="E-4MU", state=State.MUTED)
    queue = home.Queue((), (ours, theirs), teams=("dev",), mutes=(muted,))
    shown = home.view(queue, a_digest(), now=NOON, digests_until=(("C000001", NOON),))
    said = json.dumps(shown["blocks"], ensure_ascii=False)
    order = [
        said.index(part)
        for part in (
            "Waiting for dev · 1",
            "E-2US",
            "Unclaimed · 1",
            "E-3TH",
            "Mutes that",
            "E-4MU",
        )
    ]
    assert order == sorted(order)
    assert "newest digest: <#C000001>" in said
    assert "newest event" in said
    alone = json.dumps(home.view(home.Queue((), (ours,)), a_digest(), now=NOON))
    assert "Waiting for" not in alone
