"""What is seen seldom, late or not at all for want of quota is shown as what it is: never well, never an outage."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from monitor.situation import Sight
from monitor.web.view.health import Health, Tone
from monitor.web.view.present import present
from monitor.web.view.systems import system
from probes.budget import Balance, Quota, Told, Window
from probes.catalog import SystemId
from probes.failure import Outcome
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_pages import text_of

ERP = SystemId("erp")
MINUTE = timedelta(minutes=1)


def throttled(office: MemoryOffice, since: timedelta, outcome: Outcome = Outcome.THROTTLED) -> Sight:
    """Put in place of the ERP's sight one that a quota has kept from seeing for so long."""
    sight = town.sight("erp", "invoices", outcome, "answered 429 Too Many Requests")
    sight.last_good = sight.throttled_since = sight.unknown_since = town.NOW - since
    office.situation.sights[sight.probe.id] = sight
    return sight


@pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.SKIPPED])
async def test_what_is_stale_because_it_is_throttled_says_so_and_since_when(
    office: MemoryOffice, browser: httpx.AsyncClient, outcome: Outcome
) -> None:
    throttled(office, 5 * MINUTE, outcome)
    since = f"{town.NOW - 5 * MINUTE:%H:%M:%S}"
    for path in ("/", "/systems/erp"):
        said = await text_of(browser, path)
        assert f"because throttled since {since}" in said
        assert "? stale" in said
    view = system(office.situation, ERP, town.NOW)
    assert (view.health, view.health.tone) == (Health.STALE, Tone.BLIND)


def test_what_was_throttled_a_moment_ago_is_throttled_and_not_stale_yet() -> None:
    office = MemoryOffice()
    throttled(office, timedelta(seconds=5))
    assert system(office.situation, ERP, town.NOW).health is Health.THROTTLED
    assert Health.THROTTLED.tone is Tone.WARN


async def test_looks_that_come_less_often_than_wanted_are_stretched_and_not_well(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    sight = office.situation.sights[town.sight("erp", "invoices").probe.id]
    sight.interval, sight.wanted = 4 * MINUTE, MINUTE
    assert "stretched: 1 min 00 s is wanted" in await text_of(browser, "/systems/erp")
    assert "every 4 min 00 s instead of 1 min 00 s" in await text_of(browser, "/")
    assert system(office.situation, ERP, town.NOW).health is Health.STRETCHED
    assert present(office.situation, town.NOW).eyes.tone is Tone.WARN


async def test_looks_that_are_stretched_because_of_us_say_so(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    sight = office.situation.sights[town.sight("erp", "invoices").probe.id]
    sight.interval, sight.wanted, sight.bearable = 4 * MINUTE, MINUTE, MINUTE
    assert "1 min 00 s is wanted, our own capacity does not bear it" in await text_of(browser, "/systems/erp")
    assert "instead of 1 min 00 s, for our own capacity" in await text_of(browser, "/")
    assert system(office.situation, ERP, town.NOW).health is Health.STRETCHED


async def test_a_limit_that_nobody_has_stated_is_unknown_and_never_green(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    catalog = office.situation.config.catalog
    silent = replace(catalog.systems[ERP], quota=Quota(share=0.2))
    office.situation.config = replace(
        office.situation.config, catalog=replace(catalog, systems={**catalog.systems, ERP: silent})
    )
    assert "? unknown Nobody has stated the vendor's limit" in await text_of(browser, "/systems/erp")
    assert "? limit unknown" in await text_of(browser, "/systems")
    office.situation.balances[ERP] = Balance(told=(Told(window=Window(limit=600, period=MINUTE)),))
    assert "unknown" not in await text_of(browser, "/systems/erp")
    assert "600 per min" in await text_of(browser, "/systems/erp")


def test_a_slower_speed_shows_in_what_we_are_allowed() -> None:
    office = MemoryOffice()
    full = system(office.situation, ERP, town.NOW)
    office.situation.balances[ERP] = Balance(speed=0.5)
    half = system(office.situation, ERP, town.NOW)
    assert half.allowed == pytest.approx(full.allowed / 2, rel=0.01)
    assert half.used == pytest.approx(2 * full.used, rel=0.01)
