"""What comes in while people look: alerts, storms, who is called, what is back, and the week."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr

from bot import app, demo
from bot.core.detection.threshold import Rules
from bot.core.ownership.decision import State
from bot.core.telling.digest import Card
from bot.core.telling.storm import FEWEST
from bot.flows import decide, look, review
from bot.flows.record import record
from bot.flows.remind import remind
from bot.flows.watch import Watch
from bot.settings import Channel, Slack
from bot.settings.people import Roles
from bot.workspace.state import Person
from storage.database import Database
from tests.browser.screen import ANA, PHONE, TOMAS, Demo, Screen, opened
from tests.builders import NOON, an_event
from tests.fakes import Clock

pytestmark = pytest.mark.browser

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 9, 31, tzinfo=UTC)
OUT_OF_MEMORY = "java.lang.OutOfMemoryError: Java heap space"
SETTINGS = demo.settings()
BUDGET = 2
KIM = Person("U0KIM", "kim", "Kim of globex", team="T0GLOBEX")
CHANNEL = Channel(id=demo.ON_CALL, alerts_per_hour=BUDGET)


@dataclass(frozen=True, slots=True)
class Evening(Demo):
    """A workspace to which errors come as its clock goes on; what is due is told when a test says
    so, which cannot wait for the service's own rounds."""

    clock: Clock
    watch: Watch

    def card(self, short_id: str) -> Card:
        return look.card(self.database, short_id, now=self.clock())

    def come(self, count: int = 1, *services: str, message: str = OUT_OF_MEMORY) -> None:
        """So many errors of each service, each of another customer; what is critical is posted."""
        now = self.clock()
        events = [
            an_event(service=service, message=message, time=now, customer=f"customer-{number}")
            for service in services or ("checkout",)
            for number in range(count)
        ]
        record(self.database, events, now=now)
        self.watch.alarm({CHANNEL.id: CHANNEL.policy})

    def later(self, **by: float) -> None:
        """Some time goes by, and who is due by then is called."""
        self.clock.move(to=self.clock() + timedelta(**by))
        teams = SETTINGS.reached(lambda _: "")
        remind(
            self.database, teams=teams, escalation=SETTINGS.reminders.escalation, now=self.clock()
        )


@pytest.fixture
def evening(database: Database) -> Iterator[Evening]:
    """Three days of usual errors, enough to judge by; only Ana may mute."""
    usual = [NOON - back * HOUR for back in range(1, 72)]
    record(
        database,
        [an_event(service="search", message="timed out", time=at) for at in usual],
        now=NOON,
    )
    clock = Clock()
    watch = Watch(database, clock, rules=Rules(), site_rules=())
    watch.look()
    clock.move(minutes=1)
    with demo.local_workspace(clock=clock, port=0) as (workspace, server):
        slack = Slack(
            api_url=server.api_url,
            logs="https://logs.example/?q={service}&from={from}",
            bot_token=SecretStr(demo.BOT_TOKEN),
            app_token=SecretStr(demo.APP_TOKEN),
        )
        quiet = CHANNEL.model_copy(update={"digest": (), "alerts": (), "report": "off"})
        settings = SETTINGS.model_copy(
            update={"slack": slack, "channels": (quiet,), "roles": Roles(mute=(ANA,))}
        )
        with app.running(settings, database, clock=clock):
            yield Evening(server.url, workspace, database, clock, watch)


@pytest.fixture
def screen(evening: Evening, chromium: Browser) -> Iterator[Screen]:
    yield from opened(evening, chromium)


@pytest.fixture
def phone(evening: Evening, chromium: Browser) -> Iterator[Screen]:
    yield from opened(evening, chromium, PHONE)


def test_what_is_critical_is_one_card_that_is_kept_up_to_date_and_answers_in_its_thread(
    evening: Evening, screen: Screen
) -> None:
    evening.come(3)
    expect(screen.posts).to_contain_text("3 in 24 h")
    screen.fits_both("alert")
    evening.later(minutes=1)
    evening.come(9)
    expect(screen.posts).to_contain_text("12 in 24 h")
    expect(screen.posts).to_have_count(1)
    screen.digest.locator("[data-replies]").click()
    picture = screen.thread.get_by_role("img", name="a day")
    expect(picture).to_be_visible()
    screen.reply("@triage why")
    answer = screen.thread.locator("[data-ephemeral]")
    expect(answer).to_contain_text("out of memory: first seen")
    expect(answer).to_be_in_viewport()
    screen.fits_both("asked-in-thread")


def test_whom_nobody_helps_is_called_step_by_step_until_one_click_claims_it(
    evening: Evening, phone: Screen
) -> None:
    evening.come()
    evening.later(minutes=2, seconds=1)
    phone.digest.locator("[data-replies]").click()
    called = phone.thread.locator("article").filter(has_text="unclaimed after")
    expect(called).to_contain_text("@Ana Ribeiro")
    evening.later(minutes=2)
    expect(called).to_have_count(2)
    expect(called.last).to_contain_text("@dev unclaimed after 4 min")
    phone.fits_both("called")
    called.last.get_by_role("button", name="Claim").click()
    expect(phone.thread).to_contain_text("Nobody is needed any more")
    expect(called).to_have_count(0)
    expect(phone.thread).to_contain_text("@Ana Ribeiro claimed it")


