"""What a person does on the demo's page, in a real browser; the database has to agree."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from bot import demo
from bot.app import Clock as Now
from bot.core.ownership.decision import State
from bot.core.telling.audience import Audience
from bot.core.telling.digest import CARDS_WITH_CONTROLS
from bot.flows import look
from bot.flows.confirm import confirm
from bot.flows.record import record
from bot.flows.report import report_now
from bot.slack.blocks import answer
from bot.terminal import cards
from storage.database import Database
from tests.browser.screen import ANA, PHONE, TOMAS, Demo, Screen, opened
from tests.builders import an_event
from tests.conftest import Copied
from tests.fakes import Clock

pytestmark = pytest.mark.browser

README = Path(__file__).parents[2] / "README.md"
TEAM_DEV = demo.settings().teams[0].channel


@pytest.fixture
def filled(copied: Copied) -> Database:
    """The database of the bundled fleet, which takes long to fill."""
    return copied("fleet", demo.fill)


SAMPLE = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_readme_shows_what_the_demo_prints(filled: Database) -> None:
    printed = cards.digest(look.today(filled, now=demo.END))
    (sample,) = SAMPLE.findall(README.read_text(encoding="utf-8"))
    for part in sample.split("…\n"):
        assert part.strip("\n") in printed


@pytest.fixture
def shown(filled: Database) -> Iterator[Demo]:
    """The demo as `triage demo` starts it, the digest posted."""
    yield from _a_demo(filled, demo.starting_at(demo.END))


def _a_demo(database: Database, clock: Now) -> Iterator[Demo]:
    with demo.posted(database, clock) as (workspace, server):
        yield Demo(server.url, workspace, database)


@pytest.fixture
def screen(shown: Demo, chromium: Browser) -> Iterator[Screen]:
    yield from opened(shown, chromium)


@pytest.fixture
def phone(shown: Demo, chromium: Browser) -> Iterator[Screen]:
    yield from opened(shown, chromium, PHONE)


@pytest.fixture
def name(shown: Demo) -> str:
    """The short id of the digest's first card."""
    return shown.digest().cards[0].short_id


def test_the_digest_says_what_is_unusual_and_whose_it_is(shown: Demo, screen: Screen) -> None:
    digest = shown.digest()
    expect(screen.digest.get_by_text(f"{digest.footer.quiet} quiet")).to_be_in_viewport()
    for card in digest.cards[:CARDS_WITH_CONTROLS]:
        expect(screen.card(card.short_id).first).to_contain_text(card.short_id)
        expect(screen.whose(card.short_id)).to_contain_text(f"Owner: {card.owner}")
        expect(screen.button(card.short_id, "Claim")).to_be_visible()
    assert screen.page.locator("[data-cannot-draw]").count() == 0
    screen.fits_both("digest")


def test_a_claim_is_seen_at_once_and_after_a_reload(shown: Demo, screen: Screen, name: str) -> None:
    mouse = screen.page.mouse
    screen.button(name, "Claim").hover()
    screen.has_drawn(shown.workspace.state.version)
    mouse.down()
    with screen.page.expect_response(f"{shown.url}/?*"):
        shown.workspace.say(TOMAS, demo.ON_CALL, "what is said meanwhile loses no click")
    mouse.up()
    mouse.down(button="right")
    expect(screen.button(name, "Take over / release…")).to_be_visible()
    mouse.up(button="right")
    expect(screen.whose(name)).to_contain_text("claimed by @Ana Ribeiro")
    expect(screen.ephemeral).to_contain_text("claimed it")
    assert shown.card(name).assignee == ANA
    screen.page.reload()
    expect(screen.button(name, "Take over / release…")).to_be_visible()
    expect(screen.button(name, "Claim")).to_have_count(0)
    screen.page.locator("main .scroll").evaluate("area => area.scrollTop = 0")
    screen.keep("claimed")


