"""The main job as whoever runs `tierwatch demo` sees it: real processes, a real browser, the real clock.

Pictures of every page at each moment go to the folder that TIERWATCH_SCREENSHOTS names, to be looked at by people.
"""

import os
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from alerts.languages import shipped
from monitor.clock import SystemClock
from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.faults import Fault
from tests.real.browser import Letter, Reader, chromium
from tests.real.process import demo

pytestmark = [pytest.mark.real("chromium"), pytest.mark.story]

TIERS = {"platinum": 4, "gold": 8, "silver": 12}
TIER_OF = {one.name: one.tier for one in COMPANIES}
IDS = {one.name: one.id for one in COMPANIES}
NEXT_PERSON = "duty-manager"
NEXT_PAGE = timedelta(seconds=45)
"""The escalation of the sandbox's configuration: so long after the first page the next person is paged."""

APPEARS_WITHIN = timedelta(seconds=150)
SEEN_WITHIN = timedelta(seconds=60)
ENDS_WITHIN = timedelta(seconds=120)
CATALOGUES = shipped().catalogues.values()
INVESTIGATING = {one.text("We are investigating a disturbance") for one in CATALOGUES}
OVER = {one.text("Resolved: the disturbance is over") for one in CATALOGUES}
"""Each reader is written to in a language of their own."""


CALM = {
    "now": "/",
    "runbooks": "/runbooks",
    "runbook": "/runbooks/sync_latency",
    "on-call": "/oncall",
    "configuration": "/configuration",
    "system": "/systems/billing",
}
HURT = {
    "now": "/",
    "incidents": "/incidents",
    "incident": "/incidents/INC-1",
    "clients": "/clients",
    "client": "/clients/kitano-rail",
    "systems": "/systems",
    "flows": "/flows",
    "flow": "/flows/invoices",
    "notices": "/deliveries",
}
AFTER = {"now": "/", "incidents": "/incidents", "incident": "/incidents/INC-1", "client": "/clients/kitano-rail"}


def milliseconds(length: timedelta) -> float:
    """Return a length as Playwright counts time."""
    return length / timedelta(milliseconds=1)


async def test_the_main_job_is_done_before_the_readers_eyes(tmp_path: Path) -> None:
    album = Path(os.environ.get("TIERWATCH_SCREENSHOTS", tmp_path / "screenshots"))
    async with chromium() as browser:
        with demo(tmp_path / "data") as served:
            until = SystemClock().now() + APPEARS_WITHIN
            reader = await Reader.at(browser, served.address, album)
            await the_printed_link_works_once(browser, reader, served.link)
            await all_is_well(reader)
            await one_incident_appears_by_itself(reader, until)
            paged = await the_inbox_shows_the_page_and_the_notices(reader)
            hurt = await the_hurt_clients_stand_worst_first(reader)
            await reader.photograph("open-incident", "/incidents/INC-1")
            await the_big_button_acknowledges(reader)
            await reader.press(Fault.ERP_STOPPED)
            unscripted = await without_script(browser, reader)
            await unscripted.press(Fault.GATEWAY_DECLINES)
            await reader.photograph_all("acknowledged", HURT)
            await the_next_person_is_not_paged(reader, paged)
            await a_plain_form_acknowledges(unscripted)
            await it_resolves_because_the_data_caught_up(reader)
            await everybody_who_was_told_is_told_that_it_is_over(reader, hurt)
            await the_record_stands_against_each_contract(reader, hurt)
            await reader.photograph_all("resolved", AFTER)
            assert [*reader.complaints, *unscripted.complaints] == []
            assert served.stop() == 0


async def the_printed_link_works_once(browser: Browser, reader: Reader, link: str) -> None:
    path = link.removeprefix(reader.address)
    assert await reader.open(path) == 200
    await expect(reader.part("footer")).to_contain_text("Signed in")
    stranger = await Reader.at(browser, reader.address, reader.album)
    assert await stranger.open(path) == 403
    await expect(stranger.part("main")).to_contain_text("has been used")
    await stranger.context.close()


async def all_is_well(reader: Reader) -> None:
    await reader.open("/")
    await expect(reader.part("h1")).to_have_text("All well: none of 24 clients is hurt")
    for tier, clients in TIERS.items():
        await expect(reader.part(f"#tier-{tier} .names li")).to_have_count(clients)
    for system in ("billing", "gateway", "erp"):
        await expect(reader.part(f"#system-{system}")).to_contain_text(re.compile(r"OK.*\d %.*s ago", re.DOTALL))
    await expect(reader.part("#flow-invoices")).to_contain_text(re.compile(r"OK.* s.*median.*\d %", re.DOTALL))
    await expect(reader.part("section:has(#oncall)")).to_contain_text("integrations, until")
    await expect(reader.part("#inbox")).to_contain_text("Nothing has arrived yet")
    await reader.photograph_all("calm", CALM)


async def one_incident_appears_by_itself(reader: Reader, until: datetime) -> None:
    await reader.page.evaluate("window.never_reloaded = true")
    left = milliseconds(until - SystemClock().now())
    await expect(reader.part("article.alarm")).to_have_count(1, timeout=left)
    await expect(reader.part("h1")).to_contain_text(re.compile(r"1 open incident:\s+\d+ of 24 clients hurt"))
    await expect(reader.part("article.alarm")).to_contain_text(re.compile(r"Flow invoices (is late|stands still)"))
    assert await reader.page.evaluate("window.never_reloaded")
    # Those hurt later join it; were it one incident per client, there would be more by now.
    await expect(reader.part("#tier-gold .chip.bad")).to_have_count(TIERS["gold"], timeout=milliseconds(SEEN_WITHIN))
    await expect(reader.part("article.alarm")).to_have_count(1)
    await expect(reader.part(f"#fault-{Fault.ERP_STOPPED} button")).to_have_attribute("aria-pressed", "true")