def test_what_a_channel_has_no_room_for_is_one_card_that_grows_to_a_storm(
    evening: Evening, phone: Screen
) -> None:
    for number in range(BUDGET + 1):
        evening.come(1, f"alone-{number}")
        evening.later(minutes=2)
    folded = phone.posts.nth(BUDGET)
    expect(folded).to_contain_text("alone-2")
    phone.fits_both("folded")
    for number in range(FEWEST):
        evening.come(1, f"more-{number}")
        evening.later(minutes=2)
    expect(folded).to_contain_text("Storm")
    expect(folded).to_contain_text("In alone-0 (1), alone-1 (1)")
    expect(folded).to_contain_text("Hits customer-0 (")
    expect(phone.posts).to_have_count(BUDGET + 1)
    phone.fits_both("storm")


def test_what_is_resolved_and_comes_again_is_open_again_and_says_why(
    evening: Evening, phone: Screen
) -> None:
    evening.come()
    name = look.unclaimed(evening.database, now=evening.clock())[0].short_id
    phone.choose(name, "Resolve…")
    phone.form.get_by_label("Fixed").select_option(label="now")
    phone.form.get_by_role("button", name="Resolve").click()
    expect(phone.whose(name)).to_contain_text("resolved by @Ana Ribeiro")
    evening.later(hours=3)
    evening.come(2)
    evening.watch.look()
    expect(phone.button(name, "Claim")).to_be_visible()
    expect(phone.card(name).first).to_contain_text("back")
    phone.digest.locator("[data-replies]").click()
    expect(phone.thread).to_contain_text(f"{name}: Triage reopened it: resolved today 12:01")
    phone.fits_both("back")


def test_the_week_is_posted_with_what_mutes_hid_and_one_click_ends_one(
    evening: Evening, screen: Screen
) -> None:
    evening.come(3)
    name = look.unclaimed(evening.database, now=evening.clock())[0].short_id
    decide.mute(evening.database, name, by=TOMAS, now=evening.clock(), reason="a drill", until=None)
    evening.later(days=1)
    evening.come(2)
    evening.clock.move(to=MONDAY)
    review.post(evening.database, channel=CHANNEL.id, schedule=CHANNEL.weekly, now=evening.clock())
    week = screen.posts.filter(has_text="The week")
    expect(week).to_contain_text("a drill")
    screen.fits_both("week")
    screen.act_as("Tomas Novak")
    week.get_by_role("button", name="End this mute").click()
    expect(screen.ephemeral).to_contain_text("You may not unmute")
    expect(screen.ephemeral).to_contain_text("Ask @Ana Ribeiro, who may.")
    screen.keep("denied")
    screen.act_as("Ana Ribeiro")
    week.get_by_role("button", name="End this mute").click()
    expect(week.get_by_role("button", name="End this mute")).to_have_count(0)
    assert evening.card(name).state is State.OPEN


def test_a_pasted_error_is_recognised_by_the_menu_of_its_message(
    evening: Evening, screen: Screen
) -> None:
    evening.come(3)
    evening.workspace.say(TOMAS, CHANNEL.id, f"does anybody know this? {OUT_OF_MEMORY}")
    pasted = screen.posts.filter(has_text="does anybody know this?")
    pasted.hover()
    pasted.get_by_label("Message shortcuts").click()
    screen.keep("message-menu")
    pasted.get_by_role("menuitem", name="Triage this message").click()
    expect(screen.ephemeral).to_contain_text("3 in all")
    screen.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    pasted.get_by_label("Reply in thread").click()
    screen.reply("@triage claim")
    expect(screen.thread.locator("[data-ephemeral]")).to_contain_text("claimed it")
    expect(screen.thread).to_contain_text("@Triage claim")
    assert look.mine(evening.database, ANA, now=evening.clock())


def test_errors_of_one_cause_are_one_incident_with_its_reach_and_each_with_its_details(
    evening: Evening, screen: Screen
) -> None:
    evening.come(3, *(f"service-{number}" for number in range(5)))
    expect(screen.posts).to_contain_text("1 incident: ")
    expect(screen.posts).to_contain_text("5 services · 3 customers")
    screen.fits_both("incident")
    screen.digest.get_by_role("button", name="Details").last.click()
    expect(screen.ephemeral).to_contain_text("3 in all")
    logs = screen.ephemeral.get_by_role("link", name="Open in logs")
    expect(logs).to_have_attribute("href", re.compile(r"q=service-4&from=2026-11-18T11%3A01"))
    screen.ephemeral.get_by_role("button", name="Claim").click()
    expect(screen.digest).to_contain_text("claimed by @Ana Ribeiro")


def test_who_is_of_another_workspace_is_told_so_and_changes_nothing(
    evening: Evening, phone: Screen
) -> None:
    evening.come(3)
    evening.workspace.share(CHANNEL.id, KIM)
    phone.visit(f"as={KIM.id}")
    (card,) = look.unclaimed(evening.database, now=evening.clock())
    for number, label in enumerate(("Details", "Claim"), start=1):
        phone.button(card.short_id, label).click()
        expect(phone.page.locator("main article[data-ephemeral]")).to_have_count(number)
        expect(phone.ephemeral).to_contain_text("You are of another workspace than I am")
    phone.fits_both("foreign")
    phone.choose(card.short_id, "Mute…")
    expect(phone.page.locator("main article[data-ephemeral]")).to_have_count(number + 1)
    expect(phone.form).to_have_count(0)
    assert evening.card(card.short_id).state is State.OPEN