def test_the_slower_of_two_is_told_and_may_take_over(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.act_as("Tomas Novak")
    screen.type(f"/triage show {name}")
    expect(screen.ephemeral).to_contain_text(name)
    shown.workspace.click(
        ANA, demo.ON_CALL, _ts(screen.digest), "claim", block_id=_controls(screen, name)
    )
    expect(screen.button(name, "Take over / release…")).to_be_visible()
    screen.ephemeral.get_by_role("button", name="Claim", exact=True).click()
    expect(screen.ephemeral).to_contain_text("claimed by @Ana Ribeiro")
    expect(screen.ephemeral).to_contain_text(re.compile(r"(ago|just now)\. Take over\?"))
    assert shown.card(name).assignee == ANA
    screen.fits_both("too-late")
    screen.ephemeral.get_by_role("button", name="Take over").click()
    expect(screen.whose(name)).to_contain_text("claimed by @Tomas Novak")
    assert shown.card(name).assignee == TOMAS


def test_a_card_is_rerouted_with_the_select(shown: Demo, screen: Screen, name: str) -> None:
    assert shown.card(name).owner == "platform"
    screen.choose(name, "Reroute…")
    owner = screen.form.get_by_label("Owner")
    expect(owner).to_have_value("")
    screen.fits_both("reroute")
    owner.select_option("dev")
    screen.form.get_by_role("button", name="Reroute").click()
    expect(screen.form).to_have_count(0)
    expect(screen.whose(name)).to_contain_text("Owner: dev")
    assert shown.card(name).owner == "dev"
    screen.visit(f"as={ANA}&channel={TEAM_DEV}")
    expect(screen.digest).to_contain_text("@Ana Ribeiro rerouted it to dev · from #on-call")
    screen.fits_both("rerouted")
    there = screen.digest.get_by_role("link", name="the message there").get_attribute("href")
    screen.page.goto(there or "")
    expect(screen.page.locator("aside.thread")).to_contain_text("@Ana Ribeiro rerouted it to dev")


def test_who_reroutes_a_second_error_of_a_service_is_offered_the_rule_with_its_effect(
    shown: Demo, phone: Screen
) -> None:
    found = look.search(shown.database, "storefront", now=demo.END, most=50).cards
    theirs = [one.short_id for one in found if (one.service, one.owner) == ("storefront", "dev")]
    for short_id in theirs[:2]:
        phone.type(f"/triage reroute {short_id}")
        phone.form.get_by_label("Owner").select_option("platform")
        phone.form.get_by_role("button", name="Reroute").click()
        expect(phone.ephemeral).to_contain_text(short_id)
    expect(phone.ephemeral).to_contain_text("A rule (service = storefront → platform) does it")
    expect(phone.ephemeral).to_contain_text("Over the last 14 days it would have given")
    expect(phone.ephemeral.locator("pre")).to_contain_text('team = "platform"')
    phone.fits_both("rule-offered")


def test_a_mute_wants_a_reason_and_can_be_undone(shown: Demo, screen: Screen, name: str) -> None:
    screen.choose(name, "Mute…")
    reason = screen.form.get_by_label("Why is it noise?")
    mute = screen.form.get_by_role("button", name="Mute", exact=True)
    mute.click()
    expect(reason).to_have_attribute("aria-invalid", "true")
    reason.fill("no")
    mute.click()
    expect(screen.form).to_contain_text("at least 3 characters")
    expect(reason).to_have_value("no")
    screen.fits_both("mute-refused")
    assert shown.card(name).state is State.OPEN
    reason.fill("the nightly import, until it moves")
    mute.click()
    expect(screen.form).to_have_count(0)
    expect(screen.whose(name)).to_contain_text("the nightly import, until it moves")
    expect(screen.card(name).first).to_contain_text("muted")
    assert shown.card(name).state is State.MUTED
    screen.fits_both("muted")
    screen.ephemeral.get_by_role("button", name="Undo").click()
    expect(screen.button(name, "Claim")).to_be_visible()
    assert shown.card(name).state is State.OPEN


def test_a_mute_of_a_service_asks_before_its_undo_and_is_ended_where_mutes_are_listed(
    shown: Demo, phone: Screen, name: str
) -> None:
    service = shown.card(name).service
    phone.choose(name, "Mute…")
    phone.form.get_by_label("Why is it noise?").fill("a drill")
    phone.form.get_by_label(f"Every error of service {service}").check()
    phone.form.get_by_role("button", name="Mute", exact=True).click()
    expect(phone.whose(name)).to_contain_text(f"muted, every error of service {service}, by")
    phone.page.locator("button.toast").click()
    phone.ephemeral.get_by_role("button", name="Undo").click()
    asked = phone.page.locator("#confirm")
    expect(asked).to_contain_text("whatever was muted with it is awake again")
    phone.keep("undo-asks")
    asked.get_by_role("button", name="Leave it").click()
    assert shown.card(name).state is State.MUTED
    phone.type("/triage muted")
    expect(phone.ephemeral).to_contain_text(f"Muted: every error of service {service}")
    assert phone.fits()
    phone.keep("muted-list")
    phone.ephemeral.get_by_role("button", name="End for all").click()
    expect(phone.button(name, "Claim")).to_be_visible()
    assert shown.card(name).state is State.OPEN


def test_an_answer_is_seen_only_by_whoever_asked(shown: Demo, screen: Screen, name: str) -> None:
    screen.type("/triage today")
    expect(screen.ephemeral).to_contain_text(name)
    expect(screen.ephemeral).to_contain_text("Only visible to you")
    screen.fits_both("today")
    screen.act_as("Tomas Novak")
    expect(screen.digest).to_be_visible()
    expect(screen.ephemeral).to_have_count(0)


def test_every_command_is_answered_as_its_help_says(phone: Screen, name: str) -> None:
    taught = {what.split()[0] for words in answer.COMMANDS.values() for what in words}
    assert taught <= {typed.split()[0] for typed in _ANSWERS if typed}
    for number, (typed, words) in enumerate(_ANSWERS.items()):
        phone.type(f"/triage {typed.format(name)}")
        expect(phone.page.locator("main article[data-ephemeral]")).to_have_count(number + 1)
        expect(phone.ephemeral).to_contain_text(words)
        assert phone.fits(), typed
        phone.keep(f"answer-{number:02}")
    assert phone.page.locator("[data-cannot-draw]").count() == 0
    phone.type("/triage undo")
    phone.ephemeral.get_by_role("button", name="Undo this").click()
    expect(phone.ephemeral).to_contain_text("undid")


_ANSWERS = {
    "": "To decide",
    "today": "84 quiet",
    "show {}": "Owner: platform",
    "why {}": "fires from",
    "prompt {}": "prompt analysis",
    "search timeout": "“timeout”",
    "owner dev": "Owned by dev",
    "mine": "You hold no signature",
    "unclaimed": "Unclaimed",
    "handover": "Nothing is claimed",
    "muted": "No signature is muted",
    "report": "The week",
    "cost": "This month",
    "flags": "model",
    "status": "Newest event",
    "digest now": "is posted here",
    "claim {}": "claimed it",
    "release {}": "released it",
    "resolve {}": "resolved it",
    "reopen {}": "reopened it",
    "note {} ask the vendor": "It stands in Details",
    "merge {}": "Which ones?",
    "split {}": "merged into nothing",
    "undo": "Your latest decision",
    "toady": "Did you mean /triage today?",
    "show E-7777": "There is no signature E-7777",
}


def test_the_keyboard_alone_is_enough_to_claim_to_mute_and_to_close_a_form(
    shown: Demo, screen: Screen, name: str
) -> None:
    keys = screen.page.keyboard
    keys.press("Tab")
    keys.press("Enter")
    keys.press("Tab")
    expect(screen.button(name, "Claim")).to_be_focused()
    screen.keep("focus")
    keys.press("Enter")
    expect(screen.button(name, "Take over / release…")).to_be_focused()
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(screen.card(name).get_by_role("menuitem", name="Release")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(screen.card(name).get_by_role("menuitem", name="Mute…")).to_be_focused()
    keys.press("Enter")
    expect(screen.form.get_by_label("Why is it noise?")).to_be_focused()
    keys.press("Escape")
    expect(screen.form).to_have_count(0)
    assert shown.card(name).assignee == ANA


def test_details_have_the_exact_numbers_and_the_evidence(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.button(name, "Details").click()
    expect(screen.ephemeral).to_contain_text(f"{shown.card(name).total:,} in all")
    expect(screen.ephemeral.locator("pre")).to_be_visible()
    screen.fits_both("details")


def test_a_thread_has_the_details_and_a_line_for_each_decision(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.button(name, "Claim").click()
    screen.digest.locator("[data-replies]").click()
    thread = screen.page.locator("aside.thread")
    expect(thread.get_by_text(f"{name}: @Ana Ribeiro claimed it")).to_be_visible()
    for card in shown.digest().cards[:CARDS_WITH_CONTROLS]:
        expect(thread).to_contain_text(f"{card.total:,} in all")
    screen.fits_both("thread")


def test_the_home_tab_is_my_queue(shown: Demo, screen: Screen, name: str) -> None:
    screen.button(name, "Claim").click()
    expect(screen.button(name, "Take over / release…")).to_be_visible()
    screen.digest.locator("[data-replies]").click()
    expect(screen.thread.get_by_role("img", name=name)).to_be_attached()
    screen.page.locator("[data-home-link]").click()
    home = screen.page.locator(".home")
    expect(home.get_by_text("Claimed by me · 1")).to_be_in_viewport()
    expect(home.get_by_role("img", name=name)).to_be_attached()
    screen.fits_both("home")
    home.get_by_role("button", name="Release").click()
    expect(home).to_contain_text("Claimed by me · 0")
    assert shown.card(name).assignee == ""


def test_an_explanation_is_rated_and_a_switch_is_set_and_both_say_so(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.button(name, "Details").click()
    screen.ephemeral.get_by_role("button", name="Wrong…").click()
    screen.form.get_by_label("What is wrong about it?").fill("it is the cache, not the store")
    screen.form.get_by_role("button", name="Send").click()
    expect(screen.ephemeral).to_contain_text("noted that its explanation is wrong")
    screen.type("/triage flags")
    screen.ephemeral.get_by_role("button", name="Change…").click()
    screen.form.get_by_label("model").select_option("off")
    screen.form.get_by_label("Why?").fill("a drill")
    screen.fits_both("switches")
    screen.form.get_by_role("button", name="Set").click()
    expect(screen.form).to_have_count(0)
    expect(screen.ephemeral).to_contain_text("a drill")


def test_a_note_is_written_below_the_details_and_read_in_the_thread(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.button(name, "Details").click()
    screen.ephemeral.get_by_role("button", name="Note…").click()
    screen.form.get_by_role("textbox").fill("the vendor knows, ticket 4711")
    screen.fits_both("note")
    screen.form.get_by_role("button", name="Keep").click()
    expect(screen.form).to_have_count(0)
    screen.digest.locator("[data-replies]").click()
    thread = screen.page.locator("aside.thread")
    expect(thread).to_contain_text("the vendor knows, ticket 4711")
    screen.fits_both("noted")
    assert shown.card(name).state is State.OPEN


def test_what_is_mended_is_resolved_in_a_release_and_opened_again(
    shown: Demo, screen: Screen, name: str
) -> None:
    screen.choose(name, "Resolve…")
    screen.form.get_by_label("Fixed").select_option(label="in a release")
    screen.form.get_by_role("button", name="Resolve").click()
    expect(screen.form).to_contain_text("Which release fixes it?")
    screen.form.get_by_label("Release").fill("4.19.2")
    screen.fits_both("resolve")
    screen.form.get_by_role("button", name="Resolve").click()
    expect(screen.card(name).first).to_contain_text("resolved")
    expect(screen.whose(name)).to_contain_text("resolved in 4.19.2 by @Ana Ribeiro")
    expect(screen.ephemeral).to_contain_text("resolved it in 4.19.2")
    assert shown.card(name).state is State.RESOLVED
    screen.choose(name, "Reopen")
    expect(screen.button(name, "Claim")).to_be_visible()
    assert shown.card(name).state is State.OPEN


def test_of_what_was_resolved_its_card_says_a_day_later_that_it_stayed_quiet(
    filled: Database, chromium: Browser
) -> None:
    clock = Clock()
    clock.move(to=demo.END)
    for shown in _a_demo(filled, clock):
        often = max(shown.digest().cards[:CARDS_WITH_CONTROLS], key=lambda card: card.last_day)
        for screen in opened(shown, chromium, PHONE):
            screen.choose(often.short_id, "Resolve…")
            screen.form.get_by_role("button", name="Resolve").click()
            expect(screen.whose(often.short_id)).to_contain_text("resolved by @Ana Ribeiro")
            clock.move(hours=26)
            record(shown.database, [an_event(time=clock() - timedelta(hours=1))], now=clock())
            assert confirm(shown.database, now=clock()) <= 1
            expect(screen.whose(often.short_id)).to_contain_text("quiet for 25 h, expected about")
            assert screen.fits()
            screen.keep("stayed-quiet")


def test_a_channel_of_one_team_is_told_of_that_alone_and_how_much_it_leaves_out(
    shown: Demo, screen: Screen
) -> None:
    ours = Audience(teams=("dev",))
    report_now(shown.database, channel=TEAM_DEV, now=demo.END, audience=ours)
    screen.visit(f"as={ANA}&channel={TEAM_DEV}")
    expect(screen.digest).to_contain_text("Only team dev; ")
    screen.fits_both("filtered")
    left = [card for card in shown.digest().cards if card.owner != "dev"]
    assert left
    for card in shown.digest().cards[:CARDS_WITH_CONTROLS]:
        expect(screen.card(card.short_id)).to_have_count(0 if card in left else 3)


def test_two_errors_are_merged_and_split_again(shown: Demo, screen: Screen) -> None:
    first, second, *_ = (card.short_id for card in shown.digest().cards)
    screen.button(second, "Details").click()
    screen.choose_below("Merge…")
    into = screen.form.get_by_label("Into which error?")
    into.fill("E-7777")
    screen.form.get_by_role("button", name="Merge").click()
    expect(screen.form).to_contain_text("There is no signature E-7777")
    into.fill(first.lower())
    screen.form.get_by_role("button", name="Merge").click()
    expect(screen.ephemeral).to_contain_text(f"merged {second} into {first}")
    assert shown.card(second).short_id == first
    screen.fits_both("merged")
    screen.type(f"/triage show {first}")
    screen.ephemeral.get_by_role("button", name="Split…").click()
    expect(screen.form).to_contain_text(f"{first} counts it no more")
    screen.keep("split")
    screen.form.get_by_role("button", name="Split").click()
    expect(screen.ephemeral).to_contain_text("split it off")
    assert shown.card(second).short_id == second


def test_why_it_fired_is_one_entry_of_the_menu_away(screen: Screen, name: str) -> None:
    screen.choose(name, "Why?")
    expect(screen.ephemeral).to_contain_text("fires from")
    screen.fits_both("why")


def test_a_long_search_is_turned_page_by_page(screen: Screen) -> None:
    screen.type("/triage search error")
    expect(screen.ephemeral).to_contain_text("1 to 12 of ")
    screen.ephemeral.get_by_role("button", name="Next »").click()
    expect(screen.ephemeral).to_contain_text("13 to ")
    screen.fits_both("search")
    screen.ephemeral.get_by_role("button", name="« First").click()
    expect(screen.ephemeral).to_contain_text("1 to 12 of ")


def test_the_week_is_told_to_whoever_asks(screen: Screen) -> None:
    screen.type("/triage report")
    expect(screen.ephemeral).to_contain_text("The week")
    screen.fits_both("report")


def test_a_shift_is_handed_over_from_its_list_to_the_next_ones_claim(
    shown: Demo, phone: Screen, name: str
) -> None:
    phone.button(name, "Claim").click()
    expect(phone.button(name, "Take over / release…")).to_be_visible()
    phone.type("/triage handover")
    expect(phone.ephemeral).to_contain_text("Claimed: 1 signature")
    phone.fits_both("handover")
    phone.ephemeral.get_by_role("button", name="Share").click()
    posted = phone.posts.last
    expect(posted).to_contain_text("Claimed: 1 signature")
    phone.visit(f"as={TOMAS}")
    expect(posted).to_contain_text(name)
    phone.button(name, "Take over / release…").click()
    phone.ephemeral.get_by_role("button", name="Take over").click()
    expect(phone.whose(name)).to_contain_text("claimed by @Tomas Novak")
    assert shown.card(name).assignee == TOMAS
    phone.fits_both("handed-over")


def test_everything_can_be_used_on_a_phone(shown: Demo, phone: Screen, name: str) -> None:
    assert phone.fits()
    phone.keep("phone")
    phone.button(name, "Claim").click()
    expect(phone.button(name, "Take over / release…")).to_be_visible()
    phone.card(name).locator("summary").click()
    menu = phone.page.get_by_role("menu").filter(visible=True).bounding_box()
    assert menu
    assert menu["x"] >= 0
    assert menu["x"] + menu["width"] <= phone.page.viewport_size["width"]  # type: ignore[index]
    phone.page.get_by_role("menuitem", name="Mute…", exact=True).click()
    for field in ("Why is it noise?", "Until", "Only this signature"):
        expect(phone.form.get_by_label(field)).to_be_in_viewport()
    expect(phone.form).to_contain_text("Last 14 days: would have hidden 1 post, 1 claimed")
    phone.keep("phone-mute")
    assert phone.fits()
    phone.form.get_by_label("Why is it noise?").fill("a drill")
    phone.form.get_by_role("button", name="Mute", exact=True).click()
    expect(phone.whose(name)).to_contain_text("a drill")
    phone.button(name, "Details").click()
    expect(phone.ephemeral.locator("pre")).to_be_visible()
    phone.page.locator("button.toast").click()
    expect(phone.ephemeral).to_be_in_viewport()
    phone.keep("phone-details")
    assert phone.fits()
    phone.digest.locator("[data-replies]").click()
    expect(phone.page.locator("aside.thread")).to_contain_text("muted it")
    phone.keep("phone-thread")
    assert phone.fits()
    phone.visit(f"as={ANA}&tab=home")
    expect(phone.page.locator(".home")).to_contain_text("Unclaimed")
    phone.keep("phone-home")
    assert phone.fits()
    phone.page.get_by_role("button", name="Channels").click()
    phone.keep("phone-menu")
    phone.page.get_by_role("link", name="on-call").click()
    expect(phone.digest).to_be_visible()


def _ts(message: Locator) -> str:
    return message.get_attribute("data-ts") or ""


def _controls(screen: Screen, short_id: str) -> str:
    return screen.card(short_id).last.get_attribute("data-block-id") or ""
