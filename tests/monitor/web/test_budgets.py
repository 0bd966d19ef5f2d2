"""What is left of error budgets, on the pages of a system and of a client."""

from dataclasses import replace

import httpx
import pytest

from monitor.web.view.clients import client
from monitor.web.view.systems import system
from probes.catalog import SystemId
from probes.sli import IndicatorKind, Tally, counted
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.town import NOW, seconds

BILLING = SystemId("billing")
KEY = "availability/billing"


def failed(office: MemoryOffice, bad: int, good: int) -> None:
    """Let so many looks at billing have failed."""
    known = office.situation.indicators[KEY]
    tally = counted(Tally(over=known.tally.over), good=good, bad=bad, at=NOW - seconds(30))
    office.situation.indicators[KEY] = replace(known, tally=tally)


def test_a_system_has_a_budget_for_every_tier_that_was_promised_its_availability(office: MemoryOffice) -> None:
    failed(office, 1, 1_999)
    (platinum,) = (one for one in system(office.situation, BILLING, NOW).budgets if one.target.tier == "platinum")
    assert platinum.looks == (1_999, 1)
    assert platinum.left == pytest.approx(0.5)


def test_a_clients_availability_is_that_of_its_tiers_own_window(office: MemoryOffice) -> None:
    failed(office, 1, 1_999)
    one = next(one for one in office.situation.config.catalog.clients.values() if one.tier == "platinum")
    measures = client(office.situation, one.id, NOW).measures
    (measure,) = (it for it in measures if it.kind is IndicatorKind.AVAILABILITY and it.subject == BILLING)
    assert (measure.counted.bad, measure.counted.total) == (1, 2_000)
    assert measure.left == pytest.approx(0.5)
    assert measure.over == town.situation().config.catalog.tier_of(one.id).objectives.availability.window  # type: ignore[union-attr]


async def test_the_pages_say_what_is_left_and_what_is_spent(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    failed(office, 1, 1_999)
    page = (await browser.get("/systems/billing")).text
    assert "Error budget left" in page
    assert "50 %" in page
    assert "1 of 2,000 looks failed, 99.9 % over" in page
    failed(office, 20, 1_980)
    page = (await browser.get("/systems/billing")).text
    assert "spent" in page
    assert "-900 %" in page


async def test_where_nothing_was_counted_nothing_is_claimed(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    """Nothing seen is no perfect record, on the page either."""
    del office.situation.indicators[KEY]
    page = (await browser.get("/systems/billing")).text
    budgets = page[page.index("Error budget left") :]
    assert "nothing counted" in budgets[:600]
