"""A reader of the pages in Debian's Chromium: goes where links lead, presses buttons, reads, and takes pictures.

    async with chromium() as browser:
        reader = await Reader.at(browser, address, album)
        await reader.open("/")

What it should see is for the tests.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, BrowserContext, Locator, Page, StorageState, async_playwright, expect

from tests.real_parts import located

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDE, PHONE = 1280, 390
HEIGHT = 800
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATIENCE = timedelta(seconds=15)
TABS = 60

LETTERS = """items => items.map(item => ({
    number: Number(item.id.split("-")[1]),
    received: item.querySelector("time").dateTime,
    box: item.querySelector("strong").textContent,
    subject: item.querySelector("summary").lastChild.textContent.trim(),
}))"""
DUE = "rows => rows.map(row => Math.min(...[...row.querySelectorAll('[data-due]')].map(at => Date.parse(at.dateTime))))"
FOCUSED = "document.activeElement.innerText"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the browser until the end of the block."""
    expect.set_options(timeout=PATIENCE / timedelta(milliseconds=1))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=located("chromium"), args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in the inbox; `number` counts from 1 whatever arrives there."""

    number: int
    received: datetime
    box: str
    subject: str


@dataclass(slots=True, kw_only=True)
class Reader:
    """Somebody at a window of the browser; `complaints` are errors of a page, and what it asked of other origins."""

    address: str
    context: BrowserContext
    page: Page
    album: Path
    complaints: list[str] = field(default_factory=list)
    letters: dict[int, Letter] = field(default_factory=dict)

    @classmethod
    async def at(
        cls, browser: Browser, address: str, album: Path, *, script: bool = True, keys: StorageState | None = None
    ) -> "Reader":
        """Open a window, with or without script, with another reader's `keys` or none."""
        context = await browser.new_context(
            viewport={"width": WIDE, "height": HEIGHT}, java_script_enabled=script, storage_state=keys
        )
        context.set_default_timeout(PATIENCE / timedelta(milliseconds=1))
        reader = cls(address=address, context=context, page=await context.new_page(), album=album)
        reader._listen()
        return reader

    def _listen(self) -> None:
        self.context.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", lambda asked: self._judge(asked.url))

    def _judge(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:")):
            self.complaints.append(f"asked for {url}")

    async def open(self, path: str) -> int:
        """Go to one of our pages and return the answer's status."""
        answer = await self.page.goto(f"{self.address}{path}")
        assert answer is not None, path
        return answer.status

    def part(self, selector: str, has_text: str | re.Pattern[str] | None = None) -> Locator:
        """Return the parts of the page that a CSS selector names, those with these words."""
        return self.page.locator(selector, has_text=has_text)

    async def says(self, selector: str) -> str:
        """Return the words of a part, with single spaces."""
        return " ".join((await self.part(selector).inner_text()).split())

    async def press(self, fault: str) -> None:
        """Press the sandbox's button for a fault, on the first page."""
        await self.open("/")
        await self.part(f"#fault-{fault} button").click()

    async def tab_to(self, words: str) -> bool:
        """Press Tab until what has these words has the focus; return whether it ever had."""
        for _ in range(TABS):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(FOCUSED) == words:
                return True
        return False

    async def soonest(self, selector: str) -> list[float]:
        """Return, for each of these parts, the first instant that something in it is due, in milliseconds."""
        found: list[float] = await self.part(selector).evaluate_all(DUE)
        return found

    async def read_inbox(self) -> list[Letter]:
        """Return everything that was ever seen in the inbox of the first page, which is open, oldest first."""
        for one in await self.part("#inbox .letters > li[id]").evaluate_all(LETTERS):
            letter = Letter(**{**one, "received": datetime.fromisoformat(one["received"])})
            self.letters[letter.number] = letter
        return [self.letters[number] for number in sorted(self.letters)]

    async def photograph(self, name: str, path: str) -> None:
        """Take four pictures of a page, whole: wide and on a phone, light and dark, in a window of their own."""
        camera = await self.context.new_page()
        for width in (WIDE, PHONE):
            await camera.set_viewport_size({"width": width, "height": HEIGHT})
            await camera.goto(f"{self.address}{path}")
            for scheme in SCHEMES:
                await camera.emulate_media(color_scheme=scheme)
                await camera.screenshot(path=self.album / f"{name}-{width}-{scheme}.png", full_page=True)
        await camera.close()

    async def photograph_all(self, moment: str, pages: Mapping[str, str]) -> None:
        """Take the pictures of several pages, by name and path."""
        for name, path in pages.items():
            await self.photograph(f"{moment}-{name}", path)
