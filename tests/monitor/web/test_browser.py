"""The pages in a real browser: alive without a jump, times in the reader's zone, nothing that the policy forbids."""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from threading import Thread

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright

from monitor.web.access import Doors, sign_in_link
from monitor.web.site import create
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice, with_incident
from tests.real_parts import free_port, located

pytestmark = pytest.mark.real("chromium")


class Served:
    """An office with its site on a real port, in a thread of its own."""

    def __init__(self) -> None:
        self.office = with_incident(Doors(host="127.0.0.1", port=free_port()))
        config = uvicorn.Config(create(self.office), port=self.office.doors.port, log_level="error")
        config.timeout_graceful_shutdown = 1
        self.server = uvicorn.Server(config)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread = Thread(target=self._serve)

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            runner.run(self.server.serve())

    def do(self, work: Coroutine[None, None, object]) -> None:
        """Do something on the server's own loop, as the application would."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(work, self.loop).result()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Return a running site with one open incident."""
    site = Served()
    site.thread.start()
    yield site
    site.server.should_exit = True
    site.thread.join()


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    """Return a signed-in browser in Tokyo that fails the test on any script error or forbidden load."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=located("chromium"), args=["--no-sandbox"])
        page = browser.new_context(timezone_id="Asia/Tokyo", locale="en-GB").new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(sign_in_link(served.office.doors, served.office.keys))
        yield page
        browser.close()
    assert complaints == []


def test_signing_in_leads_to_a_live_first_page(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("1 open incident: 24 of 24 clients hurt")
    expect(page.locator("#line")).to_have_text("live")


def test_times_are_in_the_readers_zone_with_utc_on_hover(served: Served, page: Page) -> None:
    page.goto(f"{served.office.doors.address}/incidents/INC-7")
    opened = page.locator("#event-1 time")
    expect(opened).to_contain_text("12:01:32")
    expect(opened).to_have_attribute("title", "2026-11-21 03:01:32 UTC")
    expect(page.locator("footer")).to_contain_text("Asia/Tokyo")


def test_a_countdown_runs_by_itself(page: Page) -> None:
    clock = page.locator(".first .clock")
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    expect(clock).to_have_text("10 s left", timeout=10_000)


def test_what_changes_appears_in_place_and_leaves_the_rest_alone(served: Served, page: Page) -> None:
    page.locator("#runbook-Impact summary").click()
    page.evaluate("window.marked = document.getElementById('impact-kitano-rail')")
    page.evaluate("window.scrollTo(0, 600)")
    served.do(served.office.acknowledge(town.FIRST, "tokyo-1"))
    expect(page.locator(".hero")).to_contain_text("tokyo-1 since")
    expect(page.locator("button.huge")).to_have_count(0)
    expect(page.locator(".story > li").first).to_contain_text("Acknowledged by tokyo-1")
    assert page.evaluate("window.marked === document.getElementById('impact-kitano-rail')")
    assert page.locator("#runbook-Impact").get_attribute("open") is not None
    assert page.evaluate("window.scrollY") > 300


def test_the_button_acknowledges(served: Served, page: Page) -> None:
    served.do(again(served.office))
    page.goto(f"{served.office.doors.address}/incidents/INC-7")
    page.locator("select[name=by]").first.select_option("madrid-1")
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".hero")).to_contain_text("madrid-1 since")


def test_every_page_fits_a_phone_and_has_no_sideways_scroll(served: Served, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/incidents", "/incidents/INC-7", "/clients/harbour-line", "/systems/billing", "/oncall"):
        page.goto(f"{served.office.doors.address}{path}")
        root = page.locator(":root")
        assert root.evaluate("root => root.scrollWidth") <= root.evaluate("root => root.clientWidth"), path


async def again(office: MemoryOffice) -> None:
    """Let everything begin again, a minute later."""
    office.at += timedelta(minutes=1)
    office.situation.incidents.clear()
    office.store.timelines.clear()
    office.take(town.broken(office.situation))
