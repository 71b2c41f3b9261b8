"""A page in a real browser, as one person finds it.

TRIAGE_SCREENSHOTS=FOLDER    keep a picture of what each test saw
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from bot import demo
from bot.core.telling.digest import Card, Digest
from bot.flows import look
from bot.workspace import Workspace
from storage.database import Database

SCREENSHOTS = os.environ.get("TRIAGE_SCREENSHOTS", "")
PHONE, DESK = (390, 844), (1280, 860)
ANA, TOMAS = "U000ANA", "U000TOMAS"

expect.set_options(timeout=30_000)


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demo, and what is true in its database."""

    url: str
    workspace: Workspace
    database: Database

    def digest(self) -> Digest:
        return look.digest(self.database, 1)

    def card(self, short_id: str) -> Card:
        return look.card(self.database, short_id, now=demo.END)


class Screen:
    """The page of one person, and what they find on it."""

    def __init__(self, page: Page, demo_url: str, user: str) -> None:
        self.page, self._url = page, demo_url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )
        self.visit(f"as={user}")

    def visit(self, query: str) -> None:
        self.page.goto(f"{self._url}/?{query}")
        self.drawn()

    def drawn(self) -> None:
        """Wait until the page draws by itself from now on."""
        expect(self.page.locator("body[data-drawn]")).to_be_attached()

    def has_drawn(self, version: int) -> None:
        """Wait until the page shows a version of the workspace, and draws none at the moment."""
        expect(self.page.locator("body")).to_have_attribute("data-drawn", str(version))

    def act_as(self, name: str) -> None:
        self.page.get_by_label("Act as").select_option(label=name)
        self.drawn()

    @property
    def digest(self) -> Locator:
        return self.posts.first

    @property
    def ephemeral(self) -> Locator:
        """The latest message that only this person sees."""
        return self.page.locator("main article[data-ephemeral]").last

    @property
    def posts(self) -> Locator:
        """The messages that everybody sees in the channel."""
        return self.page.locator("main article:not([data-ephemeral])")

    @property
    def thread(self) -> Locator:
        return self.page.locator("aside.thread")

    @property
    def form(self) -> Locator:
        return self.page.locator("dialog[open][data-view-id]")

    def card(self, short_id: str) -> Locator:
        """The three blocks of a card on the digest: what, whose, and what to do."""
        return self.digest.locator(f'.block[data-block-id^="{short_id}."]')

    def whose(self, short_id: str) -> Locator:
        return self.card(short_id).nth(1)

    def button(self, short_id: str, label: str) -> Locator:
        return self.card(short_id).get_by_role("button", name=label, exact=True)

    def choose(self, short_id: str, label: str) -> None:
        """Choose from the ⋯ of a card."""
        self.card(short_id).locator("summary").click()
        self.page.get_by_role("menuitem", name=label, exact=True).click()

    def choose_below(self, label: str) -> None:
        """Choose from the ⋯ of the latest message that only this person sees."""
        self.ephemeral.locator("summary").click()
        self.page.get_by_role("menuitem", name=label, exact=True).click()

    def type(self, text: str) -> None:
        self.page.locator("#composer").fill(text)
        self.page.keyboard.press("Enter")

    def reply(self, text: str) -> None:
        """Write in the thread that is open."""
        self.page.locator("#thread-composer").fill(text)
        self.page.keyboard.press("Enter")

    def keep(self, name: str) -> None:
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(SCREENSHOTS, f"{name}.png"))

    def fits_both(self, name: str) -> None:
        """It is seen at a desk and on a phone, and goes on as it was."""
        before = self.page.viewport_size
        for size in (DESK, PHONE):
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            assert self.fits(), size
            self.keep(f"{name}-{size[0]}")
        if before:
            self.page.set_viewport_size(before)

    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        return bool(self.page.evaluate(_FITS))


_FITS = """() => [document.documentElement, ...document.querySelectorAll(".scroll, .modal-body")]
  .every((area) => area.scrollWidth <= area.clientWidth)"""


def opened(shown: Demo, chromium: Browser, size: tuple[int, int] = DESK) -> Iterator[Screen]:
    """Ana's page; whatever the browser complains of fails the test."""
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    screen = Screen(page, shown.url, ANA)
    yield screen
    page.close()
    assert screen.errors == []