async def the_inbox_shows_the_page_and_the_notices(reader: Reader) -> Letter:
    on_call = await reader.part("section:has(#oncall) strong").inner_text()
    await expect(reader.part(".letters")).to_contain_text("[INC-1] Flow invoices")
    letters = await reader.read_inbox()
    (page,) = (one for one in letters if one.subject.startswith("[INC-1] Flow"))
    assert page.box.startswith(on_call)
    assert len([one for one in letters if one.subject.startswith(tuple(INVESTIGATING))]) >= TIERS["platinum"]
    return page


async def the_hurt_clients_stand_worst_first(reader: Reader) -> set[str]:
    await reader.part("article.alarm h3 a").click()
    rows = "#promises tbody tr"
    names = await reader.part(f"{rows} th a:not(.why)").all_inner_texts()
    ranks = [list(TIERS).index(TIER_OF[name]) for name in names]
    dues = await reader.soonest(rows)
    told = {name for name in names if TIER_OF[name] != "silver"}
    assert len(told) == TIERS["platinum"] + TIERS["gold"]
    assert list(zip(ranks, dues, strict=True)) == sorted(zip(ranks, dues, strict=True))
    clock = reader.part(f"{rows} [data-due]").first
    await expect(clock).not_to_have_text(await clock.inner_text())
    await expect(reader.part("#told")).to_contain_text("accepted")
    return told


async def the_big_button_acknowledges(reader: Reader) -> None:
    assert await reader.tab_to("Acknowledge")
    await reader.page.get_by_role("button", name="Acknowledge").click()
    await expect(reader.part(".hero")).to_contain_text(re.compile(r"acknowledged.*since", re.DOTALL))
    await expect(reader.part("button.huge")).to_have_count(0)


async def without_script(browser: Browser, reader: Reader) -> Reader:
    """Return the same reader with another window, in which no script runs."""
    keys = await reader.context.storage_state()
    return await Reader.at(browser, reader.address, reader.album, script=False, keys=keys)


async def the_next_person_is_not_paged(reader: Reader, paged: Letter) -> None:
    clock = SystemClock()
    await clock.sleep_until(paged.received + NEXT_PAGE)
    await reader.open("/")
    assert "acknowledged" in await reader.says("#incident-INC-1")
    await clock.sleep_until(clock.now() + timedelta(seconds=3))
    boxes = {letter.box for letter in await reader.read_inbox() if letter.subject.startswith("[INC-1]")}
    assert [box for box in boxes if box.startswith(NEXT_PERSON)] == []


async def a_plain_form_acknowledges(reader: Reader) -> None:
    """The gateway's fault, pressed without script, is an incident of its own; the page loads itself again by then."""
    link = reader.part("article.alarm h3 a", has_text="system gateway")
    await link.click(timeout=milliseconds(SEEN_WITHIN))
    await reader.part("button.huge").click()
    await expect(reader.part(".hero")).to_contain_text(re.compile(r"acknowledged.*since", re.DOTALL))
    await reader.press(Fault.GATEWAY_DECLINES)
    await expect(reader.part(f"#fault-{Fault.GATEWAY_DECLINES} button")).to_have_attribute("aria-pressed", "false")


async def it_resolves_because_the_data_caught_up(reader: Reader) -> None:
    await reader.page.evaluate("window.never_reloaded = true")
    await expect(reader.part("#incident-INC-1")).to_have_count(0, timeout=milliseconds(ENDS_WITHIN))
    assert await reader.page.evaluate("window.never_reloaded")
    assert "late" not in await reader.says("#flow-invoices td[data-label=Unsynced]")


async def everybody_who_was_told_is_told_that_it_is_over(reader: Reader, hurt: set[str]) -> None:
    told = boxes_of(await reader.read_inbox(), INVESTIGATING)
    assert {box.rpartition("-")[0] for box in told} == {IDS[name] for name in hurt}
    over = re.compile("|".join(rf"{re.escape(one)} \(INC-1\)" for one in OVER))
    await expect(reader.part(".letters > li", has_text=over)).to_have_count(len(told))
    assert boxes_of(await reader.read_inbox(), OVER) == told


def boxes_of(letters: Iterable[Letter], subjects: set[str]) -> set[str]:
    return {one.box for one in letters if one.subject in {f"{subject} (INC-1)" for subject in subjects}}


async def the_record_stands_against_each_contract(reader: Reader, hurt: set[str]) -> None:
    await reader.open("/incidents/INC-1")
    assert "the data caught up" in await reader.says(".hero")
    rows = reader.part("#record tbody tr")
    assert hurt <= set(await rows.locator("th a").all_inner_texts())
    for row in await rows.filter(has_text="Platinum").all():
        cells = await row.locator("td:not([data-label=Tier], [data-label=Clocks])").all_inner_texts()
        assert len(cells) == 4
        assert all(re.search(r"\d s", cell) for cell in cells)
        assert all(re.search(r"(kept|broken).* of \d+ min", " ".join(cell.split())) for cell in cells[1:])
